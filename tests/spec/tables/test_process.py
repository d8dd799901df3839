"""What the reviews could not give: each table by a handful of records and the table they make, worked out by hand."""

PERSONS = """
    person_id | sex | birth_date
    A         | F   | 1990-05-01
    B         | M   | 2008-03-15
    C         | F   | 2005
    D         | M   |
    """

CONTACTS = """
    contact_id | contact_date | channel | source | anonymous
    K1         | 2023-01-01   | PHONE   | SELF   | yes
    K2         | 2023-12-31   | PHONE   | POLICE | no
    K3         | 2023-06      | CHAT    | SELF   |
    K4         | 2022-12-31   | EMAIL   | SELF   | no
    K5         | 2023         | EMAIL   | RIKU   | no
    """


def test_contacts(table, publishes, records):
    """A contact known to the year only belongs to the year, and to no quarter of it."""
    found = records(contact=CONTACTS)
    publishes(
        table("fi_contacts_channel", "2023", records=found),
        """
        channel | _T | NAMED | ANONYMOUS | _U
        _T      | 4  | 2     | 1         | 1
        PHONE   | 2  | 1     | 1         | 0
        EMAIL   | 1  | 1     | 0         | 0
        CHAT    | 1  | 0     | 0         | 1
        """,
    )
    publishes(
        table("fi_contacts_source", "2023", records=found),
        "source | figure\n_T | 4\nSELF | 2\nPOLICE | 1\nRIKU | 1",
    )
    assert table("fi_contacts_source", "2023-Q2", records=found).unplaced == 1


REFERRALS = """
    referral_id | person_id | received_date | source | contact_id | consent | consent_by     | hold_reason
    R1          | A         | 2023-11-20    | SELF   | K2         | yes     | PERSON         |
    R2          | A         | 2023-12-31    | POLICE |            | yes     |                | INTERVIEW
    R3          | B         | 2023-03-14    | POLICE | K1         | yes     | GUARDIAN       |
    R4          | C         | 2023-07-01    | RIKU   |            | no      | _U             |
    R5          | D         | 2023-06-15    | NGO    | K1         |         |                |
    R6          | B         | 2022-10-01    | NGO    |            | yes     | REPRESENTATIVE | INFORMATION
    """
ENDS = {
    # R1 waits, R2 waits, R3 was decided on twice, R4 is withdrawn, R5 was decided on a day too late, R6 waits long
    "decision": """
        decision_id | person_id | referral_id | decision_type | decision_date | outcome
        D1          | B         | R3          | ADMISSION     | 2023-05-01    | NEGATIVE
        D2          | B         | R3          | ADMISSION     | 2024-05-01    | POSITIVE
        D3          | D         | R5          | ADMISSION     | 2024-01-01    | POSITIVE
        D4          | A         | R1          | RECOVERY      | 2023-12-01    | POSITIVE
        """,
    "status_event": """
        referral_id | seq_no | status    | status_date
        R4          | 1      | REFERRED  | 2023-07-01
        R4          | 2      | WITHDRAWN | 2023-12-31
        """,
}


def test_referrals_by_consent_channel_sex_and_age(table, publishes, records):
    """The day before the 18th birthday counts as a minor; of who was born in 2005, July 2023 leaves it open."""
    found = records(person=PERSONS, contact=CONTACTS, referral=REFERRALS)
    publishes(
        table("fi_referrals_consent", "2023", records=found),
        """
        consent   | _T | MINOR | ADULT | _U
        _T        | 5  | 1     | 2     | 2
        PERSON    | 1  | 0     | 1     | 0
        GUARDIAN  | 1  | 1     | 0     | 0
        GIVEN     | 1  | 0     | 1     | 0
        NOT_GIVEN | 1  | 0     | 0     | 1
        _U        | 1  | 0     | 0     | 1
        """,
    )
    publishes(
        table("fi_referrals_channel", "2023", records=found),
        "channel | figure\n_T | 5\nPHONE | 3\n_Z | 2",
    )
    publishes(
        table("fi_referrals_sex_age_class", "2023", records=found),
        """
        sex | _T | MINOR | ADULT | _U
        _T  | 5  | 1     | 2     | 2
        F   | 3  | 0     | 2     | 1
        M   | 2  | 1     | 0     | 1
        """,
    )


