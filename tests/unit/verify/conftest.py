"""Publications and profiles made for one test each."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from thassist.rules.finding import Finding
from thassist.verify.figures import read
from thassist.verify.profile import parse
from thassist.verify.runner import run

Rows = list[tuple[object, ...]]
Check = Callable[..., list[Finding]]

LAYOUT: dict[str, Any] = {
    "schema": 1,
    "id": "made",
    "source": "made for a test",
    "confidence": "own",
    "title": {"fi": "a", "sv": "b", "en": "c"},
    "columns": {"key": ["year", "region", "sex"], "value": "persons", "time": "year"},
    "totals": {"region": ["All"], "sex": ["T"]},
    "symbols": {"<5": [1, 4], "..": []},
}


def write(path: Path, header: str, rows: Rows) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header.split(","), *rows])
    return path


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """What checks find in rows: ``check(rows, {kind…}, …, header=…, **changes of the layout)``."""

    def found(
        rows: Rows, *checks: dict[str, Any], header: str = "year,region,sex,persons", **more: Any
    ) -> list[Finding]:
        listed = [{"id": f"c{number}", **each} for number, each in enumerate(checks)]
        profile = parse(LAYOUT | more | {"check": listed}, "made.toml")
        return run(read(write(tmp_path / "made.csv", header, rows), profile), "en").findings

    return found
