"""What every writer receives: a release in one language, as texts and grids of figures.

A writer places and styles what stands here. It computes nothing, looks nothing up and knows no code list.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One value cell: a number, or the sign that says why there is none."""

    value: float | int | None
    sign: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a grid. ``total`` marks the row over all; writers may set it apart, never by colour alone."""

    stub: tuple[str, ...]
    figures: tuple[Figure, ...]
    total: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """One table in one language: one header row, stub columns at the left, figures, nothing merged.

    Attributes:
        id: the table's id, the same in every language.
        name: what the table is called here, for example ``Table 3``.
        title: what the table shows, the period included.
        facts: name and text of population, unit, and the like.
        notes: numbers of the notes that belong to the table.
        stub_headers, headers: the header row; unique, none empty.
        rows: totals first, then the order of the classifications.
        decimals: of every figure.
        essence: the indices of the rows to show where space is short; None where all must be shown.
    """

    id: str
    name: str
    title: str
    facts: tuple[tuple[str, str], ...]
    notes: tuple[int, ...]
    stub_headers: tuple[str, ...]
    headers: tuple[str, ...]
    rows: tuple[Row, ...]
    decimals: int = 0
    essence: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A numbered note, and the names of the tables it belongs to; none where it belongs to the whole release."""

    number: int
    text: str
    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stream:
    """How many go from one category to one of the next stage: of a chart of routes."""

    stage: int
    source: str
    target: str
    value: float | int


@dataclass(frozen=True, slots=True)
class Picture:
    """A bar chart: a title, one bar a category, and the same in words for who cannot see it.

    ``name`` is what the chart is called, for example ``Figure 3``; ``table`` the id of the table that it shows.
    ``breaks`` are breaks of the series: the index of the first bar after each, and what changed. A chart of routes has
    ``stages`` (what each column is, and its categories in reading order) and ``streams`` between them instead of bars.
    """

    name: str
    title: str
    table: str
    unit: str
    bars: tuple[tuple[str, Figure], ...]
    words: str
    decimals: int = 0
    breaks: tuple[tuple[int, str], ...] = ()
    stages: tuple[tuple[str, tuple[str, ...]], ...] = ()
    streams: tuple[Stream, ...] = ()


#: A cell of a release: the id of its table, then its address there, the period first.
CellPlace = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with figures filled in. ``cells`` are all the cells that it shows, also as part of a share."""

    text: str
    cells: tuple[CellPlace, ...]


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A figure that stands first, and the same a year earlier.

    Attributes:
        label: what it counts.
        shown: the figure as its reader writes it, or the sign that says why there is none.
        before: what it is compared with, or why it is not; empty where nothing is said.
        cells: the cells that it shows.
    """

    label: str
    shown: str
    before: str
    cells: tuple[CellPlace, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """Tables that belong together, after what they say in words; the pictures follow the table they show."""

    title: str
    tables: tuple[Grid, ...]
    pictures: tuple[Picture, ...] = ()
    sentences: tuple[Sentence, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A release in one language.

    Attributes:
        lang: the language of everything in it.
        title, period: what and when; ``period`` as its reader writes it.
        banners: warnings that stand first: audience, made-up data, provisional figures.
        mark: the same in a few words, for the head of every page.
        facts: name and text: publisher, contact, source, snapshot and the like.
        symbols: sign and meaning of everything that may stand in a cell.
        notes: all notes, by number.
        chapters: the content.
        day: the last day on which a record was entered (ISO); the only date in a file.
        publisher: the author as the file's properties name it.
        key_figures: what a reader wants to know first.
        quality: what a reader must know of the figures' quality, as heading and text.
    """

    lang: str
    title: str
    period: str
    banners: tuple[str, ...]
    mark: str
    facts: tuple[tuple[str, str], ...]
    symbols: tuple[tuple[str, str], ...]
    notes: tuple[Note, ...]
    chapters: tuple[Chapter, ...]
    day: str
    publisher: str
    key_figures: tuple[KeyFigure, ...] = ()
    quality: tuple[tuple[str, str], ...] = ()

    @property
    def tables(self) -> tuple[Grid, ...]:
        """All tables in reading order."""
        return tuple(table for chapter in self.chapters for table in chapter.tables)

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """All charts in reading order."""
        return tuple(picture for chapter in self.chapters for picture in chapter.pictures)
