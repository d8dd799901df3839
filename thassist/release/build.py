"""A release assembled: its tables computed from one snapshot for one period, and checked against each other.

Nothing is written here. ``thassist.publish`` lays the result out and writes it.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from thassist.dates import Period, parse_period
from thassist.dates import span as period_of
from thassist.engine import Engine
from thassist.errors import InvalidDefinition
from thassist.release import consistency
from thassist.release.spec import EXAMPLES, ReleaseSpec, load
from thassist.tables import compute
from thassist.tables.cube import Cube
from thassist.tables.spec import TIME, TableSpec
from thassist.tables.spec import load as load_table

if TYPE_CHECKING:
    from thassist.snapshot import Snapshot


@dataclass(frozen=True)
class Release:
    """The content of a release, before it has a form.

    Attributes:
        spec: its definition.
        period: the period it is about.
        cubes: the tables in reading order.
        snapshot: the id of the snapshot.
        as_of: the day on which the last record of the snapshot was entered.
        first, last: the days of the first and the last referral on record.
        synthetic: True where made-up records stand behind it.
        provisional: True where the period had not ended when the last record was entered.
    """

    spec: ReleaseSpec
    period: Period
    cubes: tuple[Cube, ...] = field(repr=False)
    snapshot: str
    as_of: dt.date
    first: dt.date
    last: dt.date
    synthetic: bool
    provisional: bool

    def cube(self, table_id: str) -> Cube:
        """One table of the release.

        Raises:
            KeyError: the release has no such table.
        """
        for cube in self.cubes:
            if cube.spec.id == table_id:
                return cube
        raise KeyError(table_id)

    @property
    def name(self) -> str:
        """How its files are called, without language and ending: ``national-annual_2022_internal``."""
        return f"{self.spec.id}_{self.period.code}_{self.spec.audience}"


def assemble(release_id: str, period: str, snapshot: "Snapshot") -> Release:
    """Compute and check all tables of a release.

    Args:
        release_id: a release of ``reports/releases``.
        period: its period, as long as the release's frequency: ``2022-Q2``, ``2022-S1`` (or ``2022-H1``), ``2022``.
        snapshot: where the figures come from.

    Raises:
        InvalidDefinition: no such release or table, or a period that does not fit the release or the snapshot.
        InconsistentRelease: the figures contradict each other.
    """
    spec = load(release_id)
    span = _period(spec, period)
    tables = [load_table(table) for table in spec.tables]
    _check_charts(spec, tables)
    first, last, as_of = _covered(spec, snapshot)
    if span.start > as_of:
        raise InvalidDefinition("release.not_begun", period=span.code, as_of=as_of)
    if span.start > last or span.end < first:
        raise InvalidDefinition(
            "release.outside_data", period=span.code, system=spec.reporting_system, first=first, last=last
        )
    cubes = tuple(compute.compute(table, snapshot, span) for table in tables)
    consistency.check(cubes)
    return Release(
        spec=spec,
        period=span,
        cubes=cubes,
        snapshot=snapshot.id,
        as_of=as_of,
        first=first,
        last=last,
        synthetic=snapshot.synthetic_for(spec.reporting_system),
        provisional=span.end > as_of,
    )


def _check_charts(spec: ReleaseSpec, tables: Sequence[TableSpec]) -> None:
    dimensions = {table.id: (TIME, *(dimension.id for dimension in table.dimensions)) for table in tables}
    for chart in spec.charts:
        if chart.dimension not in dimensions[chart.table]:
            raise InvalidDefinition(
                "release.chart_without_dimension",
                file=f"{spec.id}.toml",
                table=chart.table,
                dimension=chart.dimension,
                known=", ".join(dimensions[chart.table]),
            )


def _period(spec: ReleaseSpec, text: str) -> Period:
    try:
        span = parse_period(text)
    except ValueError:
        span = None
    if span is None or span.precision != spec.frequency:
        raise InvalidDefinition("release.wrong_period", period=text, release=spec.id, example=EXAMPLES[spec.frequency])
    return span


def _covered(spec: ReleaseSpec, snapshot: "Snapshot") -> tuple[dt.date, dt.date, dt.date]:
    """The days of the first and the last referral of the reporting system, and of the newest entry of all.

    A period outside them would be full of zeros that are no facts: nobody has reported anything about it.
    """
    with Engine() as engine:
        snapshot.attach(engine)
        [(first, last, precision)] = engine.rows(
            "SELECT min(received_date), max(received_date), arg_max(received_date_precision, received_date) "
            "FROM referral JOIN person USING (person_id) WHERE reporting_system = ?",
            [spec.reporting_system],
        )
    if first is None or snapshot.as_of is None:
        raise InvalidDefinition("release.no_data", system=spec.reporting_system, snapshot=snapshot.id)
    return first, period_of(last, precision).end, snapshot.as_of.date()
