"""A release for everybody whose figures are rounded instead of withheld: every sum still holds, no figure is exact.

All figures of the release, of what is planned within the policy's horizon and of what the ledger holds about the same
units are rounded at once (:mod:`thassist.disclosure.rounding`); rounded figures that are out stay. One window holds for
the whole release. What a reader has is each printed multiple with that window, every sum, every exact or withheld
figure of earlier publications and every window of an earlier rounding: that is what the attackers of the audit are
given, before anything is written and again from the files as they were written.

Shares are made of printed rounded counts, or withheld; figures that no count makes (medians, rates) are withheld.
Where a table leaves zeros out, a figure rounded to zero is left out with them: a printed zero would tell that
somebody is there.
"""

import hashlib
import hmac
import itertools
import os
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from thassist import messages
from thassist.codes import TOTAL
from thassist.disclosure.audit import Audit, audit_system
from thassist.disclosure.equations import BoolArray, FloatArray
from thassist.disclosure.files import WrittenCell, faults_of, read
from thassist.disclosure.ledger import Figure, Ledger
from thassist.disclosure.policy import Policy
from thassist.disclosure.rounding import Rounding, least_steps, round_counts
from thassist.disclosure.rule import Rule
from thassist.disclosure.tables import Joint
from thassist.disclosure.witness import Witness
from thassist.errors import AuditFailed, InconsistentRelease, StorageError
from thassist.release import consistency
from thassist.release.build import Release, RoundedTo
from thassist.release.place import Place, Said, Title, key_of
from thassist.release.public import Secured, gather, take_before
from thassist.tables.cube import Cell, CellKey, Cube, Status
from thassist.tables.measures import rounded
from thassist.tables.model import TableSpec

if TYPE_CHECKING:
    from thassist.snapshot import Snapshot

_NOISE = 1e-9
_OURS_ALONE = 0o600


