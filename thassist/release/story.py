"""What a release says in words: its key figures, and sentences whose figures are cells of its tables.

One file a release, ``reports/texts/<release>.toml``; a release without one says nothing but its tables. A figure in a
sentence is always a cell, or a share of a table's total: so it is protected, compared and traced like any cell, and
whoever audits a publication finds it among the published figures. A sentence that cannot be said, because a figure is
suppressed or not known, or because a series breaks between the periods compared, has another one for that case:
``when_suppressed``, ``when_not_known``, ``when_zero``, ``when_one``, ``when_break``.

The file::

    schema = 1
    id = "national-annual"                # the release
    [[key_figure]]
    cell = { table = "fi_series_stock", codes = { group = "CLIENT" } }   # other dimensions stand at their total
    compare = true                        # with the same period a year earlier, in a time series
    fi = "…"                              # what it counts; sv, en
    [[sentence]]
    chapter = "stock"                     # the chapter at whose head it stands
    fi = "… {all} … {share} … {most} …"   # sv, en: the same placeholders
    cells.all = { table = "…", codes = { }, period = "last" }            # or "year_before"
    shares.share = { table = "…", codes = { sex = "F" } }                # of the table's total, in per cent
    tops.most = { table = "…", dimension = "…", count = 3 }              # the largest that are published
    when_suppressed = { fi = "…", sv = "…", en = "…" }                   # and other cases
"""

import string
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thassist import _data
from thassist.codes import TOTAL, classification
from thassist.messages import LANGUAGES
from thassist.tables.definition import Problem, Reader, nearest

if TYPE_CHECKING:
    from thassist.tables.model import TableSpec

#: Which of a table's periods: the one of the release, and the same a year earlier.
LAST, YEAR_BEFORE = "last", "year_before"
#: The cases for which a sentence may have other words, in the order in which they are asked.
CASES = ("when_suppressed", "when_not_known", "when_zero", "when_one", "when_break")
#: Periods of a year, by frequency.
IN_YEAR = {"A": 1, "S": 2, "Q": 4, "M": 12}
_CELL = (("table",), ("codes", "period"))


@dataclass(frozen=True, slots=True)
class CellAt:
    """A cell of a table: its codes by dimension (others stand at their total), in its last period or a year before."""

    table: str
    codes: Mapping[str, str]
    period: str = LAST


@dataclass(frozen=True, slots=True)
class Top:
    """The largest figures along a dimension in the last period; not known and the total are never among them."""

    table: str
    dimension: str
    count: int


@dataclass(frozen=True)
class Sentence:
    """A sentence of a chapter.

    Attributes:
        chapter: the chapter's id.
        texts: the sentence by language, with placeholders.
        variants: case → the sentence to say then; :data:`CASES`.
        cells, shares, tops: what stands at each placeholder; a share is of the table's total in the same period.
    """

    chapter: str
    texts: Mapping[str, str]
    variants: Mapping[str, Mapping[str, str]]
    cells: Mapping[str, CellAt]
    shares: Mapping[str, CellAt]
    tops: Mapping[str, Top]


@dataclass(frozen=True)
class KeyFigure:
    """A figure that stands first, with what it counts; compared with the year before where ``compare`` is set."""

    texts: Mapping[str, str]
    cell: CellAt
    compare: bool


@dataclass(frozen=True)
class Story:
    """All words of a release with figures in them."""

    key_figures: tuple[KeyFigure, ...] = ()
    sentences: tuple[Sentence, ...] = ()


def path_of(release_id: str) -> Path:
    """Where the words of a release are, if it has any: in its own file, or in that of the release it is based on."""
    texts, releases = _data.reports_dir() / "texts", _data.reports_dir() / "releases"
    own, definition = texts / f"{release_id}.toml", releases / f"{release_id}.toml"
    if own.is_file() or not definition.is_file():
        return own
    return texts / f"{_data.read_toml(definition).get('based_on', release_id)}.toml"


def load(release_id: str, tables: "Mapping[str, TableSpec]") -> Story:
    """The words of a release, without those on tables that it does not hold: a public release has fewer.

    Raises:
        InvalidDefinition: the file is wrong in itself, or names a figure that a table does not have: it would else be a
            zero.
    """
    path = path_of(release_id)
    if not path.is_file():
        return Story()
    story, problems = read(path)
    if problems:
        raise problems[0].error()
    story = _only(story, tables)
    for cell in _all_cells(story):
        for problem in _lint_cell(path.name, cell, tables):
            raise problem.error()
    return story


def _only(story: Story, tables: Container[str]) -> Story:
    return Story(
        tuple(figure for figure in story.key_figures if figure.cell.table in tables),
        tuple(sentence for sentence in story.sentences if all(cell.table in tables for cell in _cells_of(sentence))),
    )


def read(path: Path) -> tuple[Story, list[Problem]]:
    """The words in one file as far as they can be read, and everything that is wrong with the file in itself.

    Raises:
        InvalidDefinition: the file is missing or not TOML.
    """
    reader = Reader(path)
    data = reader.open((), ("key_figure", "sentence"))
    story = Story(
        tuple(
            _key_figure(reader, block, f"key_figure {place}")
            for place, block in enumerate(reader.blocks(data, "key_figure"), start=1)
        ),
        tuple(
            _sentence(reader, block, f"sentence {place}")
            for place, block in enumerate(reader.blocks(data, "sentence"), start=1)
        ),
    )
    return story, reader.problems


