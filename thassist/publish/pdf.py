"""The PDF: cover, key figures, contents, chapters with words, tables and charts, and what to know of their quality.

Fonts are embedded, everything is tagged (:mod:`thassist.publish.pdf_tags`), and no time of day is written, so that the
same document gives the same bytes. The pages are drawn once; what is known only at the end (the number of pages, the
pages in the contents) is added to them then.
"""

from pathlib import Path
from typing import cast

from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    KeepTogether,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Spacer,
)

from thassist import __version__
from thassist.publish import pdf_style as style
from thassist.publish.page import Chapter, Document, Grid, Picture
from thassist.publish.pdf_chart import BarChart
from thassist.publish.pdf_figures import cards
from thassist.publish.pdf_flow import Boxed, Entry, Heading, Headings, Rule, pairs, words
from thassist.publish.pdf_routes import RouteChart
from thassist.publish.pdf_table import Fitted, fit
from thassist.publish.pdf_tags import About, Element, TaggedCanvas
from thassist.publish.texts import number, say

_MARGIN = 20 * mm
_UPRIGHT, _LYING = "upright", "lying"
_SIZES = {_UPRIGHT: A4, _LYING: landscape(A4)}
_WIDTHS = {name: size[0] - 2 * _MARGIN for name, size in _SIZES.items()}
_NAMES = 48 * mm


def write(document: Document, path: Path) -> None:
    """Write a release in one language as a PDF.

    Raises:
        OSError: the disk refused.
    """
    style.register_fonts()
    headings = Headings()
    entries: list[Entry] = []
    story = _story(document, headings, entries)
    _Template(document, path, entries).build(story, canvasmaker=TaggedCanvas)


class _Template(BaseDocTemplate):
    """Pages with the warnings above and the number below; headings are found again for the contents."""

    def __init__(self, document: Document, path: Path, entries: list[Entry]) -> None:
        title = f"{document.title}, {document.period}"
        super().__init__(
            str(path),
            title=title,
            author=document.publisher,
            subject=" ".join(document.banners),
            creator=f"thassist {__version__}",
            lang=document.lang,
            displayDocTitle=1,
            invariant=1,
            initialFontName=style.PLAIN,
            pageTemplates=[
                PageTemplate(
                    name,
                    [Frame(_MARGIN, _MARGIN, size[0] - 2 * _MARGIN, size[1] - 2 * _MARGIN, 0, 0, 0, 0)],
                    pagesize=size,
                )
                for name, size in _SIZES.items()
            ],
        )
        self._document, self._entries = document, entries
        self._about = About(title, document.publisher, document.lang, f"thassist {__version__}")
        self._sizes: list[tuple[float, float]] = []
        self._found: dict[str, int] = {}

    def beforeDocument(self) -> None:  # noqa: N802 - reportlab's hook
        """Say what the file is, and what is left to do when its pages are drawn."""
        canvas = cast("TaggedCanvas", self.canv)
        canvas.about = self._about
        canvas.at_end = self._finish

    def afterPage(self) -> None:  # noqa: N802 - reportlab's hook
        """Remember how the page lies."""
        self._sizes.append(_SIZES[str(self.pageTemplate.id)])

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802 - reportlab's hook
        """Remember the page of a heading."""
        if isinstance(flowable, Heading):
            self._found[flowable.key] = self.page

    def _finish(self) -> None:
        canvas = cast("TaggedCanvas", self.canv)
        for entry in self._entries:
            entry.number(canvas, self._found[entry.heading.key])
        for page, (width, height) in enumerate(self._sizes):
            with canvas.later(page), canvas.artifact("Pagination"):
                self._frame(canvas, page + 1, width, height)

    def _frame(self, canvas: TaggedCanvas, page: int, width: float, height: float) -> None:
        lang = self._document.lang
        canvas.setFont(style.BOLD, 7.5)
        canvas.drawString(_MARGIN, height - 12 * mm, style.drawable(self._document.mark))
        canvas.setFont(style.PLAIN, 7.5)
        if page > 1:
            canvas.drawString(_MARGIN, 12 * mm, style.drawable(self._about.title))
        canvas.drawRightString(width - _MARGIN, 12 * mm, say("page_of", lang, page=page, pages=len(self._sizes)))


def _story(document: Document, headings: Headings, entries: list[Entry]) -> list[Flowable]:
    body: list[Flowable] = []
    upright = True
    for chapter in document.chapters:
        upright = _chapter(document, chapter, body, headings, upright=upright)
    if not upright:
        body += [NextPageTemplate(_UPRIGHT), PageBreak()]
    last = _last(document, headings)
    whole: list[Element] = []
    entries += [Entry(heading, whole) for heading in headings.made]
    first = [*_cover(document), *_summary(document)]
    return [*first, words(say("contents", document.lang), style.CHAPTER, "H2"), *entries, PageBreak(), *body, *last]


