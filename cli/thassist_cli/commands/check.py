"""``thassist check``: the rules over the whole database."""

import sys
from typing import TYPE_CHECKING

import click

from thassist import messages
from thassist_cli.common import db_option, format_option, lang_option, progress
from thassist_cli.findings import findings_as_json, numbers, show_findings
from thassist_cli.locations import locations_as_data, show_locations

if TYPE_CHECKING:
    from thassist.records.dataset import Dataset
    from thassist.rules.localise import Coverage, Location


@click.command()
@db_option
@lang_option
@format_option
@click.option("--localise", is_flag=True, help="Say for each case which fields are most likely wrong.")
def check(db: str, lang: str, output: str, *, localise: bool) -> None:
    """Run every rule of the catalogue over all stored records.

    Exit code 1 where a finding is an error; warnings and information alone leave it at 0. The text shows a cause that
    is repeated down a column once, with its number; --format json lists every finding.
    """
    from thassist.records.extract import read
    from thassist.records.store import open_database
    from thassist.rules.finding import errors
    from thassist.rules.runner import run

    with progress(messages.text("cli.check", lang)):
        engine = open_database(db)
        try:
            dataset = read(engine)
        finally:
            engine.dispose()
        findings = run(dataset, lang)
    located: dict[str, object] = {}
    if localise:
        locations, covered = _located(dataset, lang)
        located = locations_as_data(locations, covered)
    if output == "json":
        findings_as_json(findings, records=dataset.count(), **located)
    else:
        show_findings(findings, lang)
        key = "rules.check_summary" if findings else "rules.check_clean"
        told: dict[str, object] = {"records": dataset.count(), **numbers(findings)}
        click.echo(messages.text(key, lang, "what", **told))
        if localise:
            show_locations(locations, covered, lang)
    if errors(findings):
        sys.exit(1)


def _located(dataset: "Dataset", lang: str) -> "tuple[list[Location], list[Coverage]]":
    from thassist.rules.localise import coverage, locate

    with progress(messages.text("localise.progress", lang)):
        return locate(dataset), coverage()
