"""Spec, snapshot and period in; cube out.

Every margin is queried and none is summed: a person with several forms, or with several stays in a period, is one
person in each total. A code that its classification does not contain stops the table; nothing is silently left out.
"""

import itertools
from typing import Protocol

from thassist.codes import TOTAL, classification
from thassist.dates import Period
from thassist.engine import Engine, EngineError
from thassist.errors import InvalidDefinition
from thassist.tables.cube import Cell, CellKey, Cube, Status
from thassist.tables.lint import lint
from thassist.tables.query import TableQuery
from thassist.tables.spec import Dimension, TableSpec
from thassist.tables.views import view


class Source(Protocol):
    """What a table is computed from: a snapshot."""

    @property
    def id(self) -> str:
        """The snapshot's id."""

    def attach(self, engine: Engine) -> None:
        """Make every record table readable in the engine under its own name."""

    def synthetic_for(self, reporting_system: str) -> bool:
        """Whether made-up records stand behind what this system reports."""


def compute(spec: TableSpec, snapshot: Source, period: Period) -> Cube:
    """The cube of one table.

    Args:
        spec: the definition; it is checked as ``lint`` does before any of it becomes part of a query.
        snapshot: the frozen records.
        period: the period asked for; where the spec shows several, the last of them.

    Raises:
        InvalidDefinition: a definition that the spec names is wrong, a record has a code that the classification of a
            dimension does not contain, or the query cannot be run over these records.
    """
    problems = lint(spec)
    if problems:
        raise problems[0].error()
    periods = tuple(period.previous(steps) for steps in range(spec.time.periods - 1, -1, -1))
    query = TableQuery(spec, periods)
    with Engine() as engine:
        snapshot.attach(engine)
        try:
            counted = _counted(spec, engine, query, periods)
            unplaced = int(engine.rows(query.unplaced())[0][0])
        except EngineError as error:  # its text may quote a record, so it is not shown
            raise InvalidDefinition("tables.not_computed", file=f"{spec.id}.toml") from error
    return Cube(
        spec=spec,
        periods=periods,
        cells=_filled(spec, periods, counted),
        unplaced=unplaced,
        synthetic=snapshot.synthetic_for(view(spec.population.view).reporting_system),
        snapshot=snapshot.id,
    )


def _counted(spec: TableSpec, engine: Engine, query: TableQuery, periods: tuple[Period, ...]) -> dict[CellKey, int]:
    sets = {found.mask: found for found in query.sets}
    places = {column: place for place, column in enumerate(query.columns, start=2)}
    counted: dict[CellKey, int] = {}
    for row in engine.rows(query.cells()):
        columns = sets[row[1]].columns
        codes: dict[str, str | None] = {name: row[places[column]] for name, column in columns.items()}
        if None in codes.values():
            if any(code is None and columns[name].endswith("_0") for name, code in codes.items()):
                raise _outside(spec, engine, query)
            continue  # a code that has no level so far down
        key = (periods[row[0]].code, *(codes.get(dimension.id) or TOTAL for dimension in spec.dimensions))
        counted[key] = int(row[-1])
    return counted


def _outside(spec: TableSpec, engine: Engine, query: TableQuery) -> InvalidDefinition:
    counts = engine.rows(query.outside())[0]
    dimension, count = next(pair for pair in zip(spec.dimensions, counts, strict=True) if pair[1])
    return InvalidDefinition(
        "tables.outside",
        file=f"{spec.id}.toml",
        field=dimension.field,
        classification=dimension.via.partition("--")[0] or dimension.classification,
        count=count,
    )


def _filled(spec: TableSpec, periods: tuple[Period, ...], counted: dict[CellKey, int]) -> dict[CellKey, Cell]:
    """The cells in their order; with ``zeros = "show"`` also those in which nobody was found."""
    cells = {key: Cell(value) for key, value in counted.items()}
    rank = {period.code: place for place, period in enumerate(periods)}
    ranks = [{TOTAL: -1} | {code: place for place, code in enumerate(_codes(d))} for d in spec.dimensions]
    totals = (TOTAL,) * len(spec.dimensions)
    if () in spec.margins:
        for period in periods:
            cells.setdefault((period.code, *totals), Cell(0))
    if spec.zeros == "show":
        shown = [_shown(d, place, periods, counted) for place, d in enumerate(spec.dimensions, start=1)]
        for period, margin in itertools.product(periods, spec.margins):
            choices = [
                shown[place] if dimension.id in margin else {TOTAL: set(periods)}
                for place, dimension in enumerate(spec.dimensions)
            ]
            for codes in itertools.product(*choices):
                known = all(period in choice[code] for choice, code in zip(choices, codes, strict=True))
                cells.setdefault((period.code, *codes), Cell(0) if known else Cell(None, Status.NOT_APPLICABLE))
    return dict(sorted(cells.items(), key=lambda item: (rank[item[0][0]], *_order(ranks, item[0][1:]))))


def _order(ranks: list[dict[str, int]], codes: CellKey) -> list[int]:
    return [ranks[place][code] for place, code in enumerate(codes)]


def _codes(dimension: Dimension) -> list[str]:
    return list(classification(dimension.classification).codes)


def _shown(
    dimension: Dimension, place: int, periods: tuple[Period, ...], counted: dict[CellKey, int]
) -> dict[str, set[Period]]:
    """The codes that are shown, with the periods in which each may be used: elsewhere its cell is not applicable.

    A code is shown where it is valid in one of the periods or was found in one. A code above others is shown only
    where the table asks for it.
    """
    known = classification(dimension.classification).codes
    above = {code.parent for code in known.values()}
    found = {(key[0], key[place]) for key in counted}
    shown: dict[str, set[Period]] = {}
    for code in known.values():
        usable = {
            period
            for period in periods
            if (period.code, code.code) in found
            or (
                (dimension.parents or code.code not in above)
                and (code.valid_from is None or code.valid_from <= period.end)
                and (code.valid_to is None or period.start <= code.valid_to)
            )
        }
        if usable:
            shown[code.code] = usable
    return shown
