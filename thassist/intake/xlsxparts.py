"""The parts of an .xlsx archive, changed by insertion: what is not ours to change stays as it is, byte for byte.

Libraries that read a workbook and write it again lose what they do not know (drop-downs that Excel keeps in an
extension, form controls, threaded comments, rich text). Here elements are put into the XML at the places where
ECMA-376 wants them, and the rest of a part is copied as it stands.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat
from xml.sax.saxutils import escape

_DECLARED = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_ROOT = re.compile(rb"<(?![?!])([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_TAG_END = re.compile(rb"""(?:[^>"']|"[^"]*"|'[^']*')*>""")

#: Stands for the namespace prefix of a part in what is put into it; a character that no XML text can hold.
P = "\x01"

TYPES = "[Content_Types].xml"
#: Namespaces of relations and of spreadsheets: transitional, as nearly every program writes, and strict.
_TRANSITIONAL = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
)
_STRICT = ("http://purl.oclc.org/ooxml/officeDocument/relationships", "http://purl.oclc.org/ooxml/spreadsheetml/main")
_RELATIONSHIPS = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'


@dataclass(frozen=True, slots=True)
class Element:
    """A child of a part's root: its name without prefix, its attributes, and its bytes' start, content and end."""

    name: str
    attributes: dict[str, str]
    start: int
    inner: int
    close: int
    end: int
    children: int


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation of a part: its id, the last word of its type, and the part that it leads to (empty: outside)."""

    id: str
    kind: str
    target: str


class Parts:
    """The parts of an archive in memory; case data never stand in a temporary file.

    Args:
        file: the .xlsx file, which the reader has already found to be sound and of a bearable size.
    """

    def __init__(self, file: Path | IO[bytes]) -> None:
        with zipfile.ZipFile(file) as archive:
            self._parts = {part.filename: archive.read(part) for part in archive.infolist() if not part.is_dir()}
        package = self.relations("")
        self.workbook = next(relation.target for relation in package if relation.kind == "officeDocument")
        strict = _STRICT[0].encode() in self._parts[_relations_of("")]
        self.office, self.main = _STRICT if strict else _TRANSITIONAL

    @property
    def suffix(self) -> str:
        """The ending of the file's name without which the spreadsheet program would not open it."""
        return ".xlsm" if any(name.endswith("vbaProject.bin") for name in self._parts) else ".xlsx"

    def __setitem__(self, name: str, content: bytes) -> None:
        """Put a part, or another in its place."""
        self._parts[name] = content

    def xml(self, name: str) -> bytes:
        """A part as UTF-8, in which the changes are made."""
        self._parts[name] = _utf8(self._parts[name])
        return self._parts[name]

    def saved(self) -> bytes:
        """The archive; equal content is equal bytes."""
        stored = io.BytesIO()
        with zipfile.ZipFile(stored, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self._parts.items():
                info = zipfile.ZipInfo(name, date_time=(2000, 1, 1, 0, 0, 0))
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, content)
        return stored.getvalue()

    def relations(self, part: str) -> list[Relation]:
        """The relations of a part, or of the package."""
        name = _relations_of(part)
        if name not in self._parts:
            return []
        found = []
        for element in children(self.xml(name)):
            target = element.attributes.get("Target", "")
            outside = element.attributes.get("TargetMode") == "External"
            inside = posixpath.normpath(posixpath.join("/", posixpath.dirname(part), target)).lstrip("/")
            kind = element.attributes.get("Type", "").rpartition("/")[2]
            found.append(Relation(element.attributes.get("Id", ""), kind, "" if outside else inside))
        return found

    def related(self, part: str, kind: str) -> str:
        """The part to which a part has a relation of a kind; empty where there is none."""
        targets = (relation.target for relation in self.relations(part) if relation.kind == kind)
        return next((target for target in targets if target in self._parts), "")

    def relate(self, part: str, kind: str, target: str) -> str:
        """Add a relation and return its id."""
        name = _relations_of(part)
        self._parts.setdefault(name, _RELATIONSHIPS)
        taken = {relation.id for relation in self.relations(part)}
        new = next(word for number in range(1, len(taken) + 2) if (word := f"rIdT{number}") not in taken)
        relation = f'<{P}Relationship Id="{new}" Type="{self.office}/{kind}" Target="/{text(target)}"/>'
        self._parts[name] = append(self.xml(name), relation)
        return new

    def sheets(self) -> dict[str, str]:
        """The worksheets: name and part."""
        targets = {relation.id: relation.target for relation in self.relations(self.workbook)}
        named = (
            (one.get("name", ""), targets.get(one.get("id", ""), ""))
            for one in elements(self.xml(self.workbook), "sheet")
        )
        return {name: target for name, target in named if target in self._parts}

    def add(self, pattern: str, content: bytes, content_type: str) -> str:
        """Add a part under the first free name of a pattern with ``{}`` and return that name."""
        name = next(name for number in range(1, 100_000) if (name := pattern.format(number)) not in self._parts)
        self._parts[name] = content
        kind = f'<{P}Override PartName="/{text(name)}" ContentType="{content_type}"/>'
        self._parts[TYPES] = append(self.xml(TYPES), kind)
        return name


def _relations_of(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _utf8(content: bytes) -> bytes:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16")
        return re.sub(r"""(<\?xml[^>]*?encoding\s*=\s*["'])[^"']+""", r"\g<1>UTF-8", text, count=1).encode()
    found = _DECLARED.match(content)
    if found and found[1].lower() not in {b"utf-8", b"us-ascii"}:
        start, end = found.span(1)
        return content[:start] + b"UTF-8" + content[end:].decode(found[1].decode()).encode()
    return content


def prefix(content: bytes) -> str:
    """The namespace prefix of a part's root with its colon; most producers use none."""
    found = _ROOT.search(content)
    return (found[1] or b"").decode() if found else ""


def children(content: bytes) -> list[Element]:
    """The children of a part's root, in their order."""
    found: list[Element] = []
    depth = number = 0
    head: tuple[str, dict[str, str], int] = ("", {}, 0)
    parser: Any = expat.ParserCreate()

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, number, head
        if depth == 1:
            head, number = (tag.rpartition(":")[2], attributes, parser.CurrentByteIndex), 0
        elif depth == 2:
            number += 1
        depth += 1

    def end(_tag: str) -> None:
        nonlocal depth
        depth -= 1
        if depth == 1:
            found.append(_element(content, *head, closing=parser.CurrentByteIndex, number=number))

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.Parse(content, True)  # noqa: FBT003 - expat takes positions only
    return found


def _element(
    content: bytes, name: str, attributes: dict[str, str], start: int, *, closing: int, number: int
) -> Element:
    opening = _TAG_END.match(content, start)
    inner = opening.end() if opening else start
    if content[inner - 2 : inner] == b"/>":
        return Element(name, attributes, start, inner, inner, inner, 0)
    return Element(name, attributes, start, inner, closing, content.index(b">", closing) + 1, number)


def append(content: bytes, child: str) -> bytes:
    """Put a child at the end of the root; ``P`` in it stands for the root's prefix."""
    close = content.rindex(b"</") if b"</" in content else -1
    found = _ROOT.search(content)
    if close < 0 and found:  # a root without children, written as one tag
        opening = _TAG_END.match(content, found.start())
        place = opening.end() if opening else len(content)
        name = (found[1] or b"") + found[2]
        content = content[: place - 2] + b"></" + name + b">" + content[place:]
        close = place - 1
    return content[:close] + _with_prefix(content, child) + content[close:]


def put(content: bytes, child: str, before: Iterable[str]) -> bytes:
    """Put a child before the first child of the root that has one of these names, else at its end."""
    names = set(before)
    for element in children(content):
        if element.name in names:
            return content[: element.start] + _with_prefix(content, child) + content[element.start :]
    return append(content, child)


def extend(
    content: bytes, name: str, items: str, count: int, before: Iterable[str], *, counted: bool = True
) -> tuple[bytes, int]:
    """Put items at the end of a list that is a child of the root, made where it is missing.

    Args:
        content: the part.
        name: the list.
        items: its new elements.
        count: how many they are.
        before: the elements before which a new list stands.
        counted: whether the list says in an attribute how many it holds.

    Returns:
        The changed part, and how many items the list held before: the index of the first new one.
    """
    for element in children(content):
        if element.name != name:
            continue
        held, p = element.children, prefix(content)
        opening = content[element.start : element.inner]
        opening = re.sub(rb"\s*/>$", b">", opening)
        opening = re.sub(rb"""(\scount\s*=\s*["'])\d+""", rb"\g<1>" + str(held + count).encode(), opening)
        inside = content[element.inner : element.close] + _with_prefix(content, items)
        closing = f"</{p}{name}>".encode()
        return content[: element.start] + opening + inside + closing + content[element.end :], held
    number = f' count="{count}"' if counted else ""
    return put(content, f"<{P}{name}{number}>{items}</{P}{name}>", before), 0


def _with_prefix(content: bytes, child: str) -> bytes:
    return child.replace(P, prefix(content)).encode()


def text(value: str) -> str:
    """A text inside XML or one of its attributes; characters that XML does not know are left out."""
    kept = "".join(one for one in value if one >= " " or one in "\n\t")
    return escape(kept, {'"': "&quot;", "\n": "&#10;"})


def elements(content: bytes, name: str) -> list[dict[str, str]]:
    """The attributes of all elements of a name anywhere in a part, without the prefixes of their names."""
    found: list[dict[str, str]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == name:
            found.append({key.rpartition(":")[2]: value for key, value in attributes.items()})

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.Parse(content, True)  # noqa: FBT003 - expat takes positions only
    return found
