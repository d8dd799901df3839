"""The figures of a release as they left the house: read from its folder, or taken from one just assembled.

A folder tells all that a comparison needs: its manifest names the snapshot, the day of the newest entry and the hash of
every table's definition, and ``data/<table>.csv`` holds the figures. A file that has been changed since is refused.
"""

import csv
import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from thassist.errors import UnreadableInput
from thassist.release.build import Release
from thassist.release.manifest import FILE, SCHEMA
from thassist.tables.cube import CellKey

#: A figure's value (None where its status says why there is none) and its status (SDMX CL_OBS_STATUS).
Figure = tuple[float | int | None, str]


@dataclass(frozen=True)
class TableFigures:
    """The figures of one table.

    Attributes:
        version: of its definition.
        definition: hash of all that decides its figures, see :mod:`thassist.release.definition`.
        absent: what a figure is that is not there: 0 where the table counts, None elsewhere.
        dimensions: their ids, in the order of the codes in a key.
        cells: period and codes → figure.
    """

    version: str
    definition: str
    absent: int | None
    dimensions: tuple[str, ...]
    cells: Mapping[CellKey, Figure] = field(repr=False)

    @property
    def periods(self) -> set[str]:
        """The periods that the table shows."""
        return {key[0] for key in self.cells}

    def at(self, key: CellKey) -> Figure:
        """The figure at an address of a period that is shown."""
        return self.cells.get(key, (self.absent, "A"))


@dataclass(frozen=True)
class ReleaseFigures:
    """The figures of a release and what they were made from.

    Attributes:
        name: how it is called, for a reader: the folder, or the release and its snapshot.
        release, period, audience: what it is.
        snapshot: id of the snapshot.
        as_of: the day of the newest entry in the snapshot.
        software: the version of thassist that made it.
        tables: table → its figures.
        most: how far a figure may be from its count, where figures are rounded; else 0.
    """

    name: str
    release: str
    period: str
    audience: str
    snapshot: str
    as_of: dt.date
    software: str
    tables: Mapping[str, TableFigures] = field(repr=False)
    most: int = 0


def of_release(release: Release, software: str) -> ReleaseFigures:
    """The figures of a release that is assembled, rounded as they are written."""
    tables = {}
    for cube in release.cubes:
        decimals = cube.spec.measure.decimals
        tables[cube.spec.id] = TableFigures(
            version=cube.spec.version,
            definition=release.definitions.get(cube.spec.id, ""),
            absent=0 if cube.spec.measure.counts else None,
            dimensions=tuple(dimension.id for dimension in cube.spec.dimensions),
            cells={
                key: (None if cell.value is None else _number(f"{cell.value:.{decimals}f}"), cell.status.value)
                for key, cell in cube.cells.items()
            },
        )
    return ReleaseFigures(
        name=f"{release.spec.id} {release.period.code}, {release.snapshot}",
        release=release.spec.id,
        period=release.period.code,
        audience=release.spec.audience,
        snapshot=release.snapshot,
        as_of=release.as_of,
        software=software,
        tables=tables,
        most=release.rounded.most if release.rounded else 0,
    )


def of_folder(folder: Path) -> ReleaseFigures:
    """The figures of a release that was written.

    Raises:
        UnreadableInput: the folder holds no release, one of an older form, or files that were changed since.
    """
    content = manifest_of(folder)
    hashes = {entry["path"]: entry["sha256"] for entry in content["files"]}
    tables = {}
    for name, said in content["tables"].items():
        path = f"data/{name}.csv"
        try:
            read = (folder / path).read_bytes()
        except OSError as error:
            raise UnreadableInput("release.folder_changed", folder=folder, file=path) from error
        if hashlib.sha256(read).hexdigest() != hashes.get(path):
            raise UnreadableInput("release.folder_changed", folder=folder, file=path)
        dimensions, cells = _cells(read.decode("utf-8"))
        tables[name] = TableFigures(said["version"], said["definition"], said["absent"], dimensions, cells)
    return ReleaseFigures(
        name=folder.name,
        release=content["release"],
        period=content["period"],
        audience=content["audience"],
        snapshot=content["snapshot"]["id"],
        as_of=dt.date.fromisoformat(content["snapshot"]["as_of"]),
        software=content["thassist"],
        tables=tables,
        most=int((content.get("rounding") or {}).get("most", 0)),
    )


def manifest_of(folder: Path) -> dict[str, Any]:
    """The manifest of a release's folder.

    Raises:
        UnreadableInput: there is none, or it is of another form.
    """
    try:
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableInput("release.no_folder", folder=folder, file=FILE) from error
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise UnreadableInput("release.other_form", folder=folder, file=FILE)
    return content


def _cells(text: str) -> tuple[tuple[str, ...], dict[CellKey, Figure]]:
    rows = list(csv.DictReader(text.splitlines()))
    header = next(csv.reader(text.splitlines()))
    dimensions = tuple(name for name in header if f"{name}_label" in header)
    return dimensions, {
        (row["period"], *(row[name] for name in dimensions)): (
            _number(row["value"]) if row["value"] else None,
            row["status"],
        )
        for row in rows
    }


def _number(text: str) -> float | int:
    return float(text) if "." in text else int(text)
