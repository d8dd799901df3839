"""Every rule against the cases of ``cases.txt``: small changes to a world in which all rules hold.

All cases run at once: each in a copy of the world with keys of its own, so that a case also shows that a rule does not
reach into another person's records.
"""

import datetime as dt
import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from thassist.dates import parse_period
from thassist.records.dataset import (
    KEY_FIELDS,
    TABLE_NAMES,
    Dataset,
    empty_frame,
    fields,
    key_fields,
    references,
    sql_type,
)
from thassist.records.extract import read
from thassist.records.store import initialise, open_database, store
from thassist.rules import catalogue
from thassist.rules.runner import run

HERE = Path(__file__).resolve().parent
TODAY = dt.date(2025, 6, 30)
KEYS = {name for table in TABLE_NAMES for name, _, _ in references(table)} | KEY_FIELDS
OWN_KEY = re.compile(r"[A-Z]-\d+")
#: Rules that look for a second record of the same person: copies of one world break them, so their cases run alone.
ALONE = {"R02"}
Row = dict[str, str]
World = dict[str, dict[str, Row]]  # table → the record's key in the world → its cells as written


@dataclass(frozen=True)
class Case:
    line: int
    rule: str
    outcome: str
    change: str
    expected: tuple[tuple[str, str], ...]  # rule and place
    changed: int = 1
    copies: int = 1

    def __str__(self) -> str:
        return f"{self.rule}-{self.outcome}-line{self.line}"


