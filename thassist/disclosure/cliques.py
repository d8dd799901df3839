"""Which variables must be looked at together, and which say nothing to each other beyond what they share.

Tables that hang together like a tree (sex with age, sex with form, form with place) need no cross of all their
variables: figures that agree on what neighbours share always come from some records. So the variables are put into
*cliques* along a tree; every table lies in one of them, and neighbours are tied by their shared margin, leaf by leaf.
Where tables form a ring, variables are joined until there is none left; that clique is then crossed in full. Nothing
is lost either way.

Source: Lauritzen, Graphical Models (1996), ch. 2 (decomposition, junction trees); Dobra and Fienberg, PNAS 97 (2000).
"""

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Clique = frozenset[str]


@dataclass(frozen=True)
class Tree:
    """A junction tree.

    Attributes:
        cliques: sets of variables, the largest first; none is part of another.
        edges: (one, other, what they share), by number.
    """

    cliques: tuple[Clique, ...]
    edges: tuple[tuple[int, int, Clique], ...]

    def home(self, variables: Iterable[str]) -> int:
        """The first clique that holds all of these variables.

        Raises:
            KeyError: there is none.
        """
        wanted = frozenset(variables)
        for number, clique in enumerate(self.cliques):
            if wanted <= clique:
                return number
        raise KeyError(tuple(sorted(wanted)))


def tree(sets: Iterable[Iterable[str]], leaves: Mapping[str, int]) -> Tree:
    """The junction tree of sets of variables that must stay together.

    Args:
        sets: the variables of each table, and pairs that restrict each other.
        leaves: variable → how many leaves it has; smaller cliques are preferred.
    """
    near: dict[str, set[str]] = {}
    for each in sets:
        for name in each:
            near.setdefault(name, set()).update(other for other in each if other != name)
    found: list[Clique] = []
    while near:
        name = min(near, key=lambda one: (*_cost(one, near, leaves), one))
        around = near.pop(name)
        found.append(frozenset({name, *around}))
        for other in around:
            near[other] |= around - {other}
            near[other].discard(name)
    maximal = [one for one in found if not any(one < other for other in found)]
    cliques = tuple(sorted(set(maximal) or {frozenset()}, key=lambda one: (-len(one), sorted(one))))
    return Tree(cliques, _spanning(cliques))


def _cost(name: str, near: Mapping[str, set[str]], leaves: Mapping[str, int]) -> tuple[int, int]:
    """How many pairs taking a variable out would join, and how large the clique is that it leaves."""
    missing = sum(other not in near[one] for one, other in itertools.combinations(sorted(near[name]), 2))
    size = leaves.get(name, 1)
    for other in near[name]:
        size *= leaves.get(other, 1)
    return missing, size


def _spanning(cliques: tuple[Clique, ...]) -> tuple[tuple[int, int, Clique], ...]:
    """The spanning tree in which neighbours share most."""
    inside, edges = {0}, []
    while len(inside) < len(cliques):
        pairs = ((one, other) for one in sorted(inside) for other in range(len(cliques)) if other not in inside)
        one, other = max(pairs, key=lambda pair: (len(cliques[pair[0]] & cliques[pair[1]]), -pair[0], -pair[1]))
        inside.add(other)
        edges.append((one, other, cliques[one] & cliques[other]))
    return tuple(edges)
