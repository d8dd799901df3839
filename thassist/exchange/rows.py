"""From a snapshot to the rows of a layout: every cell a text, in the receiver's codes."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from thassist import codes
from thassist.engine import Engine
from thassist.engine.duck import EngineError
from thassist.errors import InvalidDefinition
from thassist.exchange.definition import PRECISIONS, Column, Definition
from thassist.snapshot import Snapshot

_YES, _NO = "1", "0"
#: How much of an ISO 8601 date is written for a precision; a quarter or half-year is known to the year only.
_LENGTH = {"A": 4, "M": 7, "D": 10}
_KNOWN = {"D": "D", "M": "M"}


def rows(definition: Definition, snapshot: Snapshot, first: int, last: int) -> list[tuple[str, ...]]:
    """One row a person registered in the years from ``first`` to ``last``, in an order that tells nothing.

    A person whose year of registration is not known is in no year, and so in no row.

    Raises:
        InvalidDefinition: the query of the layout cannot run, or names columns that it does not give.
        StorageError: the snapshot is not as it was written.
    """
    with Engine() as engine:
        snapshot.attach(engine)
        # The query sees the records of one reporting system, so that it cannot hand over those of another.
        engine.keep("own_person", f"SELECT * FROM person WHERE reporting_system = '{definition.reporting_system}'")  # noqa: S608
        engine.instead("person", "SELECT * FROM own_person")
        try:
            frame = engine.frame(definition.sql)
        except EngineError as error:
            raise InvalidDefinition("exchange.wrong", file=f"{definition.id}.toml", where="sql") from error
    makers = [_Cell(column, definition) for column in definition.columns]
    told = set(frame.columns)
    if missing := [name for maker in makers for name in maker.needs if name not in told] or (
        {"registered", "registered_precision"} - told
    ):
        raise InvalidDefinition("exchange.wrong", file=f"{definition.id}.toml", where=", ".join(sorted(missing)))
    found = []
    for record in frame.to_dict("records"):
        row = {str(name): value for name, value in record.items()}
        day = _day(row["registered"])
        if day is not None and first <= day.year <= last:
            found.append(tuple(maker.text(row) for maker in makers))
    return sorted(found)


class _Cell:
    """Writes the cells of one column."""

    def __init__(self, column: Column, definition: Definition) -> None:
        self._column, self._missing, self._separator = column, definition.missing, definition.separator
        target = column.correspondence.target if column.correspondence else None
        self._order = {code: number for number, code in enumerate(target.codes)} if target else {}
        self._bands = codes.classification(column.bands).codes.values() if column.bands else ()
        of = column.of
        self.needs: tuple[str, ...] = {
            "value": (of,),
            "date": (of, f"{of}_precision"),
            "age": (of, f"{of}_upper"),
        }.get(column.way, ())

    def text(self, row: Mapping[str, Any]) -> str:
        """The cell of a row of the query."""
        way, of = self._column.way, self._column.of
        if way == "empty":
            return self._missing
        if way == "constant":
            return of
        if way == "date":
            return self._date(_day(row[of]), row[f"{of}_precision"])
        ours = self._age(row) if way == "age" else _listed(row[of])
        return self._codes([code for code in ours if code not in self._column.leave_out])

    def _codes(self, ours: list[str]) -> str:
        by = self._column.correspondence
        theirs = {by.targets[code] for code in ours if code in by.targets} if by else set(ours)
        if self._column.flag:
            return (_YES if theirs & self._column.flag else _NO) if theirs else self._missing
        ordered = sorted(theirs, key=lambda code: (self._order.get(code, 0), code))
        return self._separator.join(ordered) if ordered else self._missing

    def _age(self, row: Mapping[str, Any]) -> list[str]:
        low, high = row[self._column.of], row[f"{self._column.of}_upper"]
        if low is None or high is None or low != low or high != high:
            return ["_U"]
        for band in self._bands:
            if band.lower is not None and band.lower <= low and (band.upper is None or high <= band.upper):
                return [band.code]
        return ["_U"]

    def _date(self, day: dt.date | None, known: object) -> str:
        if day is None:
            return self._missing
        finest = min(_KNOWN.get(str(known), "A"), self._column.precision, key=PRECISIONS.index)
        return day.isoformat()[: _LENGTH[finest]]


def _day(value: Any) -> dt.date | None:
    if value is None or value != value:
        return None
    return value.date() if isinstance(value, dt.datetime) else value if isinstance(value, dt.date) else None


def _listed(value: Any) -> list[str]:
    """The codes of a cell: one, several, or none."""
    if value is None or (isinstance(value, float) and value != value):
        return []
    return [value] if isinstance(value, str) else [str(code) for code in value if code is not None]
