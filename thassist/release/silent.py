"""The zeros that a table leaves out: its readers know them all the same."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from thassist.codes import TOTAL
from thassist.dates import Period
from thassist.disclosure.counted import Asked
from thassist.tables.compute import compute_all
from thassist.tables.cube import CellKey

if TYPE_CHECKING:
    from thassist.snapshot import Snapshot
    from thassist.tables.model import TableSpec


def say_zeros(
    asked: Sequence[Asked],
    known: Mapping[str, dict[CellKey, float | int | None]],
    snapshot: "Snapshot",
    years: Sequence[Period],
) -> None:
    """Say the zeros of tables that leave them out: for readers, what is not there is nobody.

    Of every code that occurs in some year; without them the sums over a table's parts would seem to be open.
    """
    silent: dict[str, tuple[TableSpec, list[Period]]] = {}
    for each in asked:
        if each.spec.zeros == "omit" and each.spec.measure.counts:
            silent.setdefault(each.spec.id, (each.spec, []))[1].extend(each.periods)
    specs = [replace(spec, time=replace(spec.time, frequency="")) for spec, _ in silent.values()]
    cubes = compute_all(specs, snapshot, years[-1], first=years[0]) if specs else ()
    for (spec, periods), cube in zip(silent.values(), cubes, strict=True):
        told = known[spec.id]
        codes = [
            dict.fromkeys([*cube.codes(dimension.id), *sorted({key[place] for key in told} - {TOTAL})])
            for place, dimension in enumerate(spec.dimensions, start=1)
        ]
        for period, margin in itertools.product(periods, spec.margins):
            sides = [own if each.id in margin else [TOTAL] for each, own in zip(spec.dimensions, codes, strict=True)]
            for key in itertools.product(*sides):
                told.setdefault((period.code, *key), 0)
