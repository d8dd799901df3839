"""Where a published figure comes from: its population in words, the query, the snapshot, and all that was read for it.

Nothing of this needs a record. Only where the snapshot can be reached, and whoever asks may see it, the figure is
counted anew from the records, and must be the same.
"""

import datetime as dt
import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import sqlglot

from thassist import messages
from thassist.codes import TOTAL, Classification, classification, correspondence
from thassist.dates import Period, parse_period
from thassist.engine import Engine, EngineError
from thassist.errors import InvalidDefinition, ThassistError
from thassist.release.counting import rule_of
from thassist.release.definition import fingerprint
from thassist.release.figures import Figure, ReleaseFigures, of_folder
from thassist.release.place import Place
from thassist.tables import measures
from thassist.tables.breaks import breaks_of
from thassist.tables.model import TableSpec
from thassist.tables.query import TableQuery
from thassist.tables.spec import load as load_table

if TYPE_CHECKING:
    from thassist.snapshot import Snapshot


class NoSuchFigure(ThassistError):
    """Whoever asks named a table, a dimension, a code or a period that the release does not have."""

    exit_code: ClassVar[int] = 2


@dataclass(frozen=True, slots=True)
class Explanation:
    """A figure and where it comes from.

    Attributes:
        release: the release it stands in.
        spec: the definition of its table, as it is here and now.
        place: where it stands.
        period: the period it tells of.
        figure: value and status.
        same_definition: whether the definition here is the one by which the figure was computed.
        sql: the query of this figure, with the days of its period.
        live: value, records and persons counted anew; None where nobody asked for it.
    """

    release: ReleaseFigures
    spec: TableSpec
    place: Place
    period: Period
    figure: Figure
    same_definition: bool
    sql: str
    live: "Live | None" = None

    @property
    def agrees(self) -> bool:
        """Whether the figure counted anew is the published one; of one that was not told, nothing can be said."""
        return self.live is None or self.figure[0] is None or self.live.value == self.figure[0]

    def codes(self) -> dict[str, str]:
        """Dimension → code, of what is not at its total."""
        pairs = zip(self.spec.dimensions, self.place.key[1:], strict=True)
        return {dimension.id: code for dimension, code in pairs if code != TOTAL}

    def classifications(self) -> list[tuple[Classification, dt.date | None, dt.date | None]]:
        """The code lists of the table and the days between which the code of this figure is valid, if it has one."""
        found = []
        for dimension, code in zip(self.spec.dimensions, self.place.key[1:], strict=True):
            known = classification(dimension.classification)
            shown = known.codes.get(code)
            found.append((known, shown.valid_from if shown else None, shown.valid_to if shown else None))
        return found

    def correspondences(self) -> list[str]:
        """The correspondences by which recorded codes became those of the table."""
        refs = [ref for dimension in self.spec.dimensions for ref in (dimension.via, *dimension.older) if ref]
        return [correspondence(ref).ref for ref in dict.fromkeys(refs)]

    def said(self, lang: str) -> dict[str, Any]:
        """All of it in a language, for a machine or for the command to print."""
        value, status = self.figure
        rule = rule_of(self.spec.unit.counting_rule).texts.get(lang, self.spec.unit.counting_rule)
        return {
            "release": self.release.name,
            "table": self.spec.id,
            "title": self.spec.titles[lang],
            "period": {"code": self.period.code, "start": str(self.period.start), "end": str(self.period.end)},
            "codes": self.codes(),
            "place": self.place.said(lang),
            "value": value,
            "status": status,
            "unit": self.spec.unit.labels[lang],
            "population": self.spec.population.texts[lang],
            "condition": self.spec.population.where,
            "view": self.spec.population.view,
            "counting_rule": rule,
            "time": messages.text(f"release.time_{self.spec.time.reference}", lang),
            "time_columns": list(self.spec.time.columns),
            "measure": f"{self.spec.measure.function}({self.spec.measure.field})",
            "snapshot": self.release.snapshot,
            "as_of": str(self.release.as_of),
            "software": self.release.software,
            "definition": {
                "version": self.release.tables[self.spec.id].version,
                "hash": self.release.tables[self.spec.id].definition,
                "same_here": self.same_definition,
                "version_here": self.spec.version,
            },
            "classifications": [
                {
                    "ref": known.ref,
                    "source": known.source,
                    "valid_from": str(start) if start else None,
                    "valid_to": str(end) if end else None,
                }
                for known, start, end in self.classifications()
            ],
            "correspondences": self.correspondences(),
            "notes": [note[lang] for note in self.spec.notes],
            "breaks": [{"date": str(found.date), "text": found.texts[lang]} for found in breaks_of(self.spec)],
            "sql": self.sql,
            "live": None
            if self.live is None
            else {"value": self.live.value, "records": self.live.records, "same": self.agrees},
        }


