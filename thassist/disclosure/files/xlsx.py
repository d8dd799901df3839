"""Workbooks: the cells of each table, and every other part of the archive in which a figure may hide.

Sheets that are hidden, comments, defined names, the stored values of charts and of formulas, headers of pages, the
properties of the document: all of it is read, because all of it is published.
"""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

from thassist.disclosure.files import labels
from thassist.disclosure.files.written import Fault, Written, WrittenText
from thassist.errors import UnreadableInput
from thassist.intake.cells import Mark
from thassist.intake.workbook import RawSheet, index, read_file
from thassist.intake.xlsxparts import Parts, children, elements
from thassist.tables.spec import load

_REF = re.compile(r"\$?([A-Z]+)\$?(\d+):\$?([A-Z]+)\$?(\d+)")
#: Rows of a sheet, repeated on every page.
_ROWS = re.compile(r"(?:'[^']*'|[\w.]+)!\$\d+:\$\d+")
#: Parts without words for a reader, or read as cells.
_QUIET = re.compile(r"(styles|theme\d*|sharedStrings|calcChain|\[Content_Types\])\.xml$|\.rels$|^xl/tables/")
_KINDS = (("docProps/", "property"), ("comment", "comment"), ("chart", "chart"), ("drawing", "chart"))
#: The version of the program that wrote the workbook, and where a picture stands on its sheet.
_SETTINGS = {"AppVersion", "col", "colOff", "row", "rowOff"}
#: Attributes that hold words or values.
_WORDS = {"display", "tooltip", "prompt", "promptTitle", "error", "errorTitle", "title", "descr", "comment", "v"}


def read(path: Path, file: str, lang: str, sheets: Written | None = None) -> Written:
    """The cells and texts of a workbook.

    Args:
        path: where it is.
        file: its name in messages.
        lang: of its texts.
        sheets: what stands in its sheets, where somebody knows them better; the rest of the archive is read here.

    Raises:
        UnreadableInput: protected, damaged, unsafe or too large.
    """
    book = read_file(path)
    found = Written()
    try:
        parts = Parts(path)
        marked = {name: dict(_marked(parts, part)) for name, part in parts.sheets().items()}
        elsewhere = list(_elsewhere(path, file, lang, set(parts.sheets().values())))
    except (expat.ExpatError, KeyError, StopIteration, ValueError, zipfile.BadZipFile) as error:
        raise UnreadableInput("written.no_xlsx", file=file) from error
    found.texts += elsewhere
    if sheets is not None:
        found.take(sheets)
        return found
    for sheet in book.sheets:
        found.take(_sheet(sheet, marked.get(sheet.name, {}), file, lang))
    return found


def _marked(parts: Parts, part: str) -> Iterator[tuple[str, tuple[int, int, int, int]]]:
    """The ranges of a sheet that are marked as tables: name → first row and column, last row and column."""
    for relation in parts.relations(part):
        if relation.kind != "table":
            continue
        for about in elements(parts.xml(relation.target), "table"):
            found = _REF.fullmatch(about.get("ref", ""))
            if found:
                place = (int(found[2]), index(found[1]), int(found[4]), index(found[3]))
                yield about.get("displayName", about.get("name", "")), place


def _sheet(sheet: RawSheet, marked: dict[str, tuple[int, int, int, int]], file: str, lang: str) -> Written:
    found = Written()
    rows: dict[int, list[Any]] = dict(sheet.rows)
    title = next((str(cell) for cell in rows.get(1, []) if isinstance(cell, str)), "")
    inside: set[tuple[int, int]] = set()
    table = ""
    for name, (top, left, bottom, right) in marked.items():
        known = labels.table_named(name)
        if not known:
            continue
        table = known
        inside |= {(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)}
        header = [str(cell or "") for cell in rows.get(top, [])[left : right + 1]]
        body = []
        for row in range(top + 1, bottom + 1):
            cells = rows.get(row, [])[left : right + 1]
            formulas = [cell for cell in cells if isinstance(cell, Mark)]
            if formulas:
                found.faults.append(Fault("written.formula", file, f"{sheet.name} {row}", {"table": known}))
            body.append((f"{sheet.name} {row}", [None if isinstance(cell, Mark) else cell for cell in cells]))
        found.take(labels.decode(load(known), lang, title, header, body, file))
    kind = "hidden" if sheet.hidden else "text"
    for row, cells in rows.items():
        loose = [cell for column, cell in enumerate(cells) if cell not in (None, "") and (row, column) not in inside]
        if any(isinstance(cell, Mark) for cell in loose):
            found.faults.append(Fault("written.formula", file, f"{sheet.name} {row}", {"table": table or "–"}))
        words = [
            f"{cell:.15g}" if isinstance(cell, float) else str(cell) for cell in loose if not isinstance(cell, Mark)
        ]
        if words:
            found.texts.append(WrittenText(" ".join(words), kind, file, f"{sheet.name} {row}", lang, table))
    return found


def _elsewhere(path: Path, file: str, lang: str, sheets: set[str]) -> Iterator[WrittenText]:
    """The words and values outside the cells, part by part."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if not name.endswith((".xml", ".vml")) or _QUIET.search(name):
                continue
            kind = next((kind for part, kind in _KINDS if part in name.lower()), "text")
            for place, text in _words(archive.read(name), {"sheetData"} if name in sheets else set()):
                if place == "definedName" and _ROWS.fullmatch(text):
                    continue
                named = "name" if place == "definedName" else kind
                yield WrittenText(text, named, file, f"{name} {place}", lang)


def _words(content: bytes, without: set[str]) -> Iterator[tuple[str, str]]:
    """(element, words) of a part: text between tags, and the attributes that hold words."""
    found: list[tuple[str, str]] = []
    path: list[str] = []
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def start(tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        path.append(name)
        if not without & set(path):
            words = {key.rpartition(":")[2]: value for key, value in attributes.items()}
            found.extend((f"{name} {key}", value) for key, value in words.items() if key in _WORDS)

    def end(_tag: str) -> None:
        path.pop()

    def text(data: str) -> None:
        if data.strip() and path[-1] not in _SETTINGS and not without & set(path):
            found.append((path[-1], data.strip()))

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.Parse(content, True)  # noqa: FBT003 - expat takes positions only
    yield from found


def language(path: Path) -> str:
    """The language that a workbook says it is in; empty where it says none."""
    try:
        parts = Parts(path)
        for element in children(parts.xml("docProps/core.xml")):
            if element.name == "language":
                return parts.xml("docProps/core.xml")[element.inner : element.close].decode("utf-8", "replace").strip()
    except (expat.ExpatError, KeyError, StopIteration, ValueError, zipfile.BadZipFile, OSError):
        return ""
    return ""
