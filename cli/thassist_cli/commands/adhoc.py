"""``thassist release adhoc``: a question that no release answers, answered as a release of one table."""

import getpass
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from thassist import messages
from thassist_cli.commands.ledger import open_ledger
from thassist_cli.common import db_option, format_option, lang_option, progress, show_json, snapshots_option
from thassist_cli.findings import show_findings

if TYPE_CHECKING:
    from collections.abc import Callable

    from thassist.publish import BuildResult
    from thassist.release.adhoc import Question
    from thassist.release.build import Release
    from thassist.rules.finding import Finding
    from thassist.snapshot import Snapshot


@click.command()
@click.option("--spec", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@click.option("--view", "of", metavar="NAME")
@click.option("--by", multiple=True, metavar="DIMENSION")
@click.option("--where", default="", metavar="CONDITION")
@click.option("--period", metavar="P")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@click.option(
    "--audience", type=click.Choice(["internal", "restricted", "public"]), default="internal", show_default=True
)
@click.option("--save", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@click.option("--list", "listed", is_flag=True)
@click.option("--snapshot", "snapshot_id", metavar="ID")
@click.option("--only", "langs", multiple=True, type=click.Choice(messages.LANGUAGES))
@click.option("--ledger", "ledger_file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@snapshots_option
@db_option
@format_option
@lang_option
@click.pass_context
def adhoc(
    ctx: click.Context,
    spec: Path | None,
    of: str | None,
    by: tuple[str, ...],
    where: str,
    period: str | None,
    out: Path | None,
    audience: str,
    save: Path | None,
    listed: bool,  # noqa: FBT001 - click gives it by name
    snapshot_id: str | None,
    langs: tuple[str, ...],
    ledger_file: Path | None,
    snapshots: Path | None,
    db: str,
    output: str,
    lang: str,
) -> None:
    """Answer a new question: margins in, a release with one table and its metadata out."""
    from thassist.release.adhoc import question, read

    if listed:
        _list(output, lang)
        return
    if not period or not out or (spec is None) is (of is None):
        raise click.UsageError(messages.text("adhoc.needs", lang), ctx)
    started = time.monotonic()
    asked = read(spec) if spec else question(of or "", by, where)
    _build(asked, period, out, audience, snapshot_id, snapshots, ledger_file, db, langs, lang)
    if save:
        from thassist.release.adhoc import save as saved

        click.echo(f"  {saved(asked, save)[0]}")
    click.echo(messages.text("adhoc.took", lang, seconds=f"{time.monotonic() - started:.1f}"))


def _build(
    asked: "Question",
    period: str,
    out: Path,
    audience: str,
    snapshot_id: str | None,
    snapshots: Path | None,
    ledger_file: Path | None,
    db: str,
    langs: tuple[str, ...],
    lang: str,
) -> None:
    """Compute, check, protect and write, by the steps of ``release build``."""
    from thassist import publish
    from thassist.release.adhoc import answer, table_id
    from thassist.rules import notes as analysts
    from thassist.rules.cubes import published
    from thassist.rules.figures import check_figures
    from thassist.rules.finding import errors
    from thassist.snapshot import default_folder, open_snapshot

    frozen = open_snapshot(snapshots or default_folder(db), snapshot_id)
    found: list[Finding] = []

    def finished(content: "Release") -> "Release":
        found.extend(check_figures(published(content.cubes, content.spec.reporting_system, analysts.load(None)), lang))
        if errors(found):
            show_findings(found, lang)
            click.echo(messages.text("release.not_written", lang), err=True)
            sys.exit(1)
        return content

    with progress(messages.text("adhoc.progress", lang, table=table_id(asked), period=period)):
        content = answer(asked, period, frozen, audience)
        languages = langs or messages.LANGUAGES
        if audience == "internal":
            result = publish.publish(finished(content), out, languages)
        else:
            result = _public(asked, content, frozen, ledger_file, db, out, languages, finished)
    show_findings(found, lang)
    made = "release.built" if result.new else "release.unchanged"
    click.echo(content.spec.titles[lang])
    click.echo(messages.text(made, lang, count=len(result.files), folder=result.folder))
    warnings = ["release.internal_only"] if audience == "internal" else []
    warnings += ["release.is_synthetic"] if content.synthetic else []
    warnings += ["release.is_provisional"] if content.provisional else []
    for warning in warnings:
        click.echo(messages.text(warning, lang, as_of=content.as_of), err=True)


def _public(
    asked: "Question",
    content: "Release",
    frozen: "Snapshot",
    ledger_file: Path | None,
    db: str,
    out: Path,
    langs: tuple[str, ...],
    finished: "Callable[[Release], Release]",
) -> "BuildResult":
    """Protect against all that was published, audit, enter in the ledger; the definition is kept for ever after."""
    from thassist.errors import AuditFailed
    from thassist.publish.public import publish_public
    from thassist.release.adhoc import keep

    kept, new = keep(asked)
    try:
        return publish_public(
            content, frozen, open_ledger(ledger_file, db), out, getpass.getuser(), langs, finished
        ).built
    except (AuditFailed, SystemExit):
        if new:  # nothing went out, so nobody need know the table
            kept.unlink(missing_ok=True)
        raise


def _list(output: str, lang: str) -> None:
    from thassist.release.adhoc import library

    known = library()
    if output == "json":
        show_json(
            {
                name: {
                    "title": subject.titles[lang],
                    "table": subject.table,
                    "by": {one: known.dimensions[one].titles[lang] for one in known.offered(name)},
                }
                for name, subject in known.subjects.items()
            }
        )
        return
    click.echo(messages.text("adhoc.list_subjects", lang))
    for name, subject in known.subjects.items():
        click.echo(f"  {name}  {subject.titles[lang]}")
        click.echo(f"    {', '.join(known.offered(name))}")
