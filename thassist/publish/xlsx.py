"""The workbook: cover, contents, notes, a sheet a table, a sheet a chart, after the UK Analysis Function's checklist.

Real tables with one header row, nothing merged, hidden, frozen or filtered, text in column A, notes on their own
sheet, no colour that means anything. The same document gives the same bytes.
"""

import datetime as dt
import re
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from thassist._workbook import saved, without_clock
from thassist.publish import xlsx_cells as cells
from thassist.publish import xlsx_chart
from thassist.publish.page import Document, Grid
from thassist.publish.texts import say

#: Widths in characters: a text of the cover, the first label column, other label columns, figures. The cover fits on a
#: page at full size in any font: LibreOffice does not shrink a sheet of one column, it cuts it.
_TEXT, _FIRST, _STUB, _NUMBER = 66, 60, 28, 14
_LISTING = (24, 100, 40)


def write(document: Document, path: Path) -> None:
    """Write a release in one language as a workbook."""
    lang = document.lang
    book = Workbook()
    book.remove(book.worksheets[0])
    decimals = [table.decimals for table in document.tables] + [picture.decimals for picture in document.pictures]
    cells.add_styles(book, decimals)
    _cover(book.create_sheet(say("cover", lang)), document)
    _contents(book.create_sheet(say("contents", lang)), document)
    _notes(book.create_sheet(say("notes", lang)), document)
    for table in document.tables:
        _table(book.create_sheet(table.name), document, table)
    for number, picture in enumerate(document.pictures, start=1):
        xlsx_chart.write(book.create_sheet(picture.name), document, picture, number)
    day = dt.datetime.fromisoformat(document.day)
    properties = book.properties
    properties.title = f"{document.title}, {document.period}"
    properties.language = lang
    properties.creator = properties.lastModifiedBy = document.publisher
    properties.description = " ".join(document.banners)
    properties.created = day
    book.active = 0
    words = [(picture.title, picture.words) for picture in document.pictures if not picture.stages]
    path.write_bytes(without_clock(xlsx_chart.with_words(saved(book, day), words), day))


def _cover(sheet: Worksheet, document: Document) -> None:
    """All in column A, one text a row: a screen reader reads it from top to bottom."""
    lines = [(document.title, cells.COVER_TITLE), (document.period, cells.BOLD)]
    lines += [(banner, cells.BOLD) for banner in document.banners]
    lines += _words(document)
    if document.key_figures:
        lines.append((say("about", document.lang), cells.BOLD))
    lines += [(f"{name}: {text}", cells.BODY) for name, text in document.facts]
    lines.append((say("symbols", document.lang), cells.BOLD))
    lines += [(f"{sign}   {meaning}", cells.BODY) for sign, meaning in document.symbols]
    if document.quality:
        lines.append((say("quality", document.lang), cells.BOLD))
    lines += [(f"{title}: {text}", cells.BODY) for title, text in document.quality]
    for row, (text, style) in enumerate(lines, start=1):
        cells.write_text(sheet, row, 1, text, style)
    cells.shape(sheet, (_TEXT,))


def _words(document: Document) -> list[tuple[str, str]]:
    """Key figures, and what the chapters say."""
    lines = []
    if document.key_figures:
        lines.append((say("key_figures", document.lang), cells.BOLD))
    for figure in document.key_figures:
        before = f" ({figure.before})" if figure.before else ""
        lines.append((f"{figure.label}: {figure.shown}{before}", cells.BODY))
    for chapter in document.chapters:
        if chapter.sentences:
            lines.append((chapter.title, cells.BOLD))
            lines += [(sentence.text, cells.BODY) for sentence in chapter.sentences]
    return lines


