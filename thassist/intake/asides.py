"""What a foreign sheet says besides records: which cells say nothing and why, and what our records have no place for.

One finding a column, so that a statistician sees at a glance what the source did not record, what it withheld, what
it left blank, and what it told that is not kept.
"""

from collections import Counter

from thassist import messages
from thassist.intake import cells
from thassist.intake.cells import Fault, Raw
from thassist.intake.layout import Match
from thassist.intake.profile import MISSING_KINDS, folded
from thassist.intake.report import Report

_NO, _BLANK = "no", "blank"
#: The cells that make no record, in the order in which they are told.
_KINDS = (_NO, *MISSING_KINDS, _BLANK)


class Asides:
    """Counts, row by row, over one sheet."""

    def __init__(self, found: Match) -> None:
        self._found = found
        layout = found.layout
        self._rows = 0
        self._read = {name: placed for name, placed in found.columns.items() if not self._is_aside(name)}
        self._aside = {name: placed for name, placed in found.columns.items() if self._is_aside(name)}
        told = any(layout.missing.values()) or any(record.flags for record in layout.records)
        self._counted: dict[str, Counter[str]] = {name: Counter() for name in self._read} if told else {}
        self._words = {
            name: {**dict.fromkeys(layout.flag_words(name), _NO), **layout.silent(name)} for name in found.columns
        }
        self._filled: Counter[str] = Counter()
        self._kinds: dict[tuple[str, type, Raw], str] = {}

    def _is_aside(self, name: str) -> bool:
        return name in self._found.layout.without_place or name in self._found.layout.refused

    def take(self, raw: list[Raw]) -> None:
        """Count the cells of a row."""
        self._rows += 1
        for name, counted in self._counted.items():
            kind = self._kind(name, _cell(raw, self._read[name].index))
            if kind:
                counted[kind] += 1
        for name, placed in self._aside.items():
            if not self._kind(name, _cell(raw, placed.index)):
                self._filled[name] += 1

    def _kind(self, name: str, cell: Raw) -> str:
        """Why a cell makes no record; empty where it says something."""
        key = (name, type(cell), cell)
        known = self._kinds.get(key)
        if known is None:
            word = folded(cells.plain(cell))
            known = self._words[name].get(word, "") if word else ("" if cells.blocked(cell) else _BLANK)
            if len(self._kinds) < 10_000:
                self._kinds[key] = known
        return known

    def tell(self, report: Report, lang: str) -> None:
        """The findings, at the header of each column."""
        row = self._found.layout.header_row
        for name, counted in self._counted.items():
            if counted:
                placed = self._read[name]
                told = "; ".join(
                    messages.text(f"intake.missing_{kind}", lang, count=counted[kind])
                    for kind in _KINDS
                    if counted[kind]
                )
                place = self._found.place(row, placed.letter, placed.header)
                report.add(Fault("cells_missing", {"kinds": told, "count": self._rows}), place)
        for name, placed in self._aside.items():
            if self._filled[name]:
                refused = name in self._found.layout.refused
                fault = Fault("column_refused" if refused else "column_without_place", {"count": self._filled[name]})
                report.add(fault, self._found.place(row, placed.letter, placed.header))


def _cell(raw: list[Raw], index: int) -> Raw:
    return raw[index] if index < len(raw) else None
