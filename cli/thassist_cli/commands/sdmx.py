"""``thassist sdmx``: check SDMX data, ours or anyone's, against its structure."""

import sys
from pathlib import Path

import click

from thassist.messages import text
from thassist_cli.common import format_option, lang_option
from thassist_cli.findings import findings_as_json, show_findings


@click.group()
def sdmx() -> None:
    """SDMX files, ours or anyone's."""


@sdmx.command()
@click.argument("data", type=click.Path(path_type=Path))
@click.argument("structure", type=click.Path(path_type=Path))
@lang_option
@format_option
def check(data: Path, structure: Path, lang: str, output: str) -> None:
    """Check the observations of DATA against the code lists and the data structure in STRUCTURE."""
    from thassist.publish.sdmx_check import check_file

    done = check_file(data, structure, lang)
    if output == "json":
        findings_as_json(done.findings, file=data.name, observations=done.observations)
    elif done.findings:
        show_findings(done.findings, lang)
        click.echo(text("sdmx.summary", lang, count=done.observations, faults=len(done.findings)))
    else:
        click.echo(text("sdmx.clean", lang, count=done.observations))
    if done.findings:
        sys.exit(1)
