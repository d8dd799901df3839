"""Tier 1: what follows by subtraction alone, row by row, for all cells at once.

It convicts and never acquits: a cell that it leaves wide may still follow from several rows together. Values and
factors are small whole numbers, so the arithmetic is exact, and so is every EXACT verdict of it.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from thassist.disclosure.equations import UNBOUNDED, FloatArray

_NOISE = 1e-6


@dataclass(frozen=True)
class Bounds:
    """What each cell can be; ``consistent`` is False where the figures contradict each other."""

    low: FloatArray
    high: FloatArray
    consistent: bool
    passes: int


def propagate(
    rows: sparse.csr_array, low: FloatArray, high: FloatArray, least: FloatArray, most: FloatArray, passes: int = 60
) -> Bounds:
    """Narrow ``least <= y <= most`` by ``low <= rows @ y <= high`` until nothing changes or the passes are used up.

    Stopping early only leaves cells wider, which is sound for what it is used for.
    """
    matrix = sparse.coo_array(rows)
    row, column, factor = matrix.coords[0], matrix.coords[1], matrix.data
    order = np.argsort(column, kind="stable")
    row, column, factor = row[order], column[order], factor[order]
    cells, first = np.unique(column, return_index=True)
    size = rows.shape[0]
    floor, ceiling = least.astype(np.float64).copy(), np.minimum(most, UNBOUNDED).astype(np.float64)
    done = 0
    if not cells.size:
        return Bounds(floor, ceiling, bool((floor <= ceiling).all()), 0)
    positive = factor > 0
    for done in range(1, passes + 1):
        small = np.where(positive, factor * floor[column], factor * ceiling[column])
        large = np.where(positive, factor * ceiling[column], factor * floor[column])
        # what is left for the entry itself when all others of its row stand at their ends
        upper = high[row] - (np.bincount(row, small, size)[row] - small)
        lower = low[row] - (np.bincount(row, large, size)[row] - large)
        most_here = np.where(positive, upper, lower) / factor
        least_here = np.where(positive, lower, upper) / factor
        new_high = np.minimum(ceiling[cells], np.floor(np.minimum.reduceat(most_here, first) + _NOISE))
        new_low = np.maximum(floor[cells], np.ceil(np.maximum.reduceat(least_here, first) - _NOISE))
        changed = bool((new_high < ceiling[cells] - _NOISE).any() or (new_low > floor[cells] + _NOISE).any())
        ceiling[cells], floor[cells] = new_high, new_low
        if (floor > ceiling).any():
            return Bounds(floor, ceiling, consistent=False, passes=done)
        if not changed:
            break
    return Bounds(floor, ceiling, consistent=True, passes=done)
