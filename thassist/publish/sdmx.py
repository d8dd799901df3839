"""SDMX of a release: one file of structures, and every table in the formats that the release asks for.

``sdmx/structure.xml`` (SDMX-ML 3.0), ``sdmx/csv-2.1/<table>.csv``, ``sdmx/ml-3.0/<table>.xml``; of a release with a
quality report that report too, as ``sdmx/metadata-structure.xml`` and ``sdmx/metadata.xml``. Everything is checked
against its structure before anything is written.
"""

from collections.abc import Sequence
from pathlib import Path

from thassist.publish import sdmx_data, sdmx_metadata
from thassist.publish.sdmx_check import require
from thassist.publish.sdmx_model import DataSet, data_set
from thassist.publish.sdmx_structure import content
from thassist.release.build import Release

FOLDER = "sdmx"
STRUCTURE = "structure.xml"
METADATA_STRUCTURE, METADATA = "metadata-structure.xml", "metadata.xml"
#: The formats that a release may ask for by name, each with the folder of its files.
FORMATS = {
    "sdmx-csv-1.0": "csv-1.0",
    "sdmx-csv-2.0": "csv-2.0",
    "sdmx-csv-2.1": "csv-2.1",
    "sdmx-ml-3.0": "ml-3.0",
}


def write(release: Release, folder: Path, formats: Sequence[str]) -> None:
    """Write a release as SDMX into the folder ``sdmx`` of its folder.

    Args:
        release: the release.
        folder: its folder.
        formats: names in :data:`FORMATS`; others are somebody else's. Nothing is written where none is named.

    Raises:
        InvalidDefinition: a table does not keep its structure, or ``sdmx.toml`` is wrong.
    """
    wanted = [name for name in FORMATS if name in formats]
    if not wanted:
        return
    sets = {cube.spec.id: data_set(cube, release.spec.reporting_system) for cube in release.cubes}
    for data in sets.values():
        require(data)
    home = folder / FOLDER
    home.mkdir()
    name = release.name.replace(".", "_")
    (home / STRUCTURE).write_bytes(content([data.structure for data in sets.values()], name, release.as_of))
    if release.spec.quality:
        (home / METADATA_STRUCTURE).write_bytes(sdmx_metadata.structure(release))
        (home / METADATA).write_bytes(sdmx_metadata.metadata(release))
    for format_ in wanted:
        place = home / FORMATS[format_]
        place.mkdir()
        for table, data in sets.items():
            ending = "xml" if format_ == "sdmx-ml-3.0" else "csv"
            (place / f"{table}.{ending}").write_text(_text(release, data, format_), encoding="utf-8", newline="")


def _text(release: Release, data: DataSet, format_: str) -> str:
    if format_ == "sdmx-ml-3.0":
        return sdmx_data.as_xml(data, f"{release.name}_{data.structure.id}", release.as_of)
    return sdmx_data.as_csv(data, format_.rpartition("-")[2])
