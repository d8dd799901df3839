"""Measures that are no counts, cohorts, series and breaks: a handful of records in, the published figures out."""

from fractions import Fraction
from typing import Any

import pytest

from thassist.tables.cube import Cell, Status
from thassist.tables.measures import rounded

DECIDED = {
    "person": """
        person_id | sex
        A         | F
        B         | F
        C         | M
        D         | M
        E         | F
        """,
    "referral": """
        referral_id | person_id | received_date | source | referrer_organisation
        R1          | A         | 2024-01-01    | MIGRI  | Unit One
        R2          | B         | 2024-01-01    | POLICE | Police, north
        R3          | C         | 2024-01-01    | POLICE | police, north
        R4          | D         | 2024-01       | SELF   |
        R5          | E         | 2024-01-20    | SELF   |
        """,
    "decision": """
        decision_id | person_id | referral_id | decision_type | decision_date | outcome
        D1          | A         | R1          | ADMISSION     | 2024-01-11    | POSITIVE
        D2          | B         | R2          | ADMISSION     | 2024-01-31    | POSITIVE
        D3          | C         | R3          | ADMISSION     | 2024-02-10    | NEGATIVE
        D4          | D         | R4          | ADMISSION     | 2024-02-10    | POSITIVE
        D5          | C         | R3          | ADMISSION     | 2024-06-10    | POSITIVE
        """,
}


def figures(cube: Any, place: str = "2024") -> dict[tuple[str, ...], Any]:
    """The cells of one period that rest on somebody, by their codes."""
    return {key[1:]: (cell.value, cell.base) for key, cell in cube.cells.items() if key[0] == place and any(cell.base)}


def test_median_and_p90_of_days_to_the_decision(table, records):
    """10, 30 and 40 days; the ruling on C's appeal changes nothing, and D's receipt is not known to the day."""
    rows = records(**DECIDED)
    median = table("fi_indicator_decision_time_median", "2024", records=rows)
    assert figures(median) == {("_T",): (30.0, (3,)), ("POSITIVE",): (20.0, (2,)), ("NEGATIVE",): (40.0, (1,))}
    p90 = table("fi_indicator_decision_time_p90", "2024", records=rows)
    assert figures(p90) == {("_T",): (38.0, (3,)), ("POSITIVE",): (28.0, (2,)), ("NEGATIVE",): (40.0, (1,))}


def test_by_month_decided_a_year_shows_its_months(table, records):
    """A month without a decision has no median: that is not applicable, and not zero."""
    cube = table("fi_time_decision_median", "2024", records=records(**DECIDED))
    assert [period.code for period in cube.periods] == [f"2024-{month:02}" for month in range(1, 13)]
    assert cube.cells["2024-01", "_T"] == Cell(20.0, base=(2,))
    assert cube.cells["2024-02", "_T"] == Cell(40.0, base=(1,))
    assert cube.cells["2024-03", "_T"] == Cell(None, Status.NOT_APPLICABLE, base=(0,))


def test_a_median_of_units_of_whom_nothing_is_known_is_not_known(table, records):
    rows = records(**{**DECIDED, "referral": DECIDED["referral"].replace("2024-01-01 ", "2024-01    ")})
    cube = table("fi_time_decision_median", "2024", records=rows)
    assert cube.cells["2024-02", "NEGATIVE"] == Cell(None, Status.NOT_KNOWN, base=(0,))


def test_shares_of_a_total_and_bodies_counted_once(table, records):
    rows = records(**DECIDED)
    assert figures(table("fi_indicator_referral_breadth", "2024", records=rows)) == {
        ("_T",): (100.0, (5, 5)),
        ("MIGRI",): (20.0, (1, 5)),
        ("POLICE",): (40.0, (2, 5)),
        ("SELF",): (40.0, (2, 5)),
        **{(code,): (0.0, (0, 5)) for code in table_codes("referral_source@1") - {"MIGRI", "POLICE", "SELF"}},
    }
    assert table("fi_indicator_referring_bodies", "2024", records=rows).cells["2024",] == Cell(2, base=(3,))


def table_codes(ref: str) -> set[str]:
    from thassist.codes import classification

    return set(classification(ref).codes)


