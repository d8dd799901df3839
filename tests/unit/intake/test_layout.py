"""What a user does to a workbook, and what is said about it: the code, the place and the remedy."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from thassist import messages
from thassist.intake import deliver
from thassist.rules.finding import Finding

from .conftest import TODAY

Book = openpyxl.Workbook
Change = Callable[[Callable[[Book], None]], Path]
Check = Callable[..., list[Finding]]


def test_the_clean_delivery_has_no_findings(filled: Path) -> None:
    assert deliver.validate(filled, today=TODAY).findings == []


def test_a_missing_sheet(change: Change, check: Check) -> None:
    found = check(change(lambda book: book.remove(book["Esitykset"])), lang="fi")
    assert [(one.code, one.sheet) for one in found] == [("intake.sheet_missing", "")]
    assert "Esitykset" in found[0].message


def test_a_misnamed_sheet_is_named_and_read_all_the_same(change: Change, check: Check) -> None:
    def rename(book: Book) -> None:
        book["Esitykset"].title = "Esityksett"

    found = check(change(rename), lang="fi")
    assert [(one.code, one.sheet, one.suggestion) for one in found] == [
        ("intake.sheet_missing", "Esityksett", "Esitykset")
    ]


def test_a_renamed_column_gets_its_name_suggested_and_is_read_all_the_same(change: Change, check: Check) -> None:
    def rename(book: Book) -> None:
        book["Esitykset"]["C1"] = "Saapunutt pvm"

    found = check(change(rename), lang="fi")
    assert [(one.code, one.cell, one.header, one.suggestion) for one in found] == [
        ("intake.column_missing", "Esitykset!C1", "Saapunutt pvm", "Saapunut")
    ]


def test_a_missing_column_that_is_needed(change: Change, check: Check) -> None:
    found = check(change(lambda book: book["Esitykset"].delete_cols(3)), lang="sv")
    assert [(one.code, one.cell) for one in found] == [("intake.column_missing", "Esitykset!1")]
    assert "Inkommen" in found[0].message


def test_a_missing_column_that_is_not_needed_stops_nothing(change: Change) -> None:
    delivery = deliver.validate(change(lambda book: book["Esitykset"].delete_cols(5)), today=TODAY)
    assert [one.code for one in delivery.findings] == ["intake.column_absent"]
    assert delivery.acceptable


def test_the_order_of_columns_is_free_and_headers_may_be_codes(change: Change, check: Check) -> None:
    def shuffle(book: Book) -> None:
        sheet = book["Henkilöt"]
        for row in sheet.iter_rows(max_col=2):
            row[0].value, row[1].value = row[1].value, row[0].value
        sheet["A1"], sheet["B1"] = "SEX", " person_id *"

    assert check(change(shuffle)) == []


def test_a_repeated_header(change: Change, check: Check) -> None:
    def repeat(book: Book) -> None:
        book["Henkilöt"]["E1"] = "Sex"

    found = check(change(repeat))
    assert [(one.code, one.cell) for one in found] == [("intake.column_twice", "Henkilöt!E1")]


def test_an_unknown_column_is_not_read_and_its_header_not_repeated(change: Change) -> None:
    def add(book: Book) -> None:
        book["Henkilöt"]["F1"] = "Matti Meikäläinen"
        book["Henkilöt"]["F2"] = "secret"

    delivery = deliver.validate(change(add), today=TODAY)
    assert [(one.code, one.cell) for one in delivery.findings] == [("intake.column_unknown", "Henkilöt!F1")]
    assert "Matti" not in repr(delivery.findings)


def test_a_value_without_a_header(change: Change, check: Check) -> None:
    def add(book: Book) -> None:
        book["Henkilöt"]["H3"] = "secret"

    found = check(change(add))
    assert [(one.code, one.cell, one.value) for one in found] == [("intake.row_longer", "Henkilöt!H3", "")]


def test_merged_cells(change: Change, check: Check) -> None:
    found = check(change(lambda book: book["Henkilöt"].merge_cells("B2:B3")))
    assert ("intake.merged", "Henkilöt!2") in [(one.code, one.cell) for one in found]


def test_a_preamble_above_the_headers(change: Change, check: Check) -> None:
    found = check(change(lambda book: book["Henkilöt"].insert_rows(1)))
    assert [(one.code, one.cell) for one in found] == [("intake.headers_missing", "Henkilöt!1")]


def test_a_foreign_workbook(write: Callable[..., Path], check: Check) -> None:
    assert [one.code for one in check(write({"Taul1": [["x"], [1]]}))] == ["intake.no_subject"]


def test_headers_only(change: Change, check: Check) -> None:
    def empty(book: Book) -> None:
        for sheet in book.worksheets[1:-1]:
            sheet.delete_rows(2, 100)

    assert [one.code for one in check(change(empty))] == ["intake.no_rows"]


FAULTS = [
    ("Esitykset", "C2", "1.3.22", "intake.date_two_digit_year", "1.3.22", "2022-03-01"),
    ("Esitykset", "C3", "44600", "intake.date_number", "44600", ""),
    ("Esitykset", "D2", "Poliis", "intake.unknown_code", "Poliis", "POLICE (Police)"),
    ("Esitykset", "F2", "=1+1", "intake.formula", "", ""),
    ("Esitykset", "F3", "010190-123A", "intake.identity_code", "", ""),
    ("Esitykset", "D3", "010190-123A", "intake.identity_code", "", ""),
    ("Henkilöt", "C2", "joskus", "intake.date_unreadable", "", ""),
    ("Henkilöt", "D2", "ehkä", "intake.not_boolean", "", ""),
    ("Asiakkuudet", "E3", "eka", "intake.not_integer", "", ""),
    ("Asiakkuudet", "D4", "#N/A", "intake.excel_error", "", ""),
]


def test_every_planted_fault_is_found_once_at_its_cell_and_nothing_else(change: Change, check: Check) -> None:
    def plant(book: Book) -> None:
        for sheet, cell, value, *_ in FAULTS:
            book[sheet][cell] = value

    found = check(change(plant))
    sheets = ["Henkilöt", "Esitykset", "Asiakkuudet"]
    wanted = sorted(FAULTS, key=lambda one: (sheets.index(one[0]), int(one[1][1:]), one[1]))
    assert [(one.cell, one.code, one.value, one.suggestion) for one in found] == [
        (f"{sheet}!{cell}", code, value, suggestion) for sheet, cell, _, code, value, suggestion in wanted
    ]
    assert all(one.message and one.remedy and one.header for one in found)


@pytest.mark.parametrize("lang", ["fi", "sv", "en"])
def test_a_name_in_a_wrong_column_is_never_repeated(change: Change, check: Check, lang: str) -> None:
    """Also where the field may be echoed: a code that is nowhere near a known one may be anything."""
    cells = ("Henkilöt!B2", "Henkilöt!C2", "Henkilöt!D2", "Esitykset!C2", "Esitykset!D2", "Asiakkuudet!E3")

    def plant(book: Book) -> None:
        for sheet, cell in (place.split("!") for place in cells):
            book[sheet][cell] = "Jääskeläinen Tuulikki"
        book["Henkilöt"].cell(1, 9).value = book["Henkilöt"].cell(2, 9).value = "Jääskeläinen Tuulikki"

    found = check(change(plant), lang=lang)
    assert {one.cell for one in found} >= set(cells)
    assert "skeläinen" not in repr(found)


def test_one_unknown_value_is_one_finding_with_its_places(change: Change, check: Check) -> None:
    def plant(book: Book) -> None:
        for row in (2, 3, 4):
            book["Esitykset"][f"D{row}"] = "POLISE"

    (found,) = check(change(plant))
    assert (found.cell, found.count, found.related) == ("Esitykset!D2", 3, ("Esitykset!D3", "Esitykset!D4"))


@pytest.mark.parametrize("lang", messages.LANGUAGES)
def test_findings_speak_the_users_language(change: Change, check: Check, lang: str) -> None:
    def plant(book: Book) -> None:
        book["Henkilöt"]["D2"] = "ehkä"

    (found,) = check(change(plant), lang=lang)
    assert found.message == messages.text("intake.not_boolean", lang)
    assert found.remedy == messages.text("intake.not_boolean", lang, part="remedy")


def test_a_text_file_holds_one_sheet_known_by_its_headers(write: Callable[..., Path], check: Check) -> None:
    path = write("person_id;sex;Syntymäaika;birth_date_estimated\nC-1;nainen;2/1990;ei\nC-2;;1.1.90;ei\nC-3;F\n")
    found = deliver.validate(path, today=TODAY).findings
    told = [(one.code, one.cell) for one in found if one.code.startswith("intake.")]
    assert told == [
        ("intake.csv_assumed", ""),
        ("intake.date_two_digit_year", "C3"),
        ("intake.row_shorter", "4"),
    ]


def test_text_in_windows_letters_with_semicolons(write: Callable[..., Path]) -> None:
    path = write("Henkilötunniste;Sukupuoli\r\nC-1;Nainen\r\n".encode("cp1252"))
    delivery = deliver.validate(path, today=TODAY)
    assert delivery.dataset.frames["person"]["sex"].tolist() == ["F"]
    assert delivery.findings[0].message == (
        "Read as text with columns: character set Windows-1252, columns separated by semicolon."
    )


@pytest.mark.parametrize("content", ["x,y\n1,2\n", "a\n", "a,b,c\n\0,2,3\n"])
def test_a_foreign_text_file(write: Callable[..., Path], check: Check, content: str) -> None:
    assert [one.code for one in check(write(content))] == ["intake.no_subject"]


def test_a_damaged_character_is_found_in_its_cell(write: Callable[..., Path], check: Check) -> None:
    found = check(write("person_id,sex\nC-1,F\nC\0-2,M\nC-3,M\ufffdn\n"))
    assert [(one.code, one.cell, one.value) for one in found if one.code.startswith("intake.")] == [
        ("intake.bad_character", "A3", ""),
        ("intake.bad_character", "B4", ""),
    ]


def test_a_reported_cell_is_not_reported_again_by_a_rule(write: Callable[..., Path], check: Check) -> None:
    found = check(write("person_id,sex\nC-1,femaleee\n"))
    assert [(one.code, one.cell) for one in found if one.column == "B"] == [("intake.unknown_code", "B2")]


def test_the_json_of_a_finding_names_no_secret(change: Change) -> None:
    def plant(book: Book) -> None:
        book["Henkilöt"]["C2"] = "SENTINEL1"
        book["Esitykset"]["A2"] = "SENTINEL 2 ö"
        book["Esitykset"]["F2"] = "SENTINEL3" * 50

    delivery = deliver.validate(change(plant), today=TODAY)
    assert not delivery.acceptable
    assert "SENTINEL" not in repr(delivery.findings)
