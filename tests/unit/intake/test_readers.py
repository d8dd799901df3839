"""Reading files: whatever program wrote them, and whatever happened to them on the way."""

import datetime as dt
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from thassist.errors import UnreadableInput
from thassist.intake import workbook
from thassist.intake.cells import Mark
from thassist.intake.workbook import letter, read_file

TABLE = [["a", "b"], ["ä", "5"]]


def rows(path: Path) -> list[list[object]]:
    return [cells for _, cells in read_file(path).sheets[0].rows]


def assumed(path: Path) -> dict[str, object]:
    return read_file(path).faults[0].params


@pytest.mark.parametrize(
    ("content", "encoding", "delimiter"),
    [
        ("a,b\nä,5\n".encode(), "UTF-8", "delimiter_comma"),
        ("a;b\r\nä;5\r\n".encode("utf-8-sig"), "UTF-8", "delimiter_semicolon"),
        ("a;b\r\nä;5\r\n".encode("cp1252"), "Windows-1252", "delimiter_semicolon"),
        ("a\tb\nä\t5\n".encode("utf-16"), "UTF-16", "delimiter_tab"),
        ("a\tb\nä\t5\n".encode("utf-16-be"), "UTF-16", "delimiter_tab"),
        ("a\tb\nä\t5\n".encode("utf-32"), "UTF-32", "delimiter_tab"),
        ("a,b\rä,5\r".encode(), "UTF-8", "delimiter_comma"),
        ("sep=;\r\na;b\r\nä;5\r\n".encode(), "UTF-8", "delimiter_semicolon"),
        ("a|b\nä|5".encode(), "UTF-8", "delimiter_bar"),
        ('"a",b\n"ä","5"\n'.encode(), "UTF-8", "delimiter_comma"),
    ],
)
def test_text_is_read_as_it_was_written_and_what_was_assumed_is_said(
    write: Callable[..., Path], content: bytes, encoding: str, delimiter: str
) -> None:
    path = write(content)
    assert rows(path) == TABLE
    assert assumed(path) == {"encoding": encoding, "delimiter": delimiter}


def test_rows_of_text_are_numbered_as_a_spreadsheet_shows_them(write: Callable[..., Path]) -> None:
    path = write('a,b\n\n"x\ny",1\n,,\nz,2\n')
    assert [row for row, _ in read_file(path).sheets[0].rows] == [1, 3, 5]


