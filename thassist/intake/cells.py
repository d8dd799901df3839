"""The one normaliser of cells: the same cell means the same whether it came from a workbook or from a CSV file.

A raw cell is what a reader gives: text, number, flag, date, or a mark that a workbook's cell is a formula. Reading it
as a kind of field gives a value, or a fault that names a message of the catalogue. Nothing is guessed: a value that
can mean two things is a fault.
"""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from thassist import dates
from thassist.codes import Classification
from thassist.rules import personal


class Mark(Enum):
    """A workbook cell that is not a plain value."""

    FORMULA = "formula"
    ERROR = "error"
    NESTED = "nested"  # of JSON: an array or object where a value should be


#: What the readers deliver. Durations and clock times are delivered as text.
Raw = str | int | float | bool | dt.date | dt.datetime | Mark | None


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong: an entry of the message catalogue, its placeholders, and a value that would be right."""

    code: str
    params: dict[str, object] = field(default_factory=dict)
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A cell as read: a value (None for an empty cell), a date's precision, or a fault."""

    value: Any = None
    precision: str | None = None
    fault: Fault | None = None


EMPTY = Reading()

#: The error values of spreadsheet programs, as text in a CSV file, in English, Finnish and Swedish.
_SPREADSHEET_ERRORS = frozenset(
    (
        *("#n/a", "#value!", "#ref!", "#div/0!", "#num!", "#name?", "#null!", "#spill!", "#calc!"),
        *("#puuttuu!", "#arvo!", "#viittaus!", "#jako/0!", "#luku!", "#nimi?", "#tyhjä!"),
        *("#saknas!", "#värdefel!", "#referens!", "#division/0!", "#ogiltigt!", "#namn?", "#skärning!"),
    )
)
_YES = frozenset(["true", "tosi", "sant", "yes", "y", "kyllä", "k", "ja", "j", "x", "1"])
_NO = frozenset(["false", "epätosi", "falskt", "no", "n", "ei", "e", "nej", "0"])

#: Invisible characters that carry no meaning in a value: soft hyphen, zero-width blanks and marks, byte order mark.
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
_BROKEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffd\ufffe\uffff]")

_DAY_FIRST = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{2,4})")
_YEAR_FIRST = re.compile(r"(\d{2,4})-(\d{1,2})-(\d{1,2})")
_SLASHED = re.compile(r"(\d{1,4})/(\d{1,2})/(\d{1,4})")
_MONTH_YEAR = re.compile(r"(0?[1-9]|1[0-2])/(\d{2}|\d{4})")
_QUARTER_FIRST = re.compile(r"([QHS])([1-4])[- /]?(\d{4})")
_CLOCK = re.compile(r"(?:[T ])\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:\.\d+)?)?Z?$")


def plain(raw: Raw) -> str:
    """A cell as text: composed Unicode (NFC), blanks trimmed and single, whole numbers without a decimal point.

    Dates read as ISO 8601. A formula or an error reads as an empty text; :func:`blocked` tells of those.
    """
    if raw is None or isinstance(raw, Mark):
        return ""
    if isinstance(raw, str):
        if raw.isascii() and raw.isalnum():
            return raw
        return " ".join(unicodedata.normalize("NFC", raw.translate(_INVISIBLE)).split())
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, float):
        return str(int(raw)) if raw.is_integer() and abs(raw) < 1e15 else repr(raw)
    if isinstance(raw, dt.datetime):
        return raw.date().isoformat() if raw.time() == dt.time() else raw.isoformat(sep=" ")
    return raw.isoformat() if isinstance(raw, dt.date) else str(raw)


def blank(raw: Raw) -> bool:
    """Whether a cell holds nothing."""
    return raw is None or (isinstance(raw, str) and not plain(raw))


def blocked(raw: Raw) -> Fault | None:
    """The fault of a cell that may not be read as anything.

    A formula, a spreadsheet error, damaged characters, or what points to a person: such a cell is never quoted.
    """
    if raw is Mark.FORMULA:
        return Fault("formula")
    if raw is Mark.ERROR:
        return Fault("excel_error")
    if raw is Mark.NESTED:
        return Fault("json_nested")
    if isinstance(raw, str) and raw and (not raw.isascii() or not raw.isalpha()):
        if _BROKEN.search(raw):
            return Fault("bad_character")
        if raw.lstrip().startswith("#") and plain(raw).casefold() in _SPREADSHEET_ERRORS:
            return Fault("excel_error")
        pointing = personal.found(raw)
        if pointing:
            return Fault(pointing)
    return None


def read_text(raw: Raw, *, limit: int, written: bool = False) -> Reading:
    """A text of at most ``limit`` characters. A leading ``=``, ``+``, ``-`` or ``@`` is text like any other.

    Args:
        raw: the cell.
        limit: most characters.
        written: whether people write it freely, so that a telephone number could stand in it.
    """
    if isinstance(raw, dt.date) and not written:  # a key such as 3-5, which the spreadsheet program took for a day
        return Reading(fault=Fault("text_became_date"))
    text = plain(raw)
    if not text:
        return EMPTY
    pointing = personal.found(text, written=True) if written else ""
    if pointing:
        return Reading(fault=Fault(pointing))
    if len(text) > limit:
        return Reading(fault=Fault("text_too_long", {"limit": limit}))
    return Reading(text)


