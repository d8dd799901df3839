"""What ``thassist check --trail`` shows."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from thassist import messages
from thassist_cli.common import progress, show_json

if TYPE_CHECKING:
    from thassist.records.trail import Anchor
    from thassist.records.verify import Verdict

_SHOWN = 20


class AnchorType(click.ParamType["Anchor"]):
    """The line that an earlier check ended with: number of entries, first and last hash."""

    name = "ANCHOR"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> "Anchor":
        """An anchor from its text."""
        from thassist.records.trail import Anchor

        if isinstance(value, Anchor):
            return value
        try:
            return Anchor.read(str(value))
        except ValueError:
            self.fail(f"{value}: N:HASH:HASH", param, ctx)


def check_trail(db: str, snapshots: Path | None, noted: tuple["Anchor", ...], lang: str, output: str) -> bool:
    """Check the trail of a database against itself, its records, its snapshots and what was noted; True where whole."""
    from thassist.records.store import open_database
    from thassist.records.verify import verify
    from thassist.snapshot import anchors, default_folder

    with progress(messages.text("records.trail_progress", lang)):
        engine = open_database(db)
        try:
            verdict = verify(engine, [*anchors(snapshots or default_folder(db)), *noted])
        finally:
            engine.dispose()
    if output == "json":
        show_json({**asdict(verdict), "anchor": None if verdict.anchor is None else str(verdict.anchor)})
    else:
        _show(verdict, lang)
    return not verdict.problems


def _show(verdict: "Verdict", lang: str) -> None:
    for problem in verdict.problems[:_SHOWN]:
        told = {**asdict(problem), "fields": ", ".join(problem.fields), "last": problem.seq_no + problem.count - 1}
        click.echo(messages.text(f"records.trail_{problem.kind}", lang, "what", **told))
    if len(verdict.problems) > _SHOWN:
        click.echo(messages.text("records.trail_more", lang, "what", count=len(verdict.problems) - _SHOWN))
    key = "records.trail_broken" if verdict.problems else "records.trail_whole"
    for part in ("what", "remedy"):
        line = messages.text(
            key,
            lang,
            part,
            entries=verdict.entries,
            problems=len(verdict.problems),
            compared=verdict.compared,
            foreign=verdict.foreign,
        )
        if line:
            click.echo(line)
    if verdict.anchor is not None and not verdict.problems:
        click.echo(messages.text("records.trail_anchor", lang, "what", anchor=verdict.anchor))
