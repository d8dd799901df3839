"""What analysts say of single figures: why one changed much (rule R56), in three languages.

A file of notes is data: ``reports/texts/analyst_notes.toml``, or one given with a release.

.. code-block:: toml

    schema = 1

    [[note]]
    table = "fi_series_new_clients"
    period = "2022"
    cell = { kind = "ADULT_CLIENT" }   # dimension → code of what is not at its total; left out: the grand total
    fi = "…"
    sv = "…"
    en = "…"
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thassist import _data
from thassist.codes import TOTAL
from thassist.dates import parse_period
from thassist.errors import InvalidDefinition
from thassist.messages import LANGUAGES
from thassist.rules.personal import found

FILE = "texts/analyst_notes.toml"
_KEYS = {"table", "period", "cell", *LANGUAGES}
_Cell = tuple[str, str, frozenset[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class AnalystNote:
    """A note on one figure.

    Attributes:
        table, period: the table's id and the period's code.
        cell: dimension → code of what is not at its total.
        text: language → what readers are told.
    """

    table: str
    period: str
    cell: Mapping[str, str]
    text: Mapping[str, str]


class AnalystNotes:
    """Notes by the figure on which they stand."""

    def __init__(self, notes: Mapping[_Cell, AnalystNote] | None = None) -> None:
        self._notes = dict(notes or {})

    def __iter__(self) -> Iterator[AnalystNote]:
        """The notes in the order of their file."""
        return iter(self._notes.values())

    def at(self, table: str, period: str, codes: Mapping[str, str]) -> AnalystNote | None:
        """The note on a figure, given by table, period and codes; totals (``_T``) may be left out."""
        return self._notes.get(_key(table, period, codes))


def load(path: Path | None = None) -> AnalystNotes:
    """Read the notes of a file, or the office's own where none is given.

    Raises:
        InvalidDefinition: the file is missing or wrong, or a note holds what points to a person; the message says
            which note it is, by its place in the file.
    """
    own = _data.reports_dir() / FILE
    if path is None and not own.is_file():
        return AnalystNotes()
    path = path or own
    document = _data.read_toml(path)
    if document.get("schema") != 1 or set(document) - {"schema", "note"}:
        raise InvalidDefinition("rules.bad_file", file=path.name, detail="schema = 1, [[note]]")
    notes: dict[_Cell, AnalystNote] = {}
    entries = document.get("note", [])
    if not isinstance(entries, list):
        raise InvalidDefinition("rules.bad_file", file=path.name, detail="[[note]]")
    for number, entry in enumerate(entries, start=1):
        note = _note(entry, f"{path.name}: note {number}", path.name)
        key = _key(note.table, note.period, note.cell)
        if key in notes:
            raise InvalidDefinition("rules.repeated", file=path.name, name=f"note {number}")
        notes[key] = note
    return AnalystNotes(notes)


def _note(entry: Any, where: str, file: str) -> AnalystNote:
    if not isinstance(entry, dict):
        raise InvalidDefinition("rules.bad_file", file=file, detail=where)
    unknown = sorted(set(entry) - _KEYS)
    if unknown:
        raise InvalidDefinition("rules.unknown_key", where=where, key=unknown[0], nearest=", ".join(sorted(_KEYS)))
    texts = {lang: entry.get(lang) for lang in LANGUAGES}
    cell = entry.get("cell", {})
    for name, value in {"table": entry.get("table"), "period": entry.get("period"), **texts}.items():
        if not isinstance(value, str) or not value.strip():
            raise InvalidDefinition("rules.bad_file", file=file, detail=f"{where}: {name}")
    if not isinstance(cell, dict) or not all(isinstance(code, str) for code in cell.values()):
        raise InvalidDefinition("rules.bad_file", file=file, detail=f"{where}: cell")
    try:
        period = parse_period(entry["period"]).code
    except ValueError as error:
        raise InvalidDefinition("rules.bad_file", file=file, detail=f"{where}: period") from error
    if any(found(str(text), written=True) for text in texts.values()):
        raise InvalidDefinition("rules.note_personal", where=where)
    return AnalystNote(entry["table"], period, cell, {lang: str(text) for lang, text in texts.items()})


def _key(table: str, period: str, codes: Mapping[str, str]) -> _Cell:
    return table, period, frozenset((name, code) for name, code in codes.items() if code != TOTAL)
