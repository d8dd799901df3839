"""Charts of routes in the PDF: bars of categories and bands between them, readable in grey."""

from typing import Literal

from reportlab.graphics.shapes import Drawing, Path, Rect, String
from reportlab.lib.colors import Color

from thassist.publish import pdf_style as style
from thassist.publish import routes
from thassist.publish.page import Picture

_SIZE, _LINE, _NODE, _TOP, _HEIGHT = 8, 11.0, 8.0, 16.0, 210.0
_LEFT, _RIGHT = 0.17, 0.30
_BAND = Color(0.12, 0.31, 0.47, 0.3)


def route_chart(picture: Picture, width: float) -> Drawing:
    """The drawing of a chart of routes, ``width`` points wide."""
    left, inner = width * _LEFT, width * (1 - _LEFT - _RIGHT)
    nodes, bands = routes.laid_out(picture, inner, _HEIGHT, _NODE, _LINE)
    bottom = max((node.y + max(node.height, _LINE) for node in nodes), default=0.0)
    drawing = Drawing(width, bottom + _TOP, initialFontName=style.PLAIN)
    last = len(picture.stages) - 1
    for place, (title, _) in enumerate(picture.stages):
        x = left + (inner - _NODE) * place / max(1, last) + (_NODE if place == 0 else 0)
        anchor: Literal["start", "middle", "end"] = "end" if place == 0 else "start" if place == last else "middle"
        drawing.add(_words(x, drawing.height - _SIZE, title, anchor, style.BOLD))
    for band in bands:
        top, to_top = bottom - band.y, bottom - band.to_y
        x, to_x = left + band.x, left + band.to_x
        middle = (x + to_x) / 2
        path = Path(fillColor=_BAND, strokeColor=None)
        path.moveTo(x, top)
        path.curveTo(middle, top, middle, to_top, to_x, to_top)
        path.lineTo(to_x, to_top - band.height)
        path.curveTo(middle, to_top - band.height, middle, top - band.height, x, top - band.height)
        path.closePath()
        drawing.add(path)
    for node in nodes:
        high = max(node.height, 0.6)
        y = bottom - node.y - high
        bar = Rect(left + node.x, y, _NODE, high)
        bar.fillColor, bar.strokeColor = style.BAR, None
        drawing.add(bar)
        before = node.stage == 0
        x = left + node.x - 4 if before else left + node.x + _NODE + 4
        drawing.add(_words(x, y + high / 2 - _SIZE * 0.35, node.label, "end" if before else "start", style.PLAIN))
    return drawing


def _words(x: float, y: float, text: str, anchor: Literal["start", "middle", "end"], font: str) -> String:
    shown = style.drawable(text)
    return String(x, y, shown, fontName=font, fontSize=_SIZE, textAnchor=anchor, fillColor=style.INK)
