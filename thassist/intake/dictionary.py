"""The data dictionary: the subjects and fields of the intake workbook in three languages, ``reports/dictionary.toml``.

One source for the headers and guidance of the template, for the headers that the reader accepts, and for the names
by which findings speak of a field.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from thassist import _data
from thassist.errors import InvalidDefinition
from thassist.messages import LANGUAGES
from thassist.records import dataset

FILE = "dictionary.toml"

#: Years between which a date is plausible where a field says nothing else: from 1900 to 20 years from now. The rules
#: know better for each field; this only catches slips of the keyboard and of a spreadsheet.
EARLIEST, LATEST = 1900, 20


@dataclass(frozen=True, slots=True)
class Described:
    """A field as its users know it.

    Attributes:
        labels: the header by language.
        guidance: what to write, by language.
        earliest, latest: the years between which a date is plausible; latest is counted from the current year.
    """

    labels: Mapping[str, str]
    guidance: Mapping[str, str]
    earliest: int
    latest: int


@dataclass(frozen=True, slots=True)
class Subject:
    """A sheet of the intake workbook: one table of records."""

    table: str
    titles: Mapping[str, str]
    guidance: Mapping[str, str]
    fields: Mapping[str, Described]


def subjects() -> tuple[str, ...]:
    """The tables that the dictionary describes, in the order of the workbook's sheets."""
    return tuple(_dictionary())


def subject(table: str) -> Subject:
    """The description of one table.

    Raises:
        KeyError: the dictionary does not describe it.
    """
    return _dictionary()[table]


def label(table: str, field: str, lang: str) -> str:
    """The name of a field in a language; its identifier where the dictionary does not describe it."""
    described = _dictionary().get(table)
    if described is None or field not in described.fields:
        return field
    return described.fields[field].labels[lang]


def window(table: str, field: str, today: dt.date) -> tuple[int, int]:
    """The first and the last plausible year of a date."""
    described = _dictionary().get(table)
    if described is None or field not in described.fields:
        return EARLIEST, today.year + LATEST
    found = described.fields[field]
    return found.earliest, today.year + found.latest


def _dictionary() -> dict[str, Subject]:
    path = _data.reports_dir() / FILE
    try:
        changed = path.stat().st_mtime_ns
    except OSError as error:
        raise InvalidDefinition("core.definition_missing", file=FILE) from error
    return _load(path, changed)


@cache
def _load(path: Path, _mtime_ns: int) -> dict[str, Subject]:
    raw = _data.read_toml(path)
    if raw.get("schema") != 1:
        raise InvalidDefinition("intake.profile_wrong", file=FILE, where="schema")
    found = {}
    for table, entry in raw.get("table", {}).items():
        if table not in dataset.TABLE_NAMES:
            raise InvalidDefinition("intake.profile_wrong", file=FILE, where=str(table))
        own = {column.name for column in dataset.fields(table)}
        described = {}
        for name, texts in entry.get("field", {}).items():
            where = f"{table}.{name}"
            if name not in own:
                raise InvalidDefinition("intake.profile_wrong", file=FILE, where=where)
            described[name] = Described(
                labels=_texts(texts, "label", where),
                guidance=_texts(texts, "guidance", where),
                earliest=int(texts.get("earliest", EARLIEST)),
                latest=int(texts.get("latest", LATEST)),
            )
        found[table] = Subject(table, _texts(entry, "title", table), _texts(entry, "guidance", table), described)
    return found


def _texts(entry: Mapping[str, Any], kind: str, where: str) -> dict[str, str]:
    texts = entry.get(kind, {})
    if not isinstance(texts, dict) or any(not texts.get(lang) for lang in LANGUAGES):
        raise InvalidDefinition("intake.profile_wrong", file=FILE, where=f"{where}.{kind}")
    return {lang: str(texts[lang]) for lang in LANGUAGES}
