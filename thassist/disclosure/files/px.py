"""PX files, read by Statistics Sweden's specification of 2013: the matrix, and every text of every keyword."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from thassist.codes import TOTAL
from thassist.disclosure.files.labels import is_period, number, table_ids
from thassist.disclosure.files.written import NORMAL, WITHHELD, Fault, Written, WrittenCell, WrittenText, signs
from thassist.errors import UnreadableInput
from thassist.tables.spec import TIME, load

_HEAD = re.compile(r'\s*([A-Z][A-Z0-9_-]*)(?:\[([^\]]+)\])?(?:\(((?:\s*(?:"[^"]*"|\*)\s*,?)+)\))?\s*=', re.DOTALL)
_QUOTED = re.compile(r'"([^"]*)"')
_CODEPAGE = re.compile(rb'CODEPAGE\s*=\s*"([^"]+)"')
#: Keywords whose texts hold no words for readers, but codes and settings.
_SETTINGS = {
    "CHARSET", "CODEPAGE", "AXIS-VERSION", "LANGUAGE", "LANGUAGES", "CREATION-DATE", "LAST-UPDATED", "NEXT-UPDATE",
    "MATRIX", "CODES", "TIMEVAL", "DOMAIN", "VARIABLE-TYPE", "SUBJECT-CODE", "STUB", "HEADING", "PX-SERVER", "MAP",
    "STOCKFA", "DECIMALS", "SHOWDECIMALS", "AGGREGALLOWED", "COPYRIGHT", "TABLEID", "UPDATE-FREQUENCY", "PRECISION",
}  # fmt: skip


@dataclass
class Px:
    """A PX file taken apart: its keywords, and the figures as they stand.

    Attributes:
        keywords: (keyword, language or empty, subjects) → values.
        data: the tokens of ``DATA``.
    """

    keywords: dict[tuple[str, str, tuple[str, ...]], list[str]] = field(default_factory=dict)
    data: list[str] = field(default_factory=list)

    def values(self, keyword: str, *subjects: str) -> list[str]:
        """The values of a keyword in the file's first language."""
        return self.keywords.get((keyword, "", subjects), [])


def parse(content: bytes, file: str) -> Px:
    """A PX file as keywords and tokens.

    Raises:
        UnreadableInput: it is none, or one with ``KEYS`` (a matrix with gaps), which is not read.
    """
    text = _decoded(content)
    found = Px()
    place = 0
    while text[place:].strip():
        head = _HEAD.match(text, place)
        if head is None:
            raise UnreadableInput("written.no_px", file=file)
        end = _end(text, head.end())
        body = text[head.end() : end]
        place = end + 1
        if head[1] == "KEYS":
            raise UnreadableInput("written.px_keys", file=file)
        if head[1] == "DATA":
            found.data = re.findall(r'"[^"]*"|[^\s,;]+', body)
            break
        subjects = tuple(_QUOTED.findall(head[3] or ""))
        found.keywords[head[1], head[2] or "", subjects] = list(_values(body))
    if not found.data or not found.keywords:
        raise UnreadableInput("written.no_px", file=file)
    return found


def read(content: bytes, name: str, file: str) -> Written:
    """The cells and texts of a PX file.

    Raises:
        UnreadableInput: it is no PX file, or the figures do not fill the matrix.
    """
    px = parse(content, file)
    table = next(iter(px.values("MATRIX")), name)
    variables = [*px.values("STUB"), *px.values("HEADING")]
    dimensions = _dimensions(table, variables, px)
    codes = {name: px.values("CODES", name) or px.values("VALUES", name) for name in variables}
    if len(px.data) != _product(len(codes[name]) for name in variables):
        raise UnreadableInput("written.px_matrix", file=file)
    found = Written(texts=list(_texts(px, file, table)))
    marks = {"." * place: sign for place in range(1, 7) for sign in px.values(f"DATASYMBOL{place}")}
    known = signs()
    for address, token in zip(itertools.product(*(codes[name] for name in variables)), px.data, strict=True):
        place = dict(zip(dimensions, address, strict=True))
        period = place.pop(TIME, "")
        kept = tuple(sorted((each, code) for each, code in place.items() if code != TOTAL))
        mark = token.strip('"')
        value = 0.0 if mark == "-" else number(mark)
        status = NORMAL if value is not None else known.get(marks.get(mark, ""), "" if mark in marks else WITHHELD)
        if status:
            found.cells.append(WrittenCell(table, period, kept, value, status, file, " / ".join(address)))
        elif set(mark) != {"."}:
            found.faults.append(Fault("written.no_cell", file, " / ".join(address), {"table": table}))
    return found


def _dimensions(table: str, variables: list[str], px: Px) -> list[str]:
    """The id of each variable: of the dimension with that title, ``time`` for the periods, else the title itself."""
    titles: dict[str, str] = {}
    if table in table_ids():
        titles = {title: each.id for each in load(table).dimensions for title in each.titles.values()}
    found = []
    for name in variables:
        codes = px.values("CODES", name) or px.values("VALUES", name)
        timed = ("TIMEVAL", "", (name,)) in px.keywords or (name not in titles and all(map(is_period, codes)))
        found.append(TIME if timed and TIME not in found else titles.get(name, name))
    return found


def _texts(px: Px, file: str, table: str) -> Iterator[WrittenText]:
    first = next(iter(px.values("LANGUAGE")), "")
    for (keyword, lang, _), values in px.keywords.items():
        if keyword not in _SETTINGS:
            kind = "codes" if keyword in {"VALUES", "ELIMINATION"} else "text"
            yield WrittenText(" ".join(values), kind, file, keyword, lang or first, table)


def _decoded(content: bytes) -> str:
    named = _CODEPAGE.search(content[:2000])
    for encoding in (named[1].decode("ascii", "replace") if named else "", "utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except (LookupError, UnicodeDecodeError):
            continue
    return content.decode("latin-1")


def _end(text: str, place: int) -> int:
    """Where a keyword ends: the semicolon outside quotation marks, or the end of the file."""
    inside = False
    for index in range(place, len(text)):
        if text[index] == '"':
            inside = not inside
        elif text[index] == ";" and not inside:
            return index
    return len(text)


def _values(body: str) -> Iterator[str]:
    """The values of a keyword: pieces in quotation marks without a comma between them are one text."""
    pieces: list[str] = []
    for piece in re.findall(r'"[^"]*"|,|[^\s",]+', body):
        if piece == ",":
            yield "".join(pieces)
            pieces = []
        else:
            pieces.append(piece.strip('"'))
    yield "".join(pieces)


def _product(sizes: Iterator[int]) -> int:
    total = 1
    for size in sizes:
        total *= size
    return total
