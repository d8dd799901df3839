"""Resident population, by which rates are divided: ``reports/population/<id>.csv``, with its source in every row.

Columns: ``date`` (the day of the figure), ``persons``, ``source``, ``confidence`` and one column a breakdown, its
whole written ``_T``. Eurostat and the custodian of SDG 16.2.2 divide by the population of the year's first day.
"""

import datetime as dt
import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from thassist import _data
from thassist.codes import TOTAL
from thassist.codes.classification import CONFIDENCE, read_rows
from thassist.errors import InvalidDefinition

FOLDER = "population"
_KNOWN = ("date", "persons", "source", "confidence")


@dataclass(frozen=True)
class Population:
    """The residents by day and breakdown.

    Attributes:
        id: name of the file.
        columns: its breakdowns.
        titles: what it is, by language.
        persons: day and codes in the order of ``columns`` → residents.
        remembered: the days of which a figure is from memory and not yet confirmed.
    """

    id: str
    columns: tuple[str, ...]
    titles: Mapping[str, str]
    persons: Mapping[tuple[dt.date, tuple[str, ...]], int] = field(repr=False)
    remembered: frozenset[dt.date] = frozenset()

    def at(self, day: dt.date, codes: Mapping[str, str]) -> int | None:
        """The residents on a day, at their whole where a column is not named; None where nobody has put them in."""
        return self.persons.get((day, tuple(codes.get(column, TOTAL) for column in self.columns)))


def population(population_id: str) -> Population:
    """One file of resident population.

    Raises:
        InvalidDefinition: there is none, or it is wrong.
    """
    known = {path.stem: path for path in _data.definitions(FOLDER, ".csv")}
    if population_id not in known:
        near = difflib.get_close_matches(population_id, known, n=1, cutoff=0.4)
        raise InvalidDefinition("tables.no_population", id=population_id, nearest=near[0] if near else "–")
    path = known[population_id]
    return _read(path, path.stat().st_mtime_ns)


@cache
def _read(path: Path, _mtime_ns: int) -> Population:
    columns: tuple[str, ...] = ()
    persons: dict[tuple[dt.date, tuple[str, ...]], int] = {}
    remembered = set()
    for line, row in read_rows(path):
        columns = tuple(name for name in row if name not in _KNOWN)
        try:
            key = (dt.date.fromisoformat(row["date"]), tuple(row[name] for name in columns))
            number = int(row["persons"])
            sourced = row["source"] and row["confidence"] in CONFIDENCE
        except (KeyError, ValueError) as error:
            raise InvalidDefinition("codes.bad_row", file=path.name, line=line) from error
        if key in persons or number <= 0 or not sourced:
            raise InvalidDefinition("codes.bad_row", file=path.name, line=line)
        persons[key] = number
        if row["confidence"] == "from memory":
            remembered.add(key[0])
    titles = _data.read_toml(path.with_suffix(".toml")).get("title", {})
    return Population(path.stem, columns, titles, persons, frozenset(remembered))
