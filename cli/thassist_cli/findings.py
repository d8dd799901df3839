"""Findings on a terminal: by sheet in the order of the workbook, each with its place, cause and remedy."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from thassist import messages

if TYPE_CHECKING:
    from thassist.rules.finding import Finding

_MOST_RELATED = 8


def show_findings(findings: "Sequence[Finding]", records: int, lang: str) -> None:
    """All findings, and how many there are in so many records."""
    from thassist.rules.finding import Severity, grouped

    numbers = dict.fromkeys(Severity, 0)
    for finding in findings:
        numbers[finding.severity] += finding.count
    last: str | None = None
    sheets = list(dict.fromkeys(finding.sheet for finding in findings))
    for finding in sorted(grouped(findings), key=lambda one: (sheets.index(one.sheet), one.order())):
        if finding.sheet != last:
            last = finding.sheet
            click.echo(click.style(last or messages.text("intake.whole_file", lang), bold=True))
        _show_finding(finding, lang)
    key = "intake.summary" if findings else "intake.clean"
    click.echo(
        messages.text(
            key,
            lang,
            count=records,
            errors=numbers[Severity.ERROR],
            warnings=numbers[Severity.WARNING],
            information=numbers[Severity.INFORMATION],
        )
    )


def _show_finding(finding: "Finding", lang: str) -> None:
    def say(entry: str, **params: object) -> str:
        return messages.text(f"intake.{entry}", lang, part="what", **params)

    place = finding.cell if finding.row else finding.column
    header = f" ({finding.header})" if finding.header else ""
    where = f"{place}{header}: " if place else ""
    extra = []
    if finding.value:
        extra.append(say("value_is", value=finding.value))
    if finding.suggestion:
        extra.append(say("did_you_mean", suggestion=finding.suggestion))
    click.echo(
        f"  {where}{say('severity_' + finding.severity)} [{finding.code}] {finding.message}"
        + (f" ({'; '.join(extra)})" if extra else "")
    )
    if finding.related:
        shown = ", ".join(finding.related[:_MOST_RELATED])
        more = " …" if len(finding.related) > _MOST_RELATED else ""
        number = f" ({finding.count})" if finding.count > 1 else ""
        click.echo(f"      {say('also_at', cells=shown)}{more}{number}")
    click.echo(f"      → {finding.remedy}")
