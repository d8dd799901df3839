"""An import that is killed at any moment leaves the database as it was, or complete; never in between, never locked."""

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pytest

from thassist.records.dataset import Dataset, empty_frame
from thassist.records.migrate import initialise, open_database
from thassist.records.store import store
from thassist.records.verify import verify

PEOPLE = 4000

#: Imports the same delivery once a line of its input, each time in a process of its own, and says when it begins.
_IMPORTER = f"""
import os, sys
from thassist.records.dataset import Dataset, empty_frame
from thassist.records.store import open_database, store
people = [{{"person_id": f"C-{{n}}", "reporting_system": "FI_NAS", "sex": "F"}} for n in range({PEOPLE})]
homes = [{{"person_id": f"C-{{n}}", "country": "FI", "is_primary": True}} for n in range({PEOPLE})]
dataset = Dataset({{"person": empty_frame("person", people), "citizenship": empty_frame("citizenship", homes)}})
if sys.argv[1:]:
    import psycopg
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


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
@pytest.mark.parametrize("rounds", [8, pytest.param(50, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_killed_at_any_moment(kind: str, rounds: int, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """The moments lie in equal parts of one and a half times what a whole import takes, one at random in each."""
    chance = random.Random(rounds)
    outcomes: list[int] = []
    journals = 0
    with subprocess.Popen(
        [sys.executable, "-c", _IMPORTER, kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as importer:
        assert _line(importer.stdout) == "ready"
        new = _databases(kind, tmp_path, request)
        whole = new()
        length = _import(importer, whole, None)
        assert _state(whole) == PEOPLE
        for number in range(rounds):
            url = new()
            _import(importer, url, 1.5 * length * (number + chance.random()) / rounds)
            if kind == "sqlite":
                journal = Path(url.removeprefix("sqlite:///") + "-journal")
                journals += journal.exists() and journal.stat().st_size > 0
            outcomes.append(_state(url))
            if kind == "postgresql":
                request.getfixturevalue("server").drop(url)
    assert set(outcomes) <= {0, PEOPLE}
    assert outcomes.count(0) >= rounds // 4, "many were to be killed on their way"
    assert journals or kind != "sqlite", "some were to be killed in the middle of writing"


def _databases(kind: str, folder: Path, request: pytest.FixtureRequest) -> Callable[[], str]:
    """Makes a new database with the newest schema each time it is called."""
    if kind == "postgresql":
        server: Any = request.getfixturevalue("server")
        return lambda: str(server.new("ready"))
    ready = folder / "ready.db"
    initialise(f"sqlite:///{ready}")

    def copy() -> str:
        path = folder / f"{len(list(folder.iterdir()))}.db"
        path.write_bytes(ready.read_bytes())
        return f"sqlite:///{path}"

    return copy


def _import(importer: subprocess.Popen[str], url: str, kill_after: float | None) -> float:
    """Run one import, killed after some seconds; the seconds it took."""
    assert importer.stdin is not None
    importer.stdin.write(url + "\n")
    importer.stdin.flush()
    process = int(_line(importer.stdout))
    start = time.monotonic()
    if kill_after is not None:
        time.sleep(kill_after)
        with contextlib.suppress(ProcessLookupError):  # it may have been faster this time
            os.kill(process, signal.SIGKILL)
    assert _line(importer.stdout) == "ended"
    return time.monotonic() - start


def _state(url: str) -> int:
    """Number of persons of a database that is sound and takes another import at once."""
    engine = open_database(url)
    if url.startswith("sqlite"):
        _lockable(Path(url.removeprefix("sqlite:///")))
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        people, homes, batches = (
            connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one()
            for name in ("person", "citizenship", "import_batch")
        )
    assert (homes, batches) == (people, 1 if people else 0)
    rows = [{"person_id": "C-after", "reporting_system": "FI_NAS", "sex": "F"}]
    store(engine, Dataset({"person": empty_frame("person", rows)}), profile="p", file_sha256="b" * 64, by="tester")
    verdict = verify(engine)
    assert (verdict.entries, verdict.problems) == (people + homes + batches + 2, ())
    engine.dispose()
    return int(people)


def _lockable(path: Path) -> None:
    other = sqlite3.connect(path, timeout=0, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    other.execute("ROLLBACK")
    other.close()
