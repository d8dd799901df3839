"""Two releases beside each other: every figure that stands in both and is not the same."""

from dataclasses import replace

from thassist.release.figures import ReleaseFigures, TableFigures
from thassist.release.revision import Cause, Change, Reason, Revisions


def compare(old: ReleaseFigures, new: ReleaseFigures) -> Revisions:
    """The changes between two releases, with as much of the reason as they tell themselves.

    Only periods are compared that both show. Where a table's definition is the same, its records differ; where the
    snapshot is the same, its definition does. Anything more :mod:`thassist.release.trace` finds in the snapshots.
    """
    both = [table for table in new.tables if table in old.tables]
    alike = [table for table in both if old.tables[table].dimensions == new.tables[table].dimensions]
    compared = 0
    changes: list[Change] = []
    for table in alike:
        keys = _common(old.tables[table], new.tables[table])
        compared += len(keys)
        reasons = _plain(old, new, table)
        found = _changes(table, old.tables[table], new.tables[table], keys)
        changes += [replace(change, reasons=_rounded(change, old, new) or reasons) for change in found]
    return Revisions(
        release=old.release,
        period=old.period,
        snapshot=old.snapshot,
        as_of=old.as_of,
        date=new.as_of,
        compared=compared,
        changes=tuple(changes),
        redefined=tuple(table for table in both if table not in alike),
        added=tuple(table for table in new.tables if table not in old.tables),
        dropped=tuple(table for table in old.tables if table not in new.tables),
    )


def _common(old: TableFigures, new: TableFigures) -> list[tuple[str, ...]]:
    """The addresses that either table has, in periods that both show, in the order of the newer one."""
    periods = old.periods & new.periods
    return [key for key in dict.fromkeys([*new.cells, *old.cells]) if key[0] in periods]


def _changes(table: str, old: TableFigures, new: TableFigures, keys: list[tuple[str, ...]]) -> list[Change]:
    found = []
    for key in keys:
        (before, old_status), (after, new_status) = old.at(key), new.at(key)
        if before != after:
            found.append(Change(table, new.dimensions, key, before, after, old_status, new_status))
    return found


def _rounded(change: Change, old: ReleaseFigures, new: ReleaseFigures) -> tuple[Reason, ...]:
    """The rounding as reason, where it alone can make the difference; shares and withheld figures follow the counts."""
    most = old.most + new.most
    if not most:
        return ()
    counts = new.tables[change.table].absent == 0
    if counts and change.old is not None and change.new is not None and abs(change.new - change.old) > most:
        return ()
    return (Reason(Cause.ROUNDING),)


def _plain(old: ReleaseFigures, new: ReleaseFigures, table: str) -> tuple[Reason, ...]:
    redefined = old.tables[table].definition != new.tables[table].definition
    if old.snapshot == new.snapshot:
        return (Reason(Cause.DEFINITION),)
    return (Reason(Cause.DEFINITION), Reason(Cause.UNTRACED)) if redefined else (Reason(Cause.UNTRACED),)
