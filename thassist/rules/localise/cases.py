"""The rows of rules as problems of error localisation: translated once a rule, put together once a case.

A case is what hangs together: the rows in which a rule is broken, all other rule rows over the same records, and the
records that these name, until nothing more is found. So a change that would satisfy one rule and break another is
never proposed.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Boolean
from sqlglot import exp

from thassist.codes import classification
from thassist.dates import PRECISIONS
from thassist.records.dataset import fields
from thassist.rules.catalogue import TODAY, Catalogue, Rule
from thassist.rules.finding import Severity
from thassist.rules.localise.formula import (
    TRUE,
    Formula,
    Linear,
    Missing,
    OneOf,
    at_most_zero,
    either,
    every,
    renamed,
    variables,
)
from thassist.rules.localise.mip import Problem, Variable
from thassist.rules.localise.scope import ColumnScope, Origin, ViewScope, scope_of, written_field
from thassist.rules.localise.sql import Category, Column, Number, Translator
from thassist.rules.localise.weights import Reliability
from thassist.rules.views import RuleView
from thassist.rules.workspace import Workspace

#: A field of a record: (table, position, field); position -1 with a view's row in ``table``: related records.
Field = tuple[str, int, str]
_NUMBERS = {"DATE": "date", "DOUBLE": "real", "FLOAT": "real"}


@dataclass
class RuleText:
    """A rule as a formula over the columns of its view.

    Attributes:
        rule: the rule.
        holds: the formula; columns are its variables.
        facts: parts of its conditions that stand in it only as true, false or unknown: SQL by the name of its column.
    """

    rule: Rule
    holds: Formula
    facts: dict[str, str] = field(default_factory=dict)


@dataclass
class ViewText:
    """A view with its rules translated: columns, where they come from, and their types."""

    view: RuleView
    scope: ViewScope
    kinds: dict[str, str]
    rules: list[RuleText]
    shifted: dict[str, tuple[str, int]]
    facts: dict[str, str]

    @property
    def positions(self) -> dict[str, str]:
        """Position column → table, of the record of a row and of the records joined to it."""
        found = {"_pos": self.view.record} if self.view.record else {}
        for column in self.scope.columns.values():
            for origin in (column.origin, *column.keys):
                if origin is not None:
                    found[origin.position] = origin.table
        return found | {origin.position: origin.table for origin in self.scope.row}


def hard_rules(known: Catalogue, view: RuleView) -> list[Rule]:
    """The rules of a view that must hold. What only asks or tells may speak up on correct data: nothing need change."""
    return [rule for rule in known.rules.values() if rule.on == view.id and rule.severity is Severity.ERROR]


def translate(known: Catalogue, work: Workspace, day: dt.date) -> list[ViewText]:
    """All rules that stand on a record's row, as formulas."""
    parameters = {TODAY: day, **{name: parameter.value for name, parameter in known.parameters.items()}}
    texts = []
    for view in known.views.values():
        rules = hard_rules(known, view)
        if rules and not view.built_in and view.record:
            texts.append(_translated(view, rules, work, parameters))
    return texts


def _translated(view: RuleView, rules: list[Rule], work: Workspace, parameters: Mapping[str, object]) -> ViewText:
    types = work.engine.columns(f"rule_{view.id}")
    kinds = {name: _kind(kind) for name, kind in types.items()}
    scope = scope_of(view, tuple(dict.fromkeys(origin for rule in rules for origin in _named(rule, view))))
    columns: dict[str, Column] = {n: Category(n) if k == "category" else Number(n) for n, k in kinds.items()}
    text = ViewText(view, scope, kinds, [], {}, {})
    for rule in rules:
        own: dict[str, str] = {}

        def fact(node: exp.Expr, own: dict[str, str] = own) -> Category:
            name = f"_fact_{len(text.facts)}"
            keys: list[Origin] = []
            for column in node.find_all(exp.Column):
                found = scope.columns.get(column.name, ColumnScope(None))
                keys += [*([found.origin] if found.origin else []), *found.keys]
            text.facts[name] = own[name] = node.sql(dialect="duckdb")
            text.kinds[name] = "category"
            scope.columns[name] = ColumnScope(None, tuple(dict.fromkeys(keys)))
            return Category(name)

        translator = Translator(columns, parameters, fact)
        applies, must = translator.condition(rule.applies()), translator.condition(rule.must_hold)
        text.rules.append(RuleText(rule, either(applies.false, applies.unknown, must.true), own))
        text.shifted |= translator.shifted
    for name in kinds:
        scope.columns.setdefault(name, ColumnScope(None))
    return text


def _named(rule: Rule, view: RuleView) -> tuple[Origin, ...]:
    """The fields of the row's own record that a rule names, for views whose SQL says no more."""
    places = (place.partition(".") for place in rule.fields)
    return tuple(Origin("_pos", view.record, name) for owner, _, name in places if owner == view.record)


