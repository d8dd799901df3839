"""Marks on the cells of a worksheet that is somebody else's: a colour, a comment, a link from a header.

The colour is a conditional format whose condition is always true. So neither a cell nor its own format is touched, the
marks move along when rows are put in, and they can be taken away again without a trace: marking a workbook that has
been marked before replaces the old marks. Comments are the notes of ECMA-376 part 1, 18.7, with their shapes in VML
(part 4, 19), as every spreadsheet program writes them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import unescape

from thassist.intake.workbook import index, letter
from thassist.intake.xlsxparts import P, Parts, append, extend, put, text

#: Author of our comments, and what our words begin with: LibreOffice forgets the authors of comments.
AUTHOR = "thassist"
_OURS = f"[{AUTHOR}]"
#: Always true, and known again: the number of a text is zero.
_CONDITION = f'N("{AUTHOR}")=0'
_CONDITION_READ = re.compile(rb'N\((?:"|&quot;|&#34;)thassist(?:"|&quot;|&#34;)\)')

#: Children of a worksheet after each of those that we put in, in the order of ECMA-376 part 1, 18.3.1.99.
_LATER = (
    *("conditionalFormatting", "dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup"),
    *("headerFooter", "rowBreaks", "colBreaks", "customProperties", "cellWatches", "ignoredErrors", "smartTags"),
    *("drawing", "legacyDrawing", "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls"),
    *("webPublishItems", "tableParts", "extLst"),
)
_AFTER_FORMATS = _LATER[1:]
_AFTER_LINKS = _LATER[_LATER.index("hyperlinks") + 1 :]
_AFTER_DRAWING = _LATER[_LATER.index("legacyDrawing") + 1 :]

_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_RANGES = 300  # cells named by one conditional format

_FORMAT = re.compile(rb"<((?:[\w.-]+:)?)conditionalFormatting\b[^>]*>.*?</\1conditionalFormatting>", re.DOTALL)
_PRIORITY = re.compile(rb"""(<(?:[\w.-]+:)?cfRule\b[^>]*?\spriority=["'])(\d+)""")
_LINK = re.compile(rb"<(?:[\w.-]+:)?hyperlink\b[^>]*?(?:/>|>\s*</(?:[\w.-]+:)?hyperlink>)")
_NO_LINKS = re.compile(rb"<(?:[\w.-]+:)?hyperlinks\b[^>]*>\s*</(?:[\w.-]+:)?hyperlinks>")
_AUTHOR = re.compile(rb"<(?:[\w.-]+:)?author\b[^>]*?(?:/>|>(.*?)</(?:[\w.-]+:)?author>)", re.DOTALL)
_COMMENT = re.compile(rb"<((?:[\w.-]+:)?)comment\b([^>]*)>(.*?)</\1comment>", re.DOTALL)
_RUN = re.compile(rb"<((?:[\w.-]+:)?)r\b(?:(?!</\1r>).)*?\[thassist\].*?</\1r>", re.DOTALL)
_TAGS = re.compile(rb"<[^>]*>")
_TRAILING = re.compile(rb"(?:\s|&#10;|&#xA;)+((?:</[\w.-]*:?\w+>\s*)+)$")
_PLAIN = re.compile(rb"<((?:[\w.-]+:)?)text\b[^>]*>\s*<\1t\b[^>]*>(.*?)</\1t>", re.DOTALL)
_SHAPE = re.compile(rb"<([\w.-]+:)shape\b.*?</\1shape>", re.DOTALL)
_ROW, _COLUMN = re.compile(rb"<[\w.-]+:Row>\s*(\d+)\s*<"), re.compile(rb"<[\w.-]+:Column>\s*(\d+)\s*<")
_ATTRIBUTE = r"""\s{}=(?:"([^"]*)"|'([^']*)')"""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a cell gets: its place (row as shown, zero-based column), the format of its colour, and its comment."""

    row: int
    column: int
    style: int
    comment: str

    @property
    def ref(self) -> str:
        """As the spreadsheet writes it."""
        return f"{letter(self.column)}{self.row}"


@dataclass(frozen=True, slots=True)
class Link:
    """A link from a cell to a place in the workbook, with the words that a pointer resting on it shows."""

    ref: str
    location: str
    tip: str


def clear(parts: Parts, sheet: str, findings: str) -> None:
    """Take away the marks of an earlier time, whichever program has saved the workbook since.

    Args:
        parts: the workbook.
        sheet: the part of the worksheet.
        findings: name of the sheet to which our links lead; empty where the workbook has none.
    """
    content = parts.xml(sheet)
    content = _FORMAT.sub(lambda found: b"" if _CONDITION_READ.search(found[0]) else found[0], content)
    if findings:
        ours = (f"{quoted(findings)}!", f"{findings}!")
        content = _LINK.sub(lambda link: b"" if _attribute(link[0], "location").startswith(ours) else link[0], content)
        content = _NO_LINKS.sub(b"", content)
    parts[sheet] = content
    comments = parts.related(sheet, "comments")
    if comments:
        _clear_comments(parts, comments, parts.related(sheet, "vmlDrawing"))


def _clear_comments(parts: Parts, comments: str, drawing: str) -> None:
    content = parts.xml(comments)
    authors = _authors(content)
    gone: set[tuple[int, int]] = set()

    def without(found: re.Match[bytes]) -> bytes:
        number = _attribute(found[2], "authorId")
        known = number.isdecimal() and int(number) < len(authors) and authors[int(number)] == AUTHOR
        if known or _TAGS.sub(b"", found[3]).lstrip().startswith(_OURS.encode()):
            gone.add(_place(_attribute(found[2], "ref")))
            return b""
        kept = _RUN.sub(b"", found[0])
        return kept if kept == found[0] else _TRAILING.sub(rb"\1", kept)

    parts[comments] = _COMMENT.sub(without, content)
    if drawing:
        kept = _SHAPE.sub(lambda shape: b"" if _shape_place(shape[0]) in gone else shape[0], parts.xml(drawing))
        parts[drawing] = kept


def mark(parts: Parts, sheet: str, marks: Sequence[Mark], links: Sequence[Link]) -> None:
    """Put colours, comments and links on a worksheet.

    Args:
        parts: the workbook.
        sheet: the part of the worksheet.
        marks: at most one a cell; one without a comment has its colour only.
        links: for cells that have none of their own.
    """
    _colour(parts, sheet, marks)
    _link(parts, sheet, links)
    noted = [one for one in marks if one.comment]
    if noted:
        _comment(parts, sheet, noted)


def _colour(parts: Parts, sheet: str, marks: Sequence[Mark]) -> None:
    by_style: dict[int, list[str]] = {}
    for one in marks:
        by_style.setdefault(one.style, []).append(one.ref)
    groups = [
        (style, refs[start : start + _RANGES])
        for style, refs in sorted(by_style.items())
        for start in range(0, len(refs), _RANGES)
    ]
    content = parts.xml(sheet)
    if groups:  # ours come first; the formats that the workbook has follow in their own order
        content = _PRIORITY.sub(lambda rule: rule[1] + str(int(rule[2]) + len(groups)).encode(), content)
    formats = "".join(
        f'<{P}conditionalFormatting sqref="{" ".join(refs)}"><{P}cfRule type="expression" dxfId="{style}" '
        f'priority="{number}"><{P}formula>{text(_CONDITION)}</{P}formula></{P}cfRule></{P}conditionalFormatting>'
        for number, (style, refs) in enumerate(groups, start=1)
    )
    parts[sheet] = put(content, formats, _AFTER_FORMATS)


def _link(parts: Parts, sheet: str, links: Sequence[Link]) -> None:
    content = parts.xml(sheet)
    taken = {_attribute(found[0], "ref") for found in _LINK.finditer(content)}
    items = "".join(
        f'<{P}hyperlink ref="{link.ref}" location="{text(link.location)}" tooltip="{text(link.tip)}"/>'
        for link in links
        if link.ref not in taken
    )
    if items:
        parts[sheet], _ = extend(content, "hyperlinks", items, len(links), _AFTER_LINKS, counted=False)


def _comment(parts: Parts, sheet: str, marks: Sequence[Mark]) -> None:
    comments = parts.related(sheet, "comments") or _new_comments(parts, sheet)
    content = parts.xml(comments)
    held = {_attribute(found[2], "ref") for found in _COMMENT.finditer(content)}
    words = {one.ref: one.comment for one in marks}
    content = _COMMENT.sub(lambda found: _continued(found, words), content)
    authors = _authors(content)
    if AUTHOR not in authors:
        item = f"<{P}author>{AUTHOR}</{P}author>"
        content, _ = extend(content, "authors", item, 1, ("commentList",), counted=False)
        authors.append(AUTHOR)
    author = authors.index(AUTHOR)
    new = [one for one in marks if one.ref not in held]
    items = "".join(
        f'<{P}comment ref="{one.ref}" authorId="{author}"><{P}text>{_run(one.comment)}</{P}text></{P}comment>'
        for one in new
    )
    parts[comments], _ = extend(content, "commentList", items, len(new), ("extLst",), counted=False)
    drawing = parts.related(sheet, "vmlDrawing") or _new_drawing(parts, sheet)
    parts[drawing] = _with_shapes(parts.xml(drawing), new)


def _run(words: str, before: str = "") -> str:
    return (
        f'<{P}r><{P}rPr><{P}sz val="9"/><{P}color indexed="81"/><{P}rFont val="Tahoma"/><{P}family val="2"/></{P}rPr>'
        f'<{P}t xml:space="preserve">{before}{text(f"{_OURS} {words}")}</{P}t></{P}r>'
    )


def _continued(found: re.Match[bytes], words: Mapping[str, str]) -> bytes:
    """Another author's comment, with our words after theirs where the cell has a mark."""
    own = words.get(_attribute(found[2], "ref"))
    if own is None:
        return found[0]
    p = found[1].decode()
    whole = _PLAIN.sub(rb'<\1text><\1r><\1t xml:space="preserve">\2</\1t></\1r>', found[0])
    run = _run(own, "&#10;&#10;").replace(P, p).encode()
    close = whole.rindex(f"</{p}text>".encode())
    return whole[:close] + run + whole[close:]


def _new_comments(parts: Parts, sheet: str) -> str:
    content = f'<comments xmlns="{parts.main}"><authors></authors><commentList></commentList></comments>'
    name = parts.add("xl/comments_thassist{}.xml", content.encode(), _COMMENTS_TYPE)
    parts.relate(sheet, "comments", name)
    return name


def _new_drawing(parts: Parts, sheet: str) -> str:
    name = parts.add("xl/drawings/notes_thassist{}.vml", _DRAWING.encode(), _VML_TYPE)
    relation = parts.relate(sheet, "vmlDrawing", name)
    drawing = f'<{P}legacyDrawing xmlns:r="{parts.office}" r:id="{relation}"/>'
    parts[sheet] = put(parts.xml(sheet), drawing, _AFTER_DRAWING)
    return name


_SPACES = (
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"'
)
_DRAWING = (
    f'<xml {_SPACES}><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/>'
    '</o:shapelayout><v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" '
    'path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/>'
    "</v:shapetype></xml>"
)
_WIDTH, _LINE, _LINE_LETTERS = 270, 12, 52  # points, points and letters of nine-point text


def _with_shapes(content: bytes, marks: Sequence[Mark]) -> bytes:
    numbers = [int(found) for found in re.findall(rb"_x0000_s(\d+)", content)]
    first = max([1024, *numbers]) + 1
    shapes = []
    for number, one in enumerate(marks, start=first):
        lines = sum(1 + len(line) // _LINE_LETTERS for line in one.comment.split("\n"))
        shapes.append(
            f'<v:shape {_SPACES} id="_x0000_s{number}" type="#_x0000_t202" '
            f'style="position:absolute;margin-left:59.25pt;margin-top:1.5pt;width:{_WIDTH}pt;'
            f"height:{(lines + 1) * _LINE}pt;z-index:{number - 1024};"
            'visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/>'
            '<v:shadow color="black" obscured="t"/><v:path o:connecttype="none"/>'
            '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
            '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:AutoFill>False</x:AutoFill>'
            f"<x:Row>{one.row - 1}</x:Row><x:Column>{one.column}</x:Column></x:ClientData></v:shape>"
        )
    return append(content, "".join(shapes))


def quoted(sheet: str) -> str:
    """The name of a sheet as a link writes it."""
    return "'" + sheet.replace("'", "''") + "'"


def _authors(comments: bytes) -> list[str]:
    return [(found[1] or b"").decode().strip() for found in _AUTHOR.finditer(comments)]


def _attribute(tag: bytes, name: str) -> str:
    found = re.search(_ATTRIBUTE.format(name).encode(), tag)
    return (
        unescape((found[1] or found[2] or b"").decode(), {"&apos;": "'", "&quot;": '"', "&#39;": "'"}) if found else ""
    )


def _place(ref: str) -> tuple[int, int]:
    """Zero-based row and column of a cell reference, as VML names them."""
    letters = ref.rstrip("0123456789")
    return int(ref[len(letters) :] or 0) - 1, index(letters)


def _shape_place(shape: bytes) -> tuple[int, int]:
    row, column = _ROW.search(shape), _COLUMN.search(shape)
    return (int(row[1]), int(column[1])) if row and column else (-1, -1)
