"""The data-quality report on a terminal, for a machine, or as a PDF of one page."""

from pathlib import Path

import click

from thassist.messages import text
from thassist_cli.common import progress, show_json, show_table


def check_quality(db: str, out: Path | None, lang: str, output: str) -> None:
    """Measure the database; show the report, and write it as a PDF where a file is named."""
    from thassist.quality import measure
    from thassist.quality.texts import as_data, banners, groups, rules_table, summary
    from thassist.records.store import open_database

    with progress(text("quality.progress", lang)):
        engine = open_database(db)
        try:
            report = measure(engine, lang)
        finally:
            engine.dispose()
    if out is not None:
        from thassist.quality.pdf import write

        write(report, out)
    if output == "json":
        show_json(as_data(report))
        return
    click.echo(click.style(text("quality.title", lang), bold=True))
    for line in [*banners(report), summary(report)]:
        click.echo(line)
    for title, rows in groups(report):
        click.echo(f"\n{title}")
        show_table([[f"  {row[0]}", *row[1:]] for row in rows])
    click.echo(f"\n{text('quality.rules', lang)}")
    if report.rules:
        show_table([[row[0], *row[2:], row[1]] for row in rules_table(report)])
    else:
        click.echo(text("quality.no_findings", lang))
    click.echo(text("quality.explained", lang))
    if out is not None:
        click.echo(text("quality.written", lang, file=out))
