"""What a delivery would do to the stored records: which are new, which are as stored, which say something else."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, select

from thassist.records.database import chosen, reading
from thassist.records.dataset import Dataset, fields, key_fields, record_table
from thassist.records.model import WITHDRAWN, ChangeEntry, ImportBatch
from thassist.records.trail import written_key
from thassist.records.values import Row, plain_rows


@dataclass(frozen=True, slots=True)
class Correction:
    """One field of one stored record that gets another value.

    Attributes:
        table: the record table.
        key: its key fields and their values.
        field: the field.
        old, new: the values; personal data, so they are left out wherever the correction itself is printed.
    """

    table: str
    key: dict[str, Any]
    field: str
    old: Any = dataclasses.field(repr=False)
    new: Any = dataclasses.field(repr=False)


@dataclass(frozen=True, slots=True)
class Conflict:
    """A record whose key the database, or the delivery itself, holds with other values, or that was withdrawn.

    Attributes:
        table: the record table.
        key: its key fields and their values.
        fields: the fields that differ; none where the record was withdrawn. The values are not said: they may be
            personal data.
        within: True where two records of the delivery contradict each other. No correction can settle that.
    """

    table: str
    key: dict[str, Any]
    fields: tuple[str, ...]
    within: bool = False


@dataclass(frozen=True)
class Plan:
    """What storing a delivery would do, without doing it.

    Attributes:
        new: record table → number of records that are not stored.
        unchanged: record table → number of records that are stored as they are.
        corrected: every field that would get another value, in the order of tables and of the delivery.
        reinstated: records (table, key) that were withdrawn and would be there again.
        conflicts: records of the delivery that contradict one another; nothing can be stored with them.
        already_imported: True where a file of these bytes had been imported before, so that nothing would be done.
    """

    new: dict[str, int]
    unchanged: dict[str, int]
    corrected: tuple[Correction, ...] = ()
    reinstated: tuple[tuple[str, dict[str, Any]], ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    already_imported: bool = False

    @property
    def corrected_records(self) -> dict[str, int]:
        """Record table → number of records of which some field would get another value."""
        keys = {(one.table, tuple(one.key.values())) for one in self.corrected}
        return {table: sum(name == table for name, _ in keys) for table in self.new}


@dataclass
class Difference:
    """The records of one table of a delivery, held against those stored."""

    fresh: list[Row] = dataclasses.field(default_factory=list)
    changed: list[tuple[Row, Row]] = dataclasses.field(default_factory=list)
    withdrawn: list[Row] = dataclasses.field(default_factory=list)
    contradicting: list[Conflict] = dataclasses.field(default_factory=list)
    same: int = 0


def plan(engine: Engine, dataset: Dataset, *, file_sha256: str | None = None, withdraws: bool = False) -> Plan:
    """What storing a delivery would do; nothing is stored.

    Args:
        engine: from :func:`thassist.records.store.open_database`.
        dataset: the records.
        file_sha256: of the delivered file's bytes, to see whether it has been imported already.
        withdraws: whether stored records would be withdrawn with it, so that the same file again does something.

    Raises:
        StorageError: a value that may not be stored, or the database cannot be read.
    """
    rows = plain_rows(dataset)
    with reading(engine) as connection:
        if not withdraws and file_sha256 is not None and batch_of(connection, file_sha256) is not None:
            return Plan(
                dict.fromkeys(rows, 0), {name: len(found) for name, found in rows.items()}, already_imported=True
            )
        found = compare(connection, rows)
    return Plan(
        new={name: len(one.fresh) + len(one.withdrawn) for name, one in found.items()},
        unchanged={name: one.same for name, one in found.items()},
        corrected=tuple(differing_fields(found)),
        reinstated=tuple((name, _key(name, row)) for name, one in found.items() for row in one.withdrawn),
        conflicts=tuple(conflict for one in found.values() for conflict in one.contradicting),
    )


def batch_of(connection: Connection, file_sha256: str) -> int | None:
    """The import of a file with these bytes; None where there was none."""
    query = select(ImportBatch.batch_id).where(ImportBatch.file_sha256 == file_sha256)
    return connection.execute(query).scalar_one_or_none()


def compare(connection: Connection, rows: dict[str, list[Row]]) -> dict[str, Difference]:
    """Hold the records of a delivery against those stored, table by table."""
    return {name: _compare(connection, name, delivered) for name, delivered in rows.items()}


def differing_fields(found: dict[str, Difference]) -> Iterator[Correction]:
    """Every field of a stored record that would get another value."""
    for name, one in found.items():
        for old, new in one.changed:
            for part, value in new.items():
                if old[part] != value:
                    yield Correction(name, _key(name, new), part, old[part], value)


def conflicts(found: dict[str, Difference]) -> Iterator[Conflict]:
    """Everything of a delivery that contradicts what is stored, what was withdrawn, or the delivery itself."""
    for name, one in found.items():
        yield from one.contradicting
        for old, new in one.changed:
            yield Conflict(name, _key(name, new), _differing(old, new))
        for row in one.withdrawn:
            yield Conflict(name, _key(name, row), ())


def _compare(connection: Connection, name: str, delivered: list[Row]) -> Difference:
    key = key_fields(name)
    held = {tuple(row[part] for part in key): row for row in _held(connection, name, delivered)}
    gone = _withdrawn(connection, name)
    seen: dict[tuple[Any, ...], Row] = {}
    found = Difference()
    for row in delivered:
        identity = tuple(row[part] for part in key)
        twin, stored = seen.get(identity), held.get(identity)
        if twin is not None and twin != row:
            found.contradicting.append(Conflict(name, _key(name, row), _differing(twin, row), within=True))
        elif twin is not None or stored == row:
            found.same += 1
        elif stored is not None:
            found.changed.append((stored, row))
        elif gone and written_key(identity) in gone:
            found.withdrawn.append(row)
        else:
            found.fresh.append(row)
        seen.setdefault(identity, row)
    return found


def _key(name: str, row: Row) -> dict[str, Any]:
    return {part: row[part] for part in key_fields(name)}


def _differing(one: Row, other: Row) -> tuple[str, ...]:
    return tuple(part for part in other if one[part] != other[part])


def _withdrawn(connection: Connection, name: str) -> set[str]:
    """Keys of a table's records that were ever withdrawn; those among them that are stored again are found there."""
    query = select(ChangeEntry.record_key).where(ChangeEntry.record_table == name, ChangeEntry.action == WITHDRAWN)
    return set(connection.execute(query).scalars())


def _held(connection: Connection, name: str, delivered: list[Row]) -> Iterator[Row]:
    """The stored records that could have the key of a delivered one: those with the same first key field."""
    table, first = record_table(name), key_fields(name)[0]
    query = select(*(table.c[column.name] for column in fields(name)))
    for row in chosen(connection, query, table.c[first], {row[first] for row in delivered}):
        yield dict(row._mapping)  # noqa: SLF001 - the documented name of what a row maps