def test_pending_referrals(table, publishes, records):
    """Decided or withdrawn on the last day is no longer pending; another kind of decision ends nothing."""
    found = records(person=PERSONS, contact=CONTACTS, referral=REFERRALS, **ENDS)
    publishes(
        table("fi_referrals_pending_source", "2023", records=found),
        "source | figure\n_T | 4\nSELF | 1\nPOLICE | 1\nNGO | 2",
    )
    publishes(
        table("fi_referrals_pending_waiting", "2023", records=found),
        """
        reason      | _T | D0T30 | D31T90 | D91T180 | D_GT180
        _T          | 4  | 1     | 1      | 0       | 2
        INFORMATION | 1  | 0     | 0      | 0       | 1
        INTERVIEW   | 1  | 1     | 0      | 0       | 0
        _Z          | 2  | 0     | 1      | 0       | 1
        """,
    )
    series = table("fi_series_referrals_pending", "2024", records=found)
    assert [series.value(str(year)) for year in range(2021, 2025)] == [0, 1, 4, 3]
    assert series.value("2024", waiting="D_GT180") == 3  # all that still wait have waited a year


DECISIONS = """
    decision_id | person_id | decision_type | decision_date | outcome  | reason     | statute
    D1          | A         | ADMISSION     | 2022-02-01    | NEGATIVE | NOT_VICTIM | A746_S35
    D2          | A         | ADMISSION     | 2022-12-31    | NEGATIVE |            | A746_S35
    D3          | B         | ADMISSION     | 2022-06-01    | NEGATIVE | NO_NEED    |
    D4          | B         | ADMISSION     | 2022-06-01    | LAPSED   |            | A746_S35
    D5          | B         | SERVICE       | 2022-06-01    | NEGATIVE | OTHER      | A746_OTHER
    D6          | C         | IDENT_OLD     | 2022-06-01    | POSITIVE |            | A746_S38
    D7          | C         | ADMISSION     | 2023-01-01    | NEGATIVE | NO_NEED    | A746_S35
    """


def test_reasons_and_statutes(table, publishes, records):
    """A reason is asked for negative admission decisions only; one that was not recorded is not known."""
    found = records(person=PERSONS, decision=DECISIONS)
    publishes(
        table("fi_decisions_rejection_reason", "2022", records=found),
        """
        reason     | _T | F | M
        _T         | 3  | 2 | 1
        NOT_VICTIM | 1  | 1 | 0
        NO_NEED    | 1  | 0 | 1
        _U         | 1  | 1 | 0
        """,
    )
    publishes(
        table("fi_decisions_statute", "2022", records=found),
        """
        statute    | _T | ADMISSION | IDENT_OLD | SERVICE
        _T         | 6  | 4         | 1         | 1
        A746_S35   | 3  | 3         | 0         | 0
        A746_S38   | 1  | 0         | 1         | 0
        A746_OTHER | 1  | 0         | 0         | 1
        _U         | 1  | 1         | 0         | 0
        """,
    )
    series = table("fi_series_rejections_reason", "2023", records=found)
    assert (series.value("2022"), series.value("2023"), series.value("2023", reason="NO_NEED")) == (3, 1, 1)


