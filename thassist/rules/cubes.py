"""From computed tables to the figures, titles and percentages that rules look at, before anything is written.

The rules room does not know the tables room: what it needs of a cube is said here as protocols.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Protocol

from thassist.rules.figures import Caption, Figure, Percentage, Published
from thassist.rules.notes import AnalystNotes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from thassist.dates import Period

_PER_CENT = 100
#: The counts behind a share: numerator and denominator.
_SHARE = 2


class _Cell(Protocol):
    @property
    def value(self) -> float | int | None: ...
    @property
    def status(self) -> str: ...
    @property
    def notes(self) -> tuple[str, ...]: ...
    @property
    def base(self) -> tuple[int, ...]: ...


class _Named(Protocol):
    @property
    def id(self) -> str: ...


class _Measure(Protocol):
    @property
    def per(self) -> int: ...
    @property
    def counts(self) -> bool: ...


class _Spec(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def titles(self) -> Mapping[str, str]: ...
    @property
    def measure(self) -> _Measure: ...
    @property
    def dimensions(self) -> "Sequence[_Named]": ...


class CubeLike(Protocol):
    """What the rules need to know of a cube."""

    @property
    def spec(self) -> _Spec:
        """Its definition."""

    @property
    def periods(self) -> "Sequence[Period]":
        """Its periods, in order."""

    @property
    def cells(self) -> "Mapping[tuple[str, ...], _Cell]":
        """Period and codes → cell."""


def published(cubes: Iterable[CubeLike], counter: str, notes: AnalystNotes | None = None) -> Published:
    """What a release of these tables would publish.

    Args:
        cubes: computed tables.
        counter: the reporting system whose case work stands behind all of them.
        notes: what analysts say of single figures.
    """
    figures: list[Figure] = []
    captions: list[Caption] = []
    percentages: list[Percentage] = []
    for cube in cubes:
        measure = cube.spec.measure
        table, names = cube.spec.id, [dimension.id for dimension in cube.spec.dimensions]
        periods = tuple(period.code for period in cube.periods)
        captions += [Caption(table, lang, periods, title) for lang, title in cube.spec.titles.items()]
        for (period, *codes), cell in cube.cells.items():
            at = dict(zip(names, codes, strict=True))
            told = (cell.value, str(cell.status), tuple(cell.notes), (counter,), measure.counts)
            figures.append(Figure(table, period, at, *told))
            if not measure.counts and measure.per == _PER_CENT and len(cell.base) == _SHARE:
                percentages.append(Percentage(table, period, at, cell.value, *cell.base))
    return Published(figures, captions, percentages, notes or AnalystNotes())
