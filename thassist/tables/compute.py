"""Spec, snapshot and period in; cube out.

Every margin is queried and none is summed: a person with several forms, or with several stays in a period, is one
person in each total. A code that its classification does not contain stops the table; nothing is silently left out.
"""

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import replace

from thassist.codes import NOT_APPLICABLE, TOTAL, UNKNOWN, classification, correspondence
from thassist.dates import Period, run
from thassist.engine import Engine, EngineError
from thassist.errors import InvalidDefinition
from thassist.tables import measures
from thassist.tables.bench import Bench, Source, bench
from thassist.tables.breaks import SeriesBreak, in_series
from thassist.tables.cube import Cell, CellKey, Cube, Status
from thassist.tables.lint import lint
from thassist.tables.population import population
from thassist.tables.query import REST, TableQuery
from thassist.tables.spec import Dimension, TableSpec
from thassist.tables.views import view

__all__ = ["Source", "compute", "compute_all", "periods_of"]


def compute(spec: TableSpec, snapshot: Source, period: Period, first: Period | None = None) -> Cube:
    """The cube of one table.

    Args:
        spec: the definition; it is checked as ``lint`` does before any of it becomes part of a query.
        snapshot: the frozen records.
        period: the period asked for; where the spec shows several, the last of them.
        first: the first period shown, of the same length, in place of as many as the spec shows.

    Raises:
        InvalidDefinition: a definition that the spec names is wrong, a record has a code that the classification of a
            dimension does not contain, or the query cannot be run over these records.
        ValueError: the first period is after the last, or of another length.
    """
    return compute_all([spec], snapshot, period, first)[0]


def compute_all(
    specs: Sequence[TableSpec], snapshot: Source, period: Period, first: Period | None = None
) -> tuple[Cube, ...]:
    """The cubes of several tables, as :func:`compute` makes each, over one engine: views are computed once for all.

    Raises:
        InvalidDefinition: see :func:`compute`.
        ValueError: see :func:`compute`.
    """
    for spec in specs:
        problems = lint(spec)
        if problems:
            raise problems[0].error()
    with bench(snapshot) as opened:
        return tuple(_compute(spec, opened, snapshot, period, first) for spec in specs)


def periods_of(spec: TableSpec, period: Period, first: Period | None = None) -> tuple[Period, ...]:
    """The periods that a table shows when it is asked for a period, oldest first.

    Raises:
        ValueError: the first period is after the last, or of another length.
    """
    asked = run(first or period.previous(spec.time.periods - 1), period)
    if not spec.time.frequency:
        return asked
    return tuple(part for one in asked for part in one.parts(spec.time.frequency))


def _compute(spec: TableSpec, opened: Bench, snapshot: Source, period: Period, first: Period | None) -> Cube:
    periods = periods_of(spec, period, first)
    try:
        query = TableQuery(spec, periods, opened.relation)
        counted = _counted(spec, opened.engine, query, periods)
        unplaced = int(opened.engine.rows(query.unplaced())[0][0])
    except EngineError as error:  # its text may quote a record, so it is not shown
        raise InvalidDefinition("tables.not_computed", file=f"{spec.id}.toml") from error
    breaks = in_series(spec, periods)
    cells = _open(spec, periods, period.end, _rates(spec, periods, _proportions(spec, _filled(spec, periods, counted))))
    return Cube(
        spec=spec,
        periods=periods,
        cells=_broken(periods, breaks, cells),
        unplaced=unplaced,
        synthetic=snapshot.synthetic_for(view(spec.population.view).reporting_system),
        snapshot=snapshot.id,
        breaks=breaks,
    )


