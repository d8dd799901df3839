"""What is stored judges a delivery, whichever record came last; and all that is stored is read in bulk."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from thassist.intake.context import stored_context
from thassist.records.bulk import StoredRecords
from thassist.records.database import reading
from thassist.records.dataset import Dataset
from thassist.records.extract import read
from thassist.records.store import initialise, open_database, store
from thassist.rules.runner import run

DAY = dt.date(2022, 3, 1)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    url = f"sqlite:///{tmp_path / 'cases.db'}"
    initialise(url)
    opened = open_database(url)
    yield opened
    opened.dispose()


def keep(engine: Engine, dataset: Dataset) -> None:
    store(engine, dataset, profile="fi-nas", file_sha256="0" * 64, by="tester")


def finnish(make: Any, number: int) -> dict[str, Any]:
    return dict(make.person(number, reporting_system="FI_NAS"))


def episode(make: Any, number: int, role: str, day: dt.date = DAY) -> dict[str, Any]:
    own = {"episode_id": f"E-{number}", "person_id": f"C-{number:06d}", "role": role, "seq_no": 1, "is_new": True}
    return own | make.day("admission_date", day)


def referral(make: Any, day: dt.date) -> dict[str, Any]:
    return {"referral_id": "R-1", "person_id": "C-000001", "source": "SELF", **make.day("received_date", day)}


def decision(make: Any, day: dt.date) -> dict[str, Any]:
    own = {"decision_id": "D-1", "person_id": "C-000001", "referral_id": "R-1"}
    return own | {"decision_type": "SERVICE", "outcome": "LAPSED"} | make.day("decision_date", day)


def test_a_role_may_come_after_the_exploitation(records, make, today) -> None:
    stored = records(person=[finnish(make, 1)], exploitation=[{"exploitation_id": "X-1", "person_id": "C-000001"}])
    found = run(records(episode=[episode(make, 1, "DEPENDENT_CHILD")]), "en", context=stored, today=today)
    (child,) = [one for one in found if one.code == "R20"]
    assert (child.table, child.key, child.header) == ("episode", "E-1", "role")
    assert child.related == ("exploitation X-1 person_id",)


def test_a_corrected_record_is_judged_with_what_stands_on_it(records, make, today) -> None:
    """The decision is stored and right; the proposal comes again with a later date."""
    base = {"person": [make.person(1)], "citizenship": [make.citizenship(1)], "decision": [decision(make, DAY)]}
    stored = records(**base, referral=[referral(make, DAY)])
    again = records(referral=[referral(make, DAY + dt.timedelta(days=1))])
    (found,) = run(again, "en", context=stored, today=today)
    assert (found.code, found.table, found.header) == ("R04", "referral", "received_date")
    assert run(records(referral=[referral(make, DAY)]), "en", context=stored, today=today) == []


def test_a_stored_pair_is_not_judged_again(records, make, today) -> None:
    """Both records of the pair are stored: whatever is wrong with them is no finding of this delivery."""
    late = DAY + dt.timedelta(days=9)
    stored = records(
        person=[make.person(1)], citizenship=[make.citizenship(1)], referral=[referral(make, late)],
        decision=[decision(make, DAY)],
    )  # fmt: skip
    other = records(person=[make.person(2)], citizenship=[make.citizenship(2)])
    assert run(other, "en", context=stored, today=today) == []


def test_a_guardian_known_only_to_the_database_is_found(engine: Engine, records, make, today) -> None:
    link = {"person_id": "C-000002", "related_person_id": "C-000001", "relation": "GUARDIAN"}
    people = [finnish(make, number) for number in (1, 2, 3)]
    keep(engine, records(person=people, family_link=[link], episode=[episode(make, 1, "VICTIM")]))
    delivered = records(episode=[episode(make, 2, "DEPENDENT_CHILD")])
    with reading(engine) as connection:
        context, whole = stored_context(connection, delivered)
    assert set(context.frames["person"]["person_id"]) == {"C-000001", "C-000002"}
    assert not whole
    codes = {found.code for found in run(delivered, "en", context=context, today=today)}
    assert not codes & {"R19", "R19b"}


def test_a_record_named_by_a_key_brings_everything(engine: Engine, records, make) -> None:
    keep(engine, records(person=[finnish(make, 1), finnish(make, 2)], referral=[referral(make, DAY)]))
    event = {"referral_id": "R-1", "seq_no": 1, "status": "REFERRED", **make.day("status_date", DAY)}
    with reading(engine) as connection:
        context, whole = stored_context(connection, records(status_event=[event]))
    assert whole
    assert len(context.frames["person"]) == 2


def test_a_share_of_some_persons_is_no_share_of_all(records, make, today) -> None:
    numbers = range(1, 51)
    rows = {
        "person": [finnish(make, n) for n in numbers],
        "exploitation": [{"exploitation_id": f"X-{n}", "person_id": f"C-{n:06d}", "is_primary": True} for n in numbers],
        "exploitation_form": [{"exploitation_id": f"X-{n}", "form": "_U", "is_primary": True} for n in numbers],
    }
    assert "R33" in {found.code for found in run(records(**rows), "en", today=today)}
    assert "R33" not in {found.code for found in run(records(**rows), "en", today=today, whole=False)}


def test_what_is_stored_gives_the_same_findings_in_bulk(engine: Engine, records, make, today) -> None:
    people = [finnish(make, 1), make.person(2, **make.day("birth_date", dt.date(1931, 1, 1), "A"))]
    keep(engine, records(person=people, referral=[referral(make, DAY)], decision=[decision(make, dt.date(2021, 5, 1))]))
    with reading(engine) as connection:
        stored = StoredRecords(connection)
        in_bulk = run(stored, "sv", today=today)
        assert stored.count() == 4
    assert in_bulk == run(read(engine), "sv", today=today)
    assert [(found.code, found.value) for found in in_bulk if found.code == "R04"] == [("R04", "2021-05-01")]
    assert len(in_bulk) > 2
