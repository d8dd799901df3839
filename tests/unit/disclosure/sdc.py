"""Small systems for tests, and what exhaustive search says about them."""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from thassist.disclosure.attack import Records
from thassist.disclosure.equations import Population, System, Variable
from thassist.disclosure.rule import INSIDER, OUTSIDER, OUTSIDER_RULES, Rule


def system(variables: Sequence[Variable], tables: Sequence[Sequence[str]]) -> System:
    """Every table with all nodes of its variables."""
    population = Population("persons", tuple(variables), ())
    codes = {variable.name: variable.codes for variable in variables}
    blocks = [population.block(str(n), {name: codes[name] for name in table}) for n, table in enumerate(tables)]
    return System.build([Population("persons", tuple(variables), tuple(blocks))])


def flat(name: str, size: int) -> Variable:
    return Variable.groups(name, [f"{name}{number}" for number in range(size)], {})


def kinds(built: System) -> np.ndarray:
    """All leaves of the cross."""
    return np.array(list(itertools.product(*(range(v.leaves) for v in built.populations[0].variables))), np.int64)


def truth(built: System, inner: np.ndarray) -> np.ndarray:
    return built.count(0, kinds(built), inner)


def records(built: System, inner: np.ndarray) -> dict[int, Records]:
    present = inner > 0
    return {0: Records(kinds(built)[present], inner[present])}


def published(built: System, values: np.ndarray, withheld: np.ndarray) -> np.ndarray:
    return np.where(withheld | ~built.shown, np.nan, values)


def worlds(built: System, inner: np.ndarray, withheld: np.ndarray, least: float) -> tuple[np.ndarray, np.ndarray]:
    """All whole tables that agree with what is published, by enumeration; the grand total must be public."""
    member = built.incidence(0, kinds(built)).toarray()
    values = member @ inner
    free = np.array(list(_compositions(int(inner.sum()), inner.size)))
    cells = free @ member.T
    fits = (cells[:, ~withheld & built.shown] == values[~withheld & built.shown]).all(1)
    fits &= (cells[:, withheld] >= least).all(1)
    return free[fits], cells[fits]


def _compositions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    if parts == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in _compositions(total - first, parts - 1):
            yield (first, *rest)


def revealed(built: System, inner: np.ndarray, withheld: np.ndarray, rule: Rule) -> set[tuple[int, str]]:
    """(cell, attacker) of every small withheld cell that enumeration shows to be exact, or provably below k."""
    values = truth(built, inner)
    member = built.incidence(0, kinds(built)).toarray() > 0
    small = np.flatnonzero(withheld & (values < rule.threshold) & (values > 0))
    found = set()
    for attacker in (OUTSIDER, OUTSIDER_RULES):
        _, cells = worlds(built, inner, withheld, rule.least(attacker))
        found |= {(int(c), attacker) for c in small if cells[:, c].max() < rule.threshold}
    records_, cells = worlds(built, inner, withheld, rule.least(OUTSIDER_RULES))
    for about in np.flatnonzero(withheld & (values <= 2) & (values > 0)):
        for kind in np.flatnonzero(member[about] & (inner > 0)):
            fits = records_[:, kind] >= 1
            if values[about] == 1:
                fits &= cells[:, about] == 1
            for cell in small:
                own = member[cell, kind] and values[cell] == 1
                if not own and cells[fits][:, cell].max() < rule.threshold:
                    found.add((int(cell), INSIDER))
    return found
