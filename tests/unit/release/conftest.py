"""Sixty made-up clients in a snapshot, by a rule simple enough to count by hand."""

import datetime as dt
from typing import Any

import pytest

from thassist.records.dataset import Dataset, empty_frame
from thassist.records.migrate import initialise, open_database
from thassist.records.store import store
from thassist.snapshot import Snapshot, freeze

#: Clients 0–59: every third a man; every tenth a minor; the first 40 admitted in 2022, the rest in 2023.
CLIENTS = range(60)
FORMS = ("LAB", "LAB", "LAB", "SEX_PROST", "MARR", "CRIM")
COUNTRIES = ("VN", "IQ", "TH", "UA", "CI", "_U")


def admitted(client: int) -> dt.date:
    return dt.date(2022, 1 + client % 12, 15) if client < 40 else dt.date(2023, 1 + client % 12, 15)


def records(client: int) -> dict[str, list[dict[str, Any]]]:
    number = f"{client:06d}"
    day = admitted(client)
    minor = client % 10 == 9
    return {
        "person": [
            {
                "person_id": f"C-{number}",
                "reporting_system": "FI_NAS",
                "sex": "M" if client % 3 == 0 else "F",
                "birth_date": dt.date(2010 if minor else 1960 + client % 40, 6, 1),
                "birth_date_precision": "D",
                "birth_date_estimated": False,
            }
        ],
        "citizenship": [
            {"person_id": f"C-{number}", "country": COUNTRIES[client % 6], "is_primary": True},
        ],
        "referral": [
            {
                "referral_id": f"R-{number}",
                "person_id": f"C-{number}",
                "received_date": day - dt.timedelta(days=10),
                "received_date_precision": "D",
                "source": "MIGRI" if client % 4 else "SELF",
            }
        ],
        "decision": [
            {
                "decision_id": f"D-{number}",
                "person_id": f"C-{number}",
                "referral_id": f"R-{number}",
                "decision_type": "ADMISSION",
                "decision_date": day,
                "decision_date_precision": "D",
                "outcome": "POSITIVE",
                "criterion_victim": True,
                "criterion_need": True,
            }
        ],
        "episode": [
            {
                "episode_id": f"E-{number}",
                "person_id": f"C-{number}",
                "decision_id": f"D-{number}",
                "role": "VICTIM",
                "seq_no": 1,
                "is_new": True,
                "admission_date": day,
                "admission_date_precision": "D",
            }
        ],
        "exploitation": [
            {
                "exploitation_id": f"X-{number}",
                "person_id": f"C-{number}",
                "referral_id": f"R-{number}",
                "is_primary": True,
            }
        ],
        "exploitation_form": [{"exploitation_id": f"X-{number}", "form": FORMS[client % 6], "is_primary": True}],
        "exploitation_country": [{"exploitation_id": f"X-{number}", "country": "FI" if client % 2 else "LY"}],
    }


@pytest.fixture(scope="session")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """The clients, stored and frozen."""
    folder = tmp_path_factory.mktemp("release")
    url = f"sqlite:///{folder / 'cases.db'}"
    initialise(url)
    rows: dict[str, list[dict[str, Any]]] = {}
    for client in CLIENTS:
        for table, found in records(client).items():
            rows.setdefault(table, []).extend(found)
    dataset = Dataset({table: empty_frame(table, found) for table, found in rows.items()}, synthetic=True)
    engine = open_database(url)
    try:
        store(engine, dataset, profile="fi-nas", file_sha256="0" * 64, by="tester")
    finally:
        engine.dispose()
    return freeze(url, folder / "snapshots")
