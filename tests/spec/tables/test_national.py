"""The counting rules of the national tables, each shown by a handful of cases and the table they make."""

import pytest

from thassist.tables.cube import Status


def test_new_clients_by_form_and_sex(table, publishes):
    """A person counts once, in the primary form; domestic work is published as forced labour."""
    cube = table(
        "fi_new_victims_form_sex",
        "2022",
        """
        person | sex | admitted   | form
        A      | F   | 2022-01-01 | SEX_PROST
        B      | F   | 2022-12-31 | *LAB SEX
        C      | M   | 2022-06-15 | DOM
        D      | M   | 2021-12-31 | LAB
        E      | M   | 2023-01-01 | LAB
        F      |     | 2022-06-15 | _U
        """,
    )
    publishes(
        cube,
        """
        form | _T | F | M | O | _U
        _T   | 4  | 2 | 1 | 0 | 1
        LAB  | 2  | 1 | 1 | 0 | 0
        SEX  | 1  | 1 | 0 | 0 | 0
        _U   | 1  | 0 | 0 | 0 | 1
        ORG  | 0  | 0 | 0 | 0 | 0
        """,
    )
    assert cube.unplaced == 0
    assert cube.synthetic


def test_several_forms_without_a_primary_one_are_not_known(table, publishes):
    """Nothing is picked by chance; the only form needs no mark."""
    cube = table(
        "fi_new_victims_form",
        "2022",
        """
        person | admitted   | form
        A      | 2022-03-01 | LAB SEX
        B      | 2022-03-01 | LAB
        C      | 2022-03-01 |
        """,
    )
    publishes(
        cube,
        """
        form | figure
        _T   | 3
        LAB  | 1
        _U   | 2
        """,
    )


def test_every_form_experienced_does_not_add_up(table, publishes):
    cube = table(
        "fi_new_victims_any_form",
        "2022",
        """
        person | sex | role    | admitted   | form
        A      | F   | VICTIM  | 2022-03-01 | *LAB SEX CRIM
        B      | F   | VICTIM  | 2022-03-01 | SEX
        C      | M   | VICTIM  | 2022-03-01 | *LAB DOM
        D      | M   | WITNESS | 2022-03-01 |
        """,
    )
    publishes(
        cube,
        """
        form | _T | F | M
        _T   | 4  | 2 | 2
        LAB  | 2  | 1 | 1
        SEX  | 2  | 2 | 0
        CRIM | 1  | 1 | 0
        _Z   | 1  | 0 | 1
        """,
    )
    assert any("do not add up" in note["en"] for note in cube.spec.notes)


ROLES = """
    person | sex | born       | role            | admitted   | form | left
    A      | F   | 1990-01-01 | VICTIM          | 2022-03-01 | LAB  |
    B      | M   | 1990-01-01 | WITNESS         | 2022-03-01 |      |
    C      | M   | 2015-01-01 | DEPENDENT_CHILD | 2022-03-01 |      |
    D      | F   | 2008-01-01 | VICTIM          | 2022-03-01 | MARR |
    E      | F   |            | VICTIM          | 2022-03-01 | MARR | 2022-09-01
    """


def test_witnesses_are_in_the_number_but_have_no_form(table, publishes):
    publishes(
        table("fi_new_victims_form", "2022", ROLES),
        """
        form | figure
        _T   | 4
        LAB  | 1
        MARR | 2
        _Z   | 1
        """,
    )


def test_children_of_clients_are_counted_only_as_such(table, publishes):
    publishes(
        table("fi_new_clients_kind", "2022", ROLES),
        """
        kind         | figure
        _T           | 5
        ADULT_CLIENT | 2
        MINOR_CLIENT | 1
        CHILD        | 1
        _U           | 1
        """,
    )
    publishes(
        table("fi_stock_group", "2022", ROLES),
        """
        group  | figure
        _T     | 4
        CLIENT | 3
        CHILD  | 1
        """,
    )


