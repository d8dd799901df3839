"""From the files of a release, as they went out, to the entry of the ledger."""

from collections import defaultdict
from pathlib import Path
from typing import Any

from thassist.disclosure.files import faults_of, read
from thassist.disclosure.files.reading import manifest
from thassist.disclosure.ledger import RELEASE, Publication
from thassist.errors import InvalidDefinition, UnreadableInput

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
    tables: dict[str, dict[object, list[Any]]] = defaultdict(dict)
    for cell in written.cells:
        tables[cell.table].setdefault(cell.key, [cell.period, dict(cell.codes), cell.value, cell.status, None, None])
    return Publication(
        kind=RELEASE,
        release=about["release"],
        period=about["period"],
        source=str(about.get("publisher", "")),
        synthetic=bool(about.get("synthetic")),
        tables={table: list(cells.values()) for table, cells in tables.items()},
        base=int(about.get("rounding_base", 0) or 0),
    )
