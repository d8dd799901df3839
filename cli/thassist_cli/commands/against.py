"""``thassist verify --against``: what the world published about us, beside what we hold."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from thassist.messages import text
from thassist_cli.common import progress, show_json, show_table

if TYPE_CHECKING:
    from thassist.release.held import Figures
    from thassist.verify.against import Compared, Comparison


def compare(
    file: Path,
    profile: str,
    against: str,
    area: str,
    earlier: tuple[Path, ...],
    snapshots: Path | None,
    db: str,
    lang: str,
    output: str,
) -> int:
    """Compare, print, and give the exit code: 1 where somebody must look at a figure."""
    from thassist.verify.against import FAULTS, maps
    from thassist.verify.against import compare as compared
    from thassist.verify.figures import read
    from thassist.verify.profile import load

    layout = load(profile)
    tables = [one.table for one in maps(layout)[1]]
    with progress(text("against.progress", lang, area=area)):
        held = _held(against, tables, snapshots, db)
        found = compared([read(one, layout) for one in (*earlier, file)], area, held)
    if output == "json":
        show_json(_said(found, lang))
    else:
        _tell(found, lang)
    if held.synthetic:
        click.echo(text("release.is_synthetic", lang), err=True)
    return 1 if any(row.status in FAULTS for row in found.rows) else 0


def _held(against: str, tables: list[str], snapshots: Path | None, db: str) -> "Figures":
    from thassist.release.held import of_release, of_snapshot
    from thassist.snapshot import default_folder, open_snapshot

    if (Path(against) / "manifest.json").is_file() and (Path(against) / "data").is_dir():
        return of_release(Path(against), tables)
    wanted = None if against == "latest" else against
    return of_snapshot(open_snapshot(snapshots or default_folder(db), wanted), tables)


def _place(row: "Compared", lang: str) -> str:
    """What a figure is about, in words."""
    from thassist.codes import classification
    from thassist.tables.spec import load

    spec = load(row.table)
    codes = dict(row.address[1])
    names = [
        classification(dimension.classification).label(codes[dimension.id], lang)
        for dimension in spec.dimensions
        if dimension.id in codes
    ]
    return ", ".join(names) or text("against.all", lang)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"


def _tell(found: "Comparison", lang: str) -> None:
    from thassist.tables.spec import load

    for table in dict.fromkeys(row.table for row in found.rows):
        rows = [row for row in found.rows if row.table == table]
        click.echo(click.style(f"{load(table).titles[lang]} ({table})", bold=True))
        head = [text(f"against.{name}", lang) for name in ("period", "place")]
        lines = [
            [*head, *found.editions, *(text(f"against.{name}", lang) for name in ("ours", "difference", "status"))]
        ]
        for row in rows:
            sign = "+" if row.difference and row.difference > 0 else ""
            told = [row.address[0], _place(row, lang), *(each or "–" for each in row.published)]
            difference = f"{sign}{_number(row.difference)}" if row.difference is not None else ""
            lines.append([*told, _number(row.ours), difference, text(f"against.is_{row.status}", lang)])
        show_table(lines)
    counts = Counter(row.status for row in found.rows)
    click.echo(text("against.summary", lang, "what", area=found.area, count=len(found.rows)))
    for status, count in counts.most_common():
        click.echo(f"  {text(f'against.is_{status}', lang)}: {count}")
    if found.unanswered:
        click.echo(text("against.unanswered", lang, count=sum(found.unanswered.values())))
        for about, count in found.unanswered.items():
            click.echo(f"  {about}: {count}")


def _said(found: "Comparison", lang: str) -> dict[str, object]:
    return {
        "area": found.area,
        "editions": list(found.editions),
        "rows": [
            {
                "table": row.table,
                "period": row.address[0],
                "codes": dict(row.address[1]),
                "place": _place(row, lang),
                "published": dict(zip(found.editions, row.published, strict=True)),
                "cells": list(row.cells),
                "ours": row.ours,
                "difference": row.difference,
                "status": str(row.status),
            }
            for row in found.rows
        ],
        "unanswered": dict(found.unanswered),
    }
