"""From tables to equations: one system a population, over all tables and periods that are or will be published.

Every cell of every table becomes an address (a node per variable), so that a figure that stands in twelve tables is one
cell. The truth of every cell is counted from the units and must be exactly what the table shows; a table of which that
is not so is not protected by guesswork but refused.

What is proved, and what is assumed:

* Within a population everything is one: all tables, periods, conditions, dates and classifications.
* The difference between two conditions of one period (new clients less registered victims) is a figure too, wherever
  both are told of the same breakdown and nobody, or nearly nobody, meets only the smaller one. It is shown nowhere, and
  protected like a small figure of its own.
* Combinations of two variables of which there should be some (:data:`_EXPECTED` or more, were they independent) and is
  none in the whole snapshot are taken to be impossible, and known by everybody to be so. Rarer impossible combinations
  count as possible.
* Only values that occur in the snapshot are possible, which gives the attacker more than there is to know.
* Populations (persons, referrals, decisions, ended episodes) are judged each for itself: what their units tell about
  each other is not.
"""

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from thassist.dates import Period
from thassist.disclosure.attack import Records
from thassist.disclosure.axes import variant
from thassist.disclosure.between import Difference, Place, between, grids_of
from thassist.disclosure.cliques import Tree, tree
from thassist.disclosure.counted import MEMBER, Asked, Counted, counted, faces, population_of, source_of
from thassist.disclosure.equations import (
    MOST_LIVE,
    TOTAL,
    Block,
    BoolArray,
    Cross,
    FloatArray,
    IntArray,
    Link,
    Population,
    System,
    TooWide,
)
from thassist.disclosure.variables import Variable
from thassist.errors import InvalidDefinition
from thassist.tables.bench import bench
from thassist.tables.compute import Source
from thassist.tables.cube import CellKey, Cube
from thassist.tables.model import TableSpec

#: So many units must be expected of a combination before their absence means that it cannot be.
_EXPECTED = 5.0
#: Cliques of so many columns are kept narrower by leaving out what was learnt of sets of answers.
_WIDE = 8_000_000

#: Table, the variables of a margin, the node of membership → the nodes of its figures.
Margins: TypeAlias = dict[tuple[str, frozenset[str], str], list[dict[str, str]]]
#: Two variables, and which of their leaves cannot be together.
Zeros: TypeAlias = tuple[str, str, BoolArray]


@dataclass
class Joint:
    """All tables over one population.

    Attributes:
        name: of the population.
        tables: the ids of its tables.
        system: cells and equations.
        truth: the value of every cell.
        records: the kinds of units by clique.
        never: cells of combinations that cannot be.
        between: of differences that nothing shows, the cell → the cells of the two figures of which it is one.
        units: how many records are counted.
        figures: by table, its figures.
        not_assumed: pairs of variables of which readers are not taken to know which values never meet.
    """

    name: tuple[str, ...]
    tables: tuple[str, ...]
    system: System = field(repr=False)
    truth: FloatArray = field(repr=False)
    records: dict[int, Records] = field(repr=False)
    never: BoolArray = field(repr=False)
    between: Mapping[int, tuple[int, int]] = field(repr=False)
    units: int
    figures: Mapping[str, Mapping[CellKey, float | int | None]] = field(repr=False)
    _tree: Tree = field(repr=False)
    _counted: Counted = field(repr=False)
    _specs: Mapping[str, TableSpec] = field(repr=False)
    not_assumed: list[tuple[str, ...]] = field(default_factory=list)
    _found: dict[tuple[str, CellKey], tuple[int, ...]] = field(default_factory=dict, repr=False)

    def spec(self, table: str) -> TableSpec:
        """The definition of one of its tables."""
        return self._specs[table]

    def cells(self, spec: TableSpec, key: CellKey) -> tuple[int, ...]:
        """The cells that a figure of a table shows: one, and of a share both its counts; -1 for one that nobody has."""
        at = (spec.id, key)
        if at not in self._found:
            self._found[at] = tuple(self._cell(address) for address in addresses(spec, self._counted, key))
        return self._found[at]

    def _cell(self, address: Mapping[str, str]) -> int:
        if "" in address.values():
            return -1
        used = {name: code for name, code in address.items() if code != TOTAL}
        home = self._tree.home(set(used) - {MEMBER})
        return int(self.system.cells(str(home), {name: [code] for name, code in used.items()})[0])

    def derived(self) -> BoolArray:
        """The small differences that nothing shows; whoever works one out has found somebody."""
        found = np.zeros(self.system.size, bool)
        found[list(self.between)] = True
        return found


