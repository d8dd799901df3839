"""Records read in bulk are the records, on both databases."""

import pytest
from sqlalchemy import Engine

from thassist.records.bulk import StoredRecords
from thassist.records.database import reading
from thassist.records.dataset import TABLE_NAMES
from thassist.records.extract import read
from thassist.records.store import store
from thassist.rules.runner import run
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
        assert run(stored, "en") == run(plain, "en")


def _text(value: object) -> str:
    """A value without its type: SQLite has no dates and no truth values."""
    return str(int(value)) if isinstance(value, bool) else str(value)
