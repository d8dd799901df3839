"""What a figure is broken down by: nodes (codes) as sets of leaves, and the sums that follow from the sets alone.

A hierarchy, an alternative classification, months in quarters, cumulated and rolling periods and answers of which one
person may give several are all the same thing here: a node is the set of the leaves it covers. Which nodes add up to
which, and which only bound each other, is worked out from the sets; nothing has to be declared twice.
"""

import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from thassist.dates import Period, parse_period, span

IntArray: TypeAlias = npt.NDArray[np.int64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]

TOTAL = "_T"
#: Above so many categories not every set of answers has a column; the cross is then marked as not complete.
_ALL_ANSWERS = 10


@dataclass(frozen=True, slots=True)
class Sum:
    """A node against the sum of others: ``=``, ``>=`` (parts inside it) or ``<=`` (parts cover it)."""

    parent: int
    parts: tuple[int, ...]
    relation: str


@dataclass(frozen=True)
class Variable:
    """One variable of a population.

    Attributes:
        name: unique within the population.
        codes: the nodes; the first is the total, which covers every leaf.
        member: nodes × leaves; which leaves a node covers.
        complete: whether every kind of unit has a leaf. Where not, the cross can acquit (an alternative that it finds
            is a real one) but a maximum over it convicts nobody.
    """

    name: str
    codes: tuple[str, ...]
    member: BoolArray
    complete: bool = True

    @classmethod
    def tree(cls, name: str, parents: Mapping[str, str], *, total: str = TOTAL) -> "Variable":
        """A hierarchy from code → parent (empty or ``total`` for a top code), of any depth, balanced or not."""
        codes = [code for code in parents if code != total]
        inner = set(parents.values())
        leaves = [code for code in codes if code not in inner]
        place = {code: number for number, code in enumerate((total, *codes))}
        member = np.zeros((len(place), len(leaves)), bool)
        for column, leaf in enumerate(leaves):
            code, seen = leaf, set[str]()
            while code and code != total and code not in seen:
                seen.add(code)
                member[place[code], column] = True
                code = parents.get(code, "")
        member[0] = True
        return cls(name, tuple(place), member)

    @classmethod
    def levels(cls, name: str, rows: Iterable[Sequence[str]], *, total: str = TOTAL) -> "Variable":
        """Codes by level, each row ``(finest, coarser, …)``; the same for alternative classifications of one leaf.

        The coarser columns need not be nested in each other. A code that stands at two levels is one node.
        """
        distinct = sorted({tuple(map(str, row)) for row in rows})
        leaves = sorted({row[0] for row in distinct})
        groups: dict[str, set[str]] = {}
        for row in distinct:
            for code in row[1:]:
                groups.setdefault(code, set()).add(row[0])
        return cls.groups(name, leaves, {code: groups[code] for code in sorted(groups)}, total=total)

    @classmethod
    def groups(
        cls, name: str, leaves: Sequence[str], groups: Mapping[str, Collection[str]], *, total: str = TOTAL
    ) -> "Variable":
        """Leaves, and nodes as any sets of them.

        Raises:
            ValueError: one code names two different sets.
            KeyError: a node has a leaf that does not exist.
        """
        column = {leaf: number for number, leaf in enumerate(leaves)}
        nodes: dict[str, Collection[str]] = {total: leaves}
        nodes.update((leaf, (leaf,)) for leaf in leaves if leaf != total)
        for code, members in groups.items():
            if set(nodes.setdefault(code, members)) != set(members):
                raise ValueError(code)
        member = np.zeros((len(nodes), max(1, len(column))), bool)
        for row, members in enumerate(nodes.values()):
            member[row, [column[leaf] for leaf in members]] = True
        member[0] = True
        return cls(name, tuple(nodes), member)

    @classmethod
    def periods(cls, name: str, codes: Iterable[str]) -> "Variable":
        """Time from the codes of periods (``2024-Q1``, ``2024-S1``, ``2024``, ``2024-01``).

        ``a..b`` (``2024-Q1..2024-Q3``) is a cumulated or rolling span. The leaves are the shortest periods into which
        all of them fall apart, also those that are published nowhere, so that a year stays a sum.

        Raises:
            ValueError: a code is no period.
        """
        spans = {code: _span(code) for code in sorted(set(codes))}
        order = ("M", "Q", "S", "A")
        finest = min((period.precision for pair in spans.values() for period in pair), key=order.index)
        leaves: dict[str, Period] = {}
        covered: dict[str, list[str]] = {}
        for code, (first, last) in spans.items():
            leaf = span(first.start, finest)
            while leaf.start <= last.end:
                leaves[leaf.code] = leaf
                covered.setdefault(code, []).append(leaf.code)
                leaf = leaf.previous(-1)
        ordered = sorted(leaves, key=lambda code: leaves[code].start)
        return cls.groups(name, ordered, covered)

    @classmethod
    def multiple(cls, name: str, categories: Sequence[str], *, everyone: bool = True) -> "Variable":
        """Categories of which one unit may have several: its leaves are the sets of answers.

        Args:
            name: of the variable.
            categories: the answers.
            everyone: whether each unit has at least one.
        """
        size = len(categories)
        sizes = range(1, size + 1) if size <= _ALL_ANSWERS else (1, 2, 3, size)
        answers = [set(found) for count in sizes for found in itertools.combinations(range(size), count)]
        if not everyone:
            answers.append(set())
        member = np.zeros((size + 1, len(answers)), bool)
        member[0] = True
        for column, answer in enumerate(answers):
            member[[number + 1 for number in answer], column] = True
        return cls(name, (TOTAL, *categories), member, complete=size <= _ALL_ANSWERS)

    @cached_property
    def place(self) -> dict[str, int]:
        """Code → node."""
        return {code: number for number, code in enumerate(self.codes)}

    @property
    def leaves(self) -> int:
        """How many leaves there are."""
        return int(self.member.shape[1])

    def nodes(self, codes: Iterable[str]) -> IntArray:
        """The nodes of codes.

        Raises:
            KeyError: a code is unknown.
        """
        return np.array([self.place[code] for code in codes], np.int64)

    def depth(self) -> IntArray:
        """How many other nodes cover each node; the total is 0."""
        sizes = self.member.sum(1)
        within = (self.member.astype(np.int32) @ self.member.T.astype(np.int32)) == sizes[:, None]
        return np.asarray((within & (sizes[:, None] < sizes[None, :])).sum(1), np.int64)

    def base(self, nodes: IntArray) -> IntArray:
        """The nodes among these that cover no other of them: the finest ones."""
        member = self.member[nodes].astype(np.int32)
        sizes = member.sum(1)
        inside = (member @ member.T == sizes[None, :]) & (sizes[None, :] < sizes[:, None]) & (sizes[None, :] > 0)
        return np.asarray(nodes[~inside.any(1)], np.int64)

    def measurable(self, nodes: IntArray, by: IntArray) -> BoolArray:
        """Which nodes are unions of the finest of ``by``: those that a table with the nodes ``by`` adds up to."""
        base = self.member[self.base(by)].astype(np.int32)
        sizes = base.sum(1)
        member = self.member[nodes].astype(np.int32)
        inside = (member @ base.T) == sizes[None, :]
        covered = (inside.astype(np.int32) @ base) > 0
        return np.asarray((covered == self.member[nodes]).all(1) & ((member @ base.T == 0) | inside).all(1), np.bool_)

    def sums(self, nodes: IntArray) -> list[Sum]:
        """What follows about these nodes from their sets: the immediate sums, and bounds where there is no sum."""
        found: list[Sum] = []
        order = sorted((int(node) for node in nodes), key=lambda node: (-int(self.member[node].sum()), node))
        sets = {node: frozenset(np.flatnonzero(self.member[node]).tolist()) for node in order}
        for position, node in enumerate(order):
            whole = sets[node]
            twins = [other for other in order[:position] if sets[other] == whole]
            if twins:
                found.append(Sum(twins[-1], (node,), "="))
                continue
            inside = [other for other in order[position + 1 :] if sets[other] < whole and sets[other]]
            inside = [
                other for place, other in enumerate(inside) if all(sets[o] != sets[other] for o in inside[:place])
            ]
            found += _sums_of(node, whole, inside, sets)
        return found


