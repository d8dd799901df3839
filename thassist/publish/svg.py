"""Bar charts as SVG for a web page: one bar a category, its figure written beside it, a line where a series breaks.

The picture is black, white and one dark blue, so that it prints in grey; its texts are text. Its title and its words
stand inside as ``title`` and ``desc`` for who listens to the page.
"""

from html import escape

from thassist.publish.page import Picture
from thassist.publish.texts import number

_WIDTH, _LABELS, _FIGURES = 720, 250, 70
_BAR, _STEP, _LETTERS = 16, 26, 38
_BREAK = 22


def bar_chart(picture: Picture, lang: str, key: str) -> str:
    """The chart as one ``svg`` element.

    Args:
        picture: what it shows. A figure that is not shown has its sign and no bar.
        lang: the language of its numbers.
        key: a name that no other chart of the page has; the ids inside begin with it.
    """
    largest = max((figure.value for _, figure in picture.bars if figure.value is not None), default=0)
    room = _WIDTH - _LABELS - _FIGURES
    broken = dict(picture.breaks)
    parts: list[str] = []
    y = 4
    for place, (label, figure) in enumerate(picture.bars):
        if place in broken:
            parts.append(f'<line x1="0" x2="{_WIDTH}" y1="{y + _BREAK // 2}" y2="{y + _BREAK // 2}" class="break"/>')
            y += _BREAK
        lines = _lines(label)
        height = max(_STEP, len(lines) * 15 + 8)
        middle = y + height // 2
        first = middle - (len(lines) - 1) * 15 / 2 + 5
        spans = "".join(
            f'<tspan x="{_LABELS - 8}" y="{first + row * 15:g}">{escape(line)}</tspan>'
            for row, line in enumerate(lines)
        )
        parts.append(f'<text text-anchor="end">{spans}</text>')
        length = room * figure.value / largest if figure.value and largest else 0
        if length:
            parts.append(f'<rect x="{_LABELS}" y="{middle - _BAR // 2}" width="{length:.1f}" height="{_BAR}"/>')
        shown = figure.sign if figure.value is None else number(figure.value, picture.decimals, lang)
        parts.append(f'<text x="{_LABELS + length + 6:.1f}" y="{middle + 5}">{escape(shown)}</text>')
        y += height
    body = "".join(parts)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {y + 4}" role="img" aria-labelledby="{key}-title {key}-words" lang="{lang}">'
        f'<title id="{key}-title">{escape(picture.title)}</title><desc id="{key}-words">{escape(picture.words)}</desc>'
        f'<line x1="{_LABELS}" x2="{_LABELS}" y1="0" y2="{y + 4}" class="axis"/>{body}</svg>'
    )


def _lines(label: str) -> list[str]:
    """A label in lines that fit beside the bars."""
    lines = [""]
    for word in label.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > _LETTERS:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".lstrip()
    return lines
