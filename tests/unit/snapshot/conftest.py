"""A database with a few records of two reporting systems."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from thassist.records.dataset import Dataset, empty_frame
from thassist.records.store import initialise, open_database, store

#: Stored in this order, which is not the order of the keys.
ROWS: dict[str, list[dict[str, Any]]] = {
    "person": [
        {"person_id": "N-1", "reporting_system": "UK_NRM", "sex": "M"},
        {
            "person_id": "C-000002",
            "reporting_system": "FI_NAS",
            "sex": "F",
            "birth_date": dt.date(1990, 1, 1),
            "birth_date_precision": "A",
            "birth_date_estimated": False,
        },
        {"person_id": "C-000001", "reporting_system": "FI_NAS", "sex": "_U"},
    ],
    "referral": [
        {
            "referral_id": "R-000001",
            "person_id": "C-000002",
            "received_date": dt.date(2024, 1, 1),
            "received_date_precision": "Q",
            "source": "POLICE",
        }
    ],
}


def put(url: str, rows: dict[str, list[dict[str, Any]]], sha256: str, *, synthetic: bool = False) -> None:
    """Store rows as one delivery."""
    dataset = Dataset({name: empty_frame(name, found) for name, found in rows.items()}, synthetic=synthetic)
    moment = dt.datetime(2024, 5, 6, 7, 8, 9)  # noqa: DTZ001 - stored as UTC without zone
    store(open_database(url), dataset, profile="p", file_sha256=sha256, by="tester", at=moment)


@pytest.fixture
def more() -> Any:
    return put


@pytest.fixture
def url(tmp_path: Path) -> str:
    address = f"sqlite:///{tmp_path / 'records.db'}"
    initialise(address)
    put(address, ROWS, "1" * 64)
    return address


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "snapshots"
