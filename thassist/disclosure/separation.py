"""What an attacker could take for true under a pattern of withheld cells, and the inequality where that is too little.

One linear programme over the cells and, where the cross is small enough to be written out, over every kind of record
that no printed zero rules out (then it is exact but for whole numbers; with the rows between cells alone it is a
relaxation, whose inequalities hold all the same). For a pattern ``s``, whole or in fractions, a cell lies between
``y - (y - l) s`` and ``y + B s``. By duality the most that a target can be is at most ``base + sum(gain * s)`` for
*every* pattern, so that

    sum(gain * s) >= goal - base

must hold for every pattern that protects it; no gain needs to be larger than the right side.

Source: Fischetti and Salazar-González, Management Science 47 (2001), section 4.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import highspy
import numpy as np
from scipy import sparse

from thassist.disclosure.attack import Doubt, Records, link_rows
from thassist.disclosure.equations import UNBOUNDED, BoolArray, Cross, FloatArray, IntArray, System
from thassist.disclosure.solver import Work, run, solver
from thassist.disclosure.witness import Witness

_NOISE = 1e-6
_INF = highspy.kHighsInf
#: Up to so many kinds of records the cross is written out.
_MOST_KINDS = 6_000
#: Branches of one question in whole numbers.
_MOST_NODES = 1_000
#: Cells that are published may move by this part of what is needed while an inequality is looked for: of the many
#: that are equally far from the pattern, one is found that asks little of other patterns.
_LENT = 0.02


@dataclass(frozen=True, slots=True)
class Demand:
    """What must look possible to somebody: that a cell is ``goal`` or more (``up``), or ``goal`` or less.

    Attributes:
        cell, goal, up: what.
        alone: the cell that this insider knows to be 1; -1 for none.
        kind: the column of the record that this insider knows to exist; -1 for none.
        width: that the ends are so far apart, instead of a goal, where more than 0.
    """

    cell: int
    goal: float
    up: bool = True
    alone: int = -1
    kind: int = -1
    width: float = 0.0


@dataclass(frozen=True, eq=False)
class Alternative:
    """Values of all cells that differ from the truth only in ``moved``, and of the kinds of records behind them."""

    values: FloatArray
    moved: BoolArray
    kinds: FloatArray

    def meets(self, demand: Demand, truth: FloatArray) -> bool:
        """Whether it refutes what the demand's attacker might conclude; wherever it holds."""
        if demand.width:
            return bool(abs(self.values[demand.cell] - truth[demand.cell]) >= demand.width - _NOISE)
        value = self.values[demand.cell]
        reached = value >= demand.goal - _NOISE if demand.up else value <= demand.goal + _NOISE
        if demand.alone >= 0 and self.moved[demand.alone]:
            return False
        return bool(reached) and (demand.kind < 0 or self.kinds[demand.kind] >= 1 - _NOISE)


@dataclass(frozen=True, eq=False)
class Cut:
    """``sum(gain * s) >= 1`` over the cells that may be withheld or not."""

    gain: FloatArray


