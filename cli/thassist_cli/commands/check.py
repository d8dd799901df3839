"""``thassist check``: the rules over the whole database."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from thassist import messages
from thassist_cli.common import db_option, format_option, lang_option, progress
from thassist_cli.findings import findings_as_json, numbers, show_findings
from thassist_cli.locations import locations_as_data, show_locations
from thassist_cli.quality import check_quality
from thassist_cli.trail import AnchorType, check_trail

if TYPE_CHECKING:
    from thassist.records.dataset import Dataset
    from thassist.records.trail import Anchor
    from thassist.rules.localise import Coverage, Location


@click.command()
@db_option
@lang_option
@format_option
@click.option("--localise", is_flag=True, help="Say for each case which fields are most likely wrong.")
@click.option("--quality", is_flag=True, help="Report how complete, timely and correct the records are instead.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Also write that report as a PDF."
)
@click.option("--trail", is_flag=True, help="Check the trail of changes instead of the rules.")
@click.option(
    "--anchor", "noted", type=AnchorType(), multiple=True, help="What an earlier check of the trail ended with."
)
@click.option(
    "--snapshots",
    envvar="THASSIST_SNAPSHOTS",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder of snapshots that the trail is held against.",
)
def check(
    db: str,
    lang: str,
    output: str,
    *,
    localise: bool,
    quality: bool,
    out: Path | None,
    trail: bool,
    noted: tuple["Anchor", ...],
    snapshots: Path | None,
) -> None:
    """Run every rule of the catalogue over all stored records.

    Exit code 1 where a finding is an error; warnings and information alone leave it at 0. The text shows a cause that
    is repeated down a column once, with its number; --format json lists every finding.
    """
    if trail:
        sys.exit(0 if check_trail(db, snapshots, noted, lang, output) else 1)
    from thassist.records.bulk import StoredRecords
    from thassist.records.database import reading

    if quality:
        check_quality(db, out, lang, output)
        return
    from thassist.records.extract import read
    from thassist.records.merging import decided_pairs
    from thassist.records.store import open_database
    from thassist.rules.finding import errors
    from thassist.rules.runner import run

    with progress(messages.text("cli.check", lang)):
        engine = open_database(db)
        try:
            with reading(engine) as connection:
                stored = StoredRecords(connection)
                findings, records = run(stored, lang, decided=decided_pairs(connection)), stored.count()
            dataset = read(engine) if localise else None
        finally:
            engine.dispose()
    located: dict[str, object] = {}
    if dataset is not None:
        locations, covered = _located(dataset, lang)
        located = locations_as_data(locations, covered)
    if output == "json":
        findings_as_json(findings, records=records, **located)
    else:
        show_findings(findings, lang)
        key = "rules.check_summary" if findings else "rules.check_clean"
        told: dict[str, object] = {"records": records, **numbers(findings)}
        click.echo(messages.text(key, lang, "what", **told))
        if dataset is not None:
            show_locations(locations, covered, lang)
    if errors(findings):
        sys.exit(1)


def _located(dataset: "Dataset", lang: str) -> "tuple[list[Location], list[Coverage]]":
    from thassist.rules.localise import coverage, locate

    with progress(messages.text("localise.progress", lang)):
        return locate(dataset), coverage()
