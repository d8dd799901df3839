"""Is the trail whole, and do the records say what it says?

What is found: an entry that was changed, taken out, put in or moved, anywhere; an end that was cut off, as far as an
anchor outside the database (a snapshot's manifest, a note on paper) reaches; records, imports and decisions on
duplicate persons that were changed, added or removed past the trail.

What cannot be found from inside: changes since the newest anchor, where somebody who may do anything with the database
cut off the end, or wrote the whole trail and the records anew with correct hashes. Anchors bound that: freeze often,
and keep a copy of the manifests, or of the last line of ``thassist check --trail``, where that person cannot write.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, select

from thassist.records.database import reading
from thassist.records.dataset import TABLE_NAMES
from thassist.records.model import ADOPTED, BOOKKEEPING, INSERTED, WITHDRAWN, ChangeEntry
from thassist.records.trail import (
    BESIDE,
    NOTHING,
    Anchor,
    chained,
    content_names,
    entries,
    key_names,
    stamped,
    told_table,
    written_content,
    written_key,
    written_moment,
)

_READ_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as the trail was written.

    Attributes:
        kind: ``changed`` an entry does not fit its hash or the entry before; ``missing`` numbers without an entry;
            ``earlier`` an entry's moment lies before that of the one before it; ``impossible`` a record that was new
            twice, or corrected or withdrawn without being there; ``cut`` the trail ends before an anchor; ``rewritten``
            another entry stands where an anchor was; ``unknown`` a stored record without an entry; ``gone`` a record
            that should be there; ``differs`` a stored record that says something else than its last entry.
        seq_no: the entry (for ``missing`` the first number), 0 where there is none.
        table: the table, or empty.
        key: the record's key as the trail writes it, or empty.
        fields: for ``differs``, what differs. The values are not said.
        count: for ``missing`` and ``cut``, the number of entries.
    """

    kind: str
    seq_no: int = 0
    table: str = ""
    key: str = ""
    fields: tuple[str, ...] = ()
    count: int = 1


@dataclass(frozen=True)
class Verdict:
    """What :func:`verify` found.

    Attributes:
        entries: entries read.
        anchor: how far the trail has come; None where it is empty.
        problems: what is not as it was written, in the order of the trail; none where all is well.
        compared: anchors that the trail was held against.
        foreign: anchors that belong to another trail, as their first entry is another one.
    """

    entries: int
    anchor: Anchor | None
    problems: tuple[Problem, ...]
    compared: int = 0
    foreign: int = 0


@dataclass(slots=True)
class _Held:
    """What the trail says of a record that is there: its last entry, and a digest of what the record then is."""

    seq_no: int
    digest: bytes


@dataclass
class _Reader:
    """Follows the chain; remembers every record that is there, and the hashes that anchors ask for."""

    wanted: frozenset[int]
    live: dict[str, dict[str, _Held]] = field(default_factory=dict)
    hashes: dict[int, str] = field(default_factory=dict)
    count: int = 0
    last: int = 0
    head: str = NOTHING
    first: str = NOTHING
    latest: dt.datetime | None = None

    def follow(self, entry: Any) -> Iterator[Problem]:
        """Take one entry; what is wrong with it."""
        if entry.seq_no > self.last + 1:
            yield Problem("missing", self.last + 1, count=entry.seq_no - self.last - 1)
        elif entry.hash != chained(self.head, tuple(entry)[:-1]):
            yield Problem("changed", entry.seq_no, entry.record_table)
        if entry.action != ADOPTED:
            if self.latest is not None and entry.recorded_at < self.latest:
                yield Problem("earlier", entry.seq_no, entry.record_table)
            self.latest = entry.recorded_at
        self.count += 1
        self.last, self.head = entry.seq_no, entry.hash
        self.first = self.first or entry.hash
        if entry.seq_no in self.wanted:
            self.hashes[entry.seq_no] = entry.hash
        live = self.live.setdefault(entry.record_table, {})
        if (entry.record_key in live) == (entry.action in {ADOPTED, INSERTED}):
            yield Problem("impossible", entry.seq_no, entry.record_table, entry.record_key)
        if entry.action == WITHDRAWN:
            live.pop(entry.record_key, None)
        else:
            stamp = (entry.batch_id, entry.recorded_at, entry.recorded_by) if stamped(entry.record_table) else None
            live[entry.record_key] = _Held(entry.seq_no, _digest(entry.content, stamp))


