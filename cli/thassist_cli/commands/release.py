"""``thassist release``: list, check, build and compare releases, and explain their figures."""

import getpass
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from thassist import messages
from thassist_cli.commands.adhoc import adhoc
from thassist_cli.commands.bridge import bridge
from thassist_cli.commands.ledger import open_ledger
from thassist_cli.commands.provenance import explain
from thassist_cli.commands.revisions import both_snapshots, diff
from thassist_cli.common import (
    db_option,
    format_option,
    lang_option,
    progress,
    show_json,
    snapshots_option,
)
from thassist_cli.findings import show_findings

if TYPE_CHECKING:
    from thassist.publish.package import BuildResult
    from thassist.publish.public import Published
    from thassist.release.build import Release
    from thassist.rules.finding import Finding

#: Findings shown on a terminal; all are in JSON.
_SHOWN = 20


@click.group()
def release() -> None:
    """Build and list releases: many tables, one period, one snapshot."""


release.add_command(adhoc)
release.add_command(bridge)
release.add_command(diff)
release.add_command(explain)


@release.command("list")
@lang_option
@format_option
def list_(lang: str, output: str) -> None:
    """List the releases that can be built."""
    from thassist.release.spec import all_releases, waiting

    specs = all_releases()
    if output == "json":
        show_json(
            [
                {
                    "id": spec.id,
                    "version": spec.version,
                    "title": spec.titles[lang],
                    "frequency": spec.frequency,
                    "audience": spec.audience,
                    "reporting_system": spec.reporting_system,
                    "tables": list(spec.tables),
                    "waits_for": list(waiting(spec)),
                }
                for spec in specs
            ]
        )
        return
    click.echo(messages.text("release.list_header", lang))
    for spec in specs:
        click.echo(f"  {spec.id}  {spec.titles[lang]}")
        frequency = messages.text(f"release.frequency_{spec.frequency}", lang)
        about = messages.text("release.list_period", lang, count=len(spec.tables), example=spec.example)
        click.echo(f"    {frequency}, {about}")
        if lists := waiting(spec):
            click.echo("    " + messages.text("release.list_waits", lang, lists=", ".join(lists)))


@release.command()
@lang_option
def lint(lang: str) -> None:
    """Check every release definition against the tables it names; exit code 11 where something is wrong."""
    from thassist.publish import layout
    from thassist.release.spec import lint_all, paths_of_releases

    problems = [*lint_all(), *layout.lint_all()]
    total = len(paths_of_releases())
    for problem in problems:
        click.echo(f"[{problem.key}] {problem.text(lang)}")
        click.echo(f"    {problem.remedy(lang)}")
    if problems:
        files = len({problem.file for problem in problems})
        click.echo(messages.text("release.problems", lang, count=len(problems), files=files, total=total), err=True)
        sys.exit(11)
    click.echo(messages.text("release.linted", lang, count=total))


