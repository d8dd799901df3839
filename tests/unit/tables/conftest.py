"""A folder of definitions of one's own, and records held in memory."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from thassist import _data
from thassist.engine import Engine
from thassist.records.dataset import TABLE_NAMES, empty_frame, fields, sql_type


class Records:
    """A snapshot held in memory."""

    id = "0123456789abcdef"

    def __init__(self, rows: dict[str, list[dict[str, Any]]]) -> None:
        self._rows = rows

    def attach(self, engine: Engine) -> None:
        for name in TABLE_NAMES:
            columns = {column.name: sql_type(column) for column in fields(name)}
            engine.load(name, columns, empty_frame(name, self._rows.get(name)))

    def synthetic_for(self, reporting_system: str) -> bool:
        return False


@pytest.fixture
def snapshot() -> Callable[..., Records]:
    """``snapshot(person=[...], ...)``: records in memory."""
    return lambda **rows: Records(rows)


@pytest.fixture
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped definitions of tables that a test may spoil."""
    shipped = _data.reports_dir()
    for folder in ("tables", "views", "classifications", "correspondences", "population", "bridges"):
        shutil.copytree(shipped / folder, tmp_path / folder)
    for file in ("breaks.toml", "settings.toml"):
        shutil.copy(shipped / file, tmp_path)
    monkeypatch.setenv("THASSIST_REPORTS", str(tmp_path))
    return tmp_path


@pytest.fixture
def spoil(reports: Path) -> Callable[..., Path]:
    """``spoil(old, new, ..., table=ID)``: a table or view file with pieces of text replaced; its path."""

    def change(*pieces: str, file: str = "tables/fi_new_victims_form_sex") -> Path:
        path = reports / f"{file}.toml"
        content = path.read_text(encoding="utf-8")
        for old, new in zip(pieces[::2], pieces[1::2], strict=True):
            assert old in content, old
            content = content.replace(old, new, 1)
        path.write_text(content, encoding="utf-8")
        return path

    return change