def addresses(spec: TableSpec, units: Counted, key: CellKey) -> list[dict[str, str]]:
    """The nodes by variable of the counts behind a figure: the figure's own, and those of a share's parts."""
    dimensions = list(zip(spec.dimensions, key[1:], strict=True))
    source, period = source_of(spec), key[0]
    own = [(variant(dimension), code) for dimension, code in dimensions if code != TOTAL]
    at = units.node(source, period, own)
    found = [{MEMBER: units.member(face, period), **at} for face in faces(spec)]
    if spec.measure.over:
        whole = [
            (variant(dimension), code)
            for dimension, code in dimensions
            if code != TOTAL and dimension.id not in spec.measure.over
        ]
        found.append({MEMBER: units.member(faces(spec)[0], period), **units.node(source, period, whole)})
    return found


def grouped(tables: Iterable[Asked]) -> dict[tuple[str, ...], list[Asked]]:
    """Tables by what they count.

    Raises:
        InvalidDefinition: a table counts nothing that can be told apart.
    """
    found: dict[tuple[str, ...], list[Asked]] = defaultdict(list)
    for asked in tables:
        found[population_of(asked.spec)].append(asked)
    return dict(found)


def joint(
    tables: Sequence[Asked],
    cubes: Mapping[str, Mapping[CellKey, float | int | None]],
    snapshot: Source,
    context: Sequence[Period] = (),
    threshold: int = 5,
) -> list[Joint]:
    """One system a population over all tables.

    Args:
        tables: what is published, was published and will be; a table may stand there several times.
        cubes: by table its figures; only those with a value are published.
        snapshot: where the figures come from.
        context: further periods from which is learnt which combinations occur at all.
        threshold: differences below it are figures to be protected.

    Raises:
        InvalidDefinition: a table cannot be protected: it counts no units, its figures are not the number of its
            units, or it hangs together with others so widely that nothing about it can be proved.
    """
    with bench(snapshot) as opened:
        return [
            _joint(name, own, cubes, counted(own, opened, context), threshold)
            for name, own in sorted(grouped(tables).items())
        ]


def _joint(
    name: tuple[str, ...],
    tables: Sequence[Asked],
    cubes: Mapping[str, Mapping[CellKey, float | int | None]],
    units: Counted,
    threshold: int,
) -> Joint:
    specs = {asked.spec.id: asked.spec for asked in tables}
    margins, told = _margins(specs, cubes, units)
    names = list(units.axes)
    leaves = np.array(units.records, np.int64).reshape(-1, len(names))
    differences = between(units, leaves, told, threshold)
    known, zeros, left = _tree(units, margins)
    variables = {each: axis.variable() for each, axis in units.axes.items()}
    populations, links = _populations(known, variables, margins, zeros, differences)
    system = System.build(populations, links)
    _wide(system, known, margins)
    records = {}
    truth = np.zeros(system.size)
    for number, population in enumerate(populations):
        columns = [names.index(each.name) for each in population.variables]
        kinds, each, counts = np.unique(leaves[:, columns], axis=0, return_inverse=True, return_counts=True)
        records[number] = Records(kinds.astype(np.int64), counts.astype(np.int64), each.ravel().astype(np.int64))
        truth += system.count(number, records[number].leaves, records[number].counts)

    def cell(at: Place, member: str) -> int:
        home = known.home(n for n, _ in at)
        codes = {n: [code] for n, code in (*at, (MEMBER, member)) if code != TOTAL}
        return int(system.cells(str(home), codes)[0])

    places = {cell(at, d.node): (cell(at, d.larger), cell(at, d.smaller)) for d in differences for at in d.places}
    found = Joint(
        name, tuple(specs), system, truth, records, _never_cells(system), {}, len(leaves), cubes, known, units, specs
    )
    found.not_assumed = left
    _check(found, specs, cubes)
    shown = {each for table, spec in specs.items() for key in cubes[table] for each in found.cells(spec, key)}
    found.between = {each: pair for each, pair in places.items() if each not in shown}
    return found


