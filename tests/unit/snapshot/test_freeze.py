"""The same state of the records gives the same snapshot, byte for byte; what is interrupted leaves nothing."""

import datetime as dt
import hashlib
import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from thassist.engine import Engine
from thassist.errors import StorageError
from thassist.records.dataset import TABLE_NAMES, fields, sql_type
from thassist.records.extract import read
from thassist.records.migrate import initialise, newest_revision, open_database
from thassist.snapshot import freeze, open_snapshot, writer


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.parquet"))}


def test_a_snapshot_holds_the_records_and_what_stands_behind_them(url: str, folder: Path) -> None:
    snapshot = freeze(url, folder)
    assert snapshot.folder == folder / snapshot.id
    assert snapshot.revision == newest_revision()
    assert list(snapshot.tables) == list(TABLE_NAMES)
    assert {name: table.rows for name, table in snapshot.tables.items() if table.rows} == {"person": 3, "referral": 1}
    assert snapshot.classifications["country"] == "2026"
    assert snapshot.as_of == dt.datetime(2024, 5, 6, 7, 8, 9)  # noqa: DTZ001
    systems = {code: (system.referrals, system.synthetic) for code, system in snapshot.reporting_systems.items()}
    assert systems == {"FI_NAS": (1, False), "UK_NRM": (0, False)}
    for name, table in snapshot.tables.items():
        assert hashlib.sha256(snapshot.file(name).read_bytes()).hexdigest() == table.sha256
    manifest = json.loads((snapshot.folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["id"] == snapshot.id
    assert manifest["tables"]["person"]["rows"] == 3
    assert manifest["synthetic"] is False
    assert open_snapshot(folder) == snapshot


def test_what_is_queried_is_what_was_stored(url: str, folder: Path) -> None:
    snapshot = freeze(url, folder)
    stored = read(open_database(url))
    with Engine() as engine:
        snapshot.attach(engine)
        for name in TABLE_NAMES:
            names = [column.name for column in fields(name)]
            assert engine.columns(name) == {column.name: sql_type(column) for column in fields(name)}
            found = engine.rows(f'SELECT * FROM "{name}"')
            assert found == [tuple(row) for row in stored.frames[name][names].itertuples(index=False)]
        assert engine.rows("SELECT person_id FROM person") == [("C-000001",), ("C-000002",), ("N-1",)]


def test_who_stored_a_record_is_not_frozen(url: str, folder: Path) -> None:
    snapshot = freeze(url, folder)
    for name in TABLE_NAMES:
        assert b"tester" not in snapshot.file(name).read_bytes()


def test_the_same_state_gives_the_same_id_and_bytes(url: str, folder: Path, tmp_path: Path) -> None:
    first, second = freeze(url, folder), freeze(url, tmp_path / "elsewhere")
    assert first.id == second.id
    assert _bytes(first.folder) == _bytes(second.folder)
    assert first.tables == second.tables
    before = (first.folder / "manifest.json").read_bytes()
    assert freeze(url, folder) == first
    assert (first.folder / "manifest.json").read_bytes() == before


def test_the_order_of_storing_does_not_matter(url: str, folder: Path, tmp_path: Path, more: Any) -> None:
    other = f"sqlite:///{tmp_path / 'other.db'}"
    initialise(other)
    back = read(open_database(url))
    for name in ("person", "referral"):
        rows = back.frames[name].drop(columns="_row").to_dict("records")
        more(other, {name: rows}, name)
    first, second = freeze(url, folder), freeze(other, tmp_path / "elsewhere")
    assert first.id == second.id
    assert _bytes(first.folder) == _bytes(second.folder)


def test_another_state_gives_another_id(url: str, folder: Path, more: Any) -> None:
    first = freeze(url, folder)
    more(url, {"citizenship": [{"person_id": "N-1", "country": "GB"}]}, "2" * 64)
    second = freeze(url, folder)
    assert second.id != first.id
    assert open_snapshot(folder).id == second.id
    assert open_snapshot(folder, first.id) == first
    first.verify()


def test_a_delivery_that_stored_nothing_gives_no_new_snapshot(url: str, folder: Path, more: Any) -> None:
    first = freeze(url, folder)
    more(url, {"person": [{"person_id": "N-1", "reporting_system": "UK_NRM", "sex": "M"}]}, "2" * 64)
    assert freeze(url, folder) == first


def test_the_snapshot_frozen_last_is_the_latest_even_if_it_is_an_old_one(
    url: str, folder: Path, more: Any, tmp_path: Path
) -> None:
    (tmp_path / "copy.db").write_bytes((tmp_path / "records.db").read_bytes())
    first = freeze(url, folder)
    more(url, {"citizenship": [{"person_id": "N-1", "country": "GB"}]}, "2" * 64)
    second = freeze(url, folder)
    assert freeze(f"sqlite:///{tmp_path / 'copy.db'}", folder) == first
    assert open_snapshot(folder) == first
    (folder / "latest").unlink()
    assert open_snapshot(folder) == second


def test_made_up_data_mark_their_reporting_system_only(url: str, folder: Path, more: Any) -> None:
    more(url, {"citizenship": [{"person_id": "C-000001", "country": "FI"}]}, "2" * 64, synthetic=True)
    snapshot = freeze(url, folder)
    assert snapshot.synthetic
    assert snapshot.synthetic_for("FI_NAS")
    assert not snapshot.synthetic_for("UK_NRM")
    assert not snapshot.synthetic_for("SE_XXX")


def test_an_empty_database_can_be_frozen(folder: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    initialise(url)
    snapshot = freeze(url, folder)
    assert snapshot.as_of is None
    assert not snapshot.synthetic
    with Engine() as engine:
        open_snapshot(folder).attach(engine)
        assert engine.rows("SELECT count(*) FROM person") == [(0,)]


def test_files_are_for_their_owner_only(url: str, folder: Path) -> None:
    snapshot = freeze(url, folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(snapshot.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in snapshot.folder.iterdir()} == {0o600}


def test_an_interrupted_freeze_leaves_nothing(url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(writer, "_save", interrupted)
    with pytest.raises(KeyboardInterrupt):
        freeze(url, folder)
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_killed_freeze_leaves_no_snapshot_and_is_tidied_up(url: str, folder: Path) -> None:
    script = (
        "import os, pathlib; from thassist.snapshot import freeze, writer;"
        f"writer._save = lambda *_: os.kill(os.getpid(), 9); freeze({url!r}, pathlib.Path({str(folder)!r}))"
    )
    done = subprocess.run([sys.executable, "-c", script])
    assert done.returncode == -signal.SIGKILL
    (left,) = folder.iterdir()
    with pytest.raises(StorageError, match=r"snapshot\.none"):
        open_snapshot(folder)
    freeze(url, folder)
    assert left.exists(), "it could belong to a freeze that is still running"
    long_ago = time.time() - 7200
    os.utime(left, (long_ago, long_ago))
    freeze(url, folder)
    assert not left.exists()


def test_a_snapshot_that_was_changed_is_not_given_back(url: str, folder: Path) -> None:
    snapshot = freeze(url, folder)
    snapshot.file("person").write_bytes(b"")
    with pytest.raises(StorageError, match=r"person\.parquet"):
        freeze(url, folder)


def test_a_folder_that_cannot_be_written(url: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError) as caught:
        freeze(url, tmp_path / "file" / "snapshots")
    assert caught.value.key == "snapshot.not_written"


def test_freezing_sees_one_state_of_the_database(url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer between the reading of two tables must wait: the snapshot is of one moment."""
    true_provenance = writer.provenance
    attempts = []

    def meddle(*arguments: Any) -> Any:
        other = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=0, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE person SET sex = 'O'")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("COMMIT")
        other.execute("ROLLBACK")
        other.close()
        attempts.append(True)
        return true_provenance(*arguments)

    monkeypatch.setattr(writer, "provenance", meddle)
    freeze(url, folder)
    assert attempts == [True]
