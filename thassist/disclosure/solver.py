"""HiGHS as the attacker uses it: silent, deterministic, and able to begin from the truth."""

import time
from dataclasses import dataclass

import highspy
import numpy as np
from scipy import sparse

from thassist.disclosure.equations import IntArray

#: What a programme costs besides its steps, in steps.
_CALL = 20


class OutOfTime(Exception):
    """The limit of time is reached; what there is by then protects nobody and must not be used."""


class OutOfWork(Exception):
    """So much work was done as is allowed; what was accepted by then stands."""


@dataclass
class Work:
    """Work done and allowed: steps of the simplex times the rows that each looks at.

    Seconds depend on the machine and on what else runs there; this does not, so that the same question always ends with
    the same answer.
    """

    most: float
    done: float = 0.0

    def spend(self, highs: highspy.Highs) -> None:
        """Count the programme that was solved last.

        Raises:
            OutOfWork: that was more than is allowed.
        """
        self.add((int(highs.getInfo().simplex_iteration_count) + _CALL) * highs.getNumRow())

    def add(self, amount: float) -> None:
        """Count work that is known otherwise.

        Raises:
            OutOfWork: that was more than is allowed.
        """
        self.done += amount
        if self.done > self.most:
            raise OutOfWork


def solver() -> highspy.Highs:
    """HiGHS, silent and deterministic."""
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    highs.setOptionValue("output_flag", False)  # noqa: FBT003
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("random_seed", 1)
    return highs


def run(highs: highspy.Highs, deadline: float) -> highspy.HighsModelStatus:
    """Solve, and say how that ended; ``deadline`` as of :func:`time.monotonic`.

    Raises:
        OutOfTime: the deadline is reached.
    """
    left = deadline - time.monotonic()
    if left <= 0:
        raise OutOfTime
    highs.setOptionValue("time_limit", highs.getRunTime() + left)
    highs.run()
    status = highs.getModelStatus()
    if status == highspy.HighsModelStatus.kTimeLimit:
        raise OutOfTime
    return status


def grow(highs: highspy.Highs, matrix: sparse.csc_array, cost: float) -> None:
    """Add the columns of a matrix: each from 0 on without an upper end, each at the same cost."""
    count = matrix.shape[1]
    highs.addCols(
        count,
        np.full(count, cost),
        np.zeros(count),
        np.full(count, highspy.kHighsInf),
        matrix.nnz,
        matrix.indptr.astype(np.int32),
        matrix.indices.astype(np.int32),
        matrix.data,
    )


def standing_still(columns: int, rows: int, free: IntArray, free_rows: IntArray) -> highspy.HighsBasis:
    """The basis of the truth: no record moves, and each withheld cell stands between its ends, where it is."""
    basis = highspy.HighsBasis()
    column_status = [highspy.HighsBasisStatus.kLower] * columns
    row_status = [highspy.HighsBasisStatus.kBasic] * rows
    for column, row in zip(free.tolist(), free_rows.tolist(), strict=True):
        column_status[column] = highspy.HighsBasisStatus.kBasic
        row_status[row] = highspy.HighsBasisStatus.kLower
    basis.col_status, basis.row_status = column_status, row_status
    basis.valid = True
    return basis
