"""The checks of an accessible workbook that a machine can make, each giving the places where it is not met.

A place is ``Sheet!A1``, a sheet's name, or the name of a part of the file. Nothing that a cell holds is repeated.
"""

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

_STANDARD_SHEET = re.compile(r"(sheet|taul|taulukko|blad|tabelle|feuil|hoja)\d+", re.IGNORECASE)
_STANDARD_TABLE = re.compile(r"(table|taulukko|tabell)\d*", re.IGNORECASE)
#: A mark of a note at the end of a text. A section sign after a number names a section of an act («35 §»).
_SYMBOL = re.compile(r"(?:[¹²³⁴⁵⁶⁷⁸⁹*†‡]|(?<!\d)(?<!\d\s)§)\s*$")
_MARK = re.compile(r"\[(note|huomautus|anmärkning) \d+\]", re.IGNORECASE)
_BARE_MARK = re.compile(r"\[\d+\]|\(\d\)\s*$")
_LEAST_SIZE = 12
_LONG = 60


@dataclass(frozen=True)
class Book:
    """A workbook as the checks see it: its sheets, the names of its parts, and its drawings."""

    sheets: Workbook
    parts: dict[str, bytes]

    def cells(self, sheet: Worksheet) -> Iterator[Cell]:
        """The cells of a sheet that hold something."""
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None and isinstance(cell, Cell):
                    yield cell

    def areas(self, sheet: Worksheet) -> list[tuple[str, tuple[int, int, int, int]]]:
        """The name and the bounds (left, top, right, bottom) of every marked table of a sheet."""
        found = []
        for table in sheet.tables.values():
            left, top, right, bottom = range_boundaries(table.ref)
            found.append((table.displayName, (left or 1, top or 1, right or 1, bottom or 1)))
        return found


def _at(sheet: Worksheet, row: int, column: int) -> str:
    return f"{sheet.title}!{get_column_letter(column)}{row}"


def _within(left: int, top: int, right: int, bottom: int) -> Iterator[tuple[int, int]]:
    """Row and column of every cell of an area."""
    return itertools.product(range(top, bottom + 1), range(left, right + 1))


def _place(cell: Cell) -> str:
    return f"{cell.parent.title}!{cell.coordinate}"


def _text(cell: Cell) -> str:
    return cell.value if isinstance(cell.value, str) else ""


def _marked_tables(book: Book) -> Iterator[str]:
    for sheet in book.sheets.worksheets:
        wide = sum(1 for row in sheet.iter_rows() if sum(cell.value is not None for cell in row) > 1)
        if wide > 1 and not sheet.tables:
            yield sheet.title


def _named_tables(book: Book) -> Iterator[str]:
    for sheet in book.sheets.worksheets:
        for name, _ in book.areas(sheet):
            if _STANDARD_TABLE.fullmatch(name):
                yield f"{sheet.title}: {name}"


def _nothing_merged(book: Book) -> Iterator[str]:
    for sheet in book.sheets.worksheets:
        for area in sheet.merged_cells.ranges:
            yield f"{sheet.title}!{area.coord}"


def _no_blank_lines(book: Book) -> Iterator[str]:
    for sheet in book.sheets.worksheets:
        for _, (left, top, right, bottom) in book.areas(sheet):
            for row in range(top, bottom + 1):
                if all(sheet.cell(row, column).value is None for column in range(left, right + 1)):
                    yield _at(sheet, row, left)
            for column in range(left, right + 1):
                if all(sheet.cell(row, column).value is None for row in range(top, bottom + 1)):
                    yield _at(sheet, top, column)


def _one_header(book: Book) -> Iterator[str]:
    for sheet in book.sheets.worksheets:
        for _, (left, top, right, _bottom) in book.areas(sheet):
            seen: set[str] = set()
            for column in range(left, right + 1):
                header = str(sheet.cell(top, column).value or "").strip().casefold()
                if not header or header in seen:
                    yield _at(sheet, top, column)
                seen.add(header)
        for table in sheet.tables.values():
            if not table.headerRowCount:
                yield f"{sheet.title}: {table.displayName}"


