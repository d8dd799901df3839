"""``thassist ledger``: everything that was ever published, as the attacker knows it."""

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from thassist.errors import StorageError
from thassist.messages import text
from thassist_cli.common import db_option, format_option, lang_option, show_json

if TYPE_CHECKING:
    from thassist.disclosure.ledger import Entry, Ledger, Publication

_SHOWN = 20

ledger_option = click.option(
    "--ledger",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="File of the ledger (or THASSIST_LEDGER); by default beside the database.",
)


@click.group()
def ledger() -> None:
    """Every figure that was ever published from this house, or by others about the same people."""


@ledger.command("list")
@ledger_option
@db_option
@lang_option
@format_option
def list_(file: Path | None, db: str, lang: str, output: str) -> None:
    """List the entries."""
    book = open_ledger(file, db)
    entries = book.entries()
    if output == "json":
        show_json([_as_json(entry) for entry in entries])
        return
    if not entries:
        click.echo(text("ledger.empty", lang, file=book.file))
        return
    click.echo(text("ledger.list_head", lang, count=len(entries)))
    for entry in entries:
        told = entry.publication
        row = text("ledger.list_row", lang, "what", **{**_as_json(entry), "period": told.period or _kind(lang)})
        click.echo(f"  {row}" + (f"  {text('ledger.made_up', lang)}" if told.synthetic else ""))


@ledger.command("verify")
@click.option("--noted", default="", metavar="ANCHOR", help="The anchor that an earlier check gave, kept elsewhere.")
@ledger_option
@db_option
@lang_option
@format_option
def verify(noted: str, file: Path | None, db: str, lang: str, output: str) -> None:
    """Check that the ledger is as it was written."""
    verdict = open_ledger(file, db).verify(noted)
    if output == "json":
        faults = [{"kind": fault.kind, "line": fault.line} for fault in verdict.faults]
        show_json({"entries": verdict.entries, "cells": verdict.cells, "faults": faults, "anchor": verdict.anchor})
    else:
        for fault in verdict.faults[:_SHOWN]:
            click.echo(text(f"ledger.fault_{fault.kind}", lang, line=fault.line))
        if not verdict.faults:
            click.echo(text("ledger.whole", lang, entries=verdict.entries, cells=verdict.cells))
        if verdict.anchor and not verdict.faults:
            click.echo(text("ledger.anchor", lang, anchor=verdict.anchor))
    if any(fault.kind != "unfinished" for fault in verdict.faults):
        sys.exit(StorageError.exit_code)


@ledger.command("add")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--by", default=getpass.getuser, metavar="ACCOUNT", help="Account to record.")
@ledger_option
@db_option
@lang_option
@format_option
def add(path: Path, by: str, file: Path | None, db: str, lang: str, output: str) -> None:
    """Enter PATH as published: the folder of a release as it went out, or a CSV file of others' figures.

    The figures that come with thassist are named without a folder: fi-reviews.
    """
    publication = _release(path, lang) if path.is_dir() else _known(path, lang)
    entry, new = open_ledger(file, db).add(publication, by)
    if output == "json":
        show_json({**_as_json(entry), "new": new})
        return
    told = entry.publication
    words = {**_as_json(entry), "release": f"{told.release} {told.period}".strip()}
    click.echo(text("ledger.added" if new else "ledger.there", lang, "what", **words))


def open_ledger(file: Path | None, db: str) -> "Ledger":
    """The ledger that was asked for, else the one that belongs to the database."""
    from thassist.disclosure.ledger import Ledger, default_file
    from thassist.snapshot import default_folder

    return Ledger(file or default_file(default_folder(db).parent))


def _release(folder: Path, lang: str) -> "Publication":
    from thassist.disclosure.publication import of_folder

    return of_folder(folder, lang)


def _known(file: Path, lang: str) -> "Publication":
    from thassist.disclosure import known
    from thassist.errors import UnreadableInput

    publication, wrong = known.read(known.named(file))
    if wrong:
        click.echo(text("ledger.wrong_head", lang, file=file.name, count=len(wrong)), err=True)
        for each in wrong[:_SHOWN]:
            click.echo(f"  {each.text(lang)}", err=True)
        sys.exit(UnreadableInput.exit_code)
    return publication


def _kind(lang: str) -> str:
    return text("ledger.kind_known", lang)


def _as_json(entry: "Entry") -> dict[str, object]:
    told = entry.publication
    return {
        "number": entry.number,
        "at": entry.at,
        "by": entry.by,
        "kind": told.kind,
        "release": told.release,
        "period": told.period,
        "version": entry.version,
        "synthetic": told.synthetic,
        "base": told.base,
        "cells": entry.cells,
        "source": told.source,
        "hash": entry.hash,
    }