def _sums_of(node: int, whole: frozenset[int], inside: list[int], sets: dict[int, frozenset[int]]) -> list[Sum]:
    """The sums of one node over the nodes inside it, which stand largest first."""
    top: list[int] = []
    for other in inside:
        if not any(sets[other] < sets[larger] for larger in top):
            top.append(other)
    found, used, lonely = [], set[int](), []
    for other in top:
        if other in used:
            continue
        rest = _cover(whole - sets[other], [each for each in inside if not sets[each] & sets[other]], sets)
        if rest is None:
            lonely.append(other)
        else:
            found.append(Sum(node, (other, *rest), "="))
            used.update((other, *rest))
    while lonely:  # parts of which nobody knows the rest: together they are at most the whole
        disjoint: list[int] = []
        for other in lonely:
            if all(not sets[other] & sets[each] for each in disjoint):
                disjoint.append(other)
        found.append(Sum(node, tuple(disjoint), ">="))
        lonely = [other for other in lonely if other not in disjoint]
    if top and not used and frozenset().union(*(sets[other] for other in top)) == whole:
        found.append(Sum(node, tuple(top), "<="))
    return found


def _cover(
    rest: frozenset[int], candidates: list[int], sets: dict[int, frozenset[int]], tries: int = 200
) -> tuple[int, ...] | None:
    """Disjoint candidates, largest first, that together are ``rest``; None where few tries find none."""
    if not rest:
        return ()
    left = [tries]

    def search(rest: frozenset[int], usable: list[int]) -> tuple[int, ...] | None:
        if not rest:
            return ()
        leaf = min(rest)
        for each in usable:
            if leaf in sets[each] and sets[each] <= rest:
                left[0] -= 1
                if left[0] < 0:
                    return None
                more = search(rest - sets[each], usable)
                if more is not None:
                    return (each, *more)
        return None

    # Most covers are disjoint sets taken greedily; only where that fails is it worth searching.
    taken, open_ = [], rest
    for each in candidates:
        if sets[each] <= open_:
            taken.append(each)
            open_ = open_ - sets[each]
    if not open_:
        return tuple(taken)
    return search(rest, candidates) if len(candidates) <= 60 else None


def _span(code: str) -> tuple[Period, Period]:
    first, _, last = code.partition("..")
    return parse_period(first), parse_period(last or first)
