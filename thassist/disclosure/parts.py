"""Falling apart: parts of a system that say nothing about each other, so that each is judged alone.

Quarters are tied together only by the annual figures that do not follow from them; where those are all published and
follow, every quarter is a part of its own. The split is by the leaves of one variable of each population: the one by
which it falls into most parts. Which variable that is (time, mostly) is found, not told.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csgraph, csr_array

from thassist.disclosure.equations import BoolArray, IntArray, System


@dataclass(frozen=True)
class Part:
    """Some leaves of one variable of each population, and the cells that count only those.

    Attributes:
        cells: the cells of the part.
        axis: by population, the variable by which it was split.
        leaves: by population, which leaves of that variable are inside.
    """

    cells: IntArray
    axis: tuple[int, ...]
    leaves: tuple[BoolArray, ...]


def split(system: System, tied: BoolArray, links: IntArray) -> list[Part]:
    """The parts of a system.

    Args:
        system: the registry.
        tied: cells that tie their leaves together (withheld, or known and not following from others).
        links: rows between populations.
    """
    axes = tuple(_best_axis(system, number, tied) for number in range(len(system.populations)))
    sizes = [p.variables[axis].leaves for p, axis in zip(system.populations, axes, strict=True)]
    start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    one = _leaf_of_each(system, axes, start)
    left, right = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for number, axis in enumerate(axes):
        pairs = _pairs(system, number, axis, tied)
        left.append(pairs[0] + start[number])
        right.append(pairs[1] + start[number])
    for row in links.tolist():
        cells = system.rows.indices[system.rows.indptr[row] : system.rows.indptr[row + 1]]
        left.append(np.repeat(one[cells[:1]], cells.size - 1))
        right.append(one[cells[1:]])
    a, b = np.concatenate(left), np.concatenate(right)
    count, label = csgraph.connected_components(
        csr_array((np.ones(a.size), (a, b)), shape=(int(start[-1]), int(start[-1]))), directed=False
    )
    parts = []
    owner = label[one]
    order = np.argsort(owner, kind="stable")
    ends = np.searchsorted(owner[order], np.arange(count + 1))
    for part in range(count):
        masks = tuple(label[start[n] : start[n + 1]] == part for n in range(len(axes)))
        cells = np.sort(order[ends[part] : ends[part + 1]])
        parts.append(Part(np.asarray(cells[tied[cells]], np.int64), axes, masks))
    return [part for part in parts if part.cells.size]


def _leaf_of_each(system: System, axes: tuple[int, ...], start: IntArray) -> IntArray:
    """One leaf that each cell covers, numbered over all populations."""
    found = []
    for number, axis in enumerate(axes):
        first = system.populations[number].variables[axis].member.argmax(1)
        found.append(first[system.nodes[number][:, axis]] + start[number])
    return np.concatenate(found)


def _pairs(system: System, number: int, axis: int, tied: BoolArray) -> tuple[IntArray, IntArray]:
    """Which leaves of a variable are tied together by a cell that covers several of them."""
    inside = tied[system.start[number] : system.start[number + 1]]
    member = system.populations[number].variables[axis].member
    left, right = [], []
    for node in np.unique(system.nodes[number][inside, axis]):
        covered = np.flatnonzero(member[node])
        left.append(np.repeat(covered[:1], covered.size - 1))
        right.append(covered[1:])
    empty = [np.zeros(0, np.int64)]
    return np.concatenate(left or empty), np.concatenate(right or empty)


def _best_axis(system: System, number: int, tied: BoolArray) -> int:
    best, most = 0, 0
    for axis, variable in enumerate(system.populations[number].variables):
        a, b = _pairs(system, number, axis, tied)
        graph = csr_array((np.ones(a.size), (a, b)), shape=(variable.leaves, variable.leaves))
        count = int(csgraph.connected_components(graph, directed=False)[0])
        if count > most:
            best, most = axis, count
    return best
