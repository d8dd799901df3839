"""The schema as a contract: the same in models, migrations and schema.sql, described throughout, and enforced."""

import datetime as dt
import itertools
import re
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, Inspector, create_engine, inspect

from thassist import _data
from thassist.codes import classification
from thassist.errors import StorageError
from thassist.records.dataset import TABLE_NAMES, Dataset, fields
from thassist.records.ddl import main, schema_sql
from thassist.records.model import CODE_LISTS, Base, code_table
from thassist.records.store import store

Rows = dict[str, list[dict[str, Any]]]

#: Words that tell of a field by which a person could be named or found. A comment may hold one only to forbid it.
_IDENTIFYING = re.compile(
    r"\b(first|last|family|given|full|maiden) ?names?\b|\bsurname|\bnames?\b|identity code|hetu\b|passport|"
    r"\baddress|street|postcode|phone|telephone|e-?mail|fingerprint|photo",
    re.IGNORECASE,
)
_FORBIDDING = re.compile(r"never [^.;]*|(Finnish|Swedish|English) name|The file name is not kept: it may hold a name")


def test_schema_sql_is_written_from_the_models(tmp_path: Any) -> None:
    assert _data.schema_sql().read_text(encoding="utf-8") == schema_sql(), "run python -m thassist.records.ddl"
    main([str(tmp_path / "schema.sql")])
    assert (tmp_path / "schema.sql").read_bytes() == _data.schema_sql().read_bytes()


def test_migrations_and_models_agree(engine: Engine) -> None:
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_migrations_and_models_agree_on_checks_and_column_order(engine: Engine) -> None:
    """What Alembic's comparison leaves out."""
    modelled = create_engine("sqlite://")
    Base.metadata.create_all(modelled)
    by_model, by_migration = inspect(modelled), inspect(engine)
    for name in by_model.get_table_names():
        for facts in ("get_check_constraints", "get_foreign_keys", "get_unique_constraints"):
            expected, found = (_facts(inspector, facts, name) for inspector in (by_model, by_migration))
            assert found == expected, (name, facts)
        names = [[column["name"] for column in inspector.get_columns(name)] for inspector in (by_model, by_migration)]
        assert names[0] == names[1]
    made = "SELECT name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY name"
    with modelled.connect() as one, engine.connect() as other:
        assert one.exec_driver_sql(made).all() == other.exec_driver_sql(made).all()


def _facts(inspector: Inspector, facts: str, table: str) -> list[dict[str, Any]]:
    """What the database says of a table. A foreign key added with its column is there told without its name."""
    found = [dict(fact) for fact in getattr(inspector, facts)(table)]
    if facts == "get_foreign_keys":
        found = [{**fact, "name": None} for fact in found]
    return sorted(found, key=str)