def test_appeals(table, publishes, records):
    found = records(
        person=PERSONS,
        decision=DECISIONS,
        appeal="""
        appeal_id | decision_id | appeal_date | body                | ruling_date | ruling
        P1        | D1          | 2022-03-01  | ADMIN_COURT         | 2022-09-01  | DISMISSED
        P2        | D1          | 2022-10-01  | SUPREME_ADMIN_COURT |             |
        P3        | D5          | 2022-07-01  | ADMIN_COURT         | 2023-01-01  | OVERTURNED
        P4        | D3          | 2022-07-01  | ADMIN_COURT         | 2022-12-31  | REMITTED
        P5        | D7          | 2023-02-01  | ADMIN_COURT         |             |
        """,
    )
    publishes(
        table("fi_appeals_decision_type", "2022", records=found),
        """
        type      | _T | F | M
        _T        | 4  | 2 | 2
        ADMISSION | 3  | 2 | 1
        SERVICE   | 1  | 0 | 1
        """,
    )
    publishes(
        table("fi_appeals_ruling", "2022", records=found),
        """
        ruling    | _T | ADMISSION
        _T        | 2  | 2
        DISMISSED | 1  | 1
        REMITTED  | 1  | 1
        """,
    )
    publishes(table("fi_appeals_pending", "2022", records=found), "type | figure\n_T | 2\nADMISSION | 1\nSERVICE | 1")


def test_identifications_are_kept_apart(table, publishes, records):
    """Who is presumed and identified in one year is in both classes, and once in the total."""
    found = records(
        person=PERSONS,
        identification="""
        identification_id | person_id | status    | authority | identified_date
        I1                | A         | PRESUMED  | NAS       | 2022-01-05
        I2                | A         | IDENT_OLD | POLICE    | 2022-11-01
        I3                | A         | IDENT_OLD | NAS       | 2022-12-01
        I4                | B         | PRESUMED  | NAS       | 2022-06-01
        I5                | C         | IDENT_S35 | NAS       | 2023-01-01
        """,
    )
    cube = table("fi_identifications_status", "2022", records=found)
    publishes(
        cube,
        """
        identification | _T | NAS | POLICE
        _T             | 2  | 2   | 1
        PRESUMED       | 2  | 2   | 0
        IDENT_OLD      | 1  | 1   | 1
        """,
    )
    assert any("do not add up" in note["en"] for note in cube.spec.notes)
    series = table("fi_series_identifications", "2023", records=found)
    assert (series.value("2022"), series.value("2023", identification="IDENT_S35")) == (2, 1)
    assert series.cells["2022", "IDENT_S35"].value is None  # there was no such identification, so it is not zero


def test_periods_granted(table, publishes, records):
    """The first day decides; a minor on that day is shown as one."""
    found = records(
        person=PERSONS,
        assistance_period="""
        period_id | person_id | period_type | start_date | end_date   | granted_by
        T1        | A         | RECOVERY    | 2023-01-01 | 2023-01-31 | NAS
        T2        | A         | REFLECTION  | 2023-12-31 |            | POLICE
        T3        | B         | REFLECTION  | 2023-05-01 | 2023-09-01 | NAS
        T4        | B         | RECOVERY    | 2022-12-31 | 2023-01-30 | NAS
        """,
    )
    publishes(
        table("fi_periods_grantor", "2023", records=found),
        """
        granted_by | _T | RECOVERY | REFLECTION
        _T         | 3  | 1        | 2
        NAS        | 2  | 1        | 1
        POLICE     | 1  | 0        | 1
        """,
    )
    publishes(
        table("fi_periods_sex_age_class", "2023", records=found),
        """
        type/sex      | _T | MINOR | ADULT
        _T/_T         | 3  | 1     | 2
        _T/F          | 2  | 0     | 2
        _T/M          | 1  | 1     | 0
        RECOVERY/_T   | 1  | 0     | 1
        RECOVERY/F    | 1  | 0     | 1
        REFLECTION/_T | 2  | 1     | 1
        REFLECTION/F  | 1  | 0     | 1
        REFLECTION/M  | 1  | 1     | 0
        """,
    )


