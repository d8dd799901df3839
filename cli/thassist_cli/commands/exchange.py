"""``thassist exchange``: victims' records for another organisation, restricted and entered in a register."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from thassist.messages import text
from thassist_cli.common import (
    db_option,
    format_option,
    lang_option,
    language_of,
    progress,
    show_json,
    show_table,
    snapshots_option,
)

if TYPE_CHECKING:
    from thassist.exchange import Definition, Handed

_YEARS = click.IntRange(1900, 2200)


def _named_as_csv(ctx: click.Context, _parameter: click.Parameter, value: Path) -> Path:
    if value.suffix.lower() != ".csv":
        raise click.BadParameter(text("exchange.not_csv", language_of(ctx), "what"))
    return value


@click.command()
@click.argument("exchange_id", metavar="ID")
@click.option("--to", "receiver", required=True, metavar="NAME", help="Who receives the records.")
@click.option("--why", required=True, metavar="TEXT", help="Why: the purpose.")
@click.option("--first", type=_YEARS, default=1900, metavar="YEAR", help="First year of registration.")
@click.option("--last", type=_YEARS, default=2200, metavar="YEAR", help="Last year of registration.")
@click.option("--snapshot", "snapshot_id", metavar="ID", help="Snapshot; by default the one frozen last.")
@click.option("--by", default=getpass.getuser, metavar="ACCOUNT", help="Account to record.")
@click.option(
    "--register",
    "register_file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="File of the register.",
)
@click.option(
    "-o",
    "target",
    required=True,
    type=click.Path(path_type=Path),
    callback=_named_as_csv,
    metavar="FILE",
    help="File to write (.csv).",
)
@db_option
@snapshots_option
@lang_option
@format_option
def exchange(
    exchange_id: str,
    receiver: str,
    why: str,
    first: int,
    last: int,
    snapshot_id: str | None,
    by: str,
    register_file: Path | None,
    target: Path,
    db: str,
    snapshots: Path | None,
    lang: str,
    output: str,
) -> None:
    """Write victims' records in the layout ID (htcds, ctdc) for a named receiver and purpose."""
    from thassist.errors import ThassistError
    from thassist.exchange import hand_over, load
    from thassist.exchange.register import Register, default_file
    from thassist.snapshot import default_folder, open_snapshot

    if last < first:
        raise click.UsageError(text("exchange.years", lang, "what"))
    definition = load(exchange_id)
    folder = snapshots or default_folder(db)
    book = Register(register_file or default_file(default_folder(db).parent))
    taken = open_snapshot(folder, snapshot_id)
    try:
        with progress(definition.titles[lang]):
            handed = hand_over(
                definition, taken, target, book, receiver=receiver, why=why, by=by, first=first, last=last
            )
    except ThassistError as error:
        if error.key == "exchange.no_reason":
            raise click.UsageError(text(error.key, lang, "what") + " " + text(error.key, lang, "remedy")) from None
        raise
    if output == "json":
        show_json(_as_json(handed))
    else:
        _show(handed, definition, lang)


def _show(handed: "Handed", definition: "Definition", lang: str) -> None:
    entry = handed.entry
    click.echo(
        text(
            "exchange.handed",
            lang,
            file=handed.file,
            receiver=entry["to"],
            number=entry["number"],
            records=handed.written,
            persons=handed.persons,
        )
    )
    if entry["synthetic"]:
        click.echo(text("exchange.synthetic", lang))
    click.echo(click.style(text("exchange.restricted", lang), bold=True))
    if handed.proof is None:
        return
    click.echo(text("exchange.dropped", lang, count=handed.dropped))
    click.echo(text("exchange.loss", lang))
    show_table([[f"  {name}", f"{gone} / {said}"] for name, (said, gone) in handed.lost.items() if said])
    proof = handed.proof
    click.echo(
        text(
            "exchange.proof",
            lang,
            combinations=proof.combinations,
            fewest=proof.fewest,
            questions=proof.questions,
            answer=proof.fewest_answer,
            k=definition.k,
        )
    )


def _as_json(handed: "Handed") -> dict[str, object]:
    return {
        "file": str(handed.file),
        "about": str(handed.about),
        "persons": handed.persons,
        "records": handed.written,
        "dropped": handed.dropped,
        "cells": {name: {"told": said, "blanked": gone} for name, (said, gone) in handed.lost.items() if said},
        "entry": dict(handed.entry),
    }
