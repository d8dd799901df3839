"""The figures that a text states: its numbers, without dates, names of tables, and what the definitions say anyway."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from thassist import _data, messages
from thassist.disclosure.files.labels import number
from thassist.disclosure.files.written import WrittenText
from thassist.messages import LANGUAGES

# An ordinary blank stands between two numbers; thousands are set apart by blanks that do not break the line.
_BLANK = "[\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}]"
_NUMBER = re.compile(
    rf"(?<![\w.,/@:#-])(?P<number>\d{{1,3}}(?:{_BLANK}\d{{3}})+(?:,\d+)?|\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:[.,]\d+)?)"
    rf"(?P<percent>[ \N{{NO-BREAK SPACE}}]?(?:%|prosent|procent|per cent))?(?![\w@/]|[.,:-]\d)"
)
#: Days, times, periods, years, versions, addresses of cells, hashes, pages in a table of contents: they count nobody.
_NO_FIGURE = re.compile(
    r"\b\d{4}-\d{2}-\d{2}(?:T[\d:.+Z-]+)?|\b\d{1,2}\.\d{1,2}\.\d{4}|\b\d{1,2}\.\d{1,2}\.|\b(?:19|20)\d\d(?:-[QSH]?\d\d?)?\b"
    r"|\b\d+\.\d+(?:\.\d+)+|\bv?\d+\.\d+\.\d+|https?://\S+|\b[0-9a-f]{12,}\b|\$?\b[A-Z]{1,3}\$?\d+\b|\w*[@_]\w*"
    r"|(?:\.\s+){2,}\d+|\b(?=\w*[A-Za-z])(?=\w*\d)\w+\b"
)
#: Placeholders of the catalogue that stand for no count of persons.
_PLACES = {
    "number",
    "page",
    "pages",
    "day",
    "month",
    "year",
    "first",
    "last",
    "from",
    "to",
    "version",
    "total",
    "shown",
    "part",
    "parts",
    "place",
    "base",
    "most",
}
_HOLE = re.compile(r"\{(\w+)[^}]*\}")
_BESIDE = 40
_DIGITS = re.compile(r"\d+")
#: A bare number is no phrase: it would explain every figure of that size.
_SAYS = re.compile(r"[^\W\d_]|[–+-]")


@dataclass(frozen=True, slots=True)
class Claim:
    """A number that a text states, with the words around it."""

    value: float
    decimals: int
    percent: bool
    before: str
    after: str

    @property
    def wholes(self) -> list[float]:
        """The numbers that it may be a part of where a page has lost the blanks that do not break a line."""
        raw = f"{self.value:g}"
        before, after = re.search(r"(?:^|[^\d])(\d{1,3}) $", self.before), re.match(r" (\d{3})(?!\d)", self.after)
        return [
            *([float(before[1] + raw)] if before and len(raw) == 3 else []),
            *([float(raw + after[1])] if after and len(raw) <= 3 else []),
        ]

    def beside(self, name: str) -> bool:
        """Whether a name stands right before the number, or right after it."""
        before, after = self.before.rstrip(" :=(–-"), self.after.lstrip(" :=)–-")
        return bool(name) and (before.endswith(name) or after.startswith(name))


def claims(text: WrittenText) -> tuple[Claim, ...]:
    """The figures that a text states."""
    return _claims(text.text, _data.reports_dir())


@lru_cache(maxsize=20_000)
def _claims(words: str, home: Path) -> tuple[Claim, ...]:
    phrases = _phrases(home)
    for phrase in sorted(
        {each for token in set(_DIGITS.findall(words)) for each in phrases.get(token, ())}, key=_length
    ):
        if phrase in words:
            words = words.replace(phrase, _without_digits(phrase))
    words = _ordinals().sub(lambda found: _without_digits(found[0]), words)
    words = _NO_FIGURE.sub(lambda found: _without_digits(found[0]), words)
    claimed = []
    for found in _NUMBER.finditer(words):
        value = number(found["number"])
        if value is not None:
            fraction = re.search(r"[.,](\d+)$", found["number"]) if value % 1 else None
            start, end = found.span()
            claimed.append(
                Claim(
                    value,
                    len(fraction[1]) if fraction else 0,
                    bool(found["percent"]),
                    words[max(0, start - _BESIDE) : start],
                    words[end : end + _BESIDE],
                )
            )
    return tuple(claimed)


def _length(phrase: str) -> tuple[int, str]:
    return -len(phrase), phrase


def _without_digits(text: str) -> str:
    return re.sub(r"\d", "\N{MIDDLE DOT}", text)


@cache
def _phrases(_home: Path) -> dict[str, list[str]]:
    """Every text of the definitions that holds a number, by one of its numbers, if possible one that is no year."""
    found: set[str] = set()
    for folder in ("", "tables", "releases", "texts", "classifications", "layouts"):
        for path in _data.definitions(folder):
            said = set(_strings(_data.read_toml(path)))
            found.update(said | {each[:1].upper() + each[1:] for each in said})  # a unit heads a column
    for path in _data.definitions("classifications", ".csv"):
        with path.open(encoding="utf-8", newline="") as stream:
            found.update(value for row in csv.DictReader(stream) for value in row.values() if isinstance(value, str))
    index: dict[str, list[str]] = {}
    for phrase in {" ".join(each.split()) for each in found}:
        numbers = _DIGITS.findall(phrase)
        if numbers and _SAYS.search(phrase):
            index.setdefault(max(numbers, key=lambda each: (len(each) != 4, each)), []).append(phrase)
    return index


@cache
def _ordinals() -> re.Pattern[str]:
    """Texts of the catalogue that number something (table 3, note 2, page 4 of 40), as one pattern."""
    found = set()
    for lang in LANGUAGES:
        found.add(re.escape(messages.text("publish.table_count", lang)) + r"[\s:]*\d+")
        for entry in messages.catalogue("publish", lang).values():
            template = entry.get("what", "") if isinstance(entry, dict) else entry
            template = template.split("{file}")[0]
            holes = set(_HOLE.findall(template))
            if holes and holes <= _PLACES and re.search(r"[^\W\d_]", _HOLE.sub("", template)):
                parts = [re.escape(part) for part in re.split(r"\{\w+[^}]*\}", template)]
                found.add(r"[\d.–/-]+".join(parts))
    return re.compile("|".join(sorted(found, key=len, reverse=True)), re.IGNORECASE)


def _strings(content: Any) -> Iterator[str]:
    if isinstance(content, dict):
        for value in content.values():
            yield from _strings(value)
    elif isinstance(content, list):
        for value in content:
            yield from _strings(value)
    elif isinstance(content, str):
        yield content
