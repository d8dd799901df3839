"""``thassist release explain``: where a figure comes from."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from thassist import messages
from thassist_cli.common import db_option, format_option, lang_option, show_json, snapshots_option

if TYPE_CHECKING:
    from thassist.release.explain import Explanation


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("table", metavar="TABLE")
@click.argument("cell", metavar="CELL")
@snapshots_option
@db_option
@format_option
@lang_option
@click.pass_context
def explain(
    ctx: click.Context, folder: Path, table: str, cell: str, snapshots: Path | None, db: str, output: str, lang: str
) -> None:
    """Explain a figure of a release: who is counted, by which query, from which snapshot and code lists.

    CELL is its place, such as 2022,form=LAB,sex=F, in codes or names; what is not named stands at its total. With --db
    or --snapshots the records behind it are counted anew; exit code 1 where they do not give the figure.
    """
    from thassist.release.explain import explain as explained
    from thassist.release.figures import of_folder
    from thassist.snapshot import default_folder, open_snapshot

    asked = click.core.ParameterSource.COMMANDLINE  # a setting of the office is not yet a wish to look at its records
    live = asked in (ctx.get_parameter_source("db"), ctx.get_parameter_source("snapshots"))
    frozen = open_snapshot(snapshots or default_folder(db), of_folder(folder).snapshot) if live else None
    found = explained(folder, table, cell, lang, frozen)
    if output == "json":
        show_json(found.said(lang))
    else:
        _tell_figure(found, lang)
    if not found.agrees:
        sys.exit(1)


def _tell_figure(found: "Explanation", lang: str) -> None:
    """A figure and where it comes from, on a terminal."""
    from thassist.release.revise import shown

    def say(entry: str, **params: object) -> str:
        return messages.text(f"release.explain_{entry}", lang, "what", **params)

    said = found.said(lang)
    definition = said["definition"]
    same = "same" if definition["same_here"] else "other"
    lists = []
    for known in said["classifications"]:
        start, end = known["valid_from"], known["valid_to"]
        valid = f" ({say('valid', start=start or '…', end=end or '…')})" if start or end else ""
        lists.append(f"{known['ref']}: {known['source']}{valid}")
    period = said["period"]
    status = "" if said["status"] == "A" else f" ({say('status', status=said['status'])})"
    rows = [
        ("place", [f"{said['title']} ({said['table']}): {said['place']}"]),
        ("value", [f"{shown(said['value'])} {said['unit']}{status}"]),
        ("population", [said["population"]]),
        ("condition", [said["condition"]] if said["condition"] else []),
        ("view", [said["view"]]),
        ("rule", [said["counting_rule"]]),
        ("time", [f"{said['time']}: {period['start']} – {period['end']} ({', '.join(said['time_columns'])})"]),
        ("measure", [said["measure"]]),
        ("snapshot", [f"{said['snapshot']}, {say('as_of', as_of=said['as_of'])}"]),
        ("software", [f"thassist {said['software']}"]),
        ("definition", [say(same, version=definition["version"], here=definition["version_here"])]),
        ("classifications", lists),
        ("via", said["correspondences"]),
        ("notes", said["notes"]),
        ("breaks", [f"{one['date']}: {one['text']}" for one in said["breaks"]]),
    ]
    for entry, lines in rows:
        if lines:
            click.echo(click.style(say(entry), bold=True))
            for line in lines:
                click.echo(f"  {line}")
    click.echo(click.style(say("sql"), bold=True))
    click.echo(said["sql"])
    if found.live is None:
        click.echo(say("not_live"))
    else:
        entry = "live" if found.agrees else "differs"
        published = shown(said["value"])
        click.echo(say(entry, value=shown(found.live.value), records=found.live.records, published=published))
