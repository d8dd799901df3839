"""Bridges: why two figures differ, told in persons. A bridge is a view with one row for every person in either figure.

One file ``reports/bridges/<id>.toml``. The two figures are cells of tables; their persons are found by the tables' own
definitions, so that a bridge cannot count anybody otherwise than they do::

    schema = 1
    id = "fi_bridge_example"                 # also the name of its view, over which a table shows it
    reporting_system = "FI_NAS"
    classification = "bridge_example@1"      # the steps in words, in reading order
    show = ["victim_status"]                 # optional: dimensions of the second table that become columns of the view
    begins = 4                               # optional: the month in which its periods begin; others are refused
    [title]
    [start]
    table = "fi_new_victims_sex_age"
    cell = { sex_age = "WOMEN" }             # optional; a dimension not named stands at its total
    code = "START"                           # the code of this figure among the steps
    months = -3                              # optional: the period asked for, moved by so many months
    [end]                                    # as start
    [kept]
    code = "KEPT"                            # who is in both
    [[step]]                                 # in this order; each person is in the first one that applies
    code = "WITNESS"
    kind = "remove"                          # remove: leaves the first figure; add: joins the second
    view = "fi_episode"                      # the person has a row there …
    where = "role = 'WITNESS'"               # … that meets the condition

Everybody who is in the first figure and meets a condition of ``remove`` leaves; everybody who is in the second one only
must meet a condition of ``add``. Who leaves and is in the second figure all the same, who stays and is not, and who
joins without a reason, gets a code of :data:`UNEXPLAINED`, which no classification has: a table over such a view is
refused. So A − removed + added == B holds as sets of persons, not only as numbers.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from thassist import _data
from thassist.codes import TOTAL, classification
from thassist.dates import parse_period
from thassist.engine import check_condition
from thassist.errors import InvalidDefinition
from thassist.messages import LANGUAGES
from thassist.tables.definition import Reader, nearest
from thassist.tables.model import TableSpec, Texts, Time
from thassist.tables.query import REST, TableQuery
from thassist.tables.spec import load
from thassist.tables.views import PARAMETERS, SPAN_END, View, ViewColumn, view

FOLDER = "bridges"
REMOVE, ADD = "remove", "add"
#: The columns of the view of a bridge, beside the person and the dimensions shown.
STEP, DATE = "step", "counted_date"
#: Who is not explained, by code: leaves and is in the second figure, stays and is not, joins without a reason.
UNEXPLAINED = {"_X_REMOVED": "removed", "_X_STAYED": "stayed", "_X_JOINED": "joined"}
_OUTSIDE = "_Z"
_ANY_PERIOD = parse_period("2000")


@dataclass(frozen=True, slots=True)
class End:
    """One of the two figures: a cell of a table, for the period asked for or one that many ``months`` after it."""

    table: str
    cell: Mapping[str, str]
    code: str
    months: int


@dataclass(frozen=True, slots=True)
class Step:
    """Persons who leave the first figure (``remove``) or join the second (``add``): a condition over a view."""

    code: str
    kind: str
    view: str
    where: str


@dataclass(frozen=True)
class Bridge:
    """The definition of a bridge; see the module."""

    id: str
    titles: Texts
    reporting_system: str
    classification: str
    show: tuple[str, ...]
    start: End
    end: End
    kept: str
    steps: tuple[Step, ...]
    begins: int = 0


def bridge_ids() -> list[str]:
    """The ids of all bridges."""
    return [path.stem for path in _data.definitions(FOLDER)]


def bridge(bridge_id: str) -> Bridge:
    """One bridge.

    Raises:
        InvalidDefinition: there is none of that id, or its file is wrong.
    """
    if bridge_id not in bridge_ids():
        raise InvalidDefinition("bridge.none", id=bridge_id, nearest=nearest(bridge_id, bridge_ids()))
    return read(_data.reports_dir() / FOLDER / f"{bridge_id}.toml")


def read(path: Path) -> Bridge:
    """The bridge in one file, checked against the tables, views and codes that it names.

    Raises:
        InvalidDefinition: the file is wrong; the first problem is named.
    """
    reader = Reader(path)
    data = reader.open(
        ("reporting_system", "classification", "title", "start", "end", "kept"), ("show", "step", "begins")
    )
    titles = reader.block(data, "title")
    reader.keys(titles, "title", (), LANGUAGES)
    kept = reader.block(data, "kept")
    reader.keys(kept, "kept", ("code",))
    found = Bridge(
        id=path.stem,
        titles=reader.texts(titles, "title"),
        reporting_system=reader.string(data, "", "reporting_system"),
        classification=reader.string(data, "", "classification"),
        show=reader.strings(data, "", "show"),
        start=_end(reader, data, "start"),
        end=_end(reader, data, "end"),
        kept=reader.string(kept, "kept", "code"),
        steps=tuple(_step(reader, block) for block in reader.blocks(data, "step")),
        begins=reader.number(data, "", "begins", default=0, least=1) if "begins" in data else 0,
    )
    if reader.problems:
        raise reader.problems[0].error()
    _check(found, path.name)
    return found


def _end(reader: Reader, data: dict[str, Any], key: str) -> End:
    block = reader.block(data, key)
    reader.keys(block, key, ("table", "code"), ("cell", "months"))
    cell = block.get("cell", {})
    if not isinstance(cell, dict) or not all(isinstance(code, str) for code in cell.values()):
        reader.note("tables.wrong_type", key=f"{key}.cell", expected='{ dimension = "code" }')
        cell = {}
    months = reader.number(block, key, "months", default=0, least=-12)
    return End(reader.string(block, key, "table"), cell, reader.string(block, key, "code"), months)


def _step(reader: Reader, block: dict[str, Any]) -> Step:
    place = f"step {reader.string(block, 'step', 'code')}".strip()
    reader.keys(block, place, ("code", "kind", "view", "where"))
    return Step(
        reader.string(block, place, "code"),
        reader.choice(block, place, "kind", (REMOVE, ADD), REMOVE),
        reader.string(block, place, "view"),
        reader.string(block, place, "where"),
    )


def _check(found: Bridge, file: str) -> None:
    codes = classification(found.classification).codes
    used = [found.start.code, found.end.code, found.kept, *(step.code for step in found.steps)]
    for code in used:
        if code not in codes or used.count(code) > 1:
            raise InvalidDefinition("bridge.code", file=file, code=code, classification=found.classification)
    ends = [load(end.table) for end in (found.start, found.end)]
    for spec, end in zip(ends, (found.start, found.end), strict=True):
        known = [dimension.id for dimension in spec.dimensions]
        for name in (*end.cell, *(found.show if end is found.end else ())):
            if name not in known:
                raise InvalidDefinition(
                    "bridge.dimension", file=file, table=spec.id, dimension=name, nearest=nearest(name, known)
                )
        if spec.measure.function != "count_distinct" or spec.measure.field != ends[0].measure.field:
            raise InvalidDefinition("bridge.not_persons", file=file, table=spec.id)
    for step in found.steps:
        source = view(step.view, file)
        if ends[0].measure.field not in source.columns:
            raise InvalidDefinition("bridge.no_person", file=file, view=step.view, column=ends[0].measure.field)
        check_condition(step.where, source.columns, f"{file} step {step.code}", PARAMETERS)


def view_of(bridge_id: str) -> View:
    """The view of a bridge: one row for each person in either figure, with the step that explains the person.

    Raises:
        InvalidDefinition: the bridge, or a definition that it names, is wrong.
    """
    path = _data.reports_dir() / FOLDER / f"{bridge_id}.toml"
    return _made(path, path.stat().st_mtime_ns)


@cache
def _made(path: Path, _mtime_ns: int) -> View:
    found = read(path)
    start, end = load(found.start.table), load(found.end.table)
    person = start.measure.field
    shown = {name: end.dimension(name).classification for name in found.show}
    columns = [
        ViewColumn(person, "key", "The person; one row each.", "", (), "", empty=False, multiple=False),
        ViewColumn(STEP, "code", "What explains them.", found.classification, (), "", empty=False, multiple=False),
        ViewColumn(DATE, "date", "Last day of the period.", "", (), "", empty=False, multiple=False),
        ViewColumn(f"{DATE}_precision", "precision", "Always a day.", "", (), "", empty=False, multiple=False),
        *(
            ViewColumn(name, "code", "As in the second figure.", ref, (_OUTSIDE,), "", empty=False, multiple=False)
            for name, ref in shown.items()
        ),
    ]
    reads = dict.fromkeys([start.population.view, end.population.view, *(step.view for step in found.steps)])
    return View(
        id=found.id,
        reporting_system=found.reporting_system,
        title=found.titles["en"],
        sql=_sql(found, start, end),
        columns={column.name: column for column in columns},
        reads=tuple(reads),
    )


def _sql(found: Bridge, start: TableSpec, end: TableSpec) -> str:
    person = start.measure.field
    parts = [
        f"in_start AS ({_members(start, found.start, ())})",
        f"in_end AS ({_members(end, found.end, found.show)})",
        f"everybody AS (SELECT {person} FROM in_start UNION SELECT {person} FROM in_end)",  # noqa: S608
    ]
    joins: list[str] = []
    removed: list[tuple[str, str]] = []
    added: list[tuple[str, str]] = []
    for number, step in enumerate(found.steps):
        name = f"step_{number}"
        parts.append(f"{name} AS (SELECT DISTINCT {person} FROM {step.view} WHERE {step.where})")  # noqa: S608
        joins.append(f"LEFT JOIN {name} ON {name}.{person} = p.{person}")
        case = f"WHEN {name}.{person} IS NOT NULL THEN '{step.code}'"
        (removed if step.kind == REMOVE else added).append((f"{name}.{person} IS NOT NULL", case))
    leaves = f"({' OR '.join(condition for condition, _ in removed) or 'FALSE'})"
    wrong_removed, wrong_stayed, wrong_joined = UNEXPLAINED
    steps = (
        f"CASE WHEN a.{person} IS NULL THEN CASE {' '.join(c for _, c in added) or 'WHEN FALSE THEN NULL'} "
        f"ELSE '{wrong_joined}' END "
        f"WHEN {leaves} AND b.{person} IS NOT NULL THEN '{wrong_removed}' "
        f"WHEN NOT {leaves} AND b.{person} IS NULL THEN '{wrong_stayed}' "
        f"{' '.join(c for _, c in removed)} ELSE '{found.kept}' END AS {STEP}"
    )
    shown = [f"COALESCE(b.{name}, '{_OUTSIDE}') AS {name}" for name in found.show]
    fields = [f"p.{person}", steps, f"$period_end AS {DATE}", f"'D' AS {DATE}_precision", *shown]
    return (
        f"WITH {', '.join(parts)} SELECT {', '.join(fields)} FROM everybody AS p "  # noqa: S608
        f"LEFT JOIN in_start AS a ON a.{person} = p.{person} LEFT JOIN in_end AS b ON b.{person} = p.{person} "
        + " ".join(joins)
    )


def _members(spec: TableSpec, end: End, show: tuple[str, ...]) -> str:
    """The persons of one cell, each once, with their codes in the dimensions shown."""
    query = _Members(spec, end.months)
    levels = dict(zip((dimension.id for dimension in spec.dimensions), query.levels, strict=True))
    person = spec.measure.field
    at = [
        f"({' OR '.join(f'{column} = {_literal(code)}' for column in levels[name])})"
        for name, code in end.cell.items()
        if code != TOTAL
    ]
    codes = [f"MIN(NULLIF({levels[name][0]}, '{REST}')) AS {name}" for name in show]
    where = f" WHERE {' AND '.join(at)}" if at else ""
    return f"SELECT {', '.join([person, *codes])} FROM ({query.members([person])}){where} GROUP BY {person}"  # noqa: S608


class _Members(TableQuery):
    """The query of a table with the period left open, so that it can stand in a view."""

    def __init__(self, spec: TableSpec, months: int) -> None:
        super().__init__(spec, (_ANY_PERIOD,), lambda name, _period: name)
        self._values = {name: str(value) for name, value in spec.parameters.items()}
        self._values |= {"period_start": "$period_start", "period_end": "$period_end"}
        if months:
            self._values["period_start"] = f"CAST($period_start + INTERVAL '{months}' MONTH AS DATE)"
            self._values["period_end"] = (
                f"CAST($period_end + INTERVAL '1' DAY + INTERVAL '{months}' MONTH - INTERVAL '1' DAY AS DATE)"
            )

    def _plain(self, condition: str, _period: object) -> str:
        return re.sub(r"\$(\w+)", lambda found: self._values.get(found[1], found[0]), condition)

    def _certain(self, _period: object) -> str:
        return certain(self._spec.time, self._values["period_start"], self._values["period_end"])


def certain(time: Time, first: str, last: str) -> str:
    """The condition that a record surely has its place in the period from one day to another, both as SQL."""
    if time.reference in ("stock", "during"):
        day = last if time.reference == "stock" else first
        return f"{_last_of(time.start)} <= {last} AND ({time.end} IS NULL OR {time.end} > {day})"
    begun = "" if time.reference == "to_date" else f"{time.date} >= {first} AND "
    return f"{begun}{_last_of(time.date)} <= {last}"


def _last_of(column: str) -> str:
    return SPAN_END.format(column, f"{column}_precision")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
