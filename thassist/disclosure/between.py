"""Differences between conditions: figures that nothing shows and subtraction tells.

Who is a new client and no registered victim of the year is a witness. Where both numbers are told of the same
breakdown, their difference is told too, and a small one is somebody: it is a cell like every small figure, withheld
from the start, and what gives it away must be withheld with it.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from thassist.disclosure.cliques import Tree
from thassist.disclosure.counted import MEMBER, Counted
from thassist.disclosure.equations import TOTAL, Block, BoolArray, IntArray, Population

#: Of a figure the variables that are not at their total, with their nodes, membership left out.
Place: TypeAlias = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Difference:
    """Who meets one condition and not another in the same period.

    Attributes:
        node: of membership.
        larger, smaller: the nodes of the two conditions.
        places: the breakdowns of which both are told and in which the difference is small.
    """

    node: str
    larger: str
    smaller: str
    places: tuple[Place, ...]


def between(
    units: Counted, records: IntArray, told: Mapping[tuple[str, Place], set[str]], threshold: int
) -> list[Difference]:
    """The small differences that two figures of one breakdown and period give away, or nearly.

    Where everybody of the one condition meets the other too, subtracting tells the difference. Where only a few do not,
    what subtracting tells is the difference of two small numbers; the audit decides what that gives away.

    Args:
        units: who is counted.
        records: one row a unit, its leaves.
        told: period and breakdown → the nodes of membership that are told of it.
        threshold: below it a difference is small.
    """
    names, axis = list(units.axes), units.axes[MEMBER]
    found: dict[tuple[str, str, str], list[Place]] = defaultdict(list)
    inside: dict[tuple[str, str], BoolArray] = {}

    def of(name: str, node: str) -> BoolArray:
        if (name, node) not in inside:
            covered = sorted(units.axes[name].leaves(node))
            inside[name, node] = np.isin(records[:, names.index(name)], covered)
        return inside[name, node]

    for (_, place), nodes in sorted(told.items(), key=lambda each: (each[0][0], sorted(each[0][1]))):
        here = np.ones(records.shape[0], bool)
        for name, node in place:
            here &= of(name, node)
        for larger, smaller in itertools.permutations(sorted(nodes), 2):
            less = axis.leaves(larger) - axis.leaves(smaller)
            more = axis.leaves(smaller) - axis.leaves(larger)
            if not less:
                continue
            count = int((here & of(MEMBER, larger) & ~of(MEMBER, smaller)).sum())
            if not 0 < count < threshold:
                continue
            if not more or int((here & of(MEMBER, smaller) & ~of(MEMBER, larger)).sum()) < threshold:
                found[axis.node(less), larger, smaller].append(place)
    return [Difference(*key, tuple(dict.fromkeys(places))) for key, places in found.items()]


def grids_of(
    differences: Sequence[Difference], known: Tree, empty: Sequence[Population]
) -> Iterator[tuple[int, Block]]:
    """Differences as blocks: those of the same breakdown as one grid, in which the small ones stand as shown."""
    by_used: dict[tuple[str, ...], list[tuple[str, Place]]] = defaultdict(list)
    for each in differences:
        for place in each.places:
            by_used[tuple(sorted(name for name, _ in place))].append((each.node, place))
    for used, found in by_used.items():
        home = known.home(used)
        grid = {name: sorted({code for _, place in found for other, code in place if other == name}) for name in used}
        yield home, _hidden(empty[home].block("", {MEMBER: sorted({node for node, _ in found}), **grid}))
        lines: dict[tuple[str, tuple[str, ...]], set[str]] = defaultdict(set)
        for node, place in found:
            codes = dict(place)
            lines[node, tuple(codes[name] for name in used[:-1])].add(codes[used[-1]] if used else TOTAL)
        for (node, first), last in lines.items():
            at = {name: [code] for name, code in zip(used, first, strict=False)}
            yield home, empty[home].block("", {MEMBER: [node], **at, **({used[-1]: sorted(last)} if used else {})})


def _hidden(block: Block) -> Block:
    return Block(block.name, block.nodes, "margin")
