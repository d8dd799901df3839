"""From the words of a table to codes: a table that is read for people has labels, and the cell needs its codes."""

import datetime as dt
import itertools
import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from thassist import _data, messages
from thassist.codes import TOTAL, classification
from thassist.dates import parse_period
from thassist.disclosure.files.written import NORMAL, Fault, Written, WrittenCell, signs
from thassist.tables.spec import TIME, TableSpec, load, paths_of_specs

_SCALES = (("A", 1), ("S", 2), ("Q", 4))
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_BLANKS = re.compile("[\\s\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}]+")
#: Numbers as the three languages write them; the minus sign may be a hyphen.
_NUMBER = re.compile(r"[-−]?\d{1,3}(?:[ ,]\d{3})+(?:[.,]\d+)?|[-−]?\d+(?:[.,]\d+)?")


def table_ids() -> frozenset[str]:
    """The tables that are defined."""
    return _table_ids(_data.reports_dir())


@cache
def _table_ids(_home: Path) -> frozenset[str]:
    return frozenset(path.stem for path in paths_of_specs())


def table_named(name: str) -> str:
    """The table that a name in a file means (``t_`` may stand before it); empty where none is defined."""
    return next((known for known in (name, name.removeprefix("t_")) if known in table_ids()), "")


def table_titled(title: str, lang: str) -> str:
    """The table whose title stands in a caption; the longest where several do. Empty where none does."""
    found = [known for known in table_ids() if load(known).titles[lang] in title]
    return max(found, key=lambda known: len(load(known).titles[lang]), default="")


def period_labels(texts: Iterable[str], lang: str) -> dict[str, str]:
    """Label → code of the periods in every year that is named somewhere in the texts."""
    years = sorted({int(year) for text in texts for year in _YEAR.findall(text)})
    found = {}
    for year, (scale, count) in itertools.product(years, _SCALES):
        for number in range(1, count + 1):
            label = messages.text(f"publish.period_{scale}{number}", lang, year=year)
            found[label] = f"{year}" if scale == "A" else f"{year}-{scale}{number}"
    for year, month in itertools.product(years, range(1, 13)):
        found[_month(year, month, lang)] = f"{year}-{month:02d}"
        if month > 1:  # a year that begins in another month
            first, last = _month(year, month, lang), _month(year + 1, month - 1, lang)
            found[messages.text("publish.periods", lang, first=first, last=last)] = f"{year}-{month:02d}-01/P1Y"
    return found


@cache
def _month(year: int, month: int, lang: str) -> str:
    """A month and its year in words (Unicode CLDR)."""
    from babel.dates import format_skeleton

    return str(format_skeleton("yMMMM", dt.date(year, month, 1), locale=lang))


def period_at_end(title: str, labels: dict[str, str]) -> str:
    """The code of the period with which a title ends; the longest label wins. Empty where there is none."""
    ends = [label for label in labels if title.rstrip(" .").endswith(label)]
    return labels[max(ends, key=len)] if ends else ""


def number(raw: object) -> float | None:
    """A number as it stands in a cell, also as a text of one of the languages; None where it is none."""
    if isinstance(raw, bool) or raw is None:
        return None
    if isinstance(raw, int | float):
        return float(raw)
    text = _BLANKS.sub(" ", str(raw)).strip()
    if not _NUMBER.fullmatch(text):
        return None
    if re.fullmatch(r"[-−]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", text):  # a comma before three digits sets thousands apart
        text = text.replace(",", "")
    try:
        return float(text.replace(" ", "").replace("−", "-").replace(",", "."))
    except ValueError:
        return None


def decode(
    spec: TableSpec,
    lang: str,
    title: str,
    header: Sequence[str],
    rows: Iterable[tuple[str, Sequence[object]]],
    file: str,
) -> Written:
    """The cells of a table for people.

    Args:
        spec: what the table is.
        lang: the language of its words.
        title: its title, which tells the period where no row or column does.
        header: the one header row.
        rows: place and content of each row.
        file: for the cells.
    """
    found = Written()
    rows = list(rows)
    header = [_bare(word, lang) for word in header]
    firsts = [str(cell) for _, row in rows for cell in row if isinstance(cell, str)]
    periods = period_labels([title, *header, *firsts], lang)
    own = period_at_end(title, periods)
    labels = {dimension.id: _labels(dimension.classification, lang) for dimension in spec.dimensions}
    labels[TIME] = periods
    titles = {dimension.titles[lang]: dimension.id for dimension in spec.dimensions}
    titles[messages.text("publish.period", lang)] = TIME
    stub = [titles[word] for word in itertools.takewhile(titles.__contains__, header)]
    columns = _columns(spec, labels, stub, header[len(stub) :])
    known = signs()
    for place, row in rows:
        down = [labels[name].get(_bare(str(word), lang)) for name, word in zip(stub, row, strict=False)]
        if None in down:
            found.faults.append(Fault("written.no_label", file, place, {"table": spec.id}))
            continue
        for column, raw in zip(columns, row[len(stub) :], strict=False):
            if raw is None or raw == "":
                continue
            value = number(raw)
            status = NORMAL if value is not None else known.get(str(raw).strip(), "")
            if column is None or not status:
                found.faults.append(Fault("written.no_cell", file, place, {"table": spec.id}))
                continue
            codes = {**dict(zip(stub, down, strict=True)), **column}
            period = str(codes.pop(TIME, own) or "")
            kept = tuple(sorted((name, str(code)) for name, code in codes.items() if code != TOTAL))
            found.cells.append(WrittenCell(spec.id, period, kept, value, status, file, place))
    return found


def _columns(
    spec: TableSpec, labels: dict[str, dict[str, str]], stub: list[str], headers: Sequence[str]
) -> list[dict[str, str] | None]:
    """What each column of figures stands for; None where nobody knows."""
    heading = [name for name in spec.layout.heading if name not in stub]
    if not heading and len(headers) == 1:
        return [{}]
    choices = [heading] if TIME in heading else [heading, [TIME, *heading], [*heading, TIME]]
    return [next((found for names in choices if (found := _parsed(each, names, labels))), None) for each in headers]


def _parsed(words: str, names: Sequence[str], labels: dict[str, dict[str, str]]) -> dict[str, str] | None:
    """Codes from labels that are joined by commas, in the order of the names; None where they do not fit."""
    if not names:
        return None
    for label, code in labels[names[0]].items():
        if len(names) == 1:
            if words == label:
                return {names[0]: code}
        elif words.startswith(f"{label}, "):
            rest = _parsed(words[len(label) + 2 :], names[1:], labels)
            if rest is not None:
                return {names[0]: code, **rest}
    return None


def _bare(word: str, lang: str) -> str:
    """A label without the marks of notes (``[note 3]``)."""
    return _marks(lang).sub("", word).strip()


@cache
def _marks(lang: str) -> re.Pattern[str]:
    mark = messages.text("publish.note_mark", lang, number="NUMBER")
    return re.compile(r"\s*" + re.escape(mark).replace("NUMBER", r"\d+"))


def _labels(ref: str, lang: str) -> dict[str, str]:
    """Label → code of a classification; a code without a label of its own stands for itself."""
    return _labels_in(ref, lang, _data.reports_dir())


@cache
def _labels_in(ref: str, lang: str, _home: Path) -> dict[str, str]:
    known = classification(ref)
    return {known.label(code, lang): code for code in (*reversed(known.codes), TOTAL)}


def is_period(text: str) -> bool:
    """Whether a text is the code of a period."""
    try:
        parse_period(text)
    except ValueError:
        return False
    return True
