"""The functions of a measure: what each needs of a row, what the engine computes of a cell, and the cell it makes.

Counts are exact. Every other figure is rounded half away from zero, as statisticians expect, and carries in
:attr:`Cell.base` the counts on which it rests. A figure of nobody is *not applicable*, one of units of whom none is
known is *not known*; neither is zero.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from thassist.tables.cube import Cell, Status
from thassist.tables.model import Measure

#: Names that the columns of a measure have within the query.
UNIT, VALUE, MET, EVENT = "m_unit", "m_value", "m_met", "m_event"

#: Functions that count units: different values of the field where one is named, else rows.
_UNITS = ("count_distinct", "share", "proportion", "rate")

#: What the engine computed of one cell.
Found = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Function:
    """One function.

    Attributes:
        aggregates: what the engine computes of the rows of a cell.
        cell: the cell made of it.
        nobody: the cell of an address at which no row was found.
        by_row: whether each row must be one unit, so that no view with several rows a unit may be used.
    """

    aggregates: Callable[[Measure], list[str]]
    cell: Callable[[Measure, Found], Cell]
    nobody: Cell
    by_row: bool = False


def columns(measure: Measure, where: str) -> list[str]:
    """What a measure needs of each row, as SQL under the names above.

    Args:
        measure: the measure.
        where: its condition in plain SQL.
    """
    given = {UNIT: measure.field, VALUE: measure.field, MET: f"({where})", EVENT: measure.event}
    return [f"{given[name]} AS {name}" for name in names(measure)]


def names(measure: Measure) -> list[str]:
    """The names of the columns that a measure needs."""
    found = [UNIT if measure.function in _UNITS else VALUE] if measure.field else []
    return found + ([MET] if measure.where else []) + ([EVENT] if measure.event else [])


def function(measure: Measure) -> Function:
    """The function of a measure."""
    return _FUNCTIONS[measure.function]


def units(measure: Measure) -> str:
    """The number of units of some rows, as SQL."""
    counted = measure.function in _UNITS and measure.field
    return f"COUNT(DISTINCT {UNIT})" if counted else "COUNT(*)"


def rounded(value: float | Decimal, decimals: int) -> int | float:
    """A figure rounded half away from zero: 0.125 to two decimals is 0.13.

    A binary fraction is taken to nine decimals first, so that 2.675 is not mistaken for a little less than it is.
    """
    exact = value if isinstance(value, Decimal) else Decimal(repr(round(value, 9)))
    found = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return float(found) if decimals else int(found)


def _count(_: Measure, found: Found) -> Cell:
    return Cell(int(found[0]))


def _distinct(_: Measure, found: Found) -> Cell:
    return Cell(int(found[0]), base=(int(found[1]),))


def _of_known(measure: Measure, found: Found) -> Cell:
    """A sum or a quantile of the values that are known: the figure, and how many they are."""
    figure, known = found
    if not known:
        return Cell(None, Status.NOT_KNOWN, base=(0,))
    return Cell(_divided(measure, figure), base=(int(known),))


def _divided(measure: Measure, figure: float) -> int | float:
    exact = figure if measure.divisor == 1 else float(figure) / measure.divisor
    return rounded(exact, measure.decimals)


def _share(measure: Measure, found: Found) -> Cell:
    met, of = int(found[0]), int(found[1])
    if not of:
        return _NO_SHARE
    return Cell(rounded(Decimal(met * measure.per) / of, measure.decimals), base=(met, of))


def proportion(measure: Measure, part: Cell, whole: Cell) -> Cell:
    """The cell of a proportion, from the counts of its part and of its whole."""
    return _share(measure, (part.value or 0, whole.value or 0))


def rate(measure: Measure, found: Cell, residents: int | None) -> Cell:
    """The cell of a rate, from a count and the resident population; not known where that is not known."""
    count = int(found.value or 0)
    if residents is None:
        return Cell(None, Status.NOT_KNOWN, base=(count,))
    return Cell(rounded(Decimal(count * measure.per) / residents, measure.decimals), base=(count,))


def _survival(measure: Measure, found: Found) -> Cell:
    """The Kaplan-Meier estimate over pairs of time and whether the event came; the others are censored at their time.

    The median is the first time at which fewer than half are still without the event (Collett, Modelling Survival Data
    in Medical Research). Where more are so at the longest time observed, it is not known; nor is the share after a time
    that nobody has been followed to.
    """
    pairs = [(time, event) for time, event in found[0] if time is not None and event is not None]
    base = (len(pairs),)
    if not pairs:
        return Cell(None, Status.NOT_KNOWN, base=base)
    times, left = _curve(pairs)
    if measure.function == "survival_median":
        reached = [time for time, share in zip(times, left, strict=True) if share < 0.5 - 1e-12]
        return Cell(_divided(measure, reached[0]), base=base) if reached else Cell(None, Status.NOT_KNOWN, base=base)
    shares = [share for time, share in zip(times, left, strict=True) if time <= measure.after]
    last = shares[-1] if shares else 1.0
    if max(time for time, _ in pairs) < measure.after and last > 0:
        return Cell(None, Status.NOT_KNOWN, base=base)
    return Cell(rounded(100 * last, measure.decimals), base=base)


def _curve(pairs: list[tuple[int, int]]) -> tuple[list[float], list[float]]:
    """The times at which somebody had the event, and the estimated share still without it right after each."""
    if not any(event for _, event in pairs):
        return [], []
    from statsmodels.duration.survfunc import SurvfuncRight  # type: ignore[import-untyped]

    fitted = SurvfuncRight([time for time, _ in pairs], [event for _, event in pairs])
    return list(map(float, fitted.surv_times)), list(map(float, fitted.surv_prob))


_NOTHING = Cell(None, Status.NOT_APPLICABLE, base=(0,))
_NO_SHARE = Cell(None, Status.NOT_APPLICABLE, base=(0, 0))


def _quantile(measure: Measure) -> list[str]:
    """Linear between the two nearest values (type 7 of Hyndman and Fan, as in most statistical software)."""
    return [f"QUANTILE_CONT(CAST({VALUE} AS DOUBLE), {measure.probability!r})", f"COUNT({VALUE})"]


def _counted(measure: Measure) -> list[str]:
    return [units(measure)]


def _survivors(_: Measure) -> list[str]:
    return [f"LIST([CAST({VALUE} AS INTEGER), CAST({EVENT} AS INTEGER)])"]


_FUNCTIONS = {
    "count_distinct": Function(_counted, _count, Cell(0)),
    "count": Function(_counted, _count, Cell(0), by_row=True),
    "distinct": Function(lambda _: [f"COUNT(DISTINCT {VALUE})", f"COUNT({VALUE})"], _distinct, Cell(0, base=(0,))),
    "sum": Function(lambda _: [f"SUM({VALUE})", f"COUNT({VALUE})"], _of_known, Cell(0, base=(0,)), by_row=True),
    "median": Function(_quantile, _of_known, _NOTHING, by_row=True),
    "quantile": Function(_quantile, _of_known, _NOTHING, by_row=True),
    "share": Function(lambda measure: [f"{units(measure)} FILTER (WHERE {MET})", units(measure)], _share, _NO_SHARE),
    "proportion": Function(_counted, _count, Cell(0)),
    "rate": Function(_counted, _count, Cell(0)),
    "survival_median": Function(_survivors, _survival, _NOTHING, by_row=True),
    "survival_share": Function(_survivors, _survival, _NOTHING, by_row=True),
}
