"""Tidy CSV: one row a cell. The codes are the columns that have a column of labels beside them."""

import csv
import io

from thassist.codes import TOTAL
from thassist.disclosure.files.labels import number
from thassist.disclosure.files.written import NORMAL, WITHHELD, Fault, Written, WrittenCell, WrittenText, signs

_STANDING = {"period", "unit", "value", "status", "note"}


def read(content: bytes, table: str, file: str) -> Written:
    """The cells of a tidy file; ``table`` is its name without the ending."""
    found = Written()
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")), strict=True)
    names = [name for name in rows.fieldnames or () if name]
    if {"table", "old", "new"} <= set(names):
        return _revisions(rows, file)
    if not {"period", "value", "status"} <= set(names):
        return _plain(content, file)
    dimensions = [name for name in names if name not in _STANDING and not name.endswith("_label")]
    known = signs()
    for row in rows:
        place = str(rows.line_num)
        if None in row or None in row.values():
            found.faults.append(Fault("written.ragged", file, place))
            continue
        raw, status = row["value"].strip(), row["status"].strip()
        value = number(raw)
        if raw and value is None:
            status = known.get(raw, "")
        if (raw and value is None and not status) or (not raw and status in {"", NORMAL}):
            found.faults.append(Fault("written.no_cell", file, place, {"table": table}))
            continue
        if value is not None and status == WITHHELD:
            found.faults.append(Fault("written.value_withheld", file, place, {"table": table}, leak=True))
        codes = tuple(sorted((name, row[name]) for name in dimensions if row[name] != TOTAL))
        found.cells.append(WrittenCell(table, row["period"], codes, value, status or NORMAL, file, place))
        if row.get("note"):
            found.texts.append(WrittenText(row["note"], "text", file, place, "en", table))
    return found


def _revisions(rows: "csv.DictReader[str]", file: str) -> Written:
    """A list of revised figures: what is new must be a public figure of its table."""
    return Written(
        texts=[
            WrittenText(row["new"], "revision", file, str(rows.line_num), "", row["table"])
            for row in rows
            if row["new"]
        ]
    )


def _plain(content: bytes, file: str) -> Written:
    """A CSV file that is no table of ours, for example a code list: its texts."""
    lines = content.decode("utf-8-sig").splitlines()
    return Written(texts=[WrittenText(line, "codes", file, str(place)) for place, line in enumerate(lines, 1)])
