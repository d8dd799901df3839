"""``thassist release``: list the releases that can be built, and build one."""

import sys
from pathlib import Path

import click

from thassist import messages
from thassist_cli.common import db_option, format_option, lang_option, progress, show_json, snapshots_option
from thassist_cli.findings import show_findings


@click.group()
def release() -> None:
    """Build and list releases: many tables, one period, one snapshot."""


@release.command("list")
@lang_option
@format_option
def list_(lang: str, output: str) -> None:
    """List the releases that can be built."""
    from thassist.release.spec import EXAMPLES, all_releases

    specs = all_releases()
    if output == "json":
        show_json(
            [
                {
                    "id": spec.id,
                    "version": spec.version,
                    "title": spec.titles[lang],
                    "frequency": spec.frequency,
                    "audience": spec.audience,
                    "reporting_system": spec.reporting_system,
                    "tables": list(spec.tables),
                }
                for spec in specs
            ]
        )
        return
    click.echo(messages.text("release.list_header", lang))
    for spec in specs:
        click.echo(f"  {spec.id}  {spec.titles[lang]}")
        frequency = messages.text(f"release.frequency_{spec.frequency}", lang)
        about = messages.text("release.list_period", lang, count=len(spec.tables), example=EXAMPLES[spec.frequency])
        click.echo(f"    {frequency}, {about}")


@release.command()
@click.argument("name", metavar="RELEASE")
@click.option("--period", required=True, metavar="P", help="Period, for example 2024-Q4, 2024-S1 or 2024.")
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="The release's own folder. Another release in it is never overwritten.",
)
@click.option("--snapshot", "snapshot_id", metavar="ID", help="Snapshot to build from (default: the one frozen last).")
@snapshots_option
@click.option(
    "--only",
    "langs",
    multiple=True,
    type=click.Choice(messages.LANGUAGES),
    help="Language of workbook and PDF; may be repeated (default: all three).",
)
@db_option
@lang_option
def build(
    name: str,
    period: str,
    out: Path,
    snapshot_id: str | None,
    snapshots: Path | None,
    langs: tuple[str, ...],
    db: str,
    lang: str,
) -> None:
    """Build a release as Excel, PDF and tidy CSV.

    RELEASE is an id of «thassist release list». The same snapshot gives the same bytes on every build.
    The rules over published figures say what needs a note; exit code 1 where one of them finds an error.
    """
    from thassist import publish
    from thassist.rules.figures import run_on_figures
    from thassist.rules.finding import errors
    from thassist.rules.staged import staged
    from thassist.snapshot import default_folder, open_snapshot

    frozen = open_snapshot(snapshots or default_folder(db), snapshot_id)
    with progress(messages.text("release.building", lang, release=name, period=period)):
        result = publish.build(name, period, frozen, out, langs or messages.LANGUAGES)
    made = "release.built" if result.new else "release.unchanged"
    click.echo(messages.text(made, lang, count=len(result.files), folder=result.folder))
    inside = [path.relative_to(result.folder) for path in result.files]
    for path in (path for path in inside if len(path.parts) == 1):
        click.echo(f"  {path}")
    data = sum(len(path.parts) > 1 for path in inside)
    click.echo("  " + messages.text("release.data_files", lang, count=data))
    findings = run_on_figures(staged(result.release.cubes, result.release.spec.reporting_system), lang)
    show_findings(findings, lang)
    warnings = ["release.internal_only"]
    if result.release.synthetic:
        warnings.append("release.is_synthetic")
    if result.release.provisional:
        warnings.append("release.is_provisional")
    for warning in warnings:
        click.echo(messages.text(warning, lang, as_of=result.release.as_of), err=True)
    if errors(findings):
        sys.exit(1)
