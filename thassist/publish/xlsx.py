"""The workbook: cover, contents, notes, then one table a sheet, after the UK Analysis Function's checklist.

Real tables with one header row, nothing merged, hidden, frozen or filtered, text in column A, notes on their own
sheet, no colour. Every text is written as text: a label that begins with ``=`` never becomes a formula. The archive is
written again with fixed dates, so that the same document gives the same bytes.
"""

import datetime as dt
import io
import re
import textwrap
import zipfile
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table, TableColumn, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from thassist.publish.page import Document, Figure, Grid
from thassist.publish.texts import say

_FONT, _SIZE = "Arial", 12
_BODY = Font(name=_FONT, size=_SIZE)
_BOLD = Font(name=_FONT, size=_SIZE, bold=True)
_TITLE = Font(name=_FONT, size=16, bold=True)
_LINK = Font(name=_FONT, size=_SIZE, underline="single", color="0000EE")
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_HEADING = Alignment(wrap_text=True, vertical="bottom")
_HEADING_RIGHT = Alignment(wrap_text=True, vertical="bottom", horizontal="right")
_RIGHT = Alignment(horizontal="right", vertical="top")
_UNWRAPPED = Alignment(vertical="top")
#: Widths in characters of the standard font.
_FIRST, _STUB, _NUMBER = 60, 28, 14
#: Height of a line in font sizes.
_LINE = 1.32
_EPOCH = (1980, 1, 1, 0, 0, 0)


def write(document: Document, path: Path) -> None:
    """Write a release in one language as a workbook."""
    book = Workbook()
    book.remove(book.worksheets[0])
    names = {table.id: say("sheet_name", document.lang, number=place) for place, table in enumerate(document.tables, 1)}
    _cover(book.create_sheet(say("cover", document.lang)), document)
    _contents(book.create_sheet(say("contents", document.lang)), document, names)
    _notes(book.create_sheet(say("notes", document.lang)), document)
    for table in document.tables:
        _table(book.create_sheet(names[table.id]), document, table)
    properties = book.properties
    properties.title = f"{document.title}, {document.period}"
    properties.language = document.lang
    properties.creator = properties.lastModifiedBy = document.publisher
    properties.description = " ".join(document.banners)
    day = dt.datetime.fromisoformat(document.day)
    properties.created = day
    book.active = 0
    stream = io.BytesIO()
    book.save(stream)
    path.write_bytes(_fixed(stream.getvalue(), day))


