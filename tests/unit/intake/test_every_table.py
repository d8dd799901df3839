"""Every table and every field of the schema goes through the workbook and comes back as it was, in each language."""

import datetime as dt
import itertools
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import Boolean, Column, Date, Integer

from thassist import codes, messages
from thassist.intake import cells, deliver, dictionary, template
from thassist.records.dataset import TABLE_NAMES, fields, key_fields

from .conftest import TODAY, dataset

#: The five precisions, each with a date on the first day of its span.
DATES = [
    (dt.date(2023, 3, 5), "D"),
    (dt.date(2023, 2, 1), "M"),
    (dt.date(2023, 4, 1), "Q"),
    (dt.date(2023, 7, 1), "S"),
    (dt.date(2021, 1, 1), "A"),
]
ROWS = 60


def _values(table: str, column: Column[Any]) -> list[Any]:
    """Values that the column must be able to hold, empty among them where it may be empty."""
    if "classification" in column.info:
        found: list[Any] = list(codes.classification(str(column.info["classification"])).codes)
    elif isinstance(column.type, Boolean):
        found = [True, False]
    elif isinstance(column.type, Integer):
        found = [0, 1, 10, 15075, 12550, 7, 2147483647]
    elif column.info.get("digits"):
        found = ["091", "005", "837"]
    elif column.name in key_fields(table) or column.foreign_keys:
        found = [f"{column.name[:1].upper()}-{number:06d}" for number in range(1, ROWS + 1)]
    else:
        found = ["Poliisi", "=1+1", "-5", "Åbo polis, «utredning»", "007"]
    return [*found, None] if column.nullable else found


def _records(table: str) -> list[dict[str, Any]]:
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for number in range(ROWS):
        row: dict[str, Any] = {}
        for place, column in enumerate(fields(table)):
            if column.name == "reporting_system":
                row[column.name] = "FI_NAS"
            elif isinstance(column.type, Date):
                choices = [*DATES, (None, None)] if column.nullable else DATES
                row[column.name], row[f"{column.name}_precision"] = choices[(number + place) % len(choices)]
            elif "precision_of" not in column.info:
                values = _values(table, column)
                row[column.name] = values[number % len(values)]
        rows.setdefault(tuple(row[part] for part in key_fields(table)), row)
    return list(rows.values())


@pytest.mark.parametrize("lang", messages.LANGUAGES)
def test_every_field_of_every_table_comes_back_as_it_was(tmp_path: Path, lang: str) -> None:
    tables = dictionary.subjects()
    assert set(tables) == set(TABLE_NAMES) - {"source_code"}  # which only foreign deliveries fill
    made = dataset({table: _records(table) for table in tables})
    template.write_workbook(made, tmp_path / "made.xlsx", lang)
    delivery = deliver.validate(tmp_path / "made.xlsx", today=TODAY)
    faults = [finding for finding in delivery.findings if finding.code.startswith("intake.")]
    assert faults == []
    for table in tables:
        columns = [column.name for column in fields(table)]
        read, written = (source.frames[table][columns].to_dict("records") for source in (delivery.dataset, made))
        assert len(written) > 1
        for one, other in itertools.zip_longest(read, written):
            assert one == other, table


def test_a_workbook_without_the_later_sheets_is_still_read(filled: Path) -> None:
    book = openpyxl.load_workbook(filled)
    kept = {"person", "citizenship", "family_link", "referral", "decision", "episode", "exploitation"}
    kept |= {"exploitation_form", "exploitation_country", "residence_status"}
    for table in set(dictionary.subjects()) - kept:
        del book[dictionary.subject(table).titles["fi"]]
    book.save(filled)
    assert deliver.validate(filled, today=TODAY).findings == []


@pytest.mark.parametrize(
    ("raw", "hundredths"),
    [("125,50", 12550), ("125.5", 12550), (125.5, 12550), (3000, 300000), ("0", 0), ("0,01", 1), (150.75, 15075)],
)
def test_two_decimals_are_read_as_hundredths(raw: Any, hundredths: int) -> None:
    assert cells.read_hundredths(raw).value == hundredths


@pytest.mark.parametrize("raw", ["125,505", "noin 100", "1 000 euroa", "1,2,3", 0.1 + 0.2])
def test_what_is_no_number_with_two_decimals_is_a_fault(raw: Any) -> None:
    assert cells.read_hundredths(raw).fault == cells.Fault("not_hundredths")


@pytest.mark.parametrize(("raw", "number"), [("091", "091"), (91, "091"), ("5", "005"), (837.0, "837")])
def test_leading_zeros_are_put_back(raw: Any, number: str) -> None:
    assert cells.read_digits(raw, 3).value == number


@pytest.mark.parametrize("raw", ["1234", "Helsinki", "9.1", "-91", "٠٩١"])
def test_what_is_no_number_of_three_digits_is_a_fault(raw: Any) -> None:
    assert cells.read_digits(raw, 3).fault == cells.Fault("not_digits", {"length": 3})
