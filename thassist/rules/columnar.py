"""Record rules over one table that is kept by column, in a Parquet file.

For very many records of one kind, and for programs that go on with the findings: nothing becomes an object of the
language. A finding is a rule and the key of a record, in arrays. Texts, places in a workbook, and rules that look at
more than one record are the work of :func:`thassist.rules.runner.run`.
"""

import datetime as dt
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from thassist.engine import Engine, EngineError
from thassist.errors import InvalidDefinition
from thassist.records.dataset import fields, key_fields, sql_type
from thassist.rules.catalogue import TODAY, load
from thassist.rules.conditions import marking
from thassist.rules.workspace import THREADS, last_days, staged_columns


@dataclass(frozen=True)
class Broken:
    """Broken rules by column, in the order of the rules and then of the records.

    Attributes:
        rules: the rules that were looked at.
        rule: for each finding, the place of the broken rule among them.
        keys: key field → for each finding, its value in the record.
    """

    rules: tuple[str, ...]
    rule: "np.ndarray[Any, np.dtype[np.intp]]"
    keys: "dict[str, np.ndarray[Any, Any]]"

    def __len__(self) -> int:
        """The number of findings."""
        return len(self.rule)

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        """The rule and the key of each finding."""
        for rule, *key in zip(self.rule.tolist(), *(one.tolist() for one in self.keys.values()), strict=True):
            yield self.rules[rule], *key


class ColumnarRules:
    """The rules of a view, read and checked once and run as often as wanted. Use it as a context manager.

    Args:
        view: a rule view whose rows are the records of one table and need no other.
        threads: how many; as many as the rules over a database take where left out.

    Raises:
        InvalidDefinition: a definition is wrong, or the view needs more than its own record.
    """

    def __init__(self, view: str, *, threads: int = THREADS) -> None:
        known = load()
        found = known.views.get(view)
        if found is None:
            near = difflib.get_close_matches(view, sorted(known.views), n=1, cutoff=0.0)
            raise InvalidDefinition("rules.no_view", where=__name__, view=view, nearest=near[0])
        self._table = found.record
        if not found.record or not found.sql or found.refers or found.whole:
            raise InvalidDefinition("rules.not_columnar", view=view, table=self._table or "–")
        self._keys = key_fields(self._table)
        self._values = {name: parameter.value for name, parameter in known.parameters.items()}
        rules = [rule for rule in known.rules.values() if rule.on == view]
        self.rules = tuple(rule.id for rule in rules)
        self.engine = Engine(threads)
        self.engine.create(self._table, staged_columns(self._table))  # what a view may name, whatever a file lacks
        try:
            self.engine.view(f"rule_{view}", found.sql)
        except EngineError as error:
            raise InvalidDefinition("rules.not_columnar", view=view, table=self._table) from error
        self._marking = marking(self.engine, view, rules, self._keys, [TODAY, *self._values])

    def __enter__(self) -> Self:
        """The rules."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Forget everything."""
        self.engine.__exit__(kind, error, tb)

    def check(self, path: Path, *, today: dt.date | None = None) -> Broken:
        """All broken rules over a Parquet file.

        Args:
            path: has columns named as the recorded fields; what it lacks counts as not known.
            today: the day after which a date lies in the future; the current day where left out.

        Raises:
            EngineError: the file cannot be read, or a column cannot be what it should be.
        """
        self.engine.parquet("_incoming", path)
        have = self.engine.columns("_incoming")
        own = ", ".join(
            f'"{column.name}"'
            if have.get(column.name) == sql_type(column)
            else f'CAST({_named(column.name, have)} AS {sql_type(column)}) AS "{column.name}"'
            for column in fields(self._table)
        )
        last = "".join(f", {one}" for one in last_days(self._table))
        typed = f"SELECT {own}, NULL::INTEGER AS _pos, TRUE AS _given FROM _incoming"  # noqa: S608 - our own schema
        self.engine.instead(self._table, f"SELECT *{last} FROM ({typed}) i")  # noqa: S608
        values = {TODAY: today or dt.datetime.now().astimezone().date(), **self._values}
        found = self.engine.arrays(self._marking.sql, {name: values[name] for name in self._marking.parameters})
        marks = np.array([found[f"_broken_{number}"] for number in range(len(self.rules))], dtype=bool)
        rule, row = marks.nonzero()
        return Broken(self.rules, rule, {name: _objects(np.ma.asarray(found[name])[row]) for name in self._keys})


def _objects(values: "np.ma.MaskedArray[Any, Any]") -> "np.ndarray[Any, Any]":
    """Keys as records have them: dates without a time of day, None where there is none."""
    days = values.astype("datetime64[D]") if values.dtype.kind == "M" else values
    filled: np.ndarray[Any, Any] = np.ma.filled(days.astype(object), None)
    return filled


def _named(name: str, have: dict[str, str]) -> str:
    return f'"{name}"' if name in have else "NULL"
