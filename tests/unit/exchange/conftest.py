"""A frozen data base with made-up victims, a witness, and a person of another reporting system."""

import datetime as dt
import itertools
import random
from typing import Any

import pytest

from thassist.codes import classification
from thassist.records.dataset import Dataset, empty_frame
from thassist.records.store import initialise, open_database, store
from thassist.snapshot import Snapshot, freeze

VICTIMS = 120


def made_up() -> dict[str, list[dict[str, Any]]]:
    """Victims whose every coded fact is drawn from our own lists; the same every time."""
    draw = random.Random(6)
    rows: dict[str, list[dict[str, Any]]] = {
        name: []
        for name in (
            *("person", "citizenship", "referral", "decision", "episode", "exploitation"),
            *("exploitation_form", "exploitation_country", "exploitation_means"),
        )
    }
    forms, means = sorted(classification("exploitation_form").codes), sorted(classification("means_of_control").codes)
    some = {
        name: [*sorted(classification(name).codes), None] for name in ("industry", "recruitment", "exploiter_relation")
    }
    for number in range(VICTIMS + 2):
        key = f"P-{number:04}"
        system = "UK_NRM" if number == VICTIMS else "FI_NAS"
        role = "WITNESS" if number == VICTIMS + 1 else "VICTIM"
        year = 2020 + number % 3
        rows["person"].append(
            {
                "person_id": key,
                "reporting_system": system,
                "sex": draw.choice(["F", "F", "M", "O", "_U"]),
                "birth_date": dt.date(1960 + number % 45, 3, 7),
                "birth_date_precision": "D",
            }
        )
        rows["citizenship"] += [
            {"person_id": key, "country": country, "is_primary": place == 0}
            for place, country in enumerate(draw.sample(["NG", "IQ", "NA", "STLS", "_U", "XK"], draw.choice([1, 1, 2])))
        ]
        rows["referral"].append(
            {
                "referral_id": f"R-{number:04}",
                "person_id": key,
                "received_date": dt.date(year, 1 + number % 12, 1 + number % 28),
                "received_date_precision": "D",
                "source": "POLICE",
            }
        )
        rows["episode"].append(
            {
                "episode_id": f"E-{number:04}",
                "person_id": key,
                "role": role,
                "seq_no": 1,
                "is_new": True,
                "admission_date": dt.date(year, 12, 30),
                "admission_date_precision": "D",
            }
        )
        rows["exploitation"].append(
            {
                "exploitation_id": f"X-{number:04}",
                "person_id": key,
                "is_primary": True,
                **{name: draw.choice(codes) for name, codes in some.items()},
            }
        )
        for table, name, codes in (
            ("exploitation_form", "form", forms),
            ("exploitation_means", "means", means),
            ("exploitation_country", "country", ["FI", "IT", "NA", "_U"]),
        ):
            rows[table] += [
                {"exploitation_id": f"X-{number:04}", name: code}
                for code in draw.sample(codes, draw.choice([1, 1, 2, 3]))
            ]
    return rows


@pytest.fixture(scope="session")
def cases() -> dict[str, list[dict[str, Any]]]:
    """The records that are stored."""
    return made_up()


@pytest.fixture(scope="session")
def frozen(tmp_path_factory: pytest.TempPathFactory, cases: dict[str, list[dict[str, Any]]]) -> Snapshot:
    """Their snapshot."""
    folder = tmp_path_factory.mktemp("exchange")
    url = f"sqlite:///{folder / 'records.db'}"
    initialise(url)
    frames = {name: empty_frame(name, found) for name, found in cases.items()}
    moment = dt.datetime(2024, 5, 6, 7, 8, 9)  # noqa: DTZ001 - stored as UTC without zone
    store(
        open_database(url), Dataset(frames, synthetic=True), profile="p", file_sha256="1" * 64, by="tester", at=moment
    )
    return freeze(url, folder / "snapshots")


@pytest.fixture
def of_person(cases: dict[str, list[dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Victims of the assistance system, with the codes of their facts."""
    found: dict[str, dict[str, Any]] = {}
    for person, own in zip(cases["person"][:VICTIMS], itertools.count(), strict=False):
        key = f"X-{own:04}"
        found[person["person_id"]] = {
            **person,
            **cases["exploitation"][own],
            **{
                table: {row[name] for row in cases[table] if row["exploitation_id"] == key}
                for table, name in (
                    ("exploitation_form", "form"),
                    ("exploitation_means", "means"),
                    ("exploitation_country", "country"),
                )
            },
            "citizenship": {row["country"] for row in cases["citizenship"] if row["person_id"] == person["person_id"]},
            "received": cases["referral"][own]["received_date"],
        }
    return found
