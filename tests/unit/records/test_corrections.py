"""A correction is said before it is made, field by field; a record taken away stays known; nothing changes silently."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, text

from thassist.errors import StorageError
from thassist.messages import LANGUAGES, explain
from thassist.records.dataset import Dataset, key_fields
from thassist.records.extract import read
from thassist.records.store import ConflictingRecords, Correction, plan, rehearse, store, withdraw
from thassist.records.verify import verify

Rows = dict[str, list[dict[str, Any]]]
Make = Callable[..., Dataset]
pytestmark = pytest.mark.parametrize("url", ["sqlite", "postgresql"], indirect=True)
WHY = "read again from the decision"


def _put(engine: Engine, dataset: Dataset, sha: str, **options: Any) -> Any:
    return store(engine, dataset, profile="p", file_sha256=sha, by="tester", **options)


@pytest.fixture
def filled(engine: Engine, rows: Rows, make_dataset: Make) -> Engine:
    _put(engine, make_dataset(rows), "1")
    return engine


def _changed(rows: Rows) -> Rows:
    """The delivery with one field of one person changed, one date made more precise, and one citizenship more."""
    referral = {**rows["referral"][0], "received_date": dt.date(2024, 2, 1), "received_date_precision": "M"}
    return {
        "person": [{**rows["person"][0], "sex": "M"}, rows["person"][1]],
        "citizenship": [*rows["citizenship"], {"person_id": "C-000002", "country": "FI"}],
        "referral": [referral],
    }


def test_the_plan_says_field_by_field_what_would_change(filled: Engine, rows: Rows, make_dataset: Make) -> None:
    found = plan(filled, make_dataset(_changed(rows)), file_sha256="2")
    assert found.new == {"person": 0, "citizenship": 1, "referral": 0}
    assert found.unchanged == {"person": 1, "citizenship": 3, "referral": 0}
    assert found.corrected_records == {"person": 1, "citizenship": 0, "referral": 1}
    assert found.corrected == (
        Correction("person", {"person_id": "C-000001"}, "sex", "F", "M"),
        Correction("referral", {"referral_id": "R-000001"}, "received_date", dt.date(2024, 1, 1), dt.date(2024, 2, 1)),
        Correction("referral", {"referral_id": "R-000001"}, "received_date_precision", "Q", "M"),
    )
    assert not found.already_imported
    assert read(filled).frames["person"]["sex"].tolist() == ["F", "_U"], "a plan changes nothing"
    assert plan(filled, make_dataset(rows), file_sha256="1").already_imported
    assert plan(filled, make_dataset(rows), file_sha256="3").corrected == ()


def test_a_correction_printed_shows_no_value(filled: Engine, rows: Rows, make_dataset: Make) -> None:
    birth = {**rows["person"][0], "birth_date": dt.date(1987, 1, 1)}
    shown = repr(plan(filled, make_dataset({"person": [birth]})))
    assert "birth_date" in shown
    assert "1987" not in shown
    assert "1990" not in shown


def test_a_correction_must_be_wanted_and_have_a_reason(filled: Engine, rows: Rows, make_dataset: Make) -> None:
    changed = make_dataset(_changed(rows))
    with pytest.raises(ConflictingRecords):
        _put(filled, changed, "2")
    with pytest.raises(ConflictingRecords):
        _put(filled, changed, "2", why=WHY)
    with pytest.raises(StorageError, match="why_needed"):
        _put(filled, changed, "2", corrections=True)
    for reason in ("x" * 201, "client 010190-123A said so"):
        with pytest.raises(StorageError) as caught:
            _put(filled, changed, "2", corrections=True, why=reason)
        assert caught.value.key == "records.bad_reason"
        for lang in LANGUAGES:
            assert "010190" not in explain(caught.value, lang)
    assert read(filled).frames["person"]["sex"].tolist() == ["F", "_U"]
    assert len(read(filled).frames["citizenship"]) == 3


def test_a_correction_changes_what_was_planned_and_nothing_else(filled: Engine, rows: Rows, make_dataset: Make) -> None:
    changed = make_dataset(_changed(rows))
    planned = plan(filled, changed)
    done = _put(filled, changed, "2", corrections=True, why=WHY)
    assert done.corrections == planned.corrected
    assert (done.corrected, done.inserted, done.unchanged) == (
        {"person": 1, "referral": 1},
        planned.new,
        planned.unchanged,
    )
    back = read(filled)
    for name, expected in {**rows, **_changed(rows)}.items():
        found = make_dataset({name: expected}).frames[name].to_dict("records")
        assert sorted(map(str, back.frames[name].to_dict("records"))) == sorted(map(str, found))
    with filled.connect() as connection:
        batches = dict(connection.execute(text("SELECT person_id, batch_id FROM person")).all())
    assert batches == {"C-000001": done.batch_id, "C-000002": 1}
    assert verify(filled).problems == ()


def test_the_same_file_or_the_same_values_again_change_nothing(filled: Engine, rows: Rows, make_dataset: Make) -> None:
    changed = make_dataset(_changed(rows))
    _put(filled, changed, "2", corrections=True, why=WHY)
    before = verify(filled)
    assert _put(filled, changed, "2", corrections=True, why=WHY).already_imported
    assert verify(filled) == before
    again = _put(filled, changed, "3", corrections=True, why=WHY)
    assert (again.corrected, again.corrections, sum(again.inserted.values())) == ({}, (), 0)
    assert verify(filled).entries == before.entries + 1, "the import itself, and no record"


def test_a_delivery_that_contradicts_itself_corrects_nothing(filled: Engine, rows: Rows, make_dataset: Make) -> None:
    twice = make_dataset({"person": [{**rows["person"][0], "sex": "M"}, {**rows["person"][0], "sex": "O"}]})
    assert [one.within for one in plan(filled, twice).conflicts] == [True]
    with pytest.raises(ConflictingRecords):
        _put(filled, twice, "2", corrections=True, why=WHY)


def test_a_value_the_schema_refuses_corrects_nothing(filled: Engine, rows: Rows, make_dataset: Make) -> None:
    wrong = make_dataset({"person": [{**rows["person"][1], "sex": "F"}, {**rows["person"][0], "sex": "W"}]})
    with pytest.raises(StorageError, match="refused"):
        _put(filled, wrong, "2", corrections=True, why=WHY)
    assert read(filled).frames["person"]["sex"].tolist() == ["F", "_U"]
    assert verify(filled).problems == ()


def test_the_one_primary_citizenship_moves(filled: Engine, rows: Rows, make_dataset: Make) -> None:
    """In whichever order: on the way there is never a moment with two."""
    for number, (one, other) in enumerate([(False, True), (True, False)]):
        moved = [
            {"person_id": "C-000001", "country": "IQ", "is_primary": one},
            {"person_id": "C-000001", "country": "SY", "is_primary": other},
        ]
        _put(filled, make_dataset({"citizenship": moved}), f"m{number}", corrections=True, why=WHY)
        found = read(filled, ["citizenship"], {"C-000001"}).frames["citizenship"]
        assert found["is_primary"].tolist() == [one, other]


def test_episodes_change_their_places(filled: Engine, rows: Rows, make_dataset: Make) -> None:
    first = rows["episode"][0]
    second = {**first, "episode_id": "E-000002", "seq_no": 2, "is_new": False, "decision_id": None}
    _put(filled, make_dataset({"episode": [second]}), "2")
    swapped = [{**first, "seq_no": 2, "is_new": False}, {**second, "seq_no": 1, "is_new": True}]
    _put(filled, make_dataset({"episode": swapped}), "3", corrections=True, why=WHY)
    assert read(filled).frames["episode"]["seq_no"].tolist() == [2, 1]
    assert verify(filled).problems == ()


def test_a_record_goes_only_by_name_and_with_what_belongs_to_it(filled: Engine) -> None:
    key = {"exploitation_id": "X-000001"}
    with pytest.raises(StorageError, match="still_needed"):
        withdraw(filled, {"exploitation": [key]}, by="tester", why=WHY)
    whole = {
        "exploitation": [key],
        "exploitation_form": [{**key, "form": "LAB"}, {**key, "form": "SEX"}],
        "exploitation_country": [{**key, "country": "FI"}],
        "exploitation_means": [{**key, "means": "DEBT"}, {**key, "means": "ISOLATION"}],
    }
    assert sum(withdraw(filled, whole, by="tester", why=WHY).values()) == 6
    assert not read(filled, ["exploitation"]).count()
    for trouble, records, why in [
        ("no_record", {"exploitation": [key]}, WHY),
        ("no_table", {"import_batch": [{"batch_id": 1}]}, WHY),
        ("why_needed", {"person": [{"person_id": "C-000001"}]}, ""),
    ]:
        with pytest.raises(StorageError, match=trouble):
            withdraw(filled, records, by="tester", why=why)
    assert verify(filled).problems == ()


def test_statuses_go_from_the_last(filled: Engine) -> None:
    keys = [{"referral_id": "R-000001", "seq_no": number} for number in (1, 2, 3)]
    assert withdraw(filled, {"status_event": keys}, by="tester", why=WHY) == {"status_event": 3}


def test_what_was_withdrawn_does_not_come_back_by_itself(filled: Engine, rows: Rows, make_dataset: Make) -> None:
    key = {"person_id": "C-000001", "country": "SY"}
    withdraw(filled, {"citizenship": [key]}, by="tester", why=WHY)
    old = make_dataset({"citizenship": rows["citizenship"]})
    assert plan(filled, old).reinstated == (("citizenship", key),)
    with pytest.raises(ConflictingRecords) as caught:
        _put(filled, old, "2")
    assert caught.value.key == "records.conflict_withdrawn"
    assert len(read(filled).frames["citizenship"]) == 2
    assert _put(filled, old, "2", corrections=True, why=WHY).inserted == {"citizenship": 1}
    assert _put(filled, old, "3").unchanged == {"citizenship": 3}
    assert verify(filled).problems == ()


def test_one_delivery_may_add_correct_and_withdraw(filled: Engine, rows: Rows, make_dataset: Make) -> None:
    gone = {"citizenship": [{"person_id": "C-000001", "country": "IQ"}]}
    kept = [{"person_id": "C-000001", "country": "SY", "is_primary": True}, {"person_id": "C-000001", "country": "FI"}]
    with pytest.raises(StorageError, match="why_needed"):
        _put(filled, make_dataset({}), "2", withdrawals=gone)
    done = _put(filled, make_dataset({"citizenship": kept}), "2", withdrawals=gone, corrections=True, why=WHY)
    assert (done.inserted, done.corrected, done.withdrawn) == (
        {"citizenship": 1},
        {"citizenship": 1},
        {"citizenship": 1},
    )
    assert read(filled, ["citizenship"], {"C-000001"}).frames["citizenship"]["country"].tolist() == ["FI", "SY"]
    assert verify(filled).problems == ()


def test_true_and_made_up_records_never_correct_each_other(filled: Engine, rows: Rows, make_dataset: Make) -> None:
    changed = make_dataset(_changed(rows), synthetic=True)
    with pytest.raises(StorageError, match="mixed_with_made_up"):
        _put(filled, changed, "2", corrections=True, why=WHY)
    assert not read(filled).synthetic


def _statuses(engine: Engine) -> list[tuple[int, str]]:
    found = read(engine, ["status_event"]).frames["status_event"]
    return list(found[["seq_no", "status"]].itertuples(index=False, name=None))


def _events(*steps: tuple[str, dt.date]) -> list[dict[str, Any]]:
    """The statuses of the case, in their order."""
    return [
        {
            "referral_id": "R-000001",
            "seq_no": number,
            "status": status,
            "status_date": day,
            "status_date_precision": "D",
        }
        for number, (status, day) in enumerate(steps, 1)
    ]


def test_several_statuses_of_one_case_are_corrected_at_once(filled: Engine, make_dataset: Make) -> None:
    """The way is allowed as a whole, before and after, but not with one step changed and the next not yet."""
    day = dt.date(2024, 3, 5)
    with filled.connect() as connection:
        stamps = dict(connection.execute(text("SELECT seq_no, batch_id FROM status_event")).all())
    assert set(stamps.values()) == {1}
    new = _events(("REFERRED", dt.date(2024, 3, 1)), ("NOT_ADMITTED", day), ("APPEAL", day), ("ADMITTED", day))
    planned = plan(filled, make_dataset({"status_event": new}))
    done = _put(filled, make_dataset({"status_event": new}), "2", corrections=True, why=WHY)
    assert _statuses(filled) == [(1, "REFERRED"), (2, "NOT_ADMITTED"), (3, "APPEAL"), (4, "ADMITTED")]
    assert (done.corrected, done.inserted) == ({"status_event": 3}, {"status_event": 1})
    assert done.corrections == planned.corrected
    assert verify(filled).problems == ()
    back = _events(("REFERRED", dt.date(2024, 3, 1)), ("ADMITTED", day), ("ACTIVE", day))
    last = {"status_event": [{"referral_id": "R-000001", "seq_no": 4}]}
    again = _put(filled, make_dataset({"status_event": back}), "3", corrections=True, withdrawals=last, why=WHY)
    assert (again.corrected, again.withdrawn) == ({"status_event": 2}, {"status_event": 1})
    assert _statuses(filled) == [(1, "REFERRED"), (2, "ADMITTED"), (3, "ACTIVE")]
    with filled.connect() as connection:
        stamps = dict(connection.execute(text("SELECT seq_no, batch_id FROM status_event")).all())
    assert stamps == {1: 2, 2: 3, 3: 3}, "a step that stays keeps who stored it"
    assert verify(filled).problems == ()


def test_a_way_that_the_law_does_not_allow_is_refused_as_a_whole(filled: Engine, make_dataset: Make) -> None:
    day = dt.date(2024, 3, 5)
    wrong = _events(("REFERRED", day), ("NOT_ADMITTED", day), ("ACTIVE", day))
    with pytest.raises(StorageError, match="refused"):
        _put(filled, make_dataset({"status_event": wrong}), "2", corrections=True, why=WHY)
    assert _statuses(filled) == [(1, "REFERRED"), (2, "ADMITTED"), (3, "ACTIVE")]
    assert verify(filled).problems == ()


#: The keys that change, with those that refer to them.
_MOVED = ("referral_id", "episode_id", "decision_id", "new_decision_id", "exploitation_id")


def _under_new_keys(rows: Rows) -> tuple[Rows, dict[str, list[dict[str, Any]]]]:
    """The delivery with other keys for four records to which others belong, and the records that go for it."""
    renamed: Rows = {}
    gone: dict[str, list[dict[str, Any]]] = {}
    for table, records in rows.items():
        for row in records:
            new = dict(row)
            for name, value in row.items():
                if name in _MOVED and value is not None:
                    new[name] = f"{value[:2]}9{value[3:]}"
            renamed.setdefault(table, []).append(new)
            names = key_fields(table)
            if any(new[name] != row[name] for name in names):
                gone.setdefault(table, []).append({name: row[name] for name in names})
    return renamed, gone


def test_what_belongs_to_a_record_moves_to_its_new_key(filled: Engine, rows: Rows, make_dataset: Make) -> None:
    """The new record comes, what belongs to the old one is corrected, the old one goes; numbers are taken over."""
    renamed, gone = _under_new_keys(rows)
    assert {"referral", "episode", "decision", "exploitation"} <= set(gone)
    before = {name: len(frame) for name, frame in read(filled).frames.items()}
    options = {"profile": "p", "file_sha256": "2", "by": "tester", "corrections": True, "withdrawals": gone, "why": WHY}
    rehearse(filled, make_dataset(renamed), **options)
    assert read(filled).frames["referral"]["referral_id"].tolist() == ["R-000001"], "taken back"
    done = store(filled, make_dataset(renamed), **options)
    assert done.withdrawn == {name: len(keys) for name, keys in gone.items()}
    frames = read(filled).frames
    assert {name: len(frame) for name, frame in frames.items()} == before
    assert set(frames["provision"]["episode_id"]) == {"E-900001"}
    assert verify(filled).problems == ()


def test_a_rehearsal_says_what_the_database_would_refuse(filled: Engine, rows: Rows, make_dataset: Make) -> None:
    gone = {"referral": [{"referral_id": "R-000001"}]}
    with pytest.raises(StorageError, match="still_needed"):
        rehearse(filled, make_dataset({}), profile="p", file_sha256="2", by="t", withdrawals=gone, why=WHY)
    assert verify(filled).problems == ()
