"""The master of the exact method: the choice at the least cost that fulfils every inequality told so far."""

import highspy
import numpy as np
from scipy import sparse

from thassist.disclosure.equations import BoolArray, FloatArray
from thassist.disclosure.solver import OutOfWork, Work, run, solver

_NOISE = 1e-6
_INF = highspy.kHighsInf
#: Branches of one choice.
_MOST_NODES = 50_000
#: A good choice is known from the start and the programme is small: what looks for others costs more than it finds.
_BRANCHING = (
    ("mip_abs_gap", _NOISE),
    ("mip_max_nodes", _MOST_NODES),
    ("mip_heuristic_effort", 0.0),
    ("mip_allow_restart", False),
    ("mip_detect_symmetry", False),
)


class Master:
    """The choice at the least cost: one binary a cell, rows ``gain @ s >= right``."""

    def __init__(self, cost: FloatArray, work: Work, deadline: float) -> None:
        self.deadline, self.work, self.size = deadline, work, cost.size
        self.cost = cost
        self.rows: list[FloatArray] = []
        self.highs = self._model()

    def _model(self) -> highspy.Highs:
        highs = solver()
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = self.size, 0
        model.col_cost_, model.col_lower_, model.col_upper_ = self.cost, np.zeros(self.size), np.ones(self.size)
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_ = np.zeros(self.size + 1, np.int32)
        highs.passModel(model)
        return highs

    def add(self, row: FloatArray) -> None:
        """Add a row: a gain a cell, and at last the right side."""
        self.rows.append(row)
        used = np.flatnonzero(row[:-1]).astype(np.int32)
        self.highs.addRow(float(row[-1]), _INF, used.size, used, row[used])

    def _run(self, highs: highspy.Highs) -> highspy.HighsModelStatus:
        status = run(highs, self.deadline)
        self.work.spend(highs)
        return status

    def relaxed(self) -> FloatArray:
        """The cheapest choice in fractions."""
        if self._run(self.highs) != highspy.HighsModelStatus.kOptimal:
            raise OutOfWork
        return np.asarray(np.clip(np.array(self.highs.getSolution().col_value), 0, 1), np.float64)

    def choose(self, gap: float, known: BoolArray) -> BoolArray:
        """The cheapest choice but for a gap; ``known`` is a choice that fulfils all rows."""
        highs = self._model()
        rows = sparse.csr_array(np.array(self.rows)) if self.rows else sparse.csr_array((0, self.size + 1))
        gains = sparse.csr_array(rows[:, : self.size])
        right = rows[:, [self.size]].toarray().ravel()
        highs.addRows(
            gains.shape[0],
            right,
            np.full(gains.shape[0], _INF),
            gains.nnz,
            gains.indptr[:-1].astype(np.int32),
            gains.indices.astype(np.int32),
            gains.data.astype(np.float64),
        )
        every = np.arange(self.size, dtype=np.int32)
        highs.changeColsIntegrality(self.size, every, np.ones(self.size, np.uint8))  # 1: whole
        for option, value in (*_BRANCHING, ("mip_rel_gap", gap)):
            highs.setOptionValue(option, value)
        solution = highspy.HighsSolution()
        solution.col_value = known.astype(float).tolist()
        highs.setSolution(solution)
        status = self._run(highs)
        if status != highspy.HighsModelStatus.kOptimal:
            raise OutOfWork
        return np.array(highs.getSolution().col_value) > 0.5
