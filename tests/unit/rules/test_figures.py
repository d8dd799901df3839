"""Rules over published figures, and the catalogue's answer to where each rule of the specification is enforced."""

import csv
import datetime as dt
import importlib
import json
import string
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from thassist_cli.main import cli

from thassist.dates import parse_period
from thassist.errors import InvalidDefinition
from thassist.messages import LANGUAGES
from thassist.rules import catalogue, elsewhere
from thassist.rules.cubes import published
from thassist.rules.figures import Caption, Figure, Published, check_figures, run_on_figures
from thassist.rules.staged import STAGED
from thassist.tables.cube import Cell, Cube, Status
from thassist.tables.spec import load as load_table

#: Rules whose conditions are written and tested, and which nothing hands figures yet; and those without a condition.
NOT_YET = {"R57"}
BY_THE_RELEASE = {
    "R48": "release.consistency",
    "R49": "release.consistency",
    "R53": "release.revise",
    "R54": "release.public",
    "R46b": "release.overtime",
    "R47c": "release.overtime",
}


def cell(period: str, value: float | None, **more: Any) -> dict[str, Any]:
    span = parse_period(period)
    usual = {"table_id": "new", "counter": "FI_NAS", "counters": 1, "counted": True, "place": ""}
    usual |= {"status": "A", "noted": False}
    days = {"precision": span.precision, "first_day": span.start, "last_day": span.end}
    return {**usual, "period": period, "value": value, "break_noted": False, **days, **more}


def said(rows: Mapping[str, list[dict[str, Any]]]) -> list[tuple[str, str, str]]:
    return [(found.code, found.table, found.key) for found in run_on_figures(rows, "en")]


HOLDS_AND_BREAKS = [
    (
        "R50",
        {"caption": [{"table_id": "t", "place": "en", "period": "2023", "period_said": "2023"}]},
        {"caption": [{"table_id": "t", "place": "en", "period": "2024", "period_said": "2023"}]},
    ),
    (
        "R51",
        {"percentage": [{"table_id": "t", "period": "2022-S1", "percent": 60, "part": 84, "whole": 139}]},
        {"percentage": [{"table_id": "t", "period": "2022-S1", "percent": 61, "part": 84, "whole": 139}]},
    ),
    ("R52", {"cell": [cell("2022", 0)]}, {"cell": [cell("2022", None)]}),
    ("R52", {"cell": [cell("2022", None, status="Q")]}, {"cell": [cell("2022", 0, status="O")]}),
    (
        "R55",
        {"cell": [cell("2022", 100), cell("2023", 101, break_noted=True)]},
        {"cell": [cell("2022", 100), cell("2023", 101)]},
    ),
    (
        "R55",
        {"cell": [cell("2015", 100, break_noted=True), cell("2016", 101)]},  # the break of 2015-07-01 lies within 2015
        {"cell": [cell("2015", 100), cell("2016", 101)]},
    ),
    ("R55", {"cell": [cell("2023", 100), cell("2024", 101)]}, {"cell": [cell("2022-Q4", 100), cell("2023-Q1", 101)]}),
    (
        "R56",
        {"cell": [cell("2021", 243), cell("2022", 367, noted=True)]},
        {"cell": [cell("2021", 243), cell("2022", 367)]},
    ),
    ("R56", {"cell": [cell("2019", 10), cell("2020", 30)]}, {"cell": [cell("2019", 10), cell("2020", 31)]}),
    ("R56", {"cell": [cell("2019", 100), cell("2020", 130)]}, {"cell": [cell("2019", 100), cell("2020", 131)]}),
    (
        "R56b",
        {"note": [{"table_id": "new", "period": "2022", "place": "", "has_figure": True}]},
        {"note": [{"table_id": "new", "period": "2022", "place": "sex=X", "has_figure": False}]},
    ),
    ("R57", {"cell": [cell("2022", 1)]}, {"cell": [cell("2022", 1, counters=2)]}),
]


@pytest.mark.parametrize(("rule", "right", "wrong"), HOLDS_AND_BREAKS)
def test_a_rule_over_figures_holds_and_breaks(rule: str, right: Any, wrong: Any) -> None:
    assert said(right) == []
    assert [code for code, _, _ in said(wrong)] == [rule]


