"""A table on the page: rows of fixed columns, drawn line by line, each cell under its mark.

reportlab's own table lays out anything in any cell and is ten times as dear; our cells are short texts whose widths are
known. A table that does not fit goes on on the next page, where its headings are drawn again as an artifact.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.platypus import Flowable

from thassist.publish import pdf_style as style
from thassist.publish.pdf_tags import Element, TaggedCanvas, canvas_of

SIZE, LEADING = 8.0, 10.4
PADDING = 4.0
_ABOVE, _BELOW = 1.5, 2.8
#: No fewer rows than these stand alone at the foot or at the head of a page.
_TOGETHER = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One row as it is drawn: the lines of every label, the figures, and whether it is the total."""

    labels: tuple[tuple[str, ...], ...]
    figures: tuple[str, ...]
    bold: bool = False

    @property
    def height(self) -> float:
        """In points."""
        return max(len(lines) for lines in self.labels or (("",),)) * LEADING + _ABOVE + _BELOW


class GridTable(Flowable):
    """A table of labels at the left and figures at the right.

    Args:
        head: the lines of every heading.
        rows: the rows.
        widths: of the columns, in points.
        labels: how many of the columns are labels.
        whole: the element of the table, shared by its parts.
    """

    def __init__(
        self,
        head: Sequence[Sequence[str]],
        rows: Sequence[Line],
        widths: Sequence[float],
        labels: int,
        whole: list[Element] | None = None,
    ) -> None:
        super().__init__()
        self.head, self.rows, self.widths, self.labels = head, rows, widths, labels
        self._whole: list[Element] = [] if whole is None else whole
        self._head_height = max((len(lines) for lines in head), default=1) * LEADING + _ABOVE + _BELOW

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """As wide and as high as its columns and rows."""
        self.width, self.height = sum(self.widths), self._head_height + sum(row.height for row in self.rows)
        return self.width, self.height

    def split(self, _width: float, height: float) -> list[Flowable]:
        """What has room and the rest; nothing where not even a few rows have room."""
        room, count = height - self._head_height, 0
        while count < len(self.rows) and self.rows[count].height <= room:
            room -= self.rows[count].height
            count += 1
        count = min(count, len(self.rows) - _TOGETHER)
        if count < _TOGETHER:
            return []
        return [
            GridTable(self.head, part, self.widths, self.labels, self._whole)
            for part in (self.rows[:count], self.rows[count:])
        ]

    def draw(self) -> None:
        """Draw the headings, the rows, and the rules between them."""
        canvas = canvas_of(self)
        lefts = [sum(self.widths[:place]) for place in range(len(self.widths) + 1)]
        top = self.height
        self._headings(canvas, lefts, top)
        rules = [(top, 1.0), (top - self._head_height, 0.8)]
        top -= self._head_height
        table = self._whole[0]
        for row in self.rows:
            self._row(canvas, table.add("TR"), row, lefts, top)
            top -= row.height
            rules.append((top, 0.25))
        rules[-1] = (top, 1.0)
        canvas.begin_artifact("Layout")
        for y, thickness in rules:
            canvas.setLineWidth(thickness)
            canvas.setStrokeColor(style.LINE if thickness < 0.5 else style.INK)
            canvas.line(0, y, lefts[-1], y)
        canvas.end()

    def _headings(self, canvas: TaggedCanvas, lefts: Sequence[float], top: float) -> None:
        again = bool(self._whole)
        if not again:
            self._whole.append(canvas.section.add("Table"))
        row = Element("TR") if again else self._whole[0].add("TR")
        canvas.setFont(style.BOLD, SIZE)
        if again:
            canvas.begin_artifact("Pagination")
        for place, lines in enumerate(self.head):
            y = top - self._head_height + _BELOW + (len(lines) - 1) * LEADING + 1
            if not again:
                canvas.begin(row.add("TH", scope="Column"))
            for line in lines:
                if place < self.labels:
                    canvas.drawString(lefts[place] + PADDING, y, line)
                else:
                    canvas.drawRightString(lefts[place + 1] - PADDING, y, line)
                y -= LEADING
            if not again:
                canvas.end()
        if again:
            canvas.end()

    def _row(self, canvas: TaggedCanvas, element: Element, row: Line, lefts: Sequence[float], top: float) -> None:
        canvas.setFont(style.BOLD if row.bold else style.PLAIN, SIZE)
        base = top - _ABOVE - SIZE + 0.5
        for left, lines in zip(lefts, row.labels, strict=False):
            canvas.begin(element.add("TH", scope="Row"))
            for place, line in enumerate(lines):
                canvas.drawString(left + PADDING, base - place * LEADING, line)
            canvas.end()
        for right, text in zip(lefts[self.labels + 1 :], row.figures, strict=True):
            canvas.begin(element.add("TD"))
            canvas.drawRightString(right - PADDING, base, text)
            canvas.end()
