"""A folder of definitions that a test may fill as it likes."""

from collections.abc import Callable
from pathlib import Path

import pytest

HEADER = "code,label_fi,label_sv,label_en,parent,valid_from,valid_to,lower,upper,note\n"
TITLE = 'schema = 1\nsource = "a test"\nconfidence = "own"\n[title]\nfi = "Väri"\nsv = "Färg"\nen = "Colour"\n'

Writer = Callable[..., None]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Writer:
    """Write a classification or a correspondence into a home of its own, which thassist then reads."""
    monkeypatch.setenv("THASSIST_REPORTS", str(tmp_path))
    for folder in ("classifications", "correspondences"):
        (tmp_path / folder).mkdir()

    def writer(ref: str, rows: str | bytes, title: str | None = TITLE) -> None:
        if "--" in ref:
            (tmp_path / "correspondences" / f"{ref}.csv").write_text("source,target,note\n" + str(rows), "utf-8")
            return
        content = rows if isinstance(rows, bytes) else (HEADER + rows).encode()
        (tmp_path / "classifications" / f"{ref}.csv").write_bytes(content)
        if title is not None:
            (tmp_path / "classifications" / f"{ref}.toml").write_text(title, "utf-8")

    return writer
