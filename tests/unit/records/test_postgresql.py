"""A PostgreSQL server enforces the schema in its own words, is set up like a file, and gives the same snapshot."""

import dataclasses
import stat
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import DBAPIError

from thassist.errors import StorageError
from thassist.messages import LANGUAGES, explain
from thassist.records.extract import read
from thassist.records.migrate import initialise, newest_revision, open_database, upgrade_sql
from thassist.records.store import store
from thassist.snapshot import freeze

pytestmark = pytest.mark.parametrize("url", ["postgresql"], indirect=True)

BATCH = (
    "INSERT INTO import_batch (batch_id, profile, file_sha256, synthetic, row_count, recorded_at, recorded_by) "
    "VALUES (1, 'p', 'x', FALSE, 0, '2024-01-01', 'me')"
)
PERSON = (
    "INSERT INTO person (person_id, reporting_system, sex, birth_date, birth_date_precision, batch_id, recorded_at, "
    "recorded_by) VALUES ('{}', 'FI_NAS', '{}', {}, {}, 1, '2024-01-01', 'me')"
)
CITIZEN = (
    "INSERT INTO citizenship (person_id, country, is_primary, batch_id, recorded_at, recorded_by) "
    "VALUES ('C-1', '{}', {}, 1, '2024-01-01', 'me')"
)


def _person(key: str = "C-1", sex: str = "F", date: str = "NULL", known: str = "NULL") -> list[str]:
    return [BATCH, PERSON.format(key, sex, date, known)]


ACCEPTED = {
    "no date": _person(),
    "day": _person(date="'1990-02-28'", known="'D'"),
    "month": _person(date="'1990-02-01'", known="'M'"),
    "quarter": _person(date="'1990-10-01'", known="'Q'"),
    "half-year": _person(date="'1990-07-01'", known="'S'"),
    "year": _person(date="'1990-01-01'", known="'A'"),
    "one primary citizenship": [*_person(), CITIZEN.format("FI", "TRUE"), CITIZEN.format("SE", "FALSE")],
}
REFUSED = {
    "fk_person_sex": _person(sex="W"),
    "ck_person_birth_date_precision": _person(known="'D'"),
    "ck_person_birth_date_first_day": _person(date="'1990-02-02'", known="'M'"),
    "ck_person_person_id_format": _person(key="010190-123A"),
    "uq_citizenship_primary": [*_person(), CITIZEN.format("FI", "TRUE"), CITIZEN.format("SE", "TRUE")],
}


def _execute(engine: Engine, statements: list[str]) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


@pytest.mark.parametrize("case", ACCEPTED)
def test_accepted(case: str, engine: Engine) -> None:
    _execute(engine, ACCEPTED[case])


@pytest.mark.parametrize("constraint", REFUSED)
def test_refused(constraint: str, engine: Engine) -> None:
    with pytest.raises(DBAPIError, match=constraint):
        _execute(engine, REFUSED[constraint])


@pytest.mark.parametrize("sign", ["010190-123A", "010190y123a", "Ä-1", "C 1", "x" * 64 + "y", ""])
def test_keys(sign: str, engine: Engine) -> None:
    with pytest.raises(DBAPIError):
        _execute(engine, _person(key=sign))


def test_comments_are_in_the_catalogue(engine: Engine) -> None:
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT count(*) FROM pg_description WHERE objoid = 'person'::regclass")
        columns = connection.exec_driver_sql(
            "SELECT count(*) FROM information_schema.columns WHERE table_name = 'person'"
        ).scalar_one()
        assert found.scalar_one() == columns + 1


def test_init_creates_then_changes_nothing(url: str, server: Any) -> None:
    address = server.new()
    with pytest.raises(StorageError, match="not_initialised"):
        open_database(address)
    assert initialise(address).before is None
    assert (initialise(address).before, initialise(address).codes) == (newest_revision(), {})
    open_database(address).dispose()


def test_the_ddl_that_an_administrator_reads_is_what_init_runs(url: str, server: Any) -> None:
    address = server.new()
    name = server.name(address)
    done = server.run(
        "psql", "-h", server.folder, "-U", "tester", "-d", name, "-v", "ON_ERROR_STOP=1", "-qX",
        text=upgrade_sql("postgresql"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert initialise(address).before == newest_revision()
    schemas = [
        server.run("pg_dump", "-h", server.folder, "-U", "tester", "--schema-only", base).stdout.splitlines()
        for base in (name, "ready")
    ]
    by_hand, by_init = ([line for line in schema if not line.startswith("\\")] for schema in schemas)
    assert len(by_init) > 1000
    assert by_hand == by_init


def test_the_tables_of_another_program_are_left_alone(url: str, server: Any) -> None:
    address = server.new()
    other = create_engine(address)
    _execute(other, ["CREATE TABLE song (title TEXT)"])
    other.dispose()
    with pytest.raises(StorageError, match="other_program"):
        initialise(address)


def test_both_databases_give_the_same_records_and_snapshot(
    url: str, engine: Engine, tmp_path: Path, rows: Any, make_dataset: Any, moment: Any
) -> None:
    file = f"sqlite:///{tmp_path / 'same.db'}"
    initialise(file)
    beside = open_database(file)
    for one in (engine, beside):
        store(one, make_dataset(rows), profile="fi-nas", file_sha256="1" * 64, by="tester", at=moment)
    for name, frame in read(beside).frames.items():
        assert read(engine).frames[name].to_dict("records") == frame.to_dict("records")
    here, there = freeze(file, tmp_path / "here"), freeze(url, tmp_path / "there")
    assert dataclasses.replace(here, folder=there.folder, created_at=there.created_at) == there
    assert stat.S_IMODE((tmp_path / "there").stat().st_mode) == 0o700
    for path in here.folder.glob("*.parquet"):
        assert path.read_bytes() == (there.folder / path.name).read_bytes()


def test_trouble_with_a_server_is_told_without_account_or_password(url: str, server: Any) -> None:
    for address, key in [
        ("postgresql+psycopg://someone:secret@/nowhere?host=/nonexistent", "records.no_connection"),
        (server.address("nowhere").replace("tester@", "tester:secret@"), "records.no_connection"),
    ]:
        with pytest.raises(StorageError) as caught:
            open_database(address)
        assert caught.value.key == key
        for lang in LANGUAGES:
            assert "secret" not in explain(caught.value, lang)
            assert "someone" not in explain(caught.value, lang)


def test_an_account_without_rights_is_told_so(url: str, server: Any, rows: Any, make_dataset: Any) -> None:
    role = "reader" + server.name(url)
    owner = create_engine(url)
    _execute(owner, [f"CREATE ROLE {role} LOGIN", f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"])
    owner.dispose()
    engine = open_database(url.replace("tester@", f"{role}@"))
    assert read(engine).count() == 0
    with pytest.raises(StorageError) as caught:
        store(engine, make_dataset(rows), profile="fi-nas", file_sha256="1" * 64, by="tester")
    assert caught.value.key == "records.no_right"
