"""The same cells mean the same as XLSX and as CSV; and every planted fault is found, whatever it stands beside."""

import csv
import datetime as dt
import json
import tempfile
from dataclasses import replace
from pathlib import Path

import openpyxl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thassist.intake import profile
from thassist.intake.assemble import assemble
from thassist.intake.report import Report
from thassist.intake.workbook import read_file
from thassist.records.dataset import Dataset
from thassist.rules.finding import Finding

TODAY = dt.date(2024, 6, 30)
HEADERS = ["exploitation_id", "person_id", "is_primary", "start_date", "end_date", "industry", "ongoing"]
LIMITS = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)

texts = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn", "Co")), max_size=12),
    st.sampled_from(["=1+1", "+5", "-x", "@a", "#N/A", "#ARVO!", " x ", "a\u0308", "kyllä", "NA", "010190-123A"]),
)
day = st.dates(dt.date(1900, 3, 1), dt.date(2060, 12, 31))  # a workbook has no earlier dates that all programs agree on
early = st.dates(dt.date(1700, 1, 1), dt.date(2060, 12, 31))
date_cells = st.one_of(
    day,
    early.map(dt.date.isoformat),
    early.map(lambda one: f"{one.day}.{one.month}.{one.year}"),
    st.sampled_from(["2021", 2021, "2021-05", "5/2021", "2021-Q2", "1.3.22", "0021-01-01", 44600, "2021 H1", 2021.5]),
)
codes = st.sampled_from(["CAR", "car", "Ravintola", "Städning", "BERY_FARM", "_U", "Other", "ei tiedossa"])
flags = st.sampled_from([True, False, "x", "kyllä", "nej", 1, 0, "1", "maybe", 1.0])
whole = st.one_of(st.integers(-10_000, 10_000), st.floats(-1000, 1000).map(lambda one: round(one, 3)))
anything = st.one_of(st.none(), texts, date_cells, codes, flags, whole)
kinds = (texts, texts, flags, date_cells, date_cells, codes, flags)
#: A date in a column of texts is a fault only where the format keeps dates apart: there a spreadsheet program made it.
no_day = anything.filter(lambda one: not isinstance(one, dt.date))
rows = st.lists(
    st.tuples(*[st.one_of(st.none(), kind, no_day if kind is texts else anything) for kind in kinds]),
    min_size=1,
    max_size=8,
)


def as_text(value: object) -> str:
    """A cell as a spreadsheet writes it to CSV."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def write_csv(path: Path, table: list[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADERS, *([as_text(value) for value in row] for row in table)])


def write_xlsx(path: Path, table: list[tuple[object, ...]]) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "exploitation"
    sheet.append(HEADERS)
    for number, row in enumerate(table, start=2):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(number, column, value)  # type: ignore[arg-type]
            if isinstance(value, str):
                cell.data_type = "s"
    book.save(path)


def write_set(path: Path, table: list[tuple[object, ...]]) -> None:
    path.mkdir()
    write_csv(path / "exploitation.csv", table)


def write_json(path: Path, table: list[tuple[object, ...]]) -> None:
    """Values as a program writes them: numbers and flags as such, dates as text."""
    rows = [
        {
            name: value.isoformat() if isinstance(value, dt.date) else value
            for name, value in zip(HEADERS, row, strict=True)
        }
        for row in table
    ]
    path.write_text(json.dumps({"exploitation": rows}), encoding="utf-8")


def read(path: Path) -> tuple[Dataset, list[Finding]]:
    """The records of a file and the findings of its cells, without the names of file and sheet."""
    report = Report(path.name, "en")
    dataset = assemble(read_file(path), profile.load("fi-nas"), report, lang="en", today=TODAY)
    found = [
        replace(one, file="", sheet="", related=tuple(cell.rpartition("!")[2] for cell in one.related))
        for one in report.findings()
        if one.row > 1  # row 1 holds the headers
    ]
    return dataset, found


@LIMITS
@given(rows)
def test_the_same_cells_give_the_same_in_every_format(table: list[tuple[object, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        read_back = []
        writers = {"made.csv": write_csv, "made.xlsx": write_xlsx, "set": write_set, "made.json": write_json}
        for name, write in writers.items():
            write(Path(folder) / name, table)
            read_back.append(read(Path(folder) / name))
    one, mine = read_back[0]
    for other, theirs in read_back[1:]:
        for name, frame in one.frames.items():
            assert frame.to_dict("records") == other.frames[name].to_dict("records")
        assert mine == theirs


FAULTY = {
    "is_primary": ["maybe", "2", "#N/A"],
    "start_date": ["1.3.22", "31.2.2022", "x", "1/2/2022", "1.1.1850"],
    "end_date": ["0021-05-01", "soon"],
    "industry": ["CARR", "zzzz"],
    "ongoing": ["perhaps"],
    "person_id": ["010190-123A", "C\x01-1"],
}
places = st.sets(st.tuples(st.integers(0, 11), st.sampled_from(sorted(FAULTY))), min_size=1, max_size=20)


@LIMITS
@given(places, st.randoms(use_true_random=False))
def test_every_planted_fault_is_counted_once(planted: set[tuple[int, str]], random: object) -> None:
    clean = dict(zip(HEADERS, ["X-{}", "C-1", "no", "2020", "2021", "CAR", "no"], strict=True))
    table = [{name: value.format(row) for name, value in clean.items()} for row in range(12)]
    for row, column in planted:
        table[row][column] = random.choice(FAULTY[column])  # type: ignore[attr-defined]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.csv"
        write_csv(path, [tuple(row[name] for name in HEADERS) for row in table])
        _, found = read(path)
    cells = [cell for one in found for cell in (one.cell, *one.related)]
    assert sorted(cells) == sorted(f"{'ABCDEFG'[HEADERS.index(column)]}{row + 2}" for row, column in planted)
    assert sum(one.count for one in found) == len(planted)
