"""Every file with persons' data is readable by its owner only, whatever the account's umask lets others do."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from thassist.intake import annotate, deliver, prefill
from thassist.records import store
from thassist.snapshot import freeze

from .conftest import TODAY


@pytest.fixture(params=[0o000, 0o022])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def _open_to_others(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in folder.rglob("*") if stat.S_IMODE(path.stat().st_mode) & 0o077]


def test_nothing_is_open_to_others(umask: int, tmp_path: Path, filled: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    url = f"sqlite:///{home / 'records.db'}"
    store.initialise(url)
    assert deliver.import_file(url, filled, by="tester", today=TODAY).stored is not None
    prefill.write_cases(url, home / "open.xlsx", "fi", open_cases=True)
    delivery = deliver.validate(filled, today=TODAY)
    annotate.annotate(
        filled, delivery.findings, home / "out.xlsx", profile_id="fi-nas", sha256=delivery.sha256, lang="fi"
    )
    freeze(url, home / "snapshots")
    assert len(list(home.rglob("*.parquet"))) > 20
    # The note which snapshot is the newest names no person, and is private all the same.
    assert _open_to_others(home) == []


def test_the_journal_of_a_running_import_is_private_too(umask: int, tmp_path: Path) -> None:
    from thassist.records.database import writing

    path = tmp_path / "records.db"
    store.initialise(f"sqlite:///{path}")
    engine = store.open_database(f"sqlite:///{path}")
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE code_list SET version = version || ' '")
        beside = [one for one in tmp_path.iterdir() if one != path]
        assert beside
        assert _open_to_others(tmp_path) == []
        connection.exec_driver_sql("UPDATE code_list SET version = trim(version)")
    engine.dispose()
