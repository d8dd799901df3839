"""Cells of a workbook: their looks, text that stays text, links and tables."""

import itertools
import textwrap
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font, NamedStyle
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table, TableColumn, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from thassist.publish.page import Figure

#: Looks of cells, as named styles: one look of a thousand cells is written once.
BODY, BOLD, LINE, LINK = "th body", "th bold", "th line", "th link"
TITLE, COVER_TITLE = "th title", "th cover title"
HEADING, HEADING_RIGHT = "th heading", "th heading right"
_SIGN, _SIGN_BOLD = "th sign", "th sign bold"
_FONT, _SIZE, _TITLE_SIZE = "Arial", 12, 16
_TITLES = {TITLE, COVER_TITLE}
_BOLD_LOOKS = {BOLD, *_TITLES, HEADING, HEADING_RIGHT, _SIGN_BOLD}
_WRAPPED = {BODY, BOLD, COVER_TITLE, HEADING, HEADING_RIGHT}
_RIGHT = {HEADING_RIGHT, _SIGN, _SIGN_BOLD}
#: Height of a line in font sizes.
_LEADING = 1.32
#: Characters that an upright page holds.
_UPRIGHT = 110


def add_styles(book: Workbook, decimals: Iterable[int]) -> None:
    """Add the looks to a workbook; ``decimals`` are those of its figures. A link is underlined, not only blue."""
    for name in (BODY, BOLD, LINE, TITLE, COVER_TITLE, LINK, HEADING, HEADING_RIGHT, _SIGN, _SIGN_BOLD):
        _add_style(book, name, bold=name in _BOLD_LOOKS)
    for places, bold in itertools.product(sorted(set(decimals)), (False, True)):
        _add_style(
            book, _figure_style(places, bold=bold), bold=bold, number="#,##0" + "." * bool(places) + "0" * places
        )


def _add_style(book: Workbook, name: str, *, bold: bool, number: str = "") -> None:
    style = NamedStyle(name)
    link = name == LINK
    style.font = Font(
        name=_FONT,
        size=_TITLE_SIZE if name in _TITLES else _SIZE,
        bold=bold,
        underline="single" if link else None,
        color="0000EE" if link else None,
    )
    style.alignment = Alignment(
        wrap_text=name in _WRAPPED,
        vertical="bottom" if name in {HEADING, HEADING_RIGHT} else "top",
        horizontal="right" if number or name in _RIGHT else None,
    )
    if number:
        style.number_format = number
    book.add_named_style(style)


def _figure_style(decimals: int, *, bold: bool) -> str:
    return f"th figure {decimals}{' bold' if bold else ''}"


def write_text(sheet: Worksheet, row: int, column: int, text: str, style: str = BODY) -> None:
    """A text cell. Its type is set by hand: openpyxl would take a leading ``=`` for a formula."""
    cell = _cell(sheet, row, column)
    cell.value = text
    cell.data_type = "s"
    cell.style = style


def write_figure(sheet: Worksheet, row: int, column: int, figure: Figure, decimals: int, *, bold: bool) -> None:
    """A number as a number, or the sign that stands instead of it as text."""
    if figure.value is None:
        write_text(sheet, row, column, figure.sign, _SIGN_BOLD if bold else _SIGN)
        return
    cell = _cell(sheet, row, column)
    cell.value = figure.value
    cell.style = _figure_style(decimals, bold=bold)


def write_link(sheet: Worksheet, row: int, text: str, target: str) -> None:
    """A link in column A to the first cell of another sheet."""
    write_text(sheet, row, 1, text)
    cell = _cell(sheet, row, 1)
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{target}'!A1", display=text)
    cell.style = LINK


def _cell(sheet: Worksheet, row: int, column: int) -> Cell:
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)  # noqa: S101 - nothing is merged
    return cell


def mark_table(sheet: Worksheet, name: str, top: int, headers: Sequence[str], rows: int) -> None:
    """Mark a range as a table, without filter buttons and stripes."""
    last = get_column_letter(len(headers))
    table = Table(displayName=name, name=name, ref=f"A{top}:{last}{top + rows}")
    table.tableColumns = [TableColumn(id=place, name=header) for place, header in enumerate(headers, start=1)]
    table.autoFilter = None
    table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=False, showColumnStripes=False)
    sheet.add_table(table)


def shape(sheet: Worksheet, widths: Sequence[int]) -> None:
    """Column widths, row heights that show all lines of wrapped text, and a print that fits the width of a page."""
    for place, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        size = _TITLE_SIZE if cells[0].style in _TITLES else _SIZE
        lines = 1
        for cell, width in zip(cells, widths, strict=False):
            text = cell.value
            room = width * _SIZE / size
            if isinstance(text, str) and len(text) > room * 0.8 and cell.style in _WRAPPED:
                lines = max(lines, len(textwrap.wrap(text, int(room * (0.9 if cell.style in _BOLD_LOOKS else 1)))))
        sheet.row_dimensions[number].height = lines * size * _LEADING
    sheet.page_setup.orientation = "portrait" if sum(widths) <= _UPRIGHT else "landscape"
    sheet.page_setup.paperSize = Worksheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
