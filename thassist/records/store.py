"""Storing a delivery: all of it or nothing, in one transaction, parents before children.

A record is never overwritten. One whose key exists with the same values is left as it is; one with other values is a
conflict that a person must look at, and stops the whole delivery.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Date, Engine, Integer, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.schema import Column

from thassist.errors import StorageError, ThassistError
from thassist.records.database import refused, writing
from thassist.records.dataset import KEY_FIELDS, TABLE_NAMES, Dataset, fields, key_fields, record_table
from thassist.records.migrate import initialise, open_database
from thassist.records.model import IDENTITY_CODE, KEY, ImportBatch

__all__ = ["Conflict", "ConflictingRecords", "StoreResult", "initialise", "open_database", "store"]

Row = dict[str, Any]
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Conflict:
    """A record whose key the database, or the delivery itself, holds with other values.

    Attributes:
        table: the record table.
        key: its key fields and their values.
        fields: the fields that differ. The values are not said: they may be personal data.
    """

    table: str
    key: dict[str, Any]
    fields: tuple[str, ...]


class ConflictingRecords(ThassistError):
    """Records of the delivery contradict what is stored; nothing was stored."""

    exit_code: ClassVar[int] = 1

    def __init__(self, conflicts: list[Conflict]) -> None:
        self.conflicts = conflicts
        first = conflicts[0]
        super().__init__(
            "records.conflict", count=len(conflicts), table=first.table, fields=", ".join(sorted(first.fields))
        )


@dataclass(frozen=True)
class StoreResult:
    """What ``store`` did.

    Attributes:
        batch_id: the import batch; the earlier one where the file had been imported before.
        inserted, unchanged: record table → number of records.
        already_imported: True where a file of these bytes had been imported before, so that nothing was done.
    """

    batch_id: int
    inserted: dict[str, int] = field(default_factory=dict)
    unchanged: dict[str, int] = field(default_factory=dict)
    already_imported: bool = False


def store(
    engine: Engine,
    dataset: Dataset,
    *,
    profile: str,
    file_sha256: str,
    by: str,
    at: dt.datetime | None = None,
) -> StoreResult:
    """Store a delivery that has been validated.

    Args:
        engine: from :func:`open_database`.
        dataset: the records.
        profile: the mapping profile by which they were read.
        file_sha256: of the delivered file's bytes, in hexadecimal.
        by: the account that imports.
        at: when (UTC, without zone); now where it is not given.

    Raises:
        ConflictingRecords: a record exists with other values; nothing was stored.
        StorageError: a value or the database stands against it; nothing was stored.
    """
    rows = {name: _rows(name, dataset.frames[name]) for name in TABLE_NAMES if name in dataset.frames}
    _check_by(by, profile)
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":  # one import at a time, as SQLite has it anyway; reading goes on
            connection.execute(text("LOCK TABLE import_batch IN SHARE ROW EXCLUSIVE MODE"))
        earlier = connection.execute(
            select(ImportBatch.batch_id).where(ImportBatch.file_sha256 == file_sha256)
        ).scalar_one_or_none()
        if earlier is not None:
            return StoreResult(
                earlier,
                dict.fromkeys(rows, 0),
                {name: len(found) for name, found in rows.items()},
                already_imported=True,
            )
        new, conflicts = _compare(connection, rows)
        if conflicts:
            raise ConflictingRecords(conflicts)
        stamp = {"recorded_at": at or dt.datetime.now(dt.UTC).replace(tzinfo=None), "recorded_by": by}
        batch_id = connection.execute(
            insert(ImportBatch).returning(ImportBatch.batch_id),
            {
                "profile": profile,
                "file_sha256": file_sha256,
                "synthetic": dataset.synthetic,
                "row_count": sum(len(found) for found in new.values()),
                **stamp,
            },
        ).scalar_one()
        for name, found in new.items():
            if found:
                _insert(connection, name, [{**row, "batch_id": batch_id, **stamp} for row in found])
    return StoreResult(
        batch_id,
        {name: len(found) for name, found in new.items()},
        {name: len(rows[name]) - len(new[name]) for name in new},
    )


def _insert(connection: Connection, name: str, rows: list[Row]) -> None:
    """Insert in the order of keys: the database lets a case reach its statuses only one after another."""
    key = key_fields(name)
    try:
        connection.execute(insert(record_table(name)), sorted(rows, key=lambda row: [row[part] for part in key]))
    except IntegrityError as error:
        raise refused(error, name) from None


def _check_by(by: str, profile: str) -> None:
    for value in (by, profile):
        if not 0 < len(value) <= 64:
            raise StorageError("records.bad_account")


def _rows(table: str, frame: pd.DataFrame) -> list[Row]:
    """The records of a frame as plain values, each checked for what the database types alone do not ensure.

    Raises:
        StorageError: a value of the wrong kind, a text too long, an empty field that must hold something, or a key
            that is not pseudonymous. Only field and place are named, never the value.
    """
    columns = fields(table)
    absent = [column.name for column in columns if column.name not in frame.columns]
    if absent:
        raise StorageError("records.no_field", table=table, field=absent[0])
    values = [_values(table, column, frame[column.name]) for column in columns]
    names = [column.name for column in columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]


def _values(table: str, column: Column[Any], series: "pd.Series[Any]") -> list[Any]:
    wanted = _wanted(column)
    values: list[Any] = []
    for number, raw in enumerate(series.tolist(), start=1):
        value = None if raw is None or raw is pd.NaT or raw is pd.NA or raw != raw else raw
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, dt.datetime):
            value = value.date()
        elif wanted is int and isinstance(value, float) and value.is_integer():
            value = int(value)
        fault = _fault(column, wanted, value)
        if fault:
            raise StorageError(fault, table=table, field=column.name, number=number)
        values.append(value)
    return values


def _fault(column: Column[Any], wanted: type, value: Any) -> str:
    """The message about a value that may not be stored; empty where it may."""
    if value is None:
        return "" if column.nullable else "records.value_empty"
    if type(value) is not wanted:
        return "records.value_kind"
    if isinstance(value, str):
        length = getattr(column.type, "length", None)
        if length is not None and len(value) > length:
            return "records.value_long"
        if column.name in KEY_FIELDS and not _pseudonymous(value):
            return "records.value_key"
    return ""


def _wanted(column: Column[Any]) -> type:
    if isinstance(column.type, Date):
        return dt.date
    if isinstance(column.type, Integer):
        return int
    return column.type.python_type


def _pseudonymous(key: str) -> bool:
    return re.fullmatch(KEY, key) is not None and re.fullmatch(IDENTITY_CODE, key) is None


def _compare(connection: Connection, rows: dict[str, list[Row]]) -> tuple[dict[str, list[Row]], list[Conflict]]:
    """The records that are new, by table, and those that contradict what is stored or one another."""
    new: dict[str, list[Row]] = {}
    conflicts: list[Conflict] = []
    for name, delivered in rows.items():
        key = key_fields(name)
        held = {tuple(row[part] for part in key): row for row in _held(connection, name, delivered)}
        fresh: list[Row] = []
        for row in delivered:
            identity = tuple(row[part] for part in key)
            known = held.get(identity)
            if known is None:
                held[identity] = row
                fresh.append(row)
            elif known != row:
                differing = tuple(field for field in row if known[field] != row[field])
                conflicts.append(Conflict(name, dict(zip(key, identity, strict=True)), differing))
        new[name] = fresh
    return new, conflicts


def _held(connection: Connection, name: str, delivered: list[Row]) -> Iterator[Row]:
    """The stored records that could have the key of a delivered one: those with the same first key field."""
    table, first = record_table(name), key_fields(name)[0]
    wanted = sorted({row[first] for row in delivered})
    query = select(*(table.c[column.name] for column in fields(name)))
    for start in range(0, len(wanted), _CHUNK):
        found = connection.execute(query.where(table.c[first].in_(wanted[start : start + _CHUNK])))
        yield from (dict(row) for row in found.mappings())
