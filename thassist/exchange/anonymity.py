"""Making records k-anonymous: cells are blanked until every record stands among k that read the same.

Local suppression by recursive partition (top-down greedy, in the manner of LeFevre, DeWitt and Ramakrishnan, «Mondrian
Multidimensional K-Anonymity», ICDE 2006, with blanking in the place of intervals). All records begin in one group with
every cell blank. A group is divided by the column that keeps the greatest weight of told cells: the values that at
least k of its records have are kept; all others are blanked in that column and stay together with those blank before.
Where those would be fewer than k, the smallest kept value joins them. So every group always has k records or more, and
in the end all records of a group read the same.

Since any question put to the file (values of any columns, blank being a value) is answered by whole groups, no question
is answered by fewer than k records: what :mod:`thassist.exchange.proof` shows on the written file, by another way.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Anonymous:
    """The outcome: the records that may go, and what was lost.

    Attributes:
        rows: the records, sorted.
        dropped: records left out, since nothing could be told of them beside that they exist.
        told: cells by column that said something before.
        blanked: cells by column of those that say nothing now, those of dropped records included.
    """

    rows: tuple[Row, ...]
    dropped: int
    told: tuple[int, ...]
    blanked: tuple[int, ...]


def anonymous(
    rows: Sequence[Row],
    names: Sequence[str],
    *,
    k: int,
    missing: str,
    weights: Mapping[str, float],
    fixed: frozenset[str],
) -> Anonymous:
    """Records made k-anonymous over all of their columns.

    Args:
        rows: the records.
        names: their columns.
        k: how many records must read the same.
        missing: what stands in a blank cell.
        weights: what a cell is worth, by column; 1 where nothing is said.
        fixed: columns that are the same in every record and so tell nothing.
    """
    if len(rows) < k:
        told = _told(rows, len(names), missing, fixed, names)
        return Anonymous((), len(rows), told, told)
    worth = [weights.get(name, 1.0) for name in names]
    written: list[list[str]] = [[missing] * len(names) for _ in rows]
    pending = [(sorted(range(len(rows)), key=lambda each: rows[each]), frozenset(range(len(names))))]
    while pending:
        group, open_columns = pending.pop()
        best: tuple[float, int, int] | None = None
        chosen: list[tuple[str, list[int]]] = []
        for column in sorted(open_columns):
            parts = _divided(rows, group, column, k, missing)
            kept = sum(len(members) for value, members in parts if value != missing)
            rank = (worth[column] * kept, -len(parts), -column)
            if kept and (best is None or rank > best):
                best, chosen = rank, parts
        if best is None:
            continue
        column = -best[2]
        for value, members in chosen:
            for each in members:
                written[each][column] = value
            pending.append((members, open_columns - {column}))
    free = [column for column, name in enumerate(names) if name not in fixed]
    out = [tuple(row) for row in written if any(row[column] != missing for column in free)]
    told = _told(rows, len(names), missing, fixed, names)
    left = _told(out, len(names), missing, fixed, names)
    lost = tuple(before - after for before, after in zip(told, left, strict=True))
    return Anonymous(tuple(sorted(out)), len(rows) - len(out), told, lost)


def _divided(rows: Sequence[Row], group: list[int], column: int, k: int, missing: str) -> list[tuple[str, list[int]]]:
    """A group by the values of a column that k of it share, and the rest of it, blank: each of k or more."""
    by_value: dict[str, list[int]] = {}
    for each in group:
        by_value.setdefault(rows[each][column], []).append(each)
    rest = [each for value, members in by_value.items() if value == missing or len(members) < k for each in members]
    kept = sorted(
        ((value, members) for value, members in by_value.items() if value != missing and len(members) >= k),
        key=lambda part: (len(part[1]), part[0]),
    )
    while kept and 0 < len(rest) < k:
        rest += kept.pop(0)[1]
    return [*kept, (missing, sorted(rest))] if rest else kept


def _told(
    rows: Sequence[Row], width: int, missing: str, fixed: frozenset[str], names: Sequence[str]
) -> tuple[int, ...]:
    counted: Counter[int] = Counter(
        column for row in rows for column, cell in enumerate(row) if cell != missing and names[column] not in fixed
    )
    return tuple(counted[column] for column in range(width))