def test_every_rule_over_figures_has_both_cases() -> None:
    assert {rule for rule, _, _ in HOLDS_AND_BREAKS} == set(catalogue.load("cells").rules)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_finding_names_table_period_and_place_and_speaks(lang: str) -> None:
    rows = {"cell": [cell("2021", 243, place="sex=F"), cell("2022", 367, place="sex=F")]}
    (found,) = run_on_figures(rows, lang)
    assert (found.table, found.key, found.cell) == ("new", "2022 sex=F", "new 2022 sex=F")
    assert "243" in found.message
    assert "367" in found.message


def test_rules_over_figures_are_complete() -> None:
    known = catalogue.load("cells")
    assert {rule.on for rule in known.rules.values()} == set(known.views)
    assert {name for rule in known.rules.values() for name in known.used_parameters(rule)} == set(known.parameters)
    for rule in [*known.rules.values(), *elsewhere.load().values()]:
        for part in ("what", "why", "remedy"):
            assert len(set(rule.texts[part].values())) == len(LANGUAGES), rule.id


def test_cubes_are_staged() -> None:
    spec = load_table("fi_series_new_clients")
    names = [dimension.id for dimension in spec.dimensions]
    codes = [spec.dimensions[0].id, *["_T"] * (len(names) - 1)]
    cells = {
        ("2021", *["_T"] * len(names)): Cell(243),
        ("2022", *["_T"] * len(names)): Cell(367),
        ("2022", "X", *["_T"] * (len(names) - 1)): Cell(None, Status.NOT_KNOWN, ("why",)),
    }
    cube = Cube(spec, (parse_period("2021"), parse_period("2022")), cells, 0, synthetic=True, snapshot="0")
    rows = published([cube], "FI_NAS").rows()
    assert set(rows) == set(STAGED)
    for table, found in rows.items():
        assert all(set(row) == set(STAGED[table]) for row in found)
    assert [(row["period"], row["place"], row["value"], row["noted"]) for row in rows["cell"]] == [
        ("2021", "", 243, False),
        ("2022", "", 367, False),
        ("2022", f"{codes[0]}=X", None, True),
    ]
    assert said(rows) == [("R56", "fi_series_new_clients", "2022")]


def test_a_share_is_held_against_the_counts_behind_it() -> None:
    """84 of 139 is 60.4 per cent; the published 61 is out by more than half a point."""
    spec = load_table("fi_indicator_exit_planned")
    at = ("2022", *["_T"] * len(spec.dimensions))
    for value, wrong in ((60.4, []), (61.0, [("R51", spec.id, "2022")])):
        cells = {at: Cell(value, base=(84, 139))}
        cube = Cube(spec, (parse_period("2022"),), cells, 0, synthetic=True, snapshot="0")
        assert said(published([cube], "FI_NAS").rows()) == wrong


def test_a_year_typed_into_a_title_is_found() -> None:
    spec = load_table("fi_series_new_clients")
    typed = replace(spec, titles={**spec.titles, "en": "New clients 2023"})
    at = ("2024", *["_T"] * len(spec.dimensions))
    for known, wrong in ((spec, []), (typed, [("R50", spec.id, "2024 en")])):
        cube = Cube(known, (parse_period("2024"),), {at: Cell(1)}, 0, synthetic=True, snapshot="0")
        assert said(published([cube], "FI_NAS").rows()) == wrong


CAPTIONS = [
    ("Uudet asiakkaat 31.12.2024", ["2024"], True),
    ("Clients on 31.12.2023", ["2024"], False),
    ("Clients on 2024-06-30", ["2024-S1"], True),
    ("Clients on 2024-06-30", ["2024-S2"], False),
    ("Clients 2015–2024", [str(year) for year in range(2015, 2025)], True),
    ("Clients 2015–2023", [str(year) for year in range(2015, 2025)], False),
    ("Clients 2014–2024", [str(year) for year in range(2015, 2025)], False),
    ("Clients 2024 H1", ["2024-S1"], True),
    ("Clients 2024-H2", ["2024-S1"], False),
    ("Clients 2024 Q5", ["2024-Q1"], True),
    ("Referrals under Act 746/2011 and 388/2015, 2024", ["2024"], True),
    ("Referrals, January–March 2025", ["2024-04-01/P1Y"], True),
    ("Clients on 31.2.2024", ["2024"], True),
    ("Clients", ["2024"], True),
]