def test_readmission_is_not_new_and_one_person_in_the_stock(table, publishes):
    cases = """
        person | sex | admitted   | left       | form
        A      | F   | 2020-05-01 | 2021-05-01 | LAB
        A      | F   | 2022-05-01 |            |
        """
    publishes(table("fi_new_victims_form", "2022", cases), "form | figure\n_T | 0")
    publishes(table("fi_new_victims_form", "2020", cases), "form | figure\n_T | 1\nLAB | 1")
    publishes(table("fi_stock_sex", "2021", cases), "sex | figure\n_T | 0")
    publishes(table("fi_stock_sex", "2022", cases), "sex | figure\n_T | 1\nF | 1")


@pytest.mark.parametrize(
    ("period", "admitted", "left", "counted"),
    [
        ("2024-Q1", "2024-03-31", "", 1),
        ("2024-Q1", "2024-04-01", "", 0),
        ("2024-Q1", "2024-01-10", "2024-03-31", 0),  # on that day no longer a client
        ("2024-Q1", "2024-01-10", "2024-04-01", 1),
        ("2024-02", "2024-02-29", "", 1),
        ("2024-02", "2024-03-01", "", 0),
        ("2023-02", "2023-02-28", "2023-03-01", 1),
        ("2022-S1", "2022-06-30", "2022-07-01", 1),
        ("2022-S1", "2022-06-30", "2022-06-30", 0),
    ],
)
def test_stock_is_taken_at_the_end_of_the_last_day(table, period, admitted, left, counted):
    cube = table("fi_stock_sex", period, f"person | admitted | left\nA | {admitted} | {left}")
    assert cube.value(period) == counted
    assert cube.unplaced == 0


@pytest.mark.parametrize(
    ("period", "admitted", "counted", "unplaced"),
    [
        ("2022", "2022", 1, 0),
        ("2022", "2022-Q2", 1, 0),
        ("2022-S1", "2022-Q2", 1, 0),
        ("2022-S1", "2022", 0, 1),
        ("2022-Q2", "2022-Q2", 1, 0),
        ("2022-Q2", "2022-Q1", 0, 0),
        ("2022-Q2", "2022-S1", 0, 1),
        ("2022-05", "2022-Q2", 0, 1),
        ("2022-Q2", "2021", 0, 0),
        ("2024-02", "2024-02", 1, 0),
        ("2024-Q1", "2024-02", 1, 0),
    ],
)
def test_an_event_is_placed_only_where_its_whole_span_lies(table, period, admitted, counted, unplaced):
    cube = table("fi_new_victims_form", period, f"person | admitted\nA | {admitted}")
    assert (cube.value(period), cube.unplaced) == (counted, unplaced)


@pytest.mark.parametrize(
    ("admitted", "left", "counted", "unplaced"),
    [
        ("2022-06", "", 1, 0),
        ("2022-Q2", "", 1, 0),
        ("2022-S1", "2022-07", 1, 0),
        ("2022", "", 0, 1),  # may have come later
        ("2022-01-01", "2022", 0, 1),  # may have left earlier
        ("2022-01-01", "2022-S1", 0, 0),
        ("2022", "2022-S1", 0, 0),
        ("2021", "2023", 1, 0),
        ("2022-Q3", "", 0, 0),
    ],
)
def test_a_stay_is_in_the_stock_only_where_that_is_certain(table, admitted, left, counted, unplaced):
    cube = table("fi_stock_sex", "2022-S1", f"person | admitted | left\nA | {admitted} | {left}")
    assert (cube.value("2022-S1"), cube.unplaced) == (counted, unplaced)


