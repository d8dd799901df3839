"""What a reader can work out: the interval of each withheld cell, by subtraction along the sums that must hold.

Interval propagation on the additive equations: each equation narrows its withheld cells from what the others may be,
until nothing changes. It convicts and never acquits: a cell that it leaves wide may still follow from several
equations together (that takes a linear programme). Sums that cannot hold say nothing and are left out, and so is what
was worked out through them.
"""

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import ceil, floor, inf

from thassist.verify.profile import Bounds
from thassist.verify.sums import Cell, Sum, certain, judge, withheld

_NOISE = 1e-9
#: Rounds after which a system that still narrows is left as it is; each round only narrows, so this is sound.
_MOST_STEPS = 200


@dataclass(frozen=True)
class Revealed:
    """A withheld cell about which more is known than its symbol says.

    Attributes:
        cell: the cell as printed.
        low, high: what it can be; whole numbers.
        said: what its symbol says.
        through: the sum by which it was narrowed last.
    """

    cell: Cell
    low: float
    high: float
    said: Bounds
    through: Sum

    @property
    def values(self) -> float:
        """How many values remain."""
        return self.high - self.low + 1


def revealed(equations: Iterable[Sum], *, absent: str, complete: bool = False) -> list[Revealed]:
    """Every withheld cell that the equations narrow, in the order of the rows.

    Args:
        equations: sums; those in which one unit may stand in several parts say nothing and are left out.
        absent: ``zero`` where a part that is not printed is none, ``unknown`` where it can be anything.
        complete: take the parts for all parts also where the sum says that some may be missing, as whoever subtracts
            would.
    """
    usable = {"=", "<="} if complete else {"="}
    used = [
        each
        for each in (replace(each, relation="=") for each in equations if each.relation in usable)
        if not (each.absent and absent == "unknown")
        and all(certain(cell) for cell in (*each.left, *each.right))
        and any(withheld(cell) for cell in (*each.left, *each.right))
        and judge(each).holds
    ]
    return _System(used).solve()


class _System:
    def __init__(self, equations: list[Sum]) -> None:
        self.equations = equations
        self.bounds: dict[Cell, Bounds] = {}
        self.through: dict[Cell, Sum] = {}
        self.where: dict[Cell, list[int]] = defaultdict(list)
        self.broken: set[int] = set()
        for number, equation in enumerate(equations):
            for cell in (*equation.left, *equation.right):
                self.bounds[cell] = cell[0].low, cell[0].high
                self.where[cell].append(number)

    def solve(self) -> list[Revealed]:
        waiting = deque(range(len(self.equations)))
        queued = set(waiting)
        steps = dict.fromkeys(waiting, 0)
        while waiting:
            number = waiting.popleft()
            queued.discard(number)
            steps[number] += 1
            if number in self.broken or steps[number] > _MOST_STEPS:
                continue
            for cell in self._narrow(number):
                again = [other for other in self.where[cell] if other != number and other not in queued]
                waiting.extend(again)
                queued.update(again)
        tainted = self._tainted()
        found = []
        for cell, (low, high) in self.bounds.items():
            said = cell[0].low, cell[0].high
            if withheld(cell) and cell not in tainted and (low, high) != said:
                found.append(Revealed(cell, low, high, said, self.through[cell]))
        return sorted(found, key=lambda each: each.cell[0].row)

    def _narrow(self, number: int) -> list[Cell]:
        """Narrow the withheld cells of one equation: total - parts = 0, each cell with its sign."""
        equation = self.equations[number]
        terms = [(cell, 1) for cell in equation.left] + [(cell, -1) for cell in equation.right]
        narrowed = []
        for cell, sign in terms:
            if not withheld(cell):
                continue
            rest_low = rest_high = equation.constant
            for other, other_sign in terms:
                if other is cell:
                    continue
                low, high = self.bounds[other]
                rest_low += low if other_sign > 0 else -high
                rest_high += high if other_sign > 0 else -low
            low, high = (-rest_high, -rest_low) if sign > 0 else (rest_low, rest_high)
            before = self.bounds[cell]
            new = max(before[0], _up(low)), min(before[1], _down(high))
            if new[0] > new[1]:
                self.broken.add(number)
                return []
            if new != before:
                self.bounds[cell] = new
                self.through[cell] = equation
                narrowed.append(cell)
        return narrowed

    def _tainted(self) -> set[Cell]:
        """The cells that hang together with an equation that turned out impossible."""
        tainted: set[Cell] = set()
        waiting = list(self.broken)
        seen = set(waiting)
        while waiting:
            equation = self.equations[waiting.pop()]
            for cell in (*equation.left, *equation.right):
                if not withheld(cell):
                    continue
                tainted.add(cell)
                more = [number for number in self.where[cell] if number not in seen]
                seen.update(more)
                waiting.extend(more)
        return tainted


def _up(number: float) -> float:
    return number if number in {inf, -inf} else float(ceil(number - _NOISE))


def _down(number: float) -> float:
    return number if number in {inf, -inf} else float(floor(number + _NOISE))