@dataclass(frozen=True, slots=True)
class Live:
    """A figure counted anew from the snapshot: its value, and how many records stand behind it."""

    value: float | int | None
    records: int


def explain(folder: Path, table: str, cell: str, lang: str, snapshot: "Snapshot | None" = None) -> Explanation:
    """Where a figure of a release comes from.

    Args:
        folder: the release.
        table: id of the table.
        cell: the figure's place, as ``2022,form=LAB,sex=F``: the period (else the last one), then codes or their names;
            a dimension that is not named stands at its total.
        lang: in which names of codes are suggested.
        snapshot: the snapshot to count the figure anew from; None where that is not asked for.

    Raises:
        UnreadableInput: the folder holds no release, or was changed.
        NoSuchFigure: the release does not have the figure; the message names the nearest that it has.
        InvalidDefinition: the table is not defined here.
    """
    release = of_folder(folder)
    if table not in release.tables:
        raise NoSuchFigure("release.no_such_table", table=table, nearest=_nearest(table, release.tables))
    figures = release.tables[table]
    spec = load_table(table)
    if tuple(dimension.id for dimension in spec.dimensions) != figures.dimensions:
        raise InvalidDefinition("release.other_dimensions", table=table, dimensions=", ".join(figures.dimensions))
    key = _address(spec, cell, sorted(figures.periods), lang)
    if key not in figures.cells and not _zero(spec, key, figures.absent):
        raise NoSuchFigure("release.no_such_cell", cell=str(Place(spec, key)), table=table)
    period = parse_period(key[0])
    query = TableQuery(spec, [period])
    codes = {dimension.id: code for dimension, code in zip(spec.dimensions, key[1:], strict=True) if code != TOTAL}
    sql = query.cell(codes)
    same = fingerprint(spec) == figures.definition
    return Explanation(
        release=release,
        spec=spec,
        place=Place(spec, key),
        period=period,
        figure=figures.at(key),
        same_definition=same,
        sql=sqlglot.parse_one(sql, dialect="duckdb").sql("duckdb", pretty=True),
        live=None if snapshot is None else _counted(spec, sql, snapshot),
    )


def _counted(spec: TableSpec, sql: str, snapshot: "Snapshot") -> Live:
    with Engine() as engine:
        snapshot.attach(engine)
        try:
            [row] = engine.rows(sql)
        except EngineError as error:  # its text may quote a record
            raise InvalidDefinition("tables.not_computed", file=f"{spec.id}.toml") from error
    *found, rows = row
    if not rows:
        return Live(measures.function(spec.measure).nobody.value, 0)
    return Live(measures.function(spec.measure).cell(spec.measure, found).value, int(rows))


def _zero(spec: TableSpec, key: tuple[str, ...], absent: int | None) -> bool:
    """Whether the release leaves the figure out because it is zero."""
    margin = tuple(d.id for d, code in zip(spec.dimensions, key[1:], strict=True) if code != TOTAL)
    return spec.zeros == "omit" and absent == 0 and margin in spec.margins


def _address(spec: TableSpec, cell: str, periods: list[str], lang: str) -> tuple[str, ...]:
    """The address that a user wrote."""
    period = periods[-1]
    codes = dict.fromkeys((dimension.id for dimension in spec.dimensions), TOTAL)
    for part in (part.strip() for part in cell.split(",")):
        name, is_code, code = (piece.strip() for piece in part.partition("="))
        if not is_code and part:
            period = _period(part, periods)
        elif part and name not in codes:
            raise NoSuchFigure(
                "release.no_such_dimension",
                dimension=name,
                table=spec.id,
                nearest=_nearest(name, codes),
                known=", ".join(codes) or "–",
            )
        elif part:
            codes[name] = _code(spec, name, code, lang)
    return (period, *codes.values())


def _period(text: str, periods: list[str]) -> str:
    try:
        code = parse_period(text).code
    except ValueError:
        code = text
    if code not in periods:
        raise NoSuchFigure("release.no_such_period", period=text, known=", ".join(periods))
    return code


def _code(spec: TableSpec, name: str, text: str, lang: str) -> str:
    known = classification(spec.dimension(name).classification)
    if text == TOTAL:
        return TOTAL
    code = known.by_name(text)
    if code is None:
        near = known.nearest(text)
        nearest = f"{near} ({known.label(near, lang)})" if near else "–"
        raise NoSuchFigure("release.no_such_code", code=text, dimension=name, nearest=nearest)
    return code


def _nearest(text: str, known: Any) -> str:
    near = difflib.get_close_matches(text, list(known), n=1, cutoff=0.4)
    return near[0] if near else "–"
