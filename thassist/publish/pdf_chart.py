"""Horizontal bars: one a category, in the order of the classification, each with its figure written beside it.

Black, grey and one dark blue, so that it prints in grey; where a series breaks, a dashed line says so in words.
"""

from reportlab.lib.utils import simpleSplit
from reportlab.platypus import Flowable

from thassist.publish import pdf_style as style
from thassist.publish.page import Picture
from thassist.publish.pdf_tags import TaggedCanvas, canvas_of
from thassist.publish.texts import number, say

_SIZE, _LEADING = 8, 9.5
_BAR, _GAP, _BREAK = 11, 6, 14
_LABELS = 0.36
_FIGURES = 50


class BarChart(Flowable):
    """The drawing of a picture. A figure that is not shown has its sign and no bar."""

    def __init__(self, picture: Picture, lang: str) -> None:
        super().__init__()
        self._picture, self._lang = picture, lang
        self._breaks = dict(picture.breaks)

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """As wide as there is room, and as high as its bars."""
        self.width, self._left = width, width * _LABELS
        self._labels = [
            simpleSplit(style.drawable(label), style.PLAIN, _SIZE, self._left - 8) for label, _ in self._picture.bars
        ]
        self._heights = [max(_BAR, len(lines) * _LEADING) + _GAP for lines in self._labels]
        self.height = sum(self._heights) + _GAP + _BREAK * len(self._breaks)
        return width, self.height

    def draw(self) -> None:
        """Draw it as one figure, which is read out in words."""
        canvas = canvas_of(self)
        figure = canvas.section.add("Figure", alt=self._picture.words)
        left, low = canvas.absolutePosition(0, 0)
        figure.box = (left, low, left + self.width, low + self.height)
        with canvas.tagged(figure):
            self._bars(canvas)

    def _bars(self, canvas: TaggedCanvas) -> None:
        room = self.width - self._left - _FIGURES
        largest = max((figure.value for _, figure in self._picture.bars if figure.value is not None), default=0)
        top = self.height
        for place, (lines, (_, figure), height) in enumerate(
            zip(self._labels, self._picture.bars, self._heights, strict=True)
        ):
            if place in self._breaks:
                self._break(canvas, top)
                top -= _BREAK
            middle = top - height / 2
            canvas.setFillColor(style.INK)
            canvas.setFont(style.PLAIN, _SIZE)
            first = middle + (len(lines) - 1) * _LEADING / 2 - _SIZE * 0.35
            for row, line in enumerate(lines):
                canvas.drawRightString(self._left - 6, first - row * _LEADING, line)
            length = room * figure.value / largest if figure.value and largest else 0
            shown = figure.sign if figure.value is None else number(figure.value, self._picture.decimals, self._lang)
            canvas.drawString(self._left + length + 4, middle - _SIZE * 0.35, style.drawable(shown))
            if length:
                canvas.setFillColor(style.BAR)
                canvas.rect(self._left, middle - _BAR / 2, length, _BAR, stroke=0, fill=1)
            top -= height
        canvas.setFillColor(style.INK)
        canvas.setStrokeColor(style.INK)
        canvas.setLineWidth(0.8)
        canvas.line(self._left, top, self._left, self.height)

    def _break(self, canvas: TaggedCanvas, top: float) -> None:
        canvas.saveState()
        canvas.setFillColor(style.INK)
        canvas.setFont(style.BOLD, _SIZE - 1)
        canvas.drawRightString(self._left - 6, top - _BREAK + 5, say("flag_break", self._lang))
        canvas.setStrokeColor(style.INK)
        canvas.setLineWidth(0.8)
        canvas.setDash(4, 3)
        canvas.line(self._left, top - _BREAK / 2, self.width, top - _BREAK / 2)
        canvas.restoreState()
