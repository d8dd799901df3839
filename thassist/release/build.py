"""A release assembled: its tables computed from one snapshot for one period, and checked against each other.

Nothing is written here. ``thassist.publish`` lays the result out and writes it.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from thassist.dates import Period, parse_period
from thassist.errors import AuditFailed, InvalidDefinition
from thassist.release import consistency, overtime
from thassist.release.covered import covered
from thassist.release.definition import fingerprint
from thassist.release.revision import Revisions
from thassist.release.spec import PROTECTED, UNPROTECTED, ReleaseSpec, lint_charts, load
from thassist.tables import compute
from thassist.tables.bench import bench
from thassist.tables.bridges import bridge_ids
from thassist.tables.conserve import conserved
from thassist.tables.cube import Cube, Status
from thassist.tables.model import TableSpec
from thassist.tables.spec import load as load_table

if TYPE_CHECKING:
    from thassist.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class RoundedTo:
    """How the figures of a release were rounded: to multiples of a base, each at most so far from the count."""

    base: int
    most: int


@dataclass(frozen=True)
class Release:
    """The content of a release, before it has a form.

    Attributes:
        spec: its definition.
        period: the period it is about.
        cubes: the tables in reading order.
        snapshot: the id of the snapshot.
        as_of: the day on which the last record of the snapshot was entered.
        first, last: the day of the first referral on record, and of the last event.
        synthetic: True where made-up records stand behind it.
        provisional: True where the period had not ended when the last record was entered.
        definitions: table → the hash of all that decides its figures.
        revisions: what changed since an earlier release; None where none was named.
        protected: True where :mod:`thassist.release.public` has withheld what must be.
        rounded: how, where :mod:`thassist.release.rounded` has rounded the figures instead.
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
    definitions: Mapping[str, str] = field(default_factory=dict, repr=False)
    revisions: Revisions | None = None
    protected: bool = False
    rounded: RoundedTo | None = None

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
        """How its files are called, without language and ending: ``national-annual_2022_internal``.

        What is for everybody needs no word for it: ``national-annual_2022``.
        """
        audience = "" if self.spec.audience == "public" else f"_{self.spec.audience}"
        return f"{self.spec.id}_{self.period.slug}{audience}"


def assemble(release_id: str, period: str, snapshot: "Snapshot") -> Release:
    """Compute and check all tables of a release.

    Args:
        release_id: a release of ``reports/releases``.
        period: its period, as long as the release's frequency: ``2022-Q2``, ``2022-S1`` (or ``2022-H1``), ``2022``.
        snapshot: where the figures come from.

    Raises:
        InvalidDefinition: no such release or table, or a period that does not fit the release or the snapshot.
        InconsistentRelease: the figures contradict each other.
        AuditFailed: the release is for readers for whom its figures would have to be protected.
    """
    spec = load(release_id)
    return assembled(spec, {table: load_table(table) for table in spec.tables}, period, snapshot)


def assembled(spec: ReleaseSpec, tables: Mapping[str, TableSpec], period: str, snapshot: "Snapshot") -> Release:
    """Compute and check the tables of a release whose definitions are at hand, as :func:`assemble` does.

    Raises:
        InvalidDefinition, InconsistentRelease, AuditFailed: as :func:`assemble`.
    """
    if spec.audience not in (*UNPROTECTED, *PROTECTED):
        raise AuditFailed("release.not_protected", release=spec.id, audience=spec.audience)
    if spec.audience not in UNPROTECTED:
        _refuse_bridges(tables.values())
    span = _period(spec, period)
    for problem in lint_charts(spec, tables):
        raise problem.error()
    first, last, as_of = covered(spec.reporting_system, snapshot)
    if span.start > as_of:
        raise InvalidDefinition("release.not_begun", period=span.code, as_of=as_of)
    if span.start > last or span.end < first:
        raise InvalidDefinition(
            "release.outside_data", period=span.code, system=spec.reporting_system, first=first, last=last
        )
    with bench(snapshot):
        cubes = _checked(list(tables.values()), snapshot, span)
        if spec.layouts:
            conserved(cubes, snapshot, span)
    return Release(
        spec=spec,
        period=span,
        cubes=tuple(_provisional(cube, as_of) for cube in cubes),
        snapshot=snapshot.id,
        as_of=as_of,
        first=first,
        last=last,
        synthetic=snapshot.synthetic_for(spec.reporting_system),
        provisional=span.end > as_of,
        definitions={name: fingerprint(table) for name, table in tables.items()},
    )


def _refuse_bridges(tables: Iterable[TableSpec]) -> None:
    """A bridge takes a difference apart into a few persons each: it may not leave the office."""
    known = bridge_ids()
    for table in tables:
        if table.population.view in known:
            raise AuditFailed("bridge.not_linked", table=table.id)


def _checked(tables: list[TableSpec], snapshot: "Snapshot", period: Period) -> tuple[Cube, ...]:
    """The cubes of the tables, which agree with each other and with their parts in time."""
    relations = [(place, others) for place, table in enumerate(tables) for others in overtime.beside(table, period)]
    computed = compute.compute_all([*tables, *(spec for _, others in relations for spec in others)], snapshot, period)
    cubes, rest = computed[: len(tables)], iter(computed[len(tables) :])
    consistency.check(cubes)
    for place, others in relations:
        overtime.check(cubes[place], [next(rest) for _ in others])
    return cubes


def _provisional(cube: Cube, as_of: dt.date) -> Cube:
    """The cube with the figures of periods that had not ended marked as provisional."""
    open_ = {period.code for period in cube.periods if period.end > as_of}
    if not open_:
        return cube
    return replace(
        cube,
        cells={
            key: replace(cell, status=Status.PROVISIONAL)
            if key[0] in open_ and cell.value is not None and cell.status is Status.NORMAL
            else cell
            for key, cell in cube.cells.items()
        },
    )


def _period(spec: ReleaseSpec, text: str) -> Period:
    try:
        span = parse_period(text)
    except ValueError:
        span = None
    if span is None or span.precision != spec.frequency or spec.begins not in (0, span.start.month):
        raise InvalidDefinition("release.wrong_period", period=text, release=spec.id, example=spec.example)
    return span
