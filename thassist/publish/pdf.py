"""The PDF: cover, contents with page numbers and bookmarks, chapters with tables and charts, notes.

Fonts are embedded, language and title are set, and no time of day is written (``invariant``), so that the same
document gives the same bytes. The file is not tagged: the workbook is the accessible original.
"""

from pathlib import Path

from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
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
    Table,
    TableStyle,
)
from reportlab.platypus.tableofcontents import TableOfContents

from thassist import __version__
from thassist.publish import pdf_style as style
from thassist.publish.page import Chapter, Document, Grid, Picture
from thassist.publish.pdf_chart import bar_chart
from thassist.publish.pdf_table import Fitted, fit
from thassist.publish.texts import number, say

_MARGIN = 20 * mm
#: Even a table of paragraphs selects a font of its own, and one that is not embedded is a fault in the file.
_FONT = ("FONTNAME", (0, 0), (-1, -1), style.PLAIN)
_UPRIGHT, _LYING = "upright", "lying"
_SIZES = {_UPRIGHT: A4, _LYING: landscape(A4)}
_WIDTHS = {name: size[0] - 2 * _MARGIN for name, size in _SIZES.items()}


def write(document: Document, path: Path) -> None:
    """Write a release in one language as a PDF."""
    style.register_fonts()
    _Template(document, path).multiBuild(_story(document))


class _Template(BaseDocTemplate):
    """Pages with the warnings above and the number below; headings enter the contents and the bookmarks."""

    def __init__(self, document: Document, path: Path) -> None:
        super().__init__(
            str(path),
            title=f"{document.title}, {document.period}",
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
                    onPage=self._frame_page,
                    pagesize=size,
                )
                for name, size in _SIZES.items()
            ],
        )
        self._document = document
        self._pages = self._last = 0

    def beforeDocument(self) -> None:  # noqa: N802 - reportlab's hook
        """Remember how many pages the pass before had: it is what *page x of y* needs."""
        self._pages, self._last = self._last, 0

    def afterPage(self) -> None:  # noqa: N802 - reportlab's hook
        """Count."""
        self._last = self.page

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802 - reportlab's hook
        """Enter a heading in the contents and the bookmarks."""
        if isinstance(flowable, style.Heading):
            key = f"h{flowable.place}"
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(flowable.words, key, flowable.level, closed=flowable.level > 0)
            self.notify("TOCEntry", (flowable.level, style.escape(flowable.words), self.page, key))

    def _frame_page(self, canvas: Canvas, _document: BaseDocTemplate) -> None:
        lang = self._document.lang
        width, height = _SIZES[str(self.pageTemplate.id)]
        canvas.saveState()
        canvas.setFont(style.BOLD, 7.5)
        canvas.drawString(_MARGIN, height - 12 * mm, style.drawable(self._document.mark))
        canvas.setFont(style.PLAIN, 7.5)
        if self.page > 1:
            title = f"{self._document.title}, {self._document.period}"
            canvas.drawString(_MARGIN, 12 * mm, style.drawable(title))
        page = say("page_of", lang, page=self.page, pages=self._pages or self.page)
        canvas.drawRightString(width - _MARGIN, 12 * mm, page)
        canvas.restoreState()


def _story(document: Document) -> list[Flowable]:
    lang = document.lang
    headings = style.Headings()
    story: list[Flowable] = [*_cover(document), PageBreak()]
    story.append(style.paragraph(say("contents", lang), style.CHAPTER))
    contents = TableOfContents(levelStyles=[style.CONTENTS_CHAPTER, style.CONTENTS_TABLE], dotsMinLevel=0)
    contents.tableStyle = TableStyle([_FONT, ("VALIGN", (0, 0), (-1, -1), "TOP"), ("PADDING", (0, 0), (-1, -1), 0)])
    story += [contents, PageBreak()]
    general = [note for note in document.notes if not note.tables]
    if general:
        story.append(headings.make(say("notes", lang), 0))
        story += [style.paragraph(f"{note.text}", style.BODY) for note in general]
        story.append(Spacer(0, 6 * mm))
    upright = True
    for chapter in document.chapters:
        upright = _chapter(document, chapter, story, headings, upright=upright)
    return story