def _kind(sql_type: str) -> str:
    if sql_type in _NUMBERS:
        return _NUMBERS[sql_type]
    if sql_type.startswith("DECIMAL"):
        return "real"
    return "integer" if sql_type.endswith(("INT", "INTEGER")) else "category"


@dataclass
class Row:
    """One row of a view, with the rules that it breaks."""

    text: ViewText
    values: dict[str, Any]
    broken: list[str]

    @property
    def id(self) -> str:
        """What tells the row from others."""
        places = (str(self.values[name]) for name in sorted(self.text.positions))
        return f"{self.text.view.id} {' '.join(places)}"

    def places(self, position: str) -> list[int]:
        """The positions of the records that a position column names: none, one or several."""
        value = self.values.get(position)
        return [int(one) for one in (value if isinstance(value, list) else [value]) if one is not None]


@dataclass
class Case:
    """Rows that hang together, and fields that are wrong for certain by rules on single cells."""

    rows: list[Row]
    certain: list[tuple[str, frozenset[Field]]]
    broken: list[str]


@dataclass
class Built:
    """A case as a problem, with what its variables and fields stand for."""

    problem: Problem
    fields: dict[str, Field]
    cells: dict[str, Field]  #: variable → the cell with its own column name, for variables that are cells


def build(case: Case, work: Workspace, reliability: Reliability) -> Built:
    """The problem of a case."""
    builder = _Builder(work, reliability)
    for row in case.rows:
        for rule in row.text.rules:
            builder.add(row, rule)
    for _, several in case.certain:
        builder.certain(several)
    builder.schema()
    problem = Problem(builder.variables, builder.formulas, builder.weights, builder.must, builder.shifted)
    return Built(problem, builder.fields, builder.cells)


class _Builder:
    def __init__(self, work: Workspace, reliability: Reliability) -> None:
        self._work = work
        self._reliability = reliability
        self.variables: dict[str, Variable] = {}
        self.formulas: list[Formula] = []
        self.weights: dict[str, float] = {}
        self.must: list[frozenset[str]] = []
        self.shifted: dict[str, tuple[str, int]] = {}
        self.fields: dict[str, Field] = {}
        self.cells: dict[str, Field] = {}

    def add(self, row: Row, rule: RuleText) -> None:
        """A rule on a row."""
        names: dict[str, str] = {}
        for variable in sorted(variables(rule.holds)):
            base, months = row.text.shifted.get(variable, (variable, 0))
            names[base] = self._variable(row, base)
            if base != variable:
                names[variable] = f"{names[base]} {months:+d} months"
                self.shifted[names[variable]] = (names[base], months)
        formula = renamed(rule.holds, names)
        if formula != TRUE:
            self.formulas.append(either(formula, *self._gone(row)))

    def _gone(self, row: Row) -> list[Formula]:
        """The row itself is not there any more, where a field that makes it a row is changed."""
        owners = tuple(name for origin in row.text.scope.row for name in self._owners(row, origin))
        if not owners:
            return []
        self.variables[row.id] = Variable(value=True, owners=owners, nullable=False, domain=frozenset([True, False]))
        return [OneOf(row.id, frozenset([False]))]

    def certain(self, several: frozenset[Field]) -> None:
        """One of these fields is wrong for certain."""
        self.must.append(frozenset(self._field(place) for place in several))

    def _field(self, place: Field) -> str:
        name = " ".join(map(str, place))
        if name not in self.fields:
            self.fields[name] = place
            self.weights[name] = self._weight(place)
        return name

    def _weight(self, place: Field) -> float:
        table, position, column = place
        if position < 0:
            return self._reliability.related
        empty = self._work.cell(table, position, column) is None
        return self._reliability.of(table, column) * (self._reliability.empty if empty else 1.0)

    def _related(self, row: Row, column: str, scope: ColumnScope) -> str:
        """The field that stands for the records behind a fact."""
        name = self._field((row.id, -1, column))
        if scope.shows:
            self.weights[name] = self._reliability.of(*scope.shows)
        return name

    def _owners(self, row: Row, origin: Origin) -> list[str]:
        name = written_field(origin.table, origin.field)
        return [self._field((origin.table, place, name)) for place in row.places(origin.position)]

    def _variable(self, row: Row, column: str) -> str:
        scope, kind = row.text.scope.columns[column], row.text.kinds[column]
        value = _value(row.values[column])
        keys = tuple(dict.fromkeys(name for key in scope.keys for name in self._owners(row, key)))
        place = row.values.get(scope.origin.position) if scope.origin else None
        local = f"{row.id} {column}"
        if scope.origin is not None and place is not None:
            cell = self._cell((scope.origin.table, int(place), scope.origin.field), kind, value)
            if not keys:
                return cell
            self.variables[local] = Variable(value, kind, keys, mirrors=cell)
            return local
        if local not in self.variables:
            joined = scope.origin is not None or column in row.text.positions
            owners = keys if joined else (*keys, self._related(row, column, scope))
            self.variables[local] = Variable(value, kind, owners, domain=_domain(value))
        return local

    def _cell(self, cell: Field, kind: str, value: object) -> str:
        table, position, column = cell
        name = f"{table} {position} {column}"
        if name in self.variables:
            return name
        base = column.removesuffix("_last")
        defined = next((one for one in fields(table) if one.name in {column, base}), None)
        domain = None
        if defined is not None and "classification" in defined.info:
            domain = frozenset[object](classification(str(defined.info["classification"])).codes)
        elif defined is not None and "precision_of" in defined.info:
            domain = frozenset[object](PRECISIONS)
        elif defined is not None and isinstance(defined.type, Boolean):
            domain = frozenset[object]([True, False])
        owner = self._field((table, position, written_field(table, column)))
        nullable = defined is None or bool(defined.nullable)
        self.variables[name] = Variable(value, kind, (owner,), nullable=nullable, domain=domain)
        self.cells[name] = cell
        return name

    def schema(self) -> None:
        """What the schema says of a date, its last possible day and its precision, where a problem names several."""
        for name, (table, position, column) in list(self.cells.items()):
            last, precision = (f"{table} {position} {column}_{part}" for part in ("last", "precision"))
            if last in self.variables:
                span = Linear(((last, 1), (name, -1)))
                self.formulas += [at_most_zero(span.times(-1)), at_most_zero(span + Linear((), -365))]
                self._together(name, last)
                if precision in self.variables:
                    day = OneOf(precision, frozenset(["D"]), outside=True)
                    self.formulas.append(either(Missing(precision), day, at_most_zero(span)))
            if precision in self.variables:
                self._together(name, precision)

    def _together(self, one: str, other: str) -> None:
        """Both are filled or neither is."""
        if self.variables[one].nullable and self.variables[other].nullable:
            filled = every(Missing(one, filled=True), Missing(other, filled=True))
            self.formulas.append(either(filled, every(Missing(one), Missing(other))))


