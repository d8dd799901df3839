"""Migrations run forward from every earlier revision, on both databases, with records in the tables."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, Table, insert, inspect, select

from thassist.codes import classification
from thassist.errors import StorageError
from thassist.records import legal, migrate
from thassist.records.database import connect, writing
from thassist.records.dataset import TABLE_NAMES, key_fields
from thassist.records.model import Base
from thassist.records.store import initialise, open_database, store

Rows = dict[str, list[dict[str, Any]]]
Found = dict[str, list[dict[str, Any]]]
EARLIER = sorted(script.revision for script in migrate._scripts()[1].walk_revisions())[:-1]
STAMP = {"batch_id": 1, "recorded_at": dt.datetime(2024, 5, 6, 7, 8, 9), "recorded_by": "tester"}  # noqa: DTZ001


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without any table."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("server").new())
    return f"sqlite:///{tmp_path / 'old.db'}"


def _upgrade(connection: Connection, revision: str) -> None:
    config, scripts = migrate._scripts()
    steps = lambda found, _context: scripts._upgrade_revs(revision, found)  # noqa: E731
    with EnvironmentContext(config, scripts, fn=steps, destination_rev=revision) as environment:
        environment.configure(connection=connection, transactional_ddl=True)
        environment.run_migrations()


def _fill(connection: Connection, rows: Rows) -> None:
    """Codes, the law and at least one record in every table that the database has, in the columns that it has."""
    known = MetaData()
    known.reflect(connection)
    for name in [table for table in known.tables if table.startswith("cl_")]:
        codes = classification(name.removeprefix("cl_")).codes.values()
        labels = [{f"label_{lang}": text for lang, text in code.labels.items()} for code in codes]
        connection.execute(
            insert(known.tables[name]),
            [
                {"code": code.code, "valid_from": code.valid_from, "valid_to": code.valid_to, **label}
                for code, label in zip(codes, labels, strict=True)
            ],
        )
    for name, found in legal.rows().items():
        if name in known.tables:
            connection.execute(insert(known.tables[name]), found)
    batch = {"profile": "fi-nas", "file_sha256": "0" * 64, "synthetic": True, "row_count": 1}
    stamp = {name: value for name, value in STAMP.items() if name != "batch_id"}  # the database counts: 1 is the first
    connection.execute(insert(known.tables["import_batch"]), {**batch, **stamp})
    for name in TABLE_NAMES:
        if name in known.tables:
            for row in sorted(rows[name], key=lambda row: [row[part] for part in key_fields(name)]):
                held = {**row, **STAMP}
                own = {column: held.get(column) for column in known.tables[name].columns.keys()}  # noqa: SIM118
                connection.execute(insert(known.tables[name]), own)


def _records(connection: Connection, columns: dict[str, list[str]]) -> Found:
    """The records of some columns, as the database gives them."""
    found = {}
    for name, names in columns.items():
        table = Table(name, MetaData(), autoload_with=connection)
        rows = connection.execute(select(*(table.c[column] for column in names))).mappings()
        found[name] = sorted((dict(row) for row in rows), key=str)
    return found


@pytest.fixture(params=EARLIER)
def old(request: pytest.FixtureRequest, empty: str, rows: Rows) -> tuple[str, str, dict[str, list[str]], Found]:
    """A database of an earlier revision with records: address, revision, columns of its tables, records."""
    engine = connect(empty, foreign_keys=False)
    with writing(engine) as connection:
        _upgrade(connection, request.param)
        _fill(connection, rows)
        columns = {
            name: [column["name"] for column in inspect(connection).get_columns(name)]
            for name in inspect(connection).get_table_names()
            if name in {*TABLE_NAMES, "import_batch"}
        }
        before = _records(connection, columns)
    engine.dispose()
    return empty, request.param, columns, before


def test_records_outlive_an_upgrade(old: Any, rows: Rows, make_dataset: Any) -> None:
    url, revision, columns, before = old
    assert all(before.values()), "a table of the earlier revision was left without records"
    with pytest.raises(StorageError, match="old_schema"):
        open_database(url)
    result = initialise(url)
    assert (result.before, result.after) == (revision, migrate.newest_revision())
    engine = open_database(url)
    with engine.connect() as connection:
        assert _records(connection, columns) == before
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
        new = _records(connection, {"referral": ["consent", "consent_by", "contact_id", "hold_reason"]})
        assert revision != "0001" or {value for row in new["referral"] for value in row.values()} == {None}
    again = initialise(url)
    assert (again.before, again.codes, again.law) == (migrate.newest_revision(), {}, 0)
    further = {name: [] if name in columns else found for name, found in rows.items()}
    further["referral"] = [{**rows["referral"][0], "referral_id": "R-000002"}]
    stored = store(engine, make_dataset(further), profile="fi-nas", file_sha256="1" * 64, by="tester")
    assert stored.inserted["referral"] == 1
    engine.dispose()


def test_an_upgrade_that_fails_leaves_the_earlier_revision(old: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    url, revision, columns, before = old

    def fail(*_: object) -> int:
        raise RuntimeError

    monkeypatch.setattr(migrate, "_replace_law", fail)
    with pytest.raises(RuntimeError):
        initialise(url)
    engine = connect(url)
    with engine.connect() as connection:
        assert migrate.revision_of(connection) == revision
        assert set(inspect(connection).get_table_names()) & {*TABLE_NAMES, "import_batch"} == set(columns)
        assert _records(connection, columns) == before
    engine.dispose()


@pytest.mark.parametrize("old", EARLIER[:1], indirect=True)
def test_added_columns_are_enforced_as_if_they_had_been_there(old: Any) -> None:
    url = old[0]
    initialise(url)
    engine = open_database(url)
    for statement in (
        "UPDATE referral SET consent_by = 'NOBODY'",
        "UPDATE referral SET contact_id = 'K-404'",
        "UPDATE decision SET statute = 'X'",
        "UPDATE exploitation SET recruitment = 'X'",
    ):
        with pytest.raises(StorageError, match="refused"), writing(engine) as connection:
            connection.exec_driver_sql(statement)
    if engine.dialect.name == "sqlite":
        with pytest.raises(StorageError, match="ck_referral_consent"), writing(engine) as connection:
            connection.exec_driver_sql("UPDATE referral SET consent = 7")
    engine.dispose()


def test_models_and_migrations_agree_in_names_of_constraints(empty: str) -> None:
    """What Alembic's comparison leaves out, where the database keeps the names of foreign keys too."""
    if not empty.startswith("postgresql"):
        pytest.skip("on SQLite: test_schema.py")
    initialise(empty)
    engine = connect(empty)
    with engine.connect() as connection:
        wanted = {
            (table.name, str(constraint.name))
            for table in Base.metadata.tables.values()
            for constraint in table.constraints
            if constraint._ddl_if is None or constraint._ddl_if.dialect == "postgresql"
        }
        found = connection.exec_driver_sql(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype IN ('c', 'f', 'p', 'u') "
            "AND connamespace = 'public'::regnamespace AND conrelid <> 'alembic_version'::regclass"
        )
        assert {(row[0], row[1]) for row in found} == wanted
        triggers = connection.exec_driver_sql("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal").scalars()
        assert {"tr_status_event_insert", "tr_status_event_update", "tr_status_event_delete"} <= set(triggers)
    engine.dispose()