def lint(release_id: str, chapters: Mapping[str, tuple[str, ...]], tables: "Mapping[str, TableSpec]") -> list[Problem]:
    """Everything that is wrong with the words of a release, by itself and with the release's tables.

    Args:
        release_id: the release.
        chapters: chapter → its tables.
        tables: the definitions of the release's tables.

    Raises:
        InvalidDefinition: the file is not TOML.
    """
    path = path_of(release_id)
    if not path.is_file():
        return []
    story, problems = read(path)
    if path.stem != release_id:  # the words of another release; it is told there what is wrong with them
        return []
    for sentence in story.sentences:
        if sentence.chapter not in chapters:
            params = {"chapter": sentence.chapter, "nearest": nearest(sentence.chapter, chapters)}
            problems.append(Problem(path.name, "release.story_no_chapter", params))
    for cell in _all_cells(story):
        problems += _lint_cell(path.name, cell, tables)
    return problems


def _all_cells(story: Story) -> Iterator[CellAt]:
    yield from (figure.cell for figure in story.key_figures)
    for sentence in story.sentences:
        yield from _cells_of(sentence)


def _cells_of(sentence: Sentence) -> Iterator[CellAt]:
    yield from sentence.cells.values()
    yield from sentence.shares.values()
    yield from (CellAt(top.table, {top.dimension: TOTAL}) for top in sentence.tops.values())


def _lint_cell(file: str, cell: CellAt, tables: "Mapping[str, TableSpec]") -> Iterator[Problem]:
    if cell.table not in tables:
        params: dict[str, object] = {"table": cell.table, "nearest": nearest(cell.table, tables)}
        yield Problem(file, "release.story_no_table", params)
        return
    spec = tables[cell.table]
    known = [dimension.id for dimension in spec.dimensions]
    for name, code in cell.codes.items():
        if name not in known:
            params = {"table": cell.table, "dimension": name, "nearest": nearest(name, known)}
            yield Problem(file, "release.story_no_dimension", params)
        elif code != TOTAL and code not in (codes := classification(spec.dimension(name).classification).codes):
            params = {"table": cell.table, "dimension": name, "code": code, "nearest": nearest(code, codes)}
            yield Problem(file, "release.story_no_code", params)
    margin = tuple(name for name in known if cell.codes.get(name, TOTAL) != TOTAL)
    if margin not in spec.margins:
        params = {"table": cell.table, "codes": ", ".join(margin)}
        yield Problem(file, "release.story_no_margin", params)
    if cell.period == YEAR_BEFORE and spec.time.periods == 1:
        yield Problem(file, "release.story_no_year_before", {"table": cell.table})


def _key_figure(reader: Reader, block: dict[str, Any], place: str) -> KeyFigure:
    reader.keys(block, place, ("cell", *LANGUAGES), ("compare",))
    return KeyFigure(
        _texts(reader, block, place, ()),
        _cell(reader, reader.block(block, "cell"), f"{place}.cell"),
        reader.flag(block, place, "compare"),
    )


def _sentence(reader: Reader, block: dict[str, Any], place: str) -> Sentence:
    reader.keys(block, place, ("chapter", *LANGUAGES), ("cells", "shares", "tops", *CASES))
    cells, shares = (
        {
            name: _cell(reader, reader.block(given, name), f"{place}.{kind}.{name}")
            for given in [reader.block(block, kind)]
            for name in given
        }
        for kind in ("cells", "shares")
    )
    tops = {}
    for name in (given := reader.block(block, "tops")):
        top, at = reader.block(given, name), f"{place}.tops.{name}"
        reader.keys(top, at, ("table", "dimension", "count"))
        tops[name] = Top(
            reader.string(top, at, "table"),
            reader.string(top, at, "dimension"),
            reader.number(top, at, "count", default=3, least=1),
        )
    names = (*cells, *shares, *tops)
    texts = _texts(reader, block, place, names)
    variants = {}
    for case in CASES:
        if case in block:
            variant = reader.block(block, case)
            reader.keys(variant, f"{place}.{case}", (), LANGUAGES)
            variants[case] = _texts(reader, variant, f"{place}.{case}", names)
    said = {hole for each in (texts, *variants.values()) for hole in holes(next(iter(each.values()), ""))}
    for name in names:
        if name not in said:
            reader.note("release.story_unused", key=place, name=name)
    compared: dict[str, set[str]] = {}
    for cell in cells.values():
        compared.setdefault(cell.table, set()).add(cell.period)
    if "when_break" not in variants and any(len(periods) > 1 for periods in compared.values()):
        reader.note("release.story_no_break", key=place)
    return Sentence(reader.string(block, place, "chapter"), texts, variants, cells, shares, tops)


def _cell(reader: Reader, block: dict[str, Any], place: str) -> CellAt:
    reader.keys(block, place, *_CELL)
    codes = reader.block(block, "codes")
    return CellAt(
        reader.string(block, place, "table"),
        {name: reader.string(codes, f"{place}.codes", name) for name in codes},
        reader.choice(block, place, "period", (LAST, YEAR_BEFORE), LAST),
    )


def _texts(reader: Reader, block: dict[str, Any], place: str, names: tuple[str, ...]) -> dict[str, str]:
    """A text in every language, with the same placeholders in each, and each of them known."""
    found: dict[str, str] = {}
    first: set[str] | None = None
    for lang in LANGUAGES:
        text = block.get(lang)
        if not isinstance(text, str) or not text.strip():
            reader.note("tables.no_text", key=place, lang=lang)
            text = ""
        here = holes(text)
        for name in sorted(here.difference(names)):
            reader.note("release.story_placeholder", key=place, lang=lang, name=name, nearest=nearest(name, names))
        if text and first is not None and here != first:
            reader.note("release.story_placeholders_differ", key=place, lang=lang)
        first = here if text and first is None else first
        found[lang] = text.strip()
    return found


def holes(text: str) -> set[str]:
    """The placeholders of a text; a text with a single brace is one itself."""
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:
        return {text}