def _margins(
    specs: Mapping[str, TableSpec], cubes: Mapping[str, Mapping[CellKey, float | int | None]], units: Counted
) -> tuple[Margins, dict[tuple[str, Place], set[str]]]:
    """The margins of the tables; and by period and breakdown, the nodes of membership that are told of it."""
    margins: Margins = defaultdict(list)
    told: dict[tuple[str, Place], set[str]] = defaultdict(set)
    for table, spec in specs.items():
        for key, value in cubes[table].items():
            if value is None:
                continue
            for address in addresses(spec, units, key):
                if "" not in address.values():
                    used = frozenset(n for n, code in address.items() if code != TOTAL) - {MEMBER}
                    margins[table, used, address[MEMBER]].append(address)
                    told[key[0], frozenset((n, address[n]) for n in used)].add(address[MEMBER])
    return margins, told


def _tree(units: Counted, margins: Margins) -> tuple[Tree, dict[frozenset[str], Zeros], list[tuple[str, ...]]]:
    """The cliques of variables, the pairs of variables with combinations that cannot be, and those pairs left out.

    That a set of answers was never found with a value of another variable is learnt from the records and stands in no
    rule; where such pairs would join cliques beyond what can be looked through, those that rule out least are left out.
    """
    names = list(units.axes)
    sizes = {each: len(axis.values) for each, axis in units.axes.items()}
    context = np.array(units.context, np.int64).reshape(-1, len(names) - 1)
    zeros = _impossible(names[1:], sizes, context, units)
    used = [each for _, each, _ in margins]
    known, left = tree([*used, *zeros], sizes), []
    several = sorted((pair for pair in zeros if any(each.startswith("*") for each in pair)), key=_share(zeros))
    while several and max(_columns(clique, sizes) for clique in known.cliques) > _WIDE:
        left.append(several.pop(0))
        known = tree([*used, *(pair for pair in zeros if pair not in left)], sizes)
    for pair in left:
        del zeros[pair]
    for each, barred in units.barred.items():
        if barred.any():
            zeros[frozenset((MEMBER, each))] = (MEMBER, each, barred)
    return known, zeros, [tuple(sorted(pair)) for pair in left]


def _columns(clique: frozenset[str], sizes: Mapping[str, int]) -> float:
    return float(np.prod([float(sizes[each]) for each in (MEMBER, *clique)]))


def _share(zeros: Mapping[frozenset[str], Zeros]) -> Callable[[frozenset[str]], tuple[float, list[str]]]:
    """Pairs by how much of their combinations cannot be, the least first."""
    return lambda pair: (float(zeros[pair][2].mean()), sorted(pair))


def _wide(system: System, known: Tree, margins: Margins) -> None:
    """Every clique must be narrow enough that all kinds of records that there can be in it are looked through.

    Raises:
        InvalidDefinition: one is too wide.
    """
    never = _never_cells(system)
    for number, clique in enumerate(known.cliques):
        cross = Cross(system, number)
        try:
            if cross.size > MOST_LIVE:
                cross.live(never)
        except TooWide:
            inside = sorted({table for table, used, _ in margins if used and used <= clique})
            raise InvalidDefinition("public.too_wide", tables=", ".join(inside), columns=cross.size) from None


def _never_cells(system: System) -> BoolArray:
    never = np.zeros(system.size, bool)
    for number, population in enumerate(system.populations):
        for block in population.blocks:
            if block.role == "never":
                never[system.block_cells(number, block)] = True
    return never


def _check(
    found: Joint, specs: Mapping[str, TableSpec], cubes: Mapping[str, Mapping[CellKey, float | int | None]]
) -> None:
    """Every figure must be the number of its units; of a share its parts are checked where they are counts."""
    for table, spec in specs.items():
        for key, value in cubes[table].items():
            if value is None:
                continue
            cells = found.cells(spec, key)
            counts = [found.truth[cell] if cell >= 0 else 0.0 for cell in cells]
            if spec.measure.counts and counts[0] != value:
                raise InvalidDefinition("public.not_counted", table=spec.id, cell="/".join(key))


