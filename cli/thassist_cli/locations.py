"""Where the error is, on a terminal: for each case the smallest change that satisfies every rule."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from thassist.messages import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from thassist.rules.localise import Coverage, Location, Suspect

_SHOWN = 3


def show_locations(locations: "Sequence[Location]", covered: "Sequence[Coverage]", lang: str) -> None:
    """Print the cases, the likeliest change of each, and what was left out."""
    click.echo(click.style(text("localise.heading", lang), bold=True))
    if not locations:
        click.echo(text("localise.nothing", lang))
        return
    for location in locations:
        click.echo(text("localise.broken", lang, rules=", ".join(location.rules)))
        if not location.sets:
            click.echo(f"  {text('localise.no_way', lang)}")
        for number, suspects in enumerate(location.sets[:_SHOWN]):
            click.echo(f"  {text('localise.or_else' if number else 'localise.change', lang)}")
            for suspect in suspects:
                click.echo(f"    {_said(suspect, lang)}")
        if len(location.sets) > _SHOWN:
            click.echo(f"  {text('localise.one_more', lang, count=len(location.sets) - _SHOWN)}")
    single = sum(1 for location in locations if location.sets and len(location.sets[0]) == 1)
    click.echo(text("localise.summary", lang, cases=len(locations), single=single))
    left_out = ", ".join(rule.rule for rule in covered if rule.kind == "none")
    if left_out:
        click.echo(text("localise.left_out", lang, rules=left_out))


def locations_as_data(locations: "Sequence[Location]", covered: "Sequence[Coverage]") -> dict[str, object]:
    """The same for a machine."""
    return {
        "locations": [asdict(location) for location in locations],
        "coverage": [asdict(rule) for rule in covered],
    }


def _said(suspect: "Suspect", lang: str) -> str:
    place = " ".join(part for part in (suspect.sheet or suspect.table, suspect.key) if part)
    if suspect.row:
        place = f"{place}!{suspect.column}{suspect.row}"
    if not suspect.field:
        return text("localise.related", lang, place=place)
    said = text("localise.field", lang, place=place, field=suspect.header or suspect.field)
    notes = [text("localise.holds", lang, value=suspect.value)] if suspect.value else []
    if suspect.suggestion:
        notes.append(text(f"localise.found_{suspect.how}", lang, value=suspect.suggestion))
    return said + (f" ({'; '.join(notes)})" if notes else "")
