"""From a cube to the grid that all writers share: which figure stands where, and what the headings say.

A cross table puts dimensions down the side and across the top; a list table gives one row to every combination.
In both, totals come first and categories follow the order of their classification: an order by size would tell
something about suppressed figures.
"""

import itertools
from collections.abc import Iterable, Mapping

from thassist.codes import TOTAL, classification
from thassist.errors import InvalidDefinition
from thassist.publish import texts
from thassist.publish.page import Figure, Row
from thassist.tables.cube import Cell, CellKey, Cube
from thassist.tables.spec import TIME


def figure(cell: Cell) -> Figure:
    """A cell as it is shown: its value, or the sign of its status. The two are never both there."""
    if cell.value is None:
        return Figure(None, texts.sign(cell.status.value))
    return Figure(cell.value)


class Axes:
    """The codes that a cube shows along each dimension, in reading order, with their labels in one language.

    The period is the dimension ``time``, oldest first; it stands first in every address. ``marks`` are added to the
    labels of periods: where a series breaks, its reader is told at the figure.
    """

    def __init__(self, cube: Cube, lang: str, marks: Mapping[str, str] | None = None) -> None:
        self._cube = cube
        self._lang = lang
        self.names = (TIME, *(dimension.id for dimension in cube.spec.dimensions))
        self._classifications = {
            dimension.id: classification(dimension.classification) for dimension in cube.spec.dimensions
        }
        self._periods = {
            span.code: f"{texts.period(span, lang)} {(marks or {}).get(span.code, '')}".rstrip()
            for span in cube.periods
        }
        self._codes = {name: self._ordered(name, place) for place, name in enumerate(self.names)}
        self._order = {name: {code: rank for rank, code in enumerate(codes)} for name, codes in self._codes.items()}

    def _ordered(self, name: str, place: int) -> tuple[str, ...]:
        if name == TIME:
            return tuple(span.code for span in self._cube.periods)
        present = {key[place] for key in self._cube.cells}
        listed = [TOTAL, *self._classifications[name].reading_order(self._lang)]
        return (*(code for code in listed if code in present), *sorted(present.difference(listed)))

    def codes(self, name: str) -> tuple[str, ...]:
        """The codes shown along a dimension."""
        return self._codes[name]

    def title(self, name: str) -> str:
        """What a dimension is called."""
        if name == TIME:
            return texts.say("period", self._lang)
        return self._cube.spec.dimension(name).titles[self._lang]

    def label(self, name: str, code: str) -> str:
        """What a code of a dimension is called."""
        return self._periods[code] if name == TIME else self._classifications[name].label(code, self._lang)

    def rank(self, names: Iterable[str], codes: Iterable[str]) -> tuple[int, ...]:
        """The place of a combination in reading order."""
        return tuple(self._order[name][code] for name, code in zip(names, codes, strict=True))


def lookup(cube: Cube, key: CellKey) -> Cell:
    """The cell at an address, zero where the table leaves zeros out.

    Raises:
        InvalidDefinition: the table's definition does not compute that margin.
    """
    if key in cube.cells:
        return cube.cells[key]
    names = tuple(dimension.id for dimension, code in zip(cube.spec.dimensions, key[1:], strict=True) if code != TOTAL)
    if cube.spec.zeros == "omit" and names in cube.spec.margins:
        return Cell(0)
    raise InvalidDefinition("publish.margin_not_computed", table=cube.spec.id, cell=", ".join(key))


def arrange(
    cube: Cube, lang: str, marks: Mapping[str, str] | None = None
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[Row, ...]]:
    """The headings of the stub, the headings of the figures, and the rows of a table; ``marks`` as in :class:`Axes`.

    Raises:
        InvalidDefinition: two columns would have the same heading, or a margin is missing.
    """
    axes = Axes(cube, lang, marks)
    stub, headers, rows = _listed(cube, axes, lang) if cube.spec.layout.form == "list" else _crossed(cube, axes, lang)
    seen: set[str] = set()
    for header in (*stub, *headers):
        if header.casefold() in seen:
            raise InvalidDefinition("publish.header_twice", table=cube.spec.id, header=header)
        seen.add(header.casefold())
    return stub, headers, rows