def _wrapped(book: Book) -> Iterator[str]:
    for sheet in book.sheets.worksheets:
        for _, (left, top, right, bottom) in book.areas(sheet):
            for row, column in _within(left, top, right, bottom):
                cell = sheet.cell(row, column)
                width = sheet.column_dimensions[get_column_letter(column)].width or 8
                if isinstance(cell.value, str) and len(cell.value) > width and not cell.alignment.wrap_text:
                    yield _at(sheet, row, column)


def _no_filters(book: Book) -> Iterator[str]:
    for sheet in book.sheets.worksheets:
        if sheet.freeze_panes or sheet.auto_filter.ref or any(table.autoFilter for table in sheet.tables.values()):
            yield sheet.title


def _no_empty_cells(book: Book) -> Iterator[str]:
    for sheet in book.sheets.worksheets:
        for _, (left, top, right, bottom) in book.areas(sheet):
            for row, column in _within(left, top + 1, right, bottom):
                if sheet.cell(row, column).value is None:
                    yield _at(sheet, row, column)


def _nothing_hidden(book: Book) -> Iterator[str]:
    for sheet in book.sheets.worksheets:
        if sheet.sheet_state != "visible":
            yield sheet.title
        yield from (f"{sheet.title}!{number}" for number, row in sheet.row_dimensions.items() if row.hidden)
        yield from (f"{sheet.title}!{letter}" for letter, column in sheet.column_dimensions.items() if column.hidden)


def _widths(book: Book) -> Iterator[str]:
    for sheet in book.sheets.worksheets:
        for _, (left, top, right, bottom) in book.areas(sheet):
            for column in range(left, right + 1):
                letter = get_column_letter(column)
                width = sheet.column_dimensions[letter].width or 8
                words = (
                    max(map(len, str(cell.value).split()), default=0)
                    for (cell,) in sheet.iter_rows(min_row=top, max_row=bottom, min_col=column, max_col=column)
                    if cell.value is not None
                )
                if max(words, default=0) > width + 1:
                    yield f"{sheet.title}!{letter}"


def _no_symbols(book: Book) -> Iterator[str]:
    for sheet in book.sheets.worksheets:
        for cell in book.cells(sheet):
            if _SYMBOL.search(_text(cell)) or cell.font.vertAlign == "superscript":
                yield _place(cell)


def _note_word(book: Book) -> Iterator[str]:
    for sheet in book.sheets.worksheets:
        for cell in book.cells(sheet):
            if _BARE_MARK.search(_text(cell)) and not _MARK.search(_text(cell)):
                yield _place(cell)


def _no_marks_in_figures(book: Book) -> Iterator[str]:
    for sheet in book.sheets.worksheets:
        for _, (left, top, right, bottom) in book.areas(sheet):
            for row, column in _within(left + 1, top + 1, right, bottom):
                value = sheet.cell(row, column).value
                if isinstance(value, str) and re.match(r"-?[\d\s.,]+\s*(\[|\*|[¹²³])", value):
                    yield _at(sheet, row, column)


def _notes_sheet(book: Book) -> Iterator[str]:
    used = [cell for sheet in book.sheets.worksheets for cell in book.cells(sheet) if _MARK.search(_text(cell))]
    names = ("note", "huomautu", "anmärkning")
    kept = [sheet for sheet in book.sheets.worksheets if sheet.title.casefold().startswith(names) and sheet.tables]
    if used and not kept:
        yield _place(used[0])


def _link_texts(book: Book) -> Iterator[str]:
    for sheet in book.sheets.worksheets:
        for cell in book.cells(sheet):
            if re.match(r"(https?://|www\.)", _text(cell).strip()):
                yield _place(cell)


def _fonts(book: Book) -> Iterator[str]:
    for sheet in book.sheets.worksheets:
        for cell in book.cells(sheet):
            if (cell.font.sz or 11) < _LEAST_SIZE:
                yield _place(cell)


def _titles(book: Book) -> Iterator[str]:
    for sheet in book.sheets.worksheets:
        if not isinstance(sheet["A1"].value, str) or not sheet["A1"].value.strip():
            yield f"{sheet.title}!A1"


