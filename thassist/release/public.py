"""A release for everybody: protected together with all that was published, judged as written, and only then released.

From the assembled tables to the files: the figures to withhold are chosen over the tables of this release, everything
in the ledger about the same units, and what the policy plans within its horizon. The files are then read back by
readers that share nothing with the writers, and what stands in them is judged by all three attackers. Whatever is
found, in doubt or not finished in time stops the release; there is no way round it.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from thassist.codes import TOTAL
from thassist.dates import Period, parse_period
from thassist.disclosure.audit import Audit, audit_system
from thassist.disclosure.counted import Asked, population_of
from thassist.disclosure.equations import BoolArray
from thassist.disclosure.files import WrittenCell, faults_of, read
from thassist.disclosure.guard import guard
from thassist.disclosure.ledger import Figure, Ledger
from thassist.disclosure.policy import Policy
from thassist.disclosure.protect import Protection
from thassist.disclosure.rule import Rule
from thassist.disclosure.tables import Joint, figures, joint
from thassist.errors import AuditFailed, InvalidDefinition
from thassist.release.build import Release
from thassist.release.out import figures_of, same_units
from thassist.release.place import Place, Said, Title, Words, key_of
from thassist.release.silent import say_zeros
from thassist.release.spec import load as load_release
from thassist.release.spec import release_ids
from thassist.release.windows import Windows, windows
from thassist.tables.bench import bench
from thassist.tables.compute import compute_all, periods_of
from thassist.tables.cube import Cell, CellKey, Cube, Status
from thassist.tables.model import TableSpec
from thassist.tables.spec import load as load_table

if TYPE_CHECKING:
    from thassist.snapshot import Snapshot

PUBLIC = "public"
#: Figures that are no counts, which only need enough units behind them, and how far from the end they lie.
_RESTING = ("median", "quantile", "survival_median", "survival_share")
_YEARS_OF_CONTEXT = 8
_LENGTHS = {"Q": 4, "S": 2, "A": 1}
#: Why no pattern was found; what is planned for later is no reason to publish nothing now.
_OF_A_PATTERN = {
    "public.given_away",
    "public.impossible",
    "public.leak",
    "public.between",
    "public.doubt",
    "public.time",
}
_HORIZON = {"period": "", "half-year": "S", "year": "A"}

_Known = dict[str, dict[CellKey, float | int | None]]


@dataclass
class Secured:
    """A protected release with everything that its audit needs. Confidential: it holds the true figures.

    Attributes:
        release: what may be written; its withheld figures are gone.
        policy: by which it was protected.
        joints: populations with all figures about them.
        patterns: by population what is withheld and why.
        before: by population, what was public and what withheld before this release.
        windows: by population, what was published before as rounded or as two ends.
        revised: figures that were published otherwise before: (table, address).
        audits: by population the audit of the files as they were written; empty before.
    """

    release: Release
    policy: Policy
    joints: list[Joint] = field(repr=False)
    patterns: list[Protection] = field(repr=False)
    before: list[tuple[BoolArray, BoolArray]] = field(repr=False)
    windows: list[Windows] = field(default_factory=list, repr=False)
    revised: list[tuple[str, CellKey]] = field(default_factory=list)
    audits: list[Audit] = field(default_factory=list, repr=False)

    def joint_of(self, table: str) -> int:
        """The population of a table; -1 where its figures are no counts."""
        return next((number for number, one in enumerate(self.joints) if table in one.tables), -1)

    def judge(self, folder: Path) -> None:
        """Read the files of the release back and attack what stands in them.

        Raises:
            AuditFailed: the files say something else than was decided, or an attacker finds something out.
        """
        written = read(folder)
        faults = faults_of(written)
        if faults:
            raise AuditFailed("public.files", count=len(faults), first=Said(faults[0].text), release=self.release.name)
        shown, hidden = _cells_of(self, written.cells)
        self.audits = []
        for number, one in enumerate(self.joints):
            public, withheld = self.before[number]
            hidden_now = (withheld | hidden[number] | one.derived()) & ~public & ~shown[number]
            seen = public | shown[number] | one.never
            seen |= _silent_zeros(self, number) & ~hidden_now
            if (shown[number] & hidden[number]).any():
                raise AuditFailed("public.both", release=self.release.name)
            found = self.attack(number, seen, hidden_now)
            self.audits.append(found)
            if not found.safe:
                raise self.leak(number, found)

    def attack(self, number: int, seen: BoolArray, hidden: BoolArray) -> Audit:
        """Play the attackers who see some cells of a population, not others, and what was rounded before."""
        one, told = self.joints[number], self.windows[number]
        earlier = self.patterns[number].audit  # its alternatives are only offered: each is added up again
        return audit_system(
            one.system,
            np.where(seen, one.truth, np.nan),
            np.asarray(hidden | (told.positive & ~seen), np.bool_),
            Rule.of(self.policy),
            truth=one.truth,
            records=one.records,
            known=(told.low, told.high),
            judged=np.asarray(told.told & ~seen, np.bool_),
            witnesses=earlier.witnesses if earlier else (),
        )

    def leak(self, number: int, found: Audit) -> AuditFailed:
        """What an audit found, as an error that names the first figure in words."""
        if not found.consistent:
            return AuditFailed("public.contradiction", tables=", ".join(self.joints[number].tables))
        finding = found.findings[0]
        count = len({each.cell for each in found.findings})
        if finding.tier and finding.cell in self.joints[number].between:
            return self.differ(number, finding.cell, count)
        spec, key = place_of(self, number, finding.cell)
        return AuditFailed(
            "public.doubt" if finding.tier == 0 else "public.leak",
            table=Title(spec),
            cell=Place(spec, key),
            attacker=Words(f"public.attacker_{finding.attacker}"),
            count=count,
        )

    def differ(self, number: int, cell: int, count: int) -> AuditFailed:
        """Two figures that differ by so few that subtracting them finds somebody, as an error that names both."""
        (spec, key), (other, place) = (place_of(self, number, each) for each in self.joints[number].between[cell])
        return AuditFailed(
            "public.between",
            table=Title(spec),
            cell=Place(spec, key),
            other=Title(other),
            place=Place(other, place),
            count=count,
        )


def secure(release: Release, snapshot: "Snapshot", ledger: Ledger, policy: Policy) -> Secured:
    """Protect a release together with everything published before and planned after it.

    Raises:
        AuditFailed: the policy is not approved, a table cannot be protected, or no pattern is safe; the message names
            the figure and, where one gives it away, the earlier publication.
    """
    policy.require_approval(release.spec.id, synthetic=release.synthetic)
    with bench(snapshot):
        if policy.package(release.spec.id).method == "rounding":
            from thassist.release import rounded

            return rounded.secure(release, snapshot, ledger, policy)
        try:
            found = _attempt(release, snapshot, ledger, policy, ahead=True)
        except AuditFailed as error:
            if error.key not in _OF_A_PATTERN:
                raise
            found = _attempt(release, snapshot, ledger, policy, ahead=False)  # what comes later may then be harder
    found.release = replace(release, cubes=tuple(_protected(found, cube) for cube in release.cubes), protected=True)
    return found


def _attempt(release: Release, snapshot: "Snapshot", ledger: Ledger, policy: Policy, *, ahead: bool) -> Secured:
    """A pattern for the release; ``ahead``: also for what the policy's horizon holds."""
    joints, earlier = gather(release, snapshot, ledger, policy, ahead=ahead)
    found = Secured(release, policy, joints, [], [])
    take_before(found, earlier)
    for number, one in enumerate(joints):
        public, withheld = found.before[number]
        pattern = guard(one, Rule.of(policy), public=public, withheld=withheld, must_stay=must_stay(found, number))
        found.patterns.append(pattern)
        if not pattern.safe:
            raise _refused(found, number, pattern, earlier)
        if found.windows[number].told.any():  # the protector knows nothing of what was rounded before
            seen = one.system.shown & ~pattern.withheld
            attacked = found.attack(number, np.asarray(seen | one.never, np.bool_), pattern.withheld)
            if not attacked.safe:
                raise found.leak(number, attacked)
    return found


