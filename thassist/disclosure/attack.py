"""Tiers 2 and 3: the attacker's linear programme over the full cross, and the same in whole numbers.

The master holds some columns of the cross (all live ones, where they are few); the rest are priced in numpy and taken
in when they would raise the objective. One solution is an alternative that agrees with everything published, so it
speaks for every cell at once.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import highspy
import numpy as np
from scipy import sparse

from thassist.disclosure.equations import BoolArray, Cross, FloatArray, IntArray, System, TooWide
from thassist.disclosure.parts import Part
from thassist.disclosure.solver import grow, solver, standing_still
from thassist.disclosure.witness import Witness, changed

_NOISE = 1e-6
#: So many live columns are taken at once; above, they are generated.
_TAKE_ALL = 800
_PER_ROUND = 1_000
_INF = highspy.kHighsInf
_PRIMAL = 4
#: What a missing or superfluous unit costs while a first alternative is looked for.
_PENALTY = 1.0


#: Above so many rows the search starts from the truth; below, from nothing, which has half the columns.
_LARGE = 2_000
#: Branches of one question in whole numbers.
_MOST_NODES = 1_000


class Doubt(Exception):
    """The solver did not finish cleanly or time ran out: nothing is concluded, so nothing is safe."""


@dataclass(frozen=True)
class Knowledge:
    """What an attacker knows about every cell: ends of its value; equal where it is published."""

    low: FloatArray
    high: FloatArray

    @property
    def fixed(self) -> BoolArray:
        """The cells whose value is known."""
        return np.asarray(self.low == self.high, np.bool_)


@dataclass(frozen=True)
class Records:
    """The kinds of real records of one population: their leaves and how many of each there are.

    Where several populations show the same units, ``units`` tells the kind of each unit, in one order for all.
    """

    leaves: IntArray
    counts: IntArray
    units: IntArray | None = None


@dataclass(frozen=True)
class Point:
    """An alternative.

    Attributes:
        values: of each cell of the part, aligned with ``Attack.rows``.
        whole: whether it consists of whole records.
        watched: how many records of each watched kind it has.
        witness: the records that differ from the real ones; None where those are not known.
    """

    values: FloatArray
    whole: bool
    watched: FloatArray
    witness: Witness | None = None


@dataclass
class Attack:
    """The linear programme of one part; built once, asked many times.

    Attributes:
        system: registry and rows.
        known: what the attacker knows.
        part: which cells and leaves.
        records: real records by population, if the truth is known: where to start.
        deadline: of :func:`time.monotonic`.
        links: rows between populations.
        truth: true values. With them and the records the programme starts from the truth and knows it to be feasible.
    """

    system: System
    known: Knowledge
    part: Part
    records: Mapping[int, Records]
    deadline: float
    links: IntArray = field(default_factory=lambda: np.zeros(0, np.int64))
    truth: FloatArray | None = None
    solves: int = 0

    def __post_init__(self) -> None:
        """Number the cells and prepare the crosses."""
        system = self.system
        if self.truth is None:
            self.records = {}
        self._watch = np.zeros(0, np.int64)
        #: of the rows, as the last programme ended that was solved over all columns
        self.duals = np.zeros(0)
        self.rows = self.part.cells
        self.place = np.full(system.size, -1, np.int64)
        self.place[self.rows] = np.arange(self.rows.size)
        halves = enumerate(zip(self.part.axis, self.part.leaves, strict=True))
        self.crosses = [Cross(system, number, half) for number, half in halves]
        #: the columns in the master, in its order: (population, flat number)
        self._taken: list[tuple[int, IntArray]] = []
        # cells are counted from the truth, where it is known: then no change at all is a solution
        self._shifted = self.truth is not None and self.rows.size > _LARGE
        self._base = self.truth[self.rows] if self.truth is not None and self._shifted else np.zeros(self.rows.size)
        self._watched: list[tuple[int, int]] = []
        self._loaded = False

    @property
    def complete(self) -> bool:
        """Whether all kinds of records that there can be are looked through."""
        _ = self.live  # only the list tells whether it can be made
        return all(cross.complete for cross in self.crosses)

    @cached_property
    def live(self) -> list[IntArray]:
        """By population the columns of its cross that no zero rules out."""
        zero = np.asarray(self.known.high == 0, np.bool_)
        return [self._live_columns(number, zero) for number in range(len(self.crosses))]

    def _load(self) -> None:
        """Load the model with the first question: what is known to be refuted needs none."""
        if not self._loaded:
            self._loaded = True
            self._in = [np.zeros(live.size, bool) for live in self.live]
            self._first()
            self._find_watched()

    def _find_watched(self) -> None:
        self._watch = np.array([self._kinds.get(kind, -1) for kind in self._watched], np.int64)

    @property
    def columns(self) -> int:
        """How many columns of the cross the master holds."""
        return sum(columns.size for _, columns in self._taken)

    def _live_columns(self, number: int, zero: BoolArray) -> IntArray:
        try:
            return self.crosses[number].live(zero)
        except TooWide:
            return self._known_kinds(number)[0]

    def _known_kinds(self, number: int) -> tuple[IntArray, FloatArray]:
        """The kinds of real records of this part as flat numbers, and how many there are of each."""
        if number not in self.records:
            return np.zeros(0, np.int64), np.zeros(0)
        known = self.records[number]
        inside = self.part.leaves[number][known.leaves[:, self.part.axis[number]]]
        columns = self.crosses[number].columns(known.leaves[inside])
        order = np.argsort(columns)
        return columns[order], known.counts[inside][order].astype(np.float64)

    def _first(self) -> None:
        """The first master: a column a cell, real records to take away, then kinds to put in."""
        size = self.rows.size
        highs = solver()
        highs.setOptionValue("presolve", "off")
        highs.setOptionValue("simplex_strategy", _PRIMAL)
        link = sparse.csr_array(self.system.rows[self.links][:, self.rows])
        cells = sparse.csc_array(sparse.vstack([-sparse.eye_array(size), link]))
        real = [self._known_kinds(number) for number in range(len(self.crosses))]
        for number, live in enumerate(self.live):
            start = live if live.size <= _TAKE_ALL else np.intersect1d(real[number][0], live)
            self._in[number][np.searchsorted(live, start)] = True
            self._taken.append((number, start))
        blocks = list(enumerate(columns for columns, _ in real)) if self._shifted else self._taken
        every = ((number, column) for number, columns in blocks for column in columns.tolist())
        self._kinds = {kind: size + place for place, kind in enumerate(every)}
        self._real = np.concatenate([counts if self._shifted else counts[:0] for _, counts in real])
        starts = [-self._matrix(number, columns) for number, columns in blocks] if self._shifted else []
        starts += [self._matrix(number, columns) for number, columns in self._taken]
        matrix = sparse.csc_array(sparse.hstack([cells, *starts]))
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = matrix.shape[1], matrix.shape[0]
        model.sense_ = highspy.ObjSense.kMaximize
        extra = matrix.shape[1] - size - self._real.size
        low, high = self._ends_of(self.rows)
        now = link @ self._base
        model.col_cost_ = np.zeros(matrix.shape[1])
        model.col_lower_ = np.concatenate([low, np.zeros(self._real.size + extra)])
        model.col_upper_ = np.concatenate([_open(high), self._real, np.full(extra, _INF)])
        model.row_lower_ = np.concatenate([np.zeros(size), self.system.low[self.links] - now])
        model.row_upper_ = np.concatenate([np.zeros(size), _open(self.system.high[self.links] - now)])
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_ = matrix.indptr.astype(np.int32)
        model.a_matrix_.index_ = matrix.indices.astype(np.int32)
        model.a_matrix_.value_ = matrix.data
        highs.passModel(model)
        if self._shifted:
            free = np.flatnonzero(low < high)
            highs.setBasis(standing_still(matrix.shape[1], matrix.shape[0], free, free))
        self.highs = highs
        self._count = matrix.shape[1]
        self._start = size

    def _ends_of(self, cells: IntArray) -> tuple[FloatArray, FloatArray]:
        """What is known of cells, counted from the base."""
        base = self._base[self.place[cells]]
        return self.known.low[cells] - base, self.known.high[cells] - base

    def _matrix(self, number: int, columns: IntArray) -> sparse.csc_array:
        """Cells of the part (and links) × kinds of records."""
        part = self.system.incidence(number, self.crosses[number].leaves(columns))[self.rows]
        return sparse.csc_array(sparse.vstack([part, sparse.csr_array((self.links.size, columns.size))]))

    def feasible(self) -> bool:
        """Whether anything at all agrees with what is published; generates columns until something does.

        Raises:
            Doubt: the solver or the time limit, or a cross too large to look through.
        """
        self._load()
        self._run(accept_infeasible=True)
        if self.highs.getModelStatus() == highspy.HighsModelStatus.kOptimal:
            return True
        rows = self.rows.size
        # every row may be missed at a price; columns come in until nothing is missed
        for sign in (1.0, -1.0):
            self._append(sparse.csc_array(sparse.eye_array(self.rows.size + self.links.size) * sign))
        extra = np.arange(self._count - 2 * (rows + self.links.size), self._count, dtype=np.int32)
        self.highs.changeColsCost(extra.size, extra, np.full(extra.size, -_PENALTY))
        while True:
            self._run()
            missed = -self.highs.getInfo().objective_function_value
            if missed <= _NOISE or not self._grow():
                break
        self.highs.changeColsCost(extra.size, extra, np.zeros(extra.size))
        self.highs.changeColsBounds(extra.size, extra, np.zeros(extra.size), np.zeros(extra.size))
        if missed > _NOISE and not self.complete:
            raise Doubt("cross")
        return bool(missed <= _NOISE)

    def watch(self, number: int, columns: IntArray) -> None:
        """Keep, with every alternative, how many records it has of these kinds (known ones, in the master)."""
        self._watched += [(number, kind) for kind in columns.tolist()]
        if self._loaded:
            self._find_watched()

    def ask(
        self,
        cells: IntArray,
        goal: float = np.inf,
        *,
        ones: IntArray | None = None,
        present: Mapping[int, IntArray] | None = None,
        least: bool = False,
    ) -> tuple[float, Point]:
        """Make the sum of cells as large as it can be; a cell stops counting at its goal.

        Args:
            cells: the objective.
            goal: the value at which a cell is large enough.
            ones: cells that this attacker knows to be one.
            present: kinds of records (flat numbers by population) that this attacker knows to exist.
            least: make the sum as small as it can be instead.

        Returns:
            The sum reached over all live columns (or, once every goal is met, over fewer), and the alternative.

        Raises:
            Doubt: the solver or the time limit.
        """
        self._load()
        place = self.place[cells]
        held = np.zeros(0, np.int64) if ones is None else self.place[ones]
        stay = self._kind_places(present or {})
        self._costs(place, -1.0 if least else 1.0)
        low, high = self._ends_of(self.rows)
        if not least:
            self._ends(place, low[place], np.minimum(high[place], goal - self._base[place]))
        self._ends(held, 1.0 - self._base[held], 1.0 - self._base[held])
        self._stay(stay, at_least=1.0)
        try:
            enough = cells.size * goal - float(self._base[place].sum())
            point = self._generate(enough if not least else np.inf)
            return float(point.values[place].sum()), point
        finally:
            self._costs(place, 0.0)
            touched = np.union1d(place, held)
            self._ends(touched, low[touched], high[touched])
            self._stay(stay, at_least=0.0)

    def whole(
        self,
        cell: int,
        goal: float,
        *,
        ones: IntArray | None = None,
        present: Mapping[int, IntArray] | None = None,
    ) -> Point | None:
        """Tier 3: an alternative of whole records in which a cell reaches the goal; None if there is none.

        Over the columns of the master, then over more; None is only returned where all live columns were there.

        Raises:
            Doubt: the solver, the time limit, or a cross too large to be exhausted.
        """
        self._load()
        held = np.zeros(0, np.int64) if ones is None else self.place[ones]
        stay = self._kind_places(present or {})
        self.ask(np.array([cell]), ones=ones, present=present)
        for _ in range(4):
            point = self._whole_once(int(self.place[cell]), goal, held, stay)
            if point is not None:
                return point
            if all(inside.all() for inside in self._in):
                if not self.complete:
                    break
                return None
            for number, live in enumerate(self.live):
                rest = np.flatnonzero(~self._in[number])
                self._take(number, live[rest[:: max(1, rest.size // 4_000)]])
        raise Doubt("whole")

    def _whole_once(self, place: int, goal: float, held: IntArray, stay: IntArray) -> Point | None:
        model = self.highs.getLp()
        lower, upper = np.array(model.col_lower_), np.array(model.col_upper_)
        lower[held] = upper[held] = 1.0 - self._base[held]
        if self._shifted:
            upper[stay] = self._real[stay - self._start] - 1.0
        else:
            lower[stay] = 1.0
        lower[place] = goal - self._base[place]
        model.col_lower_, model.col_upper_, model.col_cost_ = lower, upper, np.zeros(self._count)
        model.integrality_ = [highspy.HighsVarType.kInteger] * self._count
        other = solver()
        other.setOptionValue("time_limit", self._left())
        other.setOptionValue("mip_max_nodes", _MOST_NODES)
        other.passModel(model)
        other.run()
        self.solves += 1
        status = other.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise Doubt(str(status))
        return self._point(np.rint(np.array(other.getSolution().col_value)))

    # -- the solver

    def _left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise Doubt("time")
        return left

    def _run(self, *, accept_infeasible: bool = False) -> None:
        self.highs.setOptionValue("time_limit", self.highs.getRunTime() + self._left())
        self.highs.run()
        self.solves += 1
        status = self.highs.getModelStatus()
        fine = {highspy.HighsModelStatus.kOptimal}
        if accept_infeasible:
            fine |= {highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible}
        if status not in fine:
            raise Doubt(str(status))

    def _generate(self, enough: float) -> Point:
        while True:
            self._run()
            if self.highs.getInfo().objective_function_value >= enough - _NOISE or not self._grow():
                break
        return self._point(np.array(self.highs.getSolution().col_value))

    def _point(self, found: FloatArray) -> Point:
        records = found[self._start :]
        whole = bool((np.abs(records - np.rint(records)) < _NOISE).all())
        kept = found[np.maximum(self._watch, 0)]
        if self._shifted:
            kept = self._real[np.maximum(self._watch - self._start, 0)] - kept
        watched = np.where(self._watch >= 0, kept, 0.0)
        return Point(found[: self._start] + self._base, whole, watched, self._witness(records))

    def _witness(self, records: FloatArray) -> Witness | None:
        taken = sum(columns.size for _, columns in self._taken)
        if self.truth is None or records.size != self._real.size + taken:
            return None
        real = [(number, *self._known_kinds(number)) for number in range(len(self.crosses))]
        order = [(number, columns) for number, columns, _ in real] if self._shifted else []
        signs = np.concatenate([-np.ones(self._real.size), np.ones(taken)])
        order += self._taken
        cuts = np.cumsum([columns.size for _, columns in order])[:-1]
        amounts = np.split(records * signs, cuts)
        pieces = [(number, columns, amount) for (number, columns), amount in zip(order, amounts, strict=True)]
        pieces += [] if self._shifted else [(number, columns, -counts) for number, columns, counts in real]
        return changed(self.crosses, pieces)

    def _grow(self) -> bool:
        """Take in live columns that would raise the objective; False where there are none."""
        self.duals = np.array(self.highs.getSolution().row_dual)
        dual = self.duals[: self.rows.size]
        weights = np.zeros(self.system.size)
        weights[self.rows] = dual
        grown = False
        for number, cross in enumerate(self.crosses):
            live, inside = self.live[number], self._in[number]
            if inside.all() or not cross.priceable:
                continue
            gain = -cross.price(weights, live)
            gain[inside] = 0.0
            good = np.flatnonzero(gain > _NOISE)
            if good.size > _PER_ROUND:
                good = good[np.argsort(-gain[good], kind="stable")[:_PER_ROUND]]
            if good.size:
                self._take(number, live[good])
                grown = True
        return grown

    def _take(self, number: int, columns: IntArray) -> None:
        if columns.size:
            self._in[number][np.searchsorted(self.live[number], columns)] = True
            self._taken.append((number, columns))
            self._append(self._matrix(number, columns))

    def _append(self, matrix: sparse.csc_array) -> None:
        grow(self.highs, matrix, 0.0)
        self._count += matrix.shape[1]

    def _kind_places(self, present: Mapping[int, IntArray]) -> IntArray:
        """The columns of these kinds in the master; those that are not there count for nothing."""
        wanted = [(number, kind) for number, kinds in present.items() for kind in kinds.tolist()]
        return np.array([self._kinds[kind] for kind in wanted if kind in self._kinds], np.int64)

    def _stay(self, columns: IntArray, *, at_least: float) -> None:
        """So many records of these kinds must remain."""
        if self._shifted:
            self._ends(columns, np.zeros(columns.size), self._real[columns - self._start] - at_least)
        else:
            self._ends(columns, np.full(columns.size, at_least), np.full(columns.size, np.inf))

    def _costs(self, place: IntArray, cost: float) -> None:
        self.highs.changeColsCost(place.size, place.astype(np.int32), np.full(place.size, cost))

    def _ends(self, place: IntArray, low: FloatArray, high: FloatArray) -> None:
        if place.size:
            self.highs.changeColsBounds(place.size, place.astype(np.int32), low.astype(float), _open(high))


def implied(system: System, fixed: BoolArray) -> BoolArray:
    """Known cells that follow from other, finer known ones, so that no row is needed for them."""
    rows = system.rows
    found = np.zeros(system.size, bool)
    if not rows.shape[0]:
        return found
    matrix = sparse.coo_array(rows)
    row, cell = matrix.coords[0].astype(np.int64), matrix.coords[1].astype(np.int64)
    positive = matrix.data > 0
    parent = np.full(rows.shape[0], -1, np.int64)
    parent[row[positive]] = cell[positive]
    usable = (system.low == system.high) & (np.bincount(row[positive], minlength=rows.shape[0]) == 1)
    usable &= np.bincount(row, ~fixed[cell], rows.shape[0]) == 0
    usable[link_rows(system)] = False
    found[parent[usable]] = True
    return found


def link_rows(system: System) -> IntArray:
    """The rows that tie populations together; all others follow from the columns of the cross."""
    if len(system.populations) == 1 or not system.rows.shape[0]:
        return np.zeros(0, np.int64)
    owner = np.searchsorted(system.start, system.rows.indices, side="right")
    first = np.minimum.reduceat(owner, system.rows.indptr[:-1])
    last = np.maximum.reduceat(owner, system.rows.indptr[:-1])
    return np.flatnonzero(first != last)


def _open(values: FloatArray) -> FloatArray:
    """Ends as the solver wants them: infinite where there is no bound."""
    return np.where(np.isinf(values), _INF, values).astype(np.float64)
