"""The ledger: every figure that ever left the house, and what others have published about the same people.

It is what an attacker holds when a new release comes out, all in one place, and is therefore confidential itself: its
file belongs to its owner alone, and never stands in the folder of a release.

One line an entry: the canonical JSON (sorted, no blanks, ASCII) of the publication with its number and its ``hash``,
the SHA-256 over the hash of the line before, a line feed, and the same JSON without ``hash``. This form must never
change: every stored ledger would seem broken. Beside the file, ``<name>.head`` tells how many lines there are and the
last hash, so that lines missing at the end are noticed as well.

An entry is one line, appended under a lock and made durable before the head is written. Whoever is killed while writing
leaves at most an unfinished last line, which was never acknowledged and which the next writer takes away.
"""

import datetime as dt
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from thassist.errors import StorageError

NOTHING = ""
#: Kinds of entries: a package of this house, or figures that somebody else (or an earlier time) has published.
RELEASE, KNOWN = "release", "known"
_OTHERS = 0o077
_ANCHOR = re.compile("([1-9][0-9]{0,8}):([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Figure:
    """One cell as it was published.

    Attributes:
        table: the table's id.
        period: the code of the cell's own period.
        codes: (dimension, code) of each dimension that is not at its total, by the name of the dimension.
        value: as printed; None where withheld or missing.
        status: SDMX CL_OBS_STATUS; ``Q`` is withheld.
        low, high: what it was said to be where that is no single number (rounded, or sources that differ); None: open.
        release, release_period, version: the entry that it comes from.
        source: who published it.
        base: of the rounding of its package; 0 where figures were not rounded.
    """

    table: str
    period: str
    codes: tuple[tuple[str, str], ...]
    value: float | None
    status: str
    low: float | None
    high: float | None
    release: str
    release_period: str
    version: int
    source: str
    base: int = 0


@dataclass(frozen=True, slots=True)
class Publication:
    """What is entered: one package for one period, or one set of known figures.

    Attributes:
        kind: :data:`RELEASE` or :data:`KNOWN`.
        release: the package's id, or a name for the known figures.
        period: of the package; empty for known figures.
        source: who published it.
        synthetic: whether made-up records stand behind it.
        base: of rounding; 0 where figures were not rounded.
        tables: table → its cells, each ``[period, {dimension: code}, value, status, low, high]``.
    """

    kind: str
    release: str
    period: str
    source: str
    synthetic: bool
    tables: Mapping[str, list[list[Any]]] = field(repr=False)
    base: int = 0

    def content(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            "kind": self.kind,
            "release": self.release,
            "period": self.period,
            "source": self.source,
            "synthetic": self.synthetic,
            "base": self.base,
            "tables": {name: sorted(cells, key=canonical) for name, cells in self.tables.items()},
        }

    def digest(self) -> str:
        """The SHA-256 of the content: what makes it the same publication."""
        return hashlib.sha256(canonical(self.content()).encode("ascii")).hexdigest()


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the ledger: which publication, its number, when and by whom it was entered, and its hash."""

    number: int
    at: str
    by: str
    version: int
    digest: str
    hash: str
    publication: Publication

    @property
    def cells(self) -> int:
        """How many cells it holds."""
        return sum(len(cells) for cells in self.publication.tables.values())

    def figures(self) -> Iterator[Figure]:
        """Its cells."""
        told = self.publication
        for table, cells in told.tables.items():
            for period, codes, value, status, low, high in cells:
                place = tuple(sorted(codes.items()))
                yield Figure(
                    table, period, place, value, status, low, high,
                    told.release, told.period, self.version, told.source, told.base,
                )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong with the ledger, and the line where it shows; 0 is the file itself.

    Kinds: ``changed``, ``removed`` (or put in), ``shortened``, ``unfinished``, ``open`` (to others), ``noted`` (not as
    it was when the anchor was noted).
    """

    kind: str
    line: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a ledger stands: its entries as far as they can be read, what is wrong, and the anchor to note."""

    entries: int
    cells: int
    faults: tuple[Fault, ...]
    anchor: str


def canonical(content: object) -> str:
    """JSON that is the same for the same content."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def chained(before: str, content: Mapping[str, Any]) -> str:
    """The hash of a line without its own ``hash``, after the line whose hash is ``before``."""
    return hashlib.sha256(f"{before}\n{canonical(content)}".encode("ascii")).hexdigest()


def default_file(folder: Path) -> Path:
    """Where the ledger stands: ``THASSIST_LEDGER``, else in a folder (that of the database)."""
    chosen = os.environ.get("THASSIST_LEDGER")
    return Path(chosen) if chosen else folder / "thassist-ledger.jsonl"


class Ledger:
    """A ledger in a file. Reading a file that does not exist gives an empty one.

    Raises:
        StorageError: the file stands in the folder of a release.
    """

    def __init__(self, file: Path) -> None:
        self.file = file.absolute()
        if any((folder / "manifest.json").exists() for folder in self.file.parents):
            raise StorageError("ledger.inside_release", file=self.file.name)

    @property
    def head(self) -> Path:
        """The file that tells how far the ledger has come."""
        return self.file.with_name(f"{self.file.name}.head")

    def entries(self) -> list[Entry]:
        """All entries in order; an unfinished last line is none.

        Raises:
            StorageError: the ledger is not as it was written, or others may read it.
        """
        self._refuse_others()
        found, faults, _ = self._walk()
        if worst := [fault for fault in faults if fault.kind != "unfinished"]:
            raise StorageError("ledger.broken", file=self.file.name, line=worst[0].line)
        return found

    def figures(self) -> Iterator[Figure]:
        """Every cell that was ever published; raises like :meth:`entries`."""
        for entry in self.entries():
            yield from entry.figures()

    def add(self, publication: Publication, by: str, at: dt.datetime | None = None) -> tuple[Entry, bool]:
        """Enter a publication; one that is there already stays as it is.

        Another content under the same release and period is a revision: it gets the next version, and both stay known.

        Returns:
            The entry, and whether it is new.

        Raises:
            StorageError: the ledger is broken, mixes real and made-up figures, or the disk refused.
        """
        try:
            with self._locked() as descriptor:
                return self._append(descriptor, publication, by, at or dt.datetime.now(dt.UTC))
        except OSError as error:
            raise StorageError("ledger.not_written", file=self.file.name) from error

    def verify(self, noted: str = "") -> Verdict:
        """Whether the ledger is as it was written.

        Args:
            noted: the anchor that an earlier check ended with, kept elsewhere: whoever can write the file can write all
                of it anew, and only what is kept elsewhere shows that.
        """
        found, faults, head = self._walk()
        if self.file.exists() and os.name == "posix" and self.file.stat().st_mode & _OTHERS:
            faults.append(Fault("open", 0))
        if noted:
            match = _ANCHOR.fullmatch(noted.strip())
            number = int(match[1]) if match else 0
            if match is None or number > len(found) or found[number - 1].hash != match[2]:
                faults.append(Fault("noted", number))
        anchor = f"{len(found)}:{head}" if found else ""
        return Verdict(len(found), sum(entry.cells for entry in found), tuple(faults), anchor)

    def _append(self, descriptor: int, publication: Publication, by: str, at: dt.datetime) -> tuple[Entry, bool]:
        entries = self.entries()
        same = [entry for entry in entries if entry.digest == publication.digest()]
        if same:
            self._write_head(len(entries), entries[-1].hash)
            return same[0], False
        if publication.kind == RELEASE:
            others = {entry.publication.synthetic for entry in entries if entry.publication.kind == RELEASE}
            if others - {publication.synthetic}:
                raise StorageError("ledger.mixed", file=self.file.name)
        name = (publication.kind, publication.release, publication.period)
        earlier = [
            entry for entry in entries
            if (entry.publication.kind, entry.publication.release, entry.publication.period) == name
        ]  # fmt: skip
        content = {
            **publication.content(),
            "number": len(entries) + 1,
            "at": at.astimezone(dt.UTC).isoformat(timespec="seconds"),
            "by": by,
            "version": len(earlier) + 1,
            "digest": publication.digest(),
        }
        content["hash"] = chained(entries[-1].hash if entries else NOTHING, content)
        line = f"{canonical(content)}\n".encode("ascii")
        os.ftruncate(descriptor, self._whole_bytes())
        os.lseek(descriptor, 0, os.SEEK_END)
        written = 0
        while written < len(line):
            written += os.write(descriptor, line[written:])
        os.fsync(descriptor)
        self._write_head(len(entries) + 1, content["hash"])
        return _entry(content), True

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """The file, open for this process alone; made where it is missing, for its owner alone."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.file, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        try:
            if os.name == "posix":
                import fcntl

                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield descriptor
        finally:
            os.close(descriptor)

    def _write_head(self, entries: int, last: str) -> None:
        temporary = self.head.with_name(f".{self.head.name}.{os.getpid()}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(f"{entries}:{last}\n")
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(self.head)

    def _whole_bytes(self) -> int:
        """How far the file reaches with whole lines."""
        return self._read().rfind(b"\n") + 1

    def _read(self) -> bytes:
        try:
            return self.file.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise StorageError("ledger.not_read", file=self.file.name) from error

    def _refuse_others(self) -> None:
        if os.name == "posix" and self.file.exists() and self.file.stat().st_mode & _OTHERS:
            raise StorageError("ledger.open_to_others", file=self.file.name)

    def _walk(self) -> tuple[list[Entry], list[Fault], str]:
        """The entries, what is wrong with them, and the hash of the last one."""
        entries: list[Entry] = []
        faults: list[Fault] = []
        last = NOTHING
        *lines, rest = self._read().split(b"\n")
        for number, line in enumerate(lines, start=1):
            try:
                content = json.loads(line)
                entry = _entry(content)
                own = {key: value for key, value in content.items() if key != "hash"}
                whole = canonical(content).encode("ascii") == line and entry.hash == chained(last, own)
            except (ValueError, LookupError, TypeError, AttributeError):
                faults.append(Fault("changed", number))
                last = NOTHING
                continue
            if not whole:
                faults.append(Fault("changed" if entry.number == len(entries) + 1 else "removed", number))
            entries.append(entry)
            last = entry.hash
        if rest:
            faults.append(Fault("unfinished", len(lines) + 1))
        told = self._told()
        behind = told is None and len(entries) > 1
        if told is not None:
            behind = told[0] > len(entries) or entries[told[0] - 1].hash != told[1]
        if behind and not faults:
            faults.append(Fault("shortened", len(entries) + 1))
        return entries, faults, last

    def _told(self) -> tuple[int, str] | None:
        """What the head tells; None where there is none, as before the first entry."""
        try:
            found = _ANCHOR.fullmatch(self.head.read_text(encoding="ascii").strip())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise StorageError("ledger.not_read", file=self.head.name) from error
        return (int(found[1]), found[2]) if found else (10**9, "")


def _entry(content: Mapping[str, Any]) -> Entry:
    tables: Mapping[str, list[list[Any]]] = content["tables"]
    publication = Publication(
        kind=content["kind"],
        release=content["release"],
        period=content["period"],
        source=content["source"],
        synthetic=content["synthetic"],
        tables=tables,
        base=content["base"],
    )
    return Entry(
        content["number"],
        content["at"],
        content["by"],
        content["version"],
        content["digest"],
        content["hash"],
        publication,
    )
