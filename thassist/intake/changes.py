"""What a delivery changes in the records that are stored: field by field, at the place where the file says it.

The old and the new value are told only of fields that a finding may quote; of the others it is said that they change.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, Date
from sqlalchemy.sql.schema import Column

from thassist import codes, dates, messages
from thassist.intake import dictionary
from thassist.records.dataset import KEY_FIELDS, Dataset, fields, key_fields
from thassist.records.plan import Correction


@dataclass(frozen=True, slots=True)
class Change:
    """A field of a stored record that gets another value.

    Attributes:
        sheet, row, column, header: where the file says it, as the spreadsheet shows it; row 0 where it came from none.
        table: the record table.
        field: the field; the precision of a date is part of the date.
        label: the field's name in the user's language.
        old, new: both values in words, empty for nothing recorded; None where they may not be quoted.
    """

    sheet: str
    row: int
    column: str
    header: str
    table: str
    field: str
    label: str
    old: str | None
    new: str | None

    @property
    def cell(self) -> str:
        """The place as the spreadsheet writes it."""
        return f"{self.column}{self.row}" if self.row else ""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A stored record that a delivery leaves out and that goes.

    Attributes:
        sheet: where the file holds its like.
        table: the record table.
        key: what names it, in words.
        fields: name of the field in the user's language, and its value in words; None where it may not be quoted.
    """

    sheet: str
    table: str
    key: str
    fields: tuple[tuple[str, str | None], ...]


def withdrawals(rows: Mapping[str, list[dict[str, Any]]], dataset: Dataset, lang: str) -> list[Withdrawal]:
    """Records that go, field by field, in the order of the workbook.

    Args:
        rows: by table.
        dataset: the delivery that leaves them out.
        lang: language of names and of coded values.
    """
    order = {table: number for number, table in enumerate(dictionary.subjects())}
    found = []
    for table in sorted(rows, key=lambda one: order.get(one, len(order))):
        source, key = dataset.sources.get(table), key_fields(table)
        columns = [column for column in fields(table) if "precision_of" not in column.info]
        for row in rows[table]:
            named = [
                _words(column, row[column.name], row.get(f"{column.name}_precision"), lang)
                for column in columns
                if column.name in key
            ]
            held = tuple(
                (dictionary.label(table, column.name, lang), _quoted(column, row, lang))
                for column in columns
                if column.name not in key and row[column.name] is not None
            )
            found.append(Withdrawal(source.sheet if source else "", table, " · ".join(named), held))
    return found


def changes(corrections: Iterable[Correction], dataset: Dataset, lang: str) -> list[Change]:
    """Corrections at their places, in the order of the workbook.

    Args:
        corrections: of a plan or of an import.
        dataset: the delivery.
        lang: language of names and of coded values.
    """
    rows: dict[str, dict[tuple[Any, ...], dict[str, Any]]] = {}
    together: dict[tuple[str, tuple[Any, ...], str], dict[str, Correction]] = {}
    for one in corrections:
        if one.table not in rows:
            rows[one.table] = _by_key(dataset, one.table)
        column = _column(one.table, one.field)
        name = column.info.get("precision_of", one.field)
        together.setdefault((one.table, tuple(one.key.values()), name), {})[one.field] = one
    found = [
        _change(table, rows[table][key], name, parts, dataset, lang) for (table, key, name), parts in together.items()
    ]
    order = {table: number for number, table in enumerate(dictionary.subjects())}
    return sorted(found, key=lambda one: (order.get(one.table, len(order)), one.row, len(one.column), one.column))


def field_names(table: str, names: Iterable[str], lang: str) -> list[str]:
    """The names of fields in a language, each once; the precision of a date is part of the date."""
    own = (_column(table, name).info.get("precision_of", name) for name in names)
    return [dictionary.label(table, name, lang) for name in dict.fromkeys(own)]


def _by_key(dataset: Dataset, table: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    key = key_fields(table)
    return {tuple(row[part] for part in key): row for row in dataset.frames[table].to_dict("records")}  # type: ignore[misc]


def _column(table: str, name: str) -> Column[Any]:
    return next(column for column in fields(table) if column.name == name)


def _change(
    table: str, row: dict[str, Any], name: str, parts: dict[str, Correction], dataset: Dataset, lang: str
) -> Change:
    column, precision = _column(table, name), f"{name}_precision"
    source = dataset.sources.get(table)
    placed = source.columns.get(name) if source else None
    old = {part: parts[part].old if part in parts else row.get(part) for part in (name, precision)}
    quoted = bool(column.info.get("echo"))
    return Change(
        sheet=source.sheet if source else "",
        row=int(row["_row"]),
        column=placed.letter if placed else "",
        header=placed.header if placed else "",
        table=table,
        field=name,
        label=dictionary.label(table, name, lang),
        old=_words(column, old[name], old[precision], lang) if quoted else None,
        new=_words(column, row[name], row.get(precision), lang) if quoted else None,
    )


def _quoted(column: Column[Any], row: Mapping[str, Any], lang: str) -> str | None:
    """A value of a record in words; None where it may not be quoted. Keys are nobody's name, and are said."""
    if not (column.info.get("echo") or column.name in KEY_FIELDS or column.foreign_keys):
        return None
    return _words(column, row[column.name], row.get(f"{column.name}_precision"), lang)


def _words(column: Column[Any], value: Any, precision: str | None, lang: str) -> str:
    """A value as the user's workbook would show it."""
    if value is None:
        return ""
    if isinstance(column.type, Date) and isinstance(value, dt.date):
        return value.isoformat() if precision in {None, "D"} else dates.span(value, str(precision)).code
    if isinstance(column.type, Boolean):
        return messages.text("intake.t_yes" if value else "intake.t_no", lang)
    if "classification" in column.info:
        known = codes.classification(column.info["classification"])
        return known.label(str(value), lang) if str(value) in known.codes else str(value)
    return str(value)
