"""From a release to a document in one language: every text and figure that a writer will place.

Notes are numbered through the whole release, and a text that several tables share is one note.
"""

from collections.abc import Iterable

from thassist import __version__
from thassist.codes import TOTAL
from thassist.publish import grid, quality, revised, routes, story, texts
from thassist.publish.page import Chapter, Document, Figure, Grid, Note, Picture
from thassist.publish.texts import say, standing
from thassist.release import analyst
from thassist.release.build import Release
from thassist.release.spec import ROUTES, Chart
from thassist.tables.breaks import SeriesBreak
from thassist.tables.cube import Cube, Status
from thassist.tables.spec import TIME

_LARGEST = 3
_FLAGGED = {Status.BREAK: "break", Status.PROVISIONAL: "provisional"}


def document(release: Release, lang: str) -> Document:
    """A release in one language.

    Raises:
        InvalidDefinition: a table cannot be laid out as its definition says.
    """
    spec = release.spec
    banners = _banners(release, lang)
    names = {table: say("table_name", lang, number=place) for place, table in enumerate(spec.tables, start=1)}
    notes = _Notes()
    for note in spec.notes:
        notes.add(note[lang], None)
    grids = {cube.spec.id: _grid(release, cube, lang, names[cube.spec.id], notes) for cube in release.cubes}
    said = story.sentences(release, lang)
    chapters = []
    figures = 0
    for chapter in spec.chapters:
        pictures = []
        for chart in (chart for chart in spec.charts if chart.table in chapter.tables):
            figures += 1
            pictures.append(_picture(release, chart, lang, figures, names[chart.table]))
        chapters.append(
            Chapter(
                chapter.titles[lang],
                tuple(grids[table] for table in chapter.tables),
                tuple(pictures),
                said.get(chapter.id, ()),
            )
        )
    changed = revised.chapter(release, lang, say("table_name", lang, number=len(spec.tables) + 1))
    if changed:
        chapters.append(changed)
    return Document(
        lang=lang,
        title=spec.titles[lang],
        period=texts.period(release.period, lang),
        banners=banners,
        mark=" · ".join(banner.partition(".")[0] for banner in banners),
        facts=_facts(release, lang),
        symbols=texts.symbols(lang),
        notes=notes.all(),
        chapters=tuple(chapters),
        day=release.as_of.isoformat(),
        publisher=spec.publisher[lang],
        key_figures=story.key_figures(release, lang),
        quality=quality.description(release, lang),
    )


class _Notes:
    """Gathers notes in the order of their first use, and which tables use them."""

    def __init__(self) -> None:
        self._tables: dict[str, list[str]] = {}

    def add(self, text: str, table: str | None) -> int:
        """The number of a note, which now belongs to this table too; None for the whole release."""
        tables = self._tables.setdefault(text, [])
        if table is not None and table not in tables:
            tables.append(table)
        return list(self._tables).index(text) + 1

    def all(self) -> tuple[Note, ...]:
        return tuple(
            Note(number, text, tuple(tables)) for number, (text, tables) in enumerate(self._tables.items(), start=1)
        )


def _banners(release: Release, lang: str) -> tuple[str, ...]:
    everybody = release.spec.audience == "public"
    banners = [] if everybody else [standing("banner", release.spec.audience, lang)]
    if release.synthetic:
        banners.append(standing("banner", "synthetic", lang))
    if release.provisional:
        banners.append(standing("banner", "provisional", lang, as_of=texts.day(release.as_of, lang)))
    return tuple(banners)


def _facts(release: Release, lang: str) -> tuple[tuple[str, str], ...]:
    spec = release.spec
    facts: tuple[tuple[str, str], ...] = (
        (say("period", lang), texts.period_days(release.period, lang)),
        (say("publisher", lang), spec.publisher[lang]),
        (say("contact", lang), spec.contact[lang]),
        (say("source", lang), spec.source[lang]),
        (say("licence", lang), spec.licence.titles[lang]),
        (say("snapshot", lang), release.snapshot),
        (say("as_of", lang), texts.day(release.as_of, lang)),
        (say("records_span", lang), texts.days(release.first, release.last, lang)),
        (say("table_count", lang), str(len(spec.tables))),
        (say("languages", lang), say("languages_text", lang)),
        (say("software", lang), f"thassist {__version__}"),
    )
    if release.rounded is not None:
        told = say("rounded", lang, base=release.rounded.base, most=release.rounded.most)
        facts = (*facts, (say("rounding", lang), told))
    if release.revisions is None:
        return facts
    return (*facts, (say("revisions", lang), revised.summary(release.revisions, lang)))


def _grid(release: Release, cube: Cube, lang: str, name: str, notes: _Notes) -> Grid:
    numbers = sorted(notes.add(text, name) for text in _table_notes(release, cube, lang))
    marks: dict[str, list[str]] = {}
    for each in cube.breaks:
        mark = say("note_mark", lang, number=notes.add(_break(each, cube, lang), name))
        marks.setdefault(each.period, []).append(mark)
    stub, headers, rows = grid.arrange(cube, lang, {period: " ".join(said) for period, said in marks.items()})
    title = say("title_period", lang, title=cube.spec.titles[lang], period=texts.periods(cube.periods, lang))
    unit = cube.spec.unit.labels[lang]
    return Grid(
        id=cube.spec.id,
        name=name,
        title=title,
        facts=(
            (say("population", lang), cube.spec.population.texts[lang]),
            (say("unit", lang), unit),
        ),
        notes=tuple(numbers),
        stub_headers=stub,
        headers=headers,
        rows=rows,
        decimals=cube.spec.measure.decimals,
        essence=grid.essence(cube, release.spec.pdf_longest_table, lang),
    )


