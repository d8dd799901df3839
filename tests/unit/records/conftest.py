"""A database of its own for each test, and a small delivery of records that belong together."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from thassist.records.dataset import Dataset, empty_frame
from thassist.records.store import initialise, open_database

DAY = dt.date(2024, 3, 5)


def small_delivery() -> dict[str, list[dict[str, Any]]]:
    """One client with a child: at least one record of every table."""
    return {
        "person": [
            {
                "person_id": "C-000001",
                "reporting_system": "FI_NAS",
                "sex": "F",
                "birth_date": dt.date(1990, 1, 1),
                "birth_date_precision": "A",
                "birth_date_estimated": True,
            },
            {"person_id": "C-000002", "reporting_system": "FI_NAS", "sex": "_U"},
        ],
        "citizenship": [
            {"person_id": "C-000001", "country": "IQ", "is_primary": True},
            {"person_id": "C-000001", "country": "SY", "is_primary": False},
            {"person_id": "C-000002", "country": "STLS"},
        ],
        "family_link": [{"person_id": "C-000002", "related_person_id": "C-000001", "relation": "GUARDIAN"}],
        "referral": [
            {
                "referral_id": "R-000001",
                "person_id": "C-000001",
                "received_date": dt.date(2024, 1, 1),
                "received_date_precision": "Q",
                "source": "POLICE",
            }
        ],
        "source_code": [{"referral_id": "R-000001", "scheme": "uk_gender", "code": "Female"}],
        "decision": [
            {
                "decision_id": "D-000001",
                "person_id": "C-000001",
                "referral_id": "R-000001",
                "decision_type": "ADMISSION",
                "decision_date": DAY,
                "decision_date_precision": "D",
                "outcome": "POSITIVE",
                "criterion_victim": True,
                "criterion_need": True,
            }
        ],
        "episode": [
            {
                "episode_id": "E-000001",
                "person_id": "C-000001",
                "decision_id": "D-000001",
                "role": "VICTIM",
                "seq_no": 1,
                "is_new": True,
                "admission_date": DAY,
                "admission_date_precision": "D",
            }
        ],
        "exploitation": [
            {"exploitation_id": "X-000001", "person_id": "C-000001", "referral_id": "R-000001", "is_primary": True}
        ],
        "exploitation_form": [
            {"exploitation_id": "X-000001", "form": "LAB", "is_primary": True},
            {"exploitation_id": "X-000001", "form": "SEX", "is_primary": False},
        ],
        "exploitation_country": [{"exploitation_id": "X-000001", "country": "FI"}],
        "residence_status": [
            {"person_id": "C-000001", "valid_from": DAY, "valid_from_precision": "D", "status": "ASYLUM"}
        ],
    }


def dataset_of(rows: dict[str, list[dict[str, Any]]], *, synthetic: bool = False) -> Dataset:
    """A dataset from rows by table."""
    return Dataset({name: empty_frame(name, found) for name, found in rows.items()}, synthetic=synthetic)


@pytest.fixture
def rows() -> dict[str, list[dict[str, Any]]]:
    return small_delivery()


@pytest.fixture
def url(tmp_path: Path) -> str:
    address = f"sqlite:///{tmp_path / 'records.db'}"
    initialise(address)
    return address


@pytest.fixture
def engine(url: str) -> Engine:
    return open_database(url)


@pytest.fixture
def make_dataset() -> Any:
    return dataset_of
