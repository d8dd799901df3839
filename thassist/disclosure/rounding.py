"""Additive controlled rounding: every figure becomes a multiple of the base, and every sum still holds.

All cells of all linked tables and periods are rounded at once: ``y ~ base × z`` with whole ``z``, and the equations
between the cells hold for ``z`` as they hold for ``y``. A cell goes to one of the two multiples next to it (``q = 1``,
zero-restricted); where linked tables make that impossible, one multiple further is allowed (``q = 2``, then 3). Zeros
stay zeros, figures that are out already stay as they are.

Which way a cell goes is drawn: up with the probability of its remainder over the base, so that a figure alone is right
on average; the equations then need some cells to go the other way, as few as possible. Rounding to the nearest multiple
would change less, but whoever knows the rule would know each figure within half the base. Here the window that a
reader can conclude really is ``base × q - 1`` to both sides, and the audit must use it. The draw comes from a secret
seed: with the same seed the result is the same.

A figure rounded to zero is one of 0 to ``base × q - 1`` persons: where that is less than the threshold of the policy,
``q`` must be larger from the start (:func:`least_steps`). Then the draw goes one multiple further with the
probability :data:`_FURTHER`, up as often as down, so that the wider window is a real one and the mean stays right.

Source: Cox, Journal of the American Statistical Association 82 (1987), unbiased controlled rounding; Salazar-González,
Mathematical Programming 105 (2006), controlled rounding by mixed-integer programming.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import sparse

from thassist.errors import AuditFailed

if TYPE_CHECKING:
    import highspy

BASES = (3, 5)
#: How many multiples away a cell may go at most.
MOST_STEPS = 3
_GAP = 0.02
#: How often a drawn figure goes one multiple further, where the scheme allows that; half of them up, half down.
_FURTHER = 1 / 3
#: What a cell that no table shows weighs beside one that is shown.
_UNSHOWN = 0.01

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Rounding:
    """Rounded figures.

    Attributes:
        values: by cell; multiples of ``base``.
        base: 3 or 5.
        steps: how many multiples away a cell could go (``q``).
        low, high: by cell, what a reader who knows all of this can conclude from the figure alone.
        mean_change: over the cells that are shown, the mean of the absolute change in persons.
    """

    values: Ints = field(repr=False)
    base: int
    steps: int
    low: Ints = field(repr=False)
    high: Ints = field(repr=False)
    mean_change: float


def least_steps(base: int, threshold: int, width: int) -> int:
    """How many multiples away a scheme must allow, so that nothing rounded to zero is provably below the threshold.

    The window of such a figure also has the width that the policy asks for.
    """
    return -(-(max(threshold, width) + 1) // base)


def round_counts(
    counts: Ints,
    rows: sparse.csr_array,
    low: Floats,
    high: Floats,
    *,
    base: int,
    seed: int,
    shown: npt.NDArray[np.bool_] | None = None,
    published: Floats | None = None,
    steps: int = 1,
    seconds: float = 600.0,
) -> Rounding:
    """Round all cells so that ``low <= rows @ cells <= high`` holds for the rounded ones too.

    Args:
        counts: the true figures.
        rows: what holds between them, one relation a row.
        low: the least that a row may make; like ``high`` widened to a multiple of the base.
        high: the most that a row may make.
        base: 3 or 5.
        seed: secret, one a population; the same seed gives the same result.
        shown: the cells that are published; the others only carry sums from table to table. Default: all.
        published: rounded figures that are out already, NaN elsewhere; they stay.
        steps: how many multiples away the scheme allows at least; see :func:`least_steps`.
        seconds: limit of time; a search that is not finished by then gives nothing.

    Raises:
        ValueError: another base, or a published figure that is no multiple of it.
        AuditFailed: no such rounding exists, because of what is out already, or it was not found in time.
    """
    if base not in BASES:
        raise ValueError(base)
    seen = np.ones(counts.size, bool) if shown is None else shown
    fixed = np.full(counts.size, np.nan) if published is None else published
    if np.any(fixed[~np.isnan(fixed)] % base):
        raise ValueError(published)
    for allowed in range(steps, max(MOST_STEPS, steps) + 1):
        problem = _Problem(counts, rows, low, high, base, allowed, seen, fixed, _drawn(counts, base, seed, allowed))
        found = problem.solve(seconds)
        if found is not None:
            values = found * base
            reach = np.maximum(allowed, np.abs(values - counts) // base + 1) * base - 1
            changed = np.abs(values - counts)[seen]
            mean = float(changed.mean()) if changed.size else 0.0
            return Rounding(values, base, allowed, np.maximum(values - reach, 0), values + reach, mean)
    raise AuditFailed("policy.no_rounding", base=base, published=int(np.sum(~np.isnan(fixed))))


def _drawn(counts: Ints, base: int, seed: int, steps: int) -> Ints:
    """The multiple that each cell is drawn to: up with the probability of its remainder, then perhaps further."""
    random = np.random.default_rng(seed)
    found = counts // base + (random.integers(0, base, counts.size) < counts % base)
    least, most = _ends(counts, base, np.full(counts.size, steps))
    for _ in range(steps - 1):
        further = random.random(counts.size)
        both = (found > least) & (found < most)  # where only one side is open, the mean would be moved
        found = found + both * ((further < _FURTHER / 2).astype(np.int64) - (further > 1 - _FURTHER / 2))
    return np.asarray(found, np.int64)


def _ends(counts: Ints, base: int, steps: Ints) -> tuple[Ints, Ints]:
    """The multiples between which a cell may be rounded; a zero stays one."""
    least, most = np.maximum(counts // base - steps + 1, 0), -(-counts // base) + steps - 1
    return np.where(counts == 0, 0, least), np.where(counts == 0, 0, most)


class _Problem:
    """One mixed-integer problem: whole ``z`` next to ``counts / base``, as near to the drawn ones as the sums allow."""

    def __init__(
        self,
        counts: Ints,
        rows: sparse.csr_array,
        low: Floats,
        high: Floats,
        base: int,
        steps: int,
        shown: npt.NDArray[np.bool_],
        fixed: Floats,
        target: Ints,
    ) -> None:
        least, most = _ends(counts, base, np.where(shown, steps, steps + 1))
        out = ~np.isnan(fixed)
        kept = np.where(out, fixed, 0).astype(np.int64) // base
        self.least = np.where(out, kept, least)
        self.most = np.where(out, kept, most)
        self.target = np.clip(target, self.least, self.most)
        self.weight = np.where(shown, 1.0, _UNSHOWN)
        self.rows = rows
        self.low = np.floor(low / base)
        self.high = np.ceil(high / base)

    def solve(self, seconds: float) -> Ints | None:
        """The best ``z``; None where there is none.

        Raises:
            AuditFailed: time is up.
        """
        import highspy

        if not self.least.size:  # nobody is counted in these periods: nothing to round
            return np.zeros(0, np.int64)
        solver = highspy.Highs()  # type: ignore[no-untyped-call]
        solver.setOptionValue("output_flag", False)  # noqa: FBT003 - highspy takes positions only
        solver.setOptionValue("threads", 1)
        solver.setOptionValue("mip_rel_gap", _GAP)
        solver.setOptionValue("time_limit", float(seconds))
        solver.passModel(self._model())
        solver.run()
        status = solver.getModelStatus()
        if status in {highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible}:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise AuditFailed("policy.rounding_unfinished", seconds=round(seconds))
        size = self.least.size
        solution: Ints = np.rint(np.asarray(solver.getSolution().col_value[:size])).astype(np.int64)
        self._prove(solution)
        return solution

    def _prove(self, solution: Ints) -> None:
        """A solver is not believed: what it says is checked in whole numbers."""
        sums = self.rows @ solution
        if (
            np.any(solution < self.least)
            or np.any(solution > self.most)
            or np.any(sums < self.low)
            or np.any(sums > self.high)
        ):
            raise AuditFailed("policy.rounding_doubtful")

    def _model(self) -> "highspy.HighsLp":
        """Columns: z, then how far each is from its target where it can be off to both sides."""
        import highspy

        size = self.least.size
        both = np.flatnonzero((self.least < self.target) & (self.target < self.most))
        cost = np.zeros(size + both.size)
        cost[:size] = np.where(self.target <= self.least, self.weight, -self.weight)
        cost[both] = 0
        cost[size:] = self.weight[both]
        ones = sparse.csr_array((np.ones(both.size), (np.arange(both.size), both)), shape=(both.size, size))
        eye = sparse.eye_array(both.size, format="csr")
        none = sparse.csr_array((self.rows.shape[0], both.size))
        matrix = sparse.block_array([[self.rows, none], [ones, eye], [ones, -eye]], format="csr")
        infinite = np.full(both.size, np.inf)
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = size + both.size, matrix.shape[0]
        model.col_cost_ = cost
        model.col_lower_ = np.concatenate([self.least, np.zeros(both.size)]).astype(float)
        model.col_upper_ = np.concatenate([self.most, infinite]).astype(float)
        model.row_lower_ = np.concatenate([self.low, self.target[both], -infinite])
        model.row_upper_ = np.concatenate([self.high, infinite, self.target[both]])
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = matrix.indptr
        model.a_matrix_.index_ = matrix.indices
        model.a_matrix_.value_ = matrix.data.astype(float)
        whole, free = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
        model.integrality_ = [whole] * size + [free] * both.size
        return model
