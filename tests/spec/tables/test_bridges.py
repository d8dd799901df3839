"""Bridges: drawn cases in, the persons of every step out, counted by hand; and random records, counted by sets."""

import datetime as dt
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thassist import _data
from thassist.dates import parse_period
from thassist.errors import AuditFailed, InconsistentRelease, InvalidDefinition
from thassist.release.bridge import account, between
from thassist.release.build import assembled
from thassist.release.spec import load as load_release
from thassist.tables.compute import compute
from thassist.tables.spec import load

from .conftest import Records, case_records

#: A: new victims and witnesses of 2022. B: first admitted as a victim in 2022.
CASES = """
    person | sex | role            | admitted   | left       # what becomes of the person
    ANN    | F   | VICTIM          | 2022-01-05 |            # in both
    BEA    | F   | VICTIM          | 2022-11-30 | 2022-12-01 # in both, once though readmitted below
    BEA    | F   | VICTIM          | 2022-12-20 |
    CAI    | M   | WITNESS         | 2022-03-01 |            # leaves: witness
    DAN    | M   | WITNESS         | 2022-03-02 | 2022-04-01 # in both: a victim in the same year
    DAN    | M   | VICTIM          | 2022-05-01 |
    EVA    | F   | WITNESS         | 2022-06-01 | 2022-07-01 # leaves: a victim only later
    EVA    | F   | VICTIM          | 2023-01-01 |
    FAY    | F   | WITNESS         | 2021-06-01 | 2021-07-01 # joins: witness before
    FAY    | F   | VICTIM          | 2022-02-01 |
    GUS    | M   | DEPENDENT_CHILD | 2022-02-01 | 2022-03-01 # joins: a child before, in the same year
    GUS    | M   | VICTIM          | 2022-09-01 |
    HAL    | M   | VICTIM          | 2021-12-31 |            # in neither
    IDA    | F   | DEPENDENT_CHILD | 2022-02-01 |            # in neither
    JON    | M   | VICTIM          | 2022       |            # in both: known to the year
"""


def cases(drawing: str) -> Records:
    return Records(case_records("\n".join(line.partition("#")[0] for line in drawing.strip().splitlines())))


def lines(bridge_id: str, period: str, source: Records) -> dict[str, int]:
    return {line.code: line.persons for line in account(between(bridge_id, ""), source, parse_period(period)).lines}


@pytest.mark.parametrize("bridge_id", ["fi_bridge_eurostat", "fi_bridge_unodc"])
def test_witnesses_leave_and_those_readmitted_as_victims_join(bridge_id: str) -> None:
    assert lines(bridge_id, "2022", cases(CASES)) == {
        "START": 6,  # Ann Bea Cai Dan Eva Jon
        "WITNESS": 2,  # Cai Eva
        "KEPT": 4,
        "READMITTED": 2,  # Fay Gus
        "END": 6,
    }


def test_a_year_from_april_is_reached_over_its_borders() -> None:
    drawing = """
        person | role    | admitted
        ANN    | VICTIM  | 2022-01-05
        BEA    | VICTIM  | 2022-03-31
        CAI    | VICTIM  | 2022-04-01
        DAN    | WITNESS | 2022-08-01
        EVA    | VICTIM  | 2022
        FAY    | VICTIM  | 2023-01-01
        GUS    | VICTIM  | 2023-03-31
        HAL    | VICTIM  | 2023-04-01
        IDA    | VICTIM  | 2023-Q1
    """
    assert lines("fi_bridge_us_tip", "2022-04-01/P1Y", cases(drawing)) == {
        "START": 5,
        "BEFORE": 2,
        "VAGUE": 1,  # Eva: known to the calendar year
        "WITNESS": 1,
        "KEPT": 1,
        "AFTER": 3,  # Fay Gus Ida
        "READMITTED": 0,
        "END": 4,
    }


def test_children_and_witnesses_are_clients_and_no_victims() -> None:
    drawing = """
        person | role            | admitted   | left
        ANN    | VICTIM          | 2021-01-01 |
        BEA    | VICTIM          | 2021-01-01 | 2022-12-31
        CAI    | WITNESS         | 2021-01-01 |
        DAN    | DEPENDENT_CHILD | 2021-01-01 |
    """
    assert lines("fi_bridge_stock", "2022", cases(drawing)) == {
        "START": 3,
        "CHILD": 1,
        "WITNESS": 1,
        "KEPT": 1,
        "END": 1,
    }