def gather(
    release: Release, snapshot: "Snapshot", ledger: Ledger, policy: Policy, *, ahead: bool
) -> tuple[list[Joint], list[Figure]]:
    """The populations of a release with all that was published, and is planned, about them; and what was published."""
    years = context_of(release.period.end.year)
    asked, known = _present(release)
    names = {population_of(each.spec) for each in asked}
    earlier = [figure for figure in figures_of(ledger, synthetic=release.synthetic) if same_units(figure.table, names)]
    complete(asked, known, earlier, snapshot)
    if ahead:
        _plan(asked, known, release, policy, names, snapshot)
    say_zeros(asked, known, snapshot, years)
    try:
        joints = joint(asked, known, snapshot, years, policy.threshold)
    except InvalidDefinition as error:
        if error.key.startswith("public."):
            raise AuditFailed(error.key, **error.params) from error
        raise
    return joints, earlier


def _present(release: Release) -> tuple[list[Asked], _Known]:
    asked, known = [], {}
    for cube in release.cubes:
        function = cube.spec.measure.function
        if function in _RESTING:
            continue
        try:
            population_of(cube.spec)
        except InvalidDefinition as error:
            raise AuditFailed("public.no_count", table=Title(cube.spec), function=function) from error
        _refuse_overlaps(cube.spec, cube.periods)
        asked.append(Asked(cube.spec, cube.periods))
        known[cube.spec.id] = figures(cube)
    return asked, known


