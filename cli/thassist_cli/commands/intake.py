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
from thassist_cli.locations import locations_as_data, show_locations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from thassist.intake.changes import Change, Withdrawal
    from thassist.intake.deliver import Delivery, ImportResult, Preview
    from thassist.intake.likely import Likely
    from thassist.rules.finding import Finding

_profile_option = click.option(
    "--profile", default="fi-nas", show_default=True, metavar="ID", help="Mapping profile of the file's layout."
)
_file_argument = click.argument("file", type=click.Path(path_type=Path))


@click.command()
@workbook_option
@click.option(
    "--prefill",
    "clients",
    multiple=True,
    metavar="CLIENT",
    help="Key of a person whose records are written; may repeat.",
)
@click.option("--open-cases", is_flag=True, help="Write the stored records of all open cases.")
@db_option
@lang_option
def template(target: Path, clients: tuple[str, ...], *, open_cases: bool, db: str, lang: str) -> None:
    """Write the intake workbook, with drop-downs and guidance in the chosen language: empty, or with stored records."""
    from thassist.intake.template import write_template

    if not clients and not open_cases:
        write_template(target, lang)
        click.echo(messages.text("intake.template_written", lang, file=str(target)))
        return
    from thassist.intake import prefill

    made = prefill.write_cases(db, target, lang, clients=clients, open_cases=open_cases)
    click.echo(messages.text("intake.template_written", lang, file=str(target)))
    click.echo(messages.text("intake.template_prefilled", lang, clients=made.clients, children=made.children))
    if made.proposed:
        click.echo(messages.text("intake.template_proposed", lang, count=made.proposed))


@click.command()
@_file_argument
@_profile_option
@click.option(
    "--annotate",
    "annotated",
    metavar="OUT.xlsx",
    type=click.Path(path_type=Path),
    help="Also write the file back with the cells coloured and commented, and a sheet of findings with links.",
)
@click.option("--localise", is_flag=True, help="Say for each case that breaks several rules which cells are wrong.")
@db_option
@format_option
@lang_option
@click.pass_context
def validate(
    ctx: click.Context,
    file: Path,
    profile: str,
    annotated: Path | None,
    db: str,
    output: str,
    lang: str,
    *,
    localise: bool,
) -> None:
    """Validate a delivered FILE and show every finding by sheet, row and column. Nothing is stored.

    Where the database exists, the file is judged as a continuation of what is stored there. Exit code 1 where a finding
    is an error; warnings and information alone leave it at 0.
    """
    from thassist.intake import annotate, deliver

    chosen = ctx.get_parameter_source("db") is not click.core.ParameterSource.DEFAULT
    with progress(messages.text("intake.validating", lang)), deliver.stored_records(db, chosen=chosen) as engine:
        delivery = deliver.validate(file, profile, lang, engine=engine)
    found = _likely(delivery, lang) if localise else None
    marked = [*delivery.findings, *(_marks(found, lang) if found else ())]
    done = annotated and annotate.annotate(
        file, marked, annotated, profile_id=profile, sha256=delivery.sha256, lang=lang
    )
    _show(delivery, output, lang, **_located(found))
    if found and output == "text":
        _tell_likely(found, lang)
    if annotated and done:
        words = messages.text("intake.annotated", lang, file=str(annotated), cells=done.cells, sheet=done.sheet)
        click.echo(words, err=output == "json")
    if not delivery.acceptable:
        sys.exit(1)


def _likely(delivery: "Delivery", lang: str) -> "Likely":
    from thassist.intake.likely import likely

    with progress(messages.text("localise.progress", lang)):
        return likely(delivery)


def _marks(found: "Likely", lang: str) -> "list[Finding]":
    from thassist.intake.likely import marks

    return marks(found.locations, lang)


def _located(found: "Likely | None") -> dict[str, object]:
    """Where the errors are, for a machine."""
    if found is None:
        return {}
    from thassist.rules.localise import coverage

    return {**locations_as_data(found.locations, coverage()), "cases": found.cases}


