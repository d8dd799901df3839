"""The report on one page: what is measured, and the rules with most findings by month."""

import os
import tempfile
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from thassist import __version__
from thassist.errors import StorageError
from thassist.messages import text
from thassist.publish import pdf_style as style
from thassist.quality.report import QualityReport
from thassist.quality.texts import banners, groups, rules_table, summary

_MARGIN = 16 * mm
_WIDTH = A4[0] - 2 * _MARGIN
_MOST_RULES = 12


def write(report: QualityReport, path: Path) -> None:
    """Write the report as a PDF of one page; the file appears only when complete.

    Raises:
        StorageError: the file cannot be written.
    """
    style.register_fonts()
    try:
        handle, name = tempfile.mkstemp(prefix=".quality-", suffix=".pdf", dir=path.parent)
        os.close(handle)
        unfinished = Path(name)
        try:
            _build(report, unfinished)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError("quality.not_written", file=path, detail=error.strerror or "") from error


def _build(report: QualityReport, path: Path) -> None:
    """With as many rules as one page takes, those with most findings."""
    for most in range(min(_MOST_RULES, len(report.rules)), -1, -1):
        document = SimpleDocTemplate(
            str(path),
            pagesize=A4,
            leftMargin=_MARGIN,
            rightMargin=_MARGIN,
            topMargin=_MARGIN,
            bottomMargin=_MARGIN,
            title=text("quality.title", report.lang),
            subject=" ".join(banners(report)),
            creator=f"thassist {__version__}",
            lang=report.lang,
            displayDocTitle=1,
            invariant=1,
            initialFontName=style.PLAIN,
        )
        document.build(_story(report, most))
        if document.page == 1:
            return


def _story(report: QualityReport, most: int) -> list[Flowable]:
    lang = report.lang
    story: list[Flowable] = [style.paragraph(text("quality.title", lang), style.CHAPTER)]
    story += [style.paragraph(line, style.BANNER) for line in banners(report)]
    story.append(style.paragraph(f"{report.day.isoformat()}. {summary(report)}", style.BODY))
    for title, rows in groups(report):
        story += [style.paragraph(title, style.SECTION), _table([_cells(row) for row in rows], [0.58, 0.12, 0.30])]
    story.append(style.paragraph(text("quality.rules", lang), style.SECTION))
    head, *rows = rules_table(report, most)
    if report.rules:
        months = len(report.months)
        widths = [0.07, 0.93 - 0.08 * (months + 2), *([0.08] * (months + 2))]
        story.append(_table([_cells(head, head=True), *(_cells(row) for row in rows)], widths))
        left = len(report.rules) - len(rows)
        if left > 0:
            story.append(style.paragraph(text("quality.more_rules", lang, count=left), style.NOTE))
    else:
        story.append(style.paragraph(text("quality.no_findings", lang), style.BODY))
    return [*story, Spacer(0, 2 * mm), style.paragraph(text("quality.explained", lang), style.NOTE)]


def _cells(row: list[str], *, head: bool = False) -> list[Paragraph]:
    return [style.paragraph(cell, style.HEAD if head else style.CELL) for cell in row]


def _table(rows: list[list[Paragraph]], widths: list[float]) -> Table:
    table = Table(rows, colWidths=[_WIDTH * width for width in widths], hAlign="LEFT")
    table.setStyle(
        TableStyle(
            [
                ("FONTNAME", (0, 0), (-1, -1), style.PLAIN),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEBELOW", (0, 0), (-1, -1), 0.25, style.LINE),
                ("TOPPADDING", (0, 0), (-1, -1), 1),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ]
        )
    )
    return table
