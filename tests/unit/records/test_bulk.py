"""Records read in bulk are the records, on both databases."""

import csv
import datetime as dt
import io
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Engine

from thassist.records.bulk import StoredRecords
from thassist.records.database import reading
from thassist.records.dataset import TABLE_NAMES, Dataset, empty_frame
from thassist.records.extract import read
from thassist.records.store import initialise, open_database, store
from thassist.rules.runner import run
from thassist.rules.workspace import Workspace
from thassist.synthetic import generate


@pytest.mark.parametrize("url", ["sqlite", "postgresql"], indirect=True)
def test_records_in_bulk_are_the_records(engine: Engine) -> None:
    store(engine, generate(2022, 2022, seed=3), profile="fi-nas", file_sha256="0" * 64, by="tester")
    plain = read(engine)
    with reading(engine) as connection:
        stored = StoredRecords(connection)
        assert stored.count() == plain.count() > 1000
        for table in TABLE_NAMES:
            rows = [row for chunk in stored.chunks(table) for row in chunk.itertuples(index=False, name=None)]
            names = [name for name in plain.frames[table] if name != "_row"]
            wanted = plain.frames[table][names].itertuples(index=False, name=None)
            assert {tuple(map(_text, row)) for row in rows} == {tuple(map(_text, row)) for row in wanted}, table
            text = b"".join(stored.csv(table)).decode()
            read_back = [tuple(map(_plain, row)) for row in csv.reader(io.StringIO(text, newline=""))]
            assert sorted(read_back) == sorted(tuple(map(_plain, row)) for row in rows), table
        assert run(stored, "en") == run(plain, "en")


@pytest.mark.parametrize("url", ["sqlite", "postgresql"], indirect=True)
def test_free_text_with_every_sign_comes_through_in_bulk(engine: Engine) -> None:
    """What may stand in a text cannot break the text around it."""
    texts = ["a,b", 'a "b" c', "line\nbreak", '","', "ä😀", "f,t\n1,2,3", "%s %d", "tab\there", " "]
    people = [{"person_id": f"C-{n}", "reporting_system": "FI_NAS", "sex": "F"} for n in range(len(texts))]
    referrals = [
        {
            "referral_id": f"R-{n}",
            "person_id": f"C-{n}",
            "received_date": dt.date(2024, 1, 1),
            "received_date_precision": "D",
            "source": "OTHER",
            "source_other": text,
        }
        for n, text in enumerate(texts)
    ]
    given = Dataset({"person": empty_frame("person", people), "referral": empty_frame("referral", referrals)})
    store(engine, given, profile="fi-nas", file_sha256="0" * 64, by="tester")
    with reading(engine) as connection, Workspace(StoredRecords(connection)) as work:
        found = work.engine.rows("SELECT source_other FROM referral ORDER BY referral_id")
    assert [row[0] for row in found] == texts


def test_a_database_that_another_program_has_spoilt_is_read_cell_by_cell(tmp_path: Path) -> None:
    """A line break in a key, which the schema forbids, would look like two records."""
    path = tmp_path / "cases.db"
    initialise(f"sqlite:///{path}")
    engine = open_database(f"sqlite:///{path}")
    people = [{"person_id": f"C-{n}", "reporting_system": "FI_NAS", "sex": "F"} for n in range(3)]
    store(engine, Dataset({"person": empty_frame("person", people)}), profile="p", file_sha256="0" * 64, by="tester")
    with sqlite3.connect(path) as spoilt:
        spoilt.execute("PRAGMA ignore_check_constraints = ON")
        spoilt.execute("UPDATE person SET person_id = 'C' || char(10) || '1' WHERE person_id = 'C-1'")
    with reading(engine) as connection, Workspace(StoredRecords(connection)) as work:
        assert work.engine.rows("SELECT person_id FROM person ORDER BY 1") == [("C\n1",), ("C-0",), ("C-2",)]
        assert work.count() == 3
    engine.dispose()


def _plain(value: object) -> str:
    """A value as CSV has it."""
    text = "" if value is None else _text(value)
    return {"t": "1", "f": "0"}.get(text, text)


def _text(value: object) -> str:
    """A value without its type: SQLite has no dates and no truth values."""
    return str(int(value)) if isinstance(value, bool) else str(value)
