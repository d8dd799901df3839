"""``thassist verify``: check a publication that is already out."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from thassist.messages import text
from thassist_cli.commands.against import compare
from thassist_cli.common import db_option, format_option, lang_option, progress, snapshots_option
from thassist_cli.findings import findings_as_json, numbers

if TYPE_CHECKING:
    from thassist.rules.finding import Finding
    from thassist.verify import Verification

#: Places shown of one kind of fault; the number of the rest is told.
_SHOWN = 10


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--profile", required=True, metavar="ID", help="Profile that describes the layout of the file.")
@click.option("--against", metavar="SNAPSHOT|DIR", help="Compare with a snapshot or a release instead.")
@click.option("--area", metavar="AREA", help="With --against: whose figures, as the file writes it.")
@click.option("--earlier", multiple=True, type=click.Path(path_type=Path), metavar="FILE", help="An earlier edition.")
@snapshots_option
@db_option
@lang_option
@format_option
@click.pass_context
def verify(
    ctx: click.Context,
    file: Path,
    profile: str,
    against: str | None,
    area: str | None,
    earlier: tuple[Path, ...],
    snapshots: Path | None,
    db: str,
    lang: str,
    output: str,
) -> None:
    """Check whether a published FILE contradicts itself, and what it gives away."""
    if against or area or earlier:
        if not against or not area:
            raise click.UsageError(text("against.needs", lang), ctx)
        sys.exit(compare(file, profile, against, area, earlier, snapshots, db, lang, output))
    from thassist.rules.finding import errors
    from thassist.verify import verify as check

    with progress(text("verify.progress", lang)):
        done = check(file, profile, lang)
    if output == "json":
        findings_as_json(done.findings, profile=done.profile.id, sheet=done.sheet, figures=done.figures)
    else:
        _show(done, lang)
    if errors(done.findings):
        sys.exit(1)


def _show(done: "Verification", lang: str) -> None:
    """By kind of fault: what it is, where it stands, and what to do about it, said once."""
    if not done.findings:
        click.echo(text("verify.clean", lang, figures=done.figures, profile=done.profile.id))
        return
    kinds: dict[tuple[str, str], list[Finding]] = {}
    for finding in sorted(done.findings, key=lambda each: each.code):
        kinds.setdefault((finding.code, finding.severity), []).append(finding)
    for (code, severity), findings in kinds.items():
        named = f"{text(f'rules.severity_{severity}', lang)} [{code}] {text(f'verify.title_{code}', lang)}"
        click.echo(click.style(f"{named}: {len(findings)}", bold=True))
        for finding in findings[:_SHOWN]:
            _show_one(finding, lang)
        if len(findings) > _SHOWN:
            click.echo(f"  {text('verify.more', lang, count=len(findings) - _SHOWN)}")
        click.echo(f"  → {findings[0].remedy}")
    click.echo()
    click.echo(text("verify.summary", lang, "what", figures=done.figures, **numbers(done.findings)))


def _show_one(finding: "Finding", lang: str) -> None:
    extra = [text("rules.value_is", lang, value=finding.value)] if finding.value else []
    if finding.suggestion:
        extra.append(text("rules.did_you_mean", lang, suggestion=finding.suggestion))
    if finding.related:
        extra.append(text("rules.see_also", lang, cells=", ".join(finding.related)))
    click.echo(f"  {finding.cell}: {finding.key}")
    quoted = f" ({'; '.join(extra)})" if extra else ""
    click.echo(f"      {finding.message}{quoted}")