def _value(value: object) -> object:
    if isinstance(value, dt.date):
        return value.toordinal()
    return repr(value) if isinstance(value, list) else value


def _domain(value: object) -> frozenset[object] | None:
    return frozenset([True, False]) if isinstance(value, bool) else None


def _used(parameters: Mapping[str, object], sql: str) -> dict[str, object]:
    named = set(re.findall(r"\$(\w+)", sql))
    return {name: value for name, value in parameters.items() if name in named}


def broken_cells(known: Catalogue, work: Workspace, day: dt.date) -> Iterable[tuple[str, frozenset[Field]]]:
    """Cells that a rule on single cells says are wrong; where a date decides, the code or its date."""
    values = {TODAY: day, **{name: parameter.value for name, parameter in known.parameters.items()}}
    for view in known.views.values():
        rules = hard_rules(known, view)
        if not rules or not view.built_in or view.refers:
            continue
        marks = [_mark(rule) for rule in rules]
        sql = (
            f"SELECT table_name, field_name, _pos, {', '.join(marks)} FROM rule_{view.id} "  # noqa: S608 - checked
            f"WHERE _given AND ({' OR '.join(marks)}) ORDER BY ALL"
        )
        for table, name, position, *flags in work.engine.rows(sql, _used(values, sql)):
            places = {(table, position, written_field(table, name))}
            if f"{table}.{name}" in view.dates:
                places.add((table, position, view.dates[f"{table}.{name}"]))
            yield from ((rule.id, frozenset(places)) for rule, flag in zip(rules, flags, strict=True) if flag)


def _mark(rule: Rule) -> str:
    """SQL that says whether a row breaks a rule."""
    return f"(coalesce({rule.applies()}, FALSE) AND ({rule.must_hold}) IS NOT TRUE)"


def rows_of(text: ViewText, work: Workspace, parameters: Mapping[str, object], *, broken: bool) -> list[Row]:
    """The rows of a view: all, or those that break a rule."""
    marks = [_mark(one.rule) for one in text.rules]
    used = {variable for one in text.rules for variable in variables(one.holds)}
    plain = {text.shifted.get(name, (name, 0))[0] for name in used} - set(text.facts)
    columns = sorted(plain | set(text.positions))
    facts = [f"({sql}) AS {name}" for name, sql in text.facts.items()]
    chosen = ", ".join([*(f'"{name}"' for name in columns), *facts, *(f"{m} AS _b{n}" for n, m in enumerate(marks))])
    where = " OR ".join(marks) if broken else "TRUE"
    sql = f"SELECT {chosen} FROM rule_{text.view.id} WHERE _given AND ({where}) ORDER BY _pos"  # noqa: S608 - checked
    names = [*columns, *text.facts]
    found = []
    for row in work.engine.rows(sql, _used(parameters, sql)):
        rules = [one.rule.id for one, flag in zip(text.rules, row[len(names) :], strict=True) if flag]
        found.append(Row(text, dict(zip(names, row, strict=False)), rules))
    return found
