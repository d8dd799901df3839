"""Conservation: each counted unit arrives exactly once behind a correspondence, or is declared to be in the total only.

The same population is counted a second time by the codes as they were recorded, without the correspondence. Of a
single-response dimension each target then holds what its recorded codes hold together, and the declared rest what is
left of the total. Of a multiple-response one, a target holds at least the largest of its codes, and at most their sum:
a unit that has two of them is one unit there.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from thassist.codes import UNKNOWN, classification, correspondence
from thassist.dates import Period
from thassist.errors import InconsistentRelease
from thassist.tables.compute import Source, compute_all
from thassist.tables.cube import Cube
from thassist.tables.model import Dimension, Layout, TableSpec


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
        (cube, dimension)
        for cube in cubes
        for dimension in cube.spec.dimensions
        if dimension.via and not dimension.combined and not dimension.parents and cube.spec.measure.counts
        if (dimension.id,) in cube.spec.margins and () in cube.spec.margins
    ]
    recorded = compute_all([_recorded(cube.spec, dimension) for cube, dimension in used], snapshot, period)
    return tuple(_proved(cube, dimension, other) for (cube, dimension), other in zip(used, recorded, strict=True))


def _recorded(spec: TableSpec, dimension: Dimension) -> TableSpec:
    """The table with one dimension only, in the codes that were recorded."""
    source = correspondence(dimension.via).source
    plain = replace(dimension, classification=source.ref, via="", rest="total")
    return replace(
        spec,
        dimensions=(plain,),
        margins=((dimension.id,), ()),
        layout=Layout("list", (dimension.id, *(["time"] if spec.time.periods > 1 else [])), ()),
        zeros="omit",
    )


def _proved(cube: Cube, dimension: Dimension, recorded: Cube) -> Crosswalk:
    spec, via = cube.spec, correspondence(dimension.via)
    period = cube.periods[-1].code
    total = _count(cube, period, {})
    if total != _count(recorded, period, {}):
        raise _lost(spec, dimension, total, _count(recorded, period, {}), 0)
    unknown = classification(dimension.classification).unknown_code
    parts: dict[str, list[int]] = defaultdict(list)
    named = 0
    for code in via.source.codes:
        count = _count(recorded, period, {dimension.id: code})
        target = via.targets.get(code) or (unknown if code == UNKNOWN and unknown in via.target.codes else None)
        named += count
        if target:
            parts[target].append(count)
    blank = 0 if dimension.multiple else total - named  # an empty field of a list without a code for it
    if blank and via.targets.get(UNKNOWN):
        parts[via.targets[UNKNOWN]].append(blank)
    arrived = 0
    for target in via.target.codes:
        found, counts = _count(cube, period, {dimension.id: target}), parts.get(target, [0])
        arrived += found
        if not max(counts) <= found <= sum(counts) or (not dimension.multiple and found != sum(counts)):
            raise InconsistentRelease(
                "layout.not_between", table=spec.id, target=target, found=found, largest=max(counts), sum=sum(counts)
            )
    rest = 0 if dimension.multiple else total - arrived
    if not dimension.multiple and (rest < 0 or (rest and not dimension.rest)):
        raise _lost(spec, dimension, total, arrived, rest)
    return Crosswalk(spec.id, dimension.id, dimension.via, total, arrived, rest)


def _count(cube: Cube, period: str, codes: dict[str, str]) -> int:
    return int(cube.value(period, **codes) or 0)


def _lost(spec: TableSpec, dimension: Dimension, total: int, arrived: int, rest: int) -> InconsistentRelease:
    return InconsistentRelease(
        "layout.not_conserved", table=spec.id, via=dimension.via, total=total, arrived=arrived, rest=rest
    )
