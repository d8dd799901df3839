"""Findings on a terminal: by sheet or table, each with its place, what is wrong and what to do about it."""

from typing import TYPE_CHECKING

import click

from thassist import messages
from thassist_cli.common import show_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from thassist.rules.finding import Finding


def numbers(findings: "Iterable[Finding]") -> dict[str, int]:
    """How many findings there are of each severity."""
    from thassist.rules.finding import Severity

    counted = {str(severity): 0 for severity in Severity}
    for finding in findings:
        counted[finding.severity] += finding.count
    return counted


def show_findings(findings: "Sequence[Finding]", lang: str) -> None:
    """Print findings under their sheet or table, in the order given; one cause down a column once, with its number."""
    from thassist.rules.finding import grouped

    under: dict[str, list[Finding]] = {_title(finding, lang): [] for finding in findings}
    for finding in grouped(findings):
        under[_title(finding, lang)].append(finding)
    for place, found in under.items():
        click.echo(click.style(place or messages.text("rules.whole_file", lang), bold=True))
        for finding in found:
            _show(finding, lang)


def _title(finding: "Finding", lang: str) -> str:
    """A sheet as the file names it; the records of a table, where there is no sheet, as the workbook would."""
    from thassist.intake import dictionary

    known = not finding.sheet and finding.table in dictionary.subjects()
    return dictionary.subject(finding.table).titles[lang] if known else finding.sheet or finding.table


def _show(finding: "Finding", lang: str) -> None:
    from thassist.intake.dictionary import label

    place = f"{finding.column}{finding.row}" if finding.row else finding.column or finding.key
    header = finding.header if finding.column else label(finding.table, finding.header, lang)
    where = " ".join(part for part in (place, f"({header})" if header else "") if part)
    severity = messages.text(f"rules.severity_{finding.severity}", lang)
    extra = [messages.text("rules.value_is", lang, value=finding.value)] if finding.value else []
    if finding.suggestion:
        extra.append(messages.text("rules.did_you_mean", lang, suggestion=finding.suggestion))
    quoted = f" ({'; '.join(extra)})" if extra else ""
    click.echo(f"  {where + ': ' if where else ''}{severity} [{finding.code}] {finding.message}{quoted}")
    if finding.count > 1:
        times = "rules.times" if finding.row else "rules.times_in_table"
        click.echo("      " + messages.text(times, lang, count=finding.count))
    related = [cell for cell in dict.fromkeys(finding.related) if cell != place]
    if related:
        cells = ("; " if finding.cause else ", ").join(related)
        click.echo("      " + messages.text("rules.see_also", lang, cells=cells))
    click.echo(f"      → {finding.remedy}")


def findings_as_json(findings: "Sequence[Finding]", **more: object) -> None:
    """Print findings for a machine: every one of them, with the numbers by severity."""
    from dataclasses import asdict

    show_json({**more, **numbers(findings), "findings": [asdict(finding) for finding in findings]})
