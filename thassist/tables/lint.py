"""Everything that is wrong with a table definition, all at once, before a figure is computed.

What a single file can tell is checked where it is read (``spec.py``, ``views.py``). Here a spec is held against what it
names: the view and its columns, the classifications and correspondences. A spec without problems can be computed; the
only thing that can still stop it is a record with a code that does not exist.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pandas as pd

from thassist.codes import UNKNOWN, Classification, Correspondence, classification, correspondence
from thassist.dates import parse_period
from thassist.engine import Engine, EngineError, check_condition
from thassist.errors import InvalidDefinition
from thassist.records.dataset import TABLE_NAMES, fields, sql_type
from thassist.tables.breaks import concepts
from thassist.tables.definition import Problem, nearest, problem_of
from thassist.tables.measures import UNIT, function, names
from thassist.tables.population import population
from thassist.tables.query import TableQuery
from thassist.tables.spec import TIME, Dimension, TableSpec, paths_of_specs, read
from thassist.tables.views import PARAMETERS, View, ViewColumn, paths_of_views, view, view_sql
from thassist.tables.views import read as read_view

DRAFT = "draft"


def lint_all() -> list[Problem]:
    """Every problem of every view and table spec, by file."""
    with _no_records() as engine:
        problems = [problem for path in paths_of_views() for problem in lint_view(path, engine)]
        broken = {Path(problem.file).stem for problem in problems}
        return problems + [problem for path in paths_of_specs() for problem in lint_file(path, engine, broken)]


def lint_file(path: Path, engine: Engine | None = None, broken: Collection[str] = ()) -> list[Problem]:
    """Every problem of one table spec.

    Args:
        path: its file.
        engine: one that holds empty records, to save making it again.
        broken: views that are known to be wrong; their problems are not told again for every table over them.
    """
    try:
        spec, problems = read(path)
    except InvalidDefinition as error:
        return [problem_of(error, path.name)]
    # A draft may wait for a list that its owner has not given yet; it is never computed over stand-ins.
    problems += [each for each in lint(spec) if spec.status != DRAFT or each.key != "tables.placeholder_codes"]
    if not problems and spec.population.view not in broken:
        with nullcontext(engine) if engine else _no_records() as empty:
            problems += _runs(spec, empty)
    return problems


def lint(spec: TableSpec) -> list[Problem]:
    """What does not fit between a spec and the definitions that it names."""
    file = f"{spec.id}.toml"
    try:
        source = view(spec.population.view, file)
    except InvalidDefinition as error:
        return [problem_of(error, file), *_layout(spec)]
    checks: list[Iterator[Problem]] = [_population(spec, source), _time(spec, source), _measure(spec, source)]
    checks += [_dimension(file, dimension, source) for dimension in spec.dimensions]
    checks += [_parts(spec), _response(spec, source), _layout(spec), _concepts(spec)]
    return [problem for check in checks for problem in check]


def lint_view(path: Path, engine: Engine | None = None) -> list[Problem]:
    """Every problem of one view; its query is run over empty records to see that its columns are those described."""
    try:
        found, problems = read_view(path)
        if problems:
            return problems
        sql = view_sql(found.id, _ANY_PERIOD)
    except InvalidDefinition as error:
        return [problem_of(error, path.name)]
    problems += [problem for column in found.columns.values() for problem in _view_column(path.name, found, column)]
    with nullcontext(engine) if engine else _no_records() as empty:
        try:
            empty.view(f"checked_{found.id}", sql)
            given = empty.columns(f"checked_{found.id}")
        except EngineError as error:
            return [*problems, _fails(path.name, error)]
    if list(given) != list(found.columns):
        params = {"found": ", ".join(given), "described": ", ".join(found.columns)}
        return [*problems, Problem(path.name, "tables.column_differs", params)]
    for column in found.columns.values():
        if given[column.name] not in _SQL_TYPES[column.type]:
            params = {"column": column.name, "found": given[column.name], "described": column.type}
            problems.append(Problem(path.name, "tables.column_type", params))
    return problems


#: A described type → what the engine may make of it.
_SQL_TYPES = {
    "key": ("VARCHAR",),
    "code": ("VARCHAR",),
    "precision": ("VARCHAR",),
    "date": ("DATE",),
    "flag": ("BOOLEAN",),
    "number": ("INTEGER", "BIGINT"),
}
_ANY_PERIOD = parse_period("2000")


@contextmanager
def _no_records() -> Iterator[Engine]:
    with Engine() as engine:
        for table in TABLE_NAMES:
            columns = {column.name: sql_type(column) for column in fields(table)}
            engine.load(table, columns, pd.DataFrame(columns=list(columns)))
        yield engine


def _runs(spec: TableSpec, engine: Engine) -> list[Problem]:
    """Whether the table's own queries run; over no records, so that nobody's data can stand in the message."""
    try:
        query = TableQuery(spec, (_ANY_PERIOD,))
        for sql in (query.cells(), query.unplaced()):
            engine.bind(sql)
    except EngineError as error:
        return [_fails(f"{spec.id}.toml", error)]
    except InvalidDefinition as error:
        return [problem_of(error, f"{spec.id}.toml")]
    return []


def _fails(file: str, error: Exception) -> Problem:
    return Problem(file, "tables.query_fails", {"detail": str(error).partition("\n")[0]})


def _view_column(file: str, source: View, column: ViewColumn) -> Iterator[Problem]:
    for ref in (column.classification, *column.older):
        yield from _exists(file, classification, ref)
    if column.upper and column.upper not in source.columns:
        yield _no_column(file, f"column {column.name}.upper", column.upper, source)
    if column.type == "date" and f"{column.name}_precision" not in source.columns:
        yield Problem(file, "tables.no_precision", {"key": "column", "column": column.name, "view": source.id})


def _population(spec: TableSpec, source: View) -> Iterator[Problem]:
    file = f"{spec.id}.toml"
    known = (*PARAMETERS, *spec.parameters)
    if spec.population.where:
        try:
            check_condition(spec.population.where, source.columns, f"{file} population.where", known)
        except InvalidDefinition as error:
            yield problem_of(error, file)


def _time(spec: TableSpec, source: View) -> Iterator[Problem]:
    file = f"{spec.id}.toml"
    for column in spec.time.columns:
        if column not in source.columns:
            yield _no_column(file, "time", column, source)
        elif f"{column}_precision" not in source.columns:
            yield Problem(file, "tables.no_precision", {"key": "time", "column": column, "view": source.id})


def _measure(spec: TableSpec, source: View) -> Iterator[Problem]:
    file, measure = f"{spec.id}.toml", spec.measure
    columns = source.columns
    combined = [dimension.id for dimension in spec.dimensions if dimension.combined]
    if combined and UNIT not in names(measure):
        yield Problem(file, "tables.combined_units", {"id": combined[0], "function": measure.function})
    for key, name in (("field", measure.field), ("event", measure.event)):
        if name and name not in columns:
            yield _no_column(file, f"measure.{key}", name, source)
    field, event = columns.get(measure.field), columns.get(measure.event)
    if field and measure.function in ("count_distinct", "share", "proportion", "rate") and field.empty:
        yield Problem(file, "tables.measure_empty", {"column": measure.field})
    ranked = measure.function in ("sum", "median", "quantile", "survival_median", "survival_share")
    if field and ranked and field.type != "number":
        yield Problem(file, "tables.measure_type", {"key": "field", "column": field.name, "expected": "number"})
    if event and event.type != "flag":
        yield Problem(file, "tables.measure_type", {"key": "event", "column": event.name, "expected": "flag"})
    if measure.population:
        yield from _residents(spec)
    if measure.where:
        try:
            check_condition(measure.where, columns, f"{file} measure.where", (*PARAMETERS, *spec.parameters))
        except InvalidDefinition as error:
            yield problem_of(error, file)


def _residents(spec: TableSpec) -> Iterator[Problem]:
    """Whether the population that a rate divides by is there, with the breakdowns that the table takes from it."""
    file, names = f"{spec.id}.toml", [dimension.id for dimension in spec.dimensions]
    try:
        columns = population(spec.measure.population).columns
    except InvalidDefinition as error:
        yield problem_of(error, file)
        return
    for name, column in spec.measure.by:
        if name not in names:
            params = {"key": "measure.by", "id": name, "nearest": nearest(name, names)}
            yield Problem(file, "tables.no_dimension", params)
        if column not in columns:
            params = {"column": column, "population": spec.measure.population, "nearest": nearest(column, columns)}
            yield Problem(file, "tables.no_residents", params)


def _parts(spec: TableSpec) -> Iterator[Problem]:
    """Whether what a figure is a part of is computed, and whether an absent figure is zero."""
    file, measure = f"{spec.id}.toml", spec.measure
    names = [dimension.id for dimension in spec.dimensions]
    for name in measure.over:
        if name not in names:
            yield Problem(
                file, "tables.no_dimension", {"key": "measure.over", "id": name, "nearest": nearest(name, names)}
            )
    for margin in spec.margins:
        whole = tuple(name for name in margin if name not in measure.over)
        if measure.over and whole not in spec.margins:
            yield Problem(file, "tables.no_whole", {"margin": ", ".join(margin), "whole": ", ".join(whole) or "–"})
    if spec.zeros == "omit" and not measure.additive:
        yield Problem(file, "tables.omits_no_zeros", {"function": measure.function})


def _dimension(file: str, dimension: Dimension, source: View) -> Iterator[Problem]:
    place = {"id": dimension.id}
    column = source.columns.get(dimension.field)
    if column is None:
        yield _no_column(file, f"dimension {dimension.id}.field", dimension.field, source)
        return
    missing = [
        *_exists(file, classification, dimension.classification),
        *_exists(file, correspondence, dimension.via),
    ]
    if missing:
        yield from missing
        return
    target = classification(dimension.classification)
    if target.placeholder:
        yield Problem(file, "tables.placeholder_codes", {**place, "classification": target.ref})
    if "@" not in dimension.classification:
        yield Problem(file, "tables.no_version", {**place, "classification": target.ref})
    mapped = correspondence(dimension.via).targets if dimension.via else {}
    if column.empty and not (target.unknown_code in target.codes or UNKNOWN in mapped or dimension.rest):
        params = {**place, "classification": target.ref, "column": column.name}
        yield Problem(file, "tables.no_unknown", params)
    numeric = target.numeric and not dimension.via and column.classification != target.ref
    if numeric != (column.type == "number") or column.type not in ("number", "code"):
        yield Problem(file, "tables.not_numeric", {**place, "classification": target.ref, "column": column.name})
    elif numeric:
        yield from _bounds(file, target)
    else:
        via = correspondence(dimension.via) if dimension.via else None
        yield from (_combined if dimension.combined else _codes)(file, dimension, column, target, via)
    if (dimension.multiple or dimension.combined) != column.multiple:
        expected = "multiple" if column.multiple else "single"
        params = {**place, "found": dimension.response, "expected": expected, "view": source.id, "column": column.name}
        yield Problem(file, "tables.response", params)


def _codes(
    file: str, dimension: Dimension, column: ViewColumn, target: Classification, via: Correspondence | None
) -> Iterator[Problem]:
    place = {"id": dimension.id}
    source = via.source if via else target
    if source.ref != column.classification:
        params = {**place, "expected": source.ref, "column": column.name, "found": column.classification}
        yield Problem(file, "tables.field_differs", params)
    if via and via.target.ref != target.ref:
        params = {**place, "via": dimension.via, "found": via.target.ref, "expected": target.ref}
        yield Problem(file, "tables.via_target", params)
    if via and via.missing():
        params = {**place, "via": dimension.via, "codes": ", ".join(via.missing())}
        yield Problem(file, "tables.via_partial", params)
    yield from _older(file, dimension, column, source)
    without = list(via.without) if via else []
    if without and not dimension.rest:
        params = {**place, "classification": target.ref, "codes": ", ".join(without)}
        yield Problem(file, "tables.no_rest", params)
    left = [code for code in column.extra if code not in target.codes and not dimension.rest]
    if left:
        params = {**place, "classification": target.ref, "column": column.name, "codes": ", ".join(left)}
        yield Problem(file, "tables.not_exhaustive", params)


def _combined(
    file: str, dimension: Dimension, column: ViewColumn, target: Classification, via: Correspondence | None
) -> Iterator[Problem]:
    """A set of categories needs a code for each set, of the codes that the column has after its correspondence."""
    place = {"id": dimension.id}
    made = via.target if via else classification(column.classification)
    strange = {member for members in target.members.values() for member in members if member not in made.codes}
    if not target.members or strange:
        params = {
            **place,
            "classification": target.ref,
            "expected": made.ref,
            "codes": ", ".join(sorted(strange)) or "–",
        }
        yield Problem(file, "tables.no_members", params)
    if via and via.source.ref != column.classification:
        params = {**place, "expected": via.source.ref, "column": column.name, "found": column.classification}
        yield Problem(file, "tables.field_differs", params)
    if via and via.missing():
        yield Problem(file, "tables.via_partial", {**place, "via": dimension.via, "codes": ", ".join(via.missing())})
    if not dimension.rest:
        params = {**place, "classification": target.ref, "codes": "–"}
        yield Problem(file, "tables.no_rest", params)


def _older(file: str, dimension: Dimension, column: ViewColumn, source: Classification) -> Iterator[Problem]:
    """Codes of older versions: each version that the column holds has its correspondence, which leaves out no code.

    A code that is in both versions keeps its meaning: records do not tell under which version they were made.
    """
    place = {"id": dimension.id}
    end = dimension.classification
    sources = {ref.partition("--")[0]: ref for ref in dimension.older}
    for version in column.older:
        if version not in sources:
            params = {**place, "column": column.name, "found": version, "nearest": f"{version}--{end}"}
            yield Problem(file, "tables.older_missing", params)
    for version, ref in sources.items():
        if version not in column.older:
            known = ", ".join(column.older) or "–"
            yield Problem(file, "tables.older_unknown", {**place, "column": column.name, "found": ref, "known": known})
            continue
        missing = [*_exists(file, correspondence, ref)]
        if missing:
            yield from missing
            continue
        found = correspondence(ref)
        now = correspondence(dimension.via).targets if dimension.via else {code: code for code in source.codes}
        changed = [code for code, target in found.targets.items() if now.get(code, target) != target]
        if found.target.ref != end:
            yield Problem(file, "tables.via_target", {**place, "via": ref, "found": found.target.ref, "expected": end})
        if found.missing():
            yield Problem(file, "tables.via_partial", {**place, "via": ref, "codes": ", ".join(found.missing())})
        if changed:
            yield Problem(file, "tables.older_changed", {**place, "via": ref, "codes": ", ".join(changed)})


def _bounds(file: str, target: Classification) -> Iterator[Problem]:
    """Classes of a number must follow each other from zero (or below) upwards, without a gap and without an end."""
    classes = [code for code in target.codes.values() if code.lower is not None or code.upper is not None]
    expected: int | None = 0
    for code in sorted(classes, key=lambda code: -1 if code.lower is None else code.lower):
        lower = 0 if code.lower is None else code.lower
        if expected is None or lower != expected:
            number = lower if expected is None else min(lower, expected)
            yield Problem(file, "tables.bounds", {"classification": target.ref, "number": number})
        expected = None if code.upper is None else code.upper + 1
    if expected is not None:
        yield Problem(file, "tables.bounds", {"classification": target.ref, "number": expected})


def _response(spec: TableSpec, source: View) -> Iterator[Problem]:
    """Rows are units only where no column of the view has several values a unit."""
    several = next((column.name for column in source.columns.values() if column.multiple), None)
    if function(spec.measure).by_row and several:
        ids = [dimension.id for dimension in spec.dimensions if dimension.field == several]
        yield Problem(f"{spec.id}.toml", "tables.multiple_rows", {"id": ids[0] if ids else several})


def _concepts(spec: TableSpec) -> Iterator[Problem]:
    known = concepts()
    for name in spec.concepts:
        if name not in known:
            params = {"id": name, "nearest": nearest(name, known)}
            yield Problem(f"{spec.id}.toml", "tables.no_concept", params)


#: Columns of the tidy file beside those of the dimensions, and the time of the layout.
_RESERVED = (TIME, "period", "unit", "value", "status", "note")


def _layout(spec: TableSpec) -> Iterator[Problem]:
    file = f"{spec.id}.toml"
    placed = (*spec.layout.stub, *spec.layout.heading)
    names = [dimension.id for dimension in spec.dimensions]
    for name in dict.fromkeys([*names, *placed]):
        if name != TIME and name not in names:
            yield Problem(file, "tables.no_dimension", {"key": "layout", "id": name, "nearest": nearest(name, names)})
        elif name != TIME and placed.count(name) != 1:
            yield Problem(file, "tables.layout_once", {"id": name, "count": placed.count(name)})
    if placed.count(TIME) > 1 or (spec.time.periods > 1 and TIME not in placed):
        yield Problem(file, "tables.layout_time", {})
    if spec.layout.form == "cross" and tuple(names) not in spec.margins:
        yield Problem(file, "tables.layout_cross", {})
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield Problem(file, "tables.repeated", {"key": "dimension", "name": name})
        if name in _RESERVED or not name.isidentifier():
            yield Problem(file, "tables.bad_name", {"id": name, "reserved": ", ".join(_RESERVED)})


def _exists(file: str, load: Callable[[str], object], ref: str) -> Iterator[Problem]:
    if ref:
        try:
            load(ref)
        except InvalidDefinition as error:
            yield problem_of(error, file)


def _no_column(file: str, key: str, column: str, source: View) -> Problem:
    params = {"key": key, "column": column, "view": source.id, "nearest": nearest(column, source.columns)}
    return Problem(file, "tables.no_column", params)
