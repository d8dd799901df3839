"""What rounded figures, and figures that were only said to lie between two ends, tell about the counts behind them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from thassist.codes import TOTAL
from thassist.disclosure.equations import BoolArray, FloatArray
from thassist.disclosure.ledger import Figure
from thassist.disclosure.tables import Joint
from thassist.release.place import key_of
from thassist.tables.cube import CellKey


@dataclass
class Windows:
    """Ends of every cell of a population that are public, beside exact figures.

    Attributes:
        low, high: of every cell; 0 and infinite where nothing was said.
        told: the cells of which something was said.
        positive: those of them that are known to be at least one by whoever knows that zeros stay zeros.
        printed: the rounded figure that was printed last; nan where there is none.
        differ: figures whose ends do not hold the count that the records have now: (table, address).
        left_out: figures that a rounded release left out, and so said to be zero: (table, address).
    """

    low: FloatArray
    high: FloatArray
    told: BoolArray
    positive: BoolArray
    printed: FloatArray
    differ: list[tuple[str, CellKey]] = field(default_factory=list)
    left_out: set[tuple[str, CellKey]] = field(default_factory=set)

    @classmethod
    def none(cls, size: int) -> "Windows":
        """Nothing is known."""
        no = np.zeros(size, bool)
        return cls(np.zeros(size), np.full(size, np.inf), no, no.copy(), np.full(size, np.nan))

    def narrow(self, cells: BoolArray, printed: FloatArray, most: int) -> "Windows":
        """With these cells printed, each at most so far from its count, too."""
        low = np.where(cells, np.maximum(self.low, printed - most), self.low)
        high = np.where(cells, np.minimum(self.high, printed + most), self.high)
        return Windows(
            low,
            high,
            np.asarray(self.told | cells, np.bool_),
            np.asarray(self.positive | (cells & (printed > 0)), np.bool_),
            np.where(cells, printed, self.printed),
            self.differ,
            self.left_out,
        )


def windows(one: Joint, figures: Iterable[Figure]) -> Windows:
    """What figures tell of a population as ends; exact figures are passed over.

    A figure whose ends do not hold the present count is of records that have been revised since: it says nothing
    about the present ones and is listed in ``differ``. Shares printed beside rounded counts are made of printed figures
    only and say nothing more.
    """
    found = Windows.none(one.system.size)
    own = [each for each in figures if each.table in one.tables and one.spec(each.table).measure.counts]
    out = list(_left_out(one, own))
    found.left_out = {(each.table, key_of(one.spec(each.table), each.period, each.codes)) for each in out}
    for figure in (*own, *out):
        if figure.low is None and figure.high is None:
            continue
        spec = one.spec(figure.table)
        key = key_of(spec, figure.period, figure.codes)
        cell = one.cells(spec, key)[0]
        low = 0.0 if figure.low is None else figure.low
        high = np.inf if figure.high is None else figure.high
        rounded = bool(figure.base) and figure.value is not None
        true = one.truth[cell] if cell >= 0 else 0.0
        if not low <= true <= high or (rounded and figure.value and not true):
            found.differ.append((figure.table, key))
        elif cell >= 0:
            found.low[cell], found.high[cell] = max(found.low[cell], low), min(found.high[cell], high)
            found.told[cell] = True
            if rounded and figure.value is not None:
                found.printed[cell] = figure.value
                found.positive[cell] |= figure.value > 0
    return found


def _left_out(one: Joint, figures: Iterable[Figure]) -> Iterator[Figure]:
    """What rounded releases did not print in tables that leave zeros out: to their readers it is a zero."""
    printed: dict[tuple[str, str, str, int, str], dict[CellKey, Figure]] = defaultdict(dict)
    for each in figures:
        spec = one.spec(each.table)
        if each.base and spec.zeros == "omit":
            whole = each.source, each.release, each.release_period, each.version, each.table
            printed[whole][key_of(spec, each.period, each.codes)] = each
    for (*_, table), told in printed.items():
        spec = one.spec(table)
        most = max(
            (each.high - each.value for each in told.values() if each.high and each.value is not None), default=0
        )
        periods = {key[0] for key in told}
        like = next(iter(told.values()))
        for key in one.figures[table]:
            if key[0] in periods and key not in told:
                names = zip((dimension.id for dimension in spec.dimensions), key[1:], strict=True)
                codes = tuple(sorted((name, code) for name, code in names if code != TOTAL))
                yield replace(like, period=key[0], codes=codes, value=0.0, status="A", low=0.0, high=most)
