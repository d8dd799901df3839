"""What can go wrong with a database is said clearly in three languages, and no message holds a password."""

import os
import sqlite3
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, make_url

from thassist.errors import StorageError
from thassist.messages import LANGUAGES, explain
from thassist.records import database
from thassist.records.dataset import Dataset
from thassist.records.extract import read
from thassist.records.migrate import initialise, open_database
from thassist.records.store import store

not_as_root = pytest.mark.skipif(os.geteuid() == 0, reason="root may write anything")


def _key(action: Callable[[], object]) -> str:
    with pytest.raises(StorageError) as caught:
        action()
    assert caught.value.exit_code == 13
    for lang in LANGUAGES:
        shown = explain(caught.value, lang)
        assert "?" not in shown, shown
        assert "\n" in shown, "no remedy"
        assert "secret" not in shown
    return caught.value.key


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("thassist.db", "records.bad_url"),
        ("", "records.bad_url"),
        ("user:secret@host/db", "records.bad_url"),
        ("mysql://user:secret@host/db", "records.unknown_kind"),
        ("sqlite://", "records.no_file"),
        ("sqlite:///:memory:", "records.no_file"),
        ("sqlite:///file:x?mode=memory&uri=true", "records.no_file"),
        ("postgresql+nodriver://user:secret@host/db?password=secret", "records.no_driver"),
    ],
)
def test_addresses(url: str, key: str) -> None:
    assert _key(lambda: initialise(url)) == key
    assert _key(lambda: open_database(url)) == key


def test_a_place_holds_neither_account_nor_password() -> None:
    shown = database.place(make_url("postgresql://user:secret@host:5432/records?password=secret"))
    assert shown == "host/records"


