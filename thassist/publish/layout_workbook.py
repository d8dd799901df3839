"""A receiver's workbook: a first sheet that says of every item who answers it, then one sheet an item.

Texts stay texts, figures are numbers, and a cell without a figure is empty: whoever has the figure may write it there,
where only a number from zero upwards is taken.
"""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from thassist import __version__
from thassist._workbook import saved
from thassist.codes import Classification, classification, correspondence
from thassist.messages import text
from thassist.publish.layout import Layout, Sheet
from thassist.publish.layout_rows import COUNTS, Content, Row, counted, how_known
from thassist.publish.tidy_csv import LABELS
from thassist.release.build import Release

if TYPE_CHECKING:
    from thassist.codes.settings import Setting

_WIDEST = 60


def write(path: Path, layout: Layout, sheets: list[Sheet], content: dict[str, list[Row]], release: Release) -> None:
    """Write the workbook of some sheets."""
    book = Workbook()
    book.properties.creator = release.spec.publisher[LABELS]
    book.properties.title = layout.titles[LABELS]
    book.properties.language = LABELS
    moment = dt.datetime.combine(release.as_of, dt.time())  # the same snapshot gives the same bytes
    book.properties.created = book.properties.modified = moment
    first = book.worksheets[0]
    first.title = text("layout.items", LABELS)
    head = [text(f"layout.head_{name}", LABELS) for name in ("item", "title", "who", *COUNTS, "layout")]
    lines: list[list[Content]] = [[line] for line in _about(layout, sheets, release)]
    lines += [[], [*head]]
    for sheet in sheets:
        who = dict.fromkeys(row.who for row in content[sheet.id] if row.who)
        answering = "; ".join(layout.who[name][LABELS] for name in who)
        counts = counted(content[sheet.id])
        lines.append(
            [sheet.item or sheet.id, sheet.titles[LABELS], answering, *counts.values(), how_known(sheet, LABELS)]
        )
    _fill(first, lines, header=len(lines) - len(sheets))
    for sheet in sheets:
        page = book.create_sheet(sheet.id)
        figures: list[list[Content]] = [[*sheet.columns]]
        figures += [[*row.cells] for row in content[sheet.id]]
        _fill(page, figures, header=1)
        page.freeze_panes = "A2"
        for column, filling in layout.columns.items():
            if filling == "value" and column in sheet.columns:
                _only_numbers(page, sheet.columns.index(column) + 1, len(content[sheet.id]) + 1)
    path.write_bytes(saved(book, moment))


def read(path: Path, sheet: Sheet) -> list[tuple[str, ...]]:
    """The header and rows of one sheet, as texts."""
    book = load_workbook(path, read_only=True, data_only=True)
    try:
        width = len(sheet.columns)
        return [
            tuple("" if cell is None else str(cell) for cell in (*line, *[None] * width)[:width])
            for line in book[sheet.id].iter_rows(values_only=True)
        ]
    finally:
        book.close()


def _about(layout: Layout, sheets: list[Sheet], release: Release) -> list[str]:
    """What a receiver must know of the origin: records, software, code lists, choices where sources disagree."""
    dimensions = [dimension for cube in release.cubes for dimension in cube.spec.dimensions]
    lists: list[Classification] = [classification(each.classification) for each in dimensions]
    settings: dict[str, Setting] = {}
    for each in dimensions:
        if each.via:
            settings |= {found.id: found for found in correspondence(each.via).settings}
    said = [
        layout.titles[LABELS],
        text("layout.period", LABELS, period=release.period.code),
        text("layout.origin", LABELS, snapshot=release.snapshot, as_of=release.as_of, version=__version__),
        text("layout.lists", LABELS, lists=", ".join(dict.fromkeys(found.ref for found in lists))),
        *dict.fromkeys(how_known(sheet, LABELS) for sheet in sheets),
        *(found.text(LABELS) for found in settings.values()),
        *(note[LABELS] for note in release.spec.notes),
    ]
    return [*said, text("layout.synthetic", LABELS)] if release.synthetic else said


def _fill(page: Worksheet, lines: list[list[Content]], header: int) -> None:
    for number, line in enumerate(lines, start=1):
        for place, content in enumerate(line, start=1):
            if content == "":
                continue
            cell = page.cell(number, place, content)
            if isinstance(content, str):
                cell.data_type = "s"  # a text that begins like a formula stays a text
            if number == header or (number == 1 and header > 1):
                cell.font = Font(bold=True)
                cell.alignment = Alignment(wrap_text=number == header, vertical="bottom")
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", page.PAPERSIZE_A4
    page.page_setup.fitToHeight, page.sheet_properties.pageSetUpPr = 0, PageSetupProperties(fitToPage=True)
    page.print_title_rows = f"{header}:{header}"
    for place in range(1, max(map(len, lines), default=0) + 1):
        widths = [len(str(line[place - 1])) for line in lines[header - 1 :] if len(line) >= place]
        page.column_dimensions[get_column_letter(place)].width = min(max(widths, default=0) + 3, _WIDEST)


def _only_numbers(page: Worksheet, place: int, last: int) -> None:
    allowed = DataValidation(type="decimal", operator="greaterThanOrEqual", formula1="0", allow_blank=True)
    allowed.error = text("layout.only_numbers", LABELS)
    letter = get_column_letter(place)
    allowed.add(f"{letter}2:{letter}{max(last, 2)}")
    page.add_data_validation(allowed)