@pytest.mark.parametrize(
    ("born", "admitted", "kind"),
    [
        ("2004-05-17", "2022-05-16", "GIRLS"),
        ("2004-05-17", "2022-05-17", "WOMEN"),
        ("2004-02-29", "2022-02-28", "GIRLS"),  # completes the year on 1 March where there is no 29 February
        ("2004-02-29", "2022-03-01", "WOMEN"),
        ("2003", "2022-05-17", "WOMEN"),
        ("2004", "2022-05-17", "_U"),
        ("2004", "2022-12-31", "WOMEN"),  # even who was born on the last day is 18
        ("2005", "2022-05-17", "GIRLS"),
        ("2004-05", "2022-05-31", "WOMEN"),
        ("2004-05", "2022-05-30", "_U"),
        ("2004-05", "2022-06", "WOMEN"),
        ("2004-06-30", "2022-Q2", "_U"),  # may have come before the birthday
        ("2004-07-01", "2022-Q2", "GIRLS"),
        ("", "2022-05-17", "_U"),
    ],
)
def test_age_on_admission_is_shown_only_where_it_is_certain(table, publishes, born, admitted, kind):
    cases = f"person | sex | born | admitted\nA | F | {born} | {admitted}"
    publishes(table("fi_new_victims_sex_age", "2022", cases), f"sex | figure\n_T | 1\n{kind} | 1")


def test_age_groups(table, publishes):
    """A birth year gives the group where every day of it leads to the same one."""
    cube = table(
        "fi_new_victims_age_group",
        "2022",
        """
        person | born       | admitted
        A      | 1972-06-15 | 2022-06-15
        B      | 1972-06-16 | 2022-06-15
        C      | 1972       | 2022-06-15
        D      | 1960       | 2022-06-15
        E      | 2022-06-15 | 2022-06-15
        F      | 1993-01    | 2022-06-15
        G      | 2022       | 2022-06-15
        """,
    )
    publishes(
        cube,
        """
        age     | figure
        _T      | 7
        Y0T17   | 2
        Y18T29  | 1
        Y40T49  | 1
        Y_GE50  | 2
        _U      | 1
        """,
    )


def test_stock_by_age_then_and_now(table, publishes):
    """Of those admitted as minors, who still is one on the last day."""
    cube = table(
        "fi_stock_age",
        "2022",
        """
        person | born       | admitted
        A      | 2004-12-31 | 2020-01-01
        B      | 2005-01-01 | 2020-01-01
        C      | 1990       | 2020-01-01
        D      |            | 2020-01-01
        """,
    )
    publishes(
        cube,
        """
        then  | _T | MINOR | ADULT | _U
        _T    | 4  | 1     | 2     | 1
        MINOR | 2  | 1     | 1     | 0
        ADULT | 1  | 0     | 1     | 0
        _U    | 1  | 0     | 0     | 1
        """,
    )


PLACES = """
    person | admitted   | form | country | sex | industry   | citizenship | status
    A      | 2022-03-01 | LAB  | FI      | M   | RESTAURANT | TH          | PERMIT:2020-01-01
    B      | 2022-03-01 | LAB  | FI EE   | M   |            | *TH IQ      | VISA:2022-01-01:2022-02-28 ASYLUM:2022-03-01
    C      | 2022-03-01 | SEX  | NG      | F   |            | NG IT       | ASYLUM:2022-03-02
    D      | 2022-03-01 | SEX  | NG _U   | F   |            | STLS        | NONE:2022-01
    E      | 2022-03-01 | DOM  | _U      | F   | DOMESTIC   |             |
    F      | 2022-03-01 | SEX  |         | F   |            | FI          | FI_CITIZEN:1990
    G      | 2022-03-01 | MARR | FI _U   | F   |            | FI EE       | EU_CITIZEN:2022-02-01:2022-03-01
    """


def test_place_is_computed_from_the_countries(table, publishes):
    """Wholly and partly in Finland are published together; one unknown country leaves «abroad» open."""
    publishes(
        table("fi_new_victims_form_place", "2022", PLACES),
        """
        form | _T | IN_FINLAND | ABROAD | _U
        _T   | 7  | 3          | 1      | 3
        LAB  | 3  | 2          | 0      | 1
        SEX  | 3  | 0          | 1      | 2
        MARR | 1  | 1          | 0      | 0
        """,
    )


