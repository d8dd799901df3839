"""A grid on paper: how wide its columns are, upright or lying, and where to fold it when it is wider than that."""

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import LongTable, Paragraph, Table, TableStyle

from thassist.publish import pdf_style as style
from thassist.publish.page import Figure, Grid, Row
from thassist.publish.texts import number

_SIZE = 8
_PADDING = 4
#: In points: the widest a label column grows, its usual width, the narrowest it gets, and that of figures.
_LABEL_MOST, _LABEL_USUAL, _LABEL_LEAST, _FIGURE_LEAST = 230, 130, 70, 52
#: The width of figures in a table of one column, whose heading is longer.
_ONLY_FIGURE = 80
#: Rows up to which a table is kept on one page.
_SHORT = 18


@dataclass(frozen=True, slots=True)
class Fitted:
    """A table ready for the page: its parts one below the other, on upright or lying pages."""

    parts: tuple[Table, ...]
    upright: bool
    short: bool


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
    return Fitted(parts, stands, len(rows) <= _SHORT and len(parts) == 1)


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


def _label(label: str, width: float, *, bold: bool) -> str | Paragraph:
    """A label as it is where it fits on a line, else as a paragraph, which wraps and takes longer to set."""
    if _text(label, style.BOLD) <= width:
        return style.drawable(label)
    return style.paragraph(label, style.CELL_BOLD if bold else style.CELL)


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
) -> Table:
    head = [style.paragraph(header, style.HEAD) for header in grid.stub_headers]
    head += [style.paragraph(grid.headers[place], style.HEAD_RIGHT) for place in columns]
    body = []
    totals = []
    for place, (row, texts) in enumerate(zip(rows, shown, strict=True), start=1):
        names = [_label(label, width, bold=row.total) for label, width in zip(row.stub, labels, strict=True)]
        body.append([*names, *(texts[column] for column in columns)])
        if row.total:
            totals.append(("FONT", (0, place), (-1, place), style.BOLD, _SIZE))
    table = LongTable([head, *body], colWidths=[*labels, *figures], repeatRows=1, hAlign="LEFT")
    table.setStyle(
        TableStyle(
            [
                ("FONT", (0, 0), (-1, -1), style.PLAIN, _SIZE),
                ("ALIGN", (len(labels), 0), (-1, -1), "RIGHT"),
                ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
                ("VALIGN", (0, 1), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), _PADDING),
                ("RIGHTPADDING", (0, 0), (-1, -1), _PADDING),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
                ("LINEABOVE", (0, 0), (-1, 0), 1, style.INK),
                ("LINEBELOW", (0, 0), (-1, 0), 0.8, style.INK),
                ("LINEBELOW", (0, 1), (-1, -2), 0.25, style.LINE),
                ("LINEBELOW", (0, -1), (-1, -1), 1, style.INK),
                *totals,
            ]
        )
    )
    return table