def test_schema_sql_runs_and_makes_the_tables_of_a_migrated_database(engine: Engine) -> None:
    fresh = sqlite3.connect(":memory:")
    fresh.executescript(_data.schema_sql().read_text(encoding="utf-8"))
    made = {name for (name,) in fresh.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    fresh.close()
    assert made == set(inspect(engine).get_table_names()) - {"alembic_version"}


def _described() -> Iterator[tuple[str, str]]:
    for table in Base.metadata.tables.values():
        yield table.name, table.comment or ""
        for column in table.columns:
            yield f"{table.name}.{column.name}", column.comment or ""


@pytest.mark.parametrize(("name", "comment"), list(_described()))
def test_every_table_and_column_is_described_and_none_names_a_person(name: str, comment: str) -> None:
    assert comment.strip(), f"{name} has no comment"
    assert not _IDENTIFYING.search(_FORBIDDING.sub("", comment)), f"{name}: {comment}"
    words = re.split(r"[._]", name)
    assert not {"name", "surname", "forename", "hetu", "ssn", "address", "phone", "email", "passport"} & set(words)


def test_schema_sql_comments_on_every_table_and_column() -> None:
    lines = _data.schema_sql().read_text(encoding="utf-8").splitlines()
    found = 0
    for before, line in itertools.pairwise(lines):
        if line.startswith("CREATE TABLE") or re.match(
            r"    [a-z0-9_]+ (VARCHAR|INTEGER|DATE|BOOLEAN|DATETIME|TEXT)", line
        ):
            assert before.lstrip().startswith("--"), line
            found += 1
    assert found == len(list(_described()))


@pytest.mark.parametrize("name", CODE_LISTS)
def test_code_lists_hold_the_classification(engine: Engine, name: str) -> None:
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(f"SELECT code, label_fi FROM {code_table(name)}").all()
    assert {row.code: row.label_fi for row in rows} == {
        code.code: code.labels["fi"] for code in classification(name).codes.values()
    }


def test_every_coded_column_has_its_code_list_as_foreign_key() -> None:
    for table in TABLE_NAMES:
        for column in fields(table):
            wanted = column.info.get("classification")
            if wanted:
                assert f"{code_table(wanted)}.code" in {key.target_fullname for key in column.foreign_keys}


def _child(table: str, **values: Any) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        rows[table][0].update(values)

    return change


def _further(table: str, **values: Any) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        rows[table].append({**rows[table][0], **values})

    return change


DAY = dt.date(2024, 3, 5)
REFUSED = {
    "sex that is no code": (_child("person", sex="W"), "person", "FOREIGN KEY"),
    "country that is no code": (_child("citizenship", country="XX"), "citizenship", "FOREIGN KEY"),
    "episode of nobody": (_child("episode", person_id="C-999999"), "episode", "FOREIGN KEY"),
    "date without precision": (
        _child("episode", admission_date_precision="X"),
        "episode",
        "ck_episode_admission_date_precision",
    ),
    "precision without date": (
        _child("exploitation", start_date_precision="D"),
        "exploitation",
        "ck_exploitation_start_date_precision",
    ),
    "exit date without reason": (
        _child("episode", exit_date=DAY, exit_date_precision="D"),
        "episode",
        "ck_episode_exit_has_reason",
    ),
    "exit reason without date": (_child("episode", exit_reason="OWN_WISH"), "episode", "ck_episode_exit_has_reason"),
    "month not on its first day": (
        _child("referral", received_date=dt.date(2024, 1, 2), received_date_precision="M"),
        "referral",
        "ck_referral_received_date_first_day",
    ),
    "quarter not on its first month": (
        _child("referral", received_date=dt.date(2024, 2, 1), received_date_precision="Q"),
        "referral",
        "ck_referral_received_date_first_day",
    ),
    "half-year not on its first month": (
        _child("referral", received_date=dt.date(2024, 4, 1), received_date_precision="S"),
        "referral",
        "ck_referral_received_date_first_day",
    ),
    "year not on its first day": (
        _child("referral", received_date=dt.date(2024, 7, 1), received_date_precision="A"),
        "referral",
        "ck_referral_received_date_first_day",
    ),
    "two primary citizenships": (
        _further("citizenship", country="FI"),
        "citizenship",
        "citizenship.person_id",
    ),
    "two primary experiences": (
        _further("exploitation", exploitation_id="X-000002"),
        "exploitation",
        "exploitation.person_id",
    ),
    "two primary forms": (
        _further("exploitation_form", form="BEG"),
        "exploitation_form",
        "exploitation_form.exploitation_id",
    ),
    "a person's own guardian": (
        _child("family_link", related_person_id="C-000002"),
        "family_link",
        "ck_family_link_not_self",
    ),
    "episode number 0": (_child("episode", seq_no=0), "episode", "ck_episode_seq_no_positive"),
    "two first episodes": (_further("episode", episode_id="E-000002"), "episode", "episode.person_id"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_the_database_refuses(case: str, engine: Engine, rows: Rows, make_dataset: Callable[[Rows], Dataset]) -> None:
    change, table, constraint = REFUSED[case]
    change(rows)
    with pytest.raises(StorageError) as caught:
        store(engine, make_dataset(rows), profile="fi-nas", file_sha256="0" * 64, by="tester")
    assert caught.value.key == "records.refused"
    assert caught.value.params["table"] == table
    assert constraint in str(caught.value.params["constraint"])
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM person").scalar() == 0
        assert connection.exec_driver_sql("SELECT count(*) FROM import_batch").scalar() == 0


ACCEPTED = {
    "quarter": (dt.date(2024, 10, 1), "Q"),
    "half-year": (dt.date(2024, 7, 1), "S"),
    "year": (dt.date(2024, 1, 1), "A"),
    "month": (dt.date(2024, 2, 1), "M"),
    "leap day": (dt.date(2024, 2, 29), "D"),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_the_database_accepts(case: str, engine: Engine, rows: Rows, make_dataset: Callable[[Rows], Dataset]) -> None:
    rows["referral"][0]["received_date"], rows["referral"][0]["received_date_precision"] = ACCEPTED[case]
    result = store(engine, make_dataset(rows), profile="fi-nas", file_sha256="0" * 64, by="tester")
    assert result.inserted["referral"] == 1


@pytest.mark.parametrize(
    "key", ["010190-123A", "010190A123B", "010190+1230", "010190y123a", "Virtanen Mikko", "C_1", ""]
)
def test_a_key_must_be_pseudonymous_in_the_database_too(engine: Engine, key: str) -> None:
    with engine.connect() as connection, connection.begin():
        connection.exec_driver_sql(
            "INSERT INTO import_batch VALUES (1, 'p', 'x', FALSE, 0, '2024-01-01 00:00:00.000000', 'me')"
        )
        with pytest.raises(Exception, match="ck_person_person_id_format"):
            connection.exec_driver_sql(
                "INSERT INTO person VALUES (?, 'FI_NAS', 'F', NULL, NULL, NULL, 1, '2024-01-01 00:00:00.000000', 'me')",
                (key,),
            )


@pytest.mark.parametrize("value", ["2024-02-31", "20240101", "5.3.2024", 20240101])
def test_a_date_that_is_none_cannot_be_written_past_us(engine: Engine, value: object) -> None:
    with engine.connect() as connection, connection.begin():
        connection.exec_driver_sql(
            "INSERT INTO import_batch VALUES (1, 'p', 'x', FALSE, 0, '2024-01-01 00:00:00.000000', 'me')"
        )
        with pytest.raises(Exception, match="ck_person_birth_date_first_day"):
            connection.exec_driver_sql(
                "INSERT INTO person VALUES ('C-1', 'FI_NAS', 'F', ?, 'D', NULL, 1, '2024-01-01 00:00:00.000000', 'me')",
                (value,),
            )
