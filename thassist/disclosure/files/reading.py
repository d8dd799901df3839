"""Reading a published file, or all files of a release, whatever their formats."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from thassist.disclosure.files import html, pdf, px, receiver, tidy, xlsx
from thassist.disclosure.files.written import Fault, Written, WrittenText
from thassist.errors import ThassistError, UnreadableInput
from thassist.messages import LANGUAGES

MANIFEST = "manifest.json"
#: Parts of a description that hold versions and forms, not words.
_VERSIONS = {"classifications", "tables", "version", "specVersion", "thassist", "hash", "sha256", "$schema", "dialect"}
#: Characters of a text file without a reader of its own.
_MOST = 50 * 2**20


def read(path: Path) -> Written:
    """Everything that stands in a published file, or in the files of a folder.

    In a folder every file is read; one that cannot be read is a fault, because nobody knows what it gives away.

    Raises:
        UnreadableInput: a single file that cannot be read, or a path where there is none.
    """
    if path.is_file():
        return _file(path, path.name)
    if not path.is_dir():
        raise UnreadableInput("written.no_file", file=path.name)
    found = Written()
    for each in sorted(one for one in path.rglob("*") if one.is_file()):
        name = each.relative_to(path).as_posix()
        try:
            found.take(_file(each, name))
        except ThassistError as error:
            found.faults.append(Fault("written.unreadable", name, "", {"reason": error.key}, leak=True))
    return found


def manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a release.

    Raises:
        UnreadableInput: the folder has none that can be read.
    """
    try:
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return {**content, "release": str(content["release"]), "period": str(content["period"])}
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise UnreadableInput("written.no_manifest", file=folder.name) from error


def _file(path: Path, name: str) -> Written:
    ending = path.suffix.lower()
    known = receiver.forms(path.name)
    if known and ending == ".xlsx":
        return xlsx.read(path, name, LANGUAGES[-1], receiver.read_workbook(path, name, known))
    if receiver.is_items(path):
        return receiver.read_items(path, name)
    if ending == ".xlsx":
        return xlsx.read(path, name, _language(path) or xlsx.language(path)[:2] or LANGUAGES[-1])
    if ending == ".pdf":
        return pdf.read(path, name, _language(path) or LANGUAGES[-1])
    try:
        if path.stat().st_size > _MOST:
            raise UnreadableInput("written.too_large", file=name)
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableInput("written.no_file", file=name) from error
    if ending == ".px":
        return px.read(content, path.stem, name)
    if ending in {".html", ".htm", ".svg"}:
        return html.read(content, name)
    try:
        if ending == ".csv":
            return receiver.read_csv(content, name, known) if known else tidy.read(content, path.stem, name)
        if ending == ".json":
            return Written(texts=list(_json(json.loads(content), name, "")))
        return Written(texts=[WrittenText(content.decode("utf-8-sig"), "text", name, "", _language(path))])
    except (UnicodeDecodeError, csv.Error, ValueError) as error:
        raise UnreadableInput("written.unknown_form", file=name) from error


def _language(path: Path) -> str:
    """The language by the name of a file: ``…_fi.xlsx``."""
    last = path.stem.rpartition("_")[2]
    return last if last in LANGUAGES else ""


def _json(content: Any, file: str, place: str) -> Iterator[WrittenText]:
    """The texts of a description; numbers there are sizes of files, but text can say a figure."""
    if isinstance(content, dict):
        for key, value in content.items():
            if key not in _VERSIONS:
                yield from _json(value, file, f"{place}/{key}")
    elif isinstance(content, list):
        for value in content:
            yield from _json(value, file, place)
    elif isinstance(content, str):
        yield WrittenText(content, "meta", file, place, "")
