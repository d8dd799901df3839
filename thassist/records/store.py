"""Storing a delivery: all of it or nothing, in one transaction, parents before children, every change in the trail.

A record whose key exists with the same values is left as it is. One with other values is a conflict that stops the
whole delivery, unless the caller says that the delivery corrects what is stored, and why. A record is taken away only
by being named, and its trail stays.
"""

import datetime as dt
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sqlalchemy import Connection, Engine, insert, select

from thassist.errors import StorageError, ThassistError
from thassist.records.apply import (
    Keys,
    correct_records,
    insert_records,
    set_aside,
    still_referred_to,
    withdraw_records,
)
from thassist.records.database import chosen, writing
from thassist.records.dataset import TABLE_NAMES, Dataset, key_fields, record_table
from thassist.records.migrate import initialise, open_database
from thassist.records.model import ImportBatch
from thassist.records.plan import (
    Conflict,
    Correction,
    Difference,
    Plan,
    batch_of,
    compare,
    conflicts,
    differing_fields,
    plan,
)
from thassist.records.trail import Writer, check_said
from thassist.records.values import Row, plain_rows

__all__ = [
    "Conflict",
    "ConflictingRecords",
    "Correction",
    "Plan",
    "StoreResult",
    "initialise",
    "open_database",
    "plan",
    "rehearse",
    "store",
    "store_on",
    "withdraw",
]


class ConflictingRecords(ThassistError):
    """Records of the delivery contradict what is stored; nothing was stored."""

    exit_code: ClassVar[int] = 1

    def __init__(self, found: list[Conflict]) -> None:
        self.conflicts = found
        first = found[0]
        super().__init__(
            "records.conflict" if first.fields else "records.conflict_withdrawn",
            count=len(found),
            table=first.table,
            fields=", ".join(sorted(first.fields)),
        )


@dataclass(frozen=True)
class StoreResult:
    """What ``store`` did.

    Attributes:
        batch_id: the import batch; the earlier one where the file had been imported before.
        inserted, unchanged, corrected, withdrawn: record table → number of records.
        corrections: every field that got another value.
        already_imported: True where a file of these bytes had been imported before, so that nothing was done.
    """

    batch_id: int
    inserted: dict[str, int] = field(default_factory=dict)
    unchanged: dict[str, int] = field(default_factory=dict)
    already_imported: bool = False
    corrected: dict[str, int] = field(default_factory=dict)
    withdrawn: dict[str, int] = field(default_factory=dict)
    corrections: tuple[Correction, ...] = ()


def store(engine: Engine, dataset: Dataset, **options: Any) -> StoreResult:
    """Store a delivery that has been validated, in a transaction of its own; see :func:`store_on`.

    Args:
        engine: from :func:`open_database`.
        dataset: the records.
        options: as :func:`store_on` takes them.

    Raises:
        ConflictingRecords, StorageError: as :func:`store_on` says; nothing was stored.
    """
    rows = plain_rows(dataset)
    with writing(engine) as connection:
        return _store(connection, dataset, rows, **options)


def store_on(connection: Connection, dataset: Dataset, **options: Any) -> StoreResult:
    """Store a delivery on a connection that alone holds the right to write (:func:`~.database.writing`).

    Args:
        connection: whose transaction the caller commits, or takes back where this raises.
        dataset: the records.
        options: ``profile``, the mapping profile by which they were read; ``file_sha256`` of the delivered file's
            bytes, in hexadecimal; ``by``, the account that imports; ``at``, when (UTC, without zone), now where it is
            not given, never earlier than the change before; ``corrections``, True where stored records shall get the
            values of the delivery, and withdrawn ones that it holds shall be there again (:func:`plan` says beforehand
            what that means); ``withdrawals``, record table → keys (field → value) of stored records to take away;
            ``why``, the reason, which corrections and withdrawals need, no person's data.

    Raises:
        ConflictingRecords: a record exists with other values, or was withdrawn, and ``corrections`` is not set; or
            the delivery contradicts itself.
        StorageError: a value, a missing reason or the database stands against it.
    """
    return _store(connection, dataset, plain_rows(dataset), **options)


