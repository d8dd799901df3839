"""Native bar charts of a workbook: each on a sheet of its own, beside the small table from which it is drawn.

A bar has no length where there is no figure, and its label shows nothing for it, so that a suppressed figure never
looks like a zero. openpyxl writes no alternative text; :func:`with_words` puts it into the finished archive.
"""

import io
import re
import zipfile
from collections.abc import Sequence
from html import escape

from openpyxl.chart import BarChart, Reference
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.layout import Layout, ManualLayout
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.worksheet.worksheet import Worksheet

from thassist.publish import xlsx_cells as cells
from thassist.publish.page import Document, Figure, Picture
from thassist.publish.texts import say

_BAR = "1F4E79"
_LABEL, _NUMBER, _GAP = 60, 22, 4
_WIDTH, _STEP, _FRAME = 24, 0.85, 2.5
#: Zero shows nothing: where a figure is withheld the program plots a zero.
_NOT_ZERO = "#,##0;-#,##0;"


def write(sheet: Worksheet, document: Document, picture: Picture, number: int) -> None:
    """Fill the sheet of one chart: title, words, table, and the chart at its right.

    Args:
        sheet: an empty sheet.
        document: what the chart belongs to.
        picture: what it shows.
        number: the number of the chart, for the name of its table.
    """
    lang = document.lang
    lines = [(picture.title, cells.TITLE), (say("sheet_chart", lang), cells.LINE)]
    lines += [(banner, cells.BOLD) for banner in document.banners]
    lines += [(picture.words, cells.BODY), (picture.unit, cells.BODY)]
    lines += [(text, cells.BODY) for _, text in picture.breaks]
    for row, (text, style) in enumerate(lines, start=1):
        cells.write_text(sheet, row, 1, text, style)
    top = len(lines) + 1
    cells.write_link(sheet, top, say("to_contents", lang), say("contents", lang))
    top += 1
    if picture.stages:
        _streams(sheet, picture, number, top, lang)
        return
    headers = (say("category", lang), say("figure", lang))
    cells.write_text(sheet, top, 1, headers[0], cells.HEADING)
    cells.write_text(sheet, top, 2, headers[1], cells.HEADING_RIGHT)
    broken = {place for place, _ in picture.breaks}
    for place, (label, figure) in enumerate(picture.bars):
        named = say("broken_label", lang, label=label) if place in broken else label
        cells.write_text(sheet, top + 1 + place, 1, named)
        cells.write_figure(sheet, top + 1 + place, 2, figure, picture.decimals, bold=False)
    cells.mark_table(sheet, f"figure_{number}", top, headers, len(picture.bars))
    cells.shape(sheet, (_LABEL, _NUMBER, _GAP))
    sheet.page_setup.orientation = "landscape"
    sheet.add_chart(_chart(sheet, picture, top), f"D{top}")


def _streams(sheet: Worksheet, picture: Picture, number: int, top: int, lang: str) -> None:
    """The streams of a chart of routes as a table: spreadsheet programs draw no such chart."""
    headers = (say("route_from", lang), say("route_to", lang), say("figure", lang))
    for column, header in enumerate(headers, start=1):
        cells.write_text(sheet, top, column, header, cells.HEADING if column < len(headers) else cells.HEADING_RIGHT)
    for place, stream in enumerate(picture.streams, start=top + 1):
        cells.write_text(sheet, place, 1, stream.source)
        cells.write_text(sheet, place, 2, stream.target)
        cells.write_figure(sheet, place, 3, Figure(stream.value), picture.decimals, bold=False)
    cells.mark_table(sheet, f"figure_{number}", top, headers, len(picture.streams))
    cells.shape(sheet, (_LABEL, _LABEL, _NUMBER))
    sheet.page_setup.orientation = "landscape"


def _chart(sheet: Worksheet, picture: Picture, top: int) -> BarChart:
    last = top + len(picture.bars)
    chart = BarChart()
    chart.type = "bar"
    chart.style = 2
    chart.legend = None
    chart.gapWidth = 50
    chart.width = _WIDTH
    chart.height = _FRAME + _STEP * len(picture.bars)
    chart.add_data(Reference(sheet, min_col=2, min_row=top + 1, max_row=last))
    chart.set_categories(Reference(sheet, min_col=1, min_row=top + 1, max_row=last))
    series = chart.series[0]
    series.graphicalProperties = GraphicalProperties(solidFill=_BAR, ln=LineProperties(noFill=True))
    series.dLbls = DataLabelList(showVal=True, showSerName=False, showCatName=False, showLegendKey=False)
    series.dLbls.numFmt = _NOT_ZERO if not picture.decimals else f"#,##0.{'0' * picture.decimals};;"
    chart.x_axis.scaling.orientation = "maxMin"  # the first category on top, as in the table
    chart.x_axis.delete = False
    chart.y_axis.delete = True  # every bar has its figure beside it
    chart.x_axis.majorGridlines = chart.y_axis.majorGridlines = None
    chart.y_axis.scaling.min = 0
    chart.layout = Layout(manualLayout=ManualLayout(xMode="edge", yMode="edge", x=0.36, y=0.02, w=0.58, h=0.94))
    return chart


def with_words(archive: bytes, words: Sequence[tuple[str, str]]) -> bytes:
    """The archive with a title and alternative text on every chart.

    Args:
        archive: a workbook as openpyxl saved it.
        words: title and text of each chart, in the order in which the charts were added.
    """
    if not words:
        return archive
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(changed, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name.startswith("xl/charts/"):  # openpyxl cannot say that the labels' format is their own
                content = re.sub(rb'(<(?:\w+:)?numFmt formatCode="[^"]*")\s*/>', rb'\g<1> sourceLinked="0"/>', content)
            drawing = re.fullmatch(r"xl/drawings/drawing(\d+)\.xml", name)
            if drawing:
                title, text = words[int(drawing.group(1)) - 1]
                said = f' descr="{escape(text)}" title="{escape(title)}"'.encode()
                content = re.sub(
                    rb"(<(?:\w+:)?cNvPr\b[^>/]*?)(\s*/?>)", rb"\g<1>" + _plain(said) + rb"\g<2>", content, count=1
                )
            target.writestr(source.getinfo(name), content)
    return changed.getvalue()


def _plain(text: bytes) -> bytes:
    """A text for a replacement, in which a backslash means nothing."""
    return text.replace(b"\\", rb"\\")
