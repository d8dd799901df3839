"""Building the registry of cells and the rows between them, table by table and vectorised."""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
from scipy import sparse

from thassist.disclosure.equations import (
    UNBOUNDED,
    Block,
    FloatArray,
    IntArray,
    Link,
    Population,
    System,
    strides,
)

#: Up to so many distinct grids the margins that two tables share are registered pair by pair.
_MOST_PAIRS = 120


class _Rows:
    """Rows collected as parts, then made one sparse matrix without doubles."""

    def __init__(self) -> None:
        self.parts: list[tuple[IntArray, FloatArray, float, float]] = []

    def add(self, cells: IntArray, factors: FloatArray, low: float, high: float) -> None:
        """Add one row per row of ``cells``, all with the same factors and ends."""
        if cells.size:
            self.parts.append((cells, factors, low, high))

    def matrix(self, size: int) -> tuple[sparse.csr_array, FloatArray, FloatArray]:
        row, column, data, low, high, count = [], [], [], [], [], 0
        for cells, factors, least, most in self.parts:
            rows, width = cells.shape
            row.append(np.repeat(np.arange(count, count + rows), width))
            column.append(cells.ravel())
            data.append(np.tile(factors, rows))
            low.append(np.full(rows, least))
            high.append(np.full(rows, most))
            count += rows
        if not count:
            return sparse.csr_array((0, size)), np.zeros(0), np.zeros(0)
        matrix = sparse.csr_array(
            (np.concatenate(data), (np.concatenate(row), np.concatenate(column))), shape=(count, size)
        )
        return matrix, np.concatenate(low), np.concatenate(high)


def build(populations: Sequence[Population], links: Sequence[Link]) -> System:
    """See :meth:`System.build`."""
    if len({population.name for population in populations}) != len(populations):
        raise ValueError([population.name for population in populations])
    keys, shown, start = [], [], [0]
    for population in populations:
        none = np.zeros(0, np.int64)
        known = [_keys(population, block) for block in population.blocks if block.role != "margin"]
        visible = np.unique(np.concatenate([none, *known]))
        shared = [_keys(population, block) for block in population.blocks if block.role == "margin"]
        shared += [_keys(population, block) for block in _meets(population)]
        every = np.unique(np.concatenate([visible, *shared]))
        keys.append(every)
        shown.append(np.isin(every, visible, assume_unique=True))
        start.append(start[-1] + every.size)
    system = System(
        tuple(populations),
        tuple(start),
        np.concatenate(keys),
        np.concatenate(shown),
        sparse.csr_array((0, start[-1])),
        np.zeros(0),
        np.zeros(0),
    )
    rows = _Rows()
    for number in range(len(populations)):
        _add_sums(system, number, rows)
    for link in links:
        _add_link(system, link, rows)
    matrix, low, high = rows.matrix(system.size)
    return System(system.populations, system.start, system.keys, system.shown, matrix, low, high)


def _keys(population: Population, block: Block) -> IntArray:
    key = np.zeros(1, np.int64)
    for nodes, stride in zip(block.nodes, strides(population), strict=True):
        key = (key[:, None] + nodes[None, :] * stride).ravel()
    return key


def _meets(population: Population) -> Iterator[Block]:
    """The margins that two tables share: for each pair, the nodes that both add up to."""
    distinct: dict[tuple[bytes, ...], Block] = {}
    for block in population.blocks:
        if block.role != "never":
            distinct.setdefault(tuple(nodes.tobytes() for nodes in block.nodes), block)
    if len(distinct) > _MOST_PAIRS:
        return
    common: dict[tuple[int, bytes, bytes], IntArray] = {}
    seen = set(distinct)
    for one, other in itertools.combinations(distinct.values(), 2):
        nodes = []
        for axis, (first, second) in enumerate(zip(one.nodes, other.nodes, strict=True)):
            key = (axis, first.tobytes(), second.tobytes())
            if key not in common:
                variable = population.variables[axis]
                union = np.union1d(first, second)
                both = variable.measurable(union, first) & variable.measurable(union, second)
                common[key] = union[both]
            nodes.append(common[key])
        mark = tuple(each.tobytes() for each in nodes)
        if mark not in seen and all(each.size for each in nodes):
            seen.add(mark)
            yield Block("", tuple(nodes))


def _add_sums(system: System, number: int, rows: _Rows) -> None:
    population = system.populations[number]
    step = strides(population)
    first, last = system.start[number], system.start[number + 1]
    keys, nodes = system.keys[first:last], system.nodes[number]
    for axis, variable in enumerate(population.variables):
        sets = {block.nodes[axis].tobytes(): block.nodes[axis] for block in population.blocks}
        every = np.unique(nodes[:, axis])
        sets.setdefault(every.tobytes(), every)
        sums = dict.fromkeys(found for used in sets.values() for found in variable.sums(used))
        for found in sums:
            parents = np.flatnonzero(nodes[:, axis] == found.parent)
            if not parents.size:
                continue
            offsets = (np.array(found.parts, np.int64) - found.parent) * step[axis]
            parts = system.find_keys(number, keys[parents][:, None] + offsets[None, :])
            whole = (parts >= 0).all(1)
            cells = np.concatenate([parents[whole][:, None] + first, parts[whole]], 1)
            factors = np.concatenate([[1.0], -np.ones(len(found.parts))])
            low = 0.0 if found.relation in {"=", ">="} else -UNBOUNDED
            high = 0.0 if found.relation in {"=", "<="} else UNBOUNDED
            rows.add(cells, factors, low, high)


def _add_link(system: System, link: Link, rows: _Rows) -> None:
    _, name, fixed = link.terms[0]
    number = system.population(name)
    variables = system.populations[number].variables
    nodes = system.nodes[number]
    keep = np.ones(nodes.shape[0], bool)
    for axis, variable in enumerate(variables):
        if variable.name in fixed:
            keep &= nodes[:, axis] == variable.place[fixed[variable.name]]
    chosen = nodes[keep]
    columns = [np.flatnonzero(keep) + system.start[number]]
    for _, other_name, replaced in link.terms[1:]:
        other = system.population(other_name)
        axes = {variable.name: axis for axis, variable in enumerate(variables)}
        wanted = []
        for variable in system.populations[other].variables:
            if variable.name in replaced:
                wanted.append(np.full(chosen.shape[0], variable.place[replaced[variable.name]], np.int64))
            elif variable.name in axes:
                source = variables[axes[variable.name]]
                translate = np.array([variable.place.get(code, -1) for code in source.codes], np.int64)
                wanted.append(translate[chosen[:, axes[variable.name]]])
            else:
                wanted.append(np.zeros(chosen.shape[0], np.int64))
        table = np.stack(wanted, 1)
        known = (table >= 0).all(1)
        columns.append(np.where(known, system.find(other, np.maximum(table, 0)), -1))
    cells = np.stack(columns, 1)
    factors = np.array([float(factor) for factor, _, _ in link.terms])
    rows.add(cells[(cells >= 0).all(1)], factors, link.low, link.high)
