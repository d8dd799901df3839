"""A snapshot: a folder with one Parquet file a record table and ``manifest.json``, never changed once written."""

import datetime as dt
import hashlib
import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from thassist.engine import Engine
from thassist.errors import StorageError
from thassist.records.database import sqlite_file
from thassist.records.dataset import TABLE_NAMES, fields
from thassist.records.trail import Anchor

MANIFEST = "manifest.json"
LATEST = "latest"
_SCHEMA = 1
_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class SnapshotTable:
    """One record table in a snapshot.

    Attributes:
        rows: number of records.
        sha256: of the Parquet file's bytes.
        content: SHA-256 of the records themselves, the same whatever program wrote the file.
    """

    rows: int
    sha256: str
    content: str


@dataclass(frozen=True, slots=True)
class ReportingSystem:
    """What a snapshot holds of one reporting system: referrals, and whether any of its data are made up."""

    referrals: int
    synthetic: bool


@dataclass(frozen=True)
class Snapshot:
    """A frozen state of the records.

    Attributes:
        folder: where it lies.
        id: first 16 hexadecimal digits of the SHA-256 of everything below but ``created_at``, ``trail`` and the files'
            hashes.
        revision: schema revision of the database that it was taken from.
        tables: record table → what the file holds.
        classifications: code list → version that the database enforced.
        reporting_systems: code → what is held of it.
        as_of: when the newest change in it was made (UTC); None where there never was a record.
        created_at: when the snapshot was made (UTC).
        trail: how far the database's trail of changes had come; None in snapshots from before there was one.
    """

    folder: Path
    id: str
    revision: str
    tables: dict[str, SnapshotTable]
    classifications: dict[str, str]
    reporting_systems: dict[str, ReportingSystem]
    as_of: dt.datetime | None
    created_at: dt.datetime
    trail: Anchor | None = None

    @property
    def synthetic(self) -> bool:
        """Whether anything in it is made up."""
        return any(system.synthetic for system in self.reporting_systems.values())

    def synthetic_for(self, reporting_system: str) -> bool:
        """Whether anything of a reporting system is made up; False where it has no records."""
        found = self.reporting_systems.get(reporting_system)
        return found is not None and found.synthetic

    def file(self, table: str) -> Path:
        """The Parquet file of a record table."""
        return self.folder / f"{table}.parquet"

    def verify(self) -> None:
        """Check that every file is as it was written, and that the manifest has not been changed.

        Raises:
            StorageError: a file is missing or changed; it is named.
        """
        for name, table in self.tables.items():
            path = self.file(name)
            try:
                with path.open("rb") as file:
                    found = hashlib.file_digest(file, "sha256").hexdigest()
            except OSError as error:
                raise StorageError("snapshot.no_file", id=self.folder.name, file=path.name) from error
            if found != table.sha256:
                raise StorageError("snapshot.changed", id=self.folder.name, file=path.name)
        if not self.id == self.folder.name == identity(self.described()):
            raise StorageError("snapshot.changed", id=self.folder.name, file=MANIFEST)

    def attach(self, engine: Engine) -> None:
        """Register every record table as a view of the engine, after :meth:`verify`.

        Raises:
            StorageError: a file is missing or changed, or holds other fields than the records have today.
        """
        self.verify()
        for name in self.tables:
            engine.parquet(name, self.file(name))
            if set(engine.columns(name)) != {column.name for column in fields(name)}:
                raise StorageError("snapshot.other_version", id=self.id)

    def described(self) -> dict[str, Any]:
        """The manifest as it is written."""
        return {
            "schema": _SCHEMA,
            "id": self.id,
            "revision": self.revision,
            "synthetic": self.synthetic,
            "reporting_systems": {
                code: {"referrals": system.referrals, "synthetic": system.synthetic}
                for code, system in sorted(self.reporting_systems.items())
            },
            "as_of": _written(self.as_of),
            "created_at": _written(self.created_at),
            "trail": None if self.trail is None else asdict(self.trail),
            "classifications": dict(sorted(self.classifications.items())),
            "tables": {
                name: {"rows": table.rows, "sha256": table.sha256, "content": table.content}
                for name, table in self.tables.items()
            },
        }


