"""Pages: the cells of each table, and all words around them: of pictures, for screen readers, in scripts."""

import re
from html.parser import HTMLParser

from thassist.disclosure.files import labels
from thassist.disclosure.files.written import Fault, Written, WrittenText
from thassist.messages import LANGUAGES
from thassist.tables.spec import load

_VOID = {"br", "hr", "img", "input", "link", "meta", "col", "wbr", "source", "area", "base", "embed", "track"}
_SPOKEN = re.compile(r"^(aria-\w+|title|alt|content|summary|placeholder|value|label|data-.*)$")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


class _Table:
    """A table as it stands: its id, its caption, and its rows as (place, is header, words)."""

    def __init__(self, name: str, line: int) -> None:
        self.name = name
        self.line = line
        self.caption = ""
        self.rows: list[tuple[int, bool, list[str]]] = []
        self.spans = False


class Page(HTMLParser):
    """Takes a page apart."""

    def __init__(self, file: str) -> None:
        super().__init__(convert_charrefs=True)
        self.file = file
        self.lang = ""
        self.tables: list[_Table] = []
        self.texts: list[WrittenText] = []
        self._open: list[str] = []
        self._words: list[str] | None = None
        self._heads: list[bool] = []
        self._term = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins: of a table, with spoken words, or another."""
        given = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.lang = given.get("lang", "")[:2]
        for name, value in given.items():
            if value.strip() and _SPOKEN.match(name) and given.get("name") != "viewport":
                self._say(value, "label", f"{tag} {name}")
        if _HIDDEN.search(given.get("style", "")) or "hidden" in given:
            self._say(tag, "hidden", tag)
        if tag == "table":
            self.tables.append(_Table(given.get("data-table", given.get("id", "")), self.getpos()[0]))
        elif tag == "tr" and self._table:
            self._table.rows.append((self.getpos()[0], True, []))
        elif tag in {"td", "th", "caption"} and self._table:
            self._words = []
            self._table.spans |= given.get("colspan", "1") != "1" or given.get("rowspan", "1") != "1"
            self._heads.append(tag == "th")
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """An element ends; what was left open inside it ends too."""
        table = self._table
        if tag in {"td", "th", "caption"} and table and self._words is not None:
            words = " ".join("".join(self._words).split())
            self._words = None
            head = self._heads.pop()
            if tag == "caption":
                table.caption = words
            elif table.rows:
                line, heads, cells = table.rows[-1]
                table.rows[-1] = (line, heads and head, [*cells, words])
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        """Words: of a cell, or of the page."""
        if self._words is not None and "table" in self._open:
            self._words.append(data)
        elif data.strip() and "style" not in self._open:
            last = self._open[-1] if self._open else ""
            kind = "script" if last == "script" else "chart" if "svg" in self._open else "text"
            if "dt" in self._open:
                self._term = " ".join(data.split())
            self._say(f"{self._term}: {data}" if "dd" in self._open else data, kind, last)

    def handle_comment(self, data: str) -> None:
        """A comment, which every reader can see who looks at the source."""
        self._say(data, "comment", "comment")

    @property
    def _table(self) -> _Table | None:
        return self.tables[-1] if "table" in self._open else None

    def _say(self, text: str, kind: str, place: str) -> None:
        where = f"{self.getpos()[0]} {place}"
        self.texts.append(WrittenText(" ".join(text.split()), kind, self.file, where, self.lang))


def read(content: bytes, file: str) -> Written:
    """The cells and texts of a page."""
    page = Page(file)
    page.feed(content.decode("utf-8-sig", "replace"))
    page.close()
    found = Written(texts=page.texts)
    lang = page.lang if page.lang in LANGUAGES else LANGUAGES[-1]
    for table in page.tables:
        known = labels.table_named(table.name) or labels.table_titled(table.caption, lang)
        heads = [row for row in table.rows if row[1]]
        if known and len(heads) == 1 and not table.spans:
            body = [(f"{line}", cells) for line, head, cells in table.rows if not head]
            found.take(labels.decode(load(known), lang, table.caption, heads[0][2], body, file))
            found.texts.append(WrittenText(table.caption, "text", file, f"{table.line} caption", lang, known))
            continue
        if known:
            found.faults.append(Fault("written.no_grid", file, f"{table.line}", {"table": known}))
        for line, _, cells in table.rows:
            found.texts += [WrittenText(words, "text", file, f"{line} td", lang, known) for words in cells if words]
    return found
