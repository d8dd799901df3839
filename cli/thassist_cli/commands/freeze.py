"""``thassist freeze``: make a snapshot and print its id."""

from pathlib import Path

import click

from thassist import messages
from thassist_cli.common import db_option, format_option, lang_option, progress, show_json, show_table, snapshots_option


@click.command()
@db_option
@snapshots_option
@lang_option
@format_option
def freeze(db: str, snapshots: Path | None, lang: str, output: str) -> None:
    """Freeze the records into an unchangeable snapshot, from which releases are built, and print its id."""
    from thassist import snapshot

    with progress(messages.text("cli.freeze", lang)):
        frozen = snapshot.freeze(db, snapshots or snapshot.default_folder(db))
    if output == "json":
        show_json({**frozen.described(), "folder": str(frozen.folder)})
        return
    click.echo(messages.text("snapshot.frozen", lang, id=frozen.id, folder=frozen.folder))
    width = max(len(str(table.rows)) for table in frozen.tables.values())
    show_table([["", str(table.rows).rjust(width), name] for name, table in frozen.tables.items()])
    if frozen.synthetic:
        click.echo(messages.text("snapshot.synthetic", lang))
