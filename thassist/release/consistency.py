"""A release must not contradict itself: checked over all its cubes before anything is written.

Within a table, the categories of a single-response dimension, *not known* among them, add up to the total that was
queried beside them, and no code is less than those below it; a share is what its
counts make. Between tables that declare the same measure, every
total they share is the same figure. Cells without a value (suppressed, not known) can be neither confirmed nor denied
and are skipped. What must hold over time is in :mod:`thassist.release.overtime`.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from thassist.codes import TOTAL, classification
from thassist.errors import InconsistentRelease
from thassist.release.place import Place, Title
from thassist.tables.cube import CellKey, Cube
from thassist.tables.measures import rounded
from thassist.tables.spec import Dimension, TableSpec

#: A total that tables may share: the period, and dimension and code of what is not at its total.
_Shared = tuple[str, tuple[tuple[str, str], ...]]


def check(cubes: Iterable[Cube]) -> None:
    """Check all tables of a release.

    Raises:
        InconsistentRelease: two figures contradict each other; both are named.
    """
    cubes = tuple(cubes)
    for cube in cubes:
        _shares(cube)
        _add_up(cube)
    for left, key, right, other_key in shared(cubes):
        value, other = _value(left, key), _value(right, other_key)
        if value is not None and other is not None and value != other:
            raise InconsistentRelease(
                "release.tables_disagree",
                measure=left.spec.check_measure,
                table=Title(left.spec),
                cell=Place(left.spec, key),
                value=value,
                other_table=Title(right.spec),
                other_cell=Place(right.spec, other_key),
                other_value=other,
            )


def shared(cubes: Iterable[Cube]) -> Iterator[tuple[Cube, CellKey, Cube, CellKey]]:
    """Every total that two tables of one measure both compute, with its address in each."""
    by_measure: dict[str, list[Cube]] = defaultdict(list)
    for cube in cubes:
        if cube.spec.check_measure:
            by_measure[cube.spec.check_measure].append(cube)
    for together in by_measure.values():
        for left, right in itertools.combinations(together, 2):
            common = [
                dimension.id
                for dimension in left.spec.dimensions
                if any(_same(dimension, theirs) for theirs in right.spec.dimensions)
            ]
            for place in sorted(_totals(left, common) | _totals(right, common)):
                yield left, _address(left.spec, place), right, _address(right.spec, place)


def _add_up(cube: Cube) -> None:
    for each in sums(cube):
        whole = _value(cube, each.total)
        values = [_value(cube, key) for key in each.parts]
        if whole is None or (each.all_known and None in values):
            continue
        found = sum(value for value in values if value is not None)
        apart = found - whole if each.at_most else abs(found - whole)
        if apart > _tolerance(cube.spec, len(values)):
            raise InconsistentRelease(
                "release.parts_and_total",
                table=Title(cube.spec),
                total=Place(cube.spec, each.total),
                value=whole,
                parts=Place(cube.spec, each.total, (each.dimension.id, tuple(key[each.place] for key in each.parts))),
                sum=found,
            )


@dataclass(frozen=True, slots=True)
class Parts:
    """Figures of a table that add up to another of its figures.

    Attributes:
        dimension: along which, and its place in an address.
        total, parts: the addresses.
        at_most: the total may be more: something stands in the total only.
        all_known: nothing is said where a part has no value.
    """

    dimension: Dimension
    place: int
    total: CellKey
    parts: tuple[CellKey, ...]
    at_most: bool
    all_known: bool


def sums(cube: Cube) -> Iterator[Parts]:
    """Everything that adds up within a table, along the dimensions in which a unit stands in one category."""
    for dimension in cube.spec.dimensions:
        if not dimension.multiple and cube.spec.measure.additive:
            yield from _totals_of(cube, dimension)
            if dimension.parents:
                yield from _levels(cube, dimension)


def _totals_of(cube: Cube, dimension: Dimension) -> Iterator[Parts]:
    """The parts of one dimension against their total, in every place where both margins are computed."""
    spec = cube.spec
    place = 1 + spec.dimensions.index(dimension)
    computed = set(spec.margins)
    parts: dict[CellKey, list[CellKey]] = defaultdict(list)
    for key in cube.cells:
        total = (*key[:place], TOTAL, *key[place + 1 :])
        if _names(spec, total) not in computed:
            continue
        if key[place] != TOTAL and _is_part(dimension, key[place]):
            parts[total].append(key)
        elif key[place] == TOTAL and _names(spec, (*key[:place], "?", *key[place + 1 :])) in computed:
            parts.setdefault(key, [])
    for total, keys in parts.items():  # a rest stands in the total only
        yield Parts(dimension, place, total, tuple(keys), at_most=bool(dimension.rest), all_known=True)


def _levels(cube: Cube, dimension: Dimension) -> Iterator[Parts]:
    """A code that stands above others holds them all; it may hold more, as records may name no code below it."""
    place = 1 + cube.spec.dimensions.index(dimension)
    known = classification(dimension.classification).codes
    below: dict[CellKey, list[CellKey]] = defaultdict(list)
    for key in cube.cells:
        code = known.get(key[place])
        for parent in code.parents if code is not None else ():
            below[(*key[:place], parent, *key[place + 1 :])].append(key)
    for above, keys in below.items():
        yield Parts(dimension, place, above, tuple(keys), at_most=True, all_known=False)


def _shares(cube: Cube) -> None:
    """Every share again from the counts that it rests on."""
    measure = cube.spec.measure
    if measure.function != "share":
        return
    for key, cell in cube.cells.items():
        if cell.value is None or len(cell.base) != 2:
            continue
        met, of = cell.base
        if not of or rounded(Decimal(met * measure.per) / of, measure.decimals) != cell.value:
            raise InconsistentRelease(
                "release.share_and_counts",
                table=Title(cube.spec),
                cell=Place(cube.spec, key),
                value=cell.value,
                met=met,
                of=of,
            )


def _is_part(dimension: Dimension, code: str) -> bool:
    """Whether a code is one of those that divide the total; where codes above others are shown, the topmost do."""
    if not dimension.parents:
        return True
    known = classification(dimension.classification).codes.get(code)
    return known is None or not known.parent


def _totals(cube: Cube, common: list[str]) -> set[_Shared]:
    """The totals of a cube that are broken down by common dimensions only."""
    names = [dimension.id for dimension in cube.spec.dimensions]
    return {
        (key[0], tuple(sorted((name, code) for name, code in zip(names, key[1:], strict=True) if code != TOTAL)))
        for key in cube.cells
        if all(code == TOTAL or name in common for name, code in zip(names, key[1:], strict=True))
    }


def _address(spec: TableSpec, shared: _Shared) -> CellKey:
    codes = dict(shared[1])
    return (shared[0], *(codes.get(dimension.id, TOTAL) for dimension in spec.dimensions))


def _same(left: Dimension, right: Dimension) -> bool:
    """Whether two dimensions put the same persons into the same categories."""
    return not (left.multiple or right.multiple) and (
        (left.id, left.classification, left.via, left.field) == (right.id, right.classification, right.via, right.field)
    )


def _value(cube: Cube, key: CellKey) -> float | int | None:
    """A figure, or None where there is none: it has no value, or its margin or its period is not computed."""
    cell = cube.cells.get(key)
    if cell is not None:
        return cell.value
    shown = key[0] in {period.code for period in cube.periods}
    return 0 if shown and cube.spec.zeros == "omit" and _names(cube.spec, key) in cube.spec.margins else None


def _names(spec: TableSpec, key: CellKey) -> tuple[str, ...]:
    """The margin that an address belongs to."""
    return tuple(dimension.id for dimension, code in zip(spec.dimensions, key[1:], strict=True) if code != TOTAL)


def _tolerance(spec: TableSpec, parts: int) -> float:
    """Counts add up exactly; figures with decimals within the rounding of the parts and the total."""
    return (parts + 1) * 0.5 * 10**-spec.measure.decimals if spec.measure.decimals else 0