@dataclass
class Staged:
    """Rows for the rules, and which case and record each row number is."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {table: [] for table in TABLE_NAMES})
    places: dict[int, tuple[int, str]] = field(default_factory=dict)

    def add(self, number: int, world: World) -> None:
        for table, records in world.items():
            for key, row in records.items():
                place = len(self.places) + 1
                self.places[place] = (number, f"{table} {key}")
                self.rows[table].append({**typed(table, row, f"K{number}-"), "_row": place})

    def dataset(self) -> Dataset:
        return Dataset({table: empty_frame(table, rows) for table, rows in self.rows.items()})


def world() -> World:
    found: World = {}
    table, names = "", list[str]()
    for line in (HERE / "world.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            table, names = line.strip("[]"), []
            found[table] = {}
        elif line.strip() and not line.startswith("#"):
            cells = [cell.strip() for cell in line.split("|")]
            if not names:
                names = cells
                continue
            row = dict(zip(names, cells, strict=True))
            found[table][key_of(table, row)] = row
    return found


def key_of(table: str, row: Row) -> str:
    parts = [row[name] for name in key_fields(table)]
    return " ".join(
        parse_period(part).start.isoformat() if name in {"valid_from", "stage_date", "month_date"} else part
        for name, part in zip(key_fields(table), parts, strict=True)
    )


def changed(change: str) -> World:
    """The world after a change; added records are known as +1, +2 …"""
    made = world()
    added = 0
    for step in change.split("; "):
        what, _, values = step.partition(": ")
        cells = dict(pair.split("=", 1) for pair in values.split(", ")) if values else {}
        verb, *rest = what.split(" ")
        if verb == "remove":
            del made[rest[0]][" ".join(rest[1:])]
        elif verb == "add":
            added += 1
            made.setdefault(rest[0], {})[f"+{added}"] = cells
        else:
            made[verb][" ".join(rest)].update(cells)
    return made


def typed(table: str, row: Row, prefix: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for column in fields(table):
        text = row.get(column.name, "-")
        if text == "-":
            if column.name in row:
                values[column.name] = None
            continue
        kind = sql_type(column)
        if kind == "DATE":
            period = parse_period(text)
            values[column.name] = period.start
            if f"{column.name}_precision" not in row:
                values[f"{column.name}_precision"] = period.precision
        elif kind == "BOOLEAN":
            values[column.name] = {"true": True, "false": False}[text]
        elif kind == "INTEGER":
            values[column.name] = int(text)
        elif column.name in KEYS and OWN_KEY.fullmatch(text):
            values[column.name] = prefix + text
        else:
            values[column.name] = "x" * int(text[1:-1]) if re.fullmatch(r"<\d+>", text) else text
    return values


def cases() -> list[Case]:
    found = []
    for number, line in enumerate((HERE / "cases.txt").read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        rule, outcome, change, *places = [cell.strip() for cell in line.split(" | ")]
        expected = []
        for place in places[0].split(", ") if places else []:
            named = re.match(r"([RS]\d\d[a-z]?) ", place)
            expected.append((named[1], place[named.end() :]) if named else (rule, place))
        many = re.match(r"(\d+) of (\d+): ", change)
        copies = (int(many[1]), int(many[2])) if many else (1, 1)
        found.append(Case(number, rule, outcome, change[many.end() :] if many else change, tuple(expected), *copies))
    return found


CASES = cases()


@cache
def together() -> dict[int, list[tuple[str, str]]]:
    """Line of a case → the findings in its copy of the world, as rule and place."""
    staged = Staged()
    for case in CASES:
        if case.copies == 1 and case.rule not in ALONE:
            staged.add(case.line, changed(case.change))
    said = defaultdict(list)
    for finding in run(staged.dataset(), "en", today=TODAY):
        if finding.row and finding.code not in ALONE:
            number, record = staged.places[finding.row]
            said[number].append((finding.code, f"{record} {finding.header}"))
    return said


def alone(case: Case) -> list[tuple[str, str]]:
    staged = Staged()
    for number in range(case.copies):
        staged.add(number, changed(case.change) if number < case.changed else world())
    findings = run(staged.dataset(), "en", today=TODAY)
    if case.rule in ALONE:
        return [(found.code, f"{staged.places[found.row][1]} {found.header}") for found in findings]
    return [(found.code, "whole" if not found.row else "?") for found in findings if found.code not in ALONE]


def test_in_the_unchanged_world_every_rule_holds() -> None:
    staged = Staged()
    staged.add(0, world())
    assert run(staged.dataset(), "en", today=TODAY) == []


@pytest.mark.parametrize("case", CASES, ids=str)
def test_case(case: Case) -> None:
    said = alone(case) if case.copies > 1 or case.rule in ALONE else together()[case.line]
    if case.outcome == "holds":
        assert [code for code, _ in said if code == case.rule] == []
        assert said == []
    else:
        assert sorted(said) == sorted(case.expected)


def test_every_rule_has_a_case_that_passes_and_one_that_fails() -> None:
    for outcome in ("holds", "broken"):
        shown = {case.rule for case in CASES if case.outcome == outcome}
        assert shown == set(catalogue.load().rules)


def test_no_finding_quotes_a_text_or_a_key() -> None:
    """Whatever stands in a text field of the cases is never repeated, in no attribute of a finding."""
    staged = Staged()
    for case in CASES:
        if case.rule in {"S08", "R01c", "S13"} and case.outcome == "broken":
            staged.add(case.line, changed(case.change))
    for rows in staged.rows.values():
        for row in rows:
            row["_row"] = 0  # as records of a database: findings name keys
    findings = run(staged.dataset(), "en", today=TODAY)
    said = "\n".join(repr(finding) for finding in findings)
    for secret in (
        "010190",
        "010105",
        "example.org",
        "123 4567",
        "1234567",
        "FI21",
        "DE89",
        "Meik",
        "Virtanen",
        "999999",
    ):
        assert secret not in said, secret
    assert len(findings) > 10


def test_what_the_rules_accept_can_be_stored(tmp_path: Path) -> None:
    """The database asks nothing that the rules do not find first: no import fails after a clean validation."""
    staged = Staged()
    for case in CASES:
        if case.outcome == "holds" and case.copies == 1:
            staged.add(case.line, changed(case.change))
    url = f"sqlite:///{tmp_path / 'cases.db'}"
    initialise(url)
    engine = open_database(url)
    stored = store(engine, staged.dataset(), profile="fi-nas", file_sha256="0" * 64, by="tester")
    read_back = read(engine)
    engine.dispose()
    assert sum(stored.inserted.values()) == staged.dataset().count() > 3000
    assert [found.code for found in run(read_back, "en", today=TODAY) if found.code not in ALONE] == []
