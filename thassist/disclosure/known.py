"""Figures that others have published about the same people, read from a table that a statistician keeps.

A CSV file with the columns ``table`` (ours, to whose cell the figure belongs), ``period``, ``codes``
(``form=SEX;sex=F``; a dimension not named stands at its total), ``value`` (or ``low`` and ``high`` where only bounds
were said) and ``source``. The same cell may stand there twice with different values: both were published.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thassist import _data, messages
from thassist.codes import TOTAL, classification
from thassist.dates import parse_period
from thassist.disclosure.ledger import KNOWN, Publication
from thassist.errors import InvalidDefinition, UnreadableInput
from thassist.tables.definition import nearest
from thassist.tables.spec import TableSpec, load

COLUMNS = ("table", "period", "codes", "value", "low", "high", "source")
_FOLDER = "known"
_NEEDED = ("table", "period", "codes", "value", "source")


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong in a file of known figures: an entry of the catalogue, its placeholders, the line."""

    key: str
    line: int
    params: Mapping[str, object]

    def text(self, lang: str) -> str:
        """What is wrong, in a language."""
        return messages.text(self.key, lang, "what", line=self.line, **self.params)


def named(file: Path) -> Path:
    """The file, or the one of that name among those that come with the definitions (``reports/known``)."""
    shipped = _data.reports_dir() / _FOLDER / f"{file.name}.csv"
    return shipped if not file.exists() and file.name == str(file) and shipped.is_file() else file


def read(file: Path) -> tuple[Publication, list[Wrong]]:
    """The known figures in a file, and everything that is wrong with it.

    Raises:
        UnreadableInput: it is no CSV file in UTF-8, or a column is missing.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.DictReader(stream, strict=True)
            missing = [name for name in _NEEDED if name not in (rows.fieldnames or ())]
            if missing:
                raise UnreadableInput("ledger.no_column", file=file.name, column=", ".join(missing))
            lines = [(rows.line_num, row) for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableInput("ledger.no_csv", file=file.name) from error
    wrong: list[Wrong] = []
    tables: dict[str, list[list[Any]]] = {}
    for line, row in lines:
        faults = list(_faults(line, row))
        wrong += faults
        if not faults:
            low, high = _number(row.get("low")), _number(row.get("high"))
            cell = [row["period"].strip(), _codes(row["codes"]), _number(row["value"]), "A", low, high]
            if cell not in tables.setdefault(row["table"].strip(), []):
                tables[row["table"].strip()].append(cell)
    sources = sorted({row["source"].strip() for _, row in lines if row.get("source")})
    return Publication(KNOWN, file.stem, "", "; ".join(sources), synthetic=False, tables=tables), wrong


def _faults(line: int, row: Mapping[str, str]) -> Iterator[Wrong]:
    if None in row or None in row.values():
        yield Wrong("ledger.ragged", line, {})
        return
    try:
        spec = load(row["table"].strip())
    except InvalidDefinition as error:
        yield Wrong("ledger.no_table", line, {**error.params, "id": row["table"]})
        return
    try:
        parse_period(row["period"])
    except ValueError:
        yield Wrong("ledger.no_period", line, {"period": row["period"]})
    yield from _wrong_codes(line, row["codes"], spec)
    values = [row["value"], row.get("low", ""), row.get("high", "")]
    numbers = [_number(value) for value in values]
    unread = [value for value, number in zip(values, numbers, strict=True) if (value or "").strip() and number is None]
    low, high = numbers[1:]
    if unread or all(number is None for number in numbers) or (low is not None and high is not None and low > high):
        yield Wrong("ledger.no_value", line, {"value": "/".join(value or "" for value in values).strip("/")})
    if not row["source"].strip():
        yield Wrong("ledger.no_source", line, {})


def _wrong_codes(line: int, text: str, spec: TableSpec) -> Iterator[Wrong]:
    dimensions = {dimension.id: dimension for dimension in spec.dimensions}
    for name, code in _codes(text).items():
        if name not in dimensions:
            yield Wrong("ledger.no_dimension", line, {"dimension": name, "nearest": nearest(name, dimensions)})
        elif code != TOTAL and code not in (known := classification(dimensions[name].classification).codes):
            yield Wrong("ledger.no_code", line, {"code": code, "dimension": name, "nearest": nearest(code, known)})


def _codes(text: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in text.split(";") if part.strip()]
    return {name.strip(): code.strip() for name, _, code in pairs if code.strip() != TOTAL}


def _number(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() else None