def identity(manifest: dict[str, Any]) -> str:
    """The id of a snapshot from its manifest: what it holds, not when or by which program it was written."""
    content = {name: value for name, value in manifest.items() if name not in {"id", "created_at", "trail", "tables"}}
    content["tables"] = {
        name: {"rows": table["rows"], "content": table["content"]} for name, table in manifest["tables"].items()
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=True).encode()).hexdigest()[:16]


def default_folder(url: str) -> Path:
    """Where snapshots lie: ``THASSIST_SNAPSHOTS``, else beside the SQLite file, else in the working folder.

    Raises:
        StorageError: the URL is wrong.
    """
    chosen = os.environ.get("THASSIST_SNAPSHOTS")
    if chosen:
        return Path(chosen)
    path = sqlite_file(url)
    return (path.parent if path is not None else Path()) / "snapshots"


def open_snapshot(folder: Path, snapshot_id: str | None = None) -> Snapshot:
    """A snapshot by its id, or the one frozen last.

    Raises:
        StorageError: there is none, or its manifest cannot be read.
    """
    chosen = snapshot_id or _latest(folder)
    if chosen is None:
        raise StorageError("snapshot.none", folder=folder)
    if _ID.fullmatch(chosen) is None or not (folder / chosen).is_dir():
        raise StorageError("snapshot.unknown", id=chosen, folder=folder)
    return _read(folder / chosen)


def anchors(folder: Path) -> list[Anchor]:
    """How far the trail had come whenever a snapshot of a folder was frozen.

    Raises:
        StorageError: a manifest cannot be read.
    """
    found = [_manifest(path).get("trail") for path in _frozen(folder)]
    try:
        return [Anchor(**noted) for noted in found if noted is not None]
    except TypeError as error:
        raise StorageError("snapshot.changed", id=folder.name, file=MANIFEST) from error


def _frozen(folder: Path) -> list[Path]:
    """The folders of all snapshots in a folder."""
    return sorted(path for path in folder.glob("*") if path.is_dir() and _ID.fullmatch(path.name))


def _latest(folder: Path) -> str | None:
    """The snapshot frozen last, as ``freeze`` noted it; in a folder that was copied without the note, the newest."""
    try:
        noted = (folder / LATEST).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        noted = ""
    if _ID.fullmatch(noted) and (folder / noted).is_dir():
        return noted
    newest = max(
        (_read(path) for path in _frozen(folder)), key=lambda snapshot: (snapshot.created_at, snapshot.id), default=None
    )
    return None if newest is None else newest.id


def _manifest(folder: Path) -> dict[str, Any]:
    """What the manifest of a snapshot says."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except OSError as error:
        raise StorageError("snapshot.no_file", id=folder.name, file=MANIFEST) from error
    except ValueError as error:
        raise StorageError("snapshot.changed", id=folder.name, file=MANIFEST) from error
    if not isinstance(manifest, dict) or manifest.get("schema") != _SCHEMA:
        raise StorageError("snapshot.other_version", id=folder.name)
    return manifest


def _read(folder: Path) -> Snapshot:
    manifest = _manifest(folder)
    try:
        tables = {name: SnapshotTable(**table) for name, table in manifest["tables"].items()}
        snapshot = Snapshot(
            folder=folder,
            id=str(manifest["id"]),
            revision=str(manifest["revision"]),
            tables=tables,
            classifications=dict(manifest["classifications"]),
            reporting_systems={
                code: ReportingSystem(**system) for code, system in manifest["reporting_systems"].items()
            },
            as_of=None if manifest["as_of"] is None else _moment(manifest["as_of"]),
            created_at=_moment(manifest["created_at"]),
            trail=None if manifest.get("trail") is None else Anchor(**manifest["trail"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StorageError("snapshot.changed", id=folder.name, file=MANIFEST) from error
    if set(tables) != set(TABLE_NAMES):
        raise StorageError("snapshot.other_version", id=folder.name)
    return snapshot


def _written(moment: dt.datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="microseconds") + "Z"


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text.removesuffix("Z"))