def _table_notes(release: Release, cube: Cube, lang: str) -> Iterable[str]:
    """The texts of a table's notes: its own, then what its time, its flagged cells and its dates call for."""
    for note in cube.spec.notes:
        yield note[lang]
    for each in cube.breaks:
        yield _break(each, cube, lang)
    if cube.spec.time.reference == "stock":
        yield standing("note", "stock", lang, day=texts.day(cube.periods[-1].end, lang))
    for status, name in _FLAGGED.items():
        flagged = {key[0] for key, cell in cube.cells.items() if cell.status == status}
        if flagged and not (status is Status.BREAK and cube.breaks):  # a known break says more for itself
            spans = ", ".join(texts.period(span, lang) for span in cube.periods if span.code in flagged)
            yield standing("note", name, lang, periods=spans)
    changed = revised.note(cube, release, lang)
    if changed:
        yield changed
    yield from analyst.said(cube, lang)
    if cube.unplaced:
        yield standing("note", "unplaced", lang, count=cube.unplaced)


def _break(each: SeriesBreak, cube: Cube, lang: str) -> str:
    """A break of a series as a note: from when, and what changed."""
    span = next(span for span in cube.periods if span.code == each.period)
    return say("break_note", lang, period=texts.period(span, lang), text=each.texts[lang])


def _picture(release: Release, chart: Chart, lang: str, number: int, table: str) -> Picture:
    cube = release.cube(chart.table)
    if chart.kind == ROUTES:
        return _route(cube, chart, lang, number, table)
    axes = grid.Axes(cube, lang)
    last = cube.periods[-1]
    shown: list[tuple[str, Figure]] = []
    for code in axes.codes(chart.dimension):
        if code != TOTAL:
            place = {TIME: last.code, chart.dimension: code}
            cell = grid.lookup(cube, tuple(place.get(name, TOTAL) for name in axes.names))
            shown.append((code, grid.figure(cell)))
    hidden = any(figure.value is None and figure.sign == texts.sign(Status.SUPPRESSED.value) for _, figure in shown)
    if chart.largest:  # by what is published: a hidden figure takes part in no choice
        kept = sorted(shown, key=lambda bar: (-(bar[1].value or 0), bar[0]))[: chart.largest]
        shown = [bar for bar in shown if bar in kept]
    bars = [(axes.label(chart.dimension, code), figure) for code, figure in shown]
    return Picture(
        name=say("figure_name", lang, number=number),
        title=say(
            "figure_title",
            lang,
            name=say("figure_name", lang, number=number),
            title=chart.titles[lang],
            period=texts.periods(cube.periods if chart.dimension == TIME else (last,), lang),
        ),
        table=chart.table,
        unit=say("unit_in", lang, unit=cube.spec.unit.labels[lang]),
        bars=tuple(bars),
        words=" ".join(
            [
                _words(bars, cube.spec.measure.decimals, lang, table),
                *([say("figures_withheld", lang)] if hidden else []),
            ]
        ),
        decimals=cube.spec.measure.decimals,
        breaks=_bar_breaks(cube, [code for code, _ in shown], lang) if chart.dimension == TIME else (),
    )


def _route(cube: Cube, chart: Chart, lang: str, number: int, table: str) -> Picture:
    """A chart of routes through the dimensions of a table."""
    stages, streams = routes.read(cube, chart.dimensions, chart.largest, lang)
    name = say("figure_name", lang, number=number)
    period = texts.period(cube.periods[-1], lang)
    decimals = cube.spec.measure.decimals
    ways = [(say("way", lang, source=each.source, target=each.target), Figure(each.value)) for each in streams]
    return Picture(
        name=name,
        title=say("figure_title", lang, name=name, title=chart.titles[lang], period=period),
        table=chart.table,
        unit=say("unit_in", lang, unit=cube.spec.unit.labels[lang]),
        bars=(),
        words=_words(ways, decimals, lang, table, "route_words"),
        decimals=decimals,
        stages=stages,
        streams=streams,
    )


def _bar_breaks(cube: Cube, codes: list[str], lang: str) -> tuple[tuple[int, str], ...]:
    return tuple((codes.index(each.period), each.texts[lang]) for each in cube.breaks if each.period in codes[1:])


def _words(bars: list[tuple[str, Figure]], decimals: int, lang: str, table: str, entry: str = "figure_words") -> str:
    """The picture in words, for who cannot see it: its largest figures, and where all of them stand."""
    known = [(label, shown.value) for label, shown in bars if shown.value]
    if not known:
        return say(f"{entry}_none", lang, table=table)
    largest = sorted(known, key=lambda bar: -bar[1])[:_LARGEST]
    named = ", ".join(
        say("figure_value", lang, label=label, value=texts.number(value, decimals, lang)) for label, value in largest
    )
    return say(entry, lang, table=table, largest=named)
