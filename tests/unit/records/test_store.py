"""A delivery is stored whole or not at all; a stored record is never overwritten."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine, select

from thassist.errors import StorageError
from thassist.messages import LANGUAGES, explain
from thassist.records.database import reading
from thassist.records.dataset import TABLE_NAMES, Dataset, key_fields, record_table
from thassist.records.extract import provenance, read
from thassist.records.model import BOOKKEEPING
from thassist.records.store import ConflictingRecords, store

Rows = dict[str, list[dict[str, Any]]]
Make = Callable[..., Dataset]
FIRST, SECOND = "1" * 64, "2" * 64
pytestmark = pytest.mark.parametrize("url", ["sqlite", "postgresql"], indirect=True)


def _store(engine: Engine, dataset: Dataset, sha: str = FIRST, **options: Any) -> Any:
    return store(engine, dataset, profile="fi-nas", file_sha256=sha, by="tester", **options)


def _counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one()
            for name in (*TABLE_NAMES, "import_batch")
        }


def test_every_record_is_stored_with_who_when_and_which_import(engine: Engine, rows: Rows, make_dataset: Make) -> None:
    moment = dt.datetime(2024, 5, 6, 7, 8, 9)  # noqa: DTZ001 - stored as UTC without zone
    result = _store(engine, make_dataset(rows), at=moment)
    assert result.inserted == {name: len(found) for name, found in rows.items()}
    assert not any(result.unchanged.values())
    assert not result.already_imported
    assert _counts(engine) == {**{name: len(found) for name, found in rows.items()}, "import_batch": 1}
    with engine.connect() as connection:
        for name in TABLE_NAMES:
            table = record_table(name)
            stamps = connection.execute(select(*(table.c[part] for part in BOOKKEEPING)).distinct()).all()
            assert [tuple(stamp) for stamp in stamps] == [(result.batch_id, moment, "tester")]
        batch = connection.exec_driver_sql("SELECT profile, file_sha256, synthetic, row_count FROM import_batch").one()
    assert tuple(batch) == ("fi-nas", FIRST, 0, sum(map(len, rows.values())))


def test_what_is_read_back_is_what_was_stored(engine: Engine, rows: Rows, make_dataset: Make) -> None:
    delivered = make_dataset(rows)
    _store(engine, delivered)
    back = read(engine)
    for name in TABLE_NAMES:
        expected = delivered.frames[name].sort_values(key_fields(name))
        assert back.frames[name].to_dict("records") == expected.to_dict("records"), name


def test_the_same_file_twice_changes_nothing_and_says_so(engine: Engine, rows: Rows, make_dataset: Make) -> None:
    first = _store(engine, make_dataset(rows))
    before = _counts(engine)
    rows["person"][0]["sex"] = "M"  # the bytes decide, not what some reader makes of them
    again = _store(engine, make_dataset(rows))
    assert again.already_imported
    assert again.batch_id == first.batch_id
    assert not any(again.inserted.values())
    assert _counts(engine) == before


def test_records_with_the_same_values_are_left_as_they_are(engine: Engine, rows: Rows, make_dataset: Make) -> None:
    _store(engine, make_dataset(rows))
    rows["citizenship"].append({"person_id": "C-000001", "country": "FI"})
    result = _store(engine, make_dataset(rows), SECOND)
    assert result.inserted == {**dict.fromkeys(TABLE_NAMES, 0), "citizenship": 1}
    assert result.unchanged["citizenship"] == 3
    with engine.connect() as connection:
        batches = connection.exec_driver_sql("SELECT batch_id, count(*) FROM citizenship GROUP BY 1 ORDER BY 1").all()
    assert [tuple(found) for found in batches] == [(1, 3), (2, 1)]


def test_records_with_other_values_stop_the_delivery(engine: Engine, rows: Rows, make_dataset: Make) -> None:
    _store(engine, make_dataset(rows))
    before = _counts(engine)
    rows["person"][0].update(sex="M", birth_date=dt.date(1991, 1, 1))
    rows["exploitation_form"][1]["is_primary"] = None
    rows["citizenship"].append({"person_id": "C-000001", "country": "FI"})
    with pytest.raises(ConflictingRecords) as caught:
        _store(engine, make_dataset(rows), SECOND)
    assert caught.value.exit_code == 1
    assert [(found.table, found.key, found.fields) for found in caught.value.conflicts] == [
        ("person", {"person_id": "C-000001"}, ("sex", "birth_date")),
        ("exploitation_form", {"exploitation_id": "X-000001", "form": "SEX"}, ("is_primary",)),
    ]
    assert _counts(engine) == before
    for lang in LANGUAGES:
        assert "1991" not in explain(caught.value, lang)
        assert "C-000001" not in explain(caught.value, lang)


def test_a_delivery_that_contradicts_itself_is_a_conflict(engine: Engine, rows: Rows, make_dataset: Make) -> None:
    rows["person"] += [{**rows["person"][1]}, {**rows["person"][0], "sex": "M"}]
    with pytest.raises(ConflictingRecords) as caught:
        _store(engine, make_dataset(rows))
    assert [found.key for found in caught.value.conflicts] == [{"person_id": "C-000001"}]
    rows["person"].pop()
    assert _store(engine, make_dataset(rows)).unchanged["person"] == 1


def test_a_part_of_the_tables_may_be_delivered(engine: Engine, rows: Rows, make_dataset: Make) -> None:
    _store(engine, make_dataset(rows))
    further = {"citizenship": [{"person_id": "C-000002", "country": "FI", "is_primary": True}]}
    assert _store(engine, make_dataset(further), SECOND).inserted == {"citizenship": 1}


def test_values_as_pandas_gives_them_are_understood(engine: Engine, rows: Rows, make_dataset: Make) -> None:
    dataset = make_dataset(rows)
    dataset.frames["referral"]["received_date"] = pd.to_datetime(dataset.frames["referral"]["received_date"])
    dataset.frames["person"].loc[1, "birth_date_precision"] = np.nan
    dataset.frames["person"].loc[1, "birth_date"] = pd.NaT
    dataset.frames["episode"]["seq_no"] = dataset.frames["episode"]["seq_no"].astype(float)
    dataset.frames["episode"]["is_new"] = dataset.frames["episode"]["is_new"].astype(bool)
    dataset.frames["exploitation"]["is_primary"] = pd.Series([np.bool_(True)], dtype=object)
    _store(engine, dataset)
    assert read(engine).frames["exploitation"].loc[0, "is_primary"] is True
    assert read(engine).frames["referral"].loc[0, "received_date"] == dt.date(2024, 1, 1)
    assert read(engine).frames["person"].loc[1, "birth_date"] is None


FAULTS = {
    "records.value_empty": ("person", "sex", None),
    "records.value_kind": ("episode", "seq_no", "1"),
    "records.value_long": ("referral", "source_other", "x" * 201),
    "records.value_key": ("person", "person_id", "010190-123A"),
}


@pytest.mark.parametrize("key", FAULTS)
def test_a_wrong_value_is_refused_without_being_said(key: str, engine: Engine, rows: Rows, make_dataset: Make) -> None:
    table, name, value = FAULTS[key]
    rows[table][0][name] = value
    with pytest.raises(StorageError) as caught:
        _store(engine, make_dataset(rows))
    assert caught.value.key == key
    assert caught.value.params == {"table": table, "field": name, "number": 1}
    assert _counts(engine)["import_batch"] == 0


@pytest.mark.parametrize(
    "key", ["010190-123A", "010190a123b", "311299+999X", "C 000001", "Ääkkönen", "C-1\n", "x" * 65, ""]
)
def test_a_key_that_could_tell_who_it_is_is_refused(key: str, engine: Engine, rows: Rows, make_dataset: Make) -> None:
    rows = {"person": [{**rows["person"][0], "person_id": key}]}
    with pytest.raises(StorageError) as caught:
        _store(engine, make_dataset(rows))
    assert caught.value.key in {"records.value_key", "records.value_long"}


@pytest.mark.parametrize("key", ["C-000001", "uk-nrm-0f3a9c21b7de-17920", "240101-0001-7", "a"])
def test_other_keys_are_taken(key: str, engine: Engine, rows: Rows, make_dataset: Make) -> None:
    rows = {"person": [{**rows["person"][0], "person_id": key}]}
    assert _store(engine, make_dataset(rows)).inserted == {"person": 1}


def test_a_missing_field_is_named(engine: Engine, rows: Rows, make_dataset: Make) -> None:
    dataset = make_dataset(rows)
    del dataset.frames["person"]["sex"]
    with pytest.raises(StorageError, match="lack the field sex"):
        _store(engine, dataset)


@pytest.mark.parametrize("by", ["", "x" * 65])
def test_someone_must_have_imported(by: str, engine: Engine, rows: Rows, make_dataset: Make) -> None:
    with pytest.raises(StorageError, match="bad_account"):
        store(engine, make_dataset(rows), profile="fi-nas", file_sha256=FIRST, by=by)


def test_persons_choose_what_is_read(engine: Engine, rows: Rows, make_dataset: Make) -> None:
    _store(engine, make_dataset(rows))
    nobodys = {"contact": 1, "staff_time": 1}
    child = read(engine, persons={"C-000002"})
    assert {name: len(frame) for name, frame in child.frames.items() if len(frame)} == {
        "person": 1,
        "citizenship": 1,
        "family_link": 1,
        "assisted_return": 1,
        **nobodys,
    }
    mother = read(engine, persons={"C-000001", "C-404"})
    assert {name: len(frame) for name, frame in mother.frames.items()} == {
        **{name: len(found) for name, found in rows.items()},
        "person": 1,
        "citizenship": 2,
        "assisted_return": 0,
    }
    assert read(engine, persons=set()).count() == len(nobodys)
    assert list(read(engine, ["person"]).frames) == ["person"]


def test_more_persons_than_one_query_may_name(engine: Engine, make_dataset: Make) -> None:
    people = [{"person_id": f"C-{number:06}", "reporting_system": "FI_NAS", "sex": "F"} for number in range(1203)]
    _store(engine, make_dataset({"person": people}))
    found = read(engine, ["person"], {f"C-{number:06}" for number in range(5, 1203)}).frames["person"]
    assert list(found["person_id"]) == [f"C-{number:06}" for number in range(5, 1203)]
    assert _store(engine, make_dataset({"person": people}), SECOND).unchanged == {"person": 1203}


def test_made_up_data_are_known_by_reporting_system(engine: Engine, rows: Rows, make_dataset: Make) -> None:
    foreign = {
        "person": [{"person_id": "N-1", "reporting_system": "UK_NRM", "sex": "M"}],
        "referral": [
            {
                "referral_id": "N-1",
                "person_id": "N-1",
                "received_date": dt.date(2022, 4, 1),
                "received_date_precision": "Q",
                "source": "POLICE",
            }
        ],
    }
    _store(engine, make_dataset(foreign))
    _store(engine, make_dataset(rows), SECOND)
    assert not read(engine).synthetic
    form = {"exploitation_form": [{"exploitation_id": "X-000001", "form": "BEG"}]}
    _store(engine, make_dataset(form, synthetic=True), "3" * 64)
    with reading(engine) as connection:
        facts = provenance(connection)
    assert {code: (found.referrals, found.synthetic) for code, found in facts.reporting_systems.items()} == {
        "FI_NAS": (1, True),
        "UK_NRM": (1, False),
    }
    assert facts.synthetic
    assert read(engine).synthetic


def test_provenance_of_an_empty_database(engine: Engine) -> None:
    with reading(engine) as connection:
        facts = provenance(connection)
    assert facts.reporting_systems == {}
    assert facts.as_of is None
    assert facts.code_lists["country"] == "2026"