def _refuse_overlaps(spec: TableSpec, periods: Sequence[Period]) -> None:
    """Units that count in several periods may not be told of periods that overlap: no equation would tie them."""
    if spec.time.reference in {"flow", "cohort", "stock"}:
        return
    ordered = sorted(periods, key=lambda each: each.start)
    if (spec.time.reference == "to_date" and len(ordered) > 1) or any(
        one.end >= other.start for one, other in itertools.pairwise(ordered)
    ):
        raise AuditFailed("public.overlap", table=Title(spec))


def complete(asked: list[Asked], known: _Known, earlier: Iterable[Figure], snapshot: "Snapshot") -> None:
    """Add the tables and periods of earlier publications with their present figures."""
    missing: dict[tuple[str, str], Period] = {}
    have = {(each.spec.id, period.code) for each in asked for period in each.periods}
    for figure in earlier:
        if (figure.table, figure.period) not in have:
            missing.setdefault((figure.table, figure.period), parse_period(figure.period))
    _compute(asked, known, [(load_table(table), period) for (table, _), period in missing.items()], snapshot)


def _compute(
    asked: list[Asked], known: _Known, wanted: Sequence[tuple[TableSpec, Period]], snapshot: "Snapshot"
) -> None:
    by_period: dict[Period, list[TableSpec]] = {}
    for spec, period in wanted:
        by_period.setdefault(period, []).append(replace(spec, time=replace(spec.time, frequency="")))
    for period, specs in by_period.items():
        for spec, cube in zip(specs, compute_all(specs, snapshot, period, first=period), strict=True):
            asked.append(Asked(spec, (period,)))
            known.setdefault(spec.id, {}).update(figures(cube))


def _plan(
    asked: list[Asked],
    known: _Known,
    release: Release,
    policy: Policy,
    names: set[tuple[str, ...]],
    snapshot: "Snapshot",
) -> None:
    """Add what will be published in the same horizon, as far as its records are there."""
    longest = _HORIZON[policy.package(release.spec.id).horizon]
    wanted: list[tuple[TableSpec, Period]] = []
    have = {(each.spec.id, period.code) for each in asked for period in each.periods}
    for other in policy.together(release.spec.id):
        spec = load_release(other) if other in release_ids() else None
        if spec is None or spec.audience != PUBLIC or not longest:
            continue
        if _LENGTHS[spec.frequency] < _LENGTHS[longest]:
            continue
        for period in _around(release.period, longest).parts(spec.frequency):
            if period.end > release.as_of:
                continue
            for table in map(load_table, spec.tables):
                if table.measure.function in _RESTING or not same_units(table.id, names):
                    continue
                wanted += [(table, each) for each in periods_of(table, period) if (table.id, each.code) not in have]
                have |= {(table.id, each.code) for each in periods_of(table, period)}
    _compute(asked, known, wanted, snapshot)