def _counted(spec: TableSpec, engine: Engine, query: TableQuery, periods: tuple[Period, ...]) -> dict[CellKey, Cell]:
    sets = {found.mask: found for found in query.sets}
    places = {column: place for place, column in enumerate(query.columns, start=2)}
    figures = 2 + len(query.columns)
    function = measures.function(spec.measure)
    counted: dict[CellKey, Cell] = {}
    for row in engine.rows(query.cells()):
        columns = sets[row[1]].columns
        codes: dict[str, str | None] = {name: row[places[column]] for name, column in columns.items()}
        if None in codes.values():
            if any(code is None and columns[name].endswith("_0") for name, code in codes.items()):
                raise _outside(spec, engine, query)
            continue  # a code that has no level so far down
        if REST in codes.values():
            continue  # counted in totals only
        key = (periods[row[0]].code, *(codes.get(dimension.id) or TOTAL for dimension in spec.dimensions))
        counted[key] = function.cell(spec.measure, row[figures:])
    return counted


def _proportions(spec: TableSpec, cells: dict[CellKey, Cell]) -> dict[CellKey, Cell]:
    """Counts as parts of the total over some dimensions, where the measure asks for that."""
    measure = spec.measure
    if not measure.over:
        return cells
    at_total = [dimension.id in measure.over for dimension in spec.dimensions]

    def whole(key: CellKey) -> Cell:
        codes = (TOTAL if over else code for over, code in zip(at_total, key[1:], strict=True))
        return cells.get((key[0], *codes), Cell(0))

    return {
        key: cell if cell.value is None else measures.proportion(measure, cell, whole(key))
        for key, cell in cells.items()
    }


def _rates(spec: TableSpec, periods: tuple[Period, ...], cells: dict[CellKey, Cell]) -> dict[CellKey, Cell]:
    """Counts by the resident population of the period's first day, where the measure asks for that."""
    measure = spec.measure
    if not measure.population:
        return cells
    residents = population(measure.population)
    days = {period.code: period.start for period in periods}
    columns = dict(measure.by)
    recorded = {dimension.id: _recorded(dimension) for dimension in spec.dimensions if dimension.id in columns}

    def whole(key: CellKey) -> int | None:
        codes = {
            columns[dimension.id]: code if code == TOTAL else recorded[dimension.id].get(code, code)
            for dimension, code in zip(spec.dimensions, key[1:], strict=True)
            if dimension.id in columns
        }
        return residents.at(days[key[0]], codes)

    return {
        key: cell if cell.value is None else measures.rate(measure, cell, whole(key)) for key, cell in cells.items()
    }


def _recorded(dimension: Dimension) -> dict[str, str]:
    """Code of a dimension → the recorded code of which alone it is made; resident population is in recorded codes."""
    found: dict[str, list[str]] = {}
    for source, target in (correspondence(dimension.via).targets if dimension.via else {}).items():
        found.setdefault(target, []).append(source)
    return {target: sources[0] for target, sources in found.items() if len(sources) == 1}


def _open(
    spec: TableSpec, periods: tuple[Period, ...], known: dt.date, cells: dict[CellKey, Cell]
) -> dict[CellKey, Cell]:
    """Cells of cohorts whose horizon is not over on the last day asked for: what will become of them is not known."""
    if spec.time.reference != "cohort":
        return cells
    horizon = dt.timedelta(days=spec.time.horizon)
    waiting = {period.code for period in periods if period.end + horizon > known}
    return {key: Cell(None, Status.NOT_KNOWN) if key[0] in waiting else cell for key, cell in cells.items()}


def _broken(
    periods: tuple[Period, ...], breaks: tuple[SeriesBreak, ...], cells: dict[CellKey, Cell]
) -> dict[CellKey, Cell]:
    """The first figure of each series after a break is marked, and carries the break as a note; it keeps its value."""
    codes = [period.code for period in periods]
    marked = dict(cells)
    for found in breaks:
        after = codes[codes.index(found.period) :]
        for series in dict.fromkeys(key[1:] for key in cells):
            keys = ((period, *series) for period in after)
            first = next((key for key in keys if key in marked and marked[key].value is not None), None)
            if first:
                cell = marked[first]
                marked[first] = replace(cell, status=Status.BREAK, notes=(*cell.notes, found.id))
    return marked


