"""From faults to findings: the place as the spreadsheet shows it, the text in the user's language, no fault lost.

A finding quotes a cell only where its field may be echoed. Values that a code list or a value map does not hold are
reported once each, with the number of cells and their places.
"""

from dataclasses import dataclass, field, replace

from thassist import messages
from thassist.intake.cells import Fault
from thassist.rules.finding import Finding, Severity

#: Faults that do not stop an import; all others are errors.
_MILD = {
    "cells_missing": Severity.INFORMATION,
    "column_absent": Severity.INFORMATION,
    "columns_absent": Severity.INFORMATION,
    "column_unknown": Severity.WARNING,
    "column_without_place": Severity.INFORMATION,
    "csv_assumed": Severity.INFORMATION,
    "formulas_not_seen": Severity.INFORMATION,
    "row_shorter": Severity.WARNING,
    "rules_skipped": Severity.INFORMATION,
    "tables_absent": Severity.INFORMATION,
    "sheet_unknown": Severity.INFORMATION,
}
#: Faults that are reported once a value.
_BY_VALUE = {"unknown_code", "unmapped", "unmapped_value"}
#: As many findings of one kind in one column; further ones are counted in the last.
_MOST = 1_000
_QUOTED = 60


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fault is. ``order`` is the number of the sheet; ``field`` and ``table`` say what the cell is read as."""

    order: int = 0
    sheet: str = ""
    row: int = 0
    column: str = ""
    header: str = ""
    table: str = ""
    field: str = ""


@dataclass
class _Entry:
    finding: Finding
    order: int
    related: dict[str, None] = field(default_factory=dict)
    count: int = 1


class Report:
    """Collects the faults of one file.

    Args:
        file: name of the file, without its folder.
        lang: language of the findings.
    """

    def __init__(self, file: str, lang: str) -> None:
        self._file, self._lang = file, lang
        self._entries: dict[tuple[object, ...], _Entry] = {}
        self._kinds: dict[tuple[object, ...], list[_Entry]] = {}
        self._cells: set[tuple[str, int, str]] = set()
        self.structure_broken = False

    def add(self, fault: Fault, place: Place, *, value: str = "") -> None:
        """Take a fault.

        Args:
            fault: what is wrong.
            place: where.
            value: the cell, given only where it may be echoed.
        """
        if place.field and place.row:
            self._cells.add((place.table, place.row, place.field))
        per_value = fault.code in _BY_VALUE and bool(value)
        spot = value if per_value else place.row
        key = (place.order, place.column, fault.code, spot, tuple(fault.params.items()), fault.suggestion)
        known = self._entries.get(key)
        if known is not None:
            self._repeat(known, place)
            return
        kind = self._kinds.setdefault((place.order, place.column, fault.code), [])
        if len(kind) >= _MOST:
            kind[-1].count += 1
            return
        entry = _Entry(self._finding(fault, place, value), place.order)
        self._entries[key] = entry
        kind.append(entry)

    def _repeat(self, entry: _Entry, place: Place) -> None:
        """The same fault again: another cell is counted, the same cell read for another field is not."""
        cell = replace(entry.finding, row=place.row, column=place.column, sheet=place.sheet).cell
        if place.row != entry.finding.row and cell not in entry.related:
            entry.count += 1
            if len(entry.related) < _MOST:
                entry.related[cell] = None

    def _finding(self, fault: Fault, place: Place, value: str) -> Finding:
        key = f"intake.{fault.code}"
        return Finding(
            code=key,
            severity=_MILD.get(fault.code, Severity.ERROR),
            message=messages.text(key, self._lang, part="what", **fault.params),
            remedy=messages.text(key, self._lang, part="remedy", **fault.params),
            file=self._file,
            sheet=place.sheet,
            row=place.row,
            column=place.column,
            header=place.header,
            table=place.table,
            value=value if len(value) <= _QUOTED else value[: _QUOTED - 1] + "…",
            suggestion=fault.suggestion,
        )

    def cells(self) -> set[tuple[str, int, str]]:
        """The cells (table, row, field) of which something has been said; the rules need not speak of them again."""
        return self._cells

    def findings(self) -> list[Finding]:
        """All findings, in the order in which a user walks through the workbook."""
        ordered = sorted(self._entries.values(), key=lambda entry: (entry.order, *entry.finding.order()))
        return [replace(entry.finding, related=tuple(entry.related), count=entry.count) for entry in ordered]