def _fixed(archive: bytes, day: dt.datetime) -> bytes:
    """The archive with fixed dates: openpyxl stamps the time of saving on every member and in the properties."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(stream, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(
                    rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + day.strftime("%Y-%m-%dT%H:%M:%SZ").encode(), content
                )
            member = zipfile.ZipInfo(name, _EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o600 << 16
            target.writestr(member, content)
    return stream.getvalue()


def _write(sheet: Worksheet, row: int, column: int, text: str, font: Font = _BODY, place: Alignment = _WRAPPED) -> Cell:
    """A text cell. Its type is set by hand: openpyxl would take a leading ``=`` for a formula."""
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)  # noqa: S101 - nothing is merged
    cell.value = text
    cell.data_type = "s"
    cell.font = font
    cell.alignment = place
    return cell


def _figure(sheet: Worksheet, row: int, column: int, figure: Figure, decimals: int, font: Font) -> None:
    if figure.value is None:
        _write(sheet, row, column, figure.sign, font, _RIGHT)
        return
    cell = sheet.cell(row, column, figure.value)
    cell.number_format = "#,##0" + ("." + "0" * decimals if decimals else "")
    cell.font = font
    cell.alignment = _RIGHT


def _link(cell: Cell, sheet: str) -> None:
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{sheet}'!A1", display=str(cell.value))
    cell.font = _LINK


def _make_table(sheet: Worksheet, name: str, top: int, headers: Sequence[str], rows: int) -> None:
    """Mark a range as a table, without filter buttons and stripes."""
    last = get_column_letter(len(headers))
    table = Table(displayName=name, name=name, ref=f"A{top}:{last}{top + rows}")
    table.tableColumns = [TableColumn(id=place, name=header) for place, header in enumerate(headers, start=1)]
    table.autoFilter = None
    table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=False, showColumnStripes=False)
    sheet.add_table(table)


def _shape(sheet: Worksheet, widths: Sequence[int]) -> None:
    """Column widths, row heights that show all lines of wrapped text, and a print that fits the width of a page."""
    for place, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        lines = 1
        for cell, width in zip(cells, widths, strict=False):
            if isinstance(cell.value, str) and cell.alignment.wrap_text:
                size = cell.font.sz or _SIZE
                room = int(width * _SIZE / size * (0.9 if cell.font.b else 1))
                lines = max(lines, len(textwrap.wrap(cell.value, max(room, 8))))
        size = max((cell.font.sz or _SIZE) for cell in cells)
        sheet.row_dimensions[number].height = lines * size * _LINE
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = Worksheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _cover(sheet: Worksheet, document: Document) -> None:
    """All in column A, one text a row: a screen reader reads it from top to bottom."""
    lines: list[tuple[str, Font]] = [(document.title, _TITLE), (document.period, _BOLD)]
    lines += [(banner, _BOLD) for banner in document.banners]
    lines += [(f"{name}: {text}", _BODY) for name, text in document.facts]
    lines.append((say("symbols", document.lang), _BOLD))
    lines += [(f"{sign}   {meaning}", _BODY) for sign, meaning in document.symbols]
    for row, (text, font) in enumerate(lines, start=1):
        _write(sheet, row, 1, text, font)
    _shape(sheet, (100,))


def _contents(sheet: Worksheet, document: Document, names: dict[str, str]) -> None:
    lang = document.lang
    _write(sheet, 1, 1, say("contents", lang), _TITLE)
    _write(sheet, 2, 1, say("sheet_contents", lang), place=_UNWRAPPED)
    headers = (say("table", lang), say("title", lang), say("chapter", lang))
    top = 3
    for column, header in enumerate(headers, start=1):
        _write(sheet, top, column, header, _BOLD, _HEADING)
    row = top + 1
    _link(_write(sheet, row, 1, say("notes", lang)), say("notes", lang))
    _write(sheet, row, 2, say("all_notes", lang))
    _write(sheet, row, 3, say("notes", lang))
    for chapter in document.chapters:
        for table in chapter.tables:
            row += 1
            _link(_write(sheet, row, 1, names[table.id]), names[table.id])
            _write(sheet, row, 2, table.title)
            _write(sheet, row, 3, chapter.title)
    _make_table(sheet, "contents", top, headers, row - top)
    _shape(sheet, (24, 100, 40))


def _notes(sheet: Worksheet, document: Document) -> None:
    lang = document.lang
    _write(sheet, 1, 1, say("notes", lang), _TITLE)
    _write(sheet, 2, 1, say("sheet_notes", lang), place=_UNWRAPPED)
    _link(_write(sheet, 3, 1, say("to_contents", lang), place=_UNWRAPPED), say("contents", lang))
    headers = (say("note", lang), say("text", lang), say("tables", lang))
    top = 4
    for column, header in enumerate(headers, start=1):
        _write(sheet, top, column, header, _BOLD, _HEADING)
    for row, note in enumerate(document.notes, start=top + 1):
        _write(sheet, row, 1, say("note_name", lang, number=note.number))
        _write(sheet, row, 2, note.text)
        _write(sheet, row, 3, ", ".join(note.tables) or say("all_tables", lang))
    if document.notes:
        _make_table(sheet, "notes", top, headers, len(document.notes))
    _shape(sheet, (24, 100, 40))


def _table(sheet: Worksheet, document: Document, table: Grid) -> None:
    lang = document.lang
    _write(sheet, 1, 1, f"{table.name}: {table.title}", _TITLE, _UNWRAPPED)
    _write(sheet, 2, 1, say("sheet_holds", lang))
    row = 3
    for banner in document.banners:
        _write(sheet, row, 1, banner, _BOLD)
        row += 1
    for name, text in table.facts:
        _write(sheet, row, 1, f"{name}: {text}")
        row += 1
    if table.notes:
        marks = " ".join(say("note_mark", lang, number=number) for number in table.notes)
        _link(_write(sheet, row, 1, say("see_notes", lang, marks=marks), place=_UNWRAPPED), say("notes", lang))
        row += 1
    _link(_write(sheet, row, 1, say("to_contents", lang), place=_UNWRAPPED), say("contents", lang))
    top = row + 1
    headers = (*table.stub_headers, *table.headers)
    stubs = len(table.stub_headers)
    for column, header in enumerate(headers, start=1):
        _write(sheet, top, column, header, _BOLD, _HEADING if column <= stubs else _HEADING_RIGHT)
    for number, line in enumerate(table.rows, start=top + 1):
        font = _BOLD if line.total else _BODY
        for column, label in enumerate(line.stub, start=1):
            _write(sheet, number, column, label, font)
        for column, figure in enumerate(line.figures, start=stubs + 1):
            _figure(sheet, number, column, figure, table.decimals, font)
    _make_table(sheet, _range_name(table.id), top, headers, len(table.rows))
    _shape(sheet, [_width(place, header, stubs) for place, header in enumerate(headers)])


def _width(place: int, header: str, stubs: int) -> int:
    """Wide enough for the longest word of the heading, so that wrapping never cuts a word."""
    usual = _FIRST if place == 0 else _STUB if place < stubs else _NUMBER
    return max(usual, max(len(word) for word in header.split()) + 3)


def _range_name(table_id: str) -> str:
    """The table's id as a name that Excel takes: letters, digits and underscores, not like a cell address."""
    name = re.sub(r"\W", "_", table_id)
    return f"t_{name}" if re.fullmatch(r"[A-Za-z]{1,3}\d*|\d.*", name) else name
