"""Files in a receiver's format (Eurostat's CSV, UNODC's columns, a questionnaire's workbook), as receivers read them.

The definitions of layouts (``reports/layouts``) say what each column means; the code that writes the files is not
asked. A row is a figure of every table of which its codes can be meant; a row with a figure that is of none is a fault.
Rows that somebody else fills must be empty. Lists of items tell how many cells are what, and are counted again here.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from thassist import _data
from thassist.codes import Classification, classification
from thassist.disclosure.files.labels import is_period, number
from thassist.disclosure.files.written import NORMAL, WITHHELD, Fault, Written, WrittenCell, WrittenText
from thassist.errors import UnreadableInput
from thassist.intake.cells import Mark, Raw
from thassist.intake.workbook import RawSheet, read_file
from thassist.tables.model import TableSpec
from thassist.tables.spec import load

_FOLDER = "layouts"
_ITEMS = "_items"
#: Columns of an item list that are counted again, and those that with them add up to all cells.
_COUNTED, _OTHER = ("cells", "filled", "zero", "withheld"), ("not_known", "not_applicable", "not_ours")


@dataclass(frozen=True)
class Form:
    """A sheet of a layout: what its columns hold."""

    layout: Mapping[str, Any]
    sheet: Mapping[str, Any]

    @property
    def columns(self) -> list[str]:
        """The names of its columns."""
        return [str(name) for name in self.sheet["columns"]]

    @property
    def names(self) -> set[str]:
        """How lists of items call it."""
        return {str(self.sheet["id"]), str(self.sheet.get("item", self.sheet["id"]))}

    def holds(self, what: str) -> str:
        """The column that holds something (value, period, status, …); empty where there is none."""
        return next((name for name, content in self.layout["columns"].items() if content == what), "")


def forms(name: str) -> list[Form]:
    """The sheets that a file of this name holds, in their order; none where no layout writes such a file."""
    return list(_forms(_data.reports_dir()).get(name, ()))


@cache
def _forms(_home: Path) -> dict[str, tuple[Form, ...]]:
    found: dict[str, tuple[Form, ...]] = {}
    for path in _data.definitions(_FOLDER):
        layout = _data.read_toml(path)
        for sheet in layout["sheet"]:
            for name in sheet["files"]:
                found[name] = (*found.get(name, ()), Form(layout, sheet))
    return found


def read_csv(content: bytes, file: str, known: Sequence[Form]) -> Written:
    """The cells and texts of a CSV file in the columns of a layout."""
    found = Written()
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), strict=True))
    start = next((place for place, line in enumerate(lines) if line == known[0].columns), None)
    if start is None:
        raise UnreadableInput("written.unknown_form", file=file)
    found.texts += [
        WrittenText(" ".join(line), "text", file, str(place), "en") for place, line in enumerate(lines[:start], 1)
    ]
    for place, line in enumerate(lines[start + 1 :], start + 2):
        _take(found, known, line, file, str(place))
    return found


def read_workbook(path: Path, file: str, known: Sequence[Form]) -> Written:
    """The cells and texts of the sheets of a workbook; what is elsewhere in its archive is not looked at here."""
    found = Written()
    by_name = {str(form.sheet["id"]): form for form in known}
    loose: list[RawSheet] = []
    counts: dict[str, Counter[str]] = {}
    for sheet in read_file(path).sheets:
        form = by_name.get(sheet.name)
        rows: list[tuple[int, list[Raw]]] = [
            (place, ["" if cell is None else cell for cell in cells]) for place, cells in sheet.rows
        ]
        if form is None or not rows or [str(cell) for cell in rows[0][1]] != form.columns:
            loose.append(sheet)
            continue
        count = counts.setdefault(sheet.name, Counter())
        for place, cells in rows[1:]:
            line = [_text(each) for each in (*cells, *[""] * len(form.columns))[: len(form.columns)]]
            if any(isinstance(cell, Mark) for cell in cells) or len(cells) > len(form.columns):
                found.faults.append(Fault("written.formula", file, f"{sheet.name} {place}", {"table": sheet.name}))
                continue
            count.update(_take(found, [form], line, file, f"{sheet.name} {place}"))
    for sheet in loose:
        for place, cells in sheet.rows:
            words = [_text(each) for each in cells if each not in (None, "")]
            own = [form for form in known if words and words[0] in form.names]
            first = next((at for at, word in enumerate(words) if word.isdigit()), 0)
            last = first + len(_COUNTED + _OTHER)
            known_counts = [counts.get(str(form.sheet["id"])) for form in own]
            if own and not sheet.hidden and _counted(words[first:last], known_counts):
                words = words[:first] + words[last:]
            kind = "hidden" if sheet.hidden else "text"
            if words:
                found.texts.append(WrittenText(" ".join(words), kind, file, f"{sheet.name} {place}", "en"))
    return found


def is_items(path: Path) -> bool:
    """Whether a file is the list of the items of a layout."""
    return path.stem.removesuffix(_ITEMS) in {one.stem for one in _data.definitions(_FOLDER)} and _ITEMS in path.stem


def read_items(path: Path, file: str) -> Written:
    """The list of items beside the files of a layout: its words, and the numbers that count no cells of the files."""
    found = Written()
    counts: dict[str, Counter[str]] = {}
    layout = path.stem.removesuffix(_ITEMS)
    for beside in sorted(path.parent.iterdir()):
        own = [form for form in forms(beside.name) if str(form.layout["id"]) == layout]
        if own and beside.suffix == ".csv":
            for form, count in zip(own, _csv_counts(beside, own), strict=True):
                counts[str(form.sheet["id"])] = count
        elif own:
            counts.update(_workbook_counts(beside, own))
    by_item: dict[str, list[Counter[str]]] = {}
    for name_ in _forms(_data.reports_dir()).values():
        for form in name_:
            key = str(form.sheet["id"])
            if str(form.layout["id"]) == layout and key in counts:
                for name in form.names:
                    by_item.setdefault(name, [])
                    if counts[key] not in by_item[name]:
                        by_item[name].append(counts[key])
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            told = [str(row.get(name, "")) for name in (*_COUNTED, *_OTHER)]
            right = _counted(told, by_item.get(str(row.get("item", "")), []))
            words = [str(v) for k, v in row.items() if not right or k not in {*_COUNTED, *_OTHER}]
            found.texts.append(WrittenText(" ".join(words), "text", file, str(row.get("item", "")), ""))
    return found


def _counted(words: Sequence[str], counts: Sequence[Counter[str] | None]) -> bool:
    """Whether the last words are the numbers of cells of an item, as its file has them."""
    told = words[-len(_COUNTED + _OTHER) :]
    if len(told) != len(_COUNTED + _OTHER) or not all(word.isdigit() for word in told):
        return False
    said = dict(zip((*_COUNTED, *_OTHER), map(int, told), strict=True))
    known = [each for each in counts if each is not None]
    return any(
        said["cells"] == each["cells"] and said["filled"] == each["filled"] and said["zero"] == each["zero"]
        and each["filled"] + said["withheld"] + sum(said[name] for name in _OTHER) == each["cells"]
        for each in known
    )  # fmt: skip


def _csv_counts(path: Path, known: Sequence[Form]) -> list[Counter[str]]:
    counts = [Counter[str]() for _ in known]
    lines = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig")), strict=True))
    start = next((place for place, line in enumerate(lines) if line == known[0].columns), len(lines))
    for line in lines[start + 1 :]:
        at = next((place for place, form in enumerate(known) if _fits(form, line)), 0)
        counts[at].update(_row_counts(known[at], line))
    return counts


def _workbook_counts(path: Path, known: Sequence[Form]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    by_name = {str(form.sheet["id"]): form for form in known}
    for sheet in read_file(path).sheets:
        form = by_name.get(sheet.name)
        if form is not None:
            count = found.setdefault(sheet.name, Counter())
            for _, cells in [*sheet.rows][1:]:
                line = [_text("" if cell is None else cell) for cell in cells]
                count.update(_row_counts(form, [*line, *[""] * (len(form.columns) - len(line))]))
    return found


def _row_counts(form: Form, line: Sequence[str]) -> Counter[str]:
    value = line[form.columns.index(form.holds("value"))]
    return Counter({"cells": 1, "filled": int(bool(value)), "zero": int(bool(value) and number(value) == 0)})


def _fits(form: Form, line: Sequence[str]) -> bool:
    at = dict(zip(form.columns, line, strict=False))
    return any(_meant(form, block, at) is not None for block in form.sheet["block"])


def _text(cell: object) -> str:
    return f"{cell:.15g}" if isinstance(cell, float) else str(cell)


def _take(found: Written, known: Sequence[Form], line: Sequence[str], file: str, place: str) -> Counter[str]:
    """Add what a row says; its numbers for the list of items."""
    form = known[0]
    if len(line) != len(form.columns):
        found.faults.append(Fault("written.ragged", file, place))
        return Counter()
    at = dict(zip(form.columns, line, strict=True))
    raw, period = at[form.holds("value")].strip(), at[form.holds("period")]
    value = number(raw)
    meant = [cell for each in known for block in each.sheet["block"] if (cell := _meant(each, block, at)) is not None]
    tables = [(table, codes) for table, codes in meant if table]
    if not meant or (raw and (value is None or not tables)) or not is_period(period):
        found.faults.append(Fault("written.no_cell", file, place, {"table": str(form.sheet["id"])}, leak=bool(raw)))
        return Counter()
    status = _status(form, at, filled=bool(raw))
    if raw and status == WITHHELD:
        found.faults.append(Fault("written.value_withheld", file, place, {"table": tables[0][0]}, leak=True))
    if raw or status:
        for table, codes in tables:
            found.cells.append(WrittenCell(table, period, codes, value, status or NORMAL, file, place))
    said = form.holds("note")
    if said and at.get(said):
        found.texts.append(WrittenText(at[said], "text", file, place, "en", tables[0][0] if tables else ""))
    return _row_counts(form, line)


def _status(form: Form, at: Mapping[str, str], *, filled: bool) -> str:
    """The status that a row tells; empty where its columns tell none."""
    column = form.holds("status")
    if column and column in at:
        return at[column]
    told = [
        status
        for status, texts in form.layout.get("status", {}).items()
        if (own := {name: text for name, text in texts.items() if name != "drop" and text})
        and all(at.get(name) == text for name, text in own.items())
    ]
    return told[0] if told else NORMAL if filled else ""


def _meant(
    form: Form, block: Mapping[str, Any], at: Mapping[str, str]
) -> tuple[str, tuple[tuple[str, str], ...]] | None:
    """The table and codes that a row can be of; no table where somebody else fills it; None: not of this block."""
    sheet = form.sheet
    free = {*form.layout["columns"], *(n for texts in form.layout.get("status", {}).values() for n in texts)}
    dimensions: Mapping[str, str] = block.get("dimensions", {})
    lists = block.get("list", {})
    fixed = {**sheet.get("totals", {}), **sheet.get("constants", {}), **block.get("constants", {})}
    for column in form.columns:
        if column in dimensions or column in lists or (column in free and column not in block.get("constants", {})):
            continue
        if at[column] != str(fixed.get(column, "")):
            return None
    if not block.get("table"):
        return ("", ()) if all(_listed(codes, at[column]) for column, codes in lists.items()) else None
    spec = load(str(block["table"]))
    codes = dict(_codes(sheet, spec, dimensions, at))
    if None in codes.values():
        return None
    used = tuple(sorted((name, code) for name, code in codes.items() if code))
    margins = block.get("margins")
    if margins is not None and {name for name, _ in used} not in [set(margin) for margin in margins]:
        return None
    return spec.id, used


def _listed(codes: object, text: str) -> bool:
    return text in classification(codes).codes if isinstance(codes, str) else text in list(map(str, codes))  # type: ignore[call-overload]


def _codes(
    sheet: Mapping[str, Any], spec: TableSpec, dimensions: Mapping[str, str], at: Mapping[str, str]
) -> Iterator[tuple[str, str | None]]:
    """Dimension → the code in a row; empty at its total; None where the text is none of its codes."""
    for column, name in dimensions.items():
        known: Classification = classification(spec.dimension(name).classification)
        text = at[column]
        if text == str(sheet.get("totals", {}).get(column, known.total_code)):
            yield name, ""
        else:
            yield name, text if text in known.codes else None