def verify(engine: Engine, anchors: Iterable[Anchor] = ()) -> Verdict:
    """Read the whole trail and hold it against itself, against anchors, and against the stored records.

    Args:
        engine: from :func:`thassist.records.store.open_database`.
        anchors: how far the trail had come at earlier moments, as noted outside the database.

    Raises:
        StorageError: the database cannot be read.
    """
    noted = list(anchors)
    reader = _Reader(frozenset(one.entries for one in noted))
    problems: list[Problem] = []
    with reading(engine) as connection:
        for entry in entries(connection):
            problems += reader.follow(entry)
        own = [one for one in noted if reader.first in {NOTHING, one.first}]
        problems += _anchored(reader, own)
        for name in (*BESIDE, *TABLE_NAMES):
            problems += _stored(connection, name, reader.live.pop(name, {}))
        problems += (
            Problem("impossible", held.seq_no, name) for name, rest in reader.live.items() for held in rest.values()
        )
    found = Anchor(reader.last, reader.head, reader.first) if reader.count else None
    return Verdict(reader.count, found, tuple(problems), len(own), len(noted) - len(own))


def _anchored(reader: _Reader, anchors: list[Anchor]) -> Iterator[Problem]:
    furthest = max((one.entries for one in anchors), default=0)
    if furthest > reader.last:
        yield Problem("cut", reader.last + 1, count=furthest - reader.last)
    for one in sorted(anchors, key=lambda anchor: anchor.entries):
        if one.entries <= reader.last and reader.hashes.get(one.entries) != one.head:
            yield Problem("rewritten", one.entries)
            return  # what an earlier anchor shows, every later one shows too


def _digest(content: str, stamp: tuple[int | None, dt.datetime, str] | None) -> bytes:
    said = content if stamp is None else f"{stamp[0]}\n{written_moment(stamp[1])}\n{stamp[2]}\n{content}"
    return hashlib.blake2b(said.encode(), digest_size=16).digest()


def _stored(connection: Connection, name: str, live: dict[str, _Held]) -> Iterator[Problem]:
    """What is wrong with the stored records of a table, given what the trail says is there."""
    table = told_table(name)
    keys, names = key_names(name), content_names(name)
    for row in connection.execute(select(table).execution_options(yield_per=_READ_AT_ONCE)).mappings():
        key = written_key([row[part] for part in keys])
        held = live.pop(key, None)
        content = written_content(dict(row), names)
        stamp = (row["batch_id"], row["recorded_at"], row["recorded_by"]) if stamped(name) else None
        if held is None:
            yield Problem("unknown", 0, name, key)
        elif held.digest != _digest(content, stamp):
            yield Problem("differs", held.seq_no, name, key, _differing(connection, held.seq_no, row, name))
    for key, held in live.items():
        yield Problem("gone", held.seq_no, name, key)


def _differing(connection: Connection, seq_no: int, row: Any, name: str) -> tuple[str, ...]:
    """The fields in which a stored record differs from what its last entry says."""
    entry = connection.execute(select(ChangeEntry.__table__).where(ChangeEntry.seq_no == seq_no)).one()
    said = json.loads(entry.content)
    now = json.loads(written_content(dict(row), content_names(name)))
    stamps = {part: getattr(entry, part) for part in BOOKKEEPING if stamped(name)}
    differing = {part for part in said.keys() | now.keys() if said.get(part) != now.get(part)}
    return tuple(sorted(differing | {part for part, value in stamps.items() if row[part] != value}))