def test_the_admission_rate_follows_the_cohort(table, records):
    """Received in 2024 and decided within 180 days: A and B admitted, C not. It is known when mid-2025 is over."""
    rows = records(**DECIDED)
    early, late = (table("fi_indicator_admission_rate", period, records=rows) for period in ("2024", "2025"))
    assert early.cells["2024", "_T"] == Cell(None, Status.NOT_KNOWN)
    assert figures(late)["_T",] == (66.7, (2, 3))
    assert late.cells["2024", "AUTH_ORG"].base == (2, 3)
    assert late.cells["2025", "_T"] == Cell(None, Status.NOT_KNOWN)


def test_waiting_too_long_is_a_share_of_those_who_wait(table, records):
    """E's proposal has waited 346 days at the end of 2024; the others have been decided."""
    rows = records(**DECIDED)
    assert table("fi_indicator_backlog", "2024", records=rows).cells["2024",].base == (1, 1)
    assert table("fi_indicator_backlog", "2024-02", records=rows).cells["2024-02",] == Cell(0.0, base=(0, 1))


LAGS = """
    exploitation_id | person_id | referral_id | end_date   | ongoing
    X1              | A         | R1          | 2023-10    | no
    X2              | B         | R2          | 2023-12-31 | no
    X3              | C         | R3          |            | yes
    X4              | E         | R5          | 2023       | no
    """


def test_the_detection_lag_counts_calendar_months(table, records):
    """3, 1 and 0 months; E's end is known only to the year, so it is left out, and no lag is guessed."""
    cube = table("fi_indicator_detection_lag", "2024", records=records(**DECIDED, exploitation=LAGS))
    assert figures(cube) == {("_T",): (1.0, (3,)), ("F",): (2.0, (2,)), ("M",): (0.0, (1,))}


STAYS = """
    person | sex | role            | admitted   | left       | reason
    A      | F   | VICTIM          | 2024-01-01 | 2024-01-11 | NEED_ENDED
    A      | F   | VICTIM          | 2024-03-01 |            |
    B      | M   | VICTIM          | 2023-12-22 | 2024-01-02 | OWN_WISH
    C      | M   | WITNESS         | 2024-12-31 |            |
    D      | F   | DEPENDENT_CHILD | 2024-05    |            |
    """


def test_client_days_within_the_period(table):
    """A 10 + 306 days, B one (1 January), C one. The day of exit is no client-day; D's days are not known."""
    cube = table("fi_indicator_client_days", "2024", STAYS)
    assert cube.cells["2024", "VICTIM"].value == 10 + 306 + 1
    assert cube.cells["2024", "WITNESS"] == Cell(1, base=(1,))
    assert cube.cells["2024", "DEPENDENT_CHILD"] == Cell(None, Status.NOT_KNOWN, base=(0,))
    assert table("fi_indicator_client_days", "2023", STAYS).cells["2023", "_T"].value == 10


def test_client_days_of_a_year_are_those_of_its_quarters(table):
    """Also of a year from April."""
    quarters = [table("fi_indicator_client_days", f"2024-Q{n}", STAYS).cells[f"2024-Q{n}", "_T"] for n in range(1, 5)]
    assert sum(cell.value for cell in quarters) == table("fi_indicator_client_days", "2024", STAYS).value("2024")
    april = table("fi_indicator_client_days", "2024-04-01/P1Y", STAYS)
    assert april.periods[-2].code == "2023-04-01/P1Y"
    assert april.cells["2024-04-01/P1Y", "WITNESS"].value == 1 + 31 + 28 + 31
    assert april.cells["2023-04-01/P1Y", "VICTIM"].value == (10 + 31) + 11


def test_exits_and_readmissions(table):
    exits = table("fi_indicator_exit_planned", "2024", STAYS)
    assert figures(exits)["VICTIM",] == (50.0, (1, 2))
    again = table("fi_indicator_readmission", "2025", STAYS)
    assert figures(again)["_T",] == (50.0, (1, 2))
    assert again.cells["2025", "_T"].status is Status.NOT_KNOWN


#: Remission of 21 patients given 6-mercaptopurine (Freireich et al. 1963, as every textbook on survival has it), in
#: weeks; a plus is censored. Kaplan-Meier: S(6) 0.857, S(10) 0.753, S(16) 0.627, median 23.
WEEKS = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"


@pytest.fixture(scope="module")
def remission() -> str:
    """The patients as stays that began so many days before the end of 2024, one day a week."""
    import datetime as dt

    end = dt.date(2024, 12, 31)
    lines = ["person | admitted | left"]
    for number, text in enumerate(WEEKS.split()):
        length = dt.timedelta(days=int(text.removesuffix("+")))
        begin = end - length
        left = "" if text.endswith("+") else (begin + length).isoformat()
        lines.append(f"P{number} | {begin} | {left}")
    return "\n".join(lines)