def _outside(spec: TableSpec, engine: Engine, query: TableQuery) -> InvalidDefinition:
    counts = engine.rows(query.outside())[0]
    dimension, count = next(pair for pair in zip(spec.dimensions, counts, strict=True) if pair[1])
    return InvalidDefinition(
        "tables.outside",
        file=f"{spec.id}.toml",
        field=dimension.field,
        classification=", ".join(_accepted(dimension)),
        count=count,
    )


def _accepted(dimension: Dimension) -> list[str]:
    """The classifications whose codes a dimension takes."""
    older = [ref.partition("--")[0] for ref in dimension.older]
    return [dimension.via.partition("--")[0] or dimension.classification, *older]


def _filled(spec: TableSpec, periods: tuple[Period, ...], counted: dict[CellKey, Cell]) -> dict[CellKey, Cell]:
    """The cells in their order; with ``zeros = "show"`` also those in which nobody was found."""
    cells, nobody = dict(counted), measures.function(spec.measure).nobody
    rank = {period.code: place for place, period in enumerate(periods)}
    ranks = [{TOTAL: -1} | {code: place for place, code in enumerate(_codes(d))} for d in spec.dimensions]
    totals = (TOTAL,) * len(spec.dimensions)
    if () in spec.margins:
        for period in periods:
            cells.setdefault((period.code, *totals), nobody)
    if spec.zeros == "show":
        shown = [_shown(d, place, periods, counted) for place, d in enumerate(spec.dimensions, start=1)]
        for period, margin in itertools.product(periods, spec.margins):
            choices = [
                shown[place] if dimension.id in margin else {TOTAL: set(periods)}
                for place, dimension in enumerate(spec.dimensions)
            ]
            for codes in itertools.product(*choices):
                known = all(period in choice[code] for choice, code in zip(choices, codes, strict=True))
                cells.setdefault((period.code, *codes), nobody if known else Cell(None, Status.NOT_APPLICABLE))
    return dict(sorted(cells.items(), key=lambda item: (rank[item[0][0]], *_order(ranks, item[0][1:]))))


def _reached(dimension: Dimension) -> set[str]:
    """The codes that a recorded code can become."""
    target = classification(dimension.classification)
    if not dimension.via:
        return set(target.codes)
    made = set(correspondence(dimension.via).targets.values())
    if dimension.combined:
        made = {code for code, members in target.members.items() if members <= made}
    older = {code for ref in dimension.older for code in correspondence(ref).targets.values()}
    return made | older | {UNKNOWN, NOT_APPLICABLE, target.unknown_code}


def _order(ranks: list[dict[str, int]], codes: CellKey) -> list[int]:
    return [ranks[place][code] for place, code in enumerate(codes)]


def _codes(dimension: Dimension) -> list[str]:
    return list(classification(dimension.classification).codes)


def _shown(
    dimension: Dimension, place: int, periods: tuple[Period, ...], counted: dict[CellKey, Cell]
) -> dict[str, set[Period]]:
    """The codes that are shown, with the periods in which each may be used: elsewhere its cell is not applicable.

    A code is shown where it is valid in one of the periods or was found in one. A code above others is shown only
    where the table asks for it. A code that no recorded code becomes is not shown: its zero would be no fact.
    """
    known = classification(dimension.classification).codes
    reached = _reached(dimension)
    above = {parent for code in known.values() for parent in code.parents}
    found = {(key[0], key[place]) for key in counted}
    shown: dict[str, set[Period]] = {}
    for code in known.values():
        usable = {
            period
            for period in periods
            if (period.code, code.code) in found
            or (
                (dimension.parents or (code.code not in above and code.code in reached))
                and (code.valid_from is None or code.valid_from <= period.end)
                and (code.valid_to is None or period.start <= code.valid_to)
            )
        }
        if usable:
            shown[code.code] = usable
    return shown
