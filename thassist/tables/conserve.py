"""Conservation: each counted unit arrives exactly once behind a correspondence, or is declared to be in the total only.

The same population is counted a second time by the codes as they were recorded, without the correspondence. Of a
single-response dimension each target then holds what its recorded codes hold together, and the declared rest what is
left of the total. Of a multiple-response one, a target holds at least the largest of its codes, and at most their sum:
a unit that has two of them is one unit there. Combinations hold each unit once: who has a code at all is in the
combinations with that code, or in the rest.

A dimension is looked at in the smallest margin that has it, within every code of the others there.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from thassist.codes import TOTAL, UNKNOWN, classification, correspondence
from thassist.dates import Period
from thassist.errors import InconsistentRelease
from thassist.tables.compute import Source, compute_all
from thassist.tables.cube import Cube
from thassist.tables.model import Dimension, Layout, TableSpec

#: Codes by dimension, and how many were counted, arrived, and are in the total only.
Codes = dict[str, str]
Counted = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """One correspondence as a table used it.

    Attributes:
        table, dimension, via: where.
        total: how many were counted.
        arrived: how many arrived under a target code; of a multiple response, in how many places.
        rest: how many are in the total only.
    """

    table: str
    dimension: str
    via: str
    total: int
    arrived: int
    rest: int


def conserved(cubes: Iterable[Cube], snapshot: Source, period: Period) -> tuple[Crosswalk, ...]:
    """Every correspondence of some computed tables, each proved against a second count.

    Args:
        cubes: the tables, as computed for the period.
        snapshot: the records that they were computed from.
        period: the period that was asked for.

    Raises:
        InconsistentRelease: somebody is lost, or arrives twice.
        InvalidDefinition: a definition is wrong, or cannot be computed.
    """
    used = [
        (cube, dimension, found)
        for cube in cubes
        for dimension in cube.spec.dimensions
        if dimension.via and not dimension.parents and cube.spec.measure.counts
        if (found := _smallest(cube.spec, dimension)) is not None
    ]
    recorded = compute_all(
        [_recorded(cube.spec, dimension, margin) for cube, dimension, margin in used], snapshot, period
    )
    proofs = []
    for (cube, dimension, margin), other in zip(used, recorded, strict=True):
        others = tuple(name for name in margin if name != dimension.id)
        whole = others in cube.spec.margins
        parts = [
            (_combined if dimension.combined else _proved)(cube, dimension, other, at, whole=whole)
            for at in _places(cube, others)
        ]
        sums = (sum(found) for found in zip(*parts, strict=True)) if parts else (0, 0, 0)
        proofs.append(Crosswalk(cube.spec.id, dimension.id, dimension.via, *sums))
    return tuple(proofs)


def _smallest(spec: TableSpec, dimension: Dimension) -> tuple[str, ...] | None:
    """The smallest margin that has a dimension, one of whose other parts is computed too where there is one."""
    having = [margin for margin in spec.margins if dimension.id in margin]
    parts = {frozenset(margin) for margin in spec.margins}
    return min(having, key=lambda m: (frozenset(m) - {dimension.id} not in parts, len(m), m), default=None)


def _places(cube: Cube, others: tuple[str, ...]) -> list[dict[str, str]]:
    """The codes of the other dimensions under which figures stand; one place, the total, where there are none."""
    names = [dimension.id for dimension in cube.spec.dimensions]
    found: dict[tuple[str, ...], None] = {}
    for key in cube.cells:
        at = dict(zip(names, key[1:], strict=True))
        if all(at[name] != TOTAL for name in others):
            found[tuple(at[name] for name in others)] = None
    return [dict(zip(others, codes, strict=True)) for codes in found] if others else [{}]


def _recorded(spec: TableSpec, dimension: Dimension, margin: tuple[str, ...]) -> TableSpec:
    """The table with one margin only, the dimension in the codes that were recorded.

    Of a combination these are the codes of which it is made: a unit stands in each that it has.
    """
    via = correspondence(dimension.via)
    if dimension.combined:
        plain = replace(dimension, classification=via.target.ref, response="multiple", rest="total")
    else:
        plain = replace(dimension, classification=via.source.ref, via="", rest="total")
    kept = tuple(plain if each.id == dimension.id else each for each in spec.dimensions if each.id in margin)
    names = tuple(each.id for each in kept)
    others = tuple(name for name in names if name != dimension.id)
    return replace(
        spec,
        dimensions=kept,
        margins=(names, others),
        layout=Layout("list", (*names, *(["time"] if spec.time.periods > 1 else [])), ()),
        zeros="omit",
    )


def _proved(cube: Cube, dimension: Dimension, recorded: Cube, at: Codes, *, whole: bool) -> Counted:
    spec, via = cube.spec, correspondence(dimension.via)
    period = cube.periods[-1].code
    counted_again = _count(recorded, period, at)
    total = _count(cube, period, at) if whole else counted_again
    if total != counted_again:
        raise _lost(spec, dimension, total, counted_again, 0)
    unknown = classification(dimension.classification).unknown_code
    parts: dict[str, list[int]] = defaultdict(list)
    named = 0
    for code in via.source.codes:
        count = _count(recorded, period, {**at, dimension.id: code})
        target = via.targets.get(code) or (unknown if code == UNKNOWN and unknown in via.target.codes else None)
        named += count
        if target:
            parts[target].append(count)
    # Without a total a unit may stand under several codes: the rows of the view are no units.
    several = dimension.multiple or not whole
    blank = 0 if several else total - named  # an empty field of a list without a code for it
    if blank and via.targets.get(UNKNOWN):
        parts[via.targets[UNKNOWN]].append(blank)
    arrived = 0
    for target in via.target.codes:
        found, counts = _count(cube, period, {**at, dimension.id: target}), parts.get(target, [0])
        arrived += found
        if not max(counts) <= found <= sum(counts) or (not several and found != sum(counts)):
            raise _between(spec, target, found, max(counts), sum(counts))
    rest = 0 if several else total - arrived
    if not several and (rest < 0 or (rest and not dimension.rest)):
        raise _lost(spec, dimension, total, arrived, rest)
    return total, arrived, rest


def _combined(cube: Cube, dimension: Dimension, single: Cube, at: Codes, *, whole: bool) -> Counted:
    """Combinations against their codes: who has a code is in one of the combinations with it, or in the rest."""
    spec, known = cube.spec, classification(dimension.classification)
    period = cube.periods[-1].code
    counted_again = _count(single, period, at)
    total = _count(cube, period, at) if whole else counted_again
    held = {code: _count(cube, period, {**at, dimension.id: code}) for code in known.codes}
    arrived = sum(held.values())
    rest = total - arrived
    if total != counted_again or rest < 0 or (rest and not dimension.rest):
        raise _lost(spec, dimension, total, arrived, rest)
    codes = correspondence(dimension.via).target.codes
    sets = [frozenset(each) for size in range(1, len(codes) + 1) for each in itertools.combinations(codes, size)]
    absent = [each for each in sets if each not in known.members.values()]
    gaps: dict[frozenset[frozenset[str]], int] = {}
    for code in codes:
        found = sum(count for name, count in held.items() if code in known.members.get(name, ()))
        having = _count(single, period, {**at, dimension.id: code})
        if not having - rest <= found <= having:
            raise _between(spec, code, found, having - rest, having)
        # Who has the code and stands in no combination has a set without one; codes of the same sets lack the same.
        gap = gaps.setdefault(frozenset(each for each in absent if code in each), having - found)
        if gap != having - found:
            raise _between(spec, code, found, having - gap, having - gap)
    return total, arrived, rest


def _between(spec: TableSpec, target: str, found: int, least: int, most: int) -> InconsistentRelease:
    return InconsistentRelease("layout.not_between", table=spec.id, target=target, found=found, largest=least, sum=most)


def _count(cube: Cube, period: str, codes: Codes) -> int:
    return int(cube.value(period, **codes) or 0)


def _lost(spec: TableSpec, dimension: Dimension, total: int, arrived: int, rest: int) -> InconsistentRelease:
    return InconsistentRelease(
        "layout.not_conserved", table=spec.id, via=dimension.via, total=total, arrived=arrived, rest=rest
    )
