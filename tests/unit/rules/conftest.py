"""Small datasets and definitions of their own for tests of the rules."""

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from thassist import _data
from thassist.records.dataset import Dataset, Source, SourceColumn, empty_frame

Rows = list[dict[str, Any]]


@pytest.fixture
def today() -> dt.date:
    return dt.date(2025, 6, 30)


@pytest.fixture
def records() -> Callable[..., Dataset]:
    """Records as given by table; ``file`` says that they were read from a workbook."""

    def make(*, file: bool = False, **tables: Rows) -> Dataset:
        frames, sources = {}, {}
        for table, rows in tables.items():
            numbered = [{**row, "_row": row.get("_row", number)} for number, row in enumerate(rows, start=2)]
            frames[table] = empty_frame(table, numbered if file else [{**row, "_row": 0} for row in rows])
            if file:
                names = [name for name in frames[table] if name != "_row" and not name.endswith("_precision")]
                columns = {name: SourceColumn(chr(65 + i), f"Header of {name}") for i, name in enumerate(names)}
                sources[table] = Source("cases.xlsx", table.title(), columns)
        return Dataset(frames, sources)

    return make


@pytest.fixture
def own_reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the definitions that a test may spoil."""
    folder = tmp_path / "reports"
    for name in ("rules", "classifications", "correspondences", "legal"):
        shutil.copytree(_data.reports_dir() / name, folder / name)
    monkeypatch.setenv("THASSIST_REPORTS", str(folder))
    return folder


def person(number: int, **more: Any) -> dict[str, Any]:
    """A person of the British mechanism, of whom the rules ask little."""
    return {"person_id": f"C-{number:06d}", "reporting_system": "UK_NRM", "sex": "F", **more}


def citizenship(number: int) -> dict[str, Any]:
    return {"person_id": f"C-{number:06d}", "country": "VN"}


def day(name: str, value: dt.date, precision: str = "D") -> dict[str, Any]:
    return {name: value, f"{name}_precision": precision}


@pytest.fixture
def make() -> type:
    """The builders above, as a name that tests can use without importing this file."""

    class Make:
        person = staticmethod(person)
        citizenship = staticmethod(citizenship)
        day = staticmethod(day)

    return Make
