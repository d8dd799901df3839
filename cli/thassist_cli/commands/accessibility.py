"""``thassist accessibility``: is a workbook fit for who cannot see it?"""

import sys
from dataclasses import asdict
from pathlib import Path

import click

from thassist.messages import text
from thassist_cli.common import format_option, lang_option, show_json

#: Places shown of one point; the number of the rest is told.
_SHOWN = 5


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@lang_option
@format_option
def accessibility(file: Path, lang: str, output: str) -> None:
    """Check a workbook FILE against the 36 points of the checklist for accessible spreadsheets.

    For our own workbooks and anyone's. Exit code 1 where an essential point is not met.
    """
    from thassist.verify.accessibility import Verdict, inspect

    points = inspect(file)
    missed = [point for point in points if point.verdict is Verdict.NOT_MET]
    if output == "json":
        rows = [asdict(point) | {"text": point.texts[lang]} for point in points]
        for row in rows:
            del row["texts"]
        show_json({"points": rows})
    else:
        for point in missed:
            weight = text("verify.essential" if point.essential else "verify.desirable", lang)
            click.echo(click.style(f"{point.number}. {point.texts[lang]} ({weight})", bold=True))
            for place in point.places[:_SHOWN]:
                click.echo(f"  {place}")
            if len(point.places) > _SHOWN:
                click.echo(f"  {text('verify.more', lang, count=len(point.places) - _SHOWN)}")
        judged = [str(point.number) for point in points if point.verdict is Verdict.PERSON]
        met = sum(point.verdict is Verdict.MET for point in points)
        click.echo(text("verify.points", lang, met=met, missed=len(missed), judged=", ".join(judged)))
    if any(point.essential for point in missed):
        sys.exit(1)
