"""What analysts say of single figures, carried by the cells: every writer prints it as a note of the table."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Protocol

from thassist.codes import TOTAL
from thassist.release.build import Release
from thassist.tables.cube import Cell, Cube, Status

#: How the keys of analysts' remarks begin.
ANALYST = "analyst:"


class NoteLike(Protocol):
    """A note on one figure, as :mod:`thassist.rules.notes` reads it; this room does not know the rules."""

    @property
    def table(self) -> str:
        """The table's id."""

    @property
    def period(self) -> str:
        """The period's code."""

    @property
    def cell(self) -> Mapping[str, str]:
        """Dimension → code of what is not at its total."""

    @property
    def text(self) -> Mapping[str, str]:
        """Language → what readers are told."""


def annotated(release: Release, notes: Iterable[NoteLike]) -> Release:
    """The release with each note at its figure. A note whose figure it does not show changes nothing."""
    return replace(release, cubes=marked(release.cubes, notes))


def marked(cubes: Iterable[Cube], notes: Iterable[NoteLike]) -> tuple[Cube, ...]:
    """The tables with each note at its figure."""
    by_table: dict[str, list[NoteLike]] = {}
    for note in notes:
        by_table.setdefault(note.table, []).append(note)
    return tuple(_annotated(cube, by_table.get(cube.spec.id, [])) for cube in cubes)


def _annotated(cube: Cube, notes: list[NoteLike]) -> Cube:
    cells, remarks = dict(cube.cells), dict(cube.remarks)
    names = [dimension.id for dimension in cube.spec.dimensions]
    shown = {period.code for period in cube.periods}
    for note in notes:
        key = (note.period, *(note.cell.get(name, TOTAL) for name in names))
        known = set(note.cell) <= set(names) and note.period in shown
        if not known or (key not in cells and cube.spec.zeros != "omit"):
            continue
        cell = cells.get(key, Cell(0, Status.NORMAL))
        remark = ANALYST + "/".join(key)
        remarks[remark] = dict(note.text)
        cells[key] = replace(cell, notes=(*cell.notes, remark))
    return replace(cube, cells=cells, remarks=remarks)


def said(cube: Cube, lang: str) -> list[str]:
    """What analysts say of the figures of a table, in the order of their notes."""
    return [text[lang] for key, text in cube.remarks.items() if key.startswith(ANALYST)]
