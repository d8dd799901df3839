"""Writing a workbook's archive: it appears only when complete, and equal content is equal bytes.

The library that writes workbooks puts each sheet into a file of the system's temporary folder first, which stays there
when the program is killed. Workbooks hold case data, so that here the sheets are made in memory.
"""

import datetime as dt
import errno
import io
import os
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from openpyxl import Workbook as Book
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from thassist._workbook import without_clock
from thassist.errors import StorageError

#: A fixed moment for the archive and the properties of a workbook.
MOMENT = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - the format stores no zone

_OPEN_FILES = Path("/proc/self/fd")


class _MemorySheet(WriteOnlyWorksheet):
    """A sheet whose XML grows in memory."""

    _writer: Any

    def _get_writer(self) -> None:
        if self._writer is None:
            self._writer = WorksheetWriter(self, out=io.BytesIO())
            self._writer.write_top()


class _MemoryWriter(ExcelWriter):
    """Writes a workbook of such sheets."""

    _archive: zipfile.ZipFile

    def write_worksheet(self, ws: Any) -> None:
        """Put one sheet into the archive. Ours have neither drawings nor comments."""
        if not ws.closed:
            ws.close()
        ws._drawing = None  # noqa: SLF001 - as the library's own writer does
        ws._rels = ws._writer._rels  # noqa: SLF001
        self._archive.writestr(ws.path[1:], ws._writer.out.getvalue())  # noqa: SLF001
        self.manifest.append(ws)


def new_sheet(book: Book, title: str) -> Worksheet:
    """A new last sheet of a write-only workbook, without a file behind it; save the workbook with :func:`saved`."""
    sheet = _MemorySheet(book, title)
    book._add_sheet(sheet)  # type: ignore[attr-defined]  # noqa: SLF001 - what create_sheet does
    return sheet  # type: ignore[return-value]  # the library's two kinds of sheets are written alike


def saved(book: Book) -> bytes:
    """A workbook of sheets from :func:`new_sheet`, with fixed dates, so that equal content is equal bytes."""
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w", zipfile.ZIP_DEFLATED) as made:
        _MemoryWriter(book, made).write_data()
    return without_clock(stored.getvalue(), MOMENT)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file, readable by its owner only, that takes the target's place when it is complete.

    Where the system can, it has no name until then, so that a program that is killed leaves nothing behind.
    """
    try:
        handle = _unnamed(path.parent)
        named = _named(path.parent) if handle < 0 else None
    except OSError as error:
        raise StorageError("intake.cannot_write", file=path.name) from error
    try:
        yield named or _OPEN_FILES / str(handle)
        if named:
            named.replace(path)
        else:
            _name(handle, path)
    except OSError as error:
        raise StorageError("intake.cannot_write", file=path.name) from error
    finally:
        if handle >= 0:
            os.close(handle)
        if named:
            named.unlink(missing_ok=True)


def _unnamed(folder: Path) -> int:
    """A new file without a name (Linux, open(2), O_TMPFILE); -1 where the file system has no such files."""
    flag = getattr(os, "O_TMPFILE", 0)
    if not flag or not _OPEN_FILES.is_dir():
        return -1
    try:
        return os.open(folder, os.O_RDWR | flag, 0o600)
    except OSError as error:
        if error.errno in {errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOSYS}:
            return -1
        raise


def _named(folder: Path) -> Path:
    handle, name = tempfile.mkstemp(dir=folder, prefix=".thassist-", suffix=".xlsx")
    os.close(handle)
    return Path(name)


def _name(handle: int, path: Path) -> None:
    """Give a complete file its name. A link cannot replace a file, so it has a name of its own for a moment."""
    aside = path.with_name(f".thassist-{path.name}")
    aside.unlink(missing_ok=True)  # of a program that was killed in that moment
    files = os.open(_OPEN_FILES, os.O_RDONLY)
    try:
        os.link(str(handle), aside, src_dir_fd=files, follow_symlinks=True)
    finally:
        os.close(files)
    aside.replace(path)
