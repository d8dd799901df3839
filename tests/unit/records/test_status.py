"""The status of a case goes only where the legal regime of the day lets it: in the database itself, on both kinds."""

import datetime as dt
import itertools
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from thassist import _data
from thassist.codes import classification
from thassist.errors import StorageError
from thassist.records.database import writing
from thassist.records.dataset import Dataset
from thassist.records.store import initialise, store

Rows = dict[str, list[dict[str, Any]]]
Make = Callable[[Rows], Dataset]
pytestmark = pytest.mark.parametrize("url", ["sqlite", "postgresql"], indirect=True)

#: The status model of the data specification (national.md 1.4), in its own order.
MODEL = """
    – > REFERRED
    REFERRED > WITHDRAWN, ASSESSMENT, ADMITTED, NOT_ADMITTED
    ASSESSMENT > ADMITTED, NOT_ADMITTED
    NOT_ADMITTED > APPEAL
    APPEAL > ADMITTED, NOT_ADMITTED
    ADMITTED > ACTIVE
    ACTIVE > EXITED
    EXITED > APPEAL, REFERRED
"""
WAYS = {
    (before.strip(), after.strip())
    for line in MODEL.strip().splitlines()
    for before, _, several in [line.partition(">")]
    for after in several.split(",")
}
STATUSES = ["–", *classification("case_status").codes]
#: How a case gets to each status.
PATHS = {
    "–": [],
    "REFERRED": ["REFERRED"],
    "WITHDRAWN": ["REFERRED", "WITHDRAWN"],
    "ASSESSMENT": ["REFERRED", "ASSESSMENT"],
    "ADMITTED": ["REFERRED", "ADMITTED"],
    "NOT_ADMITTED": ["REFERRED", "NOT_ADMITTED"],
    "APPEAL": ["REFERRED", "NOT_ADMITTED", "APPEAL"],
    "ACTIVE": ["REFERRED", "ADMITTED", "ACTIVE"],
    "EXITED": ["REFERRED", "ADMITTED", "ACTIVE", "EXITED"],
}
DAY = dt.date(2024, 3, 5)


def _events(statuses: list[str], day: dt.date = DAY, precision: str = "D", first: int = 1) -> list[dict[str, Any]]:
    return [
        {
            "referral_id": "R-000001",
            "seq_no": number,
            "status": status,
            "status_date": day,
            "status_date_precision": precision,
        }
        for number, status in enumerate(statuses, start=first)
    ]


@pytest.fixture
def case(engine: Engine, rows: Rows, make_dataset: Make) -> Callable[..., None]:
    """Stores further statuses of one case, each call a delivery."""
    basis: Rows = {name: rows[name] for name in ("person", "contact", "referral")}
    store(engine, make_dataset(basis), profile="fi-nas", file_sha256="0" * 64, by="tester")
    number = itertools.count(1)

    def deliver(events: list[dict[str, Any]]) -> None:
        sha = f"{next(number):064d}"
        store(engine, make_dataset({"status_event": events}), profile="fi-nas", file_sha256=sha, by="tester")

    return deliver


def _refused(act: Callable[[], object], constraint: str) -> None:
    with pytest.raises(StorageError) as caught:
        act()
    assert caught.value.key == "records.refused"
    assert caught.value.params["constraint"] == constraint


def _held(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.exec_driver_sql("SELECT status FROM status_event ORDER BY seq_no").scalars())


def test_every_change_of_status_is_as_in_the_model(engine: Engine, case: Callable[..., None]) -> None:
    """All 72 pairs: those of the model are taken, all others refused, and a refusal leaves nothing."""
    assert len(WAYS) == 14
    for before, after in itertools.product(STATUSES, STATUSES[1:]):
        path = PATHS[before]
        if (before, after) in WAYS:
            case(_events([*path, after]))
            assert _held(engine) == [*path, after]
            with writing(engine) as connection:
                for number in range(len(path) + 1, 0, -1):
                    connection.exec_driver_sql(f"DELETE FROM status_event WHERE seq_no = {number}")
        else:
            _refused(lambda path=path, after=after: case(_events([*path, after])), "status_event_transition")
            assert _held(engine) == []


