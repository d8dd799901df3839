"""Checks of single cells and of the same figure printed twice: no arithmetic."""

import re
from collections import defaultdict
from collections.abc import Iterator

from thassist.codes import classification
from thassist.rules.finding import Finding
from thassist.verify.figures import Figure, Kind, Publication, chosen
from thassist.verify.profile import Check
from thassist.verify.saying import Voice
from thassist.verify.sums import Cell

#: A character that stands for a lost one, and UTF-8 that was read as Windows-1252 and saved again (Ã¼ for ü).
_DAMAGED = re.compile(
    "\ufffd|[\u00c2-\u00f4][\u0080-\u00bf\u2018-\u203a\u20ac\u0152\u0153\u0160\u0161\u0178\u017d\u017e]"
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")


def reading(publication: Publication, voice: Voice) -> Iterator[Finding]:
    """Values that are no number and no symbol of the profile, and two numbers in one cell."""
    for figure in publication.figures:
        if figure.kind is Kind.UNREADABLE:
            yield voice.say("unreadable", figure, value=figure.text)
        elif figure.kind is Kind.GLUED:
            yield voice.say("two_in_one", figure, value=figure.text)


def damage(publication: Publication, voice: Voice) -> Iterator[Finding]:
    """Texts with lost or twice encoded characters, each once."""
    for name in publication.columns:
        at = publication.index(name)
        found: dict[str, list[Figure]] = defaultdict(list)
        for figure in publication.figures:
            if not figure.codes[at].isascii() and _DAMAGED.search(figure.codes[at]):
                found[figure.codes[at]].append(figure)
        for written, figures in found.items():
            yield voice.say("damaged", figures[0], column=name, value=written, suggestion=mended(written))


def mended(written: str) -> str:
    """The text before it was encoded twice; empty where that cannot be told."""
    try:
        text = written.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return ""
    return "" if _DAMAGED.search(text) else text


def repeated(publication: Publication, check: Check, voice: Voice, settled: dict[Cell, Figure]) -> Iterator[Finding]:
    """The same figure printed more than once on a page: with the same value, or with values that contradict."""
    groups = _groups(publication, check, apart=publication.profile.page)
    for figures in groups:
        values = {_value(each) for each in figures}
        if len(figures) > 1:
            meant = settled.get(tuple(figures))
            yield voice.say(
                "repeated" if len(values) == 1 else "conflicting",
                figures[0],
                check,
                value=" ≠ ".join(dict.fromkeys(each.text for each in figures)),
                suggestion=meant.text if meant else "",
                related=figures[1:],
                count=len(figures),
            )


def agreement(publication: Publication, check: Check, voice: Voice, settled: dict[Cell, Figure]) -> Iterator[Finding]:
    """The same figure on different pages, or in different vintages, with different values."""
    across = publication.index(check.settings["across"])
    tolerance = float(check.get("tolerance", 0.0))
    for figures in _groups(publication, check):
        apart = {each.codes[across] for each in figures}
        known = [each for each in figures if each.known]
        if len(apart) < 2 or len({_value(each) for each in figures}) == 1:
            continue
        mixed = len(known) < len(figures)
        if not mixed and max(each.low for each in known) - min(each.low for each in known) <= tolerance:
            continue
        meant = settled.get(tuple(figures))
        yield voice.say(
            check.get("says", "pages"),
            figures[0],
            check,
            value=" ≠ ".join(dict.fromkeys(each.text for each in figures)),
            suggestion=meant.text if meant else "",
            related=figures[1:],
            count=len(apart),
        )


def _value(figure: Figure) -> object:
    return figure.low if figure.known else (figure.kind, figure.text)


def _groups(publication: Publication, check: Check, *, apart: str = "") -> list[list[Figure]]:
    """The figures that are about the same, and where ``apart`` is given, in the same page."""
    across = publication.index(apart) if apart else None
    found: dict[tuple[str, ...], list[Figure]] = defaultdict(list)
    for figure in chosen(publication, publication.figures, check.where):
        page = (figure.codes[across],) if across is not None else ()
        found[(*publication.about(figure), *page)].append(figure)
    return list(found.values())


def codes(publication: Publication, check: Check, voice: Voice) -> Iterator[Finding]:
    """Codes that no list knows, each once, with the nearest that it knows."""
    if check.get("package", False):
        for name, ref in publication.lists.items():
            if name in publication.columns:
                yield from _unlisted(publication, check, voice, name, ref)
    elif check.settings["column"] in publication.columns:
        yield from _unlisted(publication, check, voice, check.settings["column"], check.get("classification", ""))


def _unlisted(publication: Publication, check: Check, voice: Voice, name: str, ref: str) -> Iterator[Finding]:
    known = classification(ref) if ref else None
    listed = set(check.get("codes", []))
    pattern = re.compile(str(check.get("pattern", "")))
    totals = publication.profile.total_codes(name)
    at = publication.index(name)
    found: dict[str, list[Figure]] = defaultdict(list)
    for figure in chosen(publication, publication.figures, check.where):
        found[figure.codes[at]].append(figure)
    for code, figures in found.items():
        if code in totals or (not listed and not known and pattern.search(code)):
            continue
        if code in listed or (known and known.by_name(code) is not None):
            continue
        near = (known.nearest(code) or "") if known else ""
        yield voice.say(
            "unknown_code", figures[0], check, column=name, value=code, suggestion=near, related=figures[1:]
        )


def definition(publication: Publication, check: Check, voice: Voice) -> Iterator[Finding]:
    """Categories that the profile names because they mix what is not alike; each once."""
    at = publication.index(check.settings["column"])
    for code in check.settings["code"]:
        figures = [
            each for each in chosen(publication, publication.figures, check.where) if each.codes[at] == code["code"]
        ]
        if figures:
            yield voice.say(
                "definition",
                figures[0],
                check,
                column=check.settings["column"],
                value=code["code"],
                related=figures[1:],
                reason=code[voice.lang],
            )


def caption(publication: Publication, check: Check, voice: Voice) -> Iterator[Finding]:
    """Captions and reference dates that name other years than the one the figure is of."""
    at = publication.index(check.settings["column"])
    time = publication.index(publication.profile.time)
    for figure in chosen(publication, publication.figures, check.where):
        named = _YEAR.findall(figure.codes[at])
        of = _YEAR.findall(figure.codes[time])
        if named and of and not set(named) & set(of):
            yield voice.say(
                "caption",
                figure,
                check,
                column=check.settings["column"],
                value=figure.codes[at],
                year=", ".join(of),
                named=", ".join(dict.fromkeys(named)),
            )
