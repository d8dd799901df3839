"""Fonts and paragraph styles of the PDF."""

import unicodedata
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape as _escape

import reportlab
from reportlab.lib.colors import Color
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph

#: Bitstream Vera, which reportlab brings along: embedded, with all letters of our languages.
PLAIN, BOLD = "Vera", "Vera-Bold"
_FILES = {PLAIN: "Vera.ttf", BOLD: "VeraBd.ttf"}
#: What stands for a sign that the font lacks and that has no base letter.
_INSTEAD = {"\N{RIGHTWARDS ARROW}": "–"}
INK = Color(0, 0, 0)
LINE = Color(0.45, 0.45, 0.45)
#: Contrast with white 8.6 to 1.
BAR = Color(0.12, 0.31, 0.47)
BAND = Color(0.78, 0.83, 0.88)
BAND_EDGE = Color(0.55, 0.62, 0.70)


@cache
def register_fonts() -> None:
    """Make the fonts known to reportlab, once."""
    folder = Path(reportlab.__file__).parent / "fonts"
    for name, file in _FILES.items():
        pdfmetrics.registerFont(TTFont(name, str(folder / file)))
    pdfmetrics.registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=PLAIN, boldItalic=BOLD)


@cache
def _letters() -> frozenset[int]:
    """The letters of the plain font, as code points."""
    register_fonts()
    font = pdfmetrics.getFont(PLAIN)
    assert isinstance(font, TTFont)  # noqa: S101 - registered above
    return frozenset(font.face.charToGlyph)


def drawable(text: str) -> str:
    """The text with letters that the font lacks replaced by their base letter; an empty box would say nothing."""
    known = _letters()
    if all(ord(letter) in known for letter in text):
        return text
    return "".join(
        letter if ord(letter) in known else _INSTEAD.get(letter, unicodedata.normalize("NFKD", letter)[0])
        for letter in text
    )


def escape(text: str) -> str:
    """The text for a paragraph, whose own marks it must not hold."""
    return _escape(drawable(text))


def paragraph(text: str, look: ParagraphStyle) -> Paragraph:
    """A paragraph of plain text."""
    return Paragraph(escape(text), look)


def _look(
    name: str, size: float, font: str = PLAIN, *, before: float = 0, after: float = 0, left: float = 0, right: float = 0
) -> ParagraphStyle:
    return ParagraphStyle(
        name,
        fontName=font,
        fontSize=size,
        leading=size * 1.35,
        textColor=INK,
        spaceBefore=before,
        spaceAfter=after,
        leftIndent=left,
        rightIndent=right,
    )


TITLE = _look("title", 22, BOLD, after=8)
SUBTITLE = _look("subtitle", 15, after=10)
CHAPTER = _look("chapter", 16, BOLD, before=26, after=8)
SECTION = _look("section", 10.5, BOLD, before=22, after=4)
BODY = _look("body", 9.5, after=5)
KEY_FIGURE = _look("key_figure", 24, BOLD)
KEY_LABEL = _look("key_label", 9.5, BOLD, after=2)
BANNER = _look("banner", 10, BOLD)
FACT = _look("fact", 8, after=2)
FACT_BOLD = _look("fact_bold", 8, BOLD, after=2)
NOTE = _look("note", 7.5, after=2)
CELL = _look("cell", 8)
CELL_BOLD = _look("cell_bold", 8, BOLD)
HEAD = _look("head", 8, BOLD)
HEAD_RIGHT = ParagraphStyle("head_right", parent=HEAD, alignment=TA_RIGHT)
CONTENTS_CHAPTER = _look("contents_chapter", 9.5, BOLD, before=6, right=24)
CONTENTS_TABLE = _look("contents_table", 8, left=12, right=24, before=0.5)