@dataclass
class SecuredByRounding(Secured):
    """A rounded release with everything that its audit needs. Confidential: it holds the true figures.

    Attributes:
        roundings: by population the rounded figure of every cell.
        written: by population the cells that readers of this release are shown, as multiples or left out as zero.
    """

    roundings: list[Rounding] = field(default_factory=list, repr=False)
    written: list[BoolArray] = field(default_factory=list, repr=False)
    expected: list[Audit] = field(default_factory=list, repr=False)

    @property
    def to(self) -> RoundedTo:
        """The base and the window of the whole release."""
        assert self.release.rounded is not None  # noqa: S101
        return self.release.rounded

    def judge(self, folder: Path) -> None:
        """Read the files back, compare them with what was decided, and attack what stands in them.

        Raises:
            AuditFailed: the files say something else than was decided, or an attacker finds something out.
        """
        written = read(folder)
        faults = faults_of(written)
        if faults:
            raise AuditFailed("public.files", count=len(faults), first=Said(faults[0].text), release=self.release.name)
        shown = [np.zeros(one.system.size, bool) for one in self.joints]
        for cell in written.cells:
            self._compare(cell, shown)
        known = [each.witnesses for each in self.expected]
        self.audits = self.attack_all([a | b for a, b in zip(shown, self.written, strict=True)], known)

    def attack_all(self, seen: Sequence[BoolArray], witnesses: Sequence[Sequence[Witness]] = ()) -> list[Audit]:
        """Play the attackers against these cells as they are printed, with all that was known before.

        Raises:
            AuditFailed: one of them finds something out, or it could not be settled.
        """
        audits = []
        for number, one in enumerate(self.joints):
            public, withheld = self.before[number]
            printed = np.asarray(self.roundings[number].values, np.float64)
            told = self.windows[number].narrow(seen[number] & ~one.never, printed, self.to.most)
            exact = np.asarray(public | one.never, np.bool_)
            found = audit_system(
                one.system,
                np.where(exact, one.truth, np.nan),
                np.asarray((withheld | told.positive | one.derived()) & (one.truth > 0) & ~exact, np.bool_),
                Rule.of(self.policy),
                truth=one.truth,
                records=one.records,
                known=(told.low, told.high),
                judged=np.asarray(told.told & ~exact, np.bool_),
                witnesses=witnesses[number] if witnesses else (),
            )
            audits.append(found)
            if not found.safe:
                raise self.leak(number, found)
        return audits

    def _compare(self, cell: WrittenCell, shown: Sequence[BoolArray]) -> None:
        number = self.joint_of(cell.table)
        try:
            cube = self.release.cube(cell.table)
        except KeyError as error:
            raise AuditFailed("public.no_table", table=cell.table) from error
        key = key_of(cube.spec, cell.period, cell.codes)
        decided = cube.cells.get(key, Cell(0 if cube.spec.zeros == "omit" and cube.spec.measure.counts else None))
        same = cell.value == decided.value or (
            cell.value is not None and decided.value is not None and abs(cell.value - decided.value) < _NOISE
        )
        if number >= 0 and cube.spec.measure.counts:
            one = self.joints[number]
            place = one.cells(one.spec(cell.table), key)[0]
            multiple = 0 if place < 0 else int(self.roundings[number].values[place])
            same = same and cell.value in {None, multiple}
            if place >= 0 and cell.value is not None:
                shown[number][place] = True
        if not same:
            raise AuditFailed("public.other_figure", table=Title(cube.spec), cell=Place(cube.spec, key))

    def totals(self) -> dict[str, float | int]:
        """What rounding does to the figures of this release, for its report and the command."""
        changes, cells = np.zeros(0), 0
        for number, one in enumerate(self.joints):
            own = self.written[number] & (one.truth > 0)
            cells += int(own.sum())
            changes = np.append(changes, np.abs(self.roundings[number].values[own] - one.truth[own]))
        withheld = sum(cell.status is Status.SUPPRESSED for cube in self.release.cubes for cell in cube.cells.values())
        return {
            "cells": cells,
            "withheld": withheld,
            "base": self.to.base,
            "most": self.to.most,
            "mean_change": round(float(changes.mean()), 2) if changes.size else 0.0,
            "largest_change": int(changes.max()) if changes.size else 0,
        }


def secure(release: Release, snapshot: "Snapshot", ledger: Ledger, policy: Policy) -> SecuredByRounding:
    """Round a release together with everything published before and planned after it.

    Raises:
        AuditFailed: no rounding holds beside what is out, it was not found in time, or an attacker finds something out.
        StorageError: the secret of the rounding cannot be kept beside the ledger.
    """
    secret = _secret(ledger)
    try:
        return _attempt(release, snapshot, ledger, policy, secret, ahead=True)
    except AuditFailed as error:
        if error.key not in {"policy.no_rounding", "policy.rounding_unfinished", "public.leak", "public.doubt"}:
            raise
    return _attempt(release, snapshot, ledger, policy, secret, ahead=False)  # what comes later may then be harder


def _attempt(
    release: Release, snapshot: "Snapshot", ledger: Ledger, policy: Policy, secret: bytes, *, ahead: bool
) -> SecuredByRounding:
    joints, earlier = gather(release, snapshot, ledger, policy, ahead=ahead)
    found = SecuredByRounding(release, policy, joints, [], [])
    take_before(found, earlier)
    base = policy.package(release.spec.id).base
    steps = max(least_steps(base, policy.threshold, policy.width), *(_steps_of(each, base) for each in earlier), 1)
    while True:  # one window for the whole release: where one population needs a wider one, all get it
        found.roundings = [
            _rounded(found, number, base, steps, policy.protect_seconds, _seed(secret, release, one))
            for number, one in enumerate(joints)
        ]
        needed = max((each.steps for each in found.roundings), default=steps)
        if needed == steps:
            break
        steps = needed
    found.release = replace(release, rounded=RoundedTo(base, base * steps - 1), protected=True)
    found.written = [_written(found, number) for number in range(len(joints))]
    cubes = tuple(_cube(found, cube, _printed(found)) for cube in release.cubes)
    try:
        consistency.check(cubes)
    except InconsistentRelease as wrong:
        told = wrong
        raise AuditFailed("public.sums", first=Said(lambda lang: messages.explain(told, lang))) from wrong
    found.release = replace(found.release, cubes=cubes)
    found.expected = found.attack_all(found.written)
    return found