def _cover(document: Document) -> list[Flowable]:
    lang = document.lang
    story: list[Flowable] = [
        Spacer(0, 45 * mm),
        words(document.title, style.TITLE, "H1"),
        Spacer(0, 2 * mm),
        words(document.period, style.SUBTITLE),
        Rule(style.INK, 1.5),
        Spacer(0, 3 * mm),
        words(document.publisher, style.BODY),
        Spacer(0, 12 * mm),
    ]
    for banner in document.banners:
        story += [Boxed(banner, style.BANNER), Spacer(0, 3 * mm)]
    story += [Spacer(0, 8 * mm), words(say("accessibility_statement", lang), style.FACT), PageBreak()]
    return story


def _summary(document: Document) -> list[Flowable]:
    """The key figures, and what to know before reading any figure; a page that a reader in a hurry reads alone."""
    lang = document.lang
    story: list[Flowable] = []
    if document.key_figures:
        story.append(words(say("key_figures", lang), style.CHAPTER, "H2"))
        story += cards(document.key_figures)
    general = [note for note in document.notes if not note.tables]
    if general:
        story.append(words(say("before_reading", lang), style.CHAPTER, "H2"))
        story += [words(note.text, style.BODY) for note in general]
    story.append(KeepTogether([words(say("symbols", lang), style.SECTION, "H3"), *pairs(document.symbols, 15 * mm)]))
    return [*story, PageBreak()]


def _last(document: Document, headings: Headings) -> list[Flowable]:
    """Quality and imprint."""
    lang = document.lang
    story: list[Flowable] = [CondPageBreak(80 * mm)]
    if document.quality:
        story.append(headings.make(say("quality", lang), 0))
        for title, text in document.quality:
            story.append(KeepTogether([words(title, style.SECTION, "H3"), words(text, style.BODY)]))
    about = [headings.make(say("about", lang), 0), *pairs(document.facts, _NAMES)]
    return [*story, KeepTogether(about)]


def _chapter(document: Document, chapter: Chapter, story: list[Flowable], headings: Headings, *, upright: bool) -> bool:
    """Add a chapter; says whether the page at its end stands upright."""
    opening: list[Flowable] = [headings.make(chapter.title, 0)]  # never alone at the foot of a page
    opening += [words(sentence.text, style.BODY) for sentence in chapter.sentences]
    for grid in chapter.tables:
        fitted = fit(grid, document.lang, _WIDTHS[_UPRIGHT], _WIDTHS[_LYING])
        if fitted.upright != upright:
            upright = fitted.upright
            story += [NextPageTemplate(_UPRIGHT if upright else _LYING), PageBreak()]
        story += _table(document, grid, fitted, [*opening, headings.make(f"{grid.name}: {grid.title}", 1)])
        opening = []
        for picture in (picture for picture in chapter.pictures if picture.table == grid.id):
            story.append(_picture(picture, document.lang, headings))
    return upright


def _table(document: Document, grid: Grid, fitted: Fitted, opening: list[Flowable]) -> list[Flowable]:
    """A table under its headings and over its notes, a long one under them; in parts where it is too wide."""
    lang = document.lang
    head = [*opening]
    head += [words(f"{name}: {text}", style.FACT) for name, text in grid.facts]
    if grid.essence is not None:
        total = number(len(grid.rows), 0, lang)
        text = say("shortened", lang, shown=len(grid.essence), total=total, file=f"data/{grid.id}.csv")
        head.append(words(text, style.FACT_BOLD))
    head.append(Spacer(0, 2 * mm))
    texts = {note.number: note.text for note in document.notes}
    notes = [words(f"{say('note_name', lang, number=each)}. {texts[each]}", style.NOTE, "Note") for each in grid.notes]
    if fitted.short:  # stays whole: heading, figures and notes on one page
        return [KeepTogether([*head, *fitted.parts, Spacer(0, 2 * mm), *notes])]
    head = [*head[:-1], *notes, head[-1]]
    if len(fitted.parts) == 1:
        return [CondPageBreak(70 * mm), *head, *fitted.parts]
    story: list[Flowable] = []
    for place, part in enumerate(fitted.parts, start=1):
        name = say("part_of", lang, name=grid.name, place=place, parts=len(fitted.parts))
        named = [*head, words(name, style.FACT_BOLD), part]
        story += [KeepTogether(named)] if fitted.few else [CondPageBreak(70 * mm), *named]
        head = [Spacer(0, 3 * mm)]
    return story


def _picture(picture: Picture, lang: str, headings: Headings) -> Flowable:
    parts: list[Flowable] = [
        headings.make(picture.title, 1),
        words(picture.unit, style.FACT),
        RouteChart(picture) if picture.stages else BarChart(picture, lang),
        *(words(text, style.NOTE) for _, text in picture.breaks),
        words(picture.words, style.NOTE),
    ]
    return KeepTogether(parts)
