"""Taking a snapshot: one consistent read of the database, written in a temporary folder, then moved into place."""

import contextlib
import datetime as dt
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from thassist.engine import Engine
from thassist.errors import StorageError
from thassist.records.asof import state
from thassist.records.database import reading
from thassist.records.dataset import fields, key_fields, sql_type
from thassist.records.extract import Provenance, provenance, read_on, read_state
from thassist.records.merging import canonical_persons, decisions_on
from thassist.records.migrate import open_database, revision_of
from thassist.records.trail import Anchor, anchor
from thassist.snapshot.merged import merged
from thassist.snapshot.snapshot import (
    LATEST,
    MANIFEST,
    ReportingSystem,
    Snapshot,
    SnapshotTable,
    identity,
    open_snapshot,
)

_UNFINISHED = ".unfinished-"
_STALE_SECONDS = 3600


def freeze(url: str, folder: Path, *, as_of: dt.datetime | None = None) -> Snapshot:
    """Freeze the records of a database into ``folder``, as they stand or as they stood.

    The same state of the database gives the same id and the same bytes; where that snapshot exists it is checked and
    given back. Who stored a record and in which import stays in the database: statistics do not need it. Persons who
    are one by a decision have one key in it. A past state
    has the id of the snapshot that was, or could have been, made then, unless the schema or a code list has been
    brought up to date since.

    Args:
        url: the database.
        folder: where snapshots lie; made where it does not exist, for its owner only.
        as_of: the moment (UTC, without zone) whose state is frozen; the present one where not given.

    Raises:
        StorageError: the database cannot be read, the folder cannot be written, or the snapshot of this state exists
            and has been changed.
    """
    engine = open_database(url)
    with reading(engine) as connection:
        past = None if as_of is None else state(connection, as_of)
        frames = (read_on(connection) if past is None else read_state(past)).frames
        frames = merged(frames, canonical_persons(decisions_on(connection, until=as_of)))
        facts = provenance(connection, past)
        trail = anchor(connection, until=as_of)
        revision = str(revision_of(connection))
    engine.dispose()
    with _written(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _clear(folder)
        unfinished = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=folder))
        try:
            snapshot = _write(unfinished, frames, facts, revision, trail)
            final = folder / snapshot.id
            _move(unfinished, final)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        frozen = open_snapshot(folder, snapshot.id)
        frozen.verify()
        _note(folder, snapshot.id)
    return frozen


def _write(
    unfinished: Path, frames: dict[str, pd.DataFrame], facts: Provenance, revision: str, trail: Anchor | None
) -> Snapshot:
    with Engine() as engine:
        tables = {name: _table(engine, unfinished / f"{name}.parquet", name, frame) for name, frame in frames.items()}
    draft = Snapshot(
        folder=unfinished,
        id="",
        revision=revision,
        tables=tables,
        classifications=facts.code_lists,
        reporting_systems={
            code: ReportingSystem(system.referrals, system.synthetic)
            for code, system in facts.reporting_systems.items()
        },
        as_of=facts.as_of,
        created_at=dt.datetime.now(dt.UTC).replace(tzinfo=None),
        trail=trail,
    )
    manifest = draft.described()
    manifest["id"] = identity(manifest)
    _save(unfinished / MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    return Snapshot(**{**vars(draft), "id": manifest["id"]})


def _move(unfinished: Path, final: Path) -> None:
    """Put a finished snapshot in its place, unless it is there already, perhaps from a freeze at the same moment."""
    if final.is_dir():
        return
    try:
        unfinished.replace(final)
    except OSError:
        if not final.is_dir():
            raise
    _flush(final.parent)


def _table(engine: Engine, path: Path, name: str, frame: pd.DataFrame) -> SnapshotTable:
    """Write one table, sorted by key."""
    columns = {column.name: sql_type(column) for column in fields(name)}
    order = ", ".join(f'"{part}"' for part in key_fields(name))
    engine.load(name, columns, frame)
    engine.write_parquet(f'SELECT * FROM "{name}" ORDER BY {order}', path)  # noqa: S608 - our own names
    path.chmod(0o600)
    with path.open("rb+") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    return SnapshotTable(len(frame), digest, _content(frame[list(columns)]))


def _content(frame: pd.DataFrame) -> str:
    """SHA-256 of the records, one JSON line each, in the order of their keys."""
    digest = hashlib.sha256(json.dumps(list(frame.columns)).encode())
    for row in frame.itertuples(index=False, name=None):
        digest.update(b"\n" + json.dumps([_plain(value) for value in row], ensure_ascii=True).encode())
    return digest.hexdigest()


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def _clear(folder: Path) -> None:
    """Remove what a freeze that was killed left behind; a fresh one may belong to a freeze that is still running."""
    for path in folder.glob(f"{_UNFINISHED}*"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(path)


def _note(folder: Path, snapshot_id: str) -> None:
    """Note which snapshot was frozen last."""
    beside = folder / f".{LATEST}-{os.getpid()}"
    _save(beside, snapshot_id + "\n")
    beside.replace(folder / LATEST)


def _save(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        path.chmod(0o600)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _flush(folder: Path) -> None:
    """Make the move itself survive a power cut, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _written(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError("snapshot.not_written", folder=folder, detail=error.strerror or "") from error