def _unit(cube: Cube, lang: str) -> str:
    """The heading of figures that nothing divides: a number of something, or what is measured (days, per cent)."""
    unit = cube.spec.unit.labels[lang]
    return texts.say("count", lang, unit=unit) if cube.spec.measure.counts else unit[:1].upper() + unit[1:]


def _crossed(cube: Cube, axes: Axes, lang: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[Row, ...]]:
    stub, heading = cube.spec.layout.stub, cube.spec.layout.heading
    if TIME not in (*stub, *heading) and len(cube.periods) > 1:
        heading = (TIME, *heading)
    columns = list(itertools.product(*(axes.codes(name) for name in heading)))
    rows = []
    for down in itertools.product(*(axes.codes(name) for name in stub)):
        figures = []
        for across in columns:
            place = {TIME: cube.periods[-1].code, **dict(zip((*stub, *heading), (*down, *across), strict=True))}
            figures.append(figure(lookup(cube, tuple(place.get(name, TOTAL) for name in axes.names))))
        labels = tuple(axes.label(name, code) for name, code in zip(stub, down, strict=True))
        total = all(code == TOTAL for name, code in zip(stub, down, strict=True) if name != TIME)
        rows.append(Row(labels, tuple(figures), total=total and TIME not in stub))
    headers = tuple(
        ", ".join(axes.label(name, code) for name, code in zip(heading, across, strict=True)) for across in columns
    )
    return (
        tuple(axes.title(name) for name in stub),
        headers if heading else (_unit(cube, lang),),
        tuple(rows),
    )


def list_stub(cube: Cube) -> tuple[str, ...]:
    """The dimensions that a list table names in every row; the period only where there are several."""
    named = (*cube.spec.layout.stub, *cube.spec.layout.heading, *(dimension.id for dimension in cube.spec.dimensions))
    stub = tuple(dict.fromkeys(named))
    if TIME not in stub and len(cube.periods) > 1:
        return (TIME, *stub)
    return stub


def list_keys(cube: Cube, axes: Axes) -> list[CellKey]:
    """The addresses of a list table in reading order."""
    stub = list_stub(cube)
    places = [axes.names.index(name) for name in stub]
    return sorted(cube.cells, key=lambda key: axes.rank(stub, (key[place] for place in places)))


def _listed(cube: Cube, axes: Axes, lang: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[Row, ...]]:
    stub = list_stub(cube)
    places = [axes.names.index(name) for name in stub]
    rows = tuple(
        Row(
            tuple(axes.label(name, key[place]) for name, place in zip(stub, places, strict=True)),
            (figure(cube.cells[key]),),
            total=all(code == TOTAL for code in key[1:]) and TIME not in stub,
        )
        for key in list_keys(cube, axes)
    )
    return tuple(axes.title(name) for name in stub), (_unit(cube, lang),), rows


def essence(cube: Cube, longest: int, lang: str) -> tuple[int, ...] | None:
    """The rows of a list table that matter most, at most ``longest``; None where nothing need be left out.

    Whole margins come first, the coarsest first; of the first margin that does not fit, the largest figures that are
    published. A figure that is hidden has no say in the choice: which rows stand there tells nothing about it. They
    stay in reading order. The choice is the same in every language.
    """
    if cube.spec.layout.form != "list" or not longest or len(cube.cells) <= longest:
        return None

    def weight(key: CellKey) -> tuple[int, float, CellKey]:
        return (sum(code != TOTAL for code in key[1:]), -(cube.cells[key].value or 0), key)

    chosen = set(sorted(cube.cells, key=weight)[:longest])
    return tuple(place for place, key in enumerate(list_keys(cube, Axes(cube, lang))) if key in chosen)
