"""Workbooks: the cells by calamine in a bounded process of its own, and what it hides by a look into the archive."""

import contextlib
import datetime as dt
import json
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from thassist.errors import UnreadableInput
from thassist.intake import workbook, xlsxlook
from thassist.intake.cells import Fault, Mark, Raw

_WORKER = Path(__file__).with_name("_calamine.py")
_MEMORY = 2 * 1024**3
_SECONDS = 60
#: Name of the stream in which Office stores an encrypted workbook (MS-OFFCRYPTO 1.3.2), as a directory holds it.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def read(path: Path, *, zipped: bool) -> tuple[str, list[workbook.RawSheet]]:
    """The kind and the sheets of a workbook.

    Raises:
        UnreadableInput: protected, damaged, unsafe, too large, or no workbook.
    """
    kind = _zip_kind(path) if zipped else _ole_kind(path)
    looks = xlsxlook.look(path) if kind == "xlsx" else {}
    sheets: list[workbook.RawSheet] = []
    for head, rows in _sheets(path):
        sheet = workbook.RawSheet(head["sheet"], len(sheets) + 1, hidden=head["hidden"])
        look = looks.get(sheet.name, xlsxlook.Look())
        sheet.fill(_marked(rows, head["first"], look))
        for (top, left), (bottom, right) in head["merged"]:
            cells = f"{workbook.letter(left)}{top + 1}:{workbook.letter(right)}{bottom + 1}"
            sheet.faults.append((top + 1, Fault("merged", {"range": cells})))
        sheets.append(sheet)
    return kind, sheets


def _zip_kind(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if sum(part.file_size for part in archive.infolist()) > workbook.MAX_BYTES:
                raise UnreadableInput("intake.file_too_large", file=path.name, limit=workbook.MAX_BYTES // 2**20)
            if any(part.flag_bits & 1 for part in archive.infolist()):
                raise UnreadableInput("intake.file_password", file=path.name)
            if "mimetype" in names and "opendocument.spreadsheet" in archive.read("mimetype")[:100].decode("latin-1"):
                return "ods"
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise UnreadableInput("intake.file_damaged", file=path.name) from error
    if any(name.endswith("workbook.bin") for name in names):
        return "xlsb"
    if "[Content_Types].xml" in names and any(name.endswith("workbook.xml") for name in names):
        return "xlsx"
    raise UnreadableInput("intake.file_kind", file=path.name)


def _ole_kind(path: Path) -> str:
    with path.open("rb") as file:
        held = file.read(workbook.MAX_BYTES)
    if _ENCRYPTED in held:
        raise UnreadableInput("intake.file_password", file=path.name)
    return "xls"


def _sheets(path: Path) -> Iterator[tuple[dict[str, Any], Iterator[list[Any]]]]:
    """Heads and rows of the worksheets, as the reading process prints them."""
    command = [sys.executable, "-I", str(_WORKER), str(path), str(_MEMORY), str(_SECONDS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:  # noqa: S603
        clock = threading.Timer(_SECONDS, process.kill)
        clock.start()
        try:
            if process.stdout is None:  # for the type checker: the pipe was asked for
                return
            yield from _Pages(process.stdout, path.name)
        finally:
            clock.cancel()
            process.kill()
            with contextlib.suppress(OSError):
                process.communicate()


class _Pages:
    """The lines of the reading process, grouped by sheet; an end without the last line means that it was cut off."""

    def __init__(self, lines: IO[bytes], file: str) -> None:
        self._lines = lines
        self._file = file
        self._head: dict[str, Any] | None = None

    def _next(self) -> Any:
        line = self._lines.readline()
        if not line.endswith(b"\n"):
            raise UnreadableInput("intake.file_damaged", file=self._file)
        found = json.loads(line)
        if isinstance(found, dict) and "fault" in found:
            protected = found["fault"] == "password"
            raise UnreadableInput("intake.file_password" if protected else "intake.file_damaged", file=self._file)
        return found

    def __iter__(self) -> Iterator[tuple[dict[str, Any], Iterator[list[Any]]]]:
        self._head = self._next()
        while self._head is not None and "sheet" in self._head:
            head, self._head = self._head, None
            yield head, self._rows()
            while self._head is None:  # a sheet that was left before its end
                found = self._next()
                self._head = found if isinstance(found, dict) else None

    def _rows(self) -> Iterator[list[Any]]:
        while True:
            found = self._next()
            if isinstance(found, dict):
                self._head = found
                return
            yield found


def _marked(rows: Iterator[list[Any]], first: int, look: xlsxlook.Look) -> Iterator[list[Raw]]:
    """Rows from column A on, with formulas and errors marked, also those that the cell reader left out as empty."""
    pad: list[Raw] = [None] * first
    number = 0
    for number, row in enumerate(rows, start=1):
        yield _with_marks([*pad, *map(_raw, row)], look.marks.get(number))
    for later in range(number + 1, max(look.marks, default=0) + 1):
        yield _with_marks([], look.marks.get(later))


def _with_marks(cells: list[Raw], marks: dict[int, Mark] | None) -> list[Raw]:
    for column, mark in (marks or {}).items():
        cells += [None] * (column + 1 - len(cells))
        cells[column] = mark
    return cells


def _raw(value: Any) -> Raw:
    if isinstance(value, dict):
        text = value["d"]
        return dt.datetime.fromisoformat(text) if "T" in text else dt.date.fromisoformat(text)
    return None if value == "" else value
