"""Findings on a terminal: one line for the fault, one for what to do, one cause only once."""

from typing import TYPE_CHECKING

import click

from thassist import messages
from thassist_cli.common import show_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from thassist.rules.finding import Finding, Severity


def numbers(findings: Sequence["Finding"]) -> dict[str, int]:
    """How many findings there are of each severity."""
    from thassist.rules.finding import Severity

    return {severity: _count(findings, severity) for severity in Severity}


def _count(findings: Sequence["Finding"], severity: "Severity") -> int:
    return sum(finding.count for finding in findings if finding.severity is severity)


def show_findings(findings: Sequence["Finding"], lang: str) -> None:
    """Print findings under the sheet or table of their records, repeated ones once with their number."""
    from thassist.rules.finding import grouped

    under: dict[str, list[Finding]] = {}
    for finding in grouped(findings):
        under.setdefault(finding.sheet or finding.table, []).append(finding)
    for place, found in under.items():
        click.echo(click.style(place, bold=True))
        for finding in found:
            _show(finding, lang)


def _show(finding: "Finding", lang: str) -> None:
    place = finding.cell if finding.row else finding.key
    where = " ".join(part for part in (place, f"({finding.header})" if finding.header else "") if part)
    severity = messages.text(f"rules.severity_{finding.severity}", lang)
    extra = [messages.text("rules.value_is", lang, value=finding.value)] if finding.value else []
    if finding.suggestion:
        extra.append(messages.text("rules.did_you_mean", lang, suggestion=finding.suggestion))
    quoted = f" ({'; '.join(extra)})" if extra else ""
    click.echo(f"  {where}: {severity} [{finding.code}] {finding.message}{quoted}")
    if finding.count > 1:
        click.echo("      " + messages.text("rules.times", lang, count=finding.count))
    if finding.related:
        click.echo("      " + messages.text("rules.see_also", lang, cells=", ".join(finding.related)))
    click.echo(f"      → {finding.remedy}")


def findings_as_json(findings: Sequence["Finding"], **more: object) -> None:
    """Print findings for a machine: every one of them, with the numbers by severity."""
    from dataclasses import asdict

    show_json({**more, **numbers(findings), "findings": [asdict(finding) for finding in findings]})
