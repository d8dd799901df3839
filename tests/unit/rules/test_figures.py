"""Rules over published figures, and the catalogue's answer to where each rule of the specification is enforced."""

import csv
import datetime as dt
import importlib
import json
import string
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from thassist_cli.main import cli

from thassist.dates import parse_period
from thassist.errors import InvalidDefinition
from thassist.messages import LANGUAGES
from thassist.rules import catalogue, elsewhere
from thassist.rules.figures import run_on_figures
from thassist.rules.staged import STAGED, staged
from thassist.tables.cube import Cell, Cube, Status
from thassist.tables.spec import load as load_table

#: Rules whose conditions are written and tested, and which nothing hands figures yet; and those without a condition.
NOT_YET = {"R46b", "R47c", "R50", "R51", "R53", "R54", "R57"}
BY_THE_RELEASE = {"R48", "R49"}


def cell(period: str, value: float | None, **more: Any) -> dict[str, Any]:
    span = parse_period(period)
    usual = {"table_id": "new", "measure": "new_clients", "counting_rule": "first_admission_in_period"}
    usual |= {"reference": "flow", "counter": "FI_NAS", "counters": 1, "place": "", "status": "A", "noted": False}
    days = {"precision": span.precision, "first_day": span.start, "last_day": span.end}
    return {**usual, "period": period, "value": value, "break_noted": False, **days, **more}


def said(rows: Mapping[str, list[dict[str, Any]]]) -> list[tuple[str, str, str]]:
    return [(found.code, found.table, found.key) for found in run_on_figures(rows, "en")]


def stock(period: str, value: float, **more: Any) -> dict[str, Any]:
    own = {"table_id": "stock", "measure": "stock_all", "reference": "stock", "counting_rule": "clients_on_last_day"}
    return cell(period, value, **{**own, **more})


def balance(at_end: float, exits: float = 196, **more: Any) -> list[dict[str, Any]]:
    """A stock of 880, 367 new and 0 readmitted clients, and exits: 1,051 is left (published for victims, 2021–2022)."""
    return [
        stock("2021", 880),
        stock("2022", at_end, noted=True),
        cell("2022", 367, **more),
        cell("2022", 0, table_id="again", measure="readmissions"),
        cell("2022", exits, table_id="exits", measure="exits"),
    ]


HOLDS_AND_BREAKS = [
    ("R46b", {"cell": balance(1051)}, {"cell": balance(1050)}),
    ("R46b", {"cell": balance(1051)[:4]}, {"cell": balance(1051, exits=195)}),
    (
        "R47c",
        {"cell": [cell("2022", 291), cell("2022-S1", 139), cell("2022-S2", 152)]},
        {"cell": [cell("2022", 290), cell("2022-S1", 139), cell("2022-S2", 152)]},
    ),
    (
        "R47c",
        {"cell": [cell("2022", 291), cell("2022-Q1", 139), cell("2022-Q2", 130), cell("2022-Q3", 125)]},
        {"cell": [cell("2022-S1", 20), cell("2022-Q1", 10), cell("2022-Q2", 9)]},
    ),
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
    ("R55", {"cell": [cell("2023", 100), cell("2024", 101)]}, {"cell": [cell("2016", 100), cell("2017", 101)]}),
    (
        "R56",
        {"cell": [cell("2021", 243), cell("2022", 367, noted=True)]},
        {"cell": [cell("2021", 243), cell("2022", 367)]},
    ),
    ("R56", {"cell": [cell("2019", 10), cell("2020", 30)]}, {"cell": [cell("2019", 10), cell("2020", 31)]}),
    ("R56", {"cell": [cell("2019", 100), cell("2020", 130)]}, {"cell": [cell("2019", 100), cell("2020", 131)]}),
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
    rows = staged([cube], "FI_NAS")
    assert set(rows["cell"][0]) == set(STAGED["cell"])
    assert [(row["period"], row["place"], row["value"], row["noted"]) for row in rows["cell"]] == [
        ("2021", "", 243, False),
        ("2022", "", 367, False),
        ("2022", f"{codes[0]}=X", None, True),
    ]
    assert said(rows) == [("R56", "fi_series_new_clients", "2022")]


def test_all_rules_of_the_specification_are_listed_with_where_they_are_enforced() -> None:
    listed = json.loads(CliRunner().invoke(cli, ["rules", "list", "--format", "json"]).output)
    numbered = {rule["id"].rstrip(string.ascii_lowercase) for rule in listed if rule["id"].startswith("R")}
    assert numbered == {f"R{number:02d}" for number in range(1, 58)}
    assert {rule["id"] for rule in listed if rule["status"] == "not yet"} == NOT_YET
    assert {rule["id"] for rule in listed if rule["enforced_by"] == "release.consistency"} == BY_THE_RELEASE
    assert all(bool(rule["waits_for"]) == (rule["enforced_by"] is None) for rule in listed)


def test_a_place_that_enforces_is_there() -> None:
    for rule in elsewhere.load().values():
        if rule.enforced_by:
            assert importlib.import_module(f"thassist.{rule.enforced_by}")


def test_what_waits_says_so_in_text() -> None:
    shown = CliRunner().invoke(cli, ["rules", "show", "R54", "--lang", "en"]).output
    assert "not yet" in shown
    assert "joint disclosure control" in shown


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('enforced_by = "release.consistency"', ""),
        ('status = "not yet"', 'status = "enforced"'),
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
