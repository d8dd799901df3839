"""Sixty made-up clients in a snapshot, by a rule simple enough to count by hand."""

import datetime as dt
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from thassist import _data
from thassist.publish.public import Published
from thassist.records.dataset import Dataset, empty_frame
from thassist.records.migrate import initialise, open_database
from thassist.records.store import store, withdraw
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


#: Of the clients of the tests of public releases, the form and the sex: three in forced marriages, two made to commit
#: crimes.
def person(client: int) -> tuple[str, str]:
    form = "MARR" if client in {4, 10, 16} else "CRIM" if client in {5, 11} else "LAB" if client % 2 else "SEX_PROST"
    return form, "M" if client % 5 == 0 else "F"


#: What a release of these tests holds; the shipped ones hold many more tables and take longer.
TABLES = (
    *("fi_referrals_source", "fi_new_clients_kind", "fi_new_victims_form_sex", "fi_new_victims_form"),
    *("fi_new_victims_place", "fi_stock_group", "fi_stock_age", "fi_exits_reason", "fi_series_stock"),
)
_CONTENT = """
[[chapter]]
id = "all"
tables = {tables}
title = {{ fi = "Kaikki", sv = "Allt", en = "All" }}
[[chart]]
table = "fi_new_victims_form"
dimension = "form"
kind = "bar"
title = {{ fi = "Muoto", sv = "Form", en = "Form" }}
"""


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped definitions, with short national releases."""
    reports = tmp_path_factory.mktemp("definitions") / "reports"
    shutil.copytree(_data.reports_dir(), reports)
    for path in (reports / "releases").glob("national-*.toml"):
        head, chapters, _ = path.read_text(encoding="utf-8").partition("[[chapter]]")
        if not chapters:  # a public package: it takes over the chapters, and leaves nothing out here
            path.write_text(head.partition("[[left_out]]")[0], encoding="utf-8")
            continue
        path.write_text(head + _CONTENT.format(tables=list(TABLES)), encoding="utf-8")
    return reports


@pytest.fixture
def short(shipped: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The short releases, in use."""
    monkeypatch.setenv("THASSIST_REPORTS", str(shipped))
    return shipped


@pytest.fixture(scope="module")
def in_use(shipped: Path) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("THASSIST_REPORTS", str(shipped))
        yield shipped


@pytest.fixture
def copy(made: Published, tmp_path: Path) -> Path:
    """The folder of a module's release, to plant something in; without its PDF, which takes long to read."""
    folder = Path(shutil.copytree(made.built.folder, tmp_path / "copy"))
    for path in folder.glob("*.pdf"):
        path.unlink()
    return folder


@pytest.fixture(scope="session")
def few_of_some(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """The clients with the forms and sexes of :func:`person`, some of which are few."""
    rows = Office.all_records(CLIENTS)
    for client, (each, form) in enumerate(zip(rows["person"], rows["exploitation_form"], strict=True)):
        form["form"], each["sex"] = person(client)
    office = Office(tmp_path_factory.mktemp("public"))
    office.enter(rows)
    return office.freeze()


@pytest.fixture(scope="session")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """The clients, stored and frozen."""
    folder = tmp_path_factory.mktemp("release")
    office = Office(folder)
    office.enter(Office.all_records(CLIENTS))
    return office.freeze()


class Office:
    """A database of its own, from which snapshots are frozen."""

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder / 'cases.db'}"
        self.snapshots = folder / "snapshots"
        self._deliveries = 0
        initialise(self.url)

    def enter(self, rows: dict[str, list[dict[str, Any]]], **options: Any) -> None:
        """Store records, or correct stored ones."""
        content = Dataset({table: empty_frame(table, found) for table, found in rows.items()}, synthetic=True)
        self._deliveries += 1
        engine = open_database(self.url)
        try:
            store(engine, content, profile="fi-nas", file_sha256=f"{self._deliveries:064d}", by="tester", **options)
        finally:
            engine.dispose()

    def withdraw(self, table: str, key: str) -> None:
        """Take a record away."""
        engine = open_database(self.url)
        try:
            withdraw(engine, {table: [{f"{table}_id": key}]}, by="tester", why="entered twice")
        finally:
            engine.dispose()

    def freeze(self) -> Snapshot:
        """The records as they are now."""
        return freeze(self.url, self.snapshots)

    records = staticmethod(records)

    @staticmethod
    def all_records(clients: Iterable[int]) -> dict[str, list[dict[str, Any]]]:
        """The records of some clients, by table."""
        rows: dict[str, list[dict[str, Any]]] = {}
        for client in clients:
            for table, found in records(client).items():
                rows.setdefault(table, []).extend(found)
        return rows


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An empty database."""
    folder = tmp_path / "office"
    folder.mkdir()
    return Office(folder)


@pytest.fixture(scope="module")
def shared_office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """A database that the tests of a module share."""
    return Office(tmp_path_factory.mktemp("office"))
