"""Two who import at once are judged by what is stored when they store, not by what was stored when they looked."""

import datetime as dt
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from thassist.intake import deliver, judge, template
from thassist.records.dataset import Dataset, empty_frame
from thassist.records.extract import read
from thassist.records.store import store
from thassist.records.verify import verify

pytestmark = pytest.mark.parametrize("url", ["sqlite", "postgresql"], indirect=True)
TODAY = dt.date(2024, 6, 30)

#: Judges a file by what is stored, says so, and stores only when it is told to.
_IMPORTER = """
import datetime, pathlib, sys
from thassist.intake import deliver, judge
url, who, path, correct = sys.argv[1:]
judged = judge.ruled
def said(*arguments):
    found = judged(*arguments)
    print("judged", "fit" if found.acceptable else "unfit", flush=True)
    sys.stdin.readline()
    return found
judge.ruled = said
result = deliver.import_file(url, pathlib.Path(path), by=who, correct=correct == "yes", why="seen in the file",
                             today=datetime.date(2024, 6, 30))
print("refused" if result.stored is None else "stored", flush=True)
"""


def _day(name: str, day: dt.date) -> dict[str, Any]:
    return {name: day, f"{name}_precision": "D"}


def _file(folder: Path, name: str, rows: dict[str, list[dict[str, Any]]]) -> Path:
    path = folder / name
    template.write_workbook(Dataset({table: empty_frame(table, found) for table, found in rows.items()}), path, "fi")
    return path


@pytest.fixture
def deliveries(url: str, engine: Engine, tmp_path: Path) -> tuple[Path, Path]:
    """A stored proposal; a file that dates it later; a file with a decision between the two dates.

    Each is right beside what is stored; together a decision would come before its proposal (R04).
    """
    person = {"person_id": "C-000001", "reporting_system": "FI_NAS", "sex": "F"}
    referral = {"referral_id": "R-000001", "person_id": "C-000001", "source": "POLICE"}
    base = {
        "person": [person],
        "citizenship": [{"person_id": "C-000001", "country": "NA", "is_primary": True}],
        "referral": [{**referral, **_day("received_date", dt.date(2022, 11, 3))}],
    }
    rows = Dataset({table: empty_frame(table, found) for table, found in base.items()})
    store(engine, rows, profile="fi-nas", file_sha256="0" * 64, by="tester")
    later = _file(tmp_path, "later.xlsx", {"referral": [{**referral, **_day("received_date", dt.date(2023, 6, 1))}]})
    decision = {
        "decision_id": "D-000001",
        "person_id": "C-000001",
        "referral_id": "R-000001",
        "decision_type": "ADMISSION",
        "outcome": "NEGATIVE",
        "criterion_victim": False,
        "reason": "NOT_VICTIM",
        "criterion_need": True,
        **_day("decision_date", dt.date(2023, 1, 3)),
    }
    decided = _file(tmp_path, "decided.xlsx", {"decision": [decision]})
    return later, decided


class _Importer:
    """A process that imports a file as far as it is let."""

    def __init__(self, url: str, who: str, path: Path, *, correct: bool = False) -> None:
        command = [sys.executable, "-c", _IMPORTER, url, who, str(path), "yes" if correct else "no"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def says(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def goes_on(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def ends(self) -> None:
        self._process.communicate()
        assert self._process.returncode == 0


def test_who_judged_by_an_older_state_judges_anew(url: str, engine: Engine, deliveries: tuple[Path, Path]) -> None:
    later, decided = deliveries
    anna, bo = _Importer(url, "anna", later, correct=True), _Importer(url, "bo", decided)
    assert (anna.says(), bo.says()) == ("judged fit", "judged fit"), "both by the state without the other"
    anna.goes_on()
    assert anna.says() == "stored"
    bo.goes_on()
    assert bo.says() == "judged unfit", "by the state that anna has made"
    bo.goes_on()
    assert bo.says() == "refused"
    for one in (anna, bo):
        one.ends()
    assert read(engine).frames["decision"].empty
    assert verify(engine).problems == ()


def test_nobody_waits_while_another_judges_until_the_third_time(
    url: str, engine: Engine, deliveries: tuple[Path, Path], make_dataset: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is overtaken twice judges under the lock; then no state can be old any more."""
    _, decided = deliveries
    seen: list[bool] = []
    judged = judge.ruled

    def overtaken(*arguments: Any) -> Any:
        number = len(seen)
        if number < 2:  # another import in between; on the third time it would have to wait
            people = [{"person_id": f"C-9{number}", "reporting_system": "FI_NAS", "sex": "F"}]
            store(engine, make_dataset({"person": people}), profile="p", file_sha256=str(number), by="other")
        seen.append(True)
        return judged(*arguments)

    monkeypatch.setattr(judge, "ruled", overtaken)
    result = deliver.import_file(url, decided, by="bo", today=TODAY)
    assert result.stored is not None
    assert len(seen) == 3
    assert len(read(engine).frames["decision"]) == 1
    assert verify(engine).problems == ()