@release.command()
@click.argument("name", metavar="RELEASE")
@click.option("--period", required=True, metavar="P", help="Period, for example 2024-Q4, 2024-S1 or 2024.")
@click.option(
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="The release's own folder. Another release in it is never overwritten.",
)
@click.option("--snapshot", "snapshot_id", metavar="ID", help="Snapshot to build from (default: the one frozen last).")
@snapshots_option
@click.option(
    "--previous",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="An earlier release: the new one says which of its figures it revises, and why.",
)
@click.option(
    "--notes",
    "notes_file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="What analysts say of single figures (default: analyst_notes.toml among the texts of the office).",
)
@click.option(
    "--only",
    "langs",
    multiple=True,
    type=click.Choice(messages.LANGUAGES),
    help="Language of workbook and PDF; may be repeated (default: all three).",
)
@click.option(
    "--ledger",
    "ledger_file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Of a public release: the ledger (or THASSIST_LEDGER); by default beside the database.",
)
@db_option
@lang_option
def build(
    name: str,
    period: str,
    out: Path,
    snapshot_id: str | None,
    snapshots: Path | None,
    previous: Path | None,
    notes_file: Path | None,
    langs: tuple[str, ...],
    ledger_file: Path | None,
    db: str,
    lang: str,
) -> None:
    """Build a release as Excel, PDF and tidy CSV.

    RELEASE is an id of «thassist release list». The same snapshot gives the same bytes on every build.
    The figures are checked against each other, and by the rules over published figures, before anything is written;
    exit code 1 where a rule finds an error, 11 where figures contradict each other. A public release is protected
    together with everything in the ledger, read back and attacked before it gets its name; exit code 12 where anything
    was found or is in doubt, and then nothing is left.
    """
    from thassist import publish
    from thassist.release.analyst import annotated
    from thassist.release.build import assemble
    from thassist.rules import notes as analysts
    from thassist.rules.cubes import published
    from thassist.rules.figures import check_figures
    from thassist.rules.finding import errors
    from thassist.snapshot import default_folder, open_snapshot

    home = snapshots or default_folder(db)
    frozen = open_snapshot(home, snapshot_id)
    with progress(messages.text("release.building", lang, release=name, period=period)):
        notes = analysts.load(notes_file)
        content = annotated(assemble(name, period, frozen), notes)
        findings: list[Finding] = []

        def finished(content: "Release") -> "Release":
            if previous:
                from thassist.release.figures import of_folder
                from thassist.release.revise import revised

                earlier = of_folder(previous)
                # the records behind a revision are told in the office only
                pair = None if content.protected else both_snapshots(home, earlier.snapshot, frozen)
                content = revised(content, earlier, pair)
            findings.extend(check_figures(published(content.cubes, content.spec.reporting_system, notes), lang))
            if errors(findings):
                raise _Found
            return content

        result: BuildResult | None = None
        out_there: Published | None = None
        try:
            if content.spec.audience == "public":
                from thassist.publish.public import publish_public

                book = open_ledger(ledger_file, db)
                account = getpass.getuser()
                out_there = publish_public(content, frozen, book, out, account, langs or messages.LANGUAGES, finished)
                result = out_there.built
            else:
                result = publish.publish(finished(content), out, langs or messages.LANGUAGES)
            content = result.release
        except _Found:
            pass
    if result is None:
        show_findings(findings, lang)
        click.echo(messages.text("release.not_written", lang), err=True)
        sys.exit(1)
    _tell_built(result, findings, lang)
    if out_there:
        _tell_protection(out_there, lang)
    warnings = [] if out_there else ["release.internal_only"]
    warnings += ["release.is_synthetic"] * content.synthetic + ["release.is_provisional"] * content.provisional
    for warning in warnings:
        click.echo(messages.text(warning, lang, as_of=content.as_of), err=True)


def _tell_built(result: "BuildResult", findings: "list[Finding]", lang: str) -> None:
    """What was written, what the rules say of it, and what it revises."""
    made = "release.built" if result.new else "release.unchanged"
    click.echo(messages.text(made, lang, count=len(result.files), folder=result.folder))
    inside = [path.relative_to(result.folder) for path in result.files]
    for path in (path for path in inside if len(path.parts) == 1):
        click.echo(f"  {path}")
    folders = Counter(path.parts[0] for path in inside if len(path.parts) > 1)
    for folder, count in folders.items():
        click.echo("  " + messages.text("release.files_in", lang, folder=folder, count=count))
    show_findings(findings, lang)
    if result.release.revisions:
        told = result.release.revisions
        numbers = {"count": len(told.changes), "compared": told.compared}
        click.echo(messages.text("release.revised", lang, "what", release=told.release, period=told.period, **numbers))


class _Found(Exception):
    """A rule found an error; nothing is written."""


