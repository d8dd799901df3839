"""``thassist init``: create or upgrade the database."""

import json

import click

from thassist import messages
from thassist_cli.common import db_option, format_option, lang_option, progress


@click.command()
@db_option
@lang_option
@format_option
def init(db: str, lang: str, output: str) -> None:
    """Create the database or upgrade it, and bring its code lists up to date. Running it again changes nothing."""
    from thassist.records.migrate import initialise

    with progress(messages.text("cli.init", lang)):
        result = initialise(db)
    if output == "json":
        click.echo(
            json.dumps(
                {
                    "database": result.where,
                    "before": result.before,
                    "after": result.after,
                    "codes_changed": result.codes,
                },
                ensure_ascii=False,
            )
        )
        return
    created = result.before is None
    entry = "init_created" if created else "init_current" if result.before == result.after else "init_upgraded"
    click.echo(messages.text(f"records.{entry}", lang, where=result.where, before=result.before, after=result.after))
    if result.codes:
        click.echo(messages.text("records.init_codes", lang, count=sum(result.codes.values())))