def test_exploited_in_finland(table, publishes):
    publishes(
        table("fi_new_in_finland_form_sex", "2022", PLACES),
        """
        form | _T | F | M
        _T   | 3  | 1 | 2
        LAB  | 2  | 0 | 2
        MARR | 1  | 1 | 0
        """,
    )
    publishes(
        table("fi_new_in_finland_residence_status", "2022", PLACES),
        """
        status | figure
        _T     | 3
        PERMIT | 1
        ASYLUM | 1
        FI_EU  | 1
        """,
    )


def test_one_citizenship_a_person(table, publishes):
    """The one marked, else the only one, else not known; stateless is known."""
    cube = table("fi_new_victims_citizenship", "2022", PLACES)
    publishes(
        cube,
        """
        citizenship | figure
        _T          | 7
        TH          | 2
        STLS        | 1
        FI          | 1
        _U          | 3
        """,
    )
    assert ("2022", "SE") not in cube.cells
    assert cube.value("2022", citizenship="SE") == 0


def test_industry_of_forced_labour(table, publishes):
    publishes(
        table("fi_new_forced_labour_industry", "2022", PLACES),
        """
        industry   | figure
        _T         | 3
        RESTAURANT | 1
        DOMESTIC   | 1
        _U         | 1
        """,
    )


def test_stays_that_ended(table, publishes):
    """The stay is the unit: who leaves twice in a year is there twice."""
    publishes(
        table(
            "fi_exits_reason",
            "2022",
            """
            person | role            | admitted   | left       | reason
            A      | VICTIM          | 2020-01-01 | 2022-01-01 | OWN_WISH
            A      | VICTIM          | 2022-03-01 | 2022-12-31 | NEED_ENDED
            B      | DEPENDENT_CHILD | 2020-01-01 | 2022-06-01 | REACHED_ADULTHOOD
            C      | WITNESS         | 2020-01-01 | 2022-06    | OWN_WISH
            D      | VICTIM          | 2020-01-01 | 2023-01-01 | OWN_WISH
            E      | VICTIM          | 2020-01-01 |            |
            """,
        ),
        """
        reason            | _T | CLIENT | CHILD
        _T                | 4  | 3      | 1
        OWN_WISH          | 2  | 2      | 0
        NEED_ENDED        | 1  | 1      | 0
        REACHED_ADULTHOOD | 1  | 0      | 1
        """,
    )


def decisions(*rows):
    """Records of (person, type, outcome, date)."""
    return {
        "person": [
            {"person_id": person, "reporting_system": "FI_NAS", "sex": "_U"}
            for person in dict.fromkeys(row[0] for row in rows)
        ],
        "decision": [
            {
                "decision_id": f"D{number}",
                "person_id": person,
                "decision_type": kind,
                "outcome": outcome,
                "decision_date": date,
                "decision_date_precision": "D",
            }
            for number, (person, kind, outcome, date) in enumerate(rows)
        ],
    }


def test_decisions_are_counted_not_persons(table, publishes, day):
    records = decisions(
        ("A", "ADMISSION", "NEGATIVE", day("2023-01-01")),
        ("A", "ADMISSION", "POSITIVE", day("2023-06-01")),
        ("A", "REFLECTION", "POSITIVE", day("2023-06-01")),
        ("B", "ADMISSION", "LAPSED", day("2023-12-31")),
        ("B", "ADMISSION", "LAPSED", day("2024-01-01")),
    )
    publishes(
        table("fi_decisions_type_outcome", "2023", records=records),
        """
        type       | _T | POSITIVE | NEGATIVE | LAPSED
        _T         | 4  | 2        | 1        | 1
        ADMISSION  | 3  | 1        | 1        | 1
        REFLECTION | 1  | 1        | 0        | 0
        """,
    )


