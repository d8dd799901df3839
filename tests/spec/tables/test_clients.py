"""Clients and their families on the last day, services, means of control and ways out, by a handful of records each."""

PERSONS = """
    person_id | sex | birth_date
    A         | F   | 1990-05-01
    B         | M   | 1985-03-15
    C         | F   | 2016-12-31
    D         | M   | 2005-12-31
    E         | F   | 2010
    W         | F   | 1970-01-01
    """
EPISODES = """
    episode_id | person_id | role            | seq_no | is_new | admission_date | exit_date  | exit_reason
    EA         | A         | VICTIM          | 1      | yes    | 2022-02-01     |            |
    EB         | B         | VICTIM          | 1      | yes    | 2020-01-01     | 2022-06-15 | OWN_WISH
    EB2        | B         | VICTIM          | 2      | no     | 2023-06-14     |            |
    EC         | C         | DEPENDENT_CHILD | 1      | yes    | 2023-02-01     |            |
    ED         | D         | DEPENDENT_CHILD | 1      | yes    | 2023-02-01     |            |
    EE         | E         | DEPENDENT_CHILD | 1      | yes    | 2022-02-01     | 2023-12-31 | LEFT_FINLAND
    EW         | W         | WITNESS         | 1      | yes    | 2023-05-01     |            |
    """
PROVISIONS = """
    provision_id | episode_id | provider     | payer     | county     | municipality | start_date | end_date
    V1           | EA         | MUNICIPALITY | ELY       |            | 091          | 2022-02-01 | 2022-12-31
    V2           | EA         | COUNTY       | ELY       | KAINUU     | 205          | 2023-01-01 |
    V3           | EB2        | RECEPTION    | RECEPTION |            |              | 2023-06-14 | 2023-12-31
    V4           | EC         | COUNTY       | COUNTY    | SATAKUNTA  | 609          | 2023-02-01 | 2023-12-30
    V5           | ED         | COUNTY       | COUNTY    | PIRKANMAA  | 837          | 2023-12    |
    """


def test_who_provides_and_who_pays_on_the_last_day(table, publishes, records):
    """The last day of a provision still counts; what ended the day before, or never began, is not known."""
    found = records(person=PERSONS, episode=EPISODES, provision=PROVISIONS)
    publishes(
        table("fi_stock_provider", "2023", records=found),
        """
        provider  | _T | F | M
        _T        | 3  | 2 | 1
        COUNTY    | 1  | 1 | 0
        RECEPTION | 1  | 0 | 1
        _U        | 1  | 1 | 0
        """,
    )
    publishes(
        table("fi_stock_payer", "2023", records=found),
        """
        payer     | _T | CLIENT | CHILD
        _T        | 5  | 3      | 2
        ELY       | 1  | 1      | 0
        RECEPTION | 1  | 1      | 0
        COUNTY    | 1  | 0      | 1
        _U        | 2  | 1      | 1
        """,
    )
    publishes(
        table("fi_stock_region", "2023", records=found),
        """
        area  | _T | F | M
        _T    | 3  | 2 | 1
        NORTH | 1  | 1 | 0
        _Z    | 1  | 0 | 1
        _U    | 1  | 1 | 0
        """,
    )
    before = table("fi_stock_region", "2022", records=found)
    publishes(before, "area | _T | F\n_T | 1 | 1\n_U | 1 | 1")
    assert "NORTH" not in before.codes("area")  # there were no collaborative areas yet


def test_two_provisions_of_the_same_day_are_not_known(table, publishes, records):
    found = records(
        person=PERSONS,
        episode=EPISODES,
        provision="""
        provision_id | episode_id | provider | payer | start_date | end_date
        V1           | EA         | NAS      | NAS   | 2022-02-01 |
        V2           | EA         | COUNTY   | ELY   | 2023-01-01 |
        V3           | EB2        | COUNTY   | ELY   | 2023-07-01 |
        V4           | EB2        | NAS      | NAS   | 2023-07-01 |
        """,
    )
    publishes(
        table("fi_stock_provider", "2023", records=found),
        "provider | _T | F | M\n_T | 3 | 2 | 1\nCOUNTY | 1 | 1 | 0\n_U | 2 | 1 | 1",
    )


