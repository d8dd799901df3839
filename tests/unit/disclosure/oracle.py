"""A judge that shares nothing with the code under test: every table of whole numbers that agrees with what is printed.

For tables of a few cells only. ``alternatives`` lists all of them, ``intervals`` the ends of each cell.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence

#: One sum: its total, and its parts.
Sum = tuple[str, Sequence[str]]


def alternatives(
    parts: Sequence[str], sums: Iterable[Sum], bounds: Mapping[str, tuple[int, int]], most: int = 12
) -> list[dict[str, int]]:
    """Every table that agrees with what a reader knows.

    Args:
        parts: the inner cells; every other cell is a sum.
        sums: total and parts, in an order in which parts are known before their totals.
        bounds: what the reader knows of a cell: its value twice where it is printed; absent: anything from 0.
        most: the largest value that an inner cell may have.
    """
    chosen = list(sums)
    found = []
    ranges = []
    for name in parts:
        low, high = bounds.get(name, (0, most))
        ranges.append(range(low, min(high, most) + 1))
    for values in itertools.product(*ranges):
        table = dict(zip(parts, values, strict=True))
        for total, terms in chosen:
            made = sum(table[term] for term in terms)
            if table.setdefault(total, made) != made:
                break
        else:
            if all(low <= table[name] <= high for name, (low, high) in bounds.items() if name in table):
                found.append(table)
    return found


def intervals(
    parts: Sequence[str], sums: Iterable[Sum], bounds: Mapping[str, tuple[int, int]], most: int = 12
) -> dict[str, tuple[int, int]]:
    """The smallest and the largest value of every cell over all tables that agree; empty where none does."""
    tables = alternatives(parts, sums, bounds, most)
    names = tables[0] if tables else {}
    return {name: (min(table[name] for table in tables), max(table[name] for table in tables)) for name in names}
