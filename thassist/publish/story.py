"""The words of a release with their figures filled in, as each language writes them."""

from collections.abc import Iterator, Mapping

from thassist.codes import TOTAL
from thassist.publish import grid, texts
from thassist.publish.page import CellPlace, KeyFigure, Sentence
from thassist.publish.texts import say
from thassist.release import story
from thassist.release.build import Release
from thassist.tables.cube import Cell, Cube, Status

_WITHHELD, _UNKNOWN, _ZERO, _ONE, _BREAK = story.CASES


def key_figures(release: Release, lang: str) -> tuple[KeyFigure, ...]:
    """The key figures of a release in a language."""
    return tuple(_key_figure(release, figure, lang) for figure in _story(release).key_figures)


def sentences(release: Release, lang: str) -> dict[str, tuple[Sentence, ...]]:
    """The sentences of every chapter of a release in a language.

    Of a sentence the first variant is said whose case is there and whose figures are; none where no variant fits.
    """
    found: dict[str, tuple[Sentence, ...]] = {}
    for sentence in _story(release).sentences:
        filled = _Filled(release, sentence, lang)
        for template in filled.templates():
            cells = filled.cells_of(template)
            if cells is not None:
                said = Sentence(template.format_map(filled.words), cells)
                found[sentence.chapter] = (*found.get(sentence.chapter, ()), said)
                break
    return found


def _story(release: Release) -> story.Story:
    return story.load(release.spec.id, {cube.spec.id: cube.spec for cube in release.cubes})


def _key_figure(release: Release, figure: story.KeyFigure, lang: str) -> KeyFigure:
    cube = release.cube(figure.cell.table)
    key = _key(cube, figure.cell, len(cube.periods) - 1)
    cells: tuple[CellPlace, ...] = ((cube.spec.id, *key),)
    before = ""
    place = _year_before(release, cube) if figure.compare else None
    if place is not None:
        if _broken(cube, place):
            before = say("before_break", lang)
        else:
            earlier = _key(cube, figure.cell, place)
            value = _shown(cube, grid.lookup(cube, earlier), lang)
            before = say("before", lang, period=texts.period(cube.periods[place], lang), value=value)
            cells = (*cells, (cube.spec.id, *earlier))
    return KeyFigure(figure.texts[lang], _shown(cube, grid.lookup(cube, key), lang), before, cells)


class _Filled:
    """A sentence with what stands at its placeholders; those that cannot be told are not among ``words``."""

    def __init__(self, release: Release, sentence: story.Sentence, lang: str) -> None:
        self._release, self._sentence, self._lang = release, sentence, lang
        self.words: dict[str, str] = {}
        self._places: dict[str, tuple[CellPlace, ...]] = {}
        self._cases: set[str] = set()
        for name, cell in sentence.cells.items():
            self._cell(name, cell)
        for name, cell in sentence.shares.items():
            self._share(name, cell)
        for name, top in sentence.tops.items():
            self._top(name, top)

    def templates(self) -> Iterator[str]:
        """The sentences that fit the case, the most particular first; the usual one where nothing is particular."""
        variants: Mapping[str, Mapping[str, str]] = self._sentence.variants
        for case in story.CASES:
            if case in self._cases and case in variants:
                yield variants[case][self._lang]
        if _BREAK not in self._cases:
            yield self._sentence.texts[self._lang]

    def cells_of(self, template: str) -> tuple[CellPlace, ...] | None:
        """All cells that a sentence shows; None where one of its figures cannot be told."""
        names = story.holes(template)
        if not names <= self.words.keys():
            return None
        return tuple(dict.fromkeys(place for name in sorted(names) for place in self._places[name]))

    def _cell(self, name: str, at: story.CellAt) -> None:
        cube = self._release.cube(at.table)
        place: int | None = len(cube.periods) - 1
        if at.period == story.YEAR_BEFORE:
            place = _year_before(self._release, cube)
            if place is None:
                self._cases.add(_UNKNOWN)
                return
            if _broken(cube, place):
                self._cases.add(_BREAK)
        key = _key(cube, at, place or 0)
        cell = grid.lookup(cube, key)
        if self._told(cell):
            if name == next(iter(self._sentence.cells)):
                self._cases.update(case for value, case in ((0, _ZERO), (1, _ONE)) if cell.value == value)
            self.words[name] = _shown(cube, cell, self._lang)
            self._places[name] = ((cube.spec.id, *key),)

    def _share(self, name: str, at: story.CellAt) -> None:
        cube = self._release.cube(at.table)
        keys = [_key(cube, cell, len(cube.periods) - 1) for cell in (at, story.CellAt(at.table, {}))]
        part, whole = (grid.lookup(cube, key) for key in keys)
        if not self._told(part) or not self._told(whole):
            return
        if not whole.value:
            self._cases.add(_ZERO)
            return
        self.words[name] = texts.percent((part.value or 0) / whole.value, self._lang)
        self._places[name] = tuple((cube.spec.id, *key) for key in keys)

    def _top(self, name: str, top: story.Top) -> None:
        cube = self._release.cube(top.table)
        axes = grid.Axes(cube, self._lang)
        shown: list[tuple[float, str, CellPlace]] = []
        for code in axes.codes(top.dimension):
            if code.startswith("_"):  # the total, and those of whom it is not known
                continue
            key = _key(cube, story.CellAt(top.table, {top.dimension: code}), len(cube.periods) - 1)
            cell = grid.lookup(cube, key)
            if self._told(cell) and cell.value:
                shown.append((cell.value, code, (cube.spec.id, *key)))
        largest = sorted(shown, key=lambda each: -each[0])[: top.count]
        if not largest:
            self._cases.add(_ZERO)
            return
        listed = [
            say("list_item", self._lang, label=axes.label(top.dimension, code), value=self._number(cube, value))
            for value, code, _ in largest
        ]
        self.words[name] = texts.listed(listed, self._lang)
        self._places[name] = tuple(place for _, _, place in largest)

    def _number(self, cube: Cube, value: float) -> str:
        return texts.number(value, cube.spec.measure.decimals, self._lang)

    def _told(self, cell: Cell) -> bool:
        """Whether a cell has a figure; why not is noted."""
        if cell.value is None:
            self._cases.add(_WITHHELD if cell.status is Status.SUPPRESSED else _UNKNOWN)
        return cell.value is not None


def _key(cube: Cube, at: story.CellAt, place: int) -> tuple[str, ...]:
    codes = (at.codes.get(dimension.id, TOTAL) for dimension in cube.spec.dimensions)
    return (cube.periods[place].code, *codes)


def _shown(cube: Cube, cell: Cell, lang: str) -> str:
    figure = grid.figure(cell)
    return figure.sign if figure.value is None else texts.number(figure.value, cube.spec.measure.decimals, lang)


def _year_before(release: Release, cube: Cube) -> int | None:
    """Which of the shown periods is the same a year earlier; None where it is not shown, or before the records."""
    last = cube.periods[-1]
    place = len(cube.periods) - 1 - story.IN_YEAR.get(last.precision, 1)
    if place < 0 or cube.periods[place].end < release.first:
        return None
    return place


def _broken(cube: Cube, place: int) -> bool:
    """Whether the series breaks after a period and up to the last."""
    after = {span.code for span in cube.periods[place + 1 :]}
    return any(each.period in after for each in cube.breaks)
