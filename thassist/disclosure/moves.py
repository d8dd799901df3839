"""The auditor's short way to an alternative, when the truth is known: move few records so that a figure looks large.

A move takes some real records away and puts others in, so that every published figure stays as it is. Moving few of
them mostly comes out in whole records and leaves nearly all other figures alone, so one move refutes nearly every
insider too. It can only acquit; what no move settles is for :mod:`thassist.disclosure.attack` to decide.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import highspy
import numpy as np
from scipy import sparse

from thassist.disclosure.attack import Doubt, Knowledge, Point, Records
from thassist.disclosure.equations import Cross, FloatArray, IntArray, System
from thassist.disclosure.parts import Part
from thassist.disclosure.solver import grow, solver
from thassist.disclosure.witness import changed

_NOISE = 1e-6
_INF = highspy.kHighsInf
_REWARD, _REWARD_PRICED = 1_000.0, 100_000.0
_PER_ROUND, _PER_PROPOSAL = 150, 800
_ROUNDS = 25
#: How often columns may come in for one proposal.
_MOST_ROUNDS = 200
#: How many of the cheapest columns are tried in whole numbers, and how many branches (a limit of seconds would find
#: something else on another machine).
_NEAR, _MOST_NODES = 250, 200
#: How many other ways are tried.
_OTHERS = 10


@dataclass
class Moves:
    """Moves of records within one part; the state of the world is the truth.

    Attributes:
        system, known, part, links: as for the attack.
        truth: true values.
        records: the real records by population.
        crosses: of the populations.
        live: by population the columns that no zero rules out.
        deadline: of :func:`time.monotonic`.
        prices: by cell of the system what changing it by one unit costs, for a protector who looks for what to
            withhold; None for an auditor, to whom every withheld cell is free.
    """

    system: System
    known: Knowledge
    part: Part
    links: IntArray
    truth: FloatArray
    records: Mapping[int, Records]
    crosses: Sequence[Cross]
    live: Sequence[IntArray]
    deadline: float
    watched: list[tuple[int, int]] = field(default_factory=list)
    prices: FloatArray | None = None
    solves: int = 0

    def __post_init__(self) -> None:
        """Load the model of no move at all."""
        self.rows = self.part.cells
        self.place = np.full(self.system.size, -1, np.int64)
        self.place[self.rows] = np.arange(self.rows.size)
        self.values = self.truth[self.rows]
        self.free = np.flatnonzero(self.known.low[self.rows] < self.known.high[self.rows])
        self.free_place = np.full(self.rows.size, -1, np.int64)
        self.free_place[self.free] = np.arange(self.free.size)
        costs = np.zeros(self.free.size) if self.prices is None else self.prices[self.rows[self.free]]
        #: places (among the free cells) of those whose change costs something: they go up and down by two columns
        self.priced = np.flatnonzero(costs > 0)
        self.costs = costs[self.priced]
        self._down = np.full(self.free.size, -1, np.int64)
        self._down[self.priced] = self.free.size + np.arange(self.priced.size)
        #: the first column of a record
        self.start = self.free.size + self.priced.size
        #: what a unit of the figure asked about is worth: more than any move of one unit costs
        self._reward = _REWARD if self.prices is None else _REWARD_PRICED
        self._load()

    def _load(self) -> None:
        size, free = self.rows.size, self.free.size
        link = sparse.csr_array(self.system.rows[self.links][:, self.rows])
        selected = sparse.csr_array((np.ones(free), (self.free, np.arange(free))), shape=(size, free))
        changes = sparse.csc_array(sparse.vstack([-selected, link @ selected]))
        self.kinds: list[tuple[int, IntArray]] = []
        self._in = [np.zeros(live.size, bool) for live in self.live]
        blocks, counts = [changes, -changes[:, self.priced]], []
        for number, cross in enumerate(self.crosses):
            if number not in self.records:
                continue
            known = self.records[number]
            inside = self.part.leaves[number][known.leaves[:, self.part.axis[number]]]
            columns = cross.columns(known.leaves[inside])
            order = np.argsort(columns)
            self.kinds.append((number, columns[order]))
            counts.append(known.counts[inside][order].astype(np.float64))
            blocks.append(-self._matrix(number, columns[order]))
        self.real = np.concatenate([np.zeros(0), *counts])
        every = ((number, column) for number, columns in self.kinds for column in columns.tolist())
        self._places = {kind: place for place, kind in enumerate(every)}
        matrix = sparse.csc_array(sparse.hstack(blocks))
        now = link @ self.values
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = matrix.shape[1], matrix.shape[0]
        up = np.zeros(free)
        up[self.priced] = self.costs
        model.col_cost_ = np.concatenate([up, self.costs, np.ones(self.real.size)])
        low, high = self._ends()
        down = -low[self.priced]
        low[self.priced] = 0.0
        model.col_lower_ = np.concatenate([low, np.zeros(down.size + self.real.size)])
        model.col_upper_ = np.concatenate([high, down, self.real])
        model.row_lower_ = np.concatenate([np.zeros(size), self.system.low[self.links] - now])
        model.row_upper_ = np.concatenate([np.zeros(size), self.system.high[self.links] - now])
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_ = matrix.indptr.astype(np.int32)
        model.a_matrix_.index_ = matrix.indices.astype(np.int32)
        model.a_matrix_.value_ = matrix.data
        self.highs = solver()
        self.highs.setOptionValue("presolve", "off")
        self.highs.passModel(model)
        self.parts = [matrix]
        self.added: list[tuple[int, IntArray]] = []
        for number, columns in self.kinds:
            live = np.isin(self.live[number], columns)
            self._take(number, self.live[number][live])

    def _ends(self) -> tuple[FloatArray, FloatArray]:
        now = self.values[self.free]
        cells = self.rows[self.free]
        return self.known.low[cells] - now, np.minimum(self.known.high[cells] - now, _INF)

    def _matrix(self, number: int, columns: IntArray) -> sparse.csc_array:
        part = self.system.incidence(number, self.crosses[number].leaves(columns))[self.rows]
        return sparse.csc_array(sparse.vstack([part, sparse.csr_array((self.links.size, columns.size))]))

    def find(self, cell: int, goal: float, held: IntArray, present: Sequence[tuple[int, int]] = ()) -> Point | None:
        """A whole alternative in which a cell reaches a goal and others stay as they are; None where none was found.

        Args:
            cell: which is to look large.
            goal: how large.
            held: cells that must keep their true value.
            present: kinds of records (population, flat number) of which one must remain.

        Raises:
            Doubt: the solver or the time limit.
        """
        with self._asked(cell, goal, held, present) as (at, need, kept):
            return self._generate(at, need, kept)

    def propose(self, cell: int, goal: float, held: IntArray, present: Sequence[tuple[int, int]] = ()) -> Point | None:
        """The cheapest alternative, in fractions or whole, in which a cell reaches a goal; None where there is none.

        Over all columns of the cross: None means that nothing that may still be withheld can protect the cell.

        Raises:
            Doubt: the solver, the time limit, too many rounds, or a cross that cannot be looked through.
        """
        with self._asked(cell, goal, held, present) as (at, need, _):
            for _ in range(_MOST_ROUNDS):
                self._run()
                solution = self.highs.getSolution()
                found, dual = np.array(solution.col_value), np.array(solution.row_dual)
                if not self._grow(dual[: self.rows.size], _PER_PROPOSAL):
                    reached = found[at] >= need - _NOISE
                    if not reached and not all(cross.complete for cross in self.crosses):
                        raise Doubt("cross")
                    return self._point(found) if reached else None
        raise Doubt("rounds")

    def propose_all(self, cells: IntArray, goals: FloatArray) -> Point:
        """An alternative in which as many as possible of some cells reach their goals, at the least cost besides.

        Raises:
            Doubt: the solver, the time limit, or too many rounds.
        """
        places = self.free_place[self.place[cells]]
        low, high = self._ends()
        down = self._down[places]
        down = down[down >= 0]
        self.highs.changeColsBounds(down.size, down.astype(np.int32), np.zeros(down.size), np.zeros(down.size))
        up = goals - self.truth[cells]
        self.highs.changeColsBounds(places.size, places.astype(np.int32), np.zeros(places.size), up.astype(float))
        self.highs.changeColsCost(places.size, places.astype(np.int32), np.full(places.size, -_REWARD))
        try:
            for _ in range(_MOST_ROUNDS):
                self._run()
                solution = self.highs.getSolution()
                if not self._grow(np.array(solution.row_dual)[: self.rows.size], _PER_PROPOSAL):
                    return self._point(np.array(solution.col_value))
        finally:
            cost = np.zeros(self.free.size)
            cost[self.priced] = self.costs
            self.highs.changeColsCost(places.size, places.astype(np.int32), cost[places])
            self._bounds(places, low[places], high[places])
        raise Doubt("rounds")

    def reprice(self, cells: IntArray, costs: FloatArray) -> None:
        """What changing these cells by one unit costs from now on; those that cost nothing from the start stay so."""
        places = self.free_place[self.place[cells]]
        down = np.where(places >= 0, self._down[np.maximum(places, 0)], -1)
        priced = down >= 0
        both = np.concatenate([places[priced], down[priced]]).astype(np.int32)
        self.highs.changeColsCost(both.size, both, np.tile(costs[priced], 2).astype(float))

    @contextmanager
    def _asked(
        self, cell: int, goal: float, held: IntArray, present: Sequence[tuple[int, int]]
    ) -> Iterator[tuple[int, float, IntArray]]:
        """The model as one question needs it: (place of the cell, how much more it must be, places that stay)."""
        at = int(self.free_place[self.place[cell]])
        need = goal - self.truth[cell]
        kept = self.free_place[self.place[held]]
        kept = kept[kept != at]
        low, high = self._ends()
        self._bounds(kept, np.zeros(kept.size), np.zeros(kept.size))
        lifted = self._limit(present)
        priced = self._down[at] >= 0
        if priced:  # up and down at once would look like a move and change nothing
            self.highs.changeColBounds(int(self._down[at]), 0.0, 0.0)
        self.highs.changeColBounds(at, 0.0 if priced else float(low[at]), float(need))
        self.highs.changeColCost(at, -self._reward)
        try:
            yield at, need, kept
        finally:
            where = int(np.searchsorted(self.priced, at))
            self.highs.changeColCost(at, float(self.costs[where]) if priced else 0.0)
            touched = np.union1d(kept, [at]).astype(np.int64)
            self._bounds(touched, low[touched], high[touched])
            self._bounds(lifted + self.start, np.zeros(lifted.size), self.real[lifted])

    def _limit(self, present: Sequence[tuple[int, int]]) -> IntArray:
        """Leave one record of each of these kinds where it is."""
        found = self._kind_places(present)
        found = found[found >= 0]
        self._bounds(found + self.start, np.zeros(found.size), self.real[found] - 1)
        return found

    def _kind_places(self, kinds: Sequence[tuple[int, int]]) -> IntArray:
        return np.array([self._places.get(kind, -1) for kind in kinds], np.int64)

    def _generate(self, at: int, need: float, kept: IntArray) -> Point | None:
        """Columns come in until whole records reach the goal or none are left; then whole numbers are tried."""
        found, dual, reached = np.zeros(0), np.zeros(0), False
        for _ in range(_ROUNDS):
            self.highs.clearSolver()  # from no move at all few steps lead to one; from another move, many
            self._run()
            solution = self.highs.getSolution()
            found, dual = np.array(solution.col_value), np.array(solution.row_dual)
            reached = bool(found[at] >= need - _NOISE)
            if reached and _whole(found):
                return self._point(found)
            if not self._grow(dual[: self.rows.size]):
                break
        if not reached:
            return None
        point = self._whole(at, need, kept, found, dual)
        return point if point is not None else self._otherwise(at, need, kept)

    def _otherwise(self, at: int, need: float, kept: IntArray) -> Point | None:
        """Other moves of nearly the same length, by other costs (the same ones in every run): some are whole."""
        places = np.arange(self.start, self.start + self.real.size + sum(c.size for _, c in self.added))
        random = np.random.default_rng(1)
        try:
            for _ in range(_OTHERS):
                costs = random.uniform(0.5, 1.5, places.size)
                self.highs.changeColsCost(places.size, places.astype(np.int32), costs)
                self._run()
                solution = self.highs.getSolution()
                found = np.array(solution.col_value)
                if found[at] < need - _NOISE:
                    return None
                if _whole(found):
                    return self._point(found)
                point = self._whole(at, need, kept, found, np.array(solution.row_dual))
                if point is not None:
                    return point
            return None
        finally:
            self.highs.changeColsCost(places.size, places.astype(np.int32), np.ones(places.size))

    def _grow(self, dual: FloatArray, most: int = _PER_ROUND) -> bool:
        weights = np.zeros(self.system.size)
        weights[self.rows] = dual
        grown = False
        for number, cross in enumerate(self.crosses):
            live, inside = self.live[number], self._in[number]
            if inside.all() or not cross.priceable:
                continue
            cost = 1.0 - cross.price(weights, live)
            cost[inside] = 0.0
            good = np.flatnonzero(cost < -_NOISE)
            if good.size > most:
                good = good[np.argsort(cost[good], kind="stable")[:most]]
            if good.size:
                self._take(number, live[good])
                grown = True
        return grown

    def _take(self, number: int, columns: IntArray) -> None:
        if not columns.size:
            return
        self._in[number][np.searchsorted(self.live[number], columns)] = True
        matrix = self._matrix(number, columns)
        grow(self.highs, matrix, 1.0)
        self.parts.append(matrix)
        self.added.append((number, columns))

    def _left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise Doubt("time")
        return left

    def _run(self) -> None:
        self.highs.setOptionValue("time_limit", self.highs.getRunTime() + self._left())
        self.highs.run()
        self.solves += 1
        if self.highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise Doubt(str(self.highs.getModelStatus()))

    def _bounds(self, places: IntArray, low: FloatArray, high: FloatArray) -> None:
        """Between what cells and records may change; a priced cell goes down by a column of its own."""
        if not places.size:
            return
        down = np.where(places < self.free.size, self._down[np.minimum(places, self.free.size - 1)], -1)
        own = down >= 0
        if own.any():
            self.highs.changeColsBounds(
                int(own.sum()), down[own].astype(np.int32), np.zeros(int(own.sum())), -low[own].astype(float)
            )
            low = np.where(own, 0.0, low)
        self.highs.changeColsBounds(places.size, places.astype(np.int32), low.astype(float), high.astype(float))

    def _whole(self, at: int, need: float, kept: IntArray, found: FloatArray, dual: FloatArray) -> Point | None:
        """Whole records near a move in fractions: over the columns that cost least to bring in."""
        matrix = sparse.csc_array(sparse.hstack(self.parts))
        self.parts = [matrix]
        free, size = self.start, matrix.shape[1]
        found = np.concatenate([found, np.zeros(size - found.size)])  # columns may have come in since
        cost = np.ones(size) - matrix.T @ np.resize(dual, matrix.shape[0])
        records = np.arange(free, size)
        near = records[np.argsort(cost[records] - 10 * (found[records] > _NOISE), kind="stable")[:_NEAR]]
        columns = np.sort(np.concatenate([np.arange(free), near]))
        model = self.highs.getLp()
        lower, upper = np.array(model.col_lower_), np.array(model.col_upper_)
        lower[at], upper[at] = need, need
        small = highspy.HighsLp()
        part = matrix[:, columns]
        used = np.flatnonzero(np.diff(sparse.csr_array(part).indptr))
        part = sparse.csc_array(part[used])
        small.num_col_, small.num_row_ = columns.size, used.size
        small.col_cost_ = np.where(columns < free, 0.0, 1.0)
        small.col_lower_, small.col_upper_ = lower[columns], upper[columns]
        small.row_lower_ = np.array(model.row_lower_)[used]
        small.row_upper_ = np.array(model.row_upper_)[used]
        small.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        small.a_matrix_.start_ = part.indptr.astype(np.int32)
        small.a_matrix_.index_ = part.indices.astype(np.int32)
        small.a_matrix_.value_ = part.data
        small.integrality_ = [highspy.HighsVarType.kInteger] * columns.size
        other = solver()
        other.setOptionValue("time_limit", self._left())
        other.setOptionValue("mip_max_nodes", _MOST_NODES)
        other.setOptionValue("mip_max_improving_sols", 1)
        other.passModel(small)
        other.run()
        self.solves += 1
        if other.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return None
        values = np.zeros(size)
        values[columns] = np.rint(np.array(other.getSolution().col_value))
        return self._point(values) if self._checks(matrix, values, at, need, kept) else None

    def _checks(self, matrix: sparse.csc_array, values: FloatArray, at: int, need: float, kept: IntArray) -> bool:
        """Whether rounded values really are a move; nothing rests on the solver's tolerance."""
        rows = matrix @ values
        model = self.highs.getLp()
        low, high = self._ends()
        changes = self._changes(values)
        fine = (rows >= np.array(model.row_lower_) - _NOISE).all() and (
            rows <= np.array(model.row_upper_) + _NOISE
        ).all()
        fine = fine and (values[self.start :] >= 0).all()
        fine = fine and (values[self.start : self.start + self.real.size] <= self.real).all()
        fine = fine and (changes >= low - _NOISE).all() and (changes <= high + _NOISE).all()
        return bool(fine and changes[at] >= need - _NOISE and (changes[kept] == 0).all())

    def _changes(self, found: FloatArray) -> FloatArray:
        """By free cell how much it changes."""
        changes = found[: self.free.size].copy()
        changes[self.priced] -= found[self.free.size : self.start]
        return changes

    def _point(self, found: FloatArray) -> Point:
        values = self.values.copy()
        values[self.free] += self._changes(found)
        places = self._kind_places(self.watched)
        taken = found[self.start : self.start + self.real.size]
        watched = np.where(places >= 0, (self.real - taken)[np.maximum(places, 0)] if self.real.size else 0.0, 0.0)
        order = [*self.kinds, *self.added]
        amounts = np.split(found[self.start :], np.cumsum([columns.size for _, columns in order])[:-1])
        signs = [-1.0] * len(self.kinds) + [1.0] * len(self.added)
        moved = ((number, columns, s * a) for (number, columns), a, s in zip(order, amounts, signs, strict=True))
        return Point(values, _whole(found), watched, changed(self.crosses, moved))


def _whole(values: FloatArray) -> bool:
    return bool((np.abs(values - np.rint(values)) < _NOISE).all())
