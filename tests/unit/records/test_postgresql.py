"""The migrations on a real PostgreSQL server, where its programs are installed: a server of our own, thrown away.

Driven by ``psql``, because no driver for Python is among the dependencies: what is tested is the DDL and what it
enforces, not the drivers.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from thassist.records import migrate

_HOMES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not _HOMES, reason="no PostgreSQL server programs"),
]


def _run(*command: str | Path, text: str | None = None) -> subprocess.CompletedProcess[str]:
    lowered = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
    return subprocess.run(
        [str(part) for part in command], input=text, capture_output=True, text=True, cwd="/tmp", **lowered
    )


@pytest.fixture(scope="module")
def psql() -> Iterator[list[str | Path]]:
    home = _HOMES[-1]
    folder = Path(tempfile.mkdtemp(prefix="thassist-pg-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody", "nogroup")
    try:
        made = _run(home / "initdb", "-D", folder / "data", "-U", "tester", "-A", "trust", "-E", "UTF8", "--locale=C")
        if made.returncode:
            pytest.skip(f"initdb does not run here: {made.stderr.splitlines()[:1]}")
        options = f"-k {folder} -c listen_addresses= -c fsync=off"
        started = _run(home / "pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log", "-o", options, "start")
        assert started.returncode == 0, started.stderr
        command = [home / "psql", "-h", folder, "-U", "tester", "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-qAtX"]
        try:
            made = _run(*command, text=migrate.upgrade_sql("postgresql"))
            assert made.returncode == 0, made.stderr
            yield command
        finally:
            _run(home / "pg_ctl", "-D", folder / "data", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


BATCH = "INSERT INTO import_batch VALUES (1, 'p', 'x', FALSE, 0, '2024-01-01', 'me');"
CODES = (
    "INSERT INTO cl_sex VALUES ('F', 'a', 'b', 'c'); INSERT INTO cl_reporting_system VALUES ('FI_NAS', 'a', 'b', 'c');"
)
CODES += "INSERT INTO cl_country VALUES ('FI', 'a', 'b', 'c'), ('SE', 'a', 'b', 'c');"
PERSON = "INSERT INTO person VALUES ('{}', 'FI_NAS', '{}', {}, {}, NULL, 1, '2024-01-01', 'me');"
CITIZEN = "INSERT INTO citizenship VALUES ('C-1', '{}', {}, 1, '2024-01-01', 'me');"


def _person(key: str = "C-1", sex: str = "F", date: str = "NULL", known: str = "NULL") -> str:
    return BATCH + CODES + PERSON.format(key, sex, date, known)


ACCEPTED = {
    "no date": _person(),
    "day": _person(date="'1990-02-28'", known="'D'"),
    "month": _person(date="'1990-02-01'", known="'M'"),
    "quarter": _person(date="'1990-10-01'", known="'Q'"),
    "half-year": _person(date="'1990-07-01'", known="'S'"),
    "year": _person(date="'1990-01-01'", known="'A'"),
    "one primary citizenship": _person() + CITIZEN.format("FI", "TRUE") + CITIZEN.format("SE", "FALSE"),
    "the lock of an import": "BEGIN; LOCK TABLE import_batch IN SHARE ROW EXCLUSIVE MODE; COMMIT;",
}
REFUSED = {
    "fk_person_sex": _person(sex="W"),
    "ck_person_birth_date_precision": _person(known="'D'"),
    "ck_person_birth_date_first_day": _person(date="'1990-02-02'", known="'M'"),
    "ck_person_person_id_format": _person(key="010190-123A"),
    "uq_citizenship_primary": _person() + CITIZEN.format("FI", "TRUE") + CITIZEN.format("SE", "TRUE"),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_accepted(case: str, psql: list[str | Path]) -> None:
    done = _run(*psql, text=f"BEGIN; {ACCEPTED[case]} ROLLBACK;".replace("BEGIN; BEGIN;", "BEGIN;"))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("constraint", REFUSED)
def test_refused(constraint: str, psql: list[str | Path]) -> None:
    done = _run(*psql, text=f"BEGIN; {REFUSED[constraint]} ROLLBACK;")
    assert done.returncode != 0
    assert constraint in done.stderr


@pytest.mark.parametrize("sign", ["010190-123A", "010190y123a", "Ä-1", "C 1", "x" * 64 + "y", ""])
def test_keys(sign: str, psql: list[str | Path]) -> None:
    assert _run(*psql, text=f"BEGIN; {_person(key=sign)} ROLLBACK;").returncode != 0


def test_comments_are_in_the_catalogue(psql: list[str | Path]) -> None:
    found = _run(*psql, text="SELECT count(*) FROM pg_description WHERE objoid = 'person'::regclass;")
    assert found.stdout.strip() == "10"  # the table and its nine columns