@pytest.mark.parametrize(("text", "periods", "right"), CAPTIONS)
def test_what_captions_say_of_time(text: str, periods: list[str], right: bool) -> None:
    found = check_figures(Published((), [Caption("t", "p", tuple(periods), text)]), "en")
    assert ([one.code for one in found] == []) is right
    assert {one.code for one in found} <= {"R50"}


def test_figures_of_several_counters_are_no_sum() -> None:
    """Victim support, the police and the assistance system count partly the same persons."""
    one = Figure("t", "2022", {"sex": "_T"}, 367, counters=("FI_NAS",))
    assert check_figures(Published([one]), "en") == []
    both = replace(one, counters=("FI_NAS", "FI_RIKU"))
    assert [(found.code, found.key) for found in check_figures(Published([both]), "en")] == [("R57", "2022")]


def test_all_rules_of_the_specification_are_listed_with_where_they_are_enforced() -> None:
    listed = json.loads(CliRunner().invoke(cli, ["rules", "list", "--format", "json"]).output)
    numbered = {rule["id"].rstrip(string.ascii_lowercase) for rule in listed if rule["id"].startswith("R")}
    assert numbered == {f"R{number:02d}" for number in range(1, 58)}
    assert {rule["id"] for rule in listed if rule["status"] == "not yet"} == NOT_YET
    by_the_release = {
        rule["id"]: rule["enforced_by"] for rule in listed if str(rule["enforced_by"]).startswith("release.")
    }
    assert by_the_release == BY_THE_RELEASE
    assert all(bool(rule["waits_for"]) == (rule["enforced_by"] is None) for rule in listed)


def test_a_place_that_enforces_is_there() -> None:
    for rule in elsewhere.load().values():
        if rule.enforced_by:
            assert importlib.import_module(f"thassist.{rule.enforced_by}")


_WAITS = """status = "not yet"
waits_for.fi = "yhteistä tietosuojaa"
waits_for.sv = "gemensamt röjandeskydd"
waits_for.en = "joint disclosure control\""""


def test_what_waits_says_so_in_text(own_reports: Path) -> None:
    path = own_reports / "rules" / "elsewhere.toml"
    text = path.read_text(encoding="utf-8").replace('enforced_by = "release.public"', _WAITS)
    path.write_text(text, encoding="utf-8")
    shown = CliRunner().invoke(cli, ["rules", "show", "R54", "--lang", "en"]).output
    assert "not yet" in shown
    assert "joint disclosure control" in shown
    assert "gemensamt röjandeskydd" in CliRunner().invoke(cli, ["rules", "show", "R54", "--lang", "sv"]).output


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('enforced_by = "release.consistency"', ""),
        ('enforced_by = "release.public"', 'status = "enforced"'),
        ('severity = "error"', 'severity = "fatal"'),
    ],
)
def test_a_rule_is_either_enforced_or_waits(own_reports: Path, right: str, wrong: str) -> None:
    path = own_reports / "rules" / "elsewhere.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(InvalidDefinition):
        elsewhere.load()


@pytest.mark.shared
def test_the_severities_are_those_of_the_specification(shared: Path) -> None:
    path = shared / "domain" / "validation_rules.csv"
    letters = {"E": "error", "W": "warning", "I": "information"}
    with path.open(encoding="utf-8", newline="") as file:
        wanted = {row["rule_id"]: letters[row["severity"]] for row in csv.DictReader(file)}
    known = {**catalogue.load().rules, **catalogue.load("cells").rules, **elsewhere.load()}
    assert {name: str(known[name].severity) for name in wanted} == wanted


def test_a_day_may_be_given() -> None:
    assert run_on_figures({}, "en", today=dt.date(2025, 1, 1)) == []