class Separator:
    """The attackers' programme of a whole system.

    Args:
        system, truth: registry and true values.
        least: what a withheld cell is known to be at least.
        movable: which cells may be withheld or are.
        must: those of them that are withheld in every pattern.
        records: the kinds of real records.
        work: what may be done, and was.
        deadline: of :func:`time.monotonic`.
    """

    def __init__(
        self,
        system: System,
        truth: FloatArray,
        least: float,
        movable: BoolArray,
        must: BoolArray,
        records: Mapping[int, Records],
        work: Work,
        deadline: float,
    ) -> None:
        self.system, self.truth, self.work, self.deadline, self.solves = system, truth, work, deadline, 0
        self.must = must
        self.free = movable & ~must
        zero = system.shown & (truth == 0) & ~movable
        self.leaves = self._kinds(zero)
        self.cross = self.leaves is not None
        own = system.shown & ~zero if self.cross else ~zero
        rows = system.rows[link_rows(system)]
        own[rows.indices] = True  # what ties populations together is shown nowhere
        self.cells = np.flatnonzero(own)
        self.place = np.full(system.size, -1, np.int64)
        self.place[self.cells] = np.arange(self.cells.size)
        self.value = truth[self.cells]
        self.down = np.where(movable, truth - least, 0.0)[self.cells]
        self.open = ~system.shown[self.cells]
        self.loose = (movable | ~system.shown)[self.cells]
        self._load()
        self.inner = np.zeros(self.kinds)
        if self.leaves is not None:
            for number, first, leaves in self.leaves:
                found = _find(leaves, records[number].leaves) if number in records else np.zeros(0, np.int64)
                self.inner[first + found[found >= 0]] = records[number].counts[found >= 0] if found.size else 0

    def _kinds(self, zero: BoolArray) -> list[tuple[int, int, IntArray]] | None:
        """By population the first column and the leaves of the kinds that may exist; None where they are too many."""
        found, first = [], 0
        for number in range(len(self.system.populations)):
            cross = Cross(self.system, number)
            if not cross.complete or cross.size > 100 * _MOST_KINDS:
                return None
            leaves = cross.leaves(cross.live(zero))
            found.append((number, first, leaves))
            first += leaves.shape[0]
        return found if first <= _MOST_KINDS else None

    def _load(self) -> None:
        system, size = self.system, self.cells.size
        if self.leaves is not None:
            member = sparse.hstack([system.incidence(number, leaves)[self.cells] for number, _, leaves in self.leaves])
            links = link_rows(system)
            link = sparse.csr_array(system.rows[links][:, self.cells])
            self.kinds = member.shape[1]
            sums = sparse.hstack([-sparse.eye_array(size), member])
            matrix = sparse.vstack([sums, sparse.hstack([link, sparse.csr_array((links.size, self.kinds))])])
            low = np.concatenate([np.zeros(size), system.low[links]])
            high = np.concatenate([np.zeros(size), system.high[links]])
        else:
            self.kinds = 0
            matrix, low, high = system.rows[:, self.cells], system.low, system.high
        self.matrix = sparse.csc_array(matrix)
        self.low = np.where(low <= -UNBOUNDED, -_INF, low)
        self.high = np.where(high >= UNBOUNDED, _INF, high)
        columns = size + self.kinds
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = columns, self.matrix.shape[0]
        model.sense_ = highspy.ObjSense.kMaximize
        model.col_cost_ = np.zeros(columns)
        model.col_lower_ = np.concatenate([self.value, np.zeros(self.kinds)])
        model.col_upper_ = np.concatenate([self.value, np.full(self.kinds, _INF)])
        model.row_lower_, model.row_upper_ = self.low, self.high
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_ = self.matrix.indptr.astype(np.int32)
        model.a_matrix_.index_ = self.matrix.indices.astype(np.int32)
        model.a_matrix_.value_ = self.matrix.data.astype(np.float64)
        self.highs = solver()
        self.highs.setOptionValue("presolve", "off")
        self.highs.passModel(model)
        self.every = np.arange(size, dtype=np.int32)

    # -- questions

    def ask(self, demand: Demand, pattern: FloatArray) -> Alternative | list[Cut]:
        """An alternative that meets a demand under a whole pattern, or inequalities that the pattern may break.

        Raises:
            OutOfTime: the limit is reached.
            Doubt: the solver gave no optimum.
        """
        if demand.width:
            found = self._wide(demand, pattern)
            return [found] if found else []
        self._ends(demand, pattern, np.inf, 0.0)
        value, dual = self._optimum(demand)
        if (value >= demand.goal - _NOISE) if demand.up else (value <= demand.goal + _NOISE):
            return self._alternative()
        # once more with a little lent to everybody: of equal multipliers, those that ask little elsewhere
        self._ends(demand, pattern, np.inf, _LENT)
        _, lent = self._optimum(demand)
        cuts = [self._cut(demand, *self._gain(demand, found)) for found in (lent, dual)]
        return [cut for cut in cuts if cut is not None]

    def cut(self, demand: Demand, pattern: FloatArray) -> Cut | None:
        """An inequality that a pattern in fractions breaks, if one is found."""
        if demand.width:
            return self._wide(demand, np.round(pattern))
        need = abs(demand.goal - self.truth[demand.cell])
        self._ends(demand, pattern, need, 0.0)
        value, dual = self._optimum(demand)
        if (value >= demand.goal - _NOISE) if demand.up else (value <= demand.goal + _NOISE):
            return None
        return self._cut(demand, *self._gain(demand, dual))

    def whole(self, demand: Demand, pattern: BoolArray) -> Alternative | None:
        """An alternative of whole records that meets a demand under a whole pattern; None if there is none.

        Raises:
            Doubt: it was not settled with so many branches.
            OutOfTime: the limit is reached.
        """
        self._ends(demand, pattern.astype(float), np.inf, 0.0)
        model = self.highs.getLp()
        lower, upper = np.array(model.col_lower_), np.array(model.col_upper_)
        lower[self.place[demand.cell]] = demand.goal
        upper[self.place[demand.cell]] = _INF
        model.col_lower_, model.col_upper_ = lower, upper
        model.col_cost_ = np.zeros(lower.size)
        model.integrality_ = [highspy.HighsVarType.kInteger] * lower.size
        other = solver()
        other.setOptionValue("mip_max_nodes", _MOST_NODES)
        other.passModel(model)
        status = run(other, self.deadline)
        self.solves += 1
        self.work.spend(other)
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise Doubt(str(status))
        return self._made(np.rint(np.array(other.getSolution().col_value)))

    def witnesses(self, alternatives: Iterable[Alternative]) -> list[Witness]:
        """What the audit can add up again."""
        made = []
        for alternative in alternatives if self.leaves is not None else ():
            change = alternative.kinds - self.inner
            change = np.where(np.abs(change - np.rint(change)) < _NOISE, np.rint(change), change)
            found = {}
            for number, first, leaves in self.leaves or ():
                own = change[first : first + leaves.shape[0]]
                moved = np.flatnonzero(own)
                if moved.size:
                    found[number] = leaves[moved], own[moved]
            made.append(Witness(found))
        return made

    # -- the programme

    def _ends(self, demand: Demand, pattern: FloatArray, most: float, lent: float) -> None:
        """What is known under a pattern, moves limited to ``most``; and what the demand's insider knows."""
        share = pattern[self.cells]
        need = max(1.0, abs(demand.goal - self.truth[demand.cell]))
        share = np.where(self.loose, np.maximum(share, 0.0), 0.0)
        if np.isinf(most):
            up, down = np.where(share > 0.5, np.inf, 0.0), np.where(share > 0.5, self.down, 0.0)
        else:
            up, down = most * share, np.minimum(self.down, most) * share
        if lent:
            closed = self.loose & (share <= 0.5)
            up = np.where(closed, lent * need, up)
            down = np.where(closed, lent * np.minimum(self.down, need), down)
        low, high = self.value - down, self.value + up
        low[self.open], high[self.open] = 0.0, np.inf
        at = self.place[demand.cell]
        low[at], high[at] = self.value[at] - self.down[at], np.inf
        if demand.up and not lent:  # beyond what is asked nothing needs to be known, and there may be no end
            high[at] = self.value[at] + demand.width if demand.width else demand.goal
        if demand.alone >= 0:
            low[self.place[demand.alone]] = high[self.place[demand.alone]] = 1.0
        self.highs.changeColsBounds(self.every.size, self.every, low, np.where(np.isinf(high), _INF, high))

    def _optimum(self, demand: Demand) -> tuple[float, FloatArray]:
        """The end that a demand asks for, and the multipliers of the rows."""
        at = int(self.place[demand.cell])
        column = self.cells.size + demand.kind
        if demand.kind >= 0:
            self.highs.changeColBounds(column, 1.0, _INF)
        self.highs.changeColCost(at, 1.0 if demand.up else -1.0)
        try:
            status = run(self.highs, self.deadline)
            self.solves += 1
            self.work.spend(self.highs)
            if status != highspy.HighsModelStatus.kOptimal:
                raise Doubt(str(status))
            solution = self.highs.getSolution()
            self._found = np.array(solution.col_value)
            return float(self._found[at]), np.array(solution.row_dual)
        finally:
            self.highs.changeColCost(at, 0.0)
            if demand.kind >= 0:
                self.highs.changeColBounds(column, 0.0, _INF)

    def _gain(self, demand: Demand, dual: FloatArray) -> tuple[float, FloatArray]:
        """The target's end is at most ``base + sum(gain * s)`` (at least minus that, downwards) for every pattern.

        Infinite gains stand for cells without an upper end.
        """
        size = self.cells.size
        reduced = -(self.matrix.T @ dual)
        reduced[self.place[demand.cell]] += 1.0 if demand.up else -1.0
        reduced[np.abs(reduced) < 1e-9] = 0.0
        own = reduced[:size]
        base = float(own @ np.where(self.open, 0.0, self.value))
        used = np.where(dual > 0, self.high, self.low)
        some = np.abs(dual) > 1e-9
        some &= ~((self.low == 0) & (self.high == 0))
        base += float(dual[some] @ used[some])
        gain = np.where(own > 0, np.inf, -own * self.down)
        gain[self.open] = np.where(own[self.open] > 1e-7, np.inf, 0.0)
        if demand.kind >= 0:
            base += min(0.0, float(reduced[size + demand.kind]))
        if demand.alone >= 0:
            gain[self.place[demand.alone]] = 0.0
        return base, gain

    def _cut(self, demand: Demand, base: float, gain: FloatArray) -> Cut | None:
        need = demand.width - base if demand.width else (demand.goal if demand.up else -demand.goal) - base
        spread = np.zeros(self.system.size)
        spread[self.cells] = gain
        fixed = self.must.copy()
        fixed[self.cells[self.open]] = True
        at = demand.cell
        fixed[at] = True
        # the target itself has no upper end but its goal; where its multiplier is positive nothing follows
        need -= float(spread[fixed].sum())
        if not need > _NOISE:
            return None
        return Cut(np.where(self.free, np.minimum(spread / need, 1.0), 0.0))

    def _wide(self, demand: Demand, pattern: FloatArray) -> Cut | None:
        """The same for both ends together: so far apart must they be."""
        base, gain, ends = 0.0, np.zeros(self.cells.size), []
        for up in (True, False):
            one = Demand(demand.cell, demand.goal, up, width=demand.width)
            self._ends(one, pattern, np.inf, 0.0)
            value, dual = self._optimum(one)
            more, own = self._gain(one, dual)
            base, gain = base + more, gain + own
            ends.append(value)
        if ends[0] - ends[1] >= demand.width - _NOISE:
            return None
        return self._cut(demand, base, gain)

    def _alternative(self) -> Alternative:
        return self._made(self._found)

    def _made(self, found: FloatArray) -> Alternative:
        values = self.truth.copy()
        values[self.cells] = found[: self.cells.size]
        moved = (np.abs(values - self.truth) > _NOISE) & self.system.shown
        return Alternative(values, moved, found[self.cells.size :])


def _find(among: IntArray, wanted: IntArray) -> IntArray:
    """The rows of one table in another; -1 where there is none."""
    place = {tuple(row): number for number, row in enumerate(among.tolist())}
    return np.array([place.get(tuple(row), -1) for row in wanted.tolist()], np.int64)
