"""The revisions of a release: what it changes of an earlier one that was published, marked at every figure concerned.

The earlier release stays as it was published; nothing in its folder is touched. Validation rule R53: a published figure
changes only with its old value, its new value, the reason and the date.
"""

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from thassist import __version__, messages
from thassist.errors import InconsistentRelease
from thassist.messages import LANGUAGES
from thassist.release.build import Release
from thassist.release.compare import compare
from thassist.release.figures import ReleaseFigures, of_release
from thassist.release.revision import Change, Revisions
from thassist.release.trace import trace
from thassist.tables.cube import Cell, Cube

if TYPE_CHECKING:
    from thassist.snapshot import Snapshot


def revisions(old: ReleaseFigures, new: ReleaseFigures, snapshots: "tuple[Snapshot, Snapshot] | None") -> Revisions:
    """What changed from one release to another, with its reasons.

    Args:
        old: the earlier release.
        new: the later one.
        snapshots: those behind the two; None where they cannot be reached, and the reasons stay untraced.
    """
    found = compare(old, new)
    rounded = old.most or new.most  # records cannot be counted from rounded figures
    return found if snapshots is None or rounded else trace(found, *snapshots, new)


def revised(release: Release, previous: ReleaseFigures, snapshots: "tuple[Snapshot, Snapshot] | None") -> Release:
    """The release with its revisions of an earlier one, and a note at every figure that is another now.

    Args:
        release: the release, assembled.
        previous: the earlier one.
        snapshots: those behind the earlier and the later one; None where they cannot be reached.

    Raises:
        InconsistentRelease: a published figure changed and the reason cannot be told (validation rule R53).
    """
    found = revisions(previous, of_release(release, __version__), snapshots)
    untraced = [change for change in found.changes if not change.traced]
    if untraced:
        first = untraced[0]
        raise InconsistentRelease(
            "release.revision_without_reason",
            count=len(untraced),
            table=first.table,
            cell=first.place,
            old=shown(first.old),
            new=shown(first.new),
            snapshot=previous.snapshot,
        )
    by_table: dict[str, list[Change]] = defaultdict(list)
    for change in found.changes:
        by_table[change.table].append(change)
    cubes = tuple(_marked(cube, by_table.get(cube.spec.id, [])) for cube in release.cubes)
    return replace(release, cubes=cubes, revisions=found)


def shown(value: float | None) -> str:
    """A figure, or a dash where there is none."""
    return "–" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _marked(cube: Cube, changes: list[Change]) -> Cube:
    """The cube with a note at every revised figure; SDMX has no status for it."""
    if not changes:
        return cube
    cells, remarks = dict(cube.cells), dict(cube.remarks)
    for change in changes:
        key = f"revised:{shown(change.old)}"
        remarks[key] = {lang: messages.text("release.revised_note", lang, old=shown(change.old)) for lang in LANGUAGES}
        if change.key in cells or cube.spec.zeros == "omit":
            cell = cells.get(change.key, Cell(change.new))
            cells[change.key] = replace(cell, notes=(*cell.notes, key))
    return replace(cube, cells=cells, remarks=remarks)
