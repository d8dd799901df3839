"""Decisions whether two persons are one: kept, undone, never removed; on both databases."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from thassist.errors import StorageError
from thassist.records.dataset import Dataset
from thassist.records.extract import read
from thassist.records.merging import canonical_persons, counts, decide, decisions, decisions_on, undo
from thassist.records.store import store
from thassist.records.verify import verify

pytestmark = pytest.mark.parametrize("url", ["sqlite", "postgresql"], indirect=True)
PEOPLE = ["C-1", "C-2", "C-3", "C-4"]


@pytest.fixture
def people(engine: Engine, make_dataset: Callable[..., Dataset]) -> Engine:
    rows = [{"person_id": key, "reporting_system": "FI_NAS", "sex": "F"} for key in PEOPLE]
    store(engine, make_dataset({"person": rows}), profile="p", file_sha256="1" * 64, by="tester")
    return engine


def test_a_decision_changes_what_is_counted_and_no_record(people: Engine) -> None:
    before = read(people).frames["person"]
    made = decide(people, "C-3", "C-1", same=True, why="same case file", by="anna")
    assert (made.number, made.person, made.other, made.by) == (1, "C-1", "C-3", "anna")
    assert counts(people).persons == 4
    assert counts(people).persons_counted == 3
    assert canonical_persons(decisions(people)) == {"C-3": "C-1"}
    assert read(people).frames["person"].equals(before)


def test_an_undone_decision_stays_on_record_and_counts_no_more(people: Engine) -> None:
    decide(people, "C-1", "C-3", same=True, why="same case file", by="anna")
    undone = undo(people, 1, why="two brothers", by="otto")
    assert (undone.undone_by, undone.undone_why) == ("otto", "two brothers")
    assert counts(people).persons_counted == 4
    assert [one.number for one in decisions(people)] == [1]
    assert decide(people, "C-1", "C-3", same=False, why="two brothers", by="otto").number == 2
    with pytest.raises(StorageError, match="no standing decision"):
        undo(people, 1, why="again", by="otto")


def test_persons_in_a_chain_have_one_key(people: Engine) -> None:
    decide(people, "C-3", "C-4", same=True, why="x", by="a")
    decide(people, "C-2", "C-3", same=True, why="x", by="a")
    assert canonical_persons(decisions(people)) == {"C-3": "C-2", "C-4": "C-2"}


def test_decisions_that_contradict_each_other_are_refused(people: Engine) -> None:
    decide(people, "C-1", "C-2", same=True, why="x", by="a")
    decide(people, "C-1", "C-3", same=False, why="x", by="a")
    with pytest.raises(StorageError) as refused:
        decide(people, "C-2", "C-3", same=True, why="x", by="a")
    assert refused.value.key == "duplicates.contradiction"
    assert len(decisions(people)) == 2


@pytest.mark.parametrize(
    ("one", "other", "why", "key"),
    [
        ("C-1", "C-9", "x", "no_person"),
        ("C-1", "C-1", "x", "one_person"),
        ("C-1", "C-2", " ", "no_reason"),
        ("C-1", "C-2", "x" * 201, "no_reason"),
    ],
)
def test_what_cannot_be_decided_is_refused(people: Engine, one: str, other: str, why: str, key: str) -> None:
    with pytest.raises(StorageError) as refused:
        decide(people, one, other, same=True, why=why, by="a")
    assert refused.value.key == f"duplicates.{key}"
    assert decisions(people) == []


def test_a_standing_decision_is_not_made_again(people: Engine) -> None:
    decide(people, "C-1", "C-2", same=True, why="x", by="a")
    with pytest.raises(StorageError) as refused:
        decide(people, "C-2", "C-1", same=False, why="x", by="a")
    assert refused.value.key == "duplicates.decided_already"


def test_what_was_decided_at_a_past_moment_can_be_asked(people: Engine) -> None:
    made = decide(people, "C-1", "C-2", same=True, why="x", by="a")
    undone = undo(people, 1, why="y", by="b")
    with people.connect() as connection:
        assert decisions_on(connection, until=made.at) == [made]
        assert decisions_on(connection, until=undone.undone_at) == [undone]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM duplicate_decision",
        "UPDATE duplicate_decision SET same_person = FALSE",
        "UPDATE duplicate_decision SET why = 'other', undone_at = decided_at, undone_by = 'x', undone_why = 'x'",
    ],
)
def test_the_database_refuses_to_change_or_remove_a_decision(people: Engine, statement: str) -> None:
    made = decide(people, "C-1", "C-2", same=True, why="x", by="a")
    with pytest.raises(DBAPIError), people.begin() as connection:
        connection.execute(text(statement))
    assert decisions(people) == [made]


def test_an_undone_decision_cannot_be_made_to_stand_again(people: Engine) -> None:
    decide(people, "C-1", "C-2", same=True, why="x", by="a")
    undo(people, 1, why="y", by="b")
    clear: Any = text("UPDATE duplicate_decision SET undone_at = NULL, undone_by = NULL, undone_why = NULL")
    with pytest.raises(DBAPIError), people.begin() as connection:
        connection.execute(clear)


def test_decisions_are_in_the_trail(people: Engine) -> None:
    before = verify(people)
    decide(people, "C-1", "C-2", same=True, why="x", by="anna")
    decide(people, "C-1", "C-3", same=False, why="z", by="anna")
    undo(people, 1, why="y", by="otto")
    after = verify(people)
    assert (after.problems, after.entries) == ((), before.entries + 3)
    with people.connect() as connection:
        entries = connection.execute(
            text("SELECT action, record_key, recorded_by, why FROM change_entry ORDER BY seq_no DESC LIMIT 3")
        )
        told = [tuple(entry) for entry in entries]
    assert told == [("CORRECT", "[1]", "otto", "y"), ("INSERT", "[2]", "anna", "z"), ("INSERT", "[1]", "anna", "x")]
    assert verify(people, [before.anchor, after.anchor]).problems == ()  # type: ignore[list-item]
    assert read(people, as_of=decisions(people)[0].at).count() == 4


DONE = {
    "changed": ("UPDATE duplicate_decision SET same_person = FALSE WHERE decision_no = 1", "differs"),
    "made to stand again": (
        "UPDATE duplicate_decision SET undone_at = NULL, undone_by = NULL, undone_why = NULL",
        "differs",
    ),
    "another reason": ("UPDATE duplicate_decision SET why = 'other' WHERE decision_no = 2", "differs"),
    "removed": ("DELETE FROM duplicate_decision WHERE decision_no = 2", "gone"),
    "put in": (
        (
            "INSERT INTO duplicate_decision (decision_no, person_id, other_person_id, same_person, decided_at, "
            "decided_by, why) SELECT 3, 'C-3', 'C-4', same_person, decided_at, decided_by, why FROM duplicate_decision "
            "WHERE decision_no = 2"
        ),
        "unknown",
    ),
}


@pytest.mark.parametrize("deed", DONE)
def test_a_decision_changed_past_the_trail_is_found(people: Engine, deed: str) -> None:
    """By somebody who may do anything, triggers or not."""
    decide(people, "C-1", "C-2", same=True, why="x", by="anna")
    decide(people, "C-1", "C-3", same=False, why="z", by="anna")
    undo(people, 1, why="y", by="otto")
    statement, kind = DONE[deed]
    with people.begin() as connection:
        if people.dialect.name == "sqlite":
            for event in ("update", "delete", "insert"):
                connection.execute(text(f"DROP TRIGGER tr_duplicate_decision_{event}"))
        else:
            connection.execute(text("ALTER TABLE duplicate_decision DISABLE TRIGGER ALL"))
        connection.execute(text(statement))
    found = verify(people).problems
    assert [(one.kind, one.table) for one in found] == [(kind, "duplicate_decision")]


def test_a_reason_or_an_account_that_may_not_stay_is_refused(people: Engine) -> None:
    for why, by, key in [("person 010190-123A", "a", "bad_reason"), ("x", "a" * 65, "bad_account")]:
        with pytest.raises(StorageError) as refused:
            decide(people, "C-1", "C-2", same=True, why=why, by=by)
        assert refused.value.key == f"records.{key}"
    assert decisions(people) == []