def test_what_holds_on_the_last_day(table, publishes, records):
    """Residence, identification and the criminal process as they stood then; a witness is no identified victim."""
    found = records(
        person=PERSONS,
        episode=EPISODES,
        residence_status="""
        person_id | valid_from | status    | valid_to
        A         | 2022-01-01 | ASYLUM    | 2023-12-30
        A         | 2023-12-31 | PERMIT    |
        B         | 2020-01-01 | VISA      | 2023-12-30
        W         | 1970-01-01 | EU_CITIZEN |
        """,
        identification="""
        identification_id | person_id | status    | authority | identified_date
        I1                | A         | PRESUMED  | NAS       | 2022-02-01
        I2                | A         | IDENT_OLD | POLICE    | 2022-09-01
        I3                | B         | PRESUMED  | NAS       | 2020-01-01
        I4                | B         | IDENT_S35 | NAS       | 2024-01-01
        """,
        criminal_stage="""
        person_id | stage         | stage_date | title_thb
        A         | NONE          | 2022-02-01 |
        A         | REPORT        | 2022-03-01 |
        A         | CHARGE        | 2024-01-01 | yes
        B         | INVESTIGATION | 2020-03-01 | yes
        B         | REPORT        | 2023-07-01 |
        """,
    )
    publishes(
        table("fi_stock_residence_status", "2023", records=found),
        "status | _T | F | M\n_T | 3 | 2 | 1\nFI_EU | 1 | 1 | 0\nPERMIT | 1 | 1 | 0\n_U | 1 | 0 | 1",
    )
    publishes(
        table("fi_stock_identification", "2023", records=found),
        "status | _T | F | M\n_T | 3 | 2 | 1\nPRESUMED | 1 | 0 | 1\nIDENT_OLD | 1 | 1 | 0\n_Z | 1 | 1 | 0",
    )
    publishes(
        table("fi_stock_criminal_stage", "2023", records=found),
        "stage | _T | F | M\n_T | 3 | 2 | 1\nREPORT | 1 | 1 | 0\nINVESTIGATION | 1 | 0 | 1\n_U | 1 | 1 | 0",
    )


FAMILIES = """
    person_id | related_person_id | relation
    C         | A                 | GUARDIAN
    C         | B                 | GUARDIAN
    E         | A                 | GUARDIAN
    A         | B                 | SPOUSE
    """


def test_families(table, publishes, records):
    """A child with two guardians stands with each; one who left on the last day is gone; a spouse is no child."""
    found = records(person=PERSONS, episode=EPISODES, family_link=FAMILIES)
    publishes(
        table("fi_stock_children", "2023", records=found),
        "children | _T | F | M\n_T | 3 | 2 | 1\nN0 | 1 | 1 | 0\nN1 | 2 | 1 | 1",
    )
    publishes(
        table("fi_stock_children_guardian", "2023", records=found),
        """
        guardian | _T | Y7T12 | Y_GE18
        _T       | 2  | 1     | 1
        CLIENT   | 1  | 1     | 0
        _U       | 1  | 0     | 1
        """,
    )
    publishes(
        table("fi_stock_children_age_sex", "2023", records=found),
        "age | _T | F | M\n_T | 2 | 1 | 1\nY7T12 | 1 | 1 | 0\nY_GE18 | 1 | 0 | 1",
    )
    publishes(
        table("fi_new_children_age_sex", "2022", records=found),
        "age | _T | F\n_T | 1 | 1\nY7T12 | 1 | 1",
    )
    publishes(
        table("fi_new_children_age_sex", "2023", records=found),
        "age | _T | F | M\n_T | 2 | 1 | 1\nY0T6 | 1 | 1 | 0\nY13T17 | 1 | 0 | 1",
    )


def test_a_child_whose_guardian_has_left(table, publishes, records):
    found = records(
        person=PERSONS,
        episode=EPISODES,
        family_link="person_id | related_person_id | relation\nE | B | GUARDIAN",
    )
    publishes(
        table("fi_stock_children_guardian", "2022", records=found),
        "guardian | _T | Y7T12 | _U\n_T | 1 | 1 | 0\nNOT_CLIENT | 1 | 1 | 0",
    )


def test_readmissions_and_exits(table, publishes, records):
    """From 15 June 2022 to 14 June 2023 there are eleven completed months."""
    found = records(person=PERSONS, episode=EPISODES)
    publishes(
        table("fi_readmissions_interval", "2023", records=found),
        "interval | _T | CLIENT\n_T | 1 | 1\nM6T11 | 1 | 1",
    )
    publishes(
        table("fi_readmissions_reason", "2023", records=found),
        "reason | _T | M\n_T | 1 | 1\nOWN_WISH | 1 | 1",
    )
    publishes(
        table("fi_exits_reason_role_sex", "2023", records=found),
        """
        role/reason                  | _T | F
        _T/_T                        | 1  | 1
        _T/LEFT_FINLAND              | 1  | 1
        DEPENDENT_CHILD/_T           | 1  | 1
        DEPENDENT_CHILD/LEFT_FINLAND | 1  | 1
        """,
    )
    series = table("fi_series_exits_reason", "2023", records=found)
    assert [series.value(year) for year in ("2021", "2022", "2023")] == [0, 1, 1]
    stock = table("fi_series_stock_sex", "2023", records=found)
    assert [stock.value(year, sex="M") for year in ("2019", "2021", "2022", "2023")] == [0, 1, 0, 1]


SERVICES = """
    service_id | episode_id | kind    | start_date | end_date   | provider  | payer
    S1         | EA         | ADVICE  | 2022-03-01 | 2023-01-01 | NAS       | NAS
    S2         | EA         | ADVICE  | 2023-05-01 | 2023-12-31 | RECEPTION | NAS
    S3         | EA         | HOUSING | 2022-03-01 | 2022-12-31 | SHELTER   | ELY
    S4         | EB2        | HOUSING | 2023-12-31 |            | PRIVATE   |
    S5         | EC         | HEALTH  | 2024-01-01 |            | COUNTY    | COUNTY
    S6         | EC         | ADVICE  | 2023-02-01 | 2023-02-01 |           | COUNTY
    """