def _steps_of(figure: Figure, base: int) -> int:
    """How many multiples away a figure that is out already may be: a release that repeats it must say so."""
    if figure.base != base or figure.value is None or figure.high is None:
        return 1
    return int(figure.high - figure.value + 1) // base


def _rounded(found: SecuredByRounding, number: int, base: int, steps: int, seconds: int, seed: int) -> Rounding:
    one, told = found.joints[number], found.windows[number]
    rows, low, high = _rows(found, number)
    frozen = np.where(told.printed % base == 0, told.printed, np.nan)  # of another base: known, but it cannot stay
    return round_counts(
        np.rint(one.truth).astype(np.int64),
        rows,
        low,
        high,
        base=base,
        seed=seed,
        shown=one.system.shown,
        published=frozen,
        steps=steps,
        seconds=seconds,
    )


def _rows(found: SecuredByRounding, number: int) -> tuple[sparse.csr_array, FloatArray, FloatArray]:
    """What must hold between rounded figures: the equations, and whatever else adds up in the tables as printed.

    A category that nobody of these periods is in can keep a sum of a table from being an equation; readers add it up
    all the same.
    """
    one = found.joints[number]
    own = [cube for cube in found.release.cubes if found.joint_of(cube.spec.id) == number and cube.spec.measure.counts]
    more: list[tuple[list[tuple[int, int]], float]] = []
    for cube in own:
        for each in consistency.sums(cube):
            terms = [(1, one.cells(cube.spec, each.total)[0])]
            terms += [(-1, one.cells(cube.spec, key)[0]) for key in each.parts]
            more.append((terms, np.inf if each.at_most else 0.0))
    for left, key, right, other in consistency.shared(own):
        more.append(([(1, one.cells(left.spec, key)[0]), (-1, one.cells(right.spec, other)[0])], 0.0))
    entries = [(row, cell, sign) for row, (terms, _) in enumerate(more) for sign, cell in terms if cell >= 0]
    row, cell, sign = np.array(entries, np.int64).reshape(-1, 3).T
    added = sparse.csr_array((sign.astype(np.float64), (row, cell)), shape=(len(more), one.system.size))
    zero = np.zeros(len(more))
    holds = np.asarray(
        added @ one.truth
    )  # what does not hold for the counts (a period that is not over) need not hold rounded
    most = np.array([most for _, most in more]).reshape(-1)
    kept = np.flatnonzero((holds >= zero) & (holds <= most))
    return (
        sparse.csr_array(sparse.vstack([one.system.rows, added[kept]])),
        np.concatenate([one.system.low, zero[kept]]),
        np.concatenate([one.system.high, most[kept]]),
    )


def _written(found: SecuredByRounding, number: int) -> BoolArray:
    """The cells that this release tells readers: printed ones, and those of its tables that are left out as zero."""
    one = found.joints[number]
    told = np.zeros(one.system.size, bool)
    for cube in found.release.cubes:
        if found.joint_of(cube.spec.id) == number and cube.spec.measure.counts:
            keys = _grid(cube) if cube.spec.zeros == "omit" else cube.cells
            kept = [key for key in keys if key not in cube.cells or cube.cells[key].value is not None]
            told[[cell for key in kept for cell in one.cells(cube.spec, key)[:1] if cell >= 0]] = True
    return np.asarray(told & (one.system.shown | (one.truth == 0)), np.bool_)


