"""A database of its own for each test, and a small delivery of records that belong together.

``url`` and ``engine`` are SQLite. A module whose tests hold on both databases says
``pytestmark = pytest.mark.parametrize("url", ["sqlite", "postgresql"], indirect=True)``.
"""

import datetime as dt
import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine

from thassist.records.dataset import Dataset, empty_frame
from thassist.records.store import initialise, open_database

DAY = dt.date(2024, 3, 5)


def _dated(name: str, year: int = 2024, precision: str = "D") -> dict[str, Any]:
    """A date and its precision: the day of the delivery, or a year."""
    return {name: DAY if precision == "D" else dt.date(year, 1, 1), f"{name}_precision": precision}


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
        "contact": [
            {
                "contact_id": "K-000001",
                "reporting_system": "FI_NAS",
                "contact_date": dt.date(2023, 12, 31),
                "contact_date_precision": "D",
                "channel": "PHONE",
                "source": "POLICE",
                "anonymous": False,
            }
        ],
        "referral": [
            {
                "referral_id": "R-000001",
                "person_id": "C-000001",
                "received_date": dt.date(2024, 1, 1),
                "received_date_precision": "Q",
                "source": "POLICE",
                "contact_id": "K-000001",
                "consent": True,
                "consent_by": "PERSON",
            }
        ],
        "source_code": [{"referral_id": "R-000001", "scheme": "uk_gender", "code": "Female"}],
        "status_event": [  # not in the order of their numbers: the order of a sheet is anybody's
            {"referral_id": "R-000001", "seq_no": 2, "status": "ADMITTED", **_dated("status_date")},
            {"referral_id": "R-000001", "seq_no": 1, "status": "REFERRED", **_dated("status_date", 2024, "A")},
            {"referral_id": "R-000001", "seq_no": 3, "status": "ACTIVE", **_dated("status_date")},
        ],
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
                "authority": "NAS",
                "statute": "A746_S35",
            },
            {
                "decision_id": "D-000002",
                "person_id": "C-000001",
                "decision_type": "REFLECTION",
                "outcome": "POSITIVE",
                **_dated("decision_date"),
            },
        ],
        "appeal": [
            {
                "appeal_id": "V-000001",
                "decision_id": "D-000001",
                "body": "ADMIN_COURT",
                "ruling": "OVERTURNED",
                "new_decision_id": "D-000002",
                **_dated("appeal_date"),
                **_dated("ruling_date"),
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
        "provision": [
            {
                "provision_id": "P-000001",
                "episode_id": "E-000001",
                "provider": "COUNTY",
                "payer": "ELY",
                "county": "KYMENLAAKSO",
                "municipality": "285",
                **_dated("start_date"),
            }
        ],
        "service": [
            {
                "service_id": "S-000001",
                "episode_id": "E-000001",
                "kind": "HOUSING",
                "cost_cents": 0,
                **_dated("start_date"),
                **_dated("end_date", 2025, "A"),
            }
        ],
        "exploitation": [
            {
                "exploitation_id": "X-000001",
                "person_id": "C-000001",
                "referral_id": "R-000001",
                "is_primary": True,
                "recruitment": "JOB_OFFER",
                "exploiter_relation": "EMPLOYER",
                "second_reviewed": False,
            }
        ],
        "exploitation_form": [
            {"exploitation_id": "X-000001", "form": "LAB", "is_primary": True},
            {"exploitation_id": "X-000001", "form": "SEX", "is_primary": False},
        ],
        "exploitation_country": [{"exploitation_id": "X-000001", "country": "FI"}],
        "exploitation_means": [
            {"exploitation_id": "X-000001", "means": "DEBT"},
            {"exploitation_id": "X-000001", "means": "ISOLATION"},
        ],
        "identification": [
            {
                "identification_id": "I-000001",
                "person_id": "C-000001",
                "status": "IDENT_S35",
                "authority": "NAS",
                "decision_id": "D-000001",
                **_dated("identified_date"),
            }
        ],
        "residence_status": [
            {"person_id": "C-000001", "valid_from": DAY, "valid_from_precision": "D", "status": "ASYLUM"}
        ],
        "permit": [
            {
                "permit_id": "L-000001",
                "person_id": "C-000001",
                "ground": "S52A_CONTINUOUS",
                "filed_in_reflection": True,
                **_dated("application_date"),
            }
        ],
        "assistance_period": [
            {
                "period_id": "T-000001",
                "person_id": "C-000001",
                "period_type": "REFLECTION",
                "granted_by": "NAS",
                "extended": False,
                **_dated("start_date"),
                **_dated("end_date", 2025, "A"),
            }
        ],
        "criminal_stage": [
            {"person_id": "C-000001", "stage": "REPORT", "title_thb": True, **_dated("stage_date")},
            {"person_id": "C-000001", "stage": "INVESTIGATION", **_dated("stage_date")},
        ],
        "compensation": [
            {
                "compensation_id": "M-000001",
                "person_id": "C-000001",
                "kind": "WAGES",
                "amount_cents": 123456,
                **_dated("decided_date"),
            }
        ],
        "assisted_return": [
            {"return_id": "B-000001", "person_id": "C-000002", "country": "IQ", **_dated("return_date")}
        ],
        "staff_time": [
            {
                "process": "CASEWORK",
                "unit": "ALL",
                "reporting_system": "FI_NAS",
                "hours_hundredths": 15075,
                "month_date": dt.date(2024, 3, 1),
                "month_date_precision": "M",
            }
        ],
    }


def dataset_of(rows: dict[str, list[dict[str, Any]]], *, synthetic: bool = False) -> Dataset:
    """A dataset from rows by table."""
    return Dataset({name: empty_frame(name, found) for name, found in rows.items()}, synthetic=synthetic)


@pytest.fixture
def rows() -> dict[str, list[dict[str, Any]]]:
    return small_delivery()


class Server:
    """A PostgreSQL server of our own: a Unix socket in a temporary folder, no network, thrown away afterwards."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs, self.folder = programs, folder
        self._number = itertools.count()

    def run(self, program: str, *arguments: str | Path, text: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run one of the server's programs; not as root, which the server refuses."""
        lowered = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        command = [str(self.programs / program), *(str(part) for part in arguments)]
        return subprocess.run(command, input=text, capture_output=True, text=True, cwd="/tmp", **lowered)

    def address(self, database: str) -> str:
        return f"postgresql+psycopg://tester@/{database}?host={self.folder}"

    def execute(self, statement: str) -> None:
        engine = create_engine(self.address("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
        engine.dispose()

    def new(self, template: str = "template1") -> str:
        """The address of a new database: empty, or a copy of another."""
        name = f"test{next(self._number)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.address(name)

    def drop(self, address: str) -> None:
        """Remove a database: each is a thousand files."""
        self.execute(f"DROP DATABASE {self.name(address)} WITH (FORCE)")

    @staticmethod
    def name(address: str) -> str:
        """The name of the database of an address."""
        return address.partition("@/")[2].partition("?")[0]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A running PostgreSQL server, with a database ``ready`` that has the newest schema; skips where there is none."""
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not homes:
        pytest.skip("no PostgreSQL server programs")
    folder = Path(tempfile.mkdtemp(prefix="thassist-pg-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    own = Server(homes[-1], folder)
    data = folder / "data"
    try:
        made = own.run("initdb", "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        if made.returncode:
            pytest.skip(f"initdb does not run here: {made.stderr.splitlines()[:1]}")
        options = f"-k {folder} -c listen_addresses= -c fsync=off -c full_page_writes=off"
        started = own.run("pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        assert started.returncode == 0, started.stderr
        try:
            own.execute("CREATE DATABASE ready")
            initialise(own.address("ready"))
            yield own
        finally:
            own.run("pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with the newest schema, to copy: making one takes longer than most tests."""
    path = tmp_path_factory.mktemp("ready") / "records.db"
    initialise(f"sqlite:///{path}")
    return path


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with the newest schema and no records."""
    if getattr(request, "param", "sqlite") == "postgresql":
        server: Server = request.getfixturevalue("server")
        address = server.new("ready")
        yield address
        server.drop(address)
    else:
        shutil.copy(request.getfixturevalue("ready"), tmp_path / "records.db")
        yield f"sqlite:///{tmp_path / 'records.db'}"


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    opened = open_database(url)
    yield opened
    opened.dispose()


@pytest.fixture
def moment() -> dt.datetime:
    """A moment in UTC, without zone, as moments are stored."""
    return dt.datetime(2024, 5, 6, 7, 8, 9)  # noqa: DTZ001


@pytest.fixture
def make_dataset() -> Any:
    return dataset_of
