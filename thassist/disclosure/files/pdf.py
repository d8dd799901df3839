"""PDF: the words of every page as the file draws them, its properties and its bookmarks.

The text is put together from the drawing commands and the fonts' tables of characters. Where a figure stands in the
layout is not reconstructed: for a PDF the question is whether each number in it is one of the release's public figures.
"""

import itertools
import re
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thassist import messages
from thassist.disclosure.files.written import Fault, Written, WrittenText
from thassist.errors import UnreadableInput

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHOWN = {"Tj", "TJ", "'", '"'}
_MOVED = {"Td", "TD", "Tm", "T*", "'", '"', "ET"}
#: A gap in TJ (thousandths of the font size) that is a blank between words.
_GAP = -200
_DATES = {"/CreationDate", "/ModDate"}
_PAIR = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
_RANGE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*(?:<([0-9A-Fa-f]+)>|\[([^\]]*)\])")


def read(path: Path, file: str, lang: str) -> Written:
    """The texts of a PDF.

    Raises:
        UnreadableInput: it is none, or it is protected.
    """
    import pikepdf

    found = Written()
    try:
        with pikepdf.open(path) as pdf:
            for key, value in pdf.docinfo.items():
                if key in _DATES:
                    continue
                found.texts.append(WrittenText(str(value), "property", file, str(key), lang))
            for number, page in enumerate(pdf.pages, start=1):
                lines, blind = _page(page)
                if messages.text("publish.contents", lang) in lines:
                    lines = _without_pages(lines, len(pdf.pages))
                found.texts += [WrittenText(line, "page", file, str(number), lang) for line in lines]
                if blind:
                    found.faults.append(Fault("written.pdf_font", file, str(number)))
            found.texts += [WrittenText(text, "label", file, "outline", lang) for text in _outline(pdf)]
            found.texts += [WrittenText(text, "label", file, "structure", lang) for text in _alternatives(pdf)]
            if list(pdf.attachments):
                found.faults.append(Fault("written.pdf_attachment", file, "", leak=True))
    except (pikepdf.PdfError, zlib.error, OSError, RuntimeError) as error:
        raise UnreadableInput("written.no_pdf", file=file) from error
    return found


def _without_pages(lines: list[str], pages: int) -> list[str]:
    """A page of contents without the numbers of pages: they stand alone, within the document, and never fall."""
    numbers = [(place, int(line)) for place, line in enumerate(lines) if line.strip().isdecimal()]
    rising = all(one[1] <= other[1] for one, other in itertools.pairwise(numbers))
    if not rising or any(not 0 < number <= pages for _, number in numbers):
        return lines
    gone = {place for place, _ in numbers}
    return [line for place, line in enumerate(lines) if place not in gone]


def _page(page: Any) -> tuple[list[str], bool]:
    """The lines of a page, and whether some of its text could not be read."""
    import pikepdf

    fonts: dict[str, dict[bytes, str] | None] = {}
    for name, font in (page.resources.get("/Font", {}) or {}).items():
        fonts[str(name)] = _characters(font)
    lines, line, blind = [], "", False
    current: dict[bytes, str] | None = {}
    for instruction in pikepdf.parse_content_stream(page):
        operands: Any = instruction.operands
        done = str(instruction.operator)
        if done == "Tf":
            current = fonts.get(str(operands[0]))
        if done in _MOVED and line:
            lines.append(line)
            line = ""
        if done in _SHOWN:
            pieces = operands[0] if done == "TJ" else [operands[-1]]
            for piece in pieces:
                if isinstance(piece, pikepdf.String):
                    text = _text(bytes(piece), current)
                    blind |= text is None
                    line += text or ""
                elif isinstance(piece, pikepdf.Object) or float(piece) < _GAP:
                    line += " "
    return [*lines, line] if line else lines, blind


def _characters(font: Any) -> dict[bytes, str] | None:
    """Code → character of a font by its ToUnicode; empty for a font of single bytes, None where nothing tells."""
    table = font.get("/ToUnicode")
    if table is None:
        return None if font.get("/Subtype") == "/Type0" else {}
    found: dict[bytes, str] = {}
    content = bytes(table.read_bytes())
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", content, re.DOTALL):
        for code, text in _PAIR.findall(block):
            found[bytes.fromhex(code.decode())] = _utf16(text)
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", content, re.DOTALL):
        for first, last, start, listed in _RANGE.findall(block):
            width, low = len(first) // 2, int(first, 16)
            each = re.findall(rb"<([0-9A-Fa-f]+)>", listed)
            for step in range(min(int(last, 16) - low + 1, 65536)):
                code = (low + step).to_bytes(width, "big")
                if each:
                    found[code] = _utf16(each[step]) if step < len(each) else ""
                elif start:
                    found[code] = _utf16(b"%0*x" % (len(start), int(start, 16) + step))
    return found


def _utf16(digits: bytes) -> str:
    return bytes.fromhex(digits.decode()).decode("utf-16-be", "replace")


def _text(raw: bytes, characters: dict[bytes, str] | None) -> str | None:
    if characters is None:
        return None
    if not characters:
        return raw.decode("cp1252", "replace")
    width = len(next(iter(characters)))
    return "".join(characters.get(raw[place : place + width], "") for place in range(0, len(raw), width))


def _outline(pdf: Any) -> "Iterator[str]":
    def below(items: Any) -> "Iterator[str]":
        for item in items:
            yield str(item.title)
            yield from below(item.children)

    with pdf.open_outline() as outline:
        yield from below(outline.root)


def _alternatives(pdf: Any) -> "Iterator[str]":
    """What is read out in place of pictures (``Alt``, ``ActualText``), and the titles of the structure."""
    import pikepdf

    for item in pdf.objects:
        if isinstance(item, pikepdf.Dictionary):
            for name in ("/Alt", "/ActualText", "/Contents"):
                words = item.get(name)
                if isinstance(words, pikepdf.String):
                    yield str(words)
