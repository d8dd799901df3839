"""A judge that shares nothing with our audit: the linear programme over the cross of all leaves, asked to the end.

Every inner combination is a possible kind of record, every published figure an equation. Kinds are taken into the
programme when their price says that they would help; when none would, the maximum over all of them is reached, so that
every answer is complete. An alternative that shows a small figure as k or more acquits it (it is neither exact nor
provably small), and one alternative may acquit many. Intervals of the linear programme contain those in whole numbers:
what this judge convicts is convicted; what it acquits could still fall to whole numbers.
"""

import time
from dataclasses import dataclass, field

import highspy
import numpy as np
from instances import Instance
from scipy import sparse

_NOISE = 1e-6
_PER_ROUND = 400


class OutOfTime(Exception):
    """The judge's time is over; what was not asked is not known."""


@dataclass
class Judged:
    """How many small cells an attacker knows exactly, of how many that they are below k; ``asked`` were judged."""

    exact: int = 0
    small: int = 0
    asked: int = 0
    finished: bool = True
    seconds: float = 0.0
    solves: int = 0
    #: the places of the cells found to be below k
    found: set[int] = field(default_factory=set)


def cross(instance: Instance) -> tuple[dict[tuple[str, ...], int], sparse.csr_array]:
    """Every cell of every table (codes in the order of the variables) and which inner combinations it counts."""
    leaves = [each.leaves for each in instance.hierarchies]
    shape = [len(each) for each in leaves]
    places = np.unravel_index(np.arange(int(np.prod(shape))), shape)
    member = []
    for axis, each in enumerate(instance.hierarchies):
        own = {"_T": np.ones(shape[axis], bool)}
        for code, level in each.level.items():
            own[code] = np.array([each.above(leaf, level) == code for leaf in leaves[axis]])
        member.append({code: mask[places[axis]] for code, mask in own.items()})
    cells: dict[tuple[str, ...], int] = {}
    rows = []
    for table in instance.tables:
        shown = instance.codes(table)
        choices = [shown.get(each.name, ["_T"]) for each in instance.hierarchies]
        for address in np.ndindex(*[len(choice) for choice in choices]):
            key = tuple(choice[place] for choice, place in zip(choices, address, strict=True))
            if key not in cells:
                cells[key] = len(rows)
                mask = np.logical_and.reduce([member[axis][code] for axis, code in enumerate(key)])
                rows.append(sparse.csr_array(mask[None, :].astype(float)))
    return cells, sparse.vstack(rows, format="csr")


def counts(instance: Instance) -> np.ndarray:
    """How many records every inner combination has."""
    shape = [len(each.leaves) for each in instance.hierarchies]
    return np.bincount(np.ravel_multi_index(instance.records.T, shape), minlength=int(np.prod(shape)))


