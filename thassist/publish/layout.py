"""Layouts: in which columns a receiver wants its figures, one file ``reports/layouts/<id>.toml``; no code a collection.

A release that names the layout among its ``formats`` gets the files in its folder ``receiver``. The file::

    schema = 1
    id = "unodc-glotip"
    confidence = "seen"                  # seen, inferred or "from memory": how well the receiver's own form is known
    source = "data_glotip of 30 May 2023"  # where it was seen, or what is not known of it; the receiver is told
    [title]                              # fi, sv, en: the collection
    [who.police]                         # fi, sv, en: who can answer what the assistance system cannot
    [columns]                            # columns that are filled by what a figure is, in every sheet
    Year = "period"                      # period, value, status (SDMX CL_OBS_STATUS), note, as_of, standing, who
    txtVALUE = "value"
    [status.Q]                           # optional: texts in columns where a figure has the status; drop = true: no row
    txtVALUE = ""
    [[sheet]]
    id = "glotip"                        # name of the worksheet
    files = ["data_glotip_fi.csv"]       # .csv or .xlsx; sheets of one CSV file follow each other
    item = "1"                           # optional: what the receiver calls it
    confidence = "inferred"              # optional, with source: where a sheet is known otherwise than the rest
    preamble = ["UNODC", "{as_of}"]      # optional: lines above the header
    columns = ["Iso3_code", "Year", …]   # in this order
    key = ["Indicator", "Year", …]       # what no two rows share
    constants = { Iso3_code = "FIN" }
    totals = { sex = "T" }               # optional: the total, where the classification does not say how it is written
    codes = { Sex = "glotip_sex@2023" }  # checked when written, and again when the file is read
    [sheet.title]                        # fi, sv, en
    [[sheet.block]]                      # rows of a table of the release
    table = "intl_unodc_sex_age"
    dimensions = { Sex = "sex", Age = "age" }
    margins = [["sex"], []]              # optional: which of its margins; without it all
    zeros = false                        # optional: rows that are zero are left out
    constants = { Dimension = "Total" }
    [[sheet.block]]                      # rows that are not produced: empty, with a status, never a zero
    standing = "not_ours"                # not_ours: somebody else counts it; not_known: nobody here has recorded it
    who = "police"
    list = { Sex = ["Female", "Male"] }  # every combination; a classification stands for all its codes
    constants = { Indicator = "Persons convicted" }
"""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from thassist import _data
from thassist.codes import classification
from thassist.errors import InvalidDefinition
from thassist.messages import LANGUAGES
from thassist.tables.definition import Problem, Reader, nearest, problem_of
from thassist.tables.spec import load as load_table

FOLDER = "layouts"
OURS, NOT_OURS, NOT_KNOWN = "ours", "not_ours", "not_known"
#: What a column may hold that every figure has.
CONTENTS = ("period", "value", "status", "note", "as_of", "standing", "who")
#: How well the form of a receiver is known: as of a code list (``reports/classifications``).
CONFIDENCES = ("seen", "inferred", "from memory")
_ENDINGS = (".csv", ".xlsx")
#: Codes that every coded column may hold: its total, written as a sheet says, and nothing.
Texts = dict[str, str]


@dataclass(frozen=True)
class Block:
    """Some rows of a sheet: those of a table of the release, or empty ones of which somebody else has the figures.

    Attributes:
        table: the table; empty where nothing is produced.
        dimensions: column → dimension of the table.
        margins: the margins of the table that are written; None writes all.
        zeros: whether rows that are zero are written.
        constants: column → text.
        standing: ``ours``, ``not_ours`` or ``not_known``.
        who: who can answer, a key of the layout's ``who``.
        lists: of empty rows, column → codes; every combination is a row.
    """

    table: str
    dimensions: dict[str, str]
    margins: tuple[frozenset[str], ...] | None
    zeros: bool
    constants: Texts
    standing: str
    who: str
    lists: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Sheet:
    """One sheet, or one part of a CSV file; see the module for its attributes."""

    id: str
    confidence: str
    source: str
    files: tuple[str, ...]
    item: str
    preamble: tuple[str, ...]
    columns: tuple[str, ...]
    key: tuple[str, ...]
    constants: Texts
    totals: Texts
    codes: Texts
    titles: Texts
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Layout:
    """How a receiver wants its figures.

    Attributes:
        id: name of the file.
        titles: the collection, by language.
        who: who can answer what is not ours, by key and language.
        columns: column → one of :data:`CONTENTS`.
        statuses: status → column → text.
        dropped: statuses with which a figure has no row.
        sheets: its sheets.
    """

    id: str
    titles: Texts
    who: dict[str, Texts] = field(repr=False)
    columns: Texts
    statuses: dict[str, Texts]
    dropped: frozenset[str]
    sheets: tuple[Sheet, ...] = field(repr=False)