def _around(period: Period, precision: str) -> Period:
    """The period of a length in which another lies."""
    from thassist.dates import span

    return (
        period
        if period.precision == precision or (precision == "S" and period.precision == "A")
        else span(period.start, precision)
    )


def context_of(year: int) -> list[Period]:
    """The years from which it is learnt which combinations occur."""
    return [parse_period(str(each)) for each in range(year - _YEARS_OF_CONTEXT + 1, year + 1)]


def take_before(found: Secured, earlier: Sequence[Figure]) -> None:
    """What readers hold already, by population."""
    for one in found.joints:
        found.before.append((np.zeros(one.system.size, bool), np.zeros(one.system.size, bool)))
    found.windows = [windows(one, earlier) for one in found.joints]
    revised: set[tuple[str, CellKey]] = {differs for told in found.windows for differs in told.differ}
    for figure in earlier:
        if figure.base:
            continue  # rounded: it is among the windows
        number = found.joint_of(figure.table)
        one = found.joints[number]
        spec = one.spec(figure.table)
        key = key_of(spec, figure.period, figure.codes)
        public, withheld = found.before[number]
        for cell in one.cells(spec, key):
            if cell < 0:
                continue
            if figure.status == Status.SUPPRESSED:
                withheld[cell] = True
            elif figure.value is not None:
                if spec.measure.counts and figure.value != one.truth[cell]:
                    revised.add((figure.table, key))
                    if 0 < one.truth[cell] < found.policy.threshold:
                        continue  # it has become small: it is withheld from now on
                public[cell] = True
    found.before = [(public, withheld & ~public) for public, withheld in found.before]
    found.revised = sorted(revised)


def must_stay(found: Secured, number: int) -> BoolArray:
    """The cells of margins that the policy wants public."""
    one = found.joints[number]
    stay = np.zeros(one.system.size, bool)
    for table in one.tables:
        spec, sets = one.spec(table), found.policy.must_stay(table)
        if not sets:
            continue
        for key in one.figures[table]:
            used = tuple(sorted(d.id for d, code in zip(spec.dimensions, key[1:], strict=True) if code != TOTAL))
            if used in sets:
                stay[[cell for cell in one.cells(spec, key) if cell >= 0]] = True
    return stay


def _protected(found: Secured, cube: Cube) -> Cube:
    """The cube without what is withheld."""
    number = found.joint_of(cube.spec.id)
    cells = {key: _kept(found, number, cube.spec, key, cell) for key, cell in cube.cells.items()}
    few = 0 < cube.unplaced < found.policy.threshold
    return replace(cube, cells=cells, unplaced=0 if few else cube.unplaced)


def _kept(found: Secured, number: int, spec: TableSpec, key: CellKey, cell: Cell) -> Cell:
    if cell.value is None:
        return cell
    if number < 0:
        hidden = not _enough(spec, cell, found.policy.threshold)
    else:
        withheld = found.patterns[number].withheld
        hidden = any(withheld[each] for each in found.joints[number].cells(spec, key) if each >= 0)
    return Cell(None, Status.SUPPRESSED, cell.notes) if hidden else replace(cell, base=())


def _enough(spec: TableSpec, cell: Cell, threshold: int) -> bool:
    """Whether enough units stand behind a figure that is no count, and enough of them beyond it."""
    units = cell.base[0] if cell.base else 0
    beyond = min(spec.measure.probability, 1 - spec.measure.probability) if spec.measure.function == "quantile" else 0.5
    return units >= threshold and units * beyond >= threshold


