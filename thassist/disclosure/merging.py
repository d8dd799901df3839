"""What joining two classes would save: "begging with benefit fraud: 14 fewer withheld figures".

Every pair of sibling classes is estimated by how many small figures the joined class would have; the most promising are
then protected again as if the tables had been designed so from the start, which is the only honest count: fewer small
figures need fewer others, but a joined class is also one cell less to hide behind.
"""

import itertools
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

import numpy as np

from thassist.disclosure.attack import link_rows
from thassist.disclosure.equations import Block, BoolArray, IntArray, Population, System, Variable
from thassist.disclosure.protect import Protection, protect_system
from thassist.disclosure.rule import Rule

#: How many pairs are protected again unless asked otherwise.
MOST = 3


@dataclass(frozen=True, slots=True)
class Merge:
    """Two classes that could be one.

    Attributes:
        population: whose.
        variable: whose classes.
        codes: the two.
        small: how many small figures fewer there would be.
        withheld: withheld figures now, and after protecting again; the second None where only estimated, or where the
            joined tables could not be made safe.
        shown: figures that are not zero, now and then: what joining itself costs in detail.
    """

    population: str
    variable: str
    codes: tuple[str, str]
    small: int
    withheld: tuple[int, int | None]
    shown: tuple[int, int]

    @property
    def saves(self) -> int | None:
        """How many fewer figures are withheld; None where only estimated."""
        return None if self.withheld[1] is None else self.withheld[0] - self.withheld[1]


def merges(
    done: Protection, rule: Rule, *, most: int = MOST, keep: Collection[str] = (), must_stay: BoolArray | None = None
) -> list[Merge]:
    """What joining sibling classes would save, by measurement for the most promising pairs.

    For a design before anything is out: what was published earlier with the two classes apart stays known, and joining
    them then protects nothing. The same input gives the same list. Populations tied by links are only estimated.

    Args:
        done: what was protected.
        rule: by what.
        most: how many pairs are protected again; each costs as much as the first protection.
        keep: variables whose classes are not to be joined (time).
        must_stay: as for :func:`protect_system`.

    Returns:
        The measured ones first, most saved first; then the estimated ones, most small figures saved first.
    """
    found = [each for number in range(len(done.system.populations)) for each in _estimates(done, rule, number, keep)]
    found.sort(key=lambda each: (-each.small, each.population, each.variable, each.codes))
    measurable = bool(done.records) and not link_rows(done.system).size
    tried = [_measured(done, rule, each, must_stay) for each in found[: most if measurable else 0]]
    tried.sort(key=lambda each: (each.saves is None, -(each.saves or 0), each.population, each.variable, each.codes))
    return tried + found[len(tried) :]


def siblings(variable: Variable, used: IntArray) -> Iterator[tuple[int, int]]:
    """Pairs of used nodes that overlap nowhere and lie in the same smallest used node above them."""
    sizes = variable.member.sum(1)
    inside = (variable.member.astype(np.int64) @ variable.member.T.astype(np.int64)) == sizes[:, None]
    above = {}
    for node in used.tolist():
        over = [other for other in used.tolist() if inside[node, other] and sizes[other] > sizes[node]]
        if over:
            least = min(int(sizes[other]) for other in over)
            above[node] = frozenset(other for other in over if sizes[other] == least)
    for one, other in itertools.combinations(above, 2):
        if above[one] == above[other] and not (variable.member[one] & variable.member[other]).any():
            yield one, other


def _estimates(done: Protection, rule: Rule, number: int, keep: Collection[str]) -> Iterator[Merge]:
    system = done.system
    population = system.populations[number]
    first, last = system.start[number], system.start[number + 1]
    nodes, truth = system.nodes[number], done.truth[first:last]
    counted = system.shown[first:last] & (truth > 0)
    hidden, every = int(done.withheld.sum()), int((system.shown & (done.truth > 0)).sum())
    small = rule.threshold
    for axis, variable in enumerate(population.variables):
        if variable.name in keep:
            continue
        others = np.delete(nodes, axis, 1)
        by_node = {
            node: {tuple(key): float(value) for key, value in zip(others[here].tolist(), truth[here], strict=True)}
            for node in np.unique(nodes[counted, axis]).tolist()
            for here in [counted & (nodes[:, axis] == node)]
        }
        for one, other in siblings(variable, np.array(sorted(by_node), np.int64)):
            ours, theirs = by_node[one], by_node[other]
            joined = {key: ours.get(key, 0.0) + theirs.get(key, 0.0) for key in ours.keys() | theirs.keys()}
            before = sum(value < small for value in (*ours.values(), *theirs.values()))
            saved = before - sum(value < small for value in joined.values())
            if saved > 0:
                shown = every - len(ours) - len(theirs) + len(joined)
                codes = (variable.codes[one], variable.codes[other])
                yield Merge(population.name, variable.name, codes, saved, (hidden, None), (every, shown))


def _measured(done: Protection, rule: Rule, merge: Merge, must_stay: BoolArray | None) -> Merge:
    """Protect the tables with the two classes as one."""
    old = done.system
    populations = tuple(_joined(each, merge) if each.name == merge.population else each for each in old.populations)
    system = System.build(populations)
    truth = np.sum([system.count(n, known.leaves, known.counts) for n, known in done.records.items()], axis=0)
    stay = np.zeros(system.size, bool)
    if must_stay is not None:
        for cell in np.flatnonzero(must_stay).tolist():
            name, *codes = old.name(cell)
            number = system.population(name)
            variables = system.populations[number].variables
            place = [variable.place.get(code, -1) for variable, code in zip(variables, codes, strict=True)]
            found = system.find(number, np.array([place], np.int64)) if min(place, default=0) >= 0 else np.array([-1])
            stay[found[found >= 0]] = True
    again = protect_system(system, truth, rule, records=done.records, must_stay=stay)
    shown = (merge.shown[0], int((system.shown & (truth > 0)).sum()))
    after = int(again.withheld.sum()) if again.safe else None
    return replace(merge, withheld=(merge.withheld[0], after), shown=shown)


def _joined(population: Population, merge: Merge) -> Population:
    axis = next(n for n, variable in enumerate(population.variables) if variable.name == merge.variable)
    variable = population.variables[axis]
    one, other = (variable.place[code] for code in merge.codes)
    both = variable.member[one] | variable.member[other]
    same = np.flatnonzero((variable.member == both).all(1))
    into = np.arange(len(variable.codes))
    codes, member = list(variable.codes), variable.member
    into[[one, other]] = int(same[0]) if same.size else len(codes)
    if not same.size:
        codes.append(" + ".join(merge.codes))
        member = np.vstack([member, both])
    kept = [node for node in range(len(codes)) if node not in {one, other}]
    place = np.full(len(codes), -1)
    place[kept] = np.arange(len(kept))
    mapped = place[into]
    changed = replace(variable, codes=tuple(codes[node] for node in kept), member=member[kept])
    variables = (*population.variables[:axis], changed, *population.variables[axis + 1 :])
    blocks = tuple(
        Block(
            block.name,
            (*block.nodes[:axis], np.unique(mapped[block.nodes[axis]]), *block.nodes[axis + 1 :]),
            block.role,
        )
        for block in population.blocks
    )
    return Population(population.name, variables, blocks)
