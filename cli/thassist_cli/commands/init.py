"""``thassist init``: create or upgrade the database."""

import click

from thassist import messages
from thassist_cli.common import db_option, format_option, lang_option, progress, show_json


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
        show_json(
            {
                "database": result.where,
                "before": result.before,
                "after": result.after,
                "codes_changed": result.codes,
            }
        )
        return
    created = result.before is None
    entry = "init_created" if created else "init_current" if result.before == result.after else "init_upgraded"
    click.echo(messages.text(f"records.{entry}", lang, where=result.where, before=result.before, after=result.after))
    if result.codes:
        click.echo(messages.text("records.init_codes", lang, count=sum(result.codes.values())))