def _cover(document: Document) -> list[Flowable]:
    lang = document.lang
    story: list[Flowable] = [
        Spacer(0, 25 * mm),
        style.paragraph(document.title, style.TITLE),
        style.paragraph(document.period, style.SUBTITLE),
        style.paragraph(document.publisher, style.BODY),
        Spacer(0, 8 * mm),
    ]
    for banner in document.banners:
        box = Table([[style.paragraph(banner, style.BANNER)]], colWidths=[_WIDTHS[_UPRIGHT]])
        box.setStyle(TableStyle([("BOX", (0, 0), (-1, -1), 1.2, style.INK), ("PADDING", (0, 0), (-1, -1), 7), _FONT]))
        story += [box, Spacer(0, 3 * mm)]
    story += [Spacer(0, 5 * mm), _pairs(document.facts, 55 * mm), Spacer(0, 8 * mm)]
    story += [style.paragraph(say("symbols", lang), style.SECTION), _pairs(document.symbols, 15 * mm)]
    return story


def _pairs(pairs: tuple[tuple[str, str], ...], first: float) -> Table:
    """Names and texts in two columns without lines."""
    rows = [[style.paragraph(name, style.CELL_BOLD), style.paragraph(text, style.CELL)] for name, text in pairs]
    table = Table(rows, colWidths=[first, _WIDTHS[_UPRIGHT] - first])
    table.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("PADDING", (0, 0), (-1, -1), 2), _FONT]))
    return table


def _chapter(
    document: Document, chapter: Chapter, story: list[Flowable], headings: style.Headings, *, upright: bool
) -> bool:
    """Add a chapter; says whether the page at its end stands upright."""
    opening: list[Flowable] = [headings.make(chapter.title, 0)]  # never alone at the foot of a page
    for grid in chapter.tables:
        fitted = fit(grid, document.lang, _WIDTHS[_UPRIGHT], _WIDTHS[_LYING])
        if fitted.upright != upright:
            upright = fitted.upright
            story += [NextPageTemplate(_UPRIGHT if upright else _LYING), PageBreak()]
        story += _table(document, grid, fitted, [*opening, headings.make(f"{grid.name}: {grid.title}", 1)])
        opening = []
        for picture in (picture for picture in chapter.pictures if picture.table == grid.id):
            story.append(_picture(picture, document.lang, headings, _WIDTHS[_UPRIGHT if upright else _LYING]))
    return upright


def _table(document: Document, grid: Grid, fitted: Fitted, opening: list[Flowable]) -> list[Flowable]:
    """A table under its headings and over its notes; in parts one below the other where it is too wide."""
    lang = document.lang
    head = [*opening]
    head += [style.paragraph(f"{name}: {text}", style.FACT) for name, text in grid.facts]
    if grid.essence is not None:
        total = number(len(grid.rows), 0, lang)
        text = say("shortened", lang, shown=len(grid.essence), total=total, file=f"data/{grid.id}.csv")
        head.append(style.paragraph(text, style.FACT_BOLD))
    head.append(Spacer(0, 2 * mm))
    texts = {note.number: note.text for note in document.notes}
    notes = [
        style.paragraph(f"{say('note_name', lang, number=each)}. {texts[each]}", style.NOTE) for each in grid.notes
    ]
    foot = [Spacer(0, 2 * mm), *notes, Spacer(0, 8 * mm)]
    if fitted.short:  # stays whole: heading, figures and notes on one page
        return [KeepTogether([*head, *fitted.parts, *foot])]
    story: list[Flowable] = [CondPageBreak(55 * mm), *head]
    for place, part in enumerate(fitted.parts, start=1):
        if len(fitted.parts) > 1:
            name = say("part_of", lang, name=grid.name, place=place, parts=len(fitted.parts))
            story += [CondPageBreak(40 * mm), style.paragraph(name, style.FACT_BOLD)]
        story += [part, Spacer(0, 3 * mm)]
    return [*story, *foot]


def _picture(picture: Picture, lang: str, headings: style.Headings, width: float) -> Flowable:
    parts: list[Flowable] = [
        headings.make(picture.title, 1),
        style.paragraph(picture.unit, style.FACT),
        bar_chart(picture, lang, width),
        style.paragraph(picture.words, style.NOTE),
        Spacer(0, 8 * mm),
    ]
    return KeepTogether(parts)