def _contents(sheet: Worksheet, document: Document) -> None:
    lang = document.lang
    cells.write_text(sheet, 1, 1, say("contents", lang), cells.TITLE)
    cells.write_text(sheet, 2, 1, say("sheet_contents", lang), cells.LINE)
    listed = [(say("notes", lang), say("all_notes", lang), say("notes", lang))]
    listed += [(table.name, table.title, chapter.title) for chapter in document.chapters for table in chapter.tables]
    listed += [
        (picture.name, picture.title, chapter.title) for chapter in document.chapters for picture in chapter.pictures
    ]
    headers = (say("table", lang), say("title", lang), say("chapter", lang))
    _head(sheet, 3, headers, len(headers))
    for row, (name, title, chapter_title) in enumerate(listed, start=4):
        cells.write_link(sheet, row, name, name)
        cells.write_text(sheet, row, 2, title)
        cells.write_text(sheet, row, 3, chapter_title)
    cells.mark_table(sheet, "contents", 3, headers, len(listed))
    cells.shape(sheet, _LISTING)


def _notes(sheet: Worksheet, document: Document) -> None:
    lang = document.lang
    cells.write_text(sheet, 1, 1, say("notes", lang), cells.TITLE)
    cells.write_text(sheet, 2, 1, say("sheet_notes", lang), cells.LINE)
    cells.write_link(sheet, 3, say("to_contents", lang), say("contents", lang))
    if document.notes:
        headers = (say("note", lang), say("text", lang), say("tables", lang))
        _head(sheet, 4, headers, len(headers))
        for row, note in enumerate(document.notes, start=5):
            cells.write_text(sheet, row, 1, say("note_name", lang, number=note.number))
            cells.write_text(sheet, row, 2, note.text)
            cells.write_text(sheet, row, 3, ", ".join(note.tables) or say("all_tables", lang))
        cells.mark_table(sheet, "notes", 4, headers, len(document.notes))
    cells.shape(sheet, _LISTING)


def _head(sheet: Worksheet, row: int, headers: Sequence[str], labels: int) -> None:
    """A header row; headings of figures stand at the right like the figures."""
    for column, header in enumerate(headers, start=1):
        cells.write_text(sheet, row, column, header, cells.HEADING if column <= labels else cells.HEADING_RIGHT)


def _table(sheet: Worksheet, document: Document, table: Grid) -> None:
    lang = document.lang
    lines = [(f"{table.name}: {table.title}", cells.TITLE), (say("sheet_holds", lang), cells.LINE)]
    lines += [(banner, cells.BOLD) for banner in document.banners]
    lines += [(f"{name}: {text}", cells.BODY) for name, text in table.facts]
    for row, (text, style) in enumerate(lines, start=1):
        cells.write_text(sheet, row, 1, text, style)
    top = len(lines) + 1
    if table.notes:
        marks = " ".join(say("note_mark", lang, number=number) for number in table.notes)
        cells.write_link(sheet, top, say("see_notes", lang, marks=marks), say("notes", lang))
        top += 1
    cells.write_link(sheet, top, say("to_contents", lang), say("contents", lang))
    top += 1
    headers = (*table.stub_headers, *table.headers)
    labels = len(table.stub_headers)
    _head(sheet, top, headers, labels)
    for number, row_ in enumerate(table.rows, start=top + 1):
        for column, label in enumerate(row_.stub, start=1):
            cells.write_text(sheet, number, column, label, cells.BOLD if row_.total else cells.BODY)
        for column, figure in enumerate(row_.figures, start=labels + 1):
            cells.write_figure(sheet, number, column, figure, table.decimals, bold=row_.total)
    cells.mark_table(sheet, _range_name(table.id), top, headers, len(table.rows))
    cells.shape(sheet, [_width(place, header, labels) for place, header in enumerate(headers)])


def _width(place: int, header: str, labels: int) -> int:
    """Wide enough for the longest word of the heading, so that wrapping never cuts a word."""
    usual = _FIRST if place == 0 else _STUB if place < labels else _NUMBER
    return max(usual, max(len(word) for word in header.split()) + 3)


def _range_name(table_id: str) -> str:
    """The table's id as a name that Excel takes: letters, digits and underscores, not like a cell address."""
    name = re.sub(r"\W", "_", table_id)
    return f"t_{name}" if re.fullmatch(r"[A-Za-z]{1,3}\d*|\d.*", name) else name