def test_the_order_of_rows_does_not_matter_but_their_numbers_do(engine: Engine, case: Callable[..., None]) -> None:
    case(list(reversed(_events(["REFERRED", "ASSESSMENT"]))))
    case(_events(["ADMITTED"], first=3))
    assert _held(engine) == ["REFERRED", "ASSESSMENT", "ADMITTED"]
    _refused(lambda: case(_events(["EXITED"], first=5)), "status_event_order")
    _refused(lambda: case(_events(["ADMITTED"], first=4)), "status_event_transition")


def test_a_change_that_breaks_what_follows_is_refused(engine: Engine, case: Callable[..., None]) -> None:
    case(_events(["REFERRED", "ASSESSMENT", "ADMITTED", "ACTIVE"]))

    def change(statement: str) -> Callable[[], None]:
        def act() -> None:
            with writing(engine) as connection:
                connection.exec_driver_sql(statement)

        return act

    _refused(change("UPDATE status_event SET status = 'NOT_ADMITTED' WHERE seq_no = 3"), "status_event_transition")
    _refused(change("UPDATE status_event SET status = 'ASSESSMENT' WHERE seq_no = 1"), "status_event_transition")
    _refused(change("UPDATE status_event SET seq_no = 9 WHERE seq_no = 4"), "status_event_order")
    _refused(change("DELETE FROM status_event WHERE seq_no = 2"), "status_event_order")
    change("UPDATE status_event SET status_date = '2024-03-06' WHERE seq_no = 3")()
    change("DELETE FROM status_event WHERE seq_no = 4")()
    change("UPDATE status_event SET status = 'NOT_ADMITTED' WHERE seq_no = 3")()
    assert _held(engine) == ["REFERRED", "ASSESSMENT", "NOT_ADMITTED"]


@pytest.fixture
def no_appeals_before_2023(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An office whose file says that nobody could appeal under the law of 2015."""
    reports = tmp_path / "reports"
    shutil.copytree(_data.reports_dir(), reports)
    monkeypatch.setenv("THASSIST_REPORTS", str(reports))
    path = reports / "legal" / "R2015.toml"
    ways = '\n[[transition]]\nfrom = "NOT_ADMITTED"\nto = [{}]\nsource = "Made up for a test"\nconfidence = "own"\n'
    path.write_text(path.read_text(encoding="utf-8") + ways.format(""), encoding="utf-8")
    path = reports / "legal" / "R2023.toml"
    path.write_text(path.read_text(encoding="utf-8") + ways.format('"APPEAL"'), encoding="utf-8")
    assert initialise(url).law == 3  # the way under the law of 2015 gone, the other two with a new source


@pytest.mark.parametrize(
    ("day", "precision", "taken"),
    [
        (dt.date(2022, 12, 31), "D", False),
        (dt.date(2023, 1, 1), "D", True),
        (dt.date(2022, 12, 1), "M", False),
        (dt.date(2022, 10, 1), "Q", False),
        (dt.date(2022, 7, 1), "S", False),
        (dt.date(2022, 1, 1), "A", False),
        (dt.date(2023, 1, 1), "A", True),
        (dt.date(2015, 1, 1), "A", True),  # a day of that year lies before July, under the earlier law
        (dt.date(2015, 7, 1), "S", False),
        (dt.date(2015, 4, 1), "Q", True),
        (dt.date(2015, 6, 1), "M", True),
        (dt.date(2015, 7, 1), "M", False),
        (dt.date(2005, 12, 31), "D", False),  # before the assistance system
        (dt.date(2026, 2, 28), "D", True),
    ],
)
def test_the_law_of_the_day_decides(
    no_appeals_before_2023: None,
    engine: Engine,
    case: Callable[..., None],
    day: dt.date,
    precision: str,
    taken: bool,
) -> None:
    case(_events(["REFERRED", "NOT_ADMITTED"], dt.date(2010, 1, 1)))
    appeal = _events(["APPEAL"], day, precision, first=3)
    if taken:
        case(appeal)
    else:
        _refused(lambda: case(appeal), "status_event_transition")
