"""A delivered file as sheets of raw cells, whatever its format.

The format is told by the file's first bytes, not by its name. Reading is bounded: blank rows are skipped and
counted, and a file, a sheet or a run of blank rows beyond the limits below ends the reading with a finding or an error.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from thassist.errors import UnreadableInput
from thassist.intake.cells import Fault, Raw, blank, plain

#: Bytes of a file, and bytes into which it may unpack: 300 megabytes.
MAX_BYTES = 300 * 1024 * 1024
#: Rows of data that one sheet may hold.
MAX_ROWS = 200_000
#: Consecutive blank rows after which reading stops; spreadsheets end with rows that only look used.
MAX_BLANK_ROWS = 100_000
#: Columns and cells that one sheet may span, from its first to its last value.
MAX_COLUMNS = 1_000
MAX_CELLS = 2_000_000

#: What stands in the sheets of our own workbooks that hold no records, so that they are known in every language.
GUIDE_MARK = "thassist-workbook"
#: The mark that says whether the records are made up: true or false.
SYNTHETIC_MARK = "thassist-synthetic"
#: The mark of a workbook with stored records: how far the trail of changes had come when it was written.
STATE_MARK = "thassist-state"
#: Marks stand at the beginning of a sheet, one a cell, as ``name: value``.
_MARK_ROWS, _MARK_COLUMNS = 50, 2

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: What delivered files begin with that are neither workbooks nor text with columns: PDF, images, RTF, 7z, markup.
_FOREIGN = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"7z\xbc\xaf", b"PK\x05\x06")
_MARKUP = (b"<?xml", b"<!doctype", b"<html", b"<table")


@dataclass(slots=True)
class RawSheet:
    """A sheet: its non-blank rows and what the reader noticed.

    Attributes:
        name: as shown in the workbook, or the name of a file in a set of them; empty where a file is one table.
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
        kind: ``xlsx``, ``xlsb``, ``xls``, ``ods``, ``csv``, ``csvset`` or ``json``.
        sheets: in the order of the workbook.
        faults: what the reader noticed about the file as a whole.
    """

    file: str
    sha256: str
    kind: str
    sheets: list[RawSheet]
    faults: list[Fault] = field(default_factory=list)

    @property
    def one_table(self) -> bool:
        """Whether the file is one table without a name, known by its headers only."""
        return len(self.sheets) == 1 and not self.sheets[0].name

    def marks(self, name: str) -> list[str]:
        """What one of our own workbooks says of itself, whatever program has saved it since."""
        start = f"{name}:"
        said = (
            plain(cell).casefold()
            for sheet in self.sheets
            for _, raw in sheet.rows[:_MARK_ROWS]
            for cell in raw[:_MARK_COLUMNS]
            if isinstance(cell, str)
        )
        return [text.removeprefix(start).strip() for text in said if text.startswith(start)]


def read_file(path: Path) -> Workbook:
    """Read a delivered file of any supported format, or a folder of CSV files.

    Raises:
        UnreadableInput: missing, empty, too large, protected, damaged, or no table at all.
    """
    from thassist.intake import csvfile, csvset, jsonfile, packed, spreadsheet

    if path.is_dir():
        return csvset.read_folder(path)
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
    if start.startswith(packed.MAGIC):
        sheet, assumed = csvfile.read(packed.unpack(path, MAX_BYTES), path.name)
        return Workbook(path.name, sha256, "csv", [sheet], [assumed])
    if start.startswith(_FOREIGN) or start.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_MARKUP):
        raise UnreadableInput("intake.file_kind", file=path.name)
    if start.startswith(_ZIP) and csvset.is_set(path):
        return csvset.read_archive(path, sha256)
    if start.startswith((_ZIP, _OLE)):
        kind, sheets = spreadsheet.read(path, zipped=start.startswith(_ZIP))
        faults = [] if kind == "xlsx" else [Fault("formulas_not_seen")]
        return Workbook(path.name, sha256, kind, sheets, faults)
    if _is_json(start):
        return Workbook(path.name, sha256, "json", jsonfile.read(path))
    sheet, assumed = csvfile.read(path, path.name)
    return Workbook(path.name, sha256, "csv", [sheet], [assumed])


def _is_json(start: bytes) -> bool:
    """JSON begins with a bracket, whatever its character set; a header could too, but then a name in quotes follows."""
    first = start.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0").replace(b"\0", b"")
    return re.match(rb"[\[{]\s*(?:[\[{\]}\"]|$)", first) is not None


def letter(index: int) -> str:
    """The column letter of a zero-based index: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def index(letters: str) -> int:
    """The zero-based index of a column letter: A is 0, AA is 26."""
    found = 0
    for character in letters.upper():
        found = found * 26 + ord(character) - 64
    return found - 1