def test_residence_permits(table, publishes, records):
    found = records(
        person=PERSONS,
        permit="""
        permit_id | person_id | ground         | application_date | decision_date | outcome
        P1        | A         | S52A_TEMPORARY | 2022-05-01       | 2023-02-01    | POSITIVE
        P2        | A         | PROTECTION     | 2023-03-01       | 2023-12-31    | NEGATIVE
        P3        | B         | PROTECTION     | 2023-04-01       | 2024-01-01    | POSITIVE
        P4        | B         | _U             |                  | 2023-04-01    | POSITIVE
        P5        | D         | OTHER          | 2023-12-31       |               |
        """,
    )
    publishes(
        table("fi_permits_applications", "2023", records=found),
        """
        ground     | _T | F | M
        _T         | 3  | 1 | 2
        PROTECTION | 2  | 1 | 1
        OTHER      | 1  | 0 | 1
        """,
    )
    publishes(
        table("fi_permits_ground_outcome", "2023", records=found),
        """
        ground         | _T | POSITIVE | NEGATIVE
        _T             | 3  | 2        | 1
        S52A_TEMPORARY | 1  | 1        | 0
        PROTECTION     | 1  | 0        | 1
        _U             | 1  | 1        | 0
        """,
    )
    publishes(
        table("fi_permits_pending", "2023", records=found),
        """
        ground     | _T | F | M
        _T         | 2  | 0 | 2
        PROTECTION | 1  | 0 | 1
        OTHER      | 1  | 0 | 1
        """,
    )


STAGES = """
    person_id | stage         | stage_date | title_thb
    A         | NONE          | 2022-01-01 |
    A         | REPORT        | 2023-01-10 |
    A         | INVESTIGATION | 2023-05-01 | yes
    A         | CLOSED        | 2024-03-01 |
    B         | INVESTIGATION | 2022-11-01 | no
    B         | CHARGE        | 2023-12-31 | no
    C         | NONE          | 2023-02-01 |
    """


def test_stages_of_the_criminal_process_reached_in_the_year(table, publishes, records):
    """That there is no case is no stage; who reached two stages in the year is once in the total."""
    cube = table("fi_criminal_stages_reached", "2023", records=records(person=PERSONS, criminal_stage=STAGES))
    publishes(
        cube,
        """
        stage         | _T | THB | OTHER | _U
        _T            | 2  | 1   | 1     | 1
        REPORT        | 1  | 0   | 0     | 1
        INVESTIGATION | 1  | 1   | 0     | 0
        CHARGE        | 1  | 0   | 1     | 0
        """,
    )


def test_compensation_and_returns(table, publishes, records):
    """An award of which the amount is not known counts as an award and adds no euros."""
    found = records(
        person=PERSONS,
        compensation="""
        compensation_id | person_id | kind  | decided_date | amount_cents
        M1              | A         | COURT | 2023-01-01   | 150050
        M2              | A         | STATE | 2023-06-01   | 100000
        M3              | B         | COURT | 2023-12-31   |
        M4              | B         | COURT | 2024-01-01   | 999999
        """,
        assisted_return="""
        return_id | person_id | country | return_date
        B1        | A         | IQ      | 2023-02-02
        B2        | B         | IQ      | 2023-12-31
        B3        | C         | SO      | 2022-12-31
        """,
    )
    publishes(
        table("fi_compensation_kind", "2023", records=found),
        """
        kind  | _T | F | M
        _T    | 3  | 2 | 1
        COURT | 2  | 1 | 1
        STATE | 1  | 1 | 0
        """,
    )
    publishes(
        table("fi_compensation_amount", "2023", records=found),
        "kind | figure\n_T | 2500.50\nCOURT | 1500.50\nSTATE | 1000",
    )
    publishes(table("fi_returns_country", "2023", records=found), "country | figure\n_T | 2\nIQ | 2")


def test_working_time(table, publishes, records):
    found = records(
        staff_time="""
        process  | month_date | unit     | hours_hundredths
        CONTACT  | 2023-01    | ALL      | 1050
        CONTACT  | 2023-12    | CASEWORK | 25
        CASEWORK | 2023-12    | CASEWORK | 10000
        CASEWORK | 2024-01    | CASEWORK | 7777
        """
    )
    publishes(
        table("fi_staff_hours_process", "2023", records=found),
        """
        process  | _T     | ALL   | CASEWORK
        _T       | 110.75 | 10.50 | 100.25
        CONTACT  | 10.75  | 10.50 | 0.25
        CASEWORK | 100    | 0     | 100
        """,
    )