class Attacker:
    """An outsider who takes withheld cells for ``least`` or more; may be told what an insider knows.

    The programme has a column a cell (its value, within what is known) and a column a kind of record in use; one row a
    cell says that its value is the number of its records. The true records are in use from the start, so that there is
    always an alternative: the truth.
    """

    def __init__(
        self, matrix: sparse.csr_array, inner: np.ndarray, withheld: np.ndarray, least: int, until: float
    ) -> None:
        truth = np.asarray(matrix @ inner)
        zero = np.flatnonzero(~withheld & (truth == 0))
        live = np.asarray(matrix[zero].sum(axis=0)).ravel() == 0 if zero.size else np.ones(matrix.shape[1], bool)
        kept = np.setdiff1d(np.arange(matrix.shape[0]), zero)
        #: row of each cell; -1 for published zeros, whose records are all impossible
        self.row = np.full(matrix.shape[0], -1)
        self.row[kept] = np.arange(kept.size)
        self.kinds = np.flatnonzero(live)
        self.part = sparse.csc_array(matrix[kept][:, self.kinds])
        self.across = sparse.csr_array(self.part.T)
        self.low = np.where(withheld, least, truth)[kept].astype(float)
        self.high = np.where(withheld, highspy.kHighsInf, truth)[kept].astype(float)
        self.until, self.solves = until, 0
        self.used = np.zeros(self.kinds.size, bool)
        self.order: list[int] = []
        size = kept.size
        self.highs = highspy.Highs()
        for option, value in (("output_flag", False), ("threads", 1), ("presolve", "off"), ("simplex_strategy", 4)):
            self.highs.setOptionValue(option, value)
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = size, size
        model.sense_ = highspy.ObjSense.kMaximize
        model.col_cost_, model.col_lower_, model.col_upper_ = np.zeros(size), self.low, self.high
        model.row_lower_ = model.row_upper_ = np.zeros(size)
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_ = np.arange(size + 1, dtype=np.int32)
        model.a_matrix_.index_ = np.arange(size, dtype=np.int32)
        model.a_matrix_.value_ = -np.ones(size)
        self.highs.passModel(model)
        self._use(np.flatnonzero(inner[self.kinds] > 0))

    def _use(self, kinds: np.ndarray) -> None:
        new = self.part[:, kinds]
        self.used[kinds] = True
        self.order += kinds.tolist()
        many = kinds.size
        self.highs.addCols(
            many,
            np.zeros(many),
            np.zeros(many),
            np.full(many, highspy.kHighsInf),
            new.nnz,
            new.indptr.astype(np.int32),
            new.indices.astype(np.int32),
            new.data.astype(float),
        )

    def _run(self) -> None:
        left = self.until - time.monotonic()
        if left <= 0:
            raise OutOfTime
        self.highs.setOptionValue("time_limit", self.highs.getRunTime() + left)
        self.highs.run()
        self.solves += 1
        status = self.highs.getModelStatus()
        if status == highspy.HighsModelStatus.kTimeLimit:
            raise OutOfTime
        if status != highspy.HighsModelStatus.kOptimal:
            raise RuntimeError(str(status))

    def most(self, cells: np.ndarray, goal: float) -> np.ndarray:
        """Make the sum of cells large, each up to the goal; the values of all cells with a row.

        Stops when every cell has reached the goal, or when no kind of record would help any more.
        """
        rows = self.row[cells]
        self._ends(rows, self.low[rows], np.minimum(self.high[rows], goal))
        values = self._optimum(rows, 1.0, cells.size * goal)
        self._ends(rows, self.low[rows], self.high[rows])
        return values

    def fewest(self, cell: int) -> float:
        """The least value a cell may have."""
        rows = self.row[[cell]]
        return float(self._optimum(rows, -1.0, np.inf)[rows[0]])

    def _optimum(self, rows: np.ndarray, sign: float, enough: float) -> np.ndarray:
        size = self.low.size
        self.highs.changeColsCost(rows.size, rows.astype(np.int32), np.full(rows.size, sign))
        try:
            while True:
                self._run()
                if self.highs.getInfo().objective_function_value >= enough - _NOISE:
                    break
                gain = -(self.across @ np.array(self.highs.getSolution().row_dual))
                gain[self.used] = 0
                better = np.flatnonzero(gain > _NOISE)
                if not better.size:
                    break
                self._use(better[np.argsort(-gain[better], kind="stable")[:_PER_ROUND]])
            self.found = np.array(self.highs.getSolution().col_value)
            return self.found[:size]
        finally:
            self.highs.changeColsCost(rows.size, rows.astype(np.int32), np.zeros(rows.size))

    def records(self, kind: int) -> int:
        """The column of a kind of record that exists."""
        return self.low.size + self.order.index(int(np.searchsorted(self.kinds, kind)))

    def _ends(self, rows: np.ndarray, low: np.ndarray, high: np.ndarray) -> None:
        self.highs.changeColsBounds(rows.size, rows.astype(np.int32), low, high)

    def tell(self, cell: int, kind: int, *, told: bool = True) -> None:
        """Tell (or make forget) that a cell is 1 (-1: none), and that a record of a kind exists."""
        if cell >= 0:
            row = self.row[[cell]]
            one = np.ones(1)
            self._ends(row, *((one, one) if told else (self.low[row], self.high[row])))
        self.highs.changeColBounds(self.records(kind), float(told), highspy.kHighsInf)


