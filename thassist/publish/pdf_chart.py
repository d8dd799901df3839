"""Horizontal bars: one a category, in the order of the classification, each with its figure written beside it."""

from typing import Literal

from reportlab.graphics.shapes import Drawing, Line, Rect, String
from reportlab.lib.utils import simpleSplit

from thassist.publish import pdf_style as style
from thassist.publish.page import Picture
from thassist.publish.texts import number

_SIZE, _LEADING = 8, 9.5
_BAR, _GAP = 11, 6
_LABELS = 0.36


def bar_chart(picture: Picture, lang: str, width: float) -> Drawing:
    """The drawing of a picture, ``width`` points wide. A figure that is not shown has its sign and no bar."""
    left = width * _LABELS
    room = width - left - 50
    largest = max((figure.value for _label, figure in picture.bars if figure.value is not None), default=0)
    labels = [simpleSplit(style.drawable(label), style.PLAIN, _SIZE, left - 8) for label, _figure in picture.bars]
    heights = [max(_BAR, len(lines) * _LEADING) + _GAP for lines in labels]
    drawing = Drawing(width, sum(heights) + _GAP, initialFontName=style.PLAIN)
    top = drawing.height
    for lines, (_label, figure), height in zip(labels, picture.bars, heights, strict=True):
        middle = top - height / 2
        first = middle + (len(lines) - 1) * _LEADING / 2 - _SIZE * 0.35
        for place, line in enumerate(lines):
            drawing.add(_words(left - 6, first - place * _LEADING, line, "end"))
        length = room * figure.value / largest if figure.value and largest else 0
        if length:
            bar = Rect(left, middle - _BAR / 2, length, _BAR)
            bar.fillColor, bar.strokeColor = style.BAR, None
            drawing.add(bar)
        shown = figure.sign if figure.value is None else number(figure.value, picture.decimals, lang)
        drawing.add(_words(left + length + 4, middle - _SIZE * 0.35, shown, "start"))
        top -= height
    drawing.add(Line(left, top, left, drawing.height, strokeColor=style.INK, strokeWidth=0.8))
    return drawing


def _words(x: float, y: float, text: str, anchor: Literal["start", "end"]) -> String:
    return String(x, y, text, fontName=style.PLAIN, fontSize=_SIZE, textAnchor=anchor, fillColor=style.INK)
