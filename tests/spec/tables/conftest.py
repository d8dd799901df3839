"""Cases drawn as a table go in, the published table drawn beside them must come out.

A line of cases is one stay in the assistance system; a second line of the same person is a readmission. Columns left
out are not known. Dates may be imprecise (``2022-05``, ``2022-Q2``, ``2022``); of several forms, countries or
citizenships the one with a star is the primary one.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from thassist.dates import parse_period
from thassist.engine import Engine
from thassist.records.dataset import TABLE_NAMES, empty_frame, fields, sql_type
from thassist.tables.compute import compute
from thassist.tables.cube import Cube
from thassist.tables.spec import load

Rows = dict[str, list[dict[str, Any]]]


class Records:
    """A snapshot held in memory."""

    id = "0123456789abcdef"

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def attach(self, engine: Engine) -> None:
        for name in TABLE_NAMES:
            columns = {column.name: sql_type(column) for column in fields(name)}
            engine.load(name, columns, empty_frame(name, self._rows.get(name)))

    def synthetic_for(self, reporting_system: str) -> bool:
        return reporting_system == "FI_NAS"


def grid(drawing: str) -> list[list[str]]:
    """The cells of a drawing: lines of columns separated by bars."""
    return [[cell.strip() for cell in line.split("|")] for line in drawing.strip().splitlines()]


def dated(name: str, text: str) -> dict[str, Any]:
    if not text:
        return {name: None, f"{name}_precision": None}
    period = parse_period(text)
    return {name: period.start, f"{name}_precision": period.precision}


def starred(text: str) -> list[tuple[str, bool | None]]:
    """The values of a cell, each with whether it carries the star; None throughout where none does."""
    values = text.split()
    known = any(value.startswith("*") for value in values)
    return [(value.removeprefix("*"), value.startswith("*") if known else None) for value in values]


def case_records(drawing: str) -> Rows:
    """The records of drawn cases."""
    head, *lines = grid(drawing)
    rows: Rows = {name: [] for name in TABLE_NAMES}
    for number, line in enumerate(lines, start=1):
        case = dict.fromkeys(_COLUMNS, "") | dict(zip(head, line, strict=True))
        assert set(case) == set(_COLUMNS), set(case) - set(_COLUMNS)
        person = case["person"]
        stays = [row for row in rows["episode"] if row["person_id"] == person]
        rows["episode"].append(
            {
                "episode_id": f"E{number}",
                "person_id": person,
                "role": case["role"] or "VICTIM",
                "seq_no": len(stays) + 1,
                "is_new": not stays,
                "exit_reason": (case["reason"] or "OWN_WISH") if case["left"] else None,
                **dated("admission_date", case["admitted"]),
                **dated("exit_date", case["left"]),
            }
        )
        if not stays:
            _describe(rows, case)
    return rows


_COLUMNS = (
    "person", "sex", "born", "role", "admitted", "left", "reason", "form", "country", "industry", "citizenship",
    "status",
)  # fmt: skip


def _describe(rows: Rows, case: dict[str, str]) -> None:
    person = case["person"]
    rows["person"].append(
        {
            "person_id": person,
            "reporting_system": "FI_NAS",
            "sex": case["sex"] or "_U",
            **dated("birth_date", case["born"]),
        }
    )
    for country, primary in starred(case["citizenship"]):
        rows["citizenship"].append({"person_id": person, "country": country, "is_primary": primary})
    for part in case["status"].split():
        status, start, *end = part.split(":")
        rows["residence_status"].append(
            {
                "person_id": person,
                "status": status,
                **dated("valid_from", start),
                **dated("valid_to", end[0] if end else ""),
            }
        )
    if case["form"] or case["country"] or case["industry"]:
        key = f"X-{person}"
        rows["exploitation"].append(
            {"exploitation_id": key, "person_id": person, "is_primary": True, "industry": case["industry"] or None}
        )
        for form, primary in starred(case["form"]):
            rows["exploitation_form"].append({"exploitation_id": key, "form": form, "is_primary": primary})
        for country in case["country"].split():
            rows["exploitation_country"].append({"exploitation_id": key, "country": country})


def drawn(**tables: str) -> Rows:
    """Records of any table, each drawn under its own columns; every person named in ``person`` is one of our system.

    A cell is read as its column is: a date with its precision, a flag (``yes``, ``no``), a whole number. Empty is None.
    """
    rows: Rows = {}
    for table, drawing in tables.items():
        head, *lines = grid(drawing)
        kinds = {column.name: column for column in fields(table)}
        assert set(head) <= set(kinds), set(head) - set(kinds)
        rows[table] = []
        for line in lines:
            row: dict[str, Any] = {"reporting_system": "FI_NAS"} if "reporting_system" in kinds else {}
            for name, text in zip(head, line, strict=True):
                if kinds[name].info.get("precise"):
                    row |= dated(name, text)
                elif sql_type(kinds[name]) == "BOOLEAN":
                    row[name] = {"yes": True, "no": False, "": None}[text]
                elif sql_type(kinds[name]) in ("INTEGER", "BIGINT"):
                    row[name] = int(text) if text else None
                else:
                    row[name] = text or None
            rows[table].append(row)
    return rows


Compute = Callable[..., Cube]


@pytest.fixture(scope="session")
def table() -> Compute:
    """``table(id, period, cases)``: the cube of a shipped table over drawn cases, or over ``records``."""

    def run(table_id: str, period: str, cases: str = "", records: Rows | None = None) -> Cube:
        return compute(load(table_id), Records(records or case_records(cases)), parse_period(period))

    return run


@pytest.fixture(scope="session")
def held() -> Callable[[str], Records]:
    """``held(cases)``: the snapshot of drawn cases."""
    return lambda cases: Records(case_records(cases))


@pytest.fixture(scope="session")
def records() -> Callable[..., Rows]:
    """``records(person="…", referral="…")``: drawn records."""
    return drawn


@pytest.fixture(scope="session")
def publishes() -> Callable[[Cube, str], None]:
    """``publishes(cube, drawing)``: the drawing holds exactly the figures of the cube that are not zero.

    Down the side stand the codes of the first dimension (or the periods, where the corner says ``time``), across the
    top those of the second; a table of one dimension has the single column ``figure``. Of three dimensions the first
    two stand down the side, with a slash between. ``.`` is not applicable.
    """

    def check(cube: Cube, drawing: str) -> None:
        head, *lines = grid(drawing)
        figures: dict[tuple[str, ...], int | float | None] = {}
        for first, *cells in lines:
            for second, cell in zip(head[1:], cells, strict=True):
                side = tuple(first.split("/"))
                codes = side if second == "figure" else (*side, second)
                key = codes if head[0] == "time" else (cube.periods[-1].code, *codes)
                figures[key] = None if cell == "." else float(cell)
        shown = {key: cell.value for key, cell in cube.cells.items() if cell.value != 0}
        assert shown == {key: value for key, value in figures.items() if value != 0}
        missing = [key for key, value in figures.items() if value == 0 and key not in cube.cells]
        assert not missing or cube.spec.zeros == "omit"

    return check


@pytest.fixture(scope="session")
def day() -> Callable[[str], dt.date]:
    return dt.date.fromisoformat


@pytest.fixture(scope="session")
def spoilt() -> Compute:
    """``spoilt(id, period, cases, after=10)``: a shipped table with parts of its measure replaced."""

    def run(table_id: str, period: str, cases: str, **measure: Any) -> Cube:
        spec = load(table_id)
        spec = replace(spec, measure=replace(spec.measure, **measure))
        return compute(spec, Records(case_records(cases)), parse_period(period))

    return run