def _grid(cube: Cube) -> Iterable[CellKey]:
    """Every address of a table: what is not printed in one that leaves zeros out is said to be zero."""
    codes = [cube.codes(dimension.id) for dimension in cube.spec.dimensions]
    for period, margin in itertools.product(cube.periods, cube.spec.margins):
        sides = [
            own if dimension.id in margin else [TOTAL]
            for dimension, own in zip(cube.spec.dimensions, codes, strict=True)
        ]
        for key in itertools.product(*sides):
            yield (period.code, *key)


def _printed(found: SecuredByRounding) -> list[FloatArray]:
    """By population the printed figure of every cell of the release; nan elsewhere."""
    return [
        np.where(own | one.never, np.where(one.never, 0, each.values), np.nan)
        for own, each, one in zip(found.written, found.roundings, found.joints, strict=True)
    ]


def _cube(found: SecuredByRounding, cube: Cube, printed: Sequence[FloatArray]) -> Cube:
    """The cube as it is published, with a note that says how it was rounded."""
    number = found.joint_of(cube.spec.id)
    cells = {}
    for key, cell in cube.cells.items():
        kept = cell if cell.value is None else _cell(found, number, cube.spec, key, cell, printed)
        at_total = set(key[1:]) <= {TOTAL}
        nothing = kept.value == 0 or kept.status is Status.SUPPRESSED
        if cube.spec.zeros != "omit" or at_total or cell.value is None or not nothing:
            cells[key] = kept
    few = cube.unplaced < found.policy.threshold
    unplaced = 0 if few else round(cube.unplaced / found.to.base) * found.to.base
    return replace(cube, spec=noted(cube.spec, found.to), cells=cells, unplaced=unplaced)


def noted(spec: TableSpec, to: RoundedTo) -> TableSpec:
    """A table with the note that its figures are rounded."""
    note = {lang: words(to, lang) for lang in messages.LANGUAGES}
    return replace(spec, notes=(*spec.notes, note))


def words(to: RoundedTo, lang: str) -> str:
    """What readers are told of the rounding."""
    return messages.text("publish.rounded", lang, part="what", base=to.base, most=to.most)


def _cell(
    found: SecuredByRounding,
    number: int,
    spec: TableSpec,
    key: CellKey,
    cell: Cell,
    printed: Sequence[FloatArray],
) -> Cell:
    hidden = Cell(None, Status.SUPPRESSED, cell.notes)
    if number < 0:
        return hidden
    values = [0.0 if place < 0 else float(printed[number][place]) for place in found.joints[number].cells(spec, key)]
    if spec.measure.counts:
        return replace(cell, value=int(values[0]), base=())
    if len(values) != 2 or np.isnan(values).any():
        return hidden  # a rate, or a share of counts that nobody is shown
    part, whole = values if spec.measure.over else values[::-1]
    if not whole or part > whole:
        return hidden
    share = rounded(Decimal(int(part) * spec.measure.per) / int(whole), spec.measure.decimals)
    return replace(cell, value=share, base=())


def _seed(secret: bytes, release: Release, one: Joint) -> int:
    """The seed of a population: the same for the same release of the same records, and nobody else's to guess."""
    text = "\n".join((release.spec.id, release.period.code, release.snapshot, *one.name))
    return int.from_bytes(hmac.new(secret, text.encode(), hashlib.sha256).digest()[:8], "big")


def secret_file(ledger: Ledger) -> Path:
    """Where the secret of the rounding stands: beside the ledger."""
    return ledger.file.with_name(f"{ledger.file.name}.secret")


def _secret(ledger: Ledger) -> bytes:
    """The secret from which the directions of rounding are drawn; made where there is none."""
    path = secret_file(ledger)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OURS_ALONE)
        except FileExistsError:
            return path.read_bytes()
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(secrets.token_bytes(32))
        return path.read_bytes()
    except OSError as error:
        raise StorageError("ledger.not_written", file=path.name) from error
