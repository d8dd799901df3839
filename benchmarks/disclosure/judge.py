"""A judge that shares nothing with our audit: one linear programme a bound, by scipy, over the cross of all leaves.

Slow, simple and complete: every inner combination is a column, every published figure an equation. Intervals of the
linear programme contain those in whole numbers, so what it convicts is convicted; what it acquits could still fall to
whole numbers.
"""

import time
from dataclasses import dataclass

import numpy as np
from instances import Instance
from scipy import sparse
from scipy.optimize import linprog

_NOISE = 1e-6


@dataclass
class Judged:
    """How many small cells an attacker knows exactly, of how many that they are below k; ``asked`` were judged."""

    exact: int = 0
    small: int = 0
    asked: int = 0
    finished: bool = True


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


def judge(
    matrix: sparse.csr_array, truth: np.ndarray, withheld: np.ndarray, k: int, least: int, seconds: float
) -> Judged:
    """Play an outsider who takes withheld cells for ``least`` or more."""
    until = time.monotonic() + seconds
    zero = np.flatnonzero(~withheld & (truth == 0))
    live = np.ones(matrix.shape[1], bool)
    if zero.size:
        live &= np.asarray(matrix[zero].sum(axis=0)).ravel() == 0
    small = matrix[:, live]
    fixed = ~withheld & (truth > 0)
    bounded = np.flatnonzero(withheld)
    verdict = Judged()
    for cell in np.flatnonzero(withheld & (truth > 0) & (truth < k)):
        if time.monotonic() > until:
            verdict.finished = False
            return verdict
        ends = []
        for sign in (1.0, -1.0):
            done = linprog(
                sign * small[[cell]].toarray().ravel(),
                A_ub=-small[bounded],
                b_ub=np.full(bounded.size, -float(least)),
                A_eq=small[fixed],
                b_eq=truth[fixed],
                method="highs",
            )
            ends.append(sign * done.fun if done.status == 0 else -sign * np.inf)
        low, high = np.ceil(ends[0] - _NOISE), np.floor(ends[1] + _NOISE)
        verdict.asked += 1
        verdict.exact += int(low == high)
        verdict.small += int(high < k)
    return verdict
