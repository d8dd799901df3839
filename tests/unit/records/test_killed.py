"""An import that is killed at any moment leaves the database as it was, or complete; never in between, never locked."""

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

import pytest

from thassist.records.migrate import initialise, open_database

PEOPLE, ROUNDS = 8000, 20

#: Imports the same delivery once a line of its input, each time in a process of its own, and says when it begins.
_IMPORTER = f"""
import os, sys
from thassist.records.dataset import Dataset, empty_frame
from thassist.records.store import open_database, store
people = [{{"person_id": f"C-{{n}}", "reporting_system": "FI_NAS", "sex": "F"}} for n in range({PEOPLE})]
homes = [{{"person_id": f"C-{{n}}", "country": "FI", "is_primary": True}} for n in range({PEOPLE})]
dataset = Dataset({{"person": empty_frame("person", people), "citizenship": empty_frame("citizenship", homes)}})
print("ready", flush=True)
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        engine = open_database(line.strip())
        os.write(1, f"{{os.getpid()}}\\n".encode())
        store(engine, dataset, profile="fi-nas", file_sha256="a" * 64, by="tester")
        os._exit(0)
    os.waitpid(child, 0)
    print("ended", flush=True)
"""


def _line(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.readline().strip()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
def test_killed_at_any_moment(tmp_path: Path) -> None:
    chance = random.Random(20240101)
    outcomes: list[int] = []
    journals = 0
    with subprocess.Popen(
        [sys.executable, "-c", _IMPORTER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as importer:
        assert _line(importer.stdout) == "ready"
        length = _import(importer, tmp_path / "whole.db", None)
        assert _state(tmp_path / "whole.db") == PEOPLE
        for number in range(ROUNDS):
            path = tmp_path / f"{number}.db"
            _import(importer, path, 1.5 * length * (number + chance.random()) / ROUNDS)
            journal = path.with_name(path.name + "-journal")
            journals += journal.exists() and journal.stat().st_size > 0
            outcomes.append(_state(path))
    assert set(outcomes) <= {0, PEOPLE}
    assert outcomes.count(0) >= ROUNDS // 4, "many were to be killed on their way"
    assert journals, "some were to be killed in the middle of writing"


def _import(importer: subprocess.Popen[str], path: Path, kill_after: float | None) -> float:
    """Run one import, killed after some seconds; the seconds it took."""
    initialise(f"sqlite:///{path}")
    assert importer.stdin is not None
    importer.stdin.write(f"sqlite:///{path}\n")
    importer.stdin.flush()
    process = int(_line(importer.stdout))
    start = time.monotonic()
    if kill_after is not None:
        time.sleep(kill_after)
        with contextlib.suppress(ProcessLookupError):  # it may have been faster this time
            os.kill(process, signal.SIGKILL)
    assert _line(importer.stdout) == "ended"
    return time.monotonic() - start


def _state(path: Path) -> int:
    """Number of persons of a database that is sound and takes another import at once."""
    engine = open_database(f"sqlite:///{path}")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        people, homes, batches = (
            connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one()
            for name in ("person", "citizenship", "import_batch")
        )
    assert (homes, batches) == (people, 1 if people else 0)
    other = sqlite3.connect(path, timeout=0, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    other.execute("ROLLBACK")
    other.close()
    return int(people)