def judge(
    matrix: sparse.csr_array, inner: np.ndarray, withheld: np.ndarray, k: int, least: int, seconds: float
) -> Judged:
    """Play an outsider who takes withheld cells for ``least`` or more."""
    started = time.monotonic()
    truth = np.asarray(matrix @ inner)
    small = np.flatnonzero((truth > 0) & (truth < k))
    verdict = Judged()
    # a small figure that is printed is known to everybody
    printed = small[~withheld[small]]
    verdict.exact, verdict.small, verdict.asked = printed.size, printed.size, printed.size
    verdict.found = set(printed.tolist())
    attacker = Attacker(matrix, inner, withheld, least, started + seconds)
    try:
        left = small[withheld[small]]
        while left.size:  # many at once as long as that acquits some
            values = attacker.most(left, float(k))
            before, left = left.size, left[values[attacker.row[left]] < k - _NOISE]
            verdict.asked += before - left.size
            if left.size == before:
                break
        for cell in left.tolist():
            high = attacker.most(np.array([cell]), float(k))[attacker.row[cell]]
            if high < k - _NOISE:
                verdict.small += 1
                verdict.found.add(cell)
                verdict.exact += int(np.ceil(attacker.fewest(cell) - _NOISE) == np.floor(high + _NOISE))
            verdict.asked += 1
    except OutOfTime:
        verdict.finished = False
    verdict.seconds, verdict.solves = time.monotonic() - started, attacker.solves
    return verdict


def insiders(matrix: sparse.csr_array, inner: np.ndarray, withheld: np.ndarray, k: int, seconds: float) -> Judged:
    """Play everybody who is counted in a withheld cell of one or two, and knows that zeros are printed.

    Who is alone in a cell knows its value and the own record; who is one of two knows of the own record. Counted are
    the small cells (but for those that count nobody but the insider) that some of them knows to be below k.
    """
    started = time.monotonic()
    truth = np.asarray(matrix @ inner)
    small = np.flatnonzero(withheld & (truth > 0) & (truth < k))
    known = sorted(
        {
            (int(cell) if truth[cell] == 1 else -1, int(kind))
            for cell in small[truth[small] <= 2]
            for kind in matrix.indices[matrix.indptr[cell] : matrix.indptr[cell + 1]]
            if inner[kind]
        }
    )
    verdict = Judged(asked=small.size)
    attacker = Attacker(matrix, inner, withheld, 1, started + seconds)
    counted = sparse.csc_array(matrix)
    #: alternatives found so far: what one insider cannot rule out, neither can another with whose knowledge it agrees
    rows = attacker.row[small]
    high = np.zeros((0, small.size), bool)
    alone = np.array([attacker.row[cell] if cell >= 0 else -1 for cell, _ in known], int)
    column = np.array([attacker.records(kind) for _, kind in known], int)
    agrees = np.zeros((0, len(known)), bool)

    def most(cells: np.ndarray) -> np.ndarray:
        nonlocal high, agrees
        values = attacker.most(cells, float(k))
        high = np.vstack([high, values[rows] >= k - _NOISE])
        one = (alone < 0) | (np.abs(values[np.maximum(alone, 0)] - 1) < _NOISE)
        agrees = np.vstack([agrees, one & (attacker.found[column] >= 1 - _NOISE)])
        return values

    try:
        for place, (cell, kind) in enumerate(known):
            own = counted.indices[counted.indptr[kind] : counted.indptr[kind + 1]]
            asked = np.setdiff1d(small, [cell, *own[truth[own] == 1]])
            asked = asked[~np.isin(asked, list(verdict.found))]
            refuted = small[high[agrees[:, place]].any(0)] if high.size else small[:0]
            asked = np.setdiff1d(asked, refuted)
            attacker.tell(cell, kind)
            while asked.size:
                values = most(asked)
                before, asked = asked.size, asked[values[attacker.row[asked]] < k - _NOISE]
                if asked.size == before:
                    break
            for target in asked.tolist():
                most_ = most(np.array([target]))[attacker.row[target]]
                if most_ < k - _NOISE:
                    verdict.found.add(target)
                    low = attacker.fewest(target)
                    verdict.exact += int(np.ceil(low - _NOISE) == np.floor(most_ + _NOISE))
            attacker.tell(cell, kind, told=False)
    except OutOfTime:
        verdict.finished = False
    verdict.small = len(verdict.found)
    verdict.seconds, verdict.solves = time.monotonic() - started, attacker.solves
    return verdict
