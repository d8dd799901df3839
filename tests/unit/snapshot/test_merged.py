"""Persons who are one by decision have one key in a snapshot, and their records still fit together."""

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd

from thassist.engine import Engine
from thassist.records.dataset import Dataset, empty_frame
from thassist.records.merging import decide, undo
from thassist.records.store import initialise, open_database, store
from thassist.snapshot import freeze
from thassist.snapshot.merged import merged


def frames(**tables: list[dict[str, Any]]) -> dict[str, pd.DataFrame]:
    return {table: empty_frame(table, rows) for table, rows in tables.items()}


def person(key: str, sex: str = "F") -> dict[str, Any]:
    return {"person_id": key, "reporting_system": "FI_NAS", "sex": sex}


def stay(key: str, of: str, year: int, number: int = 1) -> dict[str, Any]:
    admitted = {"admission_date": dt.date(year, 1, 1), "admission_date_precision": "D"}
    return {"episode_id": key, "person_id": of, "role": "VICTIM", "seq_no": number, "is_new": number == 1, **admitted}


def test_nothing_changes_without_a_decision() -> None:
    given = frames(person=[person("C-1"), person("C-2")])
    assert merged(given, {})["person"].equals(given["person"])


def test_a_decision_on_persons_no_longer_stored_means_nothing() -> None:
    given = frames(person=[person("C-1")])
    assert list(merged(given, {"C-2": "C-1"})["person"]["person_id"]) == ["C-1"]


def test_stays_are_numbered_by_admission_and_only_the_first_is_new() -> None:
    given = frames(
        person=[person("C-1"), person("C-2"), person("C-3")],
        episode=[stay("E-1", "C-1", 2022), stay("E-2", "C-2", 2019), stay("E-3", "C-3", 2020)],
    )
    found = merged(given, {"C-2": "C-1"})
    assert list(found["person"]["person_id"]) == ["C-1", "C-3"]
    rows = found["episode"][["episode_id", "person_id", "seq_no", "is_new"]].to_numpy().tolist()
    assert rows == [["E-1", "C-1", 2, False], ["E-2", "C-1", 1, True], ["E-3", "C-3", 1, True]]


def test_rows_that_became_the_same_stay_once_and_one_main_one_is_left() -> None:
    given = frames(
        person=[person("C-1"), person("C-2")],
        citizenship=[
            {"person_id": "C-1", "country": "IQ", "is_primary": True},
            {"person_id": "C-2", "country": "IQ", "is_primary": False},
            {"person_id": "C-2", "country": "SY", "is_primary": True},
        ],
        family_link=[{"person_id": "C-2", "related_person_id": "C-1", "relation": "SIBLING"}],
        exploitation=[
            {"exploitation_id": "X-1", "person_id": "C-2", "is_primary": True},
            {"exploitation_id": "X-2", "person_id": "C-1", "is_primary": True},
        ],
    )
    found = merged(given, {"C-2": "C-1"})
    countries = found["citizenship"][["person_id", "country", "is_primary"]].to_numpy().tolist()
    assert countries == [["C-1", "IQ", True], ["C-1", "SY", False]]
    assert found["family_link"].empty
    assert found["exploitation"][["exploitation_id", "is_primary"]].to_numpy().tolist() == [
        ["X-1", False],
        ["X-2", True],
    ]


def test_a_snapshot_counts_as_decided_and_an_undone_decision_gives_the_first_snapshot_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    initialise(url)
    engine = open_database(url)
    rows = frames(person=[person("C-1"), person("C-2")], episode=[stay("E-1", "C-1", 2022), stay("E-2", "C-2", 2019)])
    store(engine, Dataset(rows), profile="p", file_sha256="1" * 64, by="tester")
    first = freeze(url, tmp_path / "snapshots")
    decide(engine, "C-1", "C-2", same=True, why="same case file", by="anna")
    second = freeze(url, tmp_path / "snapshots")
    assert second.id != first.id
    with Engine() as look:
        second.attach(look)
        assert look.rows("SELECT count(*), count(DISTINCT person_id) FROM episode") == [(2, 1)]
        assert look.rows("SELECT person_id FROM person") == [("C-1",)]
    undo(engine, 1, why="two sisters", by="otto")
    assert freeze(url, tmp_path / "snapshots").id == first.id
