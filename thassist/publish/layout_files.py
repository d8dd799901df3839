"""The files for receivers: written, read again, and counted item by item.

Every file is read back as whoever receives it would, and must hold the header and the rows that were meant, with codes
of their lists and no key twice; else nothing of the release is published. The list of items says of each how well the
receiver's own form is known: a layout from memory is one that the receiver has still to confirm.
"""

import csv
import io
from pathlib import Path

from thassist import __version__
from thassist.errors import InconsistentRelease
from thassist.messages import LANGUAGES
from thassist.publish.layout import Layout, Sheet, load
from thassist.publish.layout_rows import COUNTS, Content, Row, check, counted, how_known, rows
from thassist.release.build import Release

FOLDER = "receiver"
ITEMS = "items.csv"


def write(layout_id: str, release: Release, folder: Path) -> None:
    """Write the files of one layout into a folder, which is made, with the list of their items.

    Raises:
        InvalidDefinition: the layout is wrong, or asks for what the release does not have.
        InconsistentRelease: a code is in no list, a key stands twice, or a file does not read as it was written.
    """
    layout = load(layout_id)
    folder.mkdir(exist_ok=True)
    content = {sheet.id: rows(layout, sheet, release) for sheet in layout.sheets}
    for name in dict.fromkeys(name for sheet in layout.sheets for name in sheet.files):
        sheets = [sheet for sheet in layout.sheets if name in sheet.files]
        if name.endswith(".csv"):
            _write_csv(folder / name, sheets, content, release)
        else:
            _write_workbook(folder / name, layout, sheets, content, release)
        _read_again(folder / name, layout, sheets, content)
    items = folder / f"{layout.id}_{ITEMS}"
    items.write_text(_items(layout, content), encoding="utf-8", newline="")


def _items(layout: Layout, content: dict[str, list[Row]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    named = [f"{name}_{lang}" for name in ("title", "who") for lang in LANGUAGES]
    known = [f"layout_{lang}" for lang in LANGUAGES]
    writer.writerow(["item", *named, *COUNTS, "files", "confidence", *known])
    for sheet in layout.sheets:
        who = list(dict.fromkeys(row.who for row in content[sheet.id] if row.who))
        answering = ["; ".join(layout.who[name][lang] for name in who) for lang in LANGUAGES]
        titles = [sheet.titles[lang] for lang in LANGUAGES]
        counts = counted(content[sheet.id]).values()
        told = [how_known(sheet, lang) for lang in LANGUAGES]
        files = "; ".join(sheet.files)
        writer.writerow([sheet.item or sheet.id, *titles, *answering, *counts, files, sheet.confidence, *told])
    return stream.getvalue()


def _preamble(sheet: Sheet, release: Release) -> list[str]:
    known = {"as_of": release.as_of.isoformat(), "snapshot": release.snapshot, "version": __version__}
    return [line.format_map(known) for line in sheet.preamble]


def _write_csv(path: Path, sheets: list[Sheet], content: dict[str, list[Row]], release: Release) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    for line in _preamble(sheets[0], release):
        writer.writerow([line])
    writer.writerow(sheets[0].columns)
    for sheet in sheets:
        writer.writerows(row.cells for row in content[sheet.id])
    path.write_text(stream.getvalue(), encoding="utf-8", newline="")


def _write_workbook(
    path: Path, layout: Layout, sheets: list[Sheet], content: dict[str, list[Row]], release: Release
) -> None:
    from thassist.publish import layout_workbook

    layout_workbook.write(path, layout, sheets, content, release)


def _read_again(path: Path, layout: Layout, sheets: list[Sheet], content: dict[str, list[Row]]) -> None:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            lines = [tuple(line) for line in csv.reader(file)][len(sheets[0].preamble) :]
        parts = {sheets[0].id: [lines[0]]} | {sheet.id: [sheet.columns] for sheet in sheets[1:]}
        start = 1
        for sheet in sheets:
            count = len(content[sheet.id])
            parts[sheet.id] += lines[start : start + count]
            start += count
    else:
        from thassist.publish import layout_workbook

        parts = {sheet.id: layout_workbook.read(path, sheet) for sheet in sheets}
        start = 0
    for sheet in sheets:
        meant = [sheet.columns, *(_as_text(row.cells) for row in content[sheet.id])]
        if parts[sheet.id] != meant or (path.suffix == ".csv" and start != len(lines)):
            raise InconsistentRelease("layout.not_as_written", file=path.name, sheet=sheet.id)
        check(layout, sheet, [*parts[sheet.id][1:]])


def _as_text(cells: tuple[Content, ...]) -> tuple[str, ...]:
    return tuple(str(cell) for cell in cells)
