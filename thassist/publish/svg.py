"""Bar charts as SVG for a web page: one bar a category, its figure written beside it, a line where a series breaks.

The picture is black, white and one dark blue, so that it prints in grey; its texts are text. Its title and its words
stand inside as ``title`` and ``desc`` for who listens to the page.
"""

from html import escape

from thassist.publish import routes
from thassist.publish.page import Picture
from thassist.publish.texts import number

_WIDTH, _LABELS, _FIGURES = 720, 250, 70
_BAR, _STEP, _LETTERS = 16, 26, 38
_BREAK = 22
_ROUTE_WIDTH, _ROUTE_HEIGHT, _ROUTE_LEFT, _ROUTE_RIGHT, _ROUTE_TOP = 520, 320, 180, 280, 30
_NODE, _LINE = 12, 16


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


def chart(picture: Picture, lang: str, key: str) -> str:
    """The drawing of a picture, whichever kind it is; see :func:`bar_chart`."""
    return route_chart(picture, lang, key) if picture.stages else bar_chart(picture, lang, key)


def route_chart(picture: Picture, lang: str, key: str) -> str:
    """Streams between columns of categories as one ``svg`` element; the arguments are those of :func:`bar_chart`."""
    nodes, bands = routes.laid_out(picture, _ROUTE_WIDTH, _ROUTE_HEIGHT, _NODE, _LINE)
    height = max((node.y + max(node.height, _LINE) for node in nodes), default=0)
    parts = [
        f'<text x="{_ROUTE_LEFT + (_ROUTE_WIDTH - _NODE) * place / max(1, len(picture.stages) - 1):.0f}" y="16" '
        f'text-anchor="{_anchor(place, len(picture.stages))}" class="stage">{escape(title)}</text>'
        for place, (title, _) in enumerate(picture.stages)
    ]
    for band in bands:
        left, right = band.x + _ROUTE_LEFT, band.to_x + _ROUTE_LEFT
        middle = (left + right) / 2
        top, to_top = band.y + _ROUTE_TOP, band.to_y + _ROUTE_TOP
        low, to_low = top + band.height, to_top + band.height
        parts.append(
            f'<path class="band" d="M{left:.1f} {top:.1f}C{middle:.1f} {top:.1f} {middle:.1f} {to_top:.1f} '
            f"{right:.1f} {to_top:.1f}V{to_low:.1f}C{middle:.1f} {to_low:.1f} {middle:.1f} {low:.1f} "
            f'{left:.1f} {low:.1f}Z"/>'
        )
    last = len(picture.stages) - 1
    for node in nodes:
        x, y = node.x + _ROUTE_LEFT, node.y + _ROUTE_TOP
        parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{_NODE}" height="{max(node.height, 1):.1f}"/>')
        right = node.stage == last
        label_x = x + _NODE + 6 if right or node.stage else x - 6
        anchor = "start" if right or node.stage else "end"
        place = f'x="{label_x:.1f}" y="{y + node.height / 2 + 5:.1f}" text-anchor="{anchor}"'
        parts.append(f"<text {place}>{escape(node.label)}</text>")
    width = _ROUTE_WIDTH + _ROUTE_LEFT + _ROUTE_RIGHT
    return (
        f'<svg viewBox="0 0 {width} {height + _ROUTE_TOP + 10:.0f}" role="img" '
        f'aria-labelledby="{key}-title {key}-words" lang="{lang}">'
        f'<title id="{key}-title">{escape(picture.title)}</title>'
        f'<desc id="{key}-words">{escape(picture.words)}</desc>{"".join(parts)}</svg>'
    )


def _anchor(place: int, stages: int) -> str:
    return "end" if place == 0 else "start" if place == stages - 1 else "middle"


def _lines(label: str) -> list[str]:
    """A label in lines that fit beside the bars."""
    lines = [""]
    for word in label.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > _LETTERS:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".lstrip()
    return lines
