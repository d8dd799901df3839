"""The pieces of a page, each drawn under its own mark: paragraphs, headings, boxes, pairs, lines of the contents."""

from collections.abc import Sequence
from typing import Any

from reportlab.lib.colors import Color
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable, Paragraph

from thassist.publish import pdf_style as style
from thassist.publish.pdf_tags import Element, TaggedCanvas, canvas_of


class Words(Paragraph):
    """A paragraph. Its parts on several pages are one element."""

    def __init__(self, text: Any, look: ParagraphStyle, *args: Any, kind: str = "P", **options: Any) -> None:
        super().__init__(text, look, *args, **options)
        self.kind = kind
        self.whole: list[Element] = []

    def split(self, width: float, height: float) -> list[Flowable]:
        """The part that has room and the rest."""
        parts = super().split(width, height)
        for part in parts:
            if isinstance(part, Words):
                part.kind, part.whole = self.kind, self.whole
        return parts

    def draw(self) -> None:
        """Draw under its mark."""
        canvas = canvas_of(self)
        if not self.whole:
            self.whole.append(canvas.section.add(self.kind))
        with canvas.tagged(self.whole[0]):
            super().draw()


def words(text: str, look: ParagraphStyle, kind: str = "P") -> Words:
    """A paragraph of plain text."""
    return Words(style.escape(text), look, kind=kind)


class Heading(Words):
    """A heading, which enters the contents and the bookmarks; a chapter opens a section of the structure."""

    def __init__(self, text: str, level: int, place: int) -> None:
        super().__init__(style.escape(text), style.SECTION if level else style.CHAPTER, kind=f"H{level + 2}")
        self.words = style.drawable(text)
        self.level = level
        self.key = f"h{place}"
        self.keepWithNext = 1

    def draw(self) -> None:
        """Draw, and be found."""
        canvas = canvas_of(self)
        if not self.level:
            canvas.section = canvas.tree.add("Sect")
        canvas.bookmarkPage(self.key)
        canvas.addOutlineEntry(self.words, self.key, self.level, closed=self.level > 0)
        super().draw()


class Headings:
    """Makes headings, and lists them in their order."""

    def __init__(self) -> None:
        self.made: list[Heading] = []

    def make(self, text: str, level: int) -> Heading:
        """The next heading; ``level`` 0 is a chapter, 1 a table or a figure."""
        self.made.append(Heading(text, level, len(self.made) + 1))
        return self.made[-1]


class Rule(Flowable):
    """A thin line across; decoration only."""

    def __init__(self, color: Color = style.LINE, thickness: float = 0.5) -> None:
        super().__init__()
        self._color, self._thickness = color, thickness

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """As wide as there is room."""
        self.width = width
        return width, 4

    def draw(self) -> None:
        """Draw the line as an artifact."""
        canvas = canvas_of(self)
        with canvas.artifact("Layout"):
            canvas.setStrokeColor(self._color)
            canvas.setLineWidth(self._thickness)
            canvas.line(0, 2, self.width, 2)


class Boxed(Flowable):
    """A paragraph in a frame."""

    _PAD = 7

    def __init__(self, text: str, look: ParagraphStyle) -> None:
        super().__init__()
        self._words = words(text, look)

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """The paragraph and the space around it."""
        _, inner = self._words.wrap(width - 2 * self._PAD, height)
        self._size = width, inner + 2 * self._PAD
        return self._size

    def draw(self) -> None:
        """The frame is an artifact, the words are a paragraph."""
        canvas = canvas_of(self)
        with canvas.artifact("Layout"):
            canvas.setStrokeColor(style.INK)
            canvas.setLineWidth(1.2)
            canvas.rect(0, 0, *self._size)
        self._words.drawOn(canvas, self._PAD, self._PAD)


class Pair(Flowable):
    """A name and what it means, side by side: an item of a list."""

    def __init__(self, name: str, text: str, first: float, whole: list[Element]) -> None:
        super().__init__()
        self._name, self._text = style.paragraph(name, style.CELL_BOLD), style.paragraph(text, style.CELL)
        self._first, self._whole = first, whole

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """As high as the higher of the two."""
        heights = self._name.wrap(self._first - 6, height)[1], self._text.wrap(width - self._first, height)[1]
        self._heights = heights
        return width, max(heights) + 4

    def draw(self) -> None:
        """Label and body of the item; the first item opens the list."""
        canvas = canvas_of(self)
        if not self._whole:
            self._whole.append(canvas.section.add("L"))
        item = self._whole[0].add("LI")
        top = max(self._heights) + 2
        for kind, part, left, height in zip(
            ("Lbl", "LBody"), (self._name, self._text), (0, self._first), self._heights, strict=True
        ):
            with canvas.tagged(item.add(kind)):
                part.drawOn(canvas, left, top - height)


def pairs(listed: Sequence[tuple[str, str]], first: float) -> list[Flowable]:
    """Names and texts as one list; ``first`` is the width of the names."""
    whole: list[Element] = []
    return [Pair(name, text, first, whole) for name, text in listed]


class Entry(Flowable):
    """A line of the contents: the words of a heading, and its page, which is known when all pages are drawn."""

    _NUMBER = 26

    def __init__(self, heading: Heading, whole: list[Element]) -> None:
        super().__init__()
        self.heading = heading
        self._whole = whole
        self._look = style.CONTENTS_TABLE if heading.level else style.CONTENTS_CHAPTER
        self.keepWithNext = 0 if heading.level else 1

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """One line or more, with room for the number."""
        look = self._look
        room = width - look.leftIndent - self._NUMBER
        self._lines = simpleSplit(self.heading.words, look.fontName, look.fontSize, room)
        self.width = width
        return width, len(self._lines) * look.leading + look.spaceBefore

    def draw(self) -> None:
        """Draw the words as a link, and remember where the number goes."""
        canvas = canvas_of(self)
        look = self._look
        if not self._whole:
            self._whole.append(canvas.section.add("TOC"))
        self._link = self._whole[0].add("TOCI").add("Reference").add("Link", alt="")
        canvas.setFont(look.fontName, look.fontSize)
        low = (len(self._lines) - 1) * look.leading
        with canvas.tagged(self._link):
            for place, line in enumerate(self._lines):
                canvas.drawString(look.leftIndent, low - place * look.leading + 2, line)
        end = look.leftIndent + stringWidth(self._lines[-1], look.fontName, look.fontSize) + 4
        height = low + look.leading
        canvas.link(self._link, self.heading.words, self.heading.key, (look.leftIndent, 0, self.width, height))
        self._at = canvas.pages, canvas.absolutePosition(self.width, 2), end - self.width

    def number(self, canvas: TaggedCanvas, page: int) -> None:
        """Write the number of the page into the line, after dots that nobody hears."""
        where, (x, y), first = self._at
        font, size = self._look.fontName, self._look.fontSize
        dot = stringWidth(" .", font, size)
        dots = " ." * int((-first - self._NUMBER) / dot)
        with canvas.later(where):
            canvas.setFont(font, size)
            with canvas.artifact("Layout"):
                canvas.drawRightString(x - self._NUMBER, y, dots)
            with canvas.tagged(self._link):
                canvas.drawRightString(x, y, str(page))
