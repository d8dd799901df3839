"""A publication as figures: each with the codes it is about, and what its value may be.

A value is an interval. A printed number is one point, a withheld one is what its symbol stands for (``<5`` is 0 to 4),
and one that is not known can be anything.
"""

import gzip
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from math import inf
from pathlib import Path
from typing import Any

from thassist.errors import UnreadableInput
from thassist.intake.cells import plain
from thassist.intake.workbook import MAX_BYTES, RawSheet, letter, read_file
from thassist.verify import package
from thassist.verify.profile import ANY, Bounds, Profile

_GZIP = b"\x1f\x8b"
_CHUNK = 1 << 20
#: Thousands set apart by a comma, an apostrophe or a blank; a decimal point, or a comma that cannot be a thousand's.
_NUMBER = re.compile(r"-?(\d{1,3}(?:,\d{3})+|\d{1,3}(?:[ '’]\d{3})+|\d+)(?:\.(\d+))?")
_DECIMAL_COMMA = re.compile(r"-?\d+,\d{1,2}")
#: Digits, a comma or a blank, and more digits that are no group of three: two numbers in one cell.
_GLUED = re.compile(r"(\d+)[ ,;/]+(\d+)")


class Kind(Enum):
    """What stands in the cell of a value."""

    NUMBER = "number"
    WITHHELD = "withheld"
    NOTHING = "nothing"
    UNREADABLE = "unreadable"
    GLUED = "glued"


@dataclass(frozen=True, slots=True)
class Figure:
    """One printed figure: its row, its codes in the order of :attr:`Publication.columns`, and what it may be."""

    row: int
    codes: tuple[str, ...]
    text: str
    kind: Kind
    low: float = 0.0
    high: float = inf

    @property
    def known(self) -> bool:
        """Whether a number is printed."""
        return self.kind is Kind.NUMBER


@dataclass
class Publication:
    """All figures of a file.

    Attributes:
        file, sheet: as the reader knows them; the sheet is empty where the file is one table.
        profile: by which it was read.
        key: the columns that together name a figure.
        columns: every column that is kept, the key first.
        places: column → its letter and header; the value's too.
        figures: in the order of the file.
        responses, lists: what the package beside the file says of columns, see :mod:`thassist.verify.package`.
    """

    file: str
    sheet: str
    profile: Profile
    key: tuple[str, ...]
    columns: tuple[str, ...]
    places: Mapping[str, tuple[str, str]]
    figures: list[Figure] = field(repr=False)
    responses: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, str] = field(default_factory=dict)

    def index(self, column: str) -> int:
        """Where a column's code stands in :attr:`Figure.codes`."""
        return self.columns.index(column)

    def about(self, figure: Figure) -> tuple[str, ...]:
        """What a figure is about: the codes of the key."""
        return figure.codes[: len(self.key)]

    def label(self, figure: Figure) -> str:
        """What a figure is about, for people: the codes that are no totals."""
        pairs = zip(self.key, figure.codes, strict=False)
        return " · ".join(code for name, code in pairs if code and code not in self.profile.total_codes(name))

    def cell(self, figure: Figure, column: str = "") -> str:
        """The place of a figure's value (or of another column) as a spreadsheet writes it."""
        return f"{self.places[column or self.profile.value][0]}{figure.row}"


def read(path: Path, profile: Profile) -> Publication:
    """Read a publication: a workbook or a CSV file, also packed by gzip.

    Raises:
        UnreadableInput: the file cannot be read, or no sheet of it has the columns of the profile.
    """
    lacking: list[str] = []
    for sheet in _sheets(path):
        if profile.sheet and sheet.name and sheet.name != profile.sheet:
            continue
        rows = [row for row in sheet.rows if row[0] > profile.skip]
        headers = [plain(cell) for cell in rows[0][1]] if rows else []
        found, missing = _columns(headers, profile)
        if not missing:
            places = {name: (letter(at), headers[at]) for name, at in found.items()}
            figures, columns, key = _figures(rows[1:], found, profile)
            return Publication(
                *(path.name, sheet.name, profile, key, columns, places, figures),
                responses=package.responses(path, profile),
                lists=package.lists(path, profile),
            )
        lacking = min(lacking or missing, missing, key=len)
    raise UnreadableInput("verify.no_columns", file=path.name, profile=profile.id, columns=", ".join(lacking))


