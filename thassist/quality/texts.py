"""The report in words: rows of text that the terminal and the PDF share, and the same for a machine."""

from dataclasses import asdict
from typing import Any

from thassist.messages import text
from thassist.quality.definition import GROUPS
from thassist.quality.report import Measured, QualityReport

Row = list[str]


def banners(report: QualityReport) -> list[str]:
    """What every form of the report says first."""
    said = [text("quality.internal", report.lang)]
    return [text("quality.synthetic", report.lang), *said] if report.synthetic else said


def summary(report: QualityReport) -> str:
    """How much there is, in one line."""
    return text("quality.summary", report.lang, records=sum(report.records.values()), findings=report.findings)


def groups(report: QualityReport) -> list[tuple[str, list[Row]]]:
    """Title and rows of every group of measures: what, how much, of how many."""
    found = []
    for group in GROUPS:
        rows = [_row(one, report.lang) for one in report.measures if one.group == group]
        found.append((text(f"quality.group_{group}", report.lang), rows))
    return found


def rules_table(report: QualityReport, limit: int | None = None) -> list[Row]:
    """Heading and rows of the findings by rule and month, those with most first."""
    head = [text(f"quality.column_{name}", report.lang) for name in ("rule", "what", "total")]
    rows = [[*head, *report.months, text("quality.column_other", report.lang)]]
    for rule in report.rules[:limit]:
        months = [str(rule.months[month]) for month in report.months]
        rows.append([rule.rule, rule.message, str(rule.total), *months, str(rule.other)])
    return rows


def as_data(report: QualityReport) -> dict[str, Any]:
    """The report for a machine."""
    return {
        "day": report.day.isoformat(),
        "internal": True,
        "synthetic": report.synthetic,
        "records": report.records,
        "imports": report.imports,
        "measures": [asdict(one) | {"share": one.share} for one in report.measures],
        "rules": [asdict(rule) for rule in report.rules],
    }


def _row(one: Measured, lang: str) -> Row:
    if not one.among:
        return [one.title, text("quality.nothing", lang), ""]
    if one.share is not None:
        return [one.title, percent(one.share, lang), text("quality.of", lang, count=one.count, among=one.among)]
    median, ninth = (f"{value:.0f}" for value in (one.median or 0.0, one.ninth or 0.0))
    return [one.title, median, text("quality.days", lang, ninth=ninth, among=one.among)]


def percent(share: float, lang: str) -> str:
    """A share as people write it: with a comma and a blank but in English."""
    shown = f"{100 * share:.1f}"
    return f"{shown}%" if lang == "en" else f"{shown.replace('.', ',')} %"
