"""``thassist release bridge``: why two figures of one year differ, in persons."""

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

import click

from thassist import messages
from thassist_cli.common import db_option, lang_option, progress, show_json, show_table, snapshots_option

if TYPE_CHECKING:
    from thassist.release.bridge import Account

_SIGNS = {"remove": "−", "add": "+", "kept": "=", "start": "", "end": "="}


@click.command()
@click.argument("start", metavar="A", default="")
@click.argument("end", metavar="B", default="")
@click.option("--period", metavar="P", help="Period, for example 2022.")
@click.option("--list", "listed", is_flag=True, help="List the bridges instead.")
@click.option("--snapshot", "snapshot_id", metavar="ID", help="Snapshot to count from (default: the one frozen last).")
@click.option("--format", "output", type=click.Choice(["text", "csv", "json"]), default="text")
@snapshots_option
@db_option
@lang_option
@click.pass_context
def bridge(
    ctx: click.Context,
    start: str,
    end: str,
    period: str | None,
    listed: bool,  # noqa: FBT001 - click gives it by name
    snapshot_id: str | None,
    output: str,
    snapshots: Path | None,
    db: str,
    lang: str,
) -> None:
    """Explain in persons why two figures of one year differ.

    A and B are tables between which a bridge leads, or A alone is the id of a bridge. Exit code 11 where somebody is
    not explained.
    """
    from thassist.dates import parse_period
    from thassist.release.bridge import account, between
    from thassist.snapshot import default_folder, open_snapshot

    if listed:
        _list(output, lang)
        return
    if not start or not period:
        missing = "A" if not start else "--period"
        raise click.UsageError(messages.text("bridge.needs", lang, option=missing), ctx)
    try:
        asked = parse_period(period)
    except ValueError as error:
        raise click.BadParameter(messages.text("bridge.period", lang, period=period), ctx) from error
    found = between(start, end)
    with progress(messages.text("bridge.progress", lang, id=found.id, period=asked.code)):
        done = account(found, open_snapshot(snapshots or default_folder(db), snapshot_id), asked)
    if output == "json":
        show_json(done.said(lang))
    elif output == "csv":
        click.echo(_csv(done, lang), nl=False)
    else:
        _tell(done, lang)


def _list(output: str, lang: str) -> None:
    from thassist.tables.bridges import bridge as load
    from thassist.tables.bridges import bridge_ids

    known = [load(name) for name in bridge_ids()]
    if output == "json":
        show_json(
            [{"id": b.id, "title": b.titles[lang], "start": b.start.table, "end": b.end.table} for b in known],
        )
        return
    click.echo(messages.text("bridge.list_header", lang))
    for one in known:
        click.echo(f"  {one.id}  {one.titles[lang]}")
        click.echo(f"    {one.start.table} → {one.end.table}")


def _tell(done: "Account", lang: str) -> None:
    names, parts = done.labels(lang)
    click.echo(click.style(f"{done.bridge.titles[lang]}, {done.period.code}", bold=True))
    head = [messages.text(f"bridge.{name}", lang) for name in ("step", "persons")]
    rows = [[*head, *parts]]
    for line, name in zip(done.lines, names, strict=True):
        by = [str(number) for number in line.parts] or ["" for _ in parts]
        rows.append([f"{_SIGNS[line.kind] or ' '} {name}", str(line.persons), *by])
    show_table(rows)
    figures = {kind: done.persons(kind) for kind in ("start", "end")}
    click.echo(
        messages.text(
            "bridge.proved", lang, "what", **figures, removed=done.persons("remove"), added=done.persons("add")
        )
    )


def _csv(done: "Account", lang: str) -> str:
    names, _ = done.labels(lang)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["bridge", "period", "step", "step_label", "kind", "persons", *done.parts])
    for line, name in zip(done.lines, names, strict=True):
        by = line.parts or ("",) * len(done.parts)
        writer.writerow([done.bridge.id, done.period.code, line.code, name, line.kind, line.persons, *by])
    return text.getvalue()
