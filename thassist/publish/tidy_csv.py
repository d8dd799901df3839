"""Tidy CSV: one row a cell, codes and English labels, for programs.

UTF-8, comma, LF. A total is the code ``_T``, not known ``_U``; ``status`` is SDMX CL_OBS_STATUS, and ``value`` is
empty exactly where the status says that there is none.
"""

import csv
import io
from pathlib import Path

from thassist.publish.grid import Axes
from thassist.tables.cube import Cube

LABELS = "en"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def columns(cube: Cube) -> list[str]:
    """The header row."""
    names = [part for dimension in cube.spec.dimensions for part in (dimension.id, f"{dimension.id}_label")]
    return ["period", *names, "unit", "value", "status", "note"]


def write(cube: Cube, path: Path) -> None:
    """Write all cells of a table in reading order."""
    path.write_text(as_text(cube), encoding="utf-8", newline="")


def as_text(cube: Cube) -> str:
    """All cells of a table in reading order."""
    axes = Axes(cube, LABELS)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns(cube))
    for key in sorted(cube.cells, key=lambda key: axes.rank(axes.names, key)):
        cell = cube.cells[key]
        codes = [
            part
            for name, code in zip(axes.names[1:], key[1:], strict=True)
            for part in (code, plain(axes.label(name, code)))
        ]
        value = "" if cell.value is None else f"{cell.value:.{cube.spec.measure.decimals}f}"
        note = plain("; ".join(cube.note(name, LABELS) for name in cell.notes))
        writer.writerow([key[0], *codes, cube.spec.unit.statistical_unit, value, cell.status.value, note])
    return stream.getvalue()


def plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe stands before one that begins like it."""
    return f"'{text}" if text.startswith(_FORMULA) else text