def test_no_database_yet(tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    assert _key(lambda: open_database(f"sqlite:///{path}")) == "records.no_database"
    assert not path.exists()


def test_no_folder(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'nowhere' / 'x.db'}"
    assert _key(lambda: initialise(url)) == "records.no_folder"
    assert _key(lambda: open_database(url)) == "records.no_database"


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    assert _key(lambda: initialise(f"sqlite:///{tmp_path}")) == "records.cannot_open"
    assert _key(lambda: open_database(f"sqlite:///{tmp_path}")) == "records.cannot_open"


def test_another_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Dear Sir or Madam, " * 100)
    before = path.read_bytes()
    assert _key(lambda: initialise(f"sqlite:///{path}")) == "records.not_a_database"
    assert _key(lambda: open_database(f"sqlite:///{path}")) == "records.not_a_database"
    assert path.read_bytes() == before


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE song (title TEXT)")
    other.close()
    before = path.read_bytes()
    assert _key(lambda: initialise(f"sqlite:///{path}")) == "records.other_program"
    assert _key(lambda: open_database(f"sqlite:///{path}")) == "records.not_initialised"
    assert path.read_bytes() == before


def test_an_empty_file_is_not_yet_a_database(tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    path.touch()
    assert _key(lambda: open_database(f"sqlite:///{path}")) == "records.not_initialised"
    assert initialise(f"sqlite:///{path}").before is None


def test_a_newer_schema_is_left_alone(url: str) -> None:
    with sqlite3.connect(url.removeprefix("sqlite:///")) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    newer.close()
    assert _key(lambda: open_database(url)) == "records.new_schema"
    assert _key(lambda: initialise(url)) == "records.new_schema"


def test_an_older_schema_asks_for_init(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("thassist.records.migrate.newest_revision", lambda: "9999")
    assert _key(lambda: open_database(url)) == "records.old_schema"


def test_a_locked_database(url: str, rows: Any, make_dataset: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_BUSY_SECONDS", 0.05)
    engine = open_database(url)
    other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert _key(lambda: store(engine, make_dataset(rows), profile="p", file_sha256="1", by="me")) == "records.locked"
    assert read(engine).count() == 0  # reading goes on
    other.execute("ROLLBACK")
    other.close()
    assert store(engine, make_dataset(rows), profile="p", file_sha256="1", by="me").inserted["person"] == 2


def test_an_import_waits_for_another(url: str, rows: Any, make_dataset: Any) -> None:
    engine = open_database(url)
    other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.3, lambda: other.execute("COMMIT"))
    release.start()
    assert store(engine, make_dataset(rows), profile="p", file_sha256="1", by="me").inserted["person"] == 2
    release.join()
    other.close()


def test_a_full_disk(url: str, make_dataset: Callable[..., Dataset]) -> None:
    """SQLite reports a file that may not grow as it reports a full disk."""
    people = [{"person_id": f"C-{number}", "reporting_system": "FI_NAS", "sex": "F"} for number in range(5000)]
    engine = open_database(url)

    @event.listens_for(engine, "connect")
    def small(connection: sqlite3.Connection, _record: object) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")

    dataset = make_dataset({"person": people})
    assert _key(lambda: store(engine, dataset, profile="p", file_sha256="1", by="me")) == "records.disk_full"
    assert read(open_database(url)).count() == 0


def test_a_damaged_database(url: str) -> None:
    path = Path(url.removeprefix("sqlite:///"))
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    assert _key(lambda: open_database(url)) == "records.damaged"


@not_as_root
def test_a_read_only_database(url: str, rows: Any, make_dataset: Any) -> None:
    Path(url.removeprefix("sqlite:///")).chmod(0o400)
    engine = open_database(url)
    assert read(engine).count() == 0
    assert _key(lambda: store(engine, make_dataset(rows), profile="p", file_sha256="1", by="me")) == "records.read_only"


def test_a_connection_that_may_only_read(engine: Engine, rows: Any, make_dataset: Any) -> None:
    """The same refusal where the tests run as root, who may write any file."""

    @event.listens_for(engine, "connect")
    def only_read(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA query_only = ON")

    assert _key(lambda: store(engine, make_dataset(rows), profile="p", file_sha256="1", by="me")) == "records.read_only"


def test_files_are_for_their_owner_only(url: str, rows: Any, make_dataset: Any) -> None:
    path = Path(url.removeprefix("sqlite:///"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    engine = open_database(url)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with database.writing(engine) as connection:
        connection.exec_driver_sql("INSERT INTO cl_sex VALUES ('X', 'x', 'x', 'x', NULL, NULL)")
        journal = path.with_name(path.name + "-journal")
        assert stat.S_IMODE(journal.stat().st_mode) == 0o600
    assert not journal.exists()


def test_the_file_of_another_program_keeps_its_rights(tmp_path: Path) -> None:
    """A mistyped --db must not shut others out of what is not ours."""
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE theirs (a)")
    path.chmod(0o664)
    held = path.read_bytes()
    assert _key(lambda: open_database(f"sqlite:///{path}")) == "records.not_initialised"
    assert _key(lambda: initialise(f"sqlite:///{path}")) == "records.other_program"
    assert (stat.S_IMODE(path.stat().st_mode), path.read_bytes()) == (0o664, held)


def test_a_new_database_is_private_whatever_the_mask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        initialise(f"sqlite:///{tmp_path / 'new.db'}")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new.db").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("foreign_keys", 1),
        ("trusted_schema", 0),
        ("busy_timeout", 30_000),
        ("journal_mode", "delete"),
        ("synchronous", 3),
        ("temp_store", 2),
        ("secure_delete", 1),
    ],
)
def test_settings_of_sqlite(engine: Engine, pragma: str, value: object) -> None:
    with engine.connect() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_an_error_that_nobody_foresaw_shows_no_statement(engine: Engine) -> None:
    with pytest.raises(StorageError) as caught, database.reading(engine) as connection:
        connection.exec_driver_sql("SELECT 'secret' FROM nowhere")
    assert caught.value.key == "records.failed"
    assert "secret" not in explain(caught.value, "en")
    assert caught.value.__cause__ is None


class _ServerError(Exception):
    def __init__(self, sqlstate: str | None) -> None:
        super().__init__("password=secret")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("state", "key"),
    [
        (None, "records.no_connection"),
        ("53100", "records.disk_full"),
        ("25006", "records.read_only"),
        ("55P03", "records.locked"),
        ("42501", "records.no_right"),
        ("XX000", "records.failed"),
    ],
)
def test_errors_of_a_server(state: str | None, key: str) -> None:
    error = database._explained(_ServerError(state), make_url("postgresql://user:secret@host/db"))
    assert error.key == key
    assert "secret" not in explain(error, "fi")
