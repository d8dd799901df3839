"""Statistical views: the documented columns over which tables are defined, one file ``reports/views/<id>.toml``.

A view turns records into rows that can be counted: one row a referral, an episode, an episode and form. Its SQL (DuckDB
dialect) may read the record tables and other views, and may use, besides plain SQL:

* ``$period_start`` and ``$period_end``: first and last day of the period that is computed;
* ``span_end(date, precision)``: the last day of the span to which a date is known;
* ``completed_years(birth, day)``: age in completed years on a day. Who was born on 29 February completes a year on
  1 March of a year without that day;
* ``exact_days(first, precision, last, precision)``: days from one date to another, empty unless both are known to the
  day: a duration is never guessed;
* ``exact_months(first, precision, last, precision)``: from the month of one date to the month of another, empty unless
  both are known to the month. ``'D'`` may stand as the precision of a day such as ``$period_end``.

The functions are written out as plain SQL here, so that every engine runs the same text.

The file::

    schema = 1
    id = "fi_episode"
    reporting_system = "FI_NAS"
    title = "One row an episode"
    sql = '''SELECT …'''
    [[column]]                  # every column of the query, in its order
    name = "form"
    type = "code"               # key | code | date | precision | number | flag
    description = "…"
    classification = "exploitation_form@1"     # of a code
    extra = ["_Z"]              # codes that may stand there although that classification lacks them
    older = ["exploitation_form@0"]            # optional: older versions, codes of which also stand there
    upper = ""                  # of a number known as a span: the column of its highest possible value
    empty = false               # true where the column may be empty
    multiple = false            # true where one unit may have several rows with different values
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlglot import exp
from sqlglot.errors import SqlglotError

from thassist import _data
from thassist.dates import Period
from thassist.engine import check_query, parsed_of
from thassist.errors import InvalidDefinition
from thassist.records.dataset import TABLE_NAMES
from thassist.tables.definition import Problem, Reader, nearest, problem_of

FOLDER = "views"
TYPES = ("key", "code", "date", "precision", "number", "flag")
PARAMETERS = ("period_start", "period_end")
_PERIOD = "$period_"
#: Stands for a parameter in prepared SQL; no column is called so.
_MARK = "parameter__{}__"
_NO_VALUES: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ViewColumn:
    """A column of a view; see the module for each part. ``description`` is English, for who writes table specs."""

    name: str
    type: str
    description: str
    classification: str
    extra: tuple[str, ...]
    upper: str
    empty: bool
    multiple: bool
    older: tuple[str, ...] = ()


@dataclass(frozen=True)
class View:
    """A statistical view. ``reads`` names the other views that its query uses."""

    id: str
    reporting_system: str
    title: str
    sql: str
    columns: dict[str, ViewColumn]
    reads: tuple[str, ...]


def view(view_id: str, file: str = "") -> View:
    """One view.

    Args:
        view_id: its id.
        file: the definition that asks for it, for the message.

    Raises:
        InvalidDefinition: there is no such view, or its file is wrong.
    """
    path = _data.reports_dir() / FOLDER / f"{view_id}.toml"  # looked for by name: a release asks thousands of times
    try:
        return _checked(path, path.stat().st_mtime_ns)
    except OSError as error:
        from thassist.tables import bridges  # a bridge is made of tables, and those of views

        known = [*(path.stem for path in paths_of_views()), *bridges.bridge_ids()]
        if view_id in known:
            return bridges.view_of(view_id)
        near = nearest(view_id, known)
        raise InvalidDefinition("tables.no_view", file=file or view_id, view=view_id, nearest=near) from error


def all_views() -> list[View]:
    """Every view, by id."""
    return [view(path.stem) for path in paths_of_views()]


def paths_of_views() -> list[Path]:
    """The files of all views, by name."""
    return _data.definitions(FOLDER)


@cache
def _checked(path: Path, _mtime_ns: int) -> View:
    found, problems = read(path)
    if problems:
        raise problems[0].error()
    return found


def read(path: Path) -> tuple[View, list[Problem]]:
    """The view in one file as far as it can be read, and everything that is wrong with the file in itself.

    Raises:
        InvalidDefinition: the file is missing or not TOML.
    """
    reader = Reader(path)
    data = reader.open(("reporting_system", "title", "sql", "column"))
    columns = [_column(reader, block) for block in reader.blocks(data, "column")]
    sql = reader.string(data, "", "sql").strip()
    reads: tuple[str, ...] = ()
    others = [other.stem for other in paths_of_views() if other.stem != path.stem]
    try:
        check_query(sql, [*TABLE_NAMES, *others], path.name)
        named = _tables(sql)
        reads = tuple(name for name in others if name in named)
        expand(sql, _ANY_PERIOD, path.name)
    except InvalidDefinition as error:
        reader.problems.append(problem_of(error, path.name))
    found = View(
        id=path.stem,
        reporting_system=reader.string(data, "", "reporting_system"),
        title=reader.string(data, "", "title"),
        sql=sql,
        columns={column.name: column for column in columns},
        reads=reads,
    )
    if len(found.columns) != len(columns):
        reader.note("tables.repeated", key="column", name=", ".join(column.name for column in columns))
    return found, reader.problems


def _column(reader: Reader, block: dict[str, Any]) -> ViewColumn:
    name = reader.string(block, "column", "name")
    place = f"column {name}".strip()
    kind = reader.choice(block, place, "type", TYPES, "key")
    required = ["name", "type", "description"] + (["classification"] if kind == "code" else [])
    optional = ["empty", "multiple", *{"code": ["extra", "older"], "number": ["upper"]}.get(kind, [])]
    reader.keys(block, place, required, optional)
    return ViewColumn(
        name=name,
        type=kind,
        description=reader.string(block, place, "description"),
        classification=reader.string(block, place, "classification"),
        extra=reader.strings(block, place, "extra"),
        upper=reader.string(block, place, "upper"),
        empty=reader.flag(block, place, "empty"),
        multiple=reader.flag(block, place, "multiple"),
        older=reader.strings(block, place, "older"),
    )


def view_sql(view_id: str, period: Period) -> str:
    """The query of a view for a period, with the views it reads before it, in plain SQL.

    Raises:
        InvalidDefinition: the view, or one that it reads, does not exist or is wrong.
    """
    needed = _ordered(view_id, ())
    *before, last = (expand(view(name).sql, period, f"{name}.toml") for name in needed)
    if not before:
        return last
    named = ", ".join(f"{name} AS ({sql})" for name, sql in zip(needed, before, strict=False))
    return f"WITH {named} SELECT * FROM ({last}) AS {view_id}"  # noqa: S608 - checked definitions, no values


def _ordered(view_id: str, above: tuple[str, ...]) -> list[str]:
    if view_id in above:
        raise InvalidDefinition("tables.circular_view", file=f"{view_id}.toml", view=above[-1])
    needed: list[str] = []
    for name in view(view_id).reads:
        needed += [other for other in _ordered(name, (*above, view_id)) if other not in needed]
    return [*needed, view_id]


def periodic(view_id: str) -> bool:
    """Whether what a view holds depends on the period.

    Raises:
        InvalidDefinition: the view, or one that it reads, does not exist or is wrong.
    """
    return any(_PERIOD in view(name).sql for name in _ordered(view_id, ()))


def expand(sql: str, period: Period, file: str, values: Mapping[str, int | dt.date] = _NO_VALUES) -> str:
    """Plain SQL from SQL that uses the parameters and the helper functions of views.

    Args:
        sql: the text.
        period: fills ``$period_start`` and ``$period_end``.
        file: the definition that it comes from, for the message.
        values: fill the parameters of their names.

    Raises:
        InvalidDefinition: an unknown parameter, or a helper with the wrong number of arguments.
    """
    plain, used = _plain(sql, file)
    filled = {"period_start": period.start, "period_end": period.end, **values}
    for name in used:
        if name not in filled:
            raise InvalidDefinition("tables.unknown_parameter", file=file, name=f"${name}", known=", ".join(filled))
        plain = plain.replace(_MARK.format(name), _literal(filled[name]))
    return plain


def _literal(value: int | dt.date) -> str:
    return f"CAST('{value}' AS DATE)" if isinstance(value, dt.date) else str(int(value))


@cache
def _plain(sql: str, file: str) -> tuple[str, tuple[str, ...]]:
    """SQL with its helpers written out and its parameters marked, and their names."""
    used: list[str] = []

    def plain(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Placeholder):
            used.append(str(node.this))
            return exp.column(_MARK.format(node.this))
        if isinstance(node, exp.Anonymous) and node.name.casefold() in _HELPERS:
            helper, count = _HELPERS[node.name.casefold()]
            arguments = [argument.sql("duckdb") for argument in node.expressions]
            if len(arguments) != count:
                raise InvalidDefinition("tables.bad_helper", file=file, name=node.name, count=count)
            try:
                return parsed_of(helper.format(*arguments)).transform(plain)
            except SqlglotError as error:  # an argument that is no expression
                raise InvalidDefinition("tables.bad_helper", file=file, name=node.name, count=count) from error
        return node

    return parsed_of(sql).transform(plain).sql("duckdb"), tuple(dict.fromkeys(used))


#: The last day of a span, of its date and precision: the day before the next span.
SPAN_END = (
    "CAST({0} + CASE {1} WHEN 'D' THEN INTERVAL '1' DAY WHEN 'M' THEN INTERVAL '1' MONTH"
    " WHEN 'Q' THEN INTERVAL '3' MONTH WHEN 'S' THEN INTERVAL '6' MONTH WHEN 'A' THEN INTERVAL '1' YEAR END"
    " - INTERVAL '1' DAY AS DATE)"
)
#: Year, month and day as one number: the difference without its last four digits is the completed years.
_COMPLETED_YEARS = (
    "CAST(FLOOR(((YEAR({1}) * 10000 + MONTH({1}) * 100 + DAY({1}))"
    " - (YEAR({0}) * 10000 + MONTH({0}) * 100 + DAY({0}))) / 10000) AS INTEGER)"
)
_EXACT_DAYS = "CASE WHEN {1} = 'D' AND {3} = 'D' THEN DATE_DIFF('day', {0}, {2}) END"
_EXACT_MONTHS = (
    "CASE WHEN {1} IN ('D', 'M') AND {3} IN ('D', 'M') THEN (YEAR({2}) - YEAR({0})) * 12 + MONTH({2}) - MONTH({0}) END"
)
#: Helper → its SQL and the number of its arguments.
_HELPERS = {
    "span_end": (SPAN_END, 2),
    "completed_years": (_COMPLETED_YEARS, 2),
    "exact_days": (_EXACT_DAYS, 4),
    "exact_months": (_EXACT_MONTHS, 4),
}
_ANY_PERIOD = Period(dt.date(2000, 1, 1), dt.date(2000, 12, 31), "A")


def _tables(sql: str) -> set[str]:
    return {table.name for table in parsed_of(sql).find_all(exp.Table)}
