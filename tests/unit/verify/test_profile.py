"""Profiles: what is wrong in one is named, and the shipped ones are right."""

import gzip
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from thassist.errors import InvalidDefinition, UnreadableInput
from thassist.verify import load, profile_ids
from thassist.verify.figures import number_in, read
from thassist.verify.profile import parse

from .conftest import LAYOUT, write

SUM = {"id": "s", "kind": "sum", "over": ["sex"]}


def test_every_shipped_profile_is_right() -> None:
    assert [load(name).id for name in profile_ids()] == ["published-figures", "tidy", "uk-nrm-cube", "unodc-glotip"]


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 2},
        {"id": "other"},
        {"colums": {}},
        {"columns": {"key": ["year"], "value": ""}},
        {"columns": {"key": ["year"], "value": "persons", "time": "month"}},
        {"symbols": {"<5": [4, 1]}},
        {"symbols": {"<5": "few"}},
        {"title": {"fi": "a", "en": "c"}},
        {"check": [{"id": "s", "kind": "summ"}]},
        {"check": [SUM, SUM]},
        {"check": [SUM | {"relation": "<"}]},
        {"check": [SUM | {"over": ["gender"]}]},
        {"check": [SUM | {"severity": "fatal"}]},
        {"check": [{"id": "s", "kind": "sum", "per": ["year"], "left": [{"sex": "T"}], "right": [{"sex": "F"}]}]},
        {"check": [SUM, {"id": "d", "kind": "disclosure", "sums": ["x"]}]},
        {"check": [{"id": "c", "kind": "codes", "column": "sex", "pattern": "("}]},
        {"check": [{"id": "m", "kind": "magnitude", "factor": "five", "least": 1}]},
    ],
)
def test_a_wrong_profile_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidDefinition) as caught:
        parse(LAYOUT | change, "made.toml")
    assert caught.value.key.startswith("verify.")
    assert "?" not in str(caught.value)


def test_the_nearest_profile_is_named() -> None:
    with pytest.raises(InvalidDefinition, match="unodc-glotip"):
        load("glotip")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        ("1,051", 1051),
        ("1 051", 1051),
        ("12.5", 12.5),
        ("12,5", 12.5),
        ("1, 1051", None),
        ("", None),
        ("12a", None),
        ("1,05,1", None),
    ],
)
def test_numbers_as_they_are_printed(text: str, number: float | None) -> None:
    assert number_in(text) == number


ROWS: list[tuple[object, ...]] = [(2020, "All", "T", 1), (2020, "All", "F", "<5")]


def test_the_same_figures_from_csv_gzip_and_a_workbook(tmp_path: Path) -> None:
    profile = parse(LAYOUT, "made.toml")
    plain = write(tmp_path / "made.csv", "year,region,sex,persons", ROWS)
    packed = tmp_path / "made.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    book = Workbook()
    book.create_sheet("Notes")
    sheet = book.create_sheet("Data")
    for row in [("year", "region", "sex", "persons"), *ROWS]:
        sheet.append(row)
    book.save(tmp_path / "made.xlsx")
    expected = read(plain, profile)
    assert [(each.row, each.low, each.high) for each in expected.figures] == [(2, 1, 1), (3, 1, 4)]
    assert read(packed, profile).figures == expected.figures
    assert (read(tmp_path / "made.xlsx", profile).figures, read(tmp_path / "made.xlsx", profile).sheet) == (
        expected.figures,
        "Data",
    )


def test_rows_above_the_header_are_skipped(tmp_path: Path) -> None:
    profile = parse(LAYOUT | {"file": {"skip": 1}}, "made.toml")
    path = tmp_path / "made.csv"
    path.write_text("An office,2020,,\nyear,region,sex,persons\n2020,All,T,1\n", encoding="utf-8")
    assert [each.row for each in read(path, profile).figures] == [3]


def test_a_file_without_the_columns_is_refused_with_their_names(tmp_path: Path) -> None:
    path = write(tmp_path / "made.csv", "year,area,sex,count", ROWS)
    with pytest.raises(UnreadableInput, match="region, persons"):
        read(path, parse(LAYOUT, "made.toml"))


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b", b"\x1f\x8b\x08\x00damaged", b"%PDF-1.7"])
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "made.csv"
    path.write_bytes(content)
    with pytest.raises(UnreadableInput):
        read(path, parse(LAYOUT, "made.toml"))