def test_services(table, publishes, records):
    """A service of one day in the year counts, its last day included; the person is once in every total."""
    found = records(person=PERSONS, episode=EPISODES, service=SERVICES)
    publishes(
        table("fi_services_kind_provider", "2023", records=found),
        """
        kind    | _T | NAS | RECEPTION | PRIVATE | _U
        _T      | 3  | 1   | 1         | 1       | 1
        ADVICE  | 2  | 1   | 1         | 0       | 1
        HOUSING | 1  | 0   | 0         | 1       | 0
        """,
    )
    publishes(
        table("fi_services_kind_payer", "2023", records=found),
        """
        kind    | _T | NAS | COUNTY | _U
        _T      | 3  | 1   | 1      | 1
        ADVICE  | 2  | 1   | 1      | 0
        HOUSING | 1  | 0   | 0      | 1
        """,
    )
    publishes(
        table("fi_services_kind_sex", "2023", records=found),
        "kind | _T | F | M\n_T | 3 | 2 | 1\nADVICE | 2 | 2 | 0\nHOUSING | 1 | 0 | 1",
    )
    publishes(
        table("fi_services_open_kind", "2023", records=found),
        """
        kind    | _T | RECEPTION | PRIVATE
        _T      | 2  | 1         | 1
        ADVICE  | 1  | 1         | 0
        HOUSING | 1  | 0         | 1
        """,
    )
    series = table("fi_series_services", "2023", records=found)
    assert (series.value("2022"), series.value("2022", kind="HOUSING"), series.value("2023")) == (1, 1, 3)


EXPLOITATION = {
    "person": PERSONS,
    "episode": EPISODES,
    "exploitation": """
        exploitation_id | person_id | is_primary | industry | recruitment | exploiter_relation
        X1              | A         | yes        | CLEANING | JOB_OFFER   | EMPLOYER
        X2              | A         | no         |          | FAMILY      | SPOUSE
        X3              | B         | yes        | CAR      | ONLINE      | EMPLOYER
        """,
    "exploitation_form": """
        exploitation_id | form | is_primary
        X1              | LAB  | yes
        X2              | MARR | yes
        X3              | LAB  | yes
        """,
    "exploitation_country": """
        exploitation_id | country
        X1              | FI
        X1              | EE
        X3              | RU
        """,
    "exploitation_means": """
        exploitation_id | means
        X1              | DEBT
        X1              | ISOLATION
        X2              | VIOLENCE
        """,
}


def test_means_recruitment_and_relation_are_those_of_the_primary_exploitation(table, publishes, records):
    found = records(**EXPLOITATION)
    cube = table("fi_new_victims_means_sex", "2022", records=found)
    publishes(cube, "means | _T | F\n_T | 1 | 1\nDEBT | 1 | 1\nISOLATION | 1 | 1")
    assert any("do not add up" in note["en"] for note in cube.spec.notes)
    publishes(
        table("fi_new_victims_means_form", "2022", records=found),
        "means | _T | LAB\n_T | 1 | 1\nDEBT | 1 | 1\nISOLATION | 1 | 1",
    )
    publishes(
        table("fi_new_victims_recruitment", "2022", records=found),
        "recruitment | _T | F\n_T | 1 | 1\nJOB_OFFER | 1 | 1",
    )
    publishes(
        table("fi_new_victims_exploiter_relation", "2022", records=found),
        "relation | _T | F\n_T | 1 | 1\nEMPLOYER | 1 | 1",
    )
    publishes(
        table("fi_new_victims_means_sex", "2020", records=found),
        "means | _T | M\n_T | 1 | 1\n_U | 1 | 1",  # no means were recorded
    )


def test_in_finland_and_only_abroad(table, publishes, records):
    found = records(
        **EXPLOITATION,
        citizenship="person_id | country | is_primary\nA | TH | yes\nB | RU | yes",
        residence_status="person_id | valid_from | status | valid_to\nA | 2022-02-01 | VISA |",
    )
    publishes(
        table("fi_new_in_finland_industry", "2022", records=found),
        "industry | _T | F\n_T | 1 | 1\nCLEANING | 1 | 1",
    )
    publishes(table("fi_new_abroad_form_sex", "2020", records=found), "form | _T | M\n_T | 1 | 1\nLAB | 1 | 1")
    publishes(table("fi_new_abroad_citizenship", "2020", records=found), "citizenship | figure\n_T | 1\nRU | 1")
    publishes(table("fi_new_abroad_form_sex", "2022", records=found), "form | _T\n_T | 0")
    publishes(
        table("fi_new_victims_residence_status", "2022", records=found),
        "status | _T | F\n_T | 1 | 1\nVISA | 1 | 1",
    )
    place = table("fi_series_new_in_finland_form", "2022", records=found)
    assert (place.value("2020"), place.value("2022", form="LAB")) == (0, 1)
    sexes = table("fi_series_new_victims_sex_age", "2022", records=found)
    assert (sexes.value("2020", sex_age="MEN"), sexes.value("2022", sex_age="WOMEN")) == (1, 1)
