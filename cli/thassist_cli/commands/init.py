"""``thassist init``: create or upgrade the database."""

import click

from thassist import messages
from thassist_cli.common import db_option, format_option, lang_option, progress, show_json


@click.command()
@db_option
@click.option("--secret", is_flag=True, help="Make the secret for pseudonymous keys too (THASSIST_SECRET_FILE).")
@lang_option
@format_option
def init(db: str, lang: str, output: str, *, secret: bool) -> None:
    """Create the database or upgrade it, and bring its code lists up to date. Running it again changes nothing."""
    from thassist.records.migrate import initialise

    with progress(messages.text("cli.init", lang)):
        made = _secret() if secret else None
        result = initialise(db)
    if output == "json":
        show_json(
            {
                "database": result.where,
                "before": result.before,
                "after": result.after,
                "codes_changed": result.codes,
                **({} if made is None else {"secret_file": made[0], "secret_made": made[1]}),
            }
        )
        return
    created = result.before is None
    entry = "init_created" if created else "init_current" if result.before == result.after else "init_upgraded"
    click.echo(messages.text(f"records.{entry}", lang, where=result.where, before=result.before, after=result.after))
    if result.codes:
        click.echo(messages.text("records.init_codes", lang, count=sum(result.codes.values())))
    if made is not None:
        key = "records.secret_made" if made[1] else "records.secret_kept"
        click.echo(messages.text(key, lang, "what", file=made[0]))


def _secret() -> tuple[str, bool]:
    """The file of the secret for pseudonymous keys, and whether it has been made now."""
    from thassist.errors import StorageError
    from thassist.records import pseudonym

    file = pseudonym.secret_file()
    if file is None:
        raise StorageError("records.no_secret", setting=pseudonym.SETTING)
    return str(file), pseudonym.create_secret(file)
