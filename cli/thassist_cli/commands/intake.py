"""``thassist template``, ``validate`` and ``import``: the intake workbook and what comes back in it."""

import dataclasses
import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from thassist import messages
from thassist_cli.common import db_option, format_option, lang_option, progress, workbook_option
from thassist_cli.findings import numbers, show_findings

if TYPE_CHECKING:
    from thassist.intake.deliver import Delivery
    from thassist.records.store import StoreResult

_profile_option = click.option(
    "--profile", default="fi-nas", show_default=True, metavar="ID", help="Mapping profile of the file's layout."
)
_file_argument = click.argument("file", type=click.Path(path_type=Path))


@click.command()
@workbook_option
@lang_option
def template(target: Path, lang: str) -> None:
    """Write the empty intake workbook, with drop-downs and guidance in the chosen language."""
    from thassist.intake.template import write_template

    write_template(target, lang)
    click.echo(messages.text("intake.template_written", lang, file=str(target)))


@click.command()
@_file_argument
@_profile_option
@db_option
@format_option
@lang_option
@click.pass_context
def validate(ctx: click.Context, file: Path, profile: str, db: str, output: str, lang: str) -> None:
    """Validate a delivered FILE and show every finding by sheet, row and column. Nothing is stored.

    Where the database exists, the file is judged as a continuation of what is stored there. Exit code 1 where a finding
    is an error; warnings and information alone leave it at 0.
    """
    from thassist.intake import deliver

    chosen = ctx.get_parameter_source("db") is not click.core.ParameterSource.DEFAULT
    with progress(messages.text("intake.validating", lang)), deliver.stored_records(db, chosen=chosen) as engine:
        delivery = deliver.validate(file, profile, lang, engine=engine)
    _show(delivery, output, lang)
    if not delivery.acceptable:
        sys.exit(1)


@click.command("import")
@_file_argument
@_profile_option
@db_option
@click.option("--by", default=getpass.getuser, metavar="ACCOUNT", help="Account recorded with the import.")
@format_option
@lang_option
def import_(file: Path, profile: str, db: str, by: str, output: str, lang: str) -> None:
    """Validate a delivered FILE, then store all of it, or nothing where there are errors (exit code 1)."""
    from thassist.intake import deliver

    with progress(messages.text("intake.importing", lang)):
        result = deliver.import_file(db, file, profile, lang, by=by)
    _show(result.delivery, output, lang, stored=result.stored, importing=True)
    if result.stored is None:
        sys.exit(1)


def _show(
    delivery: "Delivery",
    output: str,
    lang: str,
    *,
    stored: "StoreResult | None" = None,
    importing: bool = False,
) -> None:
    """The findings and what became of the file."""
    from thassist_cli.findings import findings_as_json

    if output == "json":
        told: dict[str, object] = {
            "sha256": delivery.sha256,
            "records": {table: len(frame) for table, frame in delivery.dataset.frames.items()},
            "synthetic": delivery.dataset.synthetic,
        }
        if importing:
            told["stored"] = dataclasses.asdict(stored) if stored is not None else None
        findings_as_json(delivery.findings, **told)
        return
    show_findings(delivery.findings, lang)
    records = delivery.dataset.count()
    if delivery.findings:
        counts: dict[str, object] = {"count": records, **numbers(delivery.findings)}
        click.echo(messages.text("intake.summary", lang, "what", **counts))
    else:
        click.echo(messages.text("intake.clean", lang, count=records))
    if not importing:
        return
    if stored is None:
        click.echo(messages.text("intake.refused", lang))
    elif stored.already_imported:
        click.echo(messages.text("intake.already_imported", lang))
    else:
        new, known = sum(stored.inserted.values()), sum(stored.unchanged.values())
        click.echo(messages.text("intake.imported", lang, batch=stored.batch_id, count=new, unchanged=known))
