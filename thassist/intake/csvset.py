"""A delivery of several CSV files, one a sheet: a folder, or a zip archive of them.

The name of a file without its ending is the name of its sheet. An archive is read in memory; nothing is unpacked.
"""

import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from thassist.errors import UnreadableInput
from thassist.intake import csvfile, workbook

if TYPE_CHECKING:
    from thassist.intake.cells import Fault

_ENDINGS = frozenset({".csv", ".tsv"})
#: Parts that tell a workbook from an archive of tables.
_WORKBOOK = frozenset({"[Content_Types].xml", "mimetype"})


def is_set(path: Path) -> bool:
    """Whether a zip archive is one of tables, not a workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError):
        return False
    return not names & _WORKBOOK and any(_is_table(name) for name in names)


def read_folder(path: Path) -> workbook.Workbook:
    """The tables of a folder, in the order of their names; other files are left alone.

    Raises:
        UnreadableInput: no table, too much, or a file that is no text.
    """
    files = sorted(one for one in path.iterdir() if one.is_file() and _is_table(one.name))
    if not files:
        raise UnreadableInput("intake.set_empty", file=path.name)
    if sum(one.stat().st_size for one in files) > workbook.MAX_BYTES:
        raise UnreadableInput("intake.file_too_large", file=path.name, limit=workbook.MAX_BYTES // 2**20)
    hashes = []
    for one in files:
        with one.open("rb") as file:
            hashes.append(f"{one.name}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\n")
    sha256 = hashlib.sha256("".join(hashes).encode()).hexdigest()
    return _workbook(path.name, sha256, ((one.name, one) for one in files))


def read_archive(path: Path, sha256: str) -> workbook.Workbook:
    """The tables of a zip archive, whatever folders they lie in.

    Raises:
        UnreadableInput: damaged, protected, too much, or a file that is no text.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = sorted((one for one in archive.infolist() if _is_table(one.filename)), key=lambda one: one.filename)
            if sum(one.file_size for one in parts) > workbook.MAX_BYTES:
                raise UnreadableInput("intake.file_too_large", file=path.name, limit=workbook.MAX_BYTES // 2**20)
            if any(one.flag_bits & 1 for one in parts):
                raise UnreadableInput("intake.file_password", file=path.name)
            return _workbook(path.name, sha256, ((one.filename, archive.read(one)) for one in parts))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise UnreadableInput("intake.file_damaged", file=path.name) from error


def _is_table(name: str) -> bool:
    path = PurePosixPath(name)
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return path.suffix.lower() in _ENDINGS and not hidden


def _workbook(name: str, sha256: str, files: Iterator[tuple[str, Path | bytes]]) -> workbook.Workbook:
    sheets: list[workbook.RawSheet] = []
    assumed: dict[tuple[object, ...], Fault] = {}
    for file, source in files:
        sheet, fault = csvfile.read(source, PurePosixPath(file).name)
        sheet.name, sheet.number = PurePosixPath(file).stem, len(sheets) + 1
        sheets.append(sheet)
        assumed.setdefault(tuple(fault.params.values()), fault)
    return workbook.Workbook(name, sha256, "csvset", sheets, list(assumed.values()))
