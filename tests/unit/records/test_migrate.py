"""Creating and upgrading: from nothing to the newest schema, code lists kept up to date and never emptied."""

import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine

from thassist import _data
from thassist.codes import classification
from thassist.errors import InvalidDefinition, StorageError
from thassist.records import migrate
from thassist.records.migrate import initialise, newest_revision, open_database
from thassist.records.model import CODE_LISTS


def test_init_creates_then_changes_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    first = initialise(url)
    assert (first.before, first.after) == (None, newest_revision())
    assert first.codes == {name: len(classification(name).codes) for name in CODE_LISTS}
    content = (tmp_path / "new.db").read_bytes()
    second = initialise(url)
    assert (second.before, second.after, second.codes) == (newest_revision(), newest_revision(), {})
    assert (tmp_path / "new.db").read_bytes() == content


def test_init_brings_codes_up_to_date_and_removes_none(engine: Engine, url: str) -> None:
    with sqlite3.connect(url.removeprefix("sqlite:///")) as by_hand:
        by_hand.execute("DELETE FROM cl_sex WHERE code = 'O'")
        by_hand.execute("UPDATE cl_sex SET label_fi = 'vanha' WHERE code = 'F'")
        by_hand.execute("INSERT INTO cl_sex VALUES ('OLD', 'a', 'b', 'c', '1990-01-01', '1999-12-31')")
        by_hand.execute("UPDATE code_list SET version = '0' WHERE list_id = 'sex'")
    by_hand.close()
    assert initialise(url).codes == {"sex": 2}
    with engine.connect() as connection:
        labels = dict(connection.exec_driver_sql("SELECT code, label_fi FROM cl_sex").all())
        versions = connection.exec_driver_sql("SELECT version FROM code_list WHERE list_id = 'sex'").scalars().all()
    assert labels == {**{c.code: c.labels["fi"] for c in classification("sex").codes.values()}, "OLD": "a"}
    assert versions == [classification("sex").version]


def test_a_missing_code_list_leaves_no_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reports = tmp_path / "reports"
    shutil.copytree(_data.reports_dir() / "classifications", reports / "classifications")
    (reports / "classifications" / "sex@1.csv").unlink()
    monkeypatch.setenv("THASSIST_REPORTS", str(reports))
    with pytest.raises(InvalidDefinition):
        initialise(f"sqlite:///{tmp_path / 'new.db'}")
    assert not (tmp_path / "new.db").exists()


def test_an_upgrade_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise RuntimeError

    monkeypatch.setattr(migrate, "_synchronise", fail)
    with pytest.raises(RuntimeError):
        initialise(f"sqlite:///{tmp_path / 'new.db'}")
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_an_init_that_is_killed_can_be_run_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    script = (
        "import os; from thassist.records import migrate;"
        f"migrate._check_foreign_keys = lambda _: os.kill(os.getpid(), 9); migrate.initialise({url!r})"
    )
    assert subprocess.run([sys.executable, "-c", script]).returncode == -signal.SIGKILL
    with pytest.raises(StorageError, match="not_initialised"):
        open_database(url)
    assert initialise(url).before is None
    open_database(url).dispose()


def test_migrations_run_from_wherever_the_package_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with a percent sign and a blank, which alembic.ini could not hold, and another working folder."""
    elsewhere = tmp_path / "100 % of it" / "migrations"
    shutil.copytree(migrate._HERE, elsewhere)
    monkeypatch.setattr(migrate, "_HERE", elsewhere)
    monkeypatch.chdir(tmp_path)
    initialise("sqlite:///here.db")
    open_database("sqlite:///here.db").dispose()


def test_revisions_do_not_import_the_models() -> None:
    for path in (migrate._HERE / "versions").glob("r*.py"):
        assert "thassist" not in [
            word
            for line in path.read_text().splitlines()
            if "import" in line
            for word in line.replace(".", " ").split()
        ]


def test_the_ddl_of_a_server_can_be_read_beforehand() -> None:
    ddl = migrate.upgrade_sql("postgresql")
    assert "CREATE TABLE person" in ddl
    assert "COMMENT ON COLUMN person.sex" in ddl
    assert "EXTRACT(DAY FROM birth_date)" in ddl
    assert "GLOB" not in ddl