def _impossible(
    names: Sequence[str], sizes: Mapping[str, int], leaves: IntArray, units: Counted
) -> dict[frozenset[str], Zeros]:
    """Pairs of variables with combinations that cannot be: (one, other, leaves × leaves).

    Learnt from the units that count under conditions of which tables tell the one and tables tell the other.
    """
    found = {}
    for (i, one), (j, other) in itertools.combinations(enumerate(names), 2):
        if "@" in one and one.partition("@")[0] == other.partition("@")[0]:
            continue  # what one period says of another is free
        table = np.zeros((sizes[one], sizes[other]))
        both = units.told[one] & units.told[other]
        np.add.at(table, (leaves[both, i], leaves[both, j]), 1)
        expected = np.outer(table.sum(1), table.sum(0)) / max(1, both.sum())
        zero = (table == 0) & (expected >= _EXPECTED)
        zero &= (units.open[one].T.astype(np.int64) @ units.open[other]) > 0
        if zero.any():
            found[frozenset((one, other))] = (one, other, zero)
    return found


def _populations(
    known: Tree,
    variables: Mapping[str, Variable],
    margins: Margins,
    zeros: Mapping[frozenset[str], Zeros],
    differences: Sequence[Difference],
) -> tuple[list[Population], list[Link]]:
    """A population a clique, with its tables, its impossible combinations and what ties it to its neighbours."""
    order = list(variables)
    within = [[MEMBER, *(each for each in order if each in clique)] for clique in known.cliques]
    empty = [Population(str(n), tuple(variables[each] for each in own), ()) for n, own in enumerate(within)]
    blocks: list[list[Block]] = [[] for _ in within]
    grids: dict[tuple[int, str, tuple[tuple[str, tuple[str, ...]], ...]], set[str]] = defaultdict(set)
    for (table, used, member), addresses_ in margins.items():
        home = known.home(used)
        shown = tuple((each, tuple(sorted({address[each] for address in addresses_}))) for each in sorted(used))
        grids[home, table, shown].add(member)
    for (home, table, shown), members in grids.items():
        blocks[home].append(empty[home].block(table, {MEMBER: sorted(members), **dict(shown)}))
    for home, block in grids_of(differences, known, empty):
        blocks[home].append(block)
    for number, own in enumerate(within):
        for pair, (first, second, zero) in zeros.items():
            if pair <= set(own):
                blocks[number] += _never(empty[number], first, second, zero)
    links = []
    for one, other, shared in known.edges:
        tied = [MEMBER, *sorted(shared)]
        finest = {each: [code for code in variables[each].codes if code.startswith("l")] or [TOTAL] for each in tied}
        for number in (one, other):
            blocks[number].append(_margin(empty[number].block("", finest)))
        links.append(
            Link(
                (
                    (1, str(one), {each: TOTAL for each in within[one] if each not in tied}),
                    (-1, str(other), {each: TOTAL for each in within[other] if each not in tied}),
                )
            )
        )
    return [Population(each.name, each.variables, tuple(own)) for each, own in zip(empty, blocks, strict=True)], links


def _margin(block: Block) -> Block:
    return Block(block.name, block.nodes, "margin")


def _never(population: Population, one: str, other: str, zero: BoolArray) -> list[Block]:
    """The impossible combinations of two variables, as grids: leaves with the same impossible partners together."""
    partners: dict[bytes, list[int]] = defaultdict(list)
    for leaf in np.flatnonzero(zero.any(1)).tolist():
        partners[zero[leaf].tobytes()].append(leaf)
    found = []
    for same in partners.values():
        ours = [f"l{leaf}" for leaf in same]
        theirs = [f"l{leaf}" for leaf in np.flatnonzero(zero[same[0]]).tolist()]
        block = population.block("", {one: ours, other: theirs})
        found.append(Block("", block.nodes, "never"))
    return found


def figures(cube: Cube, periods: Iterable[Period] | None = None) -> dict[CellKey, float | int | None]:
    """Address → figure of a cube, of all or some of its periods."""
    codes = None if periods is None else {period.code for period in periods}
    return {key: cell.value for key, cell in cube.cells.items() if codes is None or key[0] in codes}