def paths_of_layouts() -> list[Path]:
    """The files of all layouts, by name."""
    return _data.definitions(FOLDER)


def load(layout_id: str) -> Layout:
    """One layout.

    Raises:
        InvalidDefinition: there is none, or its file is wrong.
    """
    known = {path.stem: path for path in paths_of_layouts()}
    if layout_id not in known:
        raise InvalidDefinition("layout.no_layout", id=layout_id, nearest=nearest(layout_id, known))
    return _checked(known[layout_id], known[layout_id].stat().st_mtime_ns)


@cache
def _checked(path: Path, _mtime_ns: int) -> Layout:
    found, problems = read(path)
    if problems:
        raise problems[0].error()
    return found


def lint_all() -> list[Problem]:
    """Everything that is wrong with layouts, and between them and the tables and classifications that they name."""
    problems = []
    for path in paths_of_layouts():
        try:
            found, wrong = read(path)
        except InvalidDefinition as error:
            wrong = [problem_of(error, path.name)]
        problems += wrong or lint(found)
    return problems


def lint(layout: Layout) -> list[Problem]:
    """What does not fit between a layout and the definitions that it names."""
    file, problems = f"{layout.id}.toml", []
    for sheet in layout.sheets:
        for ref in sheet.codes.values():
            try:
                if classification(ref).placeholder:
                    params = {"id": sheet.id, "classification": ref}
                    problems.append(Problem(file, "tables.placeholder_codes", params))
            except InvalidDefinition as error:
                problems.append(problem_of(error, file))
        for block in sheet.blocks:
            problems += _tables(file, sheet, block)
            filled = {
                *layout.columns,
                *sheet.constants,
                *sheet.totals,
                *block.constants,
                *block.dimensions,
                *block.lists,
            }
            for column in sheet.columns:
                if column not in filled:
                    problems.append(Problem(file, "layout.not_filled", {"sheet": sheet.id, "column": column}))
            for column in (*block.dimensions, *block.constants, *block.lists):
                if column not in sheet.columns:
                    params = {"sheet": sheet.id, "column": column, "nearest": nearest(column, sheet.columns)}
                    problems.append(Problem(file, "layout.no_column", params))
    return problems


def _tables(file: str, sheet: Sheet, block: Block) -> list[Problem]:
    if not block.table:
        return []
    try:
        spec = load_table(block.table)
    except InvalidDefinition as error:
        return [problem_of(error, file)]
    problems, shown = [], set(block.dimensions.values())
    known = [dimension.id for dimension in spec.dimensions]
    named = {*shown, *(name for margin in block.margins or () for name in margin)}
    for name in sorted(named - set(known)):
        params = {"key": sheet.id, "id": name, "nearest": nearest(name, known)}
        problems.append(Problem(file, "tables.no_dimension", params))
    computed = {frozenset(margin) for margin in spec.margins}
    for margin in computed if block.margins is None else block.margins:
        if not margin <= shown or margin not in computed:
            params = {"sheet": sheet.id, "table": spec.id, "margin": ", ".join(sorted(margin)) or "–"}
            problems.append(Problem(file, "layout.no_margin", params))
    return problems


