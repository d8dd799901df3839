"""``thassist synth``: an intake workbook of made-up cases whose margins are the published figures."""

from pathlib import Path

import click

from thassist import messages
from thassist_cli.common import lang_option, progress, workbook_option


@click.command()
@click.option("--from", "first", type=int, default=2015, show_default=True, metavar="YEAR", help="First year.")
@click.option("--to", "last", type=int, default=2024, show_default=True, metavar="YEAR", help="Last year.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same records.")
@workbook_option
@lang_option
def synth(first: int, last: int, seed: int, target: Path, lang: str) -> None:
    """Write an intake workbook of made-up cases that follow the published reviews.

    Everybody who is in the system when the first year begins is in the workbook too. The workbook says that it is
    synthetic, and so does everything that is made from it.
    """
    from thassist.intake.template import write_workbook
    from thassist.synthetic import assumptions, generate

    known_first, known_last = assumptions.load().years
    if not known_first <= first <= last <= known_last:
        raise click.BadParameter(
            messages.text("synthetic.years", lang, part="what", first=known_first, last=known_last),
            param_hint="--from, --to",
        )
    with progress(messages.text("synthetic.progress", lang)):
        dataset = generate(first, last, seed)
        write_workbook(dataset, target, lang)
    counts = {f"{table}s": len(dataset.frames[table]) for table in ("person", "referral", "episode")}
    click.echo(messages.text("synthetic.written", lang, part="what", file=str(target), **counts))