def _sheets(path: Path) -> list[RawSheet]:
    try:
        with path.open("rb") as file:
            packed = file.read(2) == _GZIP
    except OSError as error:
        raise UnreadableInput("intake.no_file", file=path.name) from error
    if not packed:
        return read_file(path).sheets
    with tempfile.TemporaryDirectory() as folder:
        unpacked = Path(folder) / (path.stem or "file")
        _unpack(path, unpacked)
        return read_file(unpacked).sheets


def _unpack(packed: Path, target: Path) -> None:
    """Unpack within the bounds of every file that is read: a small archive may hold far too much."""
    size = 0
    try:
        with gzip.open(packed) as source, target.open("wb") as out:
            while chunk := source.read(_CHUNK):
                size += len(chunk)
                if size > MAX_BYTES:
                    raise UnreadableInput("intake.file_too_large", file=packed.name, limit=MAX_BYTES // 2**20)
                out.write(chunk)
    except (OSError, EOFError) as error:
        raise UnreadableInput("intake.file_damaged", file=packed.name) from error


def _columns(headers: list[str], profile: Profile) -> tuple[dict[str, int], list[str]]:
    """Column → its place in the rows, the key first; and the headers that are missing."""
    at = {header: number for number, header in reversed(list(enumerate(headers)))}
    names = list(profile.key)
    if profile.labelled:
        names += [name for name in headers if f"{name}{profile.labelled}" in at and name not in names]
    names += [name for name in (profile.page, profile.status_column, *profile.more, profile.value) if name]
    found: dict[str, int] = {}
    missing = []
    for name in names:
        header = next((one for one in profile.names.get(name, (name,)) if one in at), None)
        if header is None:
            missing.append(name)
        else:
            found[name] = at[header]
    if not headers:
        missing = [profile.value]
    return found, missing


def _figures(
    rows: list[tuple[int, list[Any]]], found: dict[str, int], profile: Profile
) -> tuple[list[Figure], tuple[str, ...], tuple[str, ...]]:
    """The figures, the columns of their codes, and those that name a figure."""
    columns = tuple(name for name in found if name != profile.value)
    key = tuple(name for name in columns if name not in {profile.page, profile.status_column, *profile.more})
    width = max(found.values()) + 1
    figures = []
    for number, cells in rows:
        texts = [plain(cell) for cell in cells[:width]]
        texts += [""] * (width - len(texts))
        codes = tuple(texts[found[name]] for name in columns)
        status = texts[found[profile.status_column]] if profile.status_column else ""
        figures.append(_figure(number, codes, texts[found[profile.value]], status, profile))
    return figures, columns, key


def _figure(row: int, codes: tuple[str, ...], text: str, status: str, profile: Profile) -> Figure:
    if status in profile.statuses:
        return _bounded(row, codes, text, profile.statuses[status])
    if text in profile.symbols:
        return _bounded(row, codes, text, profile.symbols[text])
    number = number_in(text)
    if number is None:
        glued = _GLUED.fullmatch(text)
        return Figure(row, codes, text, Kind.GLUED if glued else Kind.UNREADABLE)
    return Figure(row, codes, text, Kind.NUMBER, number, number)


def _bounded(row: int, codes: tuple[str, ...], text: str, bounds: Bounds | None) -> Figure:
    if bounds is None:
        return Figure(row, codes, text, Kind.NOTHING)
    return Figure(row, codes, text, Kind.WITHHELD, *bounds)


def number_in(text: str) -> float | None:
    """The number that a text prints, in English or continental writing; None where it is none, or not only one."""
    if _NUMBER.fullmatch(text):
        return float(re.sub(r"[ ,'’]", "", text))
    if _DECIMAL_COMMA.fullmatch(text):
        return float(text.replace(",", "."))
    return None


def chosen(
    publication: Publication, figures: list[Figure], selector: Mapping[str, tuple[str, ...]]
) -> Iterator[Figure]:
    """The figures that a selector means."""
    wanted = [
        (publication.index(name), codes, publication.profile.total_codes(name))
        for name, codes in selector.items()
        if name in publication.columns
    ]
    for figure in figures:
        if all(
            figure.codes[at] not in totals if codes == (ANY,) else figure.codes[at] in codes
            for at, codes, totals in wanted
        ):
            yield figure
