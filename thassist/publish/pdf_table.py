"""A grid on paper: how wide its columns are, upright or lying, and where to fold it when it is wider than that."""

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import stringWidth

from thassist.publish import pdf_style as style
from thassist.publish.page import Figure, Grid, Row
from thassist.publish.pdf_grid import PADDING as _PADDING
from thassist.publish.pdf_grid import SIZE as _SIZE
from thassist.publish.pdf_grid import GridTable, Line
from thassist.publish.texts import number

#: In points: the widest a label column grows, its usual width, the narrowest it gets, and that of figures.
_LABEL_MOST, _LABEL_USUAL, _LABEL_LEAST, _FIGURE_LEAST = 230, 130, 80, 46
#: The width of figures in a table of one column, whose heading is longer.
_ONLY_FIGURE = 80
#: Rows up to which a table is kept on one page.
_SHORT = 30


@dataclass(frozen=True, slots=True)
class Fitted:
    """A table ready for the page: its parts one below the other, on upright or lying pages."""

    parts: tuple[GridTable, ...]
    upright: bool
    few: bool

    @property
    def short(self) -> bool:
        """Whether it is kept whole, notes included: it has few rows and is not folded."""
        return self.few and len(self.parts) == 1


def fit(grid: Grid, lang: str, upright: float, lying: float) -> Fitted:
    """Choose the page and the widths for a table.

    Args:
        grid: the table.
        lang: its language, for the form of the figures.
        upright: the width of an upright page between its margins, in points.
        lying: that of a lying page.
    """
    rows = grid.rows if grid.essence is None else tuple(grid.rows[place] for place in grid.essence)
    shown = [tuple(_shown(figure, grid.decimals, lang) for figure in row.figures) for row in rows]
    wanted = [_natural([row.stub[place] for row in rows], header) for place, header in enumerate(grid.stub_headers)]
    least = [min(width, _longest_word([row.stub[place] for row in rows])) for place, width in enumerate(wanted)]
    figures = [
        max(_FIGURE_LEAST, _words(header, style.BOLD), *(_text(row[place], style.BOLD) for row in shown))
        if shown
        else max(_FIGURE_LEAST, _words(header, style.BOLD))
        for place, header in enumerate(grid.headers)
    ]
    if len(figures) == 1:
        figures = [max(_ONLY_FIGURE, figures[0])]
    stands = sum(least) + sum(figures) <= upright
    page = upright if stands else lying
    columns = _fold(figures, page - sum(least))
    widest = max(sum(figures[place] for place in part) for part in columns)
    labels = _labels(wanted, least, page - widest)
    parts = tuple(_part(grid, rows, shown, part, labels, [figures[place] for place in part]) for part in columns)
    return Fitted(parts, stands, len(rows) <= _SHORT)


def _shown(figure: Figure, decimals: int, lang: str) -> str:
    return figure.sign if figure.value is None else number(figure.value, decimals, lang)


def _text(text: str, font: str) -> float:
    return stringWidth(style.drawable(text), font, _SIZE) + 2 * _PADDING + 1


def _words(text: str, font: str) -> float:
    """The width of the longest word: headings wrap between words, never within."""
    return max((_text(word, font) for word in text.split(" ")), default=0)


def _natural(labels: Sequence[str], header: str) -> float:
    widest = max((_text(label, style.BOLD) for label in labels), default=0)
    return min(_LABEL_MOST, max(widest, _words(header, style.BOLD), _LABEL_USUAL))


def _longest_word(labels: Sequence[str]) -> float:
    return max(_LABEL_LEAST, *(_words(label, style.BOLD) for label in labels)) if labels else _LABEL_LEAST


def _labels(wanted: Sequence[float], least: Sequence[float], room: float) -> list[float]:
    """Label columns as wide as they want to be, or narrower in proportion where there is no room."""
    spare = max(0.0, room - sum(least))
    asked = sum(wanted) - sum(least)
    share = min(1.0, spare / asked) if asked else 0.0
    return [low + (high - low) * share for high, low in zip(wanted, least, strict=True)]


def _lines(text: str, width: float, font: str = style.BOLD) -> tuple[str, ...]:
    """A text in as many lines as the width of its column asks for."""
    drawn = style.drawable(text)
    if _text(drawn, font) <= width:
        return (drawn,)
    return tuple(simpleSplit(drawn, font, _SIZE, width - 2 * _PADDING))


def _fold(figures: Sequence[float], room: float) -> list[list[int]]:
    """The columns of each part, as many as have room."""
    parts: list[list[int]] = [[]]
    used = 0.0
    for place, width in enumerate(figures):
        if parts[-1] and used + width > room:
            parts.append([])
            used = 0.0
        parts[-1].append(place)
        used += width
    return parts


def _part(
    grid: Grid,
    rows: Sequence[Row],
    shown: Sequence[Sequence[str]],
    columns: Sequence[int],
    labels: Sequence[float],
    figures: Sequence[float],
) -> GridTable:
    head = [_lines(header, width) for header, width in zip(grid.stub_headers, labels, strict=True)]
    head += [_lines(grid.headers[place], width) for place, width in zip(columns, figures, strict=True)]
    body = []
    for row, texts in zip(rows, shown, strict=True):
        font = style.BOLD if row.total else style.PLAIN
        names = tuple(_lines(label, width, font) for label, width in zip(row.stub, labels, strict=True))
        body.append(Line(names, tuple(texts[column] for column in columns), row.total))
    return GridTable(head, body, [*labels, *figures], len(labels))