def _tell_likely(found: "Likely", lang: str) -> None:
    from thassist.rules.localise import coverage

    if not found.locations:
        click.echo(messages.text("localise.single_only", lang))
        return
    show_locations(found.locations, coverage(), lang)
    if found.cases > len(found.locations):
        click.echo(messages.text("localise.capped", lang, looked=len(found.locations), cases=found.cases))


@click.command("import")
@_file_argument
@_profile_option
@db_option
@click.option("--by", default=getpass.getuser, metavar="ACCOUNT", help="Account recorded with the import.")
@click.option("--dry-run", is_flag=True, help="Only show what the import would store and correct; nothing is stored.")
@click.option("--correct", is_flag=True, help="Let the file correct stored records; needs --why.")
@click.option(
    "--complete", is_flag=True, help="Withdraw stored records of the file's cases that it does not hold; needs --why."
)
@click.option("--why", default="", metavar="TEXT", help="The reason for what changes, without personal data.")
@format_option
@lang_option
def import_(
    file: Path,
    profile: str,
    db: str,
    by: str,
    *,
    dry_run: bool,
    correct: bool,
    complete: bool,
    why: str,
    output: str,
    lang: str,
) -> None:
    """Validate a delivered FILE, then store all of it, or nothing where there are errors (exit code 1)."""
    from thassist.intake import deliver

    for wanted, key in ((correct, "intake.why_with_correct"), (complete, "intake.why_with_complete")):
        if wanted and not dry_run and not why.strip():
            raise click.UsageError(messages.text(key, lang))
    if dry_run:
        with progress(messages.text("intake.validating", lang)):
            preview = deliver.preview(db, file, profile, lang, by=by, complete=complete)
        _show(preview.delivery, output, lang, **_previewed(preview))
        if output == "text":
            _tell_preview(preview, lang)
        accepted = preview.plan is not None
    else:
        with progress(messages.text("intake.importing", lang)):
            result = deliver.import_file(
                db, file, profile, lang, by=by, correct=correct, complete=complete, why=why.strip()
            )
        _show(result.delivery, output, lang, **_imported(result))
        if output == "text":
            _tell_import(result, lang)
        accepted = result.stored is not None
    if not accepted:
        sys.exit(1)


def _show(delivery: "Delivery", output: str, lang: str, **more: object) -> None:
    """The findings and how many records were read; for a machine also what became of them."""
    from thassist_cli.findings import findings_as_json

    if output == "json":
        told: dict[str, object] = {
            "sha256": delivery.sha256,
            "records": {table: len(frame) for table, frame in delivery.dataset.frames.items()},
            "synthetic": delivery.dataset.synthetic,
        }
        findings_as_json(delivery.findings, **told, **more)
        return
    show_findings(delivery.findings, lang)
    records = delivery.dataset.count()
    if delivery.findings:
        counts: dict[str, object] = {"count": records, **numbers(delivery.findings)}
        click.echo(messages.text("intake.summary", lang, "what", **counts))
    else:
        click.echo(messages.text("intake.clean", lang, count=records))


def _previewed(preview: "Preview") -> dict[str, object]:
    """A preview for a machine. Values that may not be quoted are left out."""
    plan = preview.plan
    if plan is None:
        return {"plan": None}
    return {
        "plan": {
            "new": plan.new,
            "unchanged": plan.unchanged,
            "corrected": [dataclasses.asdict(change) for change in preview.changes],
            "reinstated": len(plan.reinstated),
            "withdrawn": [dataclasses.asdict(record) for record in preview.withdrawn],
            "not_in_file": _not_in_file(preview.delivery),
            "already_imported": plan.already_imported,
        }
    }


def _imported(result: "ImportResult") -> dict[str, object]:
    """What an import did, for a machine."""
    stored = result.stored
    if stored is None:
        return {"stored": None}
    names = ("batch_id", "inserted", "unchanged", "corrected", "already_imported")
    told = {name: getattr(stored, name) for name in names}
    told["withdrawn"] = [dataclasses.asdict(record) for record in result.withdrawn]
    told["not_in_file"] = _not_in_file(result.delivery)
    return {"stored": told, "changes": [dataclasses.asdict(change) for change in result.changes]}