def _store(
    connection: Connection,
    dataset: Dataset,
    rows: dict[str, list[Row]],
    *,
    profile: str,
    file_sha256: str,
    by: str,
    at: dt.datetime | None = None,
    corrections: bool = False,
    withdrawals: Keys | None = None,
    why: str = "",
) -> StoreResult:
    check_said(by, why)
    check_said(profile, "")
    taken = {name: keys for name, keys in (withdrawals or {}).items() if keys}
    earlier = batch_of(connection, file_sha256)
    if earlier is not None and not taken:
        counts = {name: len(found) for name, found in rows.items()}
        return StoreResult(earlier, dict.fromkeys(rows, 0), counts, already_imported=True)
    found = compare(connection, rows)
    _settle(connection, found, taken, dataset, corrections=corrections, why=why)
    writer = Writer(connection, by=by, why=why, at=at)
    stamp: Row = {"recorded_at": writer.at, "recorded_by": by}
    if earlier is None:
        batch: Row = {
            "profile": profile,
            "file_sha256": file_sha256,
            "synthetic": dataset.synthetic,
            "row_count": sum(len(one.fresh) + len(one.changed) + len(one.withdrawn) for one in found.values()),
            **stamp,
        }
        batch["batch_id"] = connection.execute(insert(ImportBatch).returning(ImportBatch.batch_id), batch).scalar_one()
        writer.batch(batch)
        stamp["batch_id"] = batch["batch_id"]
    else:
        writer.within(earlier)
        stamp["batch_id"] = earlier
    late = still_referred_to(connection, {name: one.changed for name, one in found.items()}, taken)
    early = {name: [key for key in keys if key not in late.get(name, ())] for name, keys in taken.items()}
    set_aside(connection, late)
    withdraw_records(connection, writer, early)
    for name, one in found.items():
        correct_records(connection, writer, name, one.changed, stamp)
        insert_records(connection, writer, name, [*one.fresh, *one.withdrawn], stamp)
    withdraw_records(connection, writer, late)  # what referred to them refers to others now
    writer.flush()
    return StoreResult(
        stamp["batch_id"],
        inserted={name: len(one.fresh) + len(one.withdrawn) for name, one in found.items()},
        unchanged={name: one.same for name, one in found.items()},
        corrected={name: len(one.changed) for name, one in found.items() if one.changed},
        withdrawn={name: len(keys) for name, keys in taken.items()},
        corrections=tuple(differing_fields(found)),
    )


def rehearse(engine: Engine, dataset: Dataset, **options: Any) -> None:
    """Store a delivery as :func:`store` does, and take everything back: what the database would refuse is known.

    Raises:
        ConflictingRecords, StorageError: as :func:`store_on` says.
    """
    rows = plain_rows(dataset)
    with suppress(_TakenBack), writing(engine) as connection:
        _store(connection, dataset, rows, **options)
        _take_back()


class _TakenBack(Exception):
    """Ends a rehearsal, and with it its transaction."""


def _take_back() -> None:
    raise _TakenBack


def withdraw(engine: Engine, records: Keys, *, by: str, why: str, at: dt.datetime | None = None) -> dict[str, int]:
    """Take stored records away: they are no longer read or frozen, but the trail keeps what they were.

    Args:
        engine: from :func:`open_database`.
        records: record table → keys (field → value). What belongs to a record must be withdrawn with it.
        by: the account that withdraws.
        why: the reason; no person's data.
        at: when (UTC, without zone); now where it is not given.

    Returns:
        Record table → number of records withdrawn.

    Raises:
        StorageError: there is no such record, another record still belongs to it, or the reason is missing; nothing
            was changed.
    """
    check_said(by, why)
    if not why:
        raise StorageError("records.why_needed")
    with writing(engine) as connection:
        writer = Writer(connection, by=by, why=why, at=at)
        counts = withdraw_records(connection, writer, records)
        writer.flush()
    return counts


def _settle(
    connection: Connection,
    found: dict[str, Difference],
    taken: Keys,
    dataset: Dataset,
    *,
    corrections: bool,
    why: str,
) -> None:
    """Stop a delivery that contradicts itself, or that would change what is stored without being allowed to.

    Raises:
        ConflictingRecords, StorageError: as :func:`store_on` says.
    """
    standing = [one for one in conflicts(found) if one.within or not corrections]
    if standing:
        raise ConflictingRecords(standing)
    if not taken and not any(one.changed or one.withdrawn for one in found.values()):
        return
    if not why:
        raise StorageError("records.why_needed")
    if any(made_up != dataset.synthetic for made_up in _made_up(connection, found, taken)):
        raise StorageError("records.mixed_with_made_up")


def _made_up(connection: Connection, found: dict[str, Difference], taken: Keys) -> Iterable[bool]:
    """Whether the records to be changed are made up: true ones and made-up ones never change each other."""
    for name in {**found, **taken}:
        if name not in TABLE_NAMES:
            continue  # is refused where it would be withdrawn
        table, key = record_table(name), key_fields(name)
        changed = [row for row, _ in found[name].changed] if name in found else []
        wanted = {tuple(row[part] for part in key) for row in (*changed, *taken.get(name, ()))}
        query = select(ImportBatch.synthetic, *(table.c[part] for part in key)).join(
            ImportBatch, ImportBatch.batch_id == table.c.batch_id
        )
        rows = chosen(connection, query, table.c[key[0]], {identity[0] for identity in wanted})
        yield from {bool(row[0]) for row in rows if tuple(row[1:]) in wanted}
