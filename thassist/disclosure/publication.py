"""From the files of a release, as they went out, to the entry of the ledger."""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from thassist.disclosure.files import faults_of, read
from thassist.disclosure.files.reading import manifest
from thassist.disclosure.files.written import WrittenCell
from thassist.disclosure.ledger import RELEASE, Publication
from thassist.errors import InvalidDefinition, UnreadableInput
from thassist.tables.spec import load

_INTERNAL = "internal"


def of_folder(folder: Path, lang: str) -> Publication:
    """What a release published: all cells of all its files, which must not contradict each other.

    Args:
        folder: the release, with its manifest.
        lang: of the first fault, which a refusal names.

    Raises:
        UnreadableInput: a file cannot be read, or the files contradict each other.
        InvalidDefinition: the release is internal, and so was not published.
    """
    about = manifest(folder)
    if about.get("audience") == _INTERNAL:
        raise InvalidDefinition("ledger.not_published", file=folder.name)
    written = read(folder)
    faults = faults_of(written)
    if faults:
        raise UnreadableInput("ledger.disagree", file=folder.name, count=len(faults), first=faults[0].text(lang))
    base, most = rounding_of(about)
    tables: dict[str, dict[object, list[Any]]] = defaultdict(dict)
    for cell in written.cells:
        low, high = ends_of(cell, most) if base else (None, None)
        tables[cell.table].setdefault(cell.key, [cell.period, dict(cell.codes), cell.value, cell.status, low, high])
    return Publication(
        kind=RELEASE,
        release=about["release"],
        period=about["period"],
        source=str(about.get("publisher", "")),
        synthetic=bool(about.get("synthetic")),
        tables={table: list(cells.values()) for table, cells in tables.items()},
        base=base,
    )


def rounding_of(about: Mapping[str, Any]) -> tuple[int, int]:
    """The base of a release's rounding and how far a figure may be from its count; (0, 0) where none was rounded."""
    told = about.get("rounding") or {}
    return int(told.get("base", 0)), int(told.get("most", 0))


def ends_of(cell: WrittenCell, most: int) -> tuple[float | None, float | None]:
    """Between what the count behind a rounded figure lies; open where the figure is withheld or no count."""
    if cell.value is None or not load(cell.table).measure.counts:
        return None, None
    return max(0.0, cell.value - most), cell.value + most