def _not_in_file(delivery: "Delivery") -> int:
    """Stored records of the file's cases that it does not hold and that stay."""
    return 0 if delivery.complete else sum(map(len, delivery.left_out.values()))


def _tell_left_out(delivery: "Delivery", lang: str) -> None:
    count = _not_in_file(delivery)
    if count:
        click.echo(messages.text("intake.left_out", lang, count=count))


def _tell_preview(preview: "Preview", lang: str) -> None:
    plan = preview.plan
    if plan is not None and plan.already_imported:
        click.echo(messages.text("intake.already_imported", lang))
        _tell_left_out(preview.delivery, lang)
        return
    if plan is not None:
        new, known = sum(plan.new.values()), sum(plan.unchanged.values())
        if not new and not preview.changes and not preview.withdrawn:
            click.echo(messages.text("intake.nothing_new", lang, count=known))
        else:
            click.echo(messages.text("intake.dry_new", lang, count=new, unchanged=known))
        if plan.reinstated:
            click.echo(messages.text("intake.dry_reinstated", lang, count=len(plan.reinstated)))
        if preview.changes:
            records = sum(plan.corrected_records.values())
            click.echo(messages.text("intake.dry_corrected", lang, count=records, fields=len(preview.changes)))
            _show_changes(preview.changes, lang)
        if preview.withdrawn:
            click.echo(messages.text("intake.dry_withdrawn", lang, count=len(preview.withdrawn)))
            _show_withdrawn(preview.withdrawn, lang)
        _tell_left_out(preview.delivery, lang)
    click.echo(messages.text("intake.dry_end", lang))


def _tell_import(result: "ImportResult", lang: str) -> None:
    stored = result.stored
    if stored is None:
        click.echo(messages.text("intake.refused", lang))
        return
    if stored.already_imported:
        click.echo(messages.text("intake.already_imported", lang))
        _tell_left_out(result.delivery, lang)
        return
    new, known = sum(stored.inserted.values()), sum(stored.unchanged.values())
    if not new and not result.changes and not result.withdrawn:
        click.echo(messages.text("intake.nothing_new", lang, count=known))
    else:
        click.echo(messages.text("intake.imported", lang, batch=stored.batch_id, count=new, unchanged=known))
    if result.changes:
        records = sum(stored.corrected.values())
        click.echo(messages.text("intake.corrected", lang, count=records, fields=len(result.changes)))
        _show_changes(result.changes, lang)
    if result.withdrawn:
        click.echo(messages.text("intake.withdrawn", lang, count=len(result.withdrawn)))
        _show_withdrawn(result.withdrawn, lang)
    _tell_left_out(result.delivery, lang)


def _show_withdrawn(records: "Sequence[Withdrawal]", lang: str) -> None:
    """Every record that goes, with its fields, under its sheet."""
    sheet = None
    for record in records:
        if record.sheet != sheet:
            sheet = record.sheet
            click.echo(click.style(sheet or record.table, bold=True))
        click.echo("  " + messages.text("intake.withdrawn_record", lang, key=record.key))
        for label, value in record.fields:
            key = "intake.value_hidden" if value is None else "intake.value_shown"
            told = {"label": label} if value is None else {"label": label, "value": value}
            click.echo("    " + messages.text(key, lang, **told))


def _show_changes(changes: "Sequence[Change]", lang: str) -> None:
    """Every changed field under its sheet, at its cell."""
    empty = messages.text("intake.change_nothing", lang)
    sheet = None
    for change in changes:
        if change.sheet != sheet:
            sheet = change.sheet
            click.echo(click.style(sheet or change.table, bold=True))
        if change.old is None or change.new is None:
            what = messages.text("intake.change_hidden", lang)
        else:
            what = messages.text("intake.change_values", lang, old=change.old or empty, new=change.new or empty)
        click.echo(f"  {change.cell} ({change.label}): {what}")