def read_code(raw: Raw, known: Classification, lang: str) -> Reading:
    """A code of a classification, given by the code or by its label in any language; else the nearest is suggested."""
    text = plain(raw)
    if not text:
        return EMPTY
    code = known.by_name(text)
    if code is not None:
        return Reading(code)
    near = known.nearest(text)
    suggestion = f"{near} ({known.label(near, lang)})" if near else ""
    return Reading(fault=Fault("unknown_code", {"list": known.titles[lang]}, suggestion))


def read_boolean(raw: Raw) -> Reading:
    """Yes or no, in three languages or as 1, 0 and x."""
    text = plain(raw).casefold()
    if not text:
        return EMPTY
    if text in _YES or text in _NO:
        return Reading(text in _YES)
    return Reading(fault=Fault("not_boolean"))


def read_integer(raw: Raw) -> Reading:
    """A whole number, also where it is stored as text."""
    text = plain(raw)
    if not text:
        return EMPTY
    if re.fullmatch(r"[+-]?\d{1,15}([.,]0+)?", text):
        return Reading(int(re.split("[.,]", text)[0]))
    return Reading(fault=Fault("not_integer"))


def read_hundredths(raw: Raw) -> Reading:
    """A number with at most two decimals, as a whole number of hundredths: 125,50 is 12550."""
    text = plain(raw)
    if not text:
        return EMPTY
    found = re.fullmatch(r"([+-]?\d{1,13})(?:[.,](\d{1,2})0*)?", text)
    if found is None:
        return Reading(fault=Fault("not_hundredths"))
    whole, decimals = found[1], (found[2] or "").ljust(2, "0")
    return Reading(int(whole + decimals))


def read_digits(raw: Raw, length: int) -> Reading:
    """A number that is a name, of so many digits; leading zeros that a spreadsheet took away are put back."""
    text = plain(raw)
    if not text:
        return EMPTY
    if re.fullmatch(r"\d+", text, re.ASCII) and len(text) <= length:
        return Reading(text.zfill(length))
    return Reading(fault=Fault("not_digits", {"length": length}))


def read_date(raw: Raw, window: tuple[int, int]) -> Reading:
    """A date with the precision in which it is given: day, month, quarter, half-year or year.

    Read are a date cell, ``2022-03-01``, ``1.3.2022``, ``2022-03``, ``3/2022``, ``2022-Q1``, ``Q1 2022``,
    ``2022-H1`` and ``2022``. A clock time after a day is left out. Years of two digits, and orders of day and month
    that can be read in two ways, are faults.

    Args:
        raw: the cell.
        window: first and last plausible year.
    """
    text = plain(raw).upper()
    if not text:
        return EMPTY
    text = _CLOCK.sub("", text)
    period, fault = _period(text)
    if period is None:
        is_number = re.fullmatch(r"[+-]?\d+([.,]\d+)?", text)
        fault = fault or Fault("date_number" if is_number else "date_unreadable")
        return Reading(fault=replace(fault, suggestion=_meant_date(text, window)))
    first, last = window
    if not first <= period.start.year <= last:
        meant = _meant_date(text, window)
        return Reading(fault=Fault("date_year", {"first": first, "last": last}, meant))
    return Reading(period.start, period.precision)


_DAY_LAST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DAY_NOT_LAST = re.compile(r"(\d{1,2})([./])(\d{1,2})\2(\d{2}|\d{4})")


def _meant_date(text: str, window: tuple[int, int]) -> str:
    """The day that a text in figures most likely means, as a suggestion: nothing is read from it.

    Day and month are swapped where they make no day as they stand; with slashes only one order may make a day. A year
    that is not plausible is the latest one with the same last two digits.
    """
    if found := _DAY_LAST.fullmatch(text):
        year, month, day = found.groups()
        mark = "-"
    elif found := _DAY_NOT_LAST.fullmatch(text):
        day, mark, month, year = found.groups()
    else:
        return ""
    number, latest = int(year), min(window[1], dt.datetime.now().astimezone().year)
    if not window[0] <= number <= window[1]:
        number = latest - (latest - number) % 100
    one, other = _is_day(number, month, day), _is_day(number, day, month)
    if mark == "/" and one and other and one != other:
        return ""
    meant = one or other
    return meant.isoformat() if meant and meant.year >= window[0] else ""


def _is_day(year: int, month: str, day: str) -> dt.date | None:
    try:
        return dt.date(year, int(month), int(day))
    except ValueError:
        return None


def _period(text: str) -> tuple[dates.Period | None, Fault | None]:
    """The span of a date text, or the reason why it has none."""
    try:
        if found := _DAY_FIRST.fullmatch(text):
            day, month, year = found.groups()
            return _day(year, month, day)
        if found := _YEAR_FIRST.fullmatch(text):
            return _day(*found.groups())
        if found := _SLASHED.fullmatch(text):
            start, middle, end = found.groups()
            if len(start) == 4:
                return _day(start, middle, end)
            return None, Fault("date_order" if len(end) == 4 else "date_two_digit_year")
        if found := _MONTH_YEAR.fullmatch(text):
            month, year = found.groups()
            if len(year) < 4:
                return None, Fault("date_two_digit_year")
            return dates.parse_period(f"{year}-{int(month):02d}"), None
        if found := _QUARTER_FIRST.fullmatch(text):
            kind, number, year = found.groups()
            text = f"{year}-{kind}{number}"
        return dates.parse_period(text), None
    except ValueError:
        return None, None


def _day(year: str, month: str, day: str) -> tuple[dates.Period | None, Fault | None]:
    if len(year) < 4:
        return None, Fault("date_two_digit_year")
    return dates.span(dt.date(int(year), int(month), int(day)), "D"), None
