"""Records on their way: one frame a table, with the place each record came from.

The same shape serves staged rows of a delivery, rows read back from the database, and synthetic data, so that
rules and imports have one mechanism.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Date, Integer, String
from sqlalchemy.sql.schema import Column, Table

from thassist.records.model import BOOKKEEPING, RECORD_TABLES

if TYPE_CHECKING:
    import pandas as pd


def record_table(name: str) -> Table:
    """The table of records with this name.

    Raises:
        KeyError: no such table.
    """
    return _TABLES[name]


_TABLES: dict[str, Table] = {model.__tablename__: model.__table__ for model in RECORD_TABLES}  # type: ignore[misc]
TABLE_NAMES: tuple[str, ...] = tuple(_TABLES)


def fields(table: str) -> list[Column[Any]]:
    """The recorded columns of a table: all but who stored it and when."""
    return [column for column in _TABLES[table].columns if column.name not in BOOKKEEPING]


def key_fields(table: str) -> list[str]:
    """The columns that identify a record."""
    return [column.name for column in _TABLES[table].primary_key.columns]


#: Fields that are the pseudonymous key of some record, wherever they stand.
KEY_FIELDS: frozenset[str] = frozenset(
    key_fields(name)[0]
    for name in TABLE_NAMES
    if len(key_fields(name)) == 1 and isinstance(_TABLES[name].primary_key.columns[0].type, String)
)


def references(table: str) -> list[tuple[str, str, str]]:
    """The references of a table to other records: field, other table, its key; to persons first, optional ones last."""
    found = [
        (column, key.column)
        for column in fields(table)
        for key in column.foreign_keys
        if key.column.table.name in _TABLES
    ]
    found.sort(key=lambda pair: (pair[0].nullable, pair[1].table.name != "person"))
    return [(column.name, key.table.name, key.name) for column, key in found]


def way_to_person(table: str) -> list[tuple[str, str, str]]:
    """The references that lead from a record to its person: field, other table, its key, one step after another.

    Empty for persons themselves and for tables that belong to no person (contacts, working time).
    """
    for step in references(table):
        if step[1] == "person":
            return [step]
        further = way_to_person(step[1])
        if further:
            return [step, *further]
    return []


def sql_type(column: Column[Any]) -> str:
    """The engine's type of a column: DATE, BOOLEAN, INTEGER or VARCHAR."""
    if isinstance(column.type, Date):
        return "DATE"
    if isinstance(column.type, Boolean):
        return "BOOLEAN"
    return "INTEGER" if isinstance(column.type, Integer) else "VARCHAR"


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column of a delivered sheet: its letter as a spreadsheet shows it and its header as written."""

    letter: str
    header: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where the records of one table were read: file name (no folder), sheet (empty for CSV), field → column."""

    file: str
    sheet: str
    columns: dict[str, SourceColumn] = field(default_factory=dict)


@dataclass
class Dataset:
    """Records by table.

    Attributes:
        frames: table name → frame with one column per recorded field (:func:`fields`), missing ones being None, and
            ``_row``: the row number as the spreadsheet shows it, or 0 where there is no sheet. Dates are
            ``datetime.date``, flags ``bool``, codes and keys ``str``, nothing known ``None``.
        sources: table name → where its rows were read; absent for records that came from no file.
        synthetic: True where the records are made up.
    """

    frames: dict[str, "pd.DataFrame"]
    sources: dict[str, Source] = field(default_factory=dict)
    synthetic: bool = False

    def count(self) -> int:
        """Number of records over all tables."""
        return sum(len(frame) for frame in self.frames.values())


def empty_frame(table: str, rows: list[dict[str, Any]] | None = None) -> "pd.DataFrame":
    """A frame of one table from dictionaries; fields they lack are None, and ``_row`` is 0."""
    import pandas as pd

    names = [column.name for column in fields(table)]
    filled = [{**dict.fromkeys(names), "_row": 0, **row} for row in rows or []]
    return pd.DataFrame(filled, columns=[*names, "_row"], dtype=object)