def _tell_protection(made: "Published", lang: str) -> None:
    """What the protection of a public release did, and where its report is."""
    from thassist.release.annex import summary

    entry, told = summary(made.secured)
    click.echo(messages.text(entry, lang, "what", **told))
    click.echo(messages.text("public.entered", lang, number=made.entry.number))
    click.echo(messages.text("public.annex", lang, file=made.annex), err=True)


@release.command()
@click.argument("places", metavar="DIR…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--profile", metavar="ID", help="DIR is a file of somebody else's, laid out as this profile says.")
@click.option(
    "--ledger",
    "ledger_file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Attack with everything in this ledger too.",
)
@click.option("--snapshot", "snapshot_id", metavar="ID", help="The records behind them (default: the one frozen last).")
@snapshots_option
@db_option
@lang_option
@format_option
def audit(
    places: tuple[Path, ...],
    profile: str | None,
    ledger_file: Path | None,
    snapshot_id: str | None,
    snapshots: Path | None,
    db: str,
    lang: str,
    output: str,
) -> None:
    """Play the attackers against releases that are out, as one history; exit code 12 where one finds anything.

    With --profile against anybody's publication: which withheld figures can be computed from the others.
    """
    if profile:
        sys.exit(_audit_others(places, profile, lang, output))
    from thassist.disclosure.ledger import Ledger
    from thassist.disclosure.policy import policy
    from thassist.errors import AuditFailed
    from thassist.release.history import audit_history
    from thassist.snapshot import default_folder, open_snapshot

    frozen = open_snapshot(snapshots or default_folder(db), snapshot_id)
    with progress(messages.text("public.audit_progress", lang)):
        known = list(Ledger(ledger_file).figures()) if ledger_file else []
        found = audit_history(places, frozen, policy(), known)
    said = found.said(lang)
    if output == "json":
        show_json(said)
    else:
        _tell_audit(said, lang)
    if not found.safe:
        sys.exit(AuditFailed.exit_code)


def _tell_audit(said: dict[str, Any], lang: str) -> None:
    """The outcome of an audit on a terminal."""

    def say(entry: str, **params: object) -> str:
        return messages.text(f"public.audit_{entry}", lang, "what", **params)

    click.echo(say("head", count=said["figures"], releases=", ".join(said["releases"]), withheld=said["withheld"]))
    for fault in said["faults"][:_SHOWN]:
        click.echo(f"  {fault['what']}")
    for leak in said["leaks"][:_SHOWN]:
        told = {"attacker": leak["attacker_label"], "title": leak["title"], "cell": leak["cell"]}
        click.echo("  " + say("leak", **told, verdict=say(f"verdict_{leak['verdict']}")))
    if said["contradictory"]:
        click.echo(say("contradiction"))
    if said["differ"]:
        click.echo(say("differ", count=len(said["differ"])))
    if said["unjudged"]:
        click.echo(say("unjudged", tables=", ".join(said["unjudged"])))
    if said["safe"]:
        click.echo(say("safe"))
    else:
        click.echo(say("found", leaks=len(said["leaks"]), faults=len(said["faults"])), err=True)


def _audit_others(files: tuple[Path, ...], profile: str, lang: str, output: str) -> int:
    """Anybody's publication by a profile; the exit code."""
    from dataclasses import asdict

    from thassist.errors import AuditFailed
    from thassist.verify.subtraction import given_away

    found = [(file, given_away(file, profile)) for file in files]
    if output == "json":
        show_json([{"file": file.name, "profile": profile, **asdict(each)} for file, each in found])
    else:
        for file, each in found:
            told = {"file": file.name, "figures": each.figures, "revealed": each.exact}
            click.echo(messages.text("public.audit_other", lang, "what", **told))
            numbers = {"lonely": each.lonely, "computed": each.computed}
            click.echo("  " + messages.text("public.audit_lonely", lang, "what", **numbers))
    return AuditFailed.exit_code if any(each.exact or each.narrow for _, each in found) else 0
