"""``thassist freeze``: make a snapshot and print its id."""

from pathlib import Path

import click

from thassist import messages
from thassist_cli.common import db_option, format_option, lang_option, progress, show_json, show_table, snapshots_option


@click.command()
@db_option
@snapshots_option
@click.option("--as-of", "as_of", metavar="MOMENT", help="Freeze the records as they stood at a past moment.")
@lang_option
@format_option
def freeze(db: str, snapshots: Path | None, as_of: str | None, lang: str, output: str) -> None:
    """Freeze the records into an unchangeable snapshot, from which releases are built, and print its id."""
    from thassist import snapshot
    from thassist.records.asof import parse_moment

    try:
        moment = None if as_of is None else parse_moment(as_of)
    except ValueError:
        raise click.UsageError(messages.text("records.bad_moment", lang, "what", moment=as_of)) from None
    with progress(messages.text("cli.freeze", lang)):
        frozen = snapshot.freeze(db, snapshots or snapshot.default_folder(db), as_of=moment)
    if output == "json":
        show_json({**frozen.described(), "folder": str(frozen.folder)})
        return
    click.echo(messages.text("snapshot.frozen", lang, id=frozen.id, folder=frozen.folder))
    width = max(len(str(table.rows)) for table in frozen.tables.values())
    show_table([["", str(table.rows).rjust(width), name] for name, table in frozen.tables.items()])
    if not any(table.rows for table in frozen.tables.values()):
        click.echo(messages.text("snapshot.frozen_nothing", lang))
    if moment is not None:
        click.echo(messages.text("snapshot.frozen_past", lang))
    if frozen.synthetic:
        click.echo(messages.text("snapshot.synthetic", lang))