def test_the_same_steps_stand_in_a_table_of_a_release(table, publishes) -> None:
    drawing = "\n".join(line.partition("#")[0] for line in CASES.strip().splitlines())
    cube = table("fi_bridge_unodc", "2022", drawing)
    figures = """
        step       | _T | Female | Male
        START      | 6  | 1      | 2
        WITNESS    | 2  | 0      | 0
        KEPT       | 4  | 2      | 2
        READMITTED | 2  | 1      | 1
        END        | 6  | 3      | 3
    """
    publishes(cube, figures.replace("START      | 6  | 1 ", "START      | 6  | 2 "))


def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **changes: str) -> None:
    """The definitions of an office whose bridge to Eurostat is another."""
    shutil.copytree(_data.reports_dir(), tmp_path / "reports")
    path = tmp_path / "reports" / "bridges" / "fi_bridge_eurostat.toml"
    text = path.read_text(encoding="utf-8")
    for old, new in changes.values():
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    monkeypatch.setenv("THASSIST_REPORTS", str(tmp_path / "reports"))


@pytest.mark.parametrize(
    ("old", "new", "left"),
    [
        ("first_role = 'WITNESS' AND (", "FALSE AND (", {"removed": 0, "stayed": 2, "joined": 0}),
        ("first_role = 'WITNESS' AND (", "TRUE OR (", {"removed": 4, "stayed": 0, "joined": 0}),
        ("first_role <> 'VICTIM'", "first_role = 'WITNESS'", {"removed": 0, "stayed": 0, "joined": 1}),
    ],
)
def test_who_is_not_explained_stops_the_bridge_and_the_table(
    old: str, new: str, left: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office(tmp_path, monkeypatch, change=(old, new))
    with pytest.raises(InconsistentRelease) as found:
        lines("fi_bridge_eurostat", "2022", cases(CASES))
    assert {name: found.value.params[name] for name in left} == left
    with pytest.raises(InvalidDefinition, match=str(sum(left.values()))):
        compute(load("fi_bridge_eurostat"), cases(CASES), parse_period("2022"))


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('code = "KEPT"', 'code = "KEPPT"', "bridge.code"),
        ('code = "KEPT"', 'code = "START"', "bridge.code"),
        ('table = "intl_art19a_sex"', 'table = "fi_referrals_source"', "bridge.dimension"),
        ('view = "fi_person_role"', 'view = "fi_person_rol"', "tables.no_view"),
        ("first_role <> 'VICTIM'", "first_rol <> 'VICTIM'", "engine.sql_unknown_column"),
        ("first_role <> 'VICTIM'", "EXISTS (SELECT 1)", "engine.sql_no_condition"),
        ('show = ["victim_status"]', 'show = ["status"]', "bridge.dimension"),
        ('kind = "add"', 'kind = "ad"', "tables.bad_choice"),
    ],
)
def test_what_is_wrong_with_a_definition_is_named(
    old: str, new: str, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office(tmp_path, monkeypatch, change=(old, new))
    with pytest.raises(InvalidDefinition) as found:
        between("fi_bridge_eurostat", "")
    assert found.value.key == key


_STAYS = st.lists(
    st.tuples(
        st.sampled_from("ABCDEF"),
        st.sampled_from(["VICTIM", "WITNESS", "DEPENDENT_CHILD"]),
        st.dates(dt.date(2021, 6, 1), dt.date(2023, 6, 30)),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda stay: (stay[0], stay[2]),
)


@settings(max_examples=15, deadline=None)
@given(_STAYS)
def test_steps_are_disjoint_and_add_up_whatever_the_records(stays: list[tuple[str, str, dt.date]]) -> None:
    stays = sorted(stays, key=lambda stay: stay[2])
    head = "person | role | admitted\n"
    source = Records(case_records(head + "\n".join(f"{who} | {role} | {day}" for who, role, day in stays)))
    first: dict[str, tuple[str, dt.date]] = {}
    victim: dict[str, dt.date] = {}
    for who, role, day in stays:
        first.setdefault(who, (role, day))
        if role == "VICTIM":
            victim.setdefault(who, day)
    start = {who for who, (role, day) in first.items() if role != "DEPENDENT_CHILD" and day.year == 2022}
    end = {who for who, day in victim.items() if day.year == 2022}
    assert lines("fi_bridge_eurostat", "2022", source) == {
        "START": len(start),
        "WITNESS": len(start - end),
        "KEPT": len(start & end),
        "READMITTED": len(end - start),
        "END": len(end),
    }


def test_a_bridge_stays_in_the_office() -> None:
    """The two figures are protected apart; a bridge between them is refused before anything is computed."""
    shipped = load_release("national-annual")
    public = replace(shipped, audience="public")
    with pytest.raises(AuditFailed):
        assembled(public, {"fi_bridge_stock": load("fi_bridge_stock")}, "2022", cases(CASES))  # type: ignore[arg-type]
