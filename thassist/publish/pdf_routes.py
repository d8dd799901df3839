"""A chart of routes: streams between columns of categories, drawn as one figure that is read out in words."""

from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable

from thassist.publish import pdf_style as style
from thassist.publish import routes
from thassist.publish.page import Picture
from thassist.publish.pdf_tags import TaggedCanvas, canvas_of

_SIZE = 8
_NODE, _LINE, _HEIGHT, _TOP = 9, 12, 300, 16
_LEFT, _RIGHT = 32 * mm, 46 * mm


class RouteChart(Flowable):
    """The drawing of a chart of routes."""

    def __init__(self, picture: Picture) -> None:
        super().__init__()
        self._picture = picture

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """As wide as there is room, and as high as its highest column."""
        self.width = width
        self._nodes, self._bands = routes.laid_out(self._picture, width - _LEFT - _RIGHT, _HEIGHT, _NODE, _LINE)
        self.height = _TOP + max((node.y + max(node.height, _LINE) for node in self._nodes), default=0)
        return width, self.height

    def draw(self) -> None:
        """Draw the bands, the nodes over them, and their names."""
        canvas = canvas_of(self)
        figure = canvas.section.add("Figure", alt=self._picture.words)
        left, low = canvas.absolutePosition(0, 0)
        figure.box = (left, low, left + self.width, low + self.height)
        with canvas.tagged(figure):
            canvas.saveState()
            self._draw_bands(canvas)
            self._draw_nodes(canvas)
            canvas.restoreState()

    def _draw_bands(self, canvas: TaggedCanvas) -> None:
        canvas.setFillColor(style.BAND)
        canvas.setStrokeColor(style.BAND_EDGE)
        canvas.setLineWidth(0.3)
        for band in self._bands:
            left, right = band.x + _LEFT, band.to_x + _LEFT
            top, to_top = (self.height - _TOP - y for y in (band.y, band.to_y))
            low, to_low = top - band.height, to_top - band.height
            middle = (left + right) / 2
            path = canvas.beginPath()
            path.moveTo(left, top)
            path.curveTo(middle, top, middle, to_top, right, to_top)
            path.lineTo(right, to_low)
            path.curveTo(middle, to_low, middle, low, left, low)
            path.close()
            canvas.drawPath(path, stroke=1, fill=1)

    def _draw_nodes(self, canvas: TaggedCanvas) -> None:
        last = len(self._picture.stages) - 1
        for node in self._nodes:
            x, y = node.x + _LEFT, self.height - _TOP - node.y
            canvas.setFillColor(style.BAR)
            canvas.rect(x, y - max(node.height, 1), _NODE, max(node.height, 1), stroke=0, fill=1)
            canvas.setFillColor(style.INK)
            label = style.drawable(node.label)
            base = y - node.height / 2 - _SIZE * 0.35
            room = _RIGHT - 6 if node.stage == last else _LEFT - 6
            canvas.setFont(style.PLAIN, min(_SIZE, _SIZE * room / max(1, stringWidth(label, style.PLAIN, _SIZE))))
            if node.stage:
                canvas.drawString(x + _NODE + 4, base, label)
            else:
                canvas.drawRightString(x - 4, base, label)
        canvas.setFont(style.BOLD, _SIZE)
        for stage, (title, _) in enumerate(self._picture.stages):
            x = _LEFT + (self.width - _LEFT - _RIGHT - _NODE) * stage / max(1, last)
            draw = (canvas.drawRightString, canvas.drawCentredString, canvas.drawString)[(stage > 0) + (stage == last)]
            draw(x + _NODE / 2 if 0 < stage < last else x, self.height - _SIZE, style.drawable(title))
