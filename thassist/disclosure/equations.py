"""The equations between published figures: one variable per figure, however many tables and releases show it.

A *cell* is one node per variable of its population (the total included), so that a figure that stands in twelve tables
and three releases is one cell. Two systems say what an attacker knows about the cells ``y``:

* **cells**: ``low <= R y <= high``, the sums and bounds between cells (:attr:`System.rows`). Cheap; every cell that it
  narrows is narrowed for every attacker, so it *convicts*. It acquits only where the tables form a tree (a decomposable
  set of margins): there, consistent cells always come from some records.
* **cross**: ``y = A x`` with ``x >= 0`` over the full cross of the leaves of all variables (:class:`Cross`), one column
  a combination. Exact for linked tables; its columns are generated when needed. A feasible ``x`` over *any* columns
  *acquits*, because it is an alternative that agrees with everything published; only a maximum over *all* live columns,
  or over the cells, convicts.

Populations that count different things (persons, decisions) are different systems unless a :class:`Link` ties their
cells (part of, stock = previous stock + in - out, a revision). Links bound cells, not records: over them the attacker
is given slightly less than all there is to know; where that matters, make the tie a variable (admitted: yes, no).

Source: Willenborg and de Waal, Elements of Statistical Disclosure Control (2001), ch. 4; Fischetti and
Salazar-González, Management Science 47 (2001), for the polytope; Dobra and Fienberg, PNAS 97
(2000), for decomposable margins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

from thassist.disclosure.variables import TOTAL, BoolArray, IntArray, Variable

__all__ = [
    "TOTAL",
    "Block",
    "BoolArray",
    "Cross",
    "FloatArray",
    "IntArray",
    "Link",
    "Population",
    "System",
    "TooWide",
    "Variable",
]

FloatArray: TypeAlias = npt.NDArray[np.float64]

#: Stands for no bound; small enough to keep the digits of counts (a bound of 1e12 would swallow them).
UNBOUNDED = 1e7
#: Columns of a cross are numbered up to here, dead ones included.
_MOST_COLUMNS = 10**12
#: So many live columns are listed and priced; while they are listed so many times as many may stand there.
MOST_LIVE, _ROOM = 4_000_000, 4
_HALF = 0.5
_KEY_LIMIT = 2**62


@dataclass(frozen=True)
class Block:
    """A grid of cells of one table: for each variable of the population the nodes that it shows.

    A table with several margins that are not a full grid is several blocks of the same name.

    Attributes:
        name: of the table.
        nodes: by variable.
        role: ``shown``; ``margin``: registered because links tie it, shown nowhere; ``never``: combinations that
            cannot occur (a woman among the men), which every reader knows to be zero.
    """

    name: str
    nodes: tuple[IntArray, ...]
    role: str = "shown"


@dataclass(frozen=True)
class Population:
    """What is counted (persons, referrals; each version of each), by which variables, shown in which blocks."""

    name: str
    variables: tuple[Variable, ...]
    blocks: tuple[Block, ...] = field(repr=False)

    def block(self, name: str, shown: Mapping[str, Sequence[str]]) -> Block:
        """A block from codes by variable; a variable that is not named stands at its total.

        Raises:
            KeyError: an unknown variable or code.
        """
        unknown = set(shown) - {variable.name for variable in self.variables}
        if unknown:
            raise KeyError(min(unknown))
        return Block(
            name,
            tuple(
                np.unique(variable.nodes(shown.get(variable.name, (variable.codes[0],)))) for variable in self.variables
            ),
        )


@dataclass(frozen=True)
class Link:
    """``low <= sum of factor × cell <= high`` between cells with the same codes in several populations.

    Each term is (factor, population, codes that replace those of the first term's cell, by variable). Applied to
    every cell of the first term's population for which all the others are registered too.
    """

    terms: tuple[tuple[int, str, Mapping[str, str]], ...]
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True)
class System:
    """The registry of cells and all that must hold between them.

    Cells are numbered population by population. Auxiliary cells (margins that two tables share but none shows) are
    registered too: they carry what one table says over to another.

    Attributes:
        populations: what is counted.
        start: the first cell of each population, then the number of cells.
        keys: mixed-radix key of each cell, ascending within its population.
        shown: whether a block shows the cell; False for auxiliary ones.
        rows: ``low <= rows @ y <= high``, small whole numbers.
        low, high: ends of the rows; equal where a sum must hold.
    """

    populations: tuple[Population, ...]
    start: tuple[int, ...]
    keys: IntArray = field(repr=False)
    shown: BoolArray = field(repr=False)
    rows: sparse.csr_array = field(repr=False)
    low: FloatArray = field(repr=False)
    high: FloatArray = field(repr=False)

    @classmethod
    def build(cls, populations: Sequence[Population], links: Sequence[Link] = ()) -> "System":
        """Register the cells of all blocks and build their equations.

        Raises:
            ValueError: two populations have one name, or the variables of one have too many nodes to be numbered.
        """
        from thassist.disclosure.building import build

        return build(populations, links)

    @property
    def size(self) -> int:
        """How many cells there are, auxiliary ones included."""
        return int(self.keys.size)

    def population(self, name: str) -> int:
        """The number of a population.

        Raises:
            KeyError: there is none of that name.
        """
        for number, population in enumerate(self.populations):
            if population.name == name:
                return number
        raise KeyError(name)

    @cached_property
    def nodes(self) -> list[IntArray]:
        """By population: its cells × its variables, the node of each."""
        return [
            decode(self.keys[self.start[number] : self.start[number + 1]], radices(population))
            for number, population in enumerate(self.populations)
        ]

    def find(self, population: int, nodes: IntArray) -> IntArray:
        """The cells with these nodes (one row a cell, one column a variable); -1 where there is none."""
        return self.find_keys(population, nodes @ strides(self.populations[population]))

    def find_keys(self, population: int, keys: IntArray) -> IntArray:
        """The cells with these keys; -1 where there is none."""
        first, last = self.start[population], self.start[population + 1]
        return lookup(self.keys[first:last], keys, first)

    def cells(self, population: str, codes: Mapping[str, Sequence[str]]) -> IntArray:
        """The cells of a list of addresses, given column by column; variables not named stand at their total.

        Raises:
            KeyError: an unknown population, variable or code.
        """
        number = self.population(population)
        length = max((len(column) for column in codes.values()), default=1)
        columns = []
        for variable in self.populations[number].variables:
            column = codes.get(variable.name)
            columns.append(np.zeros(length, np.int64) if column is None else variable.nodes(column))
        return self.find(number, np.stack(columns, 1) if columns else np.zeros((length, 0), np.int64))

    def name(self, cell: int) -> tuple[str, ...]:
        """The population and the codes of a cell, in the order of the population's variables."""
        number = int(np.searchsorted(self.start, cell, side="right")) - 1
        population = self.populations[number]
        nodes = self.nodes[number][cell - self.start[number]]
        return population.name, *(v.codes[int(n)] for v, n in zip(population.variables, nodes, strict=True))

    def block_cells(self, population: int, block: Block) -> IntArray:
        """The cells of a block, as a grid with one axis a variable."""
        key = np.zeros((1,) * len(block.nodes), np.int64)
        for axis, (nodes, stride) in enumerate(zip(block.nodes, strides(self.populations[population]), strict=True)):
            shape = [1] * len(block.nodes)
            shape[axis] = nodes.size
            key = key + (nodes * stride).reshape(shape)
        return self.find_keys(population, key.ravel()).reshape(key.shape)

    def incidence(self, population: int, leaves: IntArray) -> sparse.csr_array:
        """Cells × records: which cells count a record with these leaves (one row a record, one column a variable)."""
        variables = self.populations[population].variables
        if not leaves.size:
            return sparse.csr_array((self.size, leaves.shape[0]))
        paths = []
        for axis, variable in enumerate(variables):
            used = np.unique(self.nodes[population][:, axis])
            covering = [used[variable.member[used, leaf]] for leaf in range(variable.leaves)]
            table = np.full((variable.leaves, max(map(len, covering), default=0)), -1, np.int64)
            for leaf, found in enumerate(covering):
                table[leaf, : len(found)] = found
            paths.append(table[leaves[:, axis]])
        rows, columns = [], []
        keys = np.zeros((leaves.shape[0], 1), np.int64)
        good = np.ones_like(keys, bool)
        for path, stride in zip(paths, strides(self.populations[population]), strict=True):
            keys = (keys[:, :, None] + path[:, None, :] * stride).reshape(leaves.shape[0], -1)
            good = (good[:, :, None] & (path >= 0)[:, None, :]).reshape(leaves.shape[0], -1)
        record, _ = np.nonzero(good)
        cell = self.find_keys(population, keys[good])
        rows.append(cell[cell >= 0])
        columns.append(record[cell >= 0])
        row, column = np.concatenate(rows), np.concatenate(columns)
        return sparse.csr_array((np.ones(row.size), (row, column)), shape=(self.size, leaves.shape[0]))

    def count(self, population: int, leaves: IntArray, weights: IntArray | None = None) -> FloatArray:
        """The value of every cell from records: zero for the cells of other populations."""
        distinct, inverse = np.unique(leaves, axis=0, return_inverse=True)
        totals = np.bincount(inverse.ravel(), weights=weights, minlength=distinct.shape[0])
        return np.asarray(self.incidence(population, distinct) @ totals, np.float64)

    def holds(self, values: FloatArray, tolerance: float = 1e-6) -> bool:
        """Whether values of all cells satisfy every row."""
        found = self.rows @ values
        return bool((found >= self.low - tolerance).all() and (found <= self.high + tolerance).all())


class TooWide(Exception):
    """A cross has more live columns than can be looked through."""


class Cross:
    """The full cross of the leaves of one population's variables, never written out.

    Only its live columns are listed: variable by variable, and whatever a known zero rules out is left away as soon as
    its variables are there. They are priced margin by margin.
    """

    def __init__(self, system: System, population: int, within: tuple[int, BoolArray] | None = None) -> None:
        """Prepare a cross; ``within`` keeps some leaves of one variable (its place, and which leaves)."""
        self.system, self.population = system, population
        self.variables = system.populations[population].variables
        self._members = [variable.member for variable in self.variables]
        self._axis, self._kept = 0, np.arange(self.variables[0].leaves if self.variables else 0)
        if within is not None:
            self._axis, self._kept = within[0], np.flatnonzero(within[1])
            self._members[self._axis] = self._members[self._axis][:, self._kept]
        self.shape = tuple(member.shape[1] for member in self._members)
        #: How many columns the cross has, dead ones included. Beyond limits it cannot be looked through.
        self.size = int(np.prod([float(length) for length in self.shape]))
        self.priceable = self.size <= _MOST_COLUMNS
        self.complete = all(variable.complete for variable in self.variables) and self.priceable
        taken = np.zeros(system.size, bool)
        self._grids: list[tuple[IntArray, BoolArray, tuple[IntArray, ...], tuple[int, ...]]] = []
        for block in system.populations[population].blocks:
            grid = system.block_cells(population, block)
            own = ~taken[grid]
            taken[grid] = True
            if own.any():
                self._grids.append((grid, own, block.nodes, self._told_apart(block.nodes)))
        self._priced, self._places = np.zeros(0, np.int64), dict[tuple[int, ...], IntArray]()

    def _told_apart(self, nodes: tuple[IntArray, ...]) -> tuple[int, ...]:
        """The variables of which a block tells more than the total."""
        pairs = enumerate(zip(self._members, nodes, strict=True))
        return tuple(axis for axis, (member, used) in pairs if used.size > 1 or not member[used[0]].all())

    def _by_margin(self, weights: FloatArray) -> dict[tuple[int, ...], FloatArray]:
        """Margins (their variables) → for each combination of their leaves the sum of the weights of its cells."""
        found: dict[tuple[int, ...], FloatArray] = {}
        for grid, own, nodes, axes in self._grids:
            tensor = np.where(own, weights[grid], 0.0)
            if not tensor.any():
                continue
            for axis in axes:
                spread = np.tensordot(self._members[axis][nodes[axis]].T.astype(np.float64), tensor, (1, axis))
                tensor = np.moveaxis(spread, 0, axis)
            tensor = tensor.reshape([self.shape[axis] for axis in axes])
            found[axes] = found[axes] + tensor if axes in found else tensor
        return found

    def price(self, weights: FloatArray, columns: IntArray) -> FloatArray:
        """For some columns, by flat number, the sum of the weights of the (shown) cells that count each."""
        if columns is not self._priced:
            self._priced, self._places = columns, {}
        total = np.zeros(columns.size)
        for axes, tensor in self._by_margin(weights).items():
            if axes not in self._places:
                at = np.unravel_index(columns, self.shape) if self.shape else ()
                shape = tensor.shape
                own = tuple(at[axis] for axis in axes)
                self._places[axes] = np.asarray(
                    np.ravel_multi_index(own, shape) if own else np.zeros(columns.size), np.int64
                )
            total += tensor.ravel()[self._places[axes]]
        return total

    def live(self, zero: BoolArray) -> IntArray:
        """The columns that no cell known to be zero counts, as flat numbers in ascending order.

        Raises:
            TooWide: there are too many; from now on the cross is known not to be priceable.
        """
        if not self.priceable:
            raise TooWide
        dead = {axes: tensor > _HALF for axes, tensor in self._by_margin(zero.astype(np.float64)).items()}
        steps = np.append(np.cumprod(self.shape[::-1])[-2::-1], 1).astype(np.int64) if self.shape else np.ones(0)
        found = np.zeros((1, 0), np.int32)
        for axis, length in enumerate(self.shape):
            if found.shape[0] * length > MOST_LIVE * _ROOM:
                self.priceable = self.complete = False
                raise TooWide
            leaf = np.tile(np.arange(length, dtype=np.int32), found.shape[0])
            found = np.column_stack([np.repeat(found, length, 0), leaf])
            for axes, tensor in dead.items():
                if axes and axes[-1] == axis:
                    found = found[~tensor[tuple(found[:, each] for each in axes)]]
            if found.shape[0] > MOST_LIVE:
                self.priceable = self.complete = False
                raise TooWide
        if bool(dead.get((), np.zeros(())).any()):
            return np.zeros(0, np.int64)
        return np.asarray(found.astype(np.int64) @ steps.astype(np.int64), np.int64)

    def leaves(self, columns: IntArray) -> IntArray:
        """Flat numbers → leaves, one row a column of the cross."""
        found = np.stack(np.unravel_index(columns, self.shape), 1).astype(np.int64)
        found[:, self._axis] = self._kept[found[:, self._axis]]
        return found

    def columns(self, leaves: IntArray) -> IntArray:
        """Leaves, all of them inside, → flat numbers."""
        inside = leaves.copy()
        inside[:, self._axis] = np.searchsorted(self._kept, inside[:, self._axis])
        return np.asarray(np.ravel_multi_index(tuple(inside.T), self.shape), np.int64)


def radices(population: Population) -> list[int]:
    """The number of nodes of each variable."""
    return [len(variable.codes) for variable in population.variables]


def strides(population: Population) -> IntArray:
    """What one step of each variable's node adds to the key of a cell.

    Raises:
        ValueError: the variables have too many nodes together.
    """
    found, step = [], 1
    for radix in reversed(radices(population)):
        found.append(step)
        step *= radix
    if step > _KEY_LIMIT:
        raise ValueError(population.name)
    return np.array(found[::-1], np.int64)


def decode(keys: IntArray, sizes: list[int]) -> IntArray:
    """Keys → nodes."""
    columns: list[IntArray] = []
    for radix in reversed(sizes):
        columns.append(keys % radix)
        keys = keys // radix
    return np.stack(columns[::-1], 1) if columns else np.zeros((keys.size, 0), np.int64)


def lookup(ordered: IntArray, keys: IntArray, offset: int = 0) -> IntArray:
    """The places of keys in an ascending array, with an offset; -1 where absent."""
    if not ordered.size:
        return np.full(keys.shape, -1, np.int64)
    place = np.minimum(np.searchsorted(ordered, keys), ordered.size - 1)
    return np.where(ordered[place] == keys, place + offset, -1)
