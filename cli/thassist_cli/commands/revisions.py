"""``thassist release diff``: every figure that two releases tell differently, with the reason."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from thassist import messages
from thassist_cli.common import db_option, lang_option, show_json, show_table, snapshots_option

if TYPE_CHECKING:
    from thassist.release.revision import Revisions
    from thassist.snapshot import Snapshot


@click.command()
@click.argument("old", metavar="A", type=click.Path(path_type=Path))
@click.argument("new", metavar="B")
@click.option(
    "--format", "output", type=click.Choice(["text", "csv", "json"]), default="text", help="Form of the output."
)
@snapshots_option
@db_option
@lang_option
def diff(old: Path, new: str, output: str, snapshots: Path | None, db: str, lang: str) -> None:
    """Show every figure that two releases tell differently, with the reason.

    A and B are folders of releases; B may be the id of a snapshot, from which the release of A is then computed again.
    Exit code 0 where no figure changed, 1 where one did.
    """
    from thassist.release import telling
    from thassist.release.figures import of_folder
    from thassist.release.revise import revisions
    from thassist.snapshot import default_folder, open_snapshot

    home = snapshots or default_folder(db)
    earlier = of_folder(old)
    if Path(new).is_dir():
        later = of_folder(Path(new))
        pair = both_snapshots(home, earlier.snapshot, later.snapshot)
    else:
        from thassist import __version__
        from thassist.errors import AuditFailed
        from thassist.release.build import assemble
        from thassist.release.figures import of_release
        from thassist.release.spec import load

        if load(earlier.release).audience == "public":  # what would be shown beside it was never protected
            raise AuditFailed("public.compare_releases", release=earlier.release)
        frozen = open_snapshot(home, new)
        later = of_release(assemble(earlier.release, earlier.period, frozen), __version__)
        pair = both_snapshots(home, earlier.snapshot, frozen)
    found = revisions(earlier, later, pair)
    if output == "json":
        show_json({"old": earlier.name, "new": later.name, **telling.as_json(found, lang)})
    elif output == "csv":
        click.echo(telling.as_csv(found, lang), nl=False)
    else:
        _tell(found, earlier.name, later.name, lang)
        if pair is None and found.changes:
            click.echo(messages.text("release.diff_untraced", lang), err=True)
    if found.changes:
        sys.exit(1)


def both_snapshots(home: Path, old: str, new: "Snapshot | str") -> "tuple[Snapshot, Snapshot] | None":
    """The snapshots behind two releases, or None where one of them is not there."""
    from thassist.errors import StorageError
    from thassist.snapshot import open_snapshot

    try:
        return open_snapshot(home, old), open_snapshot(home, new) if isinstance(new, str) else new
    except StorageError:
        return None


def _tell(found: "Revisions", old: str, new: str, lang: str) -> None:
    """The changes on a terminal, table by table."""
    from thassist.release.revise import shown
    from thassist.release.telling import place_said, reasons_said

    entry = "release.diff_some" if found.changes else "release.diff_none"
    numbers = {"count": len(found.changes), "compared": found.compared}
    click.echo(messages.text(entry, lang, "what", old=old, new=new, **numbers))
    click.echo(messages.text("release.diff_dates", lang, old=found.as_of, new=found.date))
    for table in dict.fromkeys(change.table for change in found.changes):
        click.echo(click.style(table, bold=True))
        names = ("cell", "old", "new", "difference", "reason")
        rows = [[messages.text(f"release.diff_{name}", lang) for name in names]]
        for change in (change for change in found.changes if change.table == table):
            difference = shown(change.difference)
            sign = "+" if change.difference is not None and change.difference > 0 else ""
            figures = [shown(change.old), shown(change.new), f"{sign}{difference}"]
            rows.append([place_said(change, lang), *figures, reasons_said(change, lang)])
        show_table(rows)
    for name in ("redefined", "added", "dropped"):
        tables = getattr(found, name)
        if tables:
            click.echo(messages.text(f"release.diff_{name}", lang, tables=", ".join(tables)))