def test_a_code_that_has_ended_is_not_zero_but_not_applicable(table, publishes, day):
    """Formal identification was a decision of its own until the end of 2022. A zero would say that there were none."""
    records = decisions(
        ("A", "IDENT_OLD", "POSITIVE", day("2021-05-01")), ("B", "SERVICE", "POSITIVE", day("2023-05-01"))
    )
    cube = table("fi_series_decisions", "2023", records=records)
    publishes(
        cube,
        """
        time | _T | IDENT_OLD | SERVICE
        2019 | 0  | 0         | 0
        2020 | 0  | 0         | 0
        2021 | 1  | 1         | 0
        2022 | 0  | 0         | 0
        2023 | 1  | .         | 1
        """,
    )
    assert cube.cells["2023", "IDENT_OLD"].status is Status.NOT_APPLICABLE
    assert cube.cells["2022", "IDENT_OLD"].value == 0
    alone = table("fi_decisions_type_outcome", "2023", records=records)
    assert "IDENT_OLD" not in alone.codes("type")


def test_a_code_used_after_its_end_is_still_counted(table, day):
    """That a record should not have it is for the rules to find; a table leaves nothing out."""
    records = decisions(("A", "IDENT_OLD", "POSITIVE", day("2023-05-01")))
    cube = table("fi_decisions_type_outcome", "2023", records=records)
    assert cube.value("2023") == cube.value("2023", type="IDENT_OLD") == 1
    assert cube.value("2023", type="IDENT_OLD", outcome="NEGATIVE") == 0


def test_referrals_are_counted_not_persons(table, publishes, day):
    records = {
        "person": [
            {"person_id": "A", "reporting_system": "FI_NAS", "sex": "F"},
            {"person_id": "U", "reporting_system": "UK_NRM", "sex": "F"},
        ],
        "referral": [
            {
                "referral_id": f"R{number}",
                "person_id": person,
                "received_date": date,
                "received_date_precision": precision,
                "source": source,
            }
            for number, (person, source, date, precision) in enumerate(
                [
                    ("A", "POLICE", day("2022-01-01"), "D"),
                    ("A", "SELF", day("2022-01-01"), "A"),
                    ("A", "RIKU", day("2022-12-01"), "M"),
                    ("U", "POLICE", day("2022-04-01"), "Q"),
                ]
            )
        ],
    }
    publishes(
        table("fi_referrals_source_group", "2022", records=records),
        """
        source   | figure
        _T       | 3
        SELF     | 1
        AUTH_ORG | 2
        """,
    )
    publishes(
        table("fi_referrals_source", "2022-Q1", records=records),
        """
        source | figure
        _T     | 1
        POLICE | 1
        """,
    )
    assert table("fi_referrals_source", "2022-Q1", records=records).unplaced == 1


def test_five_years_side_by_side(table, publishes):
    cases = """
        person | role            | admitted   | left       | country
        A      | VICTIM          | 2018-06-01 | 2020-01-01 | FI
        B      | VICTIM          | 2019-12-31 |            | NG
        C      | DEPENDENT_CHILD | 2019-12-31 | 2021-06-30 |
        D      | VICTIM          | 2021       |            | FI
        """
    publishes(
        table("fi_series_stock", "2022", cases),
        """
        time | _T | CLIENT | CHILD
        2018 | 1  | 1      | 0
        2019 | 3  | 2      | 1
        2020 | 2  | 1      | 1
        2021 | 2  | 2      | 0
        2022 | 2  | 2      | 0
        """,
    )
    publishes(
        table("fi_series_new_victims_place", "2022", cases),
        """
        time | _T | IN_FINLAND | ABROAD
        2018 | 1  | 1          | 0
        2019 | 1  | 0          | 1
        2020 | 0  | 0          | 0
        2021 | 1  | 1          | 0
        2022 | 0  | 0          | 0
        """,
    )


def test_nobody_at_all_is_zero_everywhere(table):
    cube = table("fi_new_victims_form_sex", "2022", "person | admitted\nA | 2020-01-01")
    assert {cell.value for cell in cube.cells.values()} == {0}
    assert len(cube.cells) == (1 + 11) * (1 + 4)
    sparse = table("fi_new_victims_citizenship", "2022", "person | admitted\nA | 2020-01-01")
    assert {key: cell.value for key, cell in sparse.cells.items()} == {("2022", "_T"): 0}