def read(path: Path) -> tuple[Layout, list[Problem]]:
    """The layout in one file as far as it can be read, and everything that is wrong with the file in itself.

    Raises:
        InvalidDefinition: the file is missing or not TOML.
    """
    reader = Reader(path)
    data = reader.open(("confidence", "source", "title", "columns", "sheet"), ("who", "status"))
    known = _known(reader, data, "", CONFIDENCES[-1], "")
    statuses = reader.block(data, "status")
    columns = _strings(reader, data, "columns")
    for column, content in columns.items():
        if content not in CONTENTS:
            reader.note("tables.bad_choice", key=f"columns.{column}", found=content, choices=", ".join(CONTENTS))
    who = {
        name: reader.texts(reader.block(reader.block(data, "who"), name), f"who.{name}") for name in data.get("who", {})
    }
    found = Layout(
        id=path.stem,
        titles=reader.texts(reader.block(data, "title"), "title"),
        who=who,
        columns=columns,
        statuses={
            name: {column: str(text) for column, text in block.items() if column != "drop"}
            for name, block in statuses.items()
        },
        dropped=frozenset(name for name, block in statuses.items() if block.get("drop")),
        sheets=tuple(_sheet(reader, block, tuple(who), known) for block in reader.blocks(data, "sheet")),
    )
    return found, reader.problems


def _known(reader: Reader, data: dict[str, Any], place: str, confidence: str, source: str) -> tuple[str, str]:
    """How well a form is known, and from where; the two are told together."""
    if ("confidence" in data) != ("source" in data):
        reader.keys({}, place, ("confidence", "source"))
    return (
        reader.choice(data, place, "confidence", CONFIDENCES, confidence),
        reader.string(data, place, "source", source),
    )


def _sheet(reader: Reader, data: dict[str, Any], who: tuple[str, ...], known: tuple[str, str]) -> Sheet:
    place = f"sheet {reader.string(data, 'sheet', 'id')}".strip()
    needed = ("id", "files", "columns", "key", "title", "block")
    reader.keys(data, place, needed, ("item", "preamble", "constants", "totals", "codes", "confidence", "source"))
    confidence, source = _known(reader, data, place, *known)
    titles = reader.block(data, "title")
    reader.keys(titles, f"{place}.title", (), LANGUAGES)
    files = reader.strings(data, place, "files")
    columns, key = reader.strings(data, place, "columns"), reader.strings(data, place, "key")
    for name in files:
        if not name.endswith(_ENDINGS) or "/" in name:
            reader.note("tables.bad_choice", key=f"{place}.files", found=name, choices=", ".join(_ENDINGS))
    for name in key:
        if name not in columns:
            reader.note("layout.no_column", sheet=place, column=name, nearest=nearest(name, columns))
    return Sheet(
        id=reader.string(data, place, "id"),
        confidence=confidence,
        source=source,
        files=files,
        item=reader.string(data, place, "item"),
        preamble=reader.strings(data, place, "preamble"),
        columns=columns,
        key=key,
        constants=_strings(reader, data, "constants"),
        totals=_strings(reader, data, "totals"),
        codes=_strings(reader, data, "codes"),
        titles=reader.texts(titles, f"{place}.title"),
        blocks=tuple(_block(reader, block, place, who) for block in reader.blocks(data, "block")),
    )


def _block(reader: Reader, data: dict[str, Any], place: str, who: tuple[str, ...]) -> Block:
    empty = "standing" in data
    where = f"{place}.block"
    if empty:
        reader.keys(data, where, ("standing", "who"), ("list", "constants"))
        reader.choice(data, where, "who", who, "")
    else:
        reader.keys(data, where, ("table",), ("dimensions", "margins", "zeros", "constants"))
    margins = data.get("margins")
    lists = {}
    for column, codes in reader.block(data, "list").items():
        try:
            lists[column] = tuple(classification(codes).codes) if isinstance(codes, str) else tuple(map(str, codes))
        except InvalidDefinition as error:
            reader.problems.append(problem_of(error, reader.path.name))
    return Block(
        table=reader.string(data, where, "table"),
        dimensions=_strings(reader, data, "dimensions"),
        margins=None if margins is None else tuple(frozenset(margin) for margin in margins),
        zeros=reader.flag(data, where, "zeros") if "zeros" in data else True,
        constants=_strings(reader, data, "constants"),
        standing=reader.choice(data, where, "standing", (NOT_OURS, NOT_KNOWN), NOT_OURS) if empty else OURS,
        who=reader.string(data, where, "who"),
        lists=lists,
    )


def _strings(reader: Reader, data: dict[str, Any], key: str) -> Texts:
    return {name: reader.string(block, key, name) for block in [reader.block(data, key)] for name in block}
