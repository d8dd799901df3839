"""Changing stored records and telling the trail of it, record by record, in the caller's transaction."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Boolean, Connection, Integer, Table, UniqueConstraint, bindparam, delete, select, update
from sqlalchemy.exc import IntegrityError

from thassist.errors import StorageError
from thassist.records.database import bulk_insert, refused
from thassist.records.dataset import TABLE_NAMES, fields, key_fields, record_table, references
from thassist.records.model import CORRECTED, INSERTED, WITHDRAWN
from thassist.records.trail import Writer
from thassist.records.values import Row

Keys = Mapping[str, Sequence[Mapping[str, Any]]]

#: Above any running number that a record has: where one waits while its place is still taken by another.
_ASIDE = 1_000_000_000


def insert_records(connection: Connection, writer: Writer, name: str, rows: list[Row], stamp: Row) -> None:
    """Store new records.

    Raises:
        StorageError: a record breaks a rule of the schema.
    """
    if not rows:
        return
    key = key_fields(name)
    ordered = sorted(rows, key=lambda row: tuple(row[part] for part in key))
    names, stamped = list(ordered[0]), tuple(stamp.values())
    try:
        bulk_insert(
            connection,
            record_table(name),
            [*names, *stamp],
            [tuple(row[part] for part in names) + stamped for row in ordered],
        )
    except IntegrityError as error:
        raise refused(error, name) from None
    writer.records(INSERTED, name, ordered)


def correct_records(
    connection: Connection, writer: Writer, name: str, changed: list[tuple[Row, Row]], stamp: Row
) -> None:
    """Give stored records (before, after) other values.

    Raises:
        StorageError: a record breaks a rule of the schema.
    """
    if not changed:
        return
    if "steps" in record_table(name).info:
        _walk_again(connection, name, changed, stamp)
    else:
        _update(connection, name, changed, stamp)
    writer.records(CORRECTED, name, (new for _, new in changed))


def _update(connection: Connection, name: str, changed: list[tuple[Row, Row]], stamp: Row) -> None:
    table = record_table(name)
    key = key_fields(name)
    numbers, flags = _exclusive(table)
    # Where only one record may have a flag, the one that loses it goes first.
    ordered = sorted(changed, key=lambda pair: any(pair[1][flag] and not pair[0][flag] for flag in flags))
    where = [table.c[part] == bindparam(f"key_{part}") for part in key]
    rows = [{**{f"key_{part}": new[part] for part in key}, **new, **stamp} for _, new in ordered]
    values: Row = {part: bindparam(part) for part in rows[0] if not part.startswith("key_") and part not in key}
    try:
        for part in numbers:
            moved = [
                {**{f"key_{one}": new[one] for one in key}, part: _ASIDE + place}
                for place, (old, new) in enumerate(ordered)
                if old[part] != new[part]
            ]
            if moved:
                connection.execute(update(table).where(*where).values({part: bindparam(part)}), moved)
        connection.execute(
            update(table).where(*where).values(values),
            [{name: value for name, value in row.items() if name not in key} for row in rows],
        )
    except IntegrityError as error:
        raise refused(error, name) from None


def _walk_again(connection: Connection, name: str, changed: list[tuple[Row, Row]], stamp: Row) -> None:
    """Correct records each of which is judged by the one before.

    From the last to the first that changes they go, and come again in their order: a way that is allowed before and
    after may not be so with one step changed alone. What does not change keeps who stored it, and the trail says
    nothing of it.
    """
    table = record_table(name)
    *owner, step = key_fields(name)
    corrected = {tuple(new[part] for part in (*owner, step)): new for _, new in changed}
    first: dict[tuple[Any, ...], int] = {}
    for *case, number in corrected:
        first[tuple(case)] = min(number, first.get(tuple(case), number))
    again: list[Row] = []
    for whose, number in first.items():
        later = [*(table.c[part] == value for part, value in zip(owner, whose, strict=True)), table.c[step] >= number]
        held = connection.execute(select(table).where(*later).order_by(table.c[step])).mappings().all()
        for row in reversed(held):
            connection.execute(delete(table).where(*later, table.c[step] == row[step]))
        for row in held:
            new = corrected.get((*whose, row[step]))
            again.append({**row, **new, **stamp} if new else dict(row))
    names = [column.name for column in table.columns]
    try:
        bulk_insert(connection, table, names, [tuple(row[part] for part in names) for row in again])
    except IntegrityError as error:
        raise refused(error, name) from None


def withdraw_records(connection: Connection, writer: Writer, records: Keys) -> dict[str, int]:
    """Take records away, children before parents; the trail keeps what they were.

    Raises:
        StorageError: there is no such record, or another record still belongs to it.
    """
    unknown = set(records) - set(TABLE_NAMES)
    if unknown:
        raise StorageError("records.no_table", table=min(unknown))
    counts = {}
    for name in reversed(TABLE_NAMES):
        table, names = record_table(name), key_fields(name)
        wanted = {tuple(key[part] for part in names) for key in records.get(name, ())}
        # The last key first: a case loses its statuses in the order opposite to that in which it reached them.
        rows = [dict(zip(names, identity, strict=True)) for identity in sorted(wanted, reverse=True)]
        for row in rows:
            try:
                gone = connection.execute(delete(table).where(*(table.c[part] == row[part] for part in names)))
            except IntegrityError:
                raise StorageError("records.still_needed", table=name) from None
            if not gone.rowcount:
                raise StorageError("records.no_record", table=name)
        writer.records(WITHDRAWN, name, rows)
        if rows:
            counts[name] = len(rows)
    return counts


def still_referred_to(
    connection: Connection, changed: Mapping[str, Sequence[tuple[Row, Row]]], taken: Keys
) -> dict[str, list[Row]]:
    """Of the records to be taken away those from which another record must first be led elsewhere.

    A record with a new key is a new record, and the old one goes: what belongs to it is corrected in between.

    Args:
        connection: of the transaction.
        changed: record table → records to be corrected (before, after).
        taken: keys of the records to be taken away.

    Returns:
        Record table → keys, with everything to be taken away to which those records refer themselves.
    """
    late: dict[str, list[Row]] = {}

    def keep(name: str, rows: Iterable[Mapping[str, Any]]) -> None:
        for row in rows:
            for field, parent, key in references(name):
                one = {key: row[field]}
                if one in taken.get(parent, ()) and one not in late.setdefault(parent, []):
                    late[parent].append(one)

    for name in reversed(TABLE_NAMES):  # children before parents
        keep(name, (old for old, new in changed.get(name, ()) if old != new))
        table = record_table(name)
        for one in late.get(name, ()):
            where = [table.c[part] == value for part, value in one.items()]
            keep(name, [dict(row) for row in connection.execute(select(table).where(*where)).mappings()])
    return {name: keys for name, keys in late.items() if keys}


def set_aside(connection: Connection, records: Keys) -> None:
    """Free the running numbers and flags of records that are taken away later, for those that take their place."""
    for name, keys in records.items():
        table = record_table(name)
        numbers, flags = _exclusive(table)
        for place, key in enumerate(keys):
            values = {**dict.fromkeys(numbers, 2 * _ASIDE + place), **dict.fromkeys(flags, False)}
            if values:
                where = [table.c[one] == value for one, value in key.items()]
                connection.execute(update(table).where(*where).values(values))


def _exclusive(table: Table) -> tuple[list[str], list[str]]:
    """The numbers and the flags of which the schema allows each value, or the flag, to one record of an owner only."""
    own = {column.name for column in fields(table.name)} - set(key_fields(table.name))
    constraints = [one.columns for one in table.constraints if isinstance(one, UniqueConstraint)]
    indexes = [one for one in table.indexes if one.unique]
    numbers = {
        column.name
        for columns in constraints
        for column in columns
        if isinstance(column.type, Integer) and column.name in own
    }
    flags = {
        column.name
        for index in indexes
        for column in table.columns
        if isinstance(column.type, Boolean)
        and column.name in own
        and column.name in str(index.dialect_options["sqlite"].get("where"))
    }
    return sorted(numbers), sorted(flags)