def test_rows_of_a_workbook_are_numbered_as_it_shows_them(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["C4"] = "x"  # type: ignore[index]
    book.active["B7"] = 5  # type: ignore[index]
    book.save(tmp_path / "made.xlsx")
    assert read_file(tmp_path / "made.xlsx").sheets[0].rows == [(4, [None, None, "x"]), (7, [None, 5.0, None])]


def test_ten_million_blank_rows_of_text_end_quickly(write: Callable[..., Path]) -> None:
    sheet = read_file(write(b"a;b\n1;2\n" + b";\n" * 10_000_000)).sheets[0]
    assert len(sheet.rows) == 2
    assert [(row, fault.code) for row, fault in sheet.faults] == [(3, "blank_rows")]


def test_an_unclosed_quotation_mark_names_its_row(write: Callable[..., Path], refused: Callable[[Path], str]) -> None:
    path = write('a,b\n1,2\n"x,2\n' + "y,1\n" * 50_000)
    with pytest.raises(UnreadableInput) as caught:
        read_file(path)
    assert (caught.value.key, caught.value.params["row"]) == ("intake.csv_quote", 3)


def test_a_quotation_mark_swallows_no_rows(write: Callable[..., Path], refused: Callable[[Path], str]) -> None:
    """In a short file too, where the rest of it would still fit into one cell and a finding could quote it."""
    assert refused(write('a,b\n1,2\n3,"x\n4,y\n')) == "intake.csv_quote"
    assert refused(write('a,b\n1,"x"y\n')) == "intake.csv_quote"


def test_a_formula_and_an_error_are_no_values(write: Callable[..., Path]) -> None:
    path = write({"s": [["a", "b"], ["=1+1", "#N/A"], [5, "=2"]]})
    assert rows(path) == [["a", "b"], [Mark.FORMULA, Mark.ERROR], [5.0, Mark.FORMULA]]


def test_a_formula_below_all_values_is_seen(write: Callable[..., Path]) -> None:
    path = write({"s": [["a"], [None], [None, None, "=1"]]})
    assert read_file(path).sheets[0].rows[-1] == (3, [None, None, Mark.FORMULA])


def test_merged_cells_are_named(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "x"  # type: ignore[index]
    book.active.merge_cells("A1:B2")  # type: ignore[union-attr]
    book.save(tmp_path / "made.xlsx")
    faults = read_file(tmp_path / "made.xlsx").sheets[0].faults
    assert [(row, fault.code, fault.params) for row, fault in faults] == [(1, "merged", {"range": "A1:B2"})]


def _rewritten(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture
def small(write: Callable[..., Path]) -> Path:
    path: Path = write({"s": [["a"], [1]]})
    return path


def test_dates_of_a_workbook_from_1904(tmp_path: Path) -> None:
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active["A1"] = dt.date(2022, 3, 1)  # type: ignore[index]
    book.save(tmp_path / "made.xlsx")
    assert rows(tmp_path / "made.xlsx") == [[dt.date(2022, 3, 1)]]


def test_a_sheet_that_only_claims_to_be_large_is_read(small: Path) -> None:
    claim = lambda xml: xml.replace(b'ref="A1:A2"', b'ref="A1:XFD1048576"')  # noqa: E731
    assert rows(_rewritten(small, SHEET, claim)) == [["a"], [1.0]]


@pytest.mark.parametrize("cell", [b"XFD2", b"A1048576"])
def test_a_stray_cell_far_away(small: Path, cell: bytes) -> None:
    stray = b'<row r="1048576"><c r="' + cell + b'"><v>1</v></c></row></sheetData>'
    path = _rewritten(small, SHEET, lambda xml: xml.replace(b"</sheetData>", stray))
    if cell == b"A1048576":  # one column: the blank rows before it are what is wrong
        assert [fault.code for _, fault in read_file(path).sheets[0].faults] == ["blank_rows"]
        return
    with pytest.raises(UnreadableInput) as caught:
        read_file(path)
    assert caught.value.key == "intake.sheet_too_large"
    assert caught.value.params == {"file": "made.xlsx", "sheet": 1, "cell": "XFD2"}


def test_an_entity_bomb_is_not_read(small: Path, refused: Callable[[Path], str]) -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY l "lol"><!ENTITY m "&l;&l;&l;&l;&l;&l;&l;&l;&l;&l;">]>'
    for part in (SHEET, "xl/workbook.xml"):
        path = _rewritten(small, part, lambda xml: bomb + xml[xml.find(b"<w") :] if b"<w" in xml else bomb + xml)
        assert refused(path) == "intake.file_unsafe"


def test_broken_xml(small: Path, refused: Callable[[Path], str]) -> None:
    assert refused(_rewritten(small, SHEET, lambda xml: xml[: len(xml) // 2])) == "intake.file_damaged"


def test_a_truncated_workbook(small: Path, refused: Callable[[Path], str]) -> None:
    small.write_bytes(small.read_bytes()[:-200])
    assert refused(small) == "intake.file_damaged"


def test_a_workbook_that_unpacks_to_too_much(
    small: Path, refused: Callable[[Path], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _rewritten(small, SHEET, lambda xml: xml + b" " * 2_000_000)
    assert small.stat().st_size < 20_000
    monkeypatch.setattr(workbook, "MAX_BYTES", 1_000_000)
    assert refused(small) == "intake.file_too_large"


def test_an_encrypted_workbook(write: Callable[..., Path], refused: Callable[[Path], str]) -> None:
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    directory = "EncryptedPackage".encode("utf-16-le").ljust(64, b"\0") + struct.pack("<H", 34) + bytes(62)
    assert refused(write(header + directory + bytes(4096), "secret.xlsx")) == "intake.file_password"


def test_an_old_document_that_is_no_workbook(write: Callable[..., Path], refused: Callable[[Path], str]) -> None:
    assert refused(write(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096), "old.xls")) == "intake.file_damaged"


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7 ...", b"<html><table></table></html>", b"\x89PNG\r\n\x1a\n", b"\0\0\1\1" * 99]
)
def test_what_is_no_table(write: Callable[..., Path], refused: Callable[[Path], str], content: bytes) -> None:
    assert refused(write(content)) == "intake.file_kind"


def test_an_archive_that_is_no_workbook(tmp_path: Path, refused: Callable[[Path], str]) -> None:
    with zipfile.ZipFile(tmp_path / "made.xlsx", "w") as archive:
        archive.writestr("readme.txt", "x")
    assert refused(tmp_path / "made.xlsx") == "intake.file_kind"


def test_an_empty_file(write: Callable[..., Path], refused: Callable[[Path], str]) -> None:
    for content in (b"", b"\xef\xbb\xbf", b"\n\n\n", b" ;;\r\n;;\r\n"):
        assert refused(write(content)) == "intake.file_empty"


def test_no_file(tmp_path: Path, refused: Callable[[Path], str]) -> None:
    assert refused(tmp_path / "nothing.xlsx") == "intake.no_file"
    assert refused(tmp_path) == "intake.set_empty"


def test_the_reading_of_a_workbook_that_dies_is_told_as_damage(
    small: Path, refused: Callable[[Path], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from thassist.intake import spreadsheet

    monkeypatch.setattr(spreadsheet, "_MEMORY", 10_000_000)  # too little to start at all
    assert refused(small) == "intake.file_damaged"


@pytest.mark.parametrize(
    ("index", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16383, "XFD")]
)
def test_column_letters(index: int, name: str) -> None:
    assert letter(index) == name


def test_an_open_document_is_read_and_what_it_hides_is_said(tmp_path: Path) -> None:
    office = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
    table = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
    text = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
    cells = (
        '<table:table-cell office:value-type="string"><text:p>a</text:p></table:table-cell>'
        '<table:table-cell office:value-type="date" office:date-value="2022-03-01"/>'
        '<table:table-cell office:value-type="float" office:value="5"/>'
    )
    content = (
        f'<office:document-content xmlns:office="{office}" xmlns:table="{table}" xmlns:text="{text}"><office:body>'
        f'<office:spreadsheet><table:table table:name="s"><table:table-row>{cells}</table:table-row></table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    with zipfile.ZipFile(tmp_path / "made.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", content)
    book = read_file(tmp_path / "made.ods")
    assert (book.kind, [fault.code for fault in book.faults]) == ("ods", ["formulas_not_seen"])
    assert book.sheets[0].rows == [(1, ["a", dt.date(2022, 3, 1), 5.0])]
