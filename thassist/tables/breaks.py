"""Breaks of comparability: days on which the law, an authority or a definition changed, and what that touches.

The file ``reports/breaks.toml``::

    schema = 1
    [[break]]
    id = "identification-2023"
    date = 2023-01-01                     # the first day on which things are otherwise
    concepts = ["identification"]         # what a table says that it rests on ([comparability] of its spec)
    measures = ["new_victims"]            # keys of [check] measure
    columns = ["fi_episode.exit_reason"]  # columns of views, as a dimension, a measure or a place in time uses them
    views = []                            # every table over the view
    systems = ["FI_NAS"]                  # every table over a view of the reporting system
    classifications = []                  # every table that shows it or maps from it
    source = "…"
    confidence = "seen"                   # seen | inferred | from memory | own
    fi = "…"

A break touches a table if any of these lists does. Figures on its two sides are shown as they were counted; nothing is
smoothed. The first figure after it carries status ``B`` (SDMX: time series break) and the text as a note.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from thassist import _data
from thassist.codes.classification import CONFIDENCE
from thassist.dates import Period
from thassist.messages import LANGUAGES
from thassist.tables.definition import Problem, Reader
from thassist.tables.model import TableSpec, Texts
from thassist.tables.views import view

FILE = "breaks.toml"
_TOUCHES = ("concepts", "measures", "columns", "views", "classifications", "systems")


@dataclass(frozen=True)
class Break:
    """A break of comparability; see the module for each part."""

    id: str
    date: dt.date
    touches: Mapping[str, tuple[str, ...]]
    texts: Texts
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class SeriesBreak:
    """A break within the series of one table.

    Attributes:
        id: the break, and the key of the note that its cells carry.
        date: the first day after it.
        period: code of the first shown period that reaches beyond it; a chart draws its line before that period.
        texts: what changed, by language.
    """

    id: str
    date: dt.date
    period: str
    texts: Texts


def all_breaks() -> tuple[Break, ...]:
    """Every break on file, oldest first.

    Raises:
        InvalidDefinition: the file is wrong.
    """
    path = _path()
    return _checked(path, path.stat().st_mtime_ns) if path.is_file() else ()


def breaks_of(spec: TableSpec) -> tuple[Break, ...]:
    """The breaks that touch a table, oldest first."""
    used = _used(spec)
    return tuple(found for found in all_breaks() if any(used[kind] & set(found.touches[kind]) for kind in _TOUCHES))


def in_series(spec: TableSpec, periods: Sequence[Period]) -> tuple[SeriesBreak, ...]:
    """The breaks that a table's series crosses: some of what is shown lies before the day, some on it or after."""
    crossed = []
    for found in breaks_of(spec):
        after = [period for period in periods if period.end >= found.date]
        if after and _begin(spec, periods[0]) < found.date:
            crossed.append(SeriesBreak(found.id, found.date, after[0].code, found.texts))
    return tuple(crossed)


def _begin(spec: TableSpec, period: Period) -> dt.date:
    """The first day that a period's figure tells of: of a stock, the last day."""
    return period.end if spec.time.reference == "stock" else period.start


def _used(spec: TableSpec) -> dict[str, set[str]]:
    """What a table rests on, by the kinds of things that a break may touch."""
    columns = {*spec.time.columns, spec.measure.field, spec.measure.event, *(d.field for d in spec.dimensions)}
    refs = {ref for d in spec.dimensions for via in (d.via, *d.older) for ref in via.split("--")}
    return {
        "concepts": set(spec.concepts),
        "measures": {spec.check_measure} - {""},
        "columns": {f"{spec.population.view}.{column}" for column in columns if column},
        "views": {spec.population.view},
        "systems": {view(spec.population.view).reporting_system},
        "classifications": (refs | {d.classification for d in spec.dimensions}) - {""},
    }


def concepts() -> tuple[str, ...]:
    """Every concept that a break names."""
    return tuple(dict.fromkeys(concept for found in all_breaks() for concept in found.touches["concepts"]))


def _path() -> Path:
    return _data.reports_dir() / FILE


@cache
def _checked(path: Path, _mtime_ns: int) -> tuple[Break, ...]:
    found, problems = read(path)
    if problems:
        raise problems[0].error()
    return found


def read(path: Path) -> tuple[tuple[Break, ...], list[Problem]]:
    """The breaks in a file, oldest first, and everything that is wrong with it in itself.

    Raises:
        InvalidDefinition: the file is not TOML.
    """
    reader = Reader(path)
    data = _data.read_toml(path)
    reader.keys(data, "", ("schema", "break"))
    found = [_break(reader, block) for block in reader.blocks(data, "break")]
    ids = [one.id for one in found]
    for name in dict.fromkeys(ids):
        if ids.count(name) > 1:
            reader.note("tables.repeated", key="break", name=name)
    return tuple(sorted(found, key=lambda one: (one.date, one.id))), reader.problems


def _break(reader: Reader, block: dict[str, Any]) -> Break:
    name = reader.string(block, "break", "id")
    place = f"break {name}".strip()
    reader.keys(block, place, ("id", "date", "source", "confidence"), (*_TOUCHES, *LANGUAGES))
    date = block.get("date", dt.date.min)
    if type(date) is not dt.date:
        reader.note("tables.wrong_type", key=f"{place}.date", expected="2023-01-01")
        date = dt.date.min
    touches = {kind: reader.strings(block, place, kind) for kind in _TOUCHES}
    if not any(touches.values()):
        reader.note("tables.missing_key", key=f"{place}: {', '.join(_TOUCHES)}")
    return Break(
        id=name,
        date=date,
        touches=touches,
        texts=reader.texts(block, place),
        source=reader.string(block, place, "source"),
        confidence=reader.choice(block, place, "confidence", CONFIDENCE, CONFIDENCE[0]),
    )
