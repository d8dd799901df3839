"""A delivered file as sheets of raw cells, whatever its format.

The format is told by the file's first bytes, not by its name. Reading is bounded: blank rows are skipped and
counted, and a file, a sheet or a run of blank rows beyond the limits below ends the reading with a finding or an error.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from thassist.errors import UnreadableInput
from thassist.intake.cells import Fault, Raw, blank

#: Bytes of a file, and bytes into which it may unpack: 300 megabytes.
MAX_BYTES = 300 * 1024 * 1024
#: Rows of data that one sheet may hold.
MAX_ROWS = 200_000
#: Consecutive blank rows after which reading stops; spreadsheets end with rows that only look used.
MAX_BLANK_ROWS = 100_000
#: Columns and cells that one sheet may span, from its first to its last value.
MAX_COLUMNS = 1_000
MAX_CELLS = 2_000_000

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: What delivered files begin with that are neither workbooks nor text with columns: PDF, images, RTF, gzip, 7z, markup.
_FOREIGN = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"\x1f\x8b", b"7z\xbc\xaf", b"PK\x05\x06")
_MARKUP = (b"<?xml", b"<!doctype", b"<html", b"<table")


@dataclass(slots=True)
class RawSheet:
    """A sheet: its non-blank rows and what the reader noticed.

    Attributes:
        name: as shown in the workbook; empty for a CSV file.
        number: 1 for the first sheet.
        rows: (row number as the spreadsheet shows it, cells), blank rows left out.
        faults: what was noticed about the sheet, with the row of it, 0 for the whole sheet.
        hidden: whether the workbook hides the sheet.
    """

    name: str
    number: int
    rows: list[tuple[int, list[Raw]]] = field(default_factory=list)
    faults: list[tuple[int, Fault]] = field(default_factory=list)
    hidden: bool = False

    def fill(self, rows: Iterable[list[Raw]]) -> None:
        """Take the rows of the sheet from its first one on, within the limits."""
        blanks = 0
        for number, cells in enumerate(rows, start=1):
            if all(cell is None or cell == "" or blank(cell) for cell in cells):
                blanks += 1
                if blanks > MAX_BLANK_ROWS:
                    self.faults.append((number - MAX_BLANK_ROWS, Fault("blank_rows", {"count": MAX_BLANK_ROWS})))
                    return
                continue
            blanks = 0
            if len(self.rows) == MAX_ROWS:
                self.faults.append((number, Fault("too_many_rows", {"count": MAX_ROWS})))
                return
            self.rows.append((number, cells))


@dataclass(slots=True)
class Workbook:
    """A delivered file.

    Attributes:
        file: its name without the folder.
        sha256: of its bytes.
        kind: ``xlsx``, ``xlsb``, ``xls``, ``ods`` or ``csv``.
        sheets: in the order of the workbook.
        faults: what the reader noticed about the file as a whole.
    """

    file: str
    sha256: str
    kind: str
    sheets: list[RawSheet]
    faults: list[Fault] = field(default_factory=list)


def read_file(path: Path) -> Workbook:
    """Read a delivered file of any supported format.

    Raises:
        UnreadableInput: missing, empty, too large, protected, damaged, or no table at all.
    """
    from thassist.intake import csvfile, spreadsheet

    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(4096)
            file.seek(0)
            sha256 = hashlib.file_digest(file, "sha256").hexdigest() if size <= MAX_BYTES else ""
    except (OSError, ValueError) as error:
        raise UnreadableInput("intake.no_file", file=path.name or str(path)) from error
    if not start:
        raise UnreadableInput("intake.file_empty", file=path.name)
    if size > MAX_BYTES:
        raise UnreadableInput("intake.file_too_large", file=path.name, limit=MAX_BYTES // 2**20)
    if start.startswith(_FOREIGN) or start.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_MARKUP):
        raise UnreadableInput("intake.file_kind", file=path.name)
    if start.startswith((_ZIP, _OLE)):
        kind, sheets = spreadsheet.read(path, zipped=start.startswith(_ZIP))
        faults = [] if kind == "xlsx" else [Fault("formulas_not_seen")]
        return Workbook(path.name, sha256, kind, sheets, faults)
    sheet, assumed = csvfile.read(path)
    return Workbook(path.name, sha256, "csv", [sheet], [assumed])


def letter(index: int) -> str:
    """The column letter of a zero-based index: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
