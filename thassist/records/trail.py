"""The trail: what was changed, by whom, when and why, in a chain of hashes that only grows.

An entry is written in the same transaction as the change it tells of. Its hash is the SHA-256 over the hash of the
entry before it, a line feed, and the canonical JSON (sorted, no blanks, ASCII) of the list ``[seq_no, recorded_at,
recorded_by, why, batch_id, action, record_table, record_key, content]``; the first entry follows the empty hash. This
form must never change: every stored trail would seem broken.

A record in the trail leaves out its empty fields, so that a field that a later revision adds as empty changes nothing.
"""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring_ascii as quoted
from typing import Any

from sqlalchemy import Connection, Date, Engine, Table, func, select

from thassist.errors import StorageError
from thassist.records.database import bulk_insert, reading
from thassist.records.dataset import fields, record_table
from thassist.records.model import (
    BOOKKEEPING,
    IDENTITY_CODE,
    INSERTED,
    WHY_LENGTH,
    WITHDRAWN,
    Base,
    ChangeEntry,
    DuplicateDecision,
    ImportBatch,
)

#: What the trail tells of beside the records: imports, and decisions on duplicate persons.
IMPORTS, DECISIONS = BESIDE = ImportBatch.__tablename__, DuplicateDecision.__tablename__
_TABLE: Table = ChangeEntry.__table__  # type: ignore[assignment]
_CHUNK = 20_000
_ACCOUNT_LENGTH = 64
_ANCHOR = re.compile("([1-9][0-9]{0,9}):([0-9a-f]{64}):([0-9a-f]{64})")
NOTHING = ""


@dataclass(frozen=True, slots=True)
class Anchor:
    """How far the trail had come at some moment: number of entries, hash of the last, hash of the first.

    Kept outside the database (every snapshot's manifest has one), it shows whether what was there then is there still.
    """

    entries: int
    head: str
    first: str

    def __str__(self) -> str:
        """As a person notes it: number of entries, first hash, last hash."""
        return f"{self.entries}:{self.first}:{self.head}"

    @classmethod
    def read(cls, text: str) -> "Anchor":
        """An anchor from what ``str`` made of it.

        Raises:
            ValueError: the text is none.
        """
        found = _ANCHOR.fullmatch(text.strip())
        if found is None:
            raise ValueError(text)
        return cls(int(found[1]), head=found[3], first=found[2])


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the trail, as :func:`history` gives it.

    Attributes:
        seq_no: its number.
        at: when (UTC, without zone).
        by, why: who changed the record and for what reason.
        batch_id: the import behind it, if any.
        action: ``ADOPT``, ``INSERT``, ``CORRECT`` or ``WITHDRAW``.
        fields: field → (before, after), of those that differ; values as they stand in JSON.
    """

    seq_no: int
    at: dt.datetime
    by: str
    why: str | None
    batch_id: int | None
    action: str
    fields: dict[str, tuple[Any, Any]]


def written_moment(moment: dt.datetime) -> str:
    """A moment as the trail writes it, to the microsecond."""
    return moment.isoformat(timespec="microseconds")


#: How a value stands in canonical JSON. Written out by hand, as a general encoder takes several times as long.
_LITERAL: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "null",
    bool: lambda value: "true" if value else "false",
    int: str,
    str: quoted,
    dt.date: lambda value: f'"{value.isoformat()}"',
    dt.datetime: lambda value: f'"{written_moment(value)}"',
}


def written_key(values: Iterable[Any]) -> str:
    """The key of a record as the trail writes it: a JSON list."""
    return "[" + ",".join([_LITERAL[type(value)](value) for value in values]) + "]"


def written_content(row: Mapping[str, Any], names: Iterable[str]) -> str:
    """The fields of a record as the trail writes them: a JSON object of those that are not empty.

    Args:
        row: the record.
        names: its fields, sorted.
    """
    held = [(name, row[name]) for name in names]
    parts = [f'"{name}":{_LITERAL[type(value)](value)}' for name, value in held if value is not None]
    return "{" + ",".join(parts) + "}"


def told_table(name: str) -> Table:
    """A record table, or a table beside the records, of which the trail tells."""
    return Base.metadata.tables[name] if name in BESIDE else record_table(name)


def stamped(name: str) -> bool:
    """Whether the rows of a table say themselves in which import, when and by whom they were stored."""
    return name not in BESIDE or set(BOOKKEEPING) <= set(told_table(name).columns.keys())


def key_names(table: str) -> list[str]:
    """The key fields of a table of which the trail tells."""
    return [column.name for column in told_table(table).primary_key.columns]


def content_names(table: str) -> list[str]:
    """The fields that the trail keeps of a table, sorted."""
    columns = list(told_table(table).columns) if table in BESIDE else fields(table)
    return sorted(column.name for column in columns)


def restored(table: str, content: str) -> dict[str, Any]:
    """A record from what the trail says of it; fields that it does not mention are empty."""
    row: dict[str, Any] = dict.fromkeys(column.name for column in fields(table))
    row.update(json.loads(content))
    for column in fields(table):
        if isinstance(column.type, Date) and row[column.name] is not None:
            row[column.name] = dt.date.fromisoformat(row[column.name])
    return row


def chained(previous: str, entry: Iterable[Any]) -> str:
    """The hash of an entry (its nine fields in order) that follows a hash."""
    return hashlib.sha256(f"{previous}\n{written_key(entry)}".encode()).hexdigest()


def check_said(by: str, why: str) -> None:
    """Refuse what may not stand in the trail for good: an account or a reason of the wrong length, an identity code.

    Raises:
        StorageError: one of them is so; it is not repeated.
    """
    if not 0 < len(by) <= _ACCOUNT_LENGTH:
        raise StorageError("records.bad_account")
    if len(why) > WHY_LENGTH or re.search(IDENTITY_CODE, why):
        raise StorageError("records.bad_reason", length=WHY_LENGTH)


class Writer:
    """Appends the changes of one transaction to the trail.

    The caller holds the right to write alone (:func:`thassist.records.database.writing`). A moment that lies
    before the last entry's, because a clock went back, becomes the last entry's, so that the order of entries and
    that of moments never contradict each other.
    """

    def __init__(self, connection: Connection, *, by: str, why: str, at: dt.datetime | None) -> None:
        last = connection.execute(select(_TABLE.c.seq_no, _TABLE.c.hash).order_by(_TABLE.c.seq_no.desc()).limit(1))
        found = last.one_or_none()
        latest = connection.execute(select(func.max(_TABLE.c.recorded_at))).scalar()
        self._connection = connection
        self._number: int = found.seq_no if found else 0
        self._head: str = found.hash if found else NOTHING
        now = at or dt.datetime.now(dt.UTC).replace(tzinfo=None)
        if latest is not None and at is None:  # a moment of its own for each change: the state before stays reachable
            latest += dt.timedelta(microseconds=1)
        self.at = now if latest is None else max(now, latest)
        self.by, self.why = by, why or None
        self._batch_id: int | None = None
        self._waiting: list[tuple[Any, ...]] = []

    def batch(self, row: Mapping[str, Any]) -> None:
        """Begin with the import itself: all that follows belongs to it."""
        self._batch_id = int(row["batch_id"])
        self.records(INSERTED, IMPORTS, [row])

    def within(self, batch_id: int) -> None:
        """All that follows belongs to an import that the trail has told of before."""
        self._batch_id = batch_id

    def records(self, action: str, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Append one change for each record, as it is afterwards; for a withdrawal its key is enough."""
        keys, names = key_names(table), content_names(table)
        for row in rows:
            key = written_key([row[name] for name in keys])
            self._add(action, table, key, None if action == WITHDRAWN else written_content(row, names))

    def _add(self, action: str, table: str, key: str, content: str | None) -> None:
        self._number += 1
        entry = (self._number, self.at, self.by, self.why, self._batch_id, action, table, key, content)
        self._head = chained(self._head, entry)
        self._waiting.append((*entry, self._head))
        if len(self._waiting) == _CHUNK:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if self._waiting:
            bulk_insert(self._connection, _TABLE, [column.name for column in _TABLE.columns], self._waiting)
            self._waiting = []


