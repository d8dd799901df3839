"""The key figures as cards, two in a row: the figure in large letters, what it counts, and the year before."""

from collections.abc import Sequence

from reportlab.lib.units import mm
from reportlab.platypus import Flowable

from thassist.publish import pdf_style as style
from thassist.publish.page import KeyFigure
from thassist.publish.pdf_flow import words
from thassist.publish.pdf_tags import Element, canvas_of

_COLUMNS = 2
_GAP = 6 * mm
_PAD = 3 * mm


def cards(figures: Sequence[KeyFigure]) -> list[Flowable]:
    """The cards, a flowable a row; all of them are one list."""
    whole: list[Element] = []
    return [_Cards(figures[place : place + _COLUMNS], whole) for place in range(0, len(figures), _COLUMNS)]


class _Cards(Flowable):
    def __init__(self, figures: Sequence[KeyFigure], whole: list[Element]) -> None:
        super().__init__()
        self._whole = whole
        self._cards = [
            [words(figure.shown, style.KEY_FIGURE), words(figure.label, style.KEY_LABEL)]
            + ([words(figure.before, style.FACT)] if figure.before else [])
            for figure in figures
        ]

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """As high as the highest card."""
        self._width = (width - (_COLUMNS - 1) * _GAP) / _COLUMNS
        inner = self._width - 2 * _PAD
        self._heights = [[part.wrap(inner, height)[1] for part in card] for card in self._cards]
        self.height = max(sum(heights) for heights in self._heights) + 2 * _PAD
        return width, self.height + _GAP * 0.6

    def draw(self) -> None:
        """Draw the cards of a row, each an item of the list."""
        canvas = canvas_of(self)
        if not self._whole:
            self._whole.append(canvas.section.add("L"))
        for place, (card, heights) in enumerate(zip(self._cards, self._heights, strict=True)):
            left = place * (self._width + _GAP)
            top = self.height + _GAP * 0.6
            with canvas.artifact("Layout"):
                canvas.setStrokeColor(style.BAR)
                canvas.setLineWidth(2.5)
                canvas.line(left, top, left, top - self.height)
            body = self._whole[0].add("LI").add("LBody")
            top -= _PAD
            for part, height in zip(card, heights, strict=True):
                part.whole = [body.add("P")]
                part.drawOn(canvas, left + _PAD, top - height)
                top -= height
