"""A delivered file that is no .xlsx workbook, as one: its cells as they were read, and nothing else."""

import io
import re

from openpyxl import Workbook as Book
from openpyxl.cell import WriteOnlyCell
from openpyxl.worksheet.worksheet import Worksheet

from thassist.intake import archive
from thassist.intake.cells import Mark, Raw
from thassist.intake.workbook import RawSheet, Workbook
from thassist.intake.xlsxparts import Parts

_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
_BROKEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_TITLE, _TEXT = 31, 32_767  # Excel's limits


def as_workbook(book: Workbook) -> Parts:
    """The cells of a file as an .xlsx workbook in memory, row for row and column for column.

    Texts stay texts: one that begins with ``=`` never becomes a formula.
    """
    made = Book(write_only=True)
    for sheet in book.sheets:
        _write(archive.new_sheet(made, _title(sheet, book)), sheet)
    return Parts(io.BytesIO(archive.saved(made)))


def _title(sheet: RawSheet, book: Workbook) -> str:
    wanted = _FORBIDDEN.sub(" ", sheet.name or book.file.rsplit(".", 1)[0]).strip(" '")
    return wanted[:_TITLE] or f"{sheet.number}"


def _write(made: Worksheet, sheet: RawSheet) -> None:
    done = 0
    for number, cells in sheet.rows:
        for _ in range(number - done - 1):
            made.append([])
        made.append([_value(made, cell) for cell in cells])
        done = number


def _value(made: Worksheet, raw: Raw) -> object:
    if raw is None or isinstance(raw, Mark):
        return None
    if not isinstance(raw, str):
        return raw
    cell = WriteOnlyCell(made, value=_BROKEN.sub("�", raw)[:_TEXT])
    cell.data_type = "s"
    return cell
