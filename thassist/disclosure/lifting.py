"""The protector's second way: what to withhold so that an alternative over the full cross shows a small figure large.

The proposals of :mod:`thassist.disclosure.flow` go along the sums between cells, which for linked tables allow what no
records can give. Where the audit therefore finds a figure, real records are moved instead: the cheapest move of records
that lifts the figure, where changing a published figure costs what withholding it costs. What it changes is withheld
from then on. Its solution comes from records, so that the audit meets the same alternative; and where there is none,
there is no pattern at all that protects the figure, and it is said which figures are in the way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from thassist.disclosure.attack import Knowledge, Point, Records, implied, link_rows
from thassist.disclosure.equations import BoolArray, Cross, FloatArray, IntArray, System, TooWide
from thassist.disclosure.moves import Moves
from thassist.disclosure.parts import Part

#: What it costs to change a withheld figure by one unit: nearly nothing.
_FREE = 1e-3
#: What it costs to change a figure that is out, where it is asked which of them are in the way.
_PUBLIC = 100.0
_NOISE = 1e-6


@dataclass
class Lifting:
    """Moves of records over a whole system, priced by what they would withhold; built once.

    Attributes:
        system, truth, records: the registry, its true values, and the kinds of real records by population.
        least: what a withheld cell is known to be at least.
        movable: which cells are withheld or may be.
        withheld: which of them are withheld already.
        cost: of withholding each cell.
        deadline: of :func:`time.monotonic`.
    """

    system: System
    truth: FloatArray
    records: Mapping[int, Records]
    least: float
    movable: BoolArray
    withheld: BoolArray
    cost: FloatArray
    deadline: float
    moves: Moves = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Load the programme of no move at all."""
        system, truth = self.system, self.truth
        shown = system.shown
        fixed = shown & ~self.movable
        low = np.where(fixed, truth, np.where(shown, self.least, 0.0))
        known = Knowledge(low, np.where(fixed, truth, np.inf))
        links = link_rows(system)
        tied = shown & (known.high > 0) & ~implied(system, known.fixed)
        for row in links.tolist():
            tied[system.rows.indices[system.rows.indptr[row] : system.rows.indptr[row + 1]]] = True
        sizes = [population.variables[0].leaves for population in system.populations]
        part = Part(np.flatnonzero(tied), (0,) * len(sizes), tuple(np.ones(size, bool) for size in sizes))
        crosses = [Cross(system, number) for number in range(len(sizes))]
        zero = np.asarray(known.high == 0, np.bool_)
        live = [self._live(number, cross, zero) for number, cross in enumerate(crosses)]
        prices = np.where(shown & self.movable, np.where(self.withheld, _FREE, self.cost), 0.0)
        self.moves = Moves(system, known, part, links, truth, self.records, crosses, live, self.deadline, prices=prices)

    def _live(self, number: int, cross: Cross, zero: BoolArray) -> IntArray:
        try:
            return cross.live(zero)
        except TooWide:
            return np.unique(cross.columns(self.records[number].leaves))

    def withhold(self, cells: IntArray) -> None:
        """Note that cells are withheld: changing them costs nearly nothing from now on."""
        self.withheld[cells] = True
        self.moves.reprice(cells, np.full(cells.size, _FREE))

    def lift(
        self, cell: int, goal: float, held: Sequence[int] = (), present: Sequence[tuple[int, int]] = ()
    ) -> Point | None:
        """The cheapest alternative in which a cell reaches a goal; withholds what it changes.

        Args:
            cell: a withheld cell.
            goal: how large it must look.
            held: cells that this attacker, an insider, knows to have their true value.
            present: kinds of records of which this attacker knows one to exist.

        Returns:
            The alternative; None where no pattern protects the cell.

        Raises:
            Doubt: the solver or the time limit.
        """
        point = self.moves.propose(cell, goal, np.array(sorted(held), np.int64), present)
        if point is not None:
            self._withhold_changed(point)
        return point

    def lift_all(self, cells: IntArray, goals: FloatArray) -> Point:
        """One alternative that lifts as many of some cells as it can; withholds what it changes.

        Raises:
            Doubt: the solver or the time limit.
        """
        point = self.moves.propose_all(cells, goals)
        self._withhold_changed(point)
        return point

    def _withhold_changed(self, point: Point) -> None:
        changed = self.moves.rows[np.abs(point.values - self.moves.values) > _NOISE]
        self.withhold(changed[self.system.shown[changed] & ~self.withheld[changed]])

    def shows(self, point: Point, cell: int, goal: float) -> bool:
        """Whether an alternative already shows a cell as large as asked."""
        return bool(point.values[self.moves.place[cell]] >= goal - _NOISE)

    def insider(self, cell: int) -> tuple[tuple[int, ...], tuple[tuple[int, int], ...]]:
        """What the insiders of a cell of one or two know: cells that keep their value, and records that exist."""
        number = int(np.searchsorted(self.system.start, cell, side="right")) - 1
        own = self.records[number]
        member = self.system.incidence(number, own.leaves)
        kinds = member.indices[member.indptr[cell] : member.indptr[cell + 1]].astype(np.int64)
        present = [(number, int(column)) for column in self.moves.crosses[number].columns(own.leaves[kinds])]
        if own.units is not None and self.truth[cell] == 1:
            for other, known in self.records.items():
                if other != number and known.units is not None:
                    same = np.unique(known.units[np.isin(own.units, kinds)])
                    columns = self.moves.crosses[other].columns(known.leaves[same])
                    present += [(other, int(column)) for column in columns]
        return ((cell,) if self.truth[cell] == 1 else ()), tuple(present)

    def in_the_way(self, cell: int, goal: float) -> tuple[int, ...]:
        """The published figures without which a cell could be protected, as few as a programme finds."""
        fixed = self.system.shown & (self.truth > 0) & ~self.movable
        every = Lifting(
            self.system,
            self.truth,
            self.records,
            self.least,
            np.asarray(self.movable | fixed, np.bool_),
            np.asarray(self.movable.copy(), np.bool_),
            np.full(self.system.size, _PUBLIC),
            self.deadline,
        )
        point = every.moves.propose(cell, goal, np.zeros(0, np.int64))
        if point is None:
            return ()
        changed = every.moves.rows[np.abs(point.values - every.moves.values) > _NOISE]
        return tuple(changed[fixed[changed]].tolist())