def _no_floating(book: Book) -> Iterator[str]:
    for sheet in book.sheets.worksheets:
        for band in (sheet.oddHeader, sheet.oddFooter, sheet.evenHeader, sheet.evenFooter):
            if band is not None and any(
                part is not None and part.text for part in (band.left, band.center, band.right)
            ):
                yield sheet.title
                break
    for name, content in book.parts.items():
        if re.fullmatch(r"xl/drawings/drawing\d+\.xml", name):
            text = content.decode("utf-8", "replace")
            frames = re.findall(r"<(?:\w+:)?cNvPr\b([^>]*)>", text)
            boxes = re.search(r"<(?:\w+:)?(sp|txBody)\b", text)
            if boxes or any(not re.search(r'\bdescr="[^"]', attributes) for attributes in frames):
                yield name


def _no_fill(book: Book) -> Iterator[str]:
    for sheet in book.sheets.worksheets:
        for cell in book.cells(sheet):
            if cell.fill.fill_type is not None:
                yield _place(cell)


def _no_pictures(book: Book) -> Iterator[str]:
    yield from (name for name in book.parts if name.startswith("xl/media/"))


def _no_macros(book: Book) -> Iterator[str]:
    yield from (name for name in book.parts if "vba" in name.casefold() or "macrosheets" in name)


def _sheet_names(book: Book) -> Iterator[str]:
    yield from (sheet.title for sheet in book.sheets.worksheets if _STANDARD_SHEET.fullmatch(sheet.title))


def _no_blank_sheets(book: Book) -> Iterator[str]:
    yield from (sheet.title for sheet in book.sheets.worksheets if next(book.cells(sheet), None) is None)


def _column_a(book: Book) -> Iterator[str]:
    for sheet in book.sheets.worksheets:
        tops = [top for _, (_, top, _, _) in book.areas(sheet)]
        for row in range(1, min(tops, default=2)):
            if sheet.cell(row, 1).value is None:
                yield _at(sheet, row, 1)


def _left_edge(book: Book) -> Iterator[str]:
    for sheet in book.sheets.worksheets:
        for name, (left, _, _, _) in book.areas(sheet):
            if left != 1:
                yield f"{sheet.title}: {name}"


def _nothing_below(book: Book) -> Iterator[str]:
    for sheet in book.sheets.worksheets:
        bottoms = [bottom for _, (_, _, _, bottom) in book.areas(sheet)]
        if bottoms:
            below = (cell for cell in book.cells(sheet) if cell.row > max(bottoms))
            yield from (_place(cell) for cell in below)


def _one_table(book: Book) -> Iterator[str]:
    yield from (sheet.title for sheet in book.sheets.worksheets if len(sheet.tables) > 1)


def _properties(book: Book) -> Iterator[str]:
    if not book.sheets.properties.title:
        yield "docProps/core.xml: title"
    if not book.sheets.properties.language:
        yield "docProps/core.xml: language"


def _cursor(book: Book) -> Iterator[str]:
    first = book.sheets.worksheets[0]
    selection = first.sheet_view.selection
    if book.sheets.active is not first or (selection and selection[0].activeCell not in {None, "A1"}):
        yield first.title


#: Check name → check.
CHECKS: dict[str, Callable[[Book], Iterator[str]]] = {
    check.__name__.removeprefix("_"): check
    for check in (
        *(
            _marked_tables,
            _named_tables,
            _nothing_merged,
            _no_blank_lines,
            _one_header,
            _wrapped,
            _no_filters,
            _no_empty_cells,
        ),
        *(
            _nothing_hidden,
            _widths,
            _no_symbols,
            _note_word,
            _no_marks_in_figures,
            _notes_sheet,
            _link_texts,
            _fonts,
            _titles,
        ),
        *(_no_floating, _no_fill, _no_pictures, _no_macros, _sheet_names, _no_blank_sheets, _column_a, _left_edge),
        *(_nothing_below, _one_table, _properties, _cursor),
    )
}
