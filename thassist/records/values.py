"""Values on their way into the database, each checked for what the database types alone do not ensure."""

import datetime as dt
import re
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Date, Integer
from sqlalchemy.sql.schema import Column

from thassist.errors import StorageError
from thassist.records.dataset import KEY_FIELDS, TABLE_NAMES, Dataset, fields
from thassist.records.model import IDENTITY_CODE, KEY

Row = dict[str, Any]


def plain_rows(dataset: Dataset) -> dict[str, list[Row]]:
    """The records of a dataset as plain values, by table, parents before children.

    Raises:
        StorageError: a value of the wrong kind, a text too long, an empty field that must hold something, or a key
            that is not pseudonymous. Only field and place are named, never the value.
    """
    return {name: _rows(name, dataset.frames[name]) for name in TABLE_NAMES if name in dataset.frames}


def _rows(table: str, frame: pd.DataFrame) -> list[Row]:
    columns = fields(table)
    absent = [column.name for column in columns if column.name not in frame.columns]
    if absent:
        raise StorageError("records.no_field", table=table, field=absent[0])
    values = [_values(table, column, frame[column.name]) for column in columns]
    names = [column.name for column in columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]


def _values(table: str, column: Column[Any], series: "pd.Series[Any]") -> list[Any]:
    wanted = _wanted(column)
    values = [raw if type(raw) is wanted and wanted is not dt.date else _plain(raw, wanted) for raw in series.tolist()]
    right = set(map(type, values)) <= {wanted, type(None)}
    if right and not any(_fault(column, wanted, value) for value in set(values)):  # each value once: most are codes
        return values
    for number, value in enumerate(values, start=1):
        fault = _fault(column, wanted, value)
        if fault:
            raise StorageError(fault, table=table, field=column.name, number=number)
    return values


def _plain(raw: Any, wanted: type) -> Any:
    """A value of pandas or NumPy as a plain one; None where there is none."""
    value = None if raw is None or raw is pd.NaT or raw is pd.NA or raw != raw else raw
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, dt.datetime):
        return value.date()
    if wanted is int and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _fault(column: Column[Any], wanted: type, value: Any) -> str:
    """The message about a value that may not be stored; empty where it may."""
    if value is None:
        return "" if column.nullable else "records.value_empty"
    if type(value) is not wanted:
        return "records.value_kind"
    if isinstance(value, str):
        length = getattr(column.type, "length", None)
        if length is not None and len(value) > length:
            return "records.value_long"
        if "\x00" in value:  # a server takes no such text
            return "records.value_kind"
        if column.name in KEY_FIELDS and not _pseudonymous(value):
            return "records.value_key"
    return ""


def _wanted(column: Column[Any]) -> type:
    if isinstance(column.type, Date):
        return dt.date
    if isinstance(column.type, Integer):
        return int
    return column.type.python_type


def _pseudonymous(key: str) -> bool:
    return re.fullmatch(KEY, key) is not None and re.fullmatch(IDENTITY_CODE, key) is None
