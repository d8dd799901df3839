"""The protector's proposals: which figures to withhold so that a small one could be large, at the least cost.

One linear programme over the rows between cells, with ``y = truth + up - down``: to make a target look large, others
must move with it, and what moves must be withheld. Its solution is an alternative table, a *certificate* that protects
its target as long as all that it moved stays withheld. Cells that are withheld already move nearly free.

The rows are a relaxation for linked tables (see :mod:`thassist.disclosure.equations`); the audit, which knows the full
cross, has the last word over every proposal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import highspy
import numpy as np
from scipy import sparse

from thassist.disclosure.equations import UNBOUNDED, BoolArray, FloatArray, IntArray, System
from thassist.disclosure.solver import run

_NOISE = 1e-6
_INF = highspy.kHighsInf
#: What it costs to move a withheld cell by one unit: nearly nothing, but short ways are kept short.
_FREE = 1e-3


@dataclass(frozen=True, slots=True)
class Target:
    """What must look possible: that a cell is ``goal`` or more (``up``), or ``goal`` or less.

    ``held`` are cells that this attacker, an insider, knows to have their true value.
    """

    cell: int
    goal: float
    up: bool = True
    held: frozenset[int] = frozenset()


@dataclass(frozen=True, eq=False)
class Certificate:
    """An alternative: the cells that moved, and by how much."""

    moves: Mapping[int, float]

    def proves(self, target: Target, truth: FloatArray) -> bool:
        """Whether it shows what a target asks for."""
        value = truth[target.cell] + self.moves.get(target.cell, 0.0)
        reached = value >= target.goal - _NOISE if target.up else value <= target.goal + _NOISE
        return bool(reached) and target.held.isdisjoint(self.moves)


@dataclass
class Flow:
    """The linear programme of proposals, built once.

    Attributes:
        system: registry and rows.
        truth: true values of all cells.
        least: what a withheld cell is known to be at least.
        movable: which cells may be withheld or are; all others stay as they are (published, zero, must stay public).
        cost: of withholding each cell.
        deadline: of :func:`time.monotonic`.
    """

    system: System
    truth: FloatArray
    least: float
    movable: BoolArray
    cost: FloatArray
    deadline: float
    solves: int = 0
    #: Whether withheld cells cost as much as others: then other ways are found than the known ones.
    expensive: bool = False
    withheld: BoolArray = field(init=False)

    def __post_init__(self) -> None:
        """Load the model: two columns (up, down) a movable or auxiliary cell."""
        system = self.system
        self.withheld = np.zeros(system.size, bool)
        active = self.movable | (~system.shown & ~self._settled())
        self.cells = np.flatnonzero(active)
        self.place = np.full(system.size, -1, np.int64)
        self.place[self.cells] = np.arange(self.cells.size)
        touched = sparse.csr_array(abs(system.rows) @ sparse.csr_array(active.astype(float)[:, None]))
        rows = np.flatnonzero(touched.toarray().ravel())
        part = sparse.csc_array(system.rows[rows][:, self.cells])
        matrix = sparse.csc_array(sparse.hstack([part, -part]))
        now = system.rows[rows] @ self.truth
        size = self.cells.size
        self.closed = np.zeros(self.cells.size, bool)
        self.floor = np.where(system.shown[self.cells], self.least, 0.0)
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = 2 * size, rows.size
        model.col_cost_ = np.tile(self._prices(), 2)
        model.col_lower_ = np.zeros(2 * size)
        model.col_upper_ = np.concatenate([np.full(size, UNBOUNDED), self._down()])
        model.row_lower_ = np.where(system.low[rows] <= -UNBOUNDED, -_INF, system.low[rows] - now)
        model.row_upper_ = np.where(system.high[rows] >= UNBOUNDED, _INF, system.high[rows] - now)
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_ = matrix.indptr.astype(np.int32)
        model.a_matrix_.index_ = matrix.indices.astype(np.int32)
        model.a_matrix_.value_ = matrix.data
        self.highs = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, value in (("output_flag", False), ("presolve", "off"), ("threads", 1), ("random_seed", 1)):
            self.highs.setOptionValue(option, value)
        self.highs.passModel(model)

    def _settled(self) -> BoolArray:
        """Auxiliary cells that are zero in every table: they stay zero."""
        return np.asarray(self.truth == 0, np.bool_)

    def _down(self) -> FloatArray:
        return np.asarray(np.maximum(0.0, self.truth[self.cells] - self.floor), np.float64)

    def _prices(self) -> FloatArray:
        shown = self.system.shown[self.cells]
        free = self.withheld[self.cells] | ~shown
        known = self.cost[self.cells] if self.expensive else _FREE
        return np.where(free, np.where(shown, known, 0.0), self.cost[self.cells])

    def withhold(self, cells: IntArray, *, on: bool = True) -> None:
        """Note that cells are withheld (or are not, again)."""
        self.withheld[cells] = on
        self._reprice(self.place[cells])

    def _reprice(self, places: IntArray) -> None:
        places = places[places >= 0]
        both = np.concatenate([places, places + self.cells.size]).astype(np.int32)
        self.highs.changeColsCost(both.size, both, np.tile(self._prices()[places], 2))

    def _bounds(self, places: IntArray, up: FloatArray | float, down: FloatArray | float) -> None:
        size = places.size
        if size:
            shut = self.closed[places]
            up, down = np.where(shut, 0.0, up), np.where(shut, 0.0, down)
            both = np.concatenate([places, places + self.cells.size]).astype(np.int32)
            upper = np.concatenate([np.broadcast_to(up, size), np.broadcast_to(down, size)]).astype(float)
            self.highs.changeColsBounds(2 * size, both, np.zeros(2 * size), upper)

    def find(self, target: Target, *, forbidden: IntArray | None = None) -> Certificate | None:
        """The cheapest certificate of a target; None where there is none.

        Args:
            target: what must look possible.
            forbidden: cells that may not move in this one.

        Raises:
            OutOfTime: the limit is reached.
            RuntimeError: the solver gave another answer than optimal or infeasible.
        """
        size = self.cells.size
        at = int(self.place[target.cell])
        if at < 0:
            return None
        still = self.place[np.array(sorted(target.held), np.int64)] if target.held else np.zeros(0, np.int64)
        if forbidden is not None:
            still = np.concatenate([still, self.place[forbidden]])
        still = still[(still >= 0) & (still != at)]
        need = abs(target.goal - self.truth[target.cell])
        self._bounds(still, 0.0, 0.0)
        # the other direction is closed: up and down together would look like a move and change nothing
        first, second = (at, at + size) if target.up else (at + size, at)
        down = self._down()
        most = UNBOUNDED if target.up else float(down[at])
        self.highs.changeColBounds(first, float(need), max(most, float(need)))
        self.highs.changeColBounds(second, 0.0, 0.0)
        try:
            if not target.up and need > most:
                return None
            return self._solve()
        finally:
            touched = np.concatenate([still, [at]])
            self._bounds(touched, UNBOUNDED, down[touched])

    def _solve(self) -> Certificate | None:
        status = run(self.highs, self.deadline)
        self.solves += 1
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise RuntimeError(str(status))
        found = np.array(self.highs.getSolution().col_value)
        change = found[: self.cells.size] - found[self.cells.size :]
        moved = np.flatnonzero(np.abs(change) > _NOISE)
        return Certificate(dict(zip(self.cells[moved].tolist(), change[moved].tolist(), strict=True)))

    def protect(self, targets: Sequence[Target], proven: dict[Target, Certificate]) -> list[Target]:
        """Withhold what each target needs, one after the other; the targets for which there is no way.

        Certificates are kept in ``proven``; one that proves other targets too saves their programmes.
        """
        impossible: list[Target] = []
        by_cell: dict[int, list[Target]] = {}
        for target in targets:
            by_cell.setdefault(target.cell, []).append(target)
        for target in targets:
            if target in proven:
                continue
            certificate = self.find(target)
            if certificate is None:
                impossible.append(target)
                continue
            moved = np.array(list(certificate.moves), np.int64)
            new = moved[~self.withheld[moved] & self.system.shown[moved]]
            if new.size:
                self.withhold(new)
            proven[target] = certificate
            for cell in certificate.moves:
                for other in by_cell.get(cell, ()):
                    if other not in proven and certificate.proves(other, self.truth):
                        proven[other] = certificate
        return impossible

    def clean(self, proven: dict[Target, Certificate], removable: IntArray, most_solves: int) -> int:
        """Publish again what is not needed, in the order given (dearest first); how many cells.

        A cell goes back if every certificate that moved it can be replaced by one over what is withheld besides.
        """
        gone, end = 0, self.solves + most_solves
        self.closed = ~self.withheld[self.cells] & self.system.shown[self.cells]
        self._bounds(np.flatnonzero(self.closed), UNBOUNDED, UNBOUNDED)
        for cell in removable.tolist():
            if self.solves > end:
                break
            lost = [target for target, certificate in proven.items() if cell in certificate.moves]
            place = self.place[cell]
            self.closed[place] = True
            self._bounds(np.array([place]), 0.0, 0.0)
            replaced: dict[Target, Certificate] = {}
            for target in lost:
                other = next((each for each in replaced.values() if each.proves(target, self.truth)), None)
                other = other or self.find(target)
                if other is None:
                    break
                replaced[target] = other
            if len(replaced) == len(lost):
                proven.update(replaced)
                self.withhold(np.array([cell]), on=False)
                gone += 1
            else:
                self.closed[place] = False
                self._bounds(np.array([place]), UNBOUNDED, self._down()[[place]])
        self.closed[:] = False
        self._bounds(np.arange(self.cells.size), UNBOUNDED, self._down())
        return gone