def _cells_of(found: Secured, cells: Iterable[WrittenCell]) -> tuple[list[BoolArray], list[BoolArray]]:
    """What the files show and what they withhold, by population.

    Raises:
        AuditFailed: a figure in a file is not that of the records, or belongs to nothing that was protected.
    """
    shown = [np.zeros(one.system.size, bool) for one in found.joints]
    hidden = [np.zeros(one.system.size, bool) for one in found.joints]
    for cell in cells:
        number = found.joint_of(cell.table)
        if number < 0:
            _check_resting(found, cell)
            continue
        one = found.joints[number]
        spec = one.spec(cell.table)
        key = key_of(spec, cell.period, cell.codes)
        places = [each for each in one.cells(spec, key) if each >= 0]
        if cell.status == Status.SUPPRESSED:
            hidden[number][[each for each in places if found.patterns[number].withheld[each]]] = True
        elif cell.value is not None:
            true = one.truth[places[0]] if places else 0.0
            if spec.measure.counts and true != cell.value:
                raise AuditFailed("public.other_figure", table=Title(spec), cell=Place(spec, key))
            shown[number][places] = True
    return shown, hidden


def _check_resting(found: Secured, cell: WrittenCell) -> None:
    """A figure that is no count must stand in the release as it was decided."""
    try:
        cube = found.release.cube(cell.table)
    except KeyError as error:
        raise AuditFailed("public.no_table", table=cell.table) from error
    key = key_of(cube.spec, cell.period, cell.codes)
    decided = cube.cells.get(key)
    if cell.value is not None and (decided is None or decided.value is None):
        raise AuditFailed("public.other_figure", table=Title(cube.spec), cell=Place(cube.spec, key))


def _silent_zeros(found: Secured, number: int) -> BoolArray:
    """Cells of this release that nobody has: printed as zero, or left out and therefore zero."""
    one = found.joints[number]
    zero = np.zeros(one.system.size, bool)
    for cube in found.release.cubes:
        if found.joint_of(cube.spec.id) == number:
            cells = [cell for key in one.figures[cube.spec.id] for cell in one.cells(cube.spec, key) if cell >= 0]
            zero[cells] = True
    return np.asarray(zero & (one.truth == 0), np.bool_)


def place_of(found: Secured, number: int, cell: int) -> tuple[TableSpec, CellKey]:
    """A table and an address that show a cell; of the release itself if it does."""
    one = found.joints[number]
    cell = one.between.get(cell, (cell,))[0]
    own = [cube.spec.id for cube in found.release.cubes]
    for table in sorted(one.tables, key=lambda each: (each not in own, each)):
        spec = one.spec(table)
        for key in one.figures[table]:
            if cell in one.cells(spec, key):
                return spec, key
    spec = one.spec(one.tables[0])
    return spec, (found.release.period.code, *(TOTAL for _ in spec.dimensions))


def _refused(found: Secured, number: int, pattern: Protection, earlier: Iterable[Figure]) -> AuditFailed:
    """Why a population cannot be protected, in words."""
    one = found.joints[number]
    if not pattern.in_time:
        return AuditFailed("public.time", tables=", ".join(one.tables), seconds=found.policy.protect_seconds)
    if pattern.impossible:
        first = pattern.impossible[0]
        if first.cell in one.between:
            return found.differ(number, first.cell, len(pattern.impossible))
        spec, key = place_of(found, number, first.cell)
        because = [place_of(found, number, cell) for cell in first.because]
        given = _publication(because, earlier)
        if given is not None:
            figure, (other, place) = given
            return AuditFailed(
                "public.given_away",
                table=Title(spec),
                cell=Place(spec, key),
                release=figure.release,
                period=figure.release_period,
                other=Place(other, place),
            )
        return AuditFailed("public.impossible", table=Title(spec), cell=Place(spec, key), count=len(pattern.impossible))
    if pattern.audit is not None and pattern.audit.findings:
        return found.leak(number, pattern.audit)
    return AuditFailed("public.contradiction", tables=", ".join(one.tables))


def _publication(
    because: Sequence[tuple[TableSpec, CellKey]], earlier: Iterable[Figure]
) -> tuple[Figure, tuple[TableSpec, CellKey]] | None:
    for figure in earlier:
        for spec, key in because:
            if figure.table == spec.id and key_of(spec, figure.period, figure.codes) == key:
                return figure, (spec, key)
    return None
