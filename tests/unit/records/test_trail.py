"""Every change is in the trail, in the same transaction, and what is done to the trail or past it is found."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from thassist.records import apply
from thassist.records.dataset import Dataset
from thassist.records.extract import read
from thassist.records.store import store, withdraw
from thassist.records.trail import Anchor, anchor, history
from thassist.records.verify import Problem, verify

Rows = dict[str, list[dict[str, Any]]]
Make = Callable[..., Dataset]
pytestmark = pytest.mark.parametrize("url", ["sqlite", "postgresql"], indirect=True)
REASON = "the sheet of March was wrong"


@pytest.fixture
def filled(engine: Engine, rows: Rows, make_dataset: Make, moment: dt.datetime) -> Engine:
    """The small delivery, then a correction of it, then a withdrawal: an hour lies between each."""
    hour = dt.timedelta(hours=1)
    store(engine, make_dataset(rows), profile="p", file_sha256="1", by="anna", at=moment)
    fixed = {"person": [{**rows["person"][0], "sex": "M"}]}
    said: dict[str, Any] = {"corrections": True, "why": REASON, "at": moment + hour}
    store(engine, make_dataset(fixed), profile="p", file_sha256="2", by="bo", **said)
    twice = {"exploitation_form": [{"exploitation_id": "X-000001", "form": "SEX"}]}
    withdraw(engine, twice, by="cia", why="typed twice", at=moment + 2 * hour)
    return engine


@contextmanager
def tampering(engine: Engine) -> Iterator[Connection]:
    """What somebody can do who may do anything: the triggers are out of force meanwhile."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            kept = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
            for name, _ in kept:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            yield connection
            for _, statement in kept:
                connection.exec_driver_sql(statement)
        else:
            for table in ("change_entry", "import_batch"):
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            yield connection
            for table in ("change_entry", "import_batch"):
                connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER ALL")


def _entries(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(text("SELECT * FROM change_entry ORDER BY seq_no")))


def test_every_change_is_told_with_who_when_what_and_why(filled: Engine, rows: Rows) -> None:
    found = _entries(filled)
    count = sum(map(len, rows.values()))
    assert [entry.seq_no for entry in found] == list(range(1, count + 5))
    assert [entry.action for entry in found] == ["INSERT"] * (count + 2) + ["CORRECT", "WITHDRAW"]
    assert [entry.record_table for entry in found[:2]] == ["import_batch", "person"]
    assert {(entry.recorded_by, entry.why, entry.batch_id) for entry in found} == {
        ("anna", None, 1),
        ("bo", REASON, 2),
        ("cia", "typed twice", None),
    }
    assert found[1].record_key == '["C-000001"]'
    assert json.loads(found[1].content) == {
        "person_id": "C-000001",
        "reporting_system": "FI_NAS",
        "sex": "F",
        "birth_date": "1990-01-01",
        "birth_date_precision": "A",
        "birth_date_estimated": True,
    }
    assert json.loads(found[-2].content)["sex"] == "M"
    assert found[-1].content is None
    assert verify(filled).problems == ()


def test_the_form_of_the_chain_never_changes(filled: Engine) -> None:
    """Worked out here from the words of the module's description alone."""
    before = ""
    for entry in _entries(filled):
        at = (
            entry.recorded_at
            if isinstance(entry.recorded_at, dt.datetime)
            else dt.datetime.fromisoformat(entry.recorded_at)
        )
        told = [
            entry.seq_no,
            at.isoformat(timespec="microseconds"),
            entry.recorded_by,
            entry.why,
            entry.batch_id,
            entry.action,
            entry.record_table,
            entry.record_key,
            entry.content,
        ]
        written = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        before = hashlib.sha256(f"{before}\n{written}".encode()).hexdigest()
        assert entry.hash == before
        if entry.content is not None:
            content = json.loads(entry.content)
            assert entry.content == json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def test_the_history_of_a_record(filled: Engine, moment: dt.datetime) -> None:
    first, second = history(filled, "person", ["C-000001"])
    assert (first.by, first.action, first.fields["sex"]) == ("anna", "INSERT", (None, "F"))
    assert (second.by, second.why, second.at) == ("bo", REASON, moment + dt.timedelta(hours=1))
    assert second.fields == {"sex": ("F", "M")}
    gone = history(filled, "exploitation_form", ["X-000001", "SEX"])[-1]
    assert (gone.action, gone.batch_id, gone.fields["form"]) == ("WITHDRAW", None, ("SEX", None))
    assert history(filled, "person", ["C-404"]) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE change_entry SET why = 'better' WHERE seq_no = 3",
        "DELETE FROM change_entry WHERE seq_no = 3",
        "DELETE FROM change_entry",
        "UPDATE import_batch SET recorded_by = 'nobody'",
        "DELETE FROM import_batch WHERE batch_id = 2",
        (
            "INSERT INTO change_entry SELECT seq_no + 1000, recorded_at, recorded_by, why, batch_id, action, "
            "record_table, record_key, content, hash FROM change_entry WHERE seq_no = 2"
        ),
        "INSERT INTO change_entry SELECT * FROM change_entry WHERE seq_no = 2",
    ],
)
def test_the_database_lets_the_trail_only_grow(filled: Engine, statement: str) -> None:
    with pytest.raises(IntegrityError), filled.begin() as connection:
        connection.execute(text(statement))
    assert verify(filled).problems == ()


