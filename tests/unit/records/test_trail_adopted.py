"""Records from before the trail are taken into it as they are: by whom and when they were stored, in that order."""

import json
from pathlib import Path

import pytest
from alembic.runtime.environment import EnvironmentContext
from sqlalchemy import Connection, text

from thassist.records import migrate
from thassist.records.database import connect, writing
from thassist.records.extract import read
from thassist.records.merging import decisions, undo
from thassist.records.migrate import initialise, open_database
from thassist.records.trail import anchor, history
from thassist.records.verify import verify

BEFORE = "0002"
HELD = [
    *(f"INSERT INTO cl_{name} (code, label_fi, label_sv, label_en) VALUES ('{code}', 'x', 'x', 'x')"
      for name, code in [("sex", "F"), ("sex", "_U"), ("reporting_system", "FI_NAS"), ("country", "FI")]),
    *(f"INSERT INTO import_batch (batch_id, profile, file_sha256, synthetic, row_count, recorded_at, recorded_by) "
      f"VALUES ({number}, 'fi-nas', '{number}', FALSE, 2, '2024-05-0{number} 07:08:09.000000', '{who}')"
      for number, who in [(1, "anna"), (2, "bo")]),
    *(f"INSERT INTO person (person_id, reporting_system, sex, birth_date, birth_date_precision, batch_id, recorded_at, "
      f"recorded_by) VALUES ('{key}', 'FI_NAS', 'F', '1990-01-01', 'A', {number}, '2024-05-0{number} 07:08:09.000000', "
      f"'{who}')" for key, number, who in [("C-2", 1, "anna"), ("C-1", 1, "anna"), ("C-3", 2, "bo")]),
    ("INSERT INTO citizenship (person_id, country, is_primary, batch_id, recorded_at, recorded_by) "
    "VALUES ('C-1', 'FI', TRUE, 2, '2024-05-02 07:08:09.000000', 'bo')"),
]  # fmt: skip


DECISION = (
    "INSERT INTO duplicate_decision (decision_no, person_id, other_person_id, same_person, decided_at, decided_by, "
    "why) VALUES ({}, 'C-1', 'C-{}', TRUE, '2024-05-03 07:08:09.000000', 'cia', 'x')"
)
UNDONE = (
    "UPDATE duplicate_decision SET undone_at = '2024-05-04 07:08:09.000000', undone_by = 'dan', undone_why = 'y' "
    "WHERE decision_no = 1"
)


def _upgraded(connection: Connection, revision: str) -> None:
    config, scripts = migrate._scripts()
    steps = lambda found, _context: scripts._upgrade_revs(revision, found)  # noqa: E731
    with EnvironmentContext(config, scripts, fn=steps, destination_rev=revision) as environment:
        environment.configure(connection=connection, transactional_ddl=True)
        environment.run_migrations()


def _old(connection: Connection) -> None:
    _upgraded(connection, BEFORE)
    for statement in HELD:
        connection.execute(text(statement))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with records from before the trail."""
    if request.param == "postgresql":
        address = str(request.getfixturevalue("server").new())
    else:
        address = f"sqlite:///{tmp_path / 'old.db'}"
        (tmp_path / "old.db").touch(mode=0o600)
    with writing(connect(address)) as connection:
        _old(connection)
    return address


def test_decisions_from_before_they_were_in_the_trail(url: str) -> None:
    with writing(connect(url)) as connection:
        _upgraded(connection, "0004")
        noted = anchor(connection)
        assert noted is not None
        for statement in (DECISION.format(1, 2), DECISION.format(2, 3), UNDONE):
            connection.execute(text(statement))
    assert initialise(url).before == "0004"
    engine = open_database(url)
    verdict = verify(engine, [noted])
    assert (verdict.entries, verdict.problems, verdict.compared) == (noted.entries + 2, (), 1)
    with engine.connect() as connection:
        entries = connection.execute(
            text("SELECT action, record_table, record_key, recorded_by FROM change_entry ORDER BY seq_no DESC LIMIT 2")
        )
        assert [tuple(entry) for entry in entries] == [
            ("ADOPT", "duplicate_decision", "[2]", "cia"),
            ("ADOPT", "duplicate_decision", "[1]", "cia"),
        ]
    undo(engine, 2, why="z", by="eva")
    assert [one.stands for one in decisions(engine)] == [False, False]
    assert verify(engine).problems == ()
    engine.dispose()


def test_records_from_before_the_trail(url: str) -> None:
    assert initialise(url).before == BEFORE
    engine = open_database(url)
    verdict = verify(engine)
    assert (verdict.entries, verdict.problems) == (6, ())
    with engine.connect() as connection:
        entries = connection.execute(
            text("SELECT action, record_table, record_key, recorded_by FROM change_entry ORDER BY 1, seq_no")
        )
        assert [tuple(entry) for entry in entries] == [
            ("ADOPT", "import_batch", "[1]", "anna"),
            ("ADOPT", "person", '["C-1"]', "anna"),
            ("ADOPT", "person", '["C-2"]', "anna"),
            ("ADOPT", "import_batch", "[2]", "bo"),
            ("ADOPT", "person", '["C-3"]', "bo"),
            ("ADOPT", "citizenship", '["C-1","FI"]', "bo"),
        ]
        content = connection.execute(text("SELECT content FROM change_entry WHERE seq_no = 6")).scalar_one()
    assert json.loads(content) == {"person_id": "C-1", "country": "FI", "is_primary": True}
    (first,) = history(engine, "person", ["C-3"])
    assert read(engine, as_of=first.at).count() == 4
    assert len(read(engine, ["person"], as_of=history(engine, "person", ["C-1"])[0].at).frames["person"]) == 2
    engine.dispose()
