"""What must hold between periods: the year is its half-years and its quarters, and the stock moves by what happens.

The finer periods and the flows behind a stock are computed from the same snapshot and by the table's own definition, so
that a difference can only come from a definition that does not keep what its counting rule promises
(``reports/counting_rules.toml``). A record whose date is known only to a longer period is in none of its parts; the
difference may be as large as the number of such records, and no larger.

Source: validation rules R46 (stock) and R47 (year and half-years).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from thassist.codes import TOTAL
from thassist.dates import Period
from thassist.errors import InconsistentRelease
from thassist.release.counting import rule_of
from thassist.release.lineage import depends, rows_depend
from thassist.release.place import Place, Title
from thassist.tables.cube import CellKey, Cube
from thassist.tables.model import TIME, Layout, Measure, TableSpec, Time
from thassist.tables.views import view

#: Length of a period → the shorter lengths that are computed beside it (SDMX CL_FREQ).
_FINER = {"A": ("S", "Q"), "S": ("Q",), "Q": ("M",)}
#: What lies within a period, and so may be the sum of its parts.
_ADDABLE = frozenset({"flow", "during"})


def beside(spec: TableSpec, period: Period) -> list[tuple[TableSpec, ...]]:
    """The tables to compute beside one for the same period, for each relation that its counting rule promises.

    For what lies within a period and adds up, the table by shorter periods; for a stock that balances, the stock with
    one period more, what began and what ended.
    """
    if not spec.measure.counts or spec.time.frequency or rows_depend(spec):
        return []
    rule = rule_of(spec.unit.counting_rule)
    if spec.time.reference in _ADDABLE and rule.additive_over_time:
        shorter = [precision for precision in _FINER.get(period.precision, ()) if _fits(period, precision)]
        return [(_timed(spec, replace(spec.time, periods=1, frequency=precision)),) for precision in shorter]
    several = any(column.multiple for column in view(spec.population.view).columns.values())  # a row is no unit there
    if spec.time.reference == "stock" and rule.balances and not several:
        shown = spec.time.periods
        flows = (
            replace(_timed(spec, Time("flow", column, "", "", shown)), measure=Measure("count", "", 0))
            for column in (spec.time.start, spec.time.end)
        )
        return [(_timed(spec, replace(spec.time, periods=shown + 1)), *flows)]
    return []


def check(cube: Cube, others: Sequence[Cube]) -> None:
    """Hold a cube against those of one relation of :func:`beside`.

    Raises:
        InconsistentRelease: two figures contradict each other; both are named.
    """
    if cube.spec.time.reference in _ADDABLE:
        _parts(cube, *others)
    else:
        _balance(cube, *others)


def _parts(cube: Cube, finer: Cube) -> None:
    """The last period of a flow against the sum of its parts."""
    for key in _comparable(cube, cube.periods[-1]):
        value = cube.cells[key].value
        values = {part.code: _at(finer, (part.code, *key[1:])) for part in finer.periods}
        if value is not None and not 0 <= value - sum(values.values()) <= finer.unplaced:
            raise InconsistentRelease(
                "release.year_and_parts",
                table=Title(cube.spec),
                cell=Place(cube.spec, key),
                value=value,
                parts=" + ".join(f"{code}: {number}" for code, number in values.items()),
                sum=sum(values.values()),
            )


def _balance(cube: Cube, stock: Cube, began: Cube, ended: Cube) -> None:
    """Every stock shown against the stock before it and what began and ended between."""
    spec = cube.spec
    vague = stock.unplaced + began.unplaced + ended.unplaced
    for before, period in zip(stock.periods, stock.periods[1:], strict=False):
        for key in _comparable(cube, period):
            value = cube.cells[key].value
            earlier = (before.code, *key[1:])
            held, new, left = _at(stock, earlier), _at(began, key), _at(ended, key)
            if value is not None and abs(value - (held + new - left)) > vague:
                raise InconsistentRelease(
                    "release.stock_and_flows",
                    table=Title(spec),
                    cell=Place(spec, key),
                    value=value,
                    before=Place(spec, earlier),
                    value_before=held,
                    began=new,
                    ended=left,
                )


def _fits(period: Period, precision: str) -> bool:
    """Whether a period is made up of whole periods of a shorter length."""
    try:
        parts = period.parts(precision)
    except ValueError:
        return False
    return parts[0].start == period.start and parts[-1].end == period.end


def _timed(spec: TableSpec, time: Time) -> TableSpec:
    """The same table over other times; how it is laid out, and whether zeros are written, does not matter here."""
    names = tuple(dimension.id for dimension in spec.dimensions)
    return replace(spec, time=time, zeros="omit", layout=Layout("list", (TIME, *names), ()))


def _comparable(cube: Cube, period: Period) -> Iterator[CellKey]:
    """The addresses of a period whose codes mean the same in every period."""
    moving = [
        place for place, dimension in enumerate(cube.spec.dimensions, start=1) if depends(cube.spec, dimension.field)
    ]
    for key in cube.cells:
        if key[0] == period.code and all(key[place] == TOTAL for place in moving):
            yield key


def _at(cube: Cube, key: CellKey) -> float | int:
    """The figure at an address that another cube has; absent means that nobody was found there."""
    cell = cube.cells.get(key)
    return 0 if cell is None or cell.value is None else cell.value