def test_a_published_survival_estimate(table, remission, spoilt):
    """In days it is the published 23; in months of 30.4375 days 0.8."""
    days = spoilt("fi_length_median", "2024", remission, divisor=1, decimals=0)
    assert figures(days)["VICTIM",] == (23, (21,))
    assert figures(table("fi_length_median", "2024", remission))["VICTIM",] == (0.8, (21,))


@pytest.mark.parametrize(("after", "share"), [(5, 100.0), (6, 85.7), (10, 75.3), (16, 62.7), (23, 44.8), (35, 44.8)])
def test_published_shares_after_a_time(remission, after, share, spoilt):
    cube = spoilt("fi_length_still_assisted_365", "2024", remission, after=after)
    assert cube.cells["2024", "VICTIM"].value == share


def test_a_share_after_a_time_nobody_was_followed_to_is_not_known(remission, spoilt):
    cube = spoilt("fi_length_still_assisted_365", "2024", remission, after=36)
    assert cube.cells["2024", "VICTIM"] == Cell(None, Status.NOT_KNOWN, base=(21,))


def test_a_median_that_is_not_reached_is_not_known(table):
    cases = "person | admitted | left\nA | 2024-01-01 | 2024-02-01\nB | 2024-01-01 |\nC | 2024-01-01 |"
    assert table("fi_length_median", "2024", cases).cells["2024", "VICTIM"].status is Status.NOT_KNOWN


def test_a_break_is_marked_at_the_first_figure_after_it(table):
    """The value stays as it was counted, a zero too; a series that begins after the break has none."""
    cases = "person | admitted | form\nA | 2021-05-01 | LAB\nB | 2023-05-01 | LAB"
    cube = table("fi_series_new_clients", "2024", cases)
    assert [(found.id, found.period) for found in cube.breaks][-1] == ("identification-2023", "2023")
    assert cube.cells["2023", "_T"] == Cell(1, Status.BREAK, ("identification-2023",))
    assert cube.cells["2024", "_T"] == Cell(0)
    assert cube.cells["2022", "_T"] == Cell(0)
    marked = {key[0] for key, cell in cube.cells.items() if "identification-2023" in cell.notes}
    assert marked == {"2023"}
    assert "wellbeing services counties" in cube.note("identification-2023", "en")
    assert table("fi_new_clients_kind", "2023", cases).breaks == ()


def test_a_break_is_passed_on_where_nothing_is_known_right_after_it(table):
    """Nobody was released in 2023: the first share after the break is that of 2024."""
    cases = """
        person | admitted   | left       | reason
        A      | 2021-05-01 | 2022-05-01 | OWN_WISH
        B      | 2021-05-01 | 2024-05-01 | NEED_ENDED
        """
    cube = table("fi_indicator_exit_planned", "2024", cases)
    assert cube.cells["2023", "_T"].status is Status.NOT_APPLICABLE
    assert cube.cells["2024", "_T"] == Cell(100.0, Status.BREAK, ("identification-2023",), (1, 1))


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [(2.5, 0, 3), (0.125, 2, 0.13), (2.675, 2, 2.68), (-2.5, 0, -3), (0.05, 1, 0.1), (66.65, 1, 66.7), (3.0, 1, 3.0)],
)
def test_halves_are_rounded_away_from_zero(value, decimals, shown):
    assert rounded(value, decimals) == shown


def test_routes_leave_out_what_is_zero(table, publishes):
    cube = table(
        "fi_route_country_form",
        "2024",
        """
        person | admitted   | form | country | citizenship
        A      | 2024-03-01 | LAB  | FI EE   | UA
        B      | 2024-03-01 | SEX  | IT      | NG
        C      | 2024-03-01 | LAB  | FI      | UA
        """,
    )
    publishes(
        cube,
        """
        country | _T | LAB | SEX
        _T      | 3  | 2   | 1
        FI      | 2  | 2   | 0
        EE      | 1  | 1   | 0
        IT      | 1  | 0   | 1
        """,
    )
    assert all(cell.value for cell in cube.cells.values())


def test_shares_are_exact_halves_up():
    """5 of 8 is 62.5 per cent; to no decimal that is 63, and 1 of 8 (12.5) is 13."""
    assert [rounded(float(Fraction(100 * part, 8)), 0) for part in (5, 1)] == [63, 13]