def test_a_row_cannot_be_replaced_either(filled: Engine) -> None:
    """SQLite's REPLACE removes a row without asking the trigger of DELETE; PostgreSQL has TRUNCATE instead."""
    statements = ["TRUNCATE change_entry CASCADE", "TRUNCATE import_batch CASCADE"]
    if filled.dialect.name == "sqlite":
        statements = [
            f"INSERT OR REPLACE INTO {name} SELECT * FROM {name}" for name in ("change_entry", "import_batch")
        ]
    for statement in statements:
        with pytest.raises(IntegrityError, match=r"append_only|no_gaps"), filled.begin() as connection:
            connection.execute(text(statement))


def test_a_store_that_fails_leaves_no_trail(
    engine: Engine, rows: Rows, make_dataset: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    true, calls = apply.bulk_insert, []

    def break_down(connection: Connection, table: Any, *rest: Any) -> None:
        calls.append(table.name)
        if table.name == "residence_status":
            raise KeyboardInterrupt
        true(connection, table, *rest)

    monkeypatch.setattr(apply, "bulk_insert", break_down)
    with pytest.raises(KeyboardInterrupt):
        store(engine, make_dataset(rows), profile="p", file_sha256="1", by="anna")
    assert "person" in calls
    assert _entries(engine) == []
    assert read(engine).count() == 0
    assert verify(engine).entries == 0


CONTENT = """REPLACE(content, '"sex":"M"', '"sex":"F"')"""
COLUMNS = "recorded_at, recorded_by, why, batch_id, action, record_table, record_key, content, hash"
#: What is done → statements, and the kinds of problems that it must bring to light.
TAMPERED: dict[str, tuple[list[str], set[str]]] = {
    "a content": ([f"UPDATE change_entry SET content = {CONTENT} WHERE action = 'CORRECT'"], {"changed", "differs"}),
    "a reason": (["UPDATE change_entry SET why = 'other' WHERE action = 'WITHDRAW'"], {"changed"}),
    "an account": (["UPDATE change_entry SET recorded_by = 'zoe' WHERE seq_no = 5"], {"changed", "differs"}),
    "an action": (["UPDATE change_entry SET action = 'ADOPT' WHERE seq_no = 5"], {"changed"}),
    "a hash": (["UPDATE change_entry SET hash = recorded_by WHERE seq_no = 5"], {"changed"}),
    "one in the middle taken out": (["DELETE FROM change_entry WHERE seq_no = 5"], {"missing", "unknown"}),
    "the first taken out": (["DELETE FROM change_entry WHERE seq_no = 1"], {"missing", "unknown"}),
    "one taken out and the gap closed": (
        ["DELETE FROM change_entry WHERE seq_no = 5"]
        + [f"UPDATE change_entry SET seq_no = {number - 1} WHERE seq_no = {number}" for number in range(6, 60)],
        {"changed", "unknown"},
    ),
    "two exchanged": (
        [
            "UPDATE change_entry SET seq_no = 1000 WHERE seq_no = 3",
            "UPDATE change_entry SET seq_no = 3 WHERE seq_no = 4",
            "UPDATE change_entry SET seq_no = 4 WHERE seq_no = 1000",
        ],
        {"changed"},
    ),
    "one put in at the end": (
        [
            (
                f"INSERT INTO change_entry SELECT (SELECT max(seq_no) + 1 FROM change_entry), {COLUMNS} "
                "FROM change_entry WHERE seq_no = 2"
            )
        ],
        {"changed", "earlier", "impossible", "differs"},
    ),
    "a record changed": (["UPDATE person SET sex = 'F' WHERE person_id = 'C-000001'"], {"differs"}),
    "who stored a record": (["UPDATE person SET recorded_by = 'zoe' WHERE person_id = 'C-000002'"], {"differs"}),
    "a record put in": (
        [
            (
                "INSERT INTO person (person_id, reporting_system, sex, batch_id, recorded_at, recorded_by) "
                "SELECT 'C-666', reporting_system, sex, batch_id, recorded_at, recorded_by FROM person "
                "WHERE person_id = 'C-000002'"
            )
        ],
        {"unknown"},
    ),
    "a record removed": (["DELETE FROM exploitation_form"], {"gone"}),
    "an import changed": (["UPDATE import_batch SET synthetic = NOT synthetic WHERE batch_id = 1"], {"differs"}),
    "an import put in": (
        [
            (
                "INSERT INTO import_batch (batch_id, profile, file_sha256, synthetic, row_count, recorded_at, "
                "recorded_by) SELECT 99, profile, 'x', synthetic, row_count, recorded_at, recorded_by "
                "FROM import_batch WHERE batch_id = 1"
            )
        ],
        {"unknown"},
    ),
    "a withdrawal cut off": (["DELETE FROM change_entry WHERE action = 'WITHDRAW'"], {"gone"}),
}


@pytest.mark.parametrize("deed", TAMPERED)
def test_what_is_done_to_the_trail_or_past_it_is_found(filled: Engine, deed: str) -> None:
    statements, kinds = TAMPERED[deed]
    with tampering(filled) as connection:
        for statement in statements:
            connection.execute(text(statement))
    assert {problem.kind for problem in verify(filled).problems} == kinds


def test_a_problem_says_where_it_is_but_no_value(filled: Engine) -> None:
    with tampering(filled) as connection:
        connection.execute(text("UPDATE person SET sex = 'O' WHERE person_id = 'C-000001'"))
    last = next(entry.seq_no for entry in _entries(filled) if entry.action == "CORRECT")
    assert verify(filled).problems == (Problem("differs", last, "person", '["C-000001"]', ("sex",)),)


def test_every_single_character_of_an_entry_counts(filled: Engine) -> None:
    for number, column in [(2, "content"), (7, "record_key"), (9, "record_table")]:
        with tampering(filled) as connection:
            connection.execute(text(f"UPDATE change_entry SET {column} = {column} || ' ' WHERE seq_no = {number}"))
        assert Problem("changed", number, verify(filled).problems[0].table) == verify(filled).problems[0]
        with tampering(filled) as connection:
            connection.execute(text(f"UPDATE change_entry SET {column} = trim({column}) WHERE seq_no = {number}"))
    assert verify(filled).problems == ()


def _anchor(engine: Engine) -> Anchor:
    with engine.connect() as connection:
        found = anchor(connection)
    assert found is not None
    assert Anchor.read(str(found)) == found
    return found


def test_an_end_cut_off_is_found_by_an_anchor_only(engine: Engine, rows: Rows, make_dataset: Make) -> None:
    store(engine, make_dataset({"person": rows["person"]}), profile="p", file_sha256="1", by="anna")
    early = _anchor(engine)
    store(engine, make_dataset({"citizenship": rows["citizenship"]}), profile="p", file_sha256="2", by="anna")
    late = _anchor(engine)
    assert verify(engine, [early, late]).compared == 2
    assert verify(engine, [early, late]).problems == ()
    with tampering(engine) as connection:
        connection.execute(text(f"DELETE FROM change_entry WHERE seq_no > {early.entries}"))
        connection.execute(text("DELETE FROM citizenship"))
        connection.execute(text("DELETE FROM import_batch WHERE batch_id = 2"))
    assert verify(engine, [early]).problems == ()
    found = verify(engine, [late, early]).problems
    assert found == (Problem("cut", early.entries + 1, count=late.entries - early.entries),)
    store(engine, make_dataset({"citizenship": rows["citizenship"]}), profile="p", file_sha256="3", by="anna")
    assert verify(engine, [early, late]).problems == (Problem("rewritten", late.entries),)


def test_an_emptied_trail_and_another_database(engine: Engine, rows: Rows, make_dataset: Make) -> None:
    store(engine, make_dataset({"person": rows["person"]}), profile="p", file_sha256="1", by="anna")
    own = _anchor(engine)
    other = Anchor(9, "a" * 64, "b" * 64)
    verdict = verify(engine, [own, other])
    assert (verdict.compared, verdict.foreign, verdict.problems, verdict.anchor) == (1, 1, (), own)
    with tampering(engine) as connection:
        for table in ("change_entry", "person", "import_batch"):
            connection.execute(text(f"DELETE FROM {table}"))
    assert verify(engine, [own]).problems == (Problem("cut", 1, count=own.entries),)


def test_moments_never_go_back(engine: Engine, rows: Rows, make_dataset: Make, moment: dt.datetime) -> None:
    """A clock that was set back does not make a later change an earlier one."""
    for number, at in enumerate([moment, moment - dt.timedelta(days=1), None, None]):
        person = {**rows["person"][1], "person_id": f"C-{number}"}
        store(engine, make_dataset({"person": [person]}), profile="p", file_sha256=str(number), by="anna", at=at)
    moments = [history(engine, "person", [f"C-{number}"])[0].at for number in range(4)]
    assert moments[0] == moments[1] == moment
    assert moments[1] < moments[2] < moments[3]
    assert verify(engine).problems == ()
