"""A look into an .xlsx archive for what the cell reader hides: formulas, error cells, and how far the sheets reach.

Streams the XML of ECMA-376 part 1 by expat and keeps only the marks. Element names are compared without their
namespace, since producers differ in prefixes and in strict or transitional namespaces. A document type declaration
is refused wherever it stands: no spreadsheet program writes one, and entities are how small files become large.
"""

import posixpath
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from xml.parsers import expat

from thassist.errors import UnreadableInput
from thassist.intake import workbook
from thassist.intake.cells import Mark

_CHUNK = 1 << 16


@dataclass(slots=True)
class Look:
    """What a sheet's XML says: row number → zero-based column → mark."""

    marks: dict[int, dict[int, Mark]] = field(default_factory=dict)


class _UnsafeError(Exception):
    """A document type declaration."""


def look(path: Path) -> dict[str, Look]:
    """The looks of the worksheets by their name.

    Raises:
        UnreadableInput: damaged, unsafe, or a sheet reaches beyond the limits.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            for name in sorted(names):
                if name.endswith((".xml", ".rels")) and not name.startswith("xl/worksheets/sheet"):
                    with archive.open(name) as part:
                        _refuse_doctype(part)
            found = {}
            for number, (sheet, part_name) in enumerate(_parts(archive, names), start=1):
                with archive.open(part_name) as part:
                    found[sheet] = _SheetLook(number, path.name).read(part)
            return found
    except _UnsafeError as error:
        raise UnreadableInput("intake.file_unsafe", file=path.name) from error
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, NotImplementedError, EOFError, OSError) as error:
        raise UnreadableInput("intake.file_damaged", file=path.name) from error


def _refuse_doctype(part: IO[bytes]) -> None:
    """A declaration stands before the root element, and so within the first bytes."""
    if b"<!DOCTYPE" in part.read(_CHUNK).replace(b"\0", b""):
        raise _UnsafeError


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_declaration: object) -> None:
        raise _UnsafeError

    parser.StartDoctypeDeclHandler = refuse
    return parser


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _elements(archive: zipfile.ZipFile, name: str, wanted: str) -> list[dict[str, str]]:
    """The attributes of all elements of a name in a small part; attribute names without their prefix."""
    found: list[dict[str, str]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == wanted:
            plain = {key: value for key, value in attributes.items() if ":" not in key}
            found.append({_local(key): value for key, value in attributes.items() if ":" in key} | plain)

    parser = _parser()
    parser.StartElementHandler = start
    with archive.open(name) as part:
        parser.ParseFile(part)
    return found


def _parts(archive: zipfile.ZipFile, names: set[str]) -> list[tuple[str, str]]:
    """Sheet name and part name, through the workbook's relations."""
    book = min((name for name in names if posixpath.basename(name) == "workbook.xml"), key=len)
    relations = posixpath.join(posixpath.dirname(book), "_rels", "workbook.xml.rels")
    if relations not in names:
        return []
    targets = {
        relation.get("Id", ""): posixpath.normpath(
            posixpath.join("/" + posixpath.dirname(book), relation.get("Target", ""))
        ).lstrip("/")
        for relation in _elements(archive, relations, "Relationship")
    }
    found = []
    for sheet in _elements(archive, book, "sheet"):
        target = targets.get(sheet.get("id", ""), "")
        if target in names:
            found.append((sheet.get("name", ""), target))
    return found


class _SheetLook:
    """Walks through one sheet's XML. A refusal names the sheet by its number: a sheet may be named after a person."""

    def __init__(self, sheet: int, file: str) -> None:
        self._sheet, self._file = sheet, file
        self._look = Look()
        self._row = self._column = 0  # of the current cell: row as shown, column zero-based
        self._error = False
        self._elements = 0
        self._bottom = self._right = 0
        self._names: dict[str, str] = {}

    def read(self, part: IO[bytes]) -> Look:
        parser = _parser()
        parser.StartElementHandler = self._start
        while chunk := part.read(_CHUNK):
            parser.Parse(chunk, False)  # noqa: FBT003 - expat takes positions only
        parser.Parse(b"", True)  # noqa: FBT003
        return self._look

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = self._names.get(tag) or self._names.setdefault(tag, _local(tag))
        if name == "c":
            self._cell(attributes)
        elif name == "row":
            self._row = _number(attributes.get("r"), self._row + 1)
            self._column = -1
        elif name == "f":
            self._value()
            self._mark(Mark.FORMULA)
        elif name in {"v", "is"}:
            self._value()

    def _cell(self, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > workbook.MAX_CELLS:
            self._refuse()
        reference = attributes.get("r", "")
        letters = reference.rstrip("0123456789")
        if letters:
            self._row = _number(reference[len(letters) :], self._row)
            self._column = workbook.index(letters[:4])
        else:
            self._column += 1
        self._error = attributes.get("t") == "e"

    def _value(self) -> None:
        """A cell that holds something: how far the sheet reaches decides whether it can be read into memory."""
        if self._row > self._bottom or self._column > self._right:
            self._bottom = max(self._bottom, self._row)
            self._right = max(self._right, self._column)
            if self._right >= workbook.MAX_COLUMNS or self._bottom * (self._right + 1) > workbook.MAX_CELLS:
                self._refuse()
        if self._error:
            self._mark(Mark.ERROR)

    def _mark(self, mark: Mark) -> None:
        marks = self._look.marks.setdefault(self._row, {})
        if marks.get(self._column) is not Mark.FORMULA:
            marks[self._column] = mark

    def _refuse(self) -> None:
        cell = f"{workbook.letter(max(self._column, 0))}{self._row}"
        raise UnreadableInput("intake.sheet_too_large", file=self._file, sheet=self._sheet, cell=cell)


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 9 else otherwise
