"""Every point that a machine checks: a workbook that meets it, and one change after which it does not."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.table import Table
from thassist_cli.main import cli

from thassist.errors import UnreadableInput
from thassist.verify.accessibility import Verdict, inspect

#: The points that a person must judge, by the checklist's own numbers.
PERSON = {15, 19, 21, 23, 24, 33, 34}


def good() -> Workbook:
    """A cover, a table and a sheet of notes, as the checklist wants them."""
    book = Workbook()
    cover = book.active
    cover.title = "Cover"
    cover["A1"] = "Persons 2022"
    sheet = book.create_sheet("Persons")
    for row in (["Persons by sex"], ["This sheet holds one table [note 1]"], ["Sex", "Persons"], ["F", 7], ["M", 9]):
        sheet.append(row)
    sheet.add_table(Table(displayName="persons_by_sex", ref="A3:B5"))
    notes = book.create_sheet("Notes")
    for row in (["Notes"], ["This sheet holds one table"], ["Note", "Text"], ["Note 1", "Counted once"]):
        notes.append(row)
    notes.add_table(Table(displayName="notes", ref="A3:B4"))
    for each in book.worksheets:
        for cells in each.iter_rows():
            for cell in cells:
                cell.font = Font(name="Arial", size=12)
                cell.alignment = Alignment(wrap_text=True)
        for table in each.tables.values():
            table._initialise_columns()
            table.autoFilter = None
        each.column_dimensions["A"].width = each.column_dimensions["B"].width = 20
    book.properties.title, book.properties.language = "Persons 2022", "en"
    return book


def table_of(book: Workbook) -> Table:
    return book["Persons"].tables["persons_by_sex"]


def rename(book: Workbook) -> None:
    table_of(book).displayName = "Table1"


def outside(book: Workbook) -> None:
    sheet = book["Persons"]
    del sheet.tables["persons_by_sex"]
    sheet.append(["X", 1])
    moved = Table(displayName="moved", ref="B3:C5")
    sheet["C3"], sheet["C4"], sheet["C5"] = "More", 1, 2
    sheet.add_table(moved)


def put(sheet: str, address: str, value: object) -> Callable[[Workbook], None]:
    def change(book: Workbook) -> None:
        book[sheet][address] = value
        book[sheet][address].font = Font(name="Arial", size=12)
        book[sheet][address].alignment = Alignment(wrap_text=True)

    return change


def small(book: Workbook) -> None:
    book["Persons"]["A4"].font = Font(name="Arial", size=9)


def unwrapped(book: Workbook) -> None:
    book["Persons"]["A4"] = "A label that is much longer than its column"
    book["Persons"]["A4"].alignment = Alignment(wrap_text=False)


def second_table(book: Workbook) -> None:
    sheet = book["Persons"]
    sheet["A6"], sheet["A7"] = "Age", "18+"
    sheet.add_table(Table(displayName="ages", ref="A6:A7"))


def no_notes(book: Workbook) -> None:
    book.remove(book["Notes"])


CHANGES: dict[int, Callable[[Workbook], object]] = {
    1: lambda book: book["Persons"].tables.pop("persons_by_sex"),
    2: rename,
    3: lambda book: book["Cover"].merge_cells("A1:B1"),
    4: lambda book: [put("Persons", address, None)(book) for address in ("A5", "B5")],
    5: put("Persons", "B3", "sex "),
    6: unwrapped,
    7: lambda book: setattr(book["Persons"], "freeze_panes", "A4"),
    8: put("Persons", "B5", None),
    9: lambda book: setattr(book["Persons"].row_dimensions[4], "hidden", True),
    10: put("Persons", "A4", "Donaudampfschifffahrtsgesellschaft"),
    11: put("Persons", "A4", "F*"),
    12: put("Persons", "A4", "F [1]"),
    13: put("Persons", "B4", "7 [note 1]"),
    14: no_notes,
    16: put("Persons", "A1", "https://example.org/x"),
    17: small,
    18: put("Cover", "A1", None),
    20: lambda book: setattr(book["Persons"].oddHeader.center, "text", "Secret"),
    22: lambda book: setattr(book["Persons"]["A4"], "fill", PatternFill("solid", fgColor="FFFF00")),
    27: lambda book: setattr(book["Persons"], "title", "Sheet1"),
    28: lambda book: book.create_sheet("Empty"),
    29: put("Persons", "A2", None),
    30: outside,
    31: put("Persons", "A7", "Source: nobody"),
    32: second_table,
    35: lambda book: setattr(book.properties, "language", None),
    36: lambda book: setattr(book, "active", 1),
}


def not_met(path: Path) -> set[int]:
    return {point.number for point in inspect(path) if point.verdict is Verdict.NOT_MET}


def test_a_section_of_an_act_is_no_mark_of_a_note(tmp_path: Path) -> None:
    book = good()
    for text, expected in (("Tunnistettu, 35 §", set()), ("Tunnistettu §", {11})):
        book["Persons"]["A4"] = text
        book.save(tmp_path / "book.xlsx")
        assert not_met(tmp_path / "book.xlsx") & {11} == expected


def test_a_good_workbook_meets_every_point_that_a_machine_can_check(tmp_path: Path) -> None:
    good().save(tmp_path / "good.xlsx")
    points = inspect(tmp_path / "good.xlsx")
    assert [point.number for point in points] == list(range(1, 37))
    assert {point.number for point in points if point.verdict is Verdict.PERSON} == PERSON
    assert not not_met(tmp_path / "good.xlsx")


@pytest.mark.parametrize("number", sorted(CHANGES))
def test_one_change_and_the_point_is_not_met(tmp_path: Path, number: int) -> None:
    book = good()
    CHANGES[number](book)
    book.save(tmp_path / "bad.xlsx")
    assert number in not_met(tmp_path / "bad.xlsx")


def test_pictures_macros_and_boxes_are_seen_in_the_archive(tmp_path: Path) -> None:
    good().save(tmp_path / "good.xlsx")
    box = '<xdr:wsDr xmlns:xdr="x"><xdr:sp><xdr:cNvPr id="1" name="Box 1" descr="words"/></xdr:sp></xdr:wsDr>'
    with zipfile.ZipFile(tmp_path / "good.xlsx", "a") as archive:
        archive.writestr("xl/media/image1.png", b"")
        archive.writestr("xl/vbaProject.bin", b"")
        archive.writestr("xl/drawings/drawing9.xml", box)
    assert {20, 25, 26} <= not_met(tmp_path / "good.xlsx")


def test_what_is_no_workbook_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_text("no archive", encoding="utf-8")
    with pytest.raises(UnreadableInput):
        inspect(path)


def test_the_command_names_point_place_and_number(tmp_path: Path) -> None:
    book = good()
    small(book)
    book.save(tmp_path / "bad.xlsx")
    result = CliRunner().invoke(cli, ["accessibility", str(tmp_path / "bad.xlsx"), "--lang", "sv"])
    assert result.exit_code == 1
    assert "17. Använd ett tydligt teckensnitt" in result.stdout
    assert "Persons!A4" in result.stdout
    machine = CliRunner().invoke(cli, ["accessibility", str(tmp_path / "bad.xlsx"), "--format", "json"])
    [missed] = [point for point in json.loads(machine.stdout)["points"] if point["verdict"] == "not_met"]
    assert (missed["number"], missed["places"]) == (17, ["Persons!A4"])


def test_only_desirable_points_missed_is_exit_code_zero(tmp_path: Path) -> None:
    book = good()
    book["Persons"].freeze_panes = "A4"
    book.save(tmp_path / "fair.xlsx")
    assert load_workbook(tmp_path / "fair.xlsx")["Persons"].freeze_panes == "A4"
    result = CliRunner().invoke(cli, ["accessibility", str(tmp_path / "fair.xlsx"), "--lang", "en"])
    assert (result.exit_code, "7. Use no filters" in result.stdout) == (0, True)