def entries(connection: Connection, *, until: dt.datetime | None = None) -> Iterator[Any]:
    """All entries in order, or those up to and including a moment."""
    query = select(*_TABLE.c).order_by(_TABLE.c.seq_no)
    if until is not None:
        query = query.where(_TABLE.c.recorded_at <= until)
    yield from connection.execute(query.execution_options(yield_per=_CHUNK))


def anchor(connection: Connection, *, until: dt.datetime | None = None) -> Anchor | None:
    """How far the trail has come, or had come at a moment; None where it has no entry."""
    numbers = select(func.min(_TABLE.c.seq_no), func.max(_TABLE.c.seq_no))
    if until is not None:
        numbers = numbers.where(_TABLE.c.recorded_at <= until)
    first, last = connection.execute(numbers).one()
    if last is None:
        return None
    ends = connection.execute(select(_TABLE.c.seq_no, _TABLE.c.hash).where(_TABLE.c.seq_no.in_({first, last})))
    hashes = {row.seq_no: row.hash for row in ends}
    return Anchor(last, hashes[last], hashes[first])


def history(engine: Engine, table: str, key: Sequence[Any]) -> list[Change]:
    """Every change of one record, the earliest first; values are in it, so it is for whoever may see the case.

    Raises:
        StorageError: the database cannot be read.
    """
    record_table(table)
    query = (
        select(_TABLE)
        .where(_TABLE.c.record_table == table, _TABLE.c.record_key == written_key(key))
        .order_by(_TABLE.c.seq_no)
    )
    changes: list[Change] = []
    before: dict[str, Any] = {}
    with reading(engine) as connection:
        for row in connection.execute(query):
            after = json.loads(row.content) if row.content is not None else {}
            differing = {
                name: (before.get(name), after.get(name))
                for name in sorted(before.keys() | after.keys())
                if before.get(name) != after.get(name)
            }
            changes.append(
                Change(row.seq_no, row.recorded_at, row.recorded_by, row.why, row.batch_id, row.action, differing)
            )
            before = after
    return changes
