"""Which times a caption names, in whatever language: years, periods and days written in figures.

A caption is right where every year it names is one of its table's, where the last year of the table is among them, and
where every day it names begins or ends one of the table's periods. Numbers of laws (746/2011) are no years.
"""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from thassist.dates import Period, parse_period

_ISO = re.compile(r"(?<![\d-])(\d{4})-(\d{2})-(\d{2})(?![\d-])")
_DAY = re.compile(r"(?<![\d.])(\d{1,2})\.(\d{1,2})\.((?:19|20)\d{2})(?!\d)")
_PART = re.compile(r"(?<![\d/])((?:19|20)\d{2})[- ]?([QSH][1-4])(?!\w)")
_YEAR = re.compile(r"(?<![\d/])(?:19|20)\d{2}(?![\d/])")


@dataclass(frozen=True, slots=True)
class Time:
    """A time that a caption names (``…_said``), beside the one of its table that it should be; None where no matter."""

    period: str
    period_said: str
    date: dt.date | None = None
    date_said: dt.date | None = None


def times(text: str, periods: Sequence[Period]) -> Iterator[Time]:
    """The times that a caption names, each with the time of the table that is meant.

    Args:
        text: the caption.
        periods: of the table, in order; at least one.
    """
    last = periods[-1]
    days = sorted({day for period in periods for day in (period.start, period.end)})
    for said in _days(text):
        meant = said if said in days else last.end
        yield Time(last.code, last.code, meant, said)
    rest = _DAY.sub(" ", _ISO.sub(" ", text))
    codes = {period.code for period in periods}
    for year, part in _PART.findall(rest):
        said_period = parse_period(f"{year}-{part.replace('H', 'S')}") if part[0] == "Q" or part[1] in "12" else None
        if said_period:
            yield Time(said_period.code if said_period.code in codes else last.code, said_period.code)
    named = {int(year) for year in _YEAR.findall(_PART.sub(" ", rest))}
    known = {year for period in periods for year in (period.start.year, period.end.year)}
    for year in sorted(named):
        yield Time(str(year), str(year)) if year in known else Time(last.code, str(year))
    if named and named <= known and not named & {last.start.year, last.end.year}:
        yield Time(last.code, str(max(named)))


def _days(text: str) -> Iterator[dt.date]:
    for year, month, day in _ISO.findall(text):
        yield from _day(year, month, day)
    for day, month, year in _DAY.findall(text):
        yield from _day(year, month, day)


def _day(year: str, month: str, day: str) -> Iterator[dt.date]:
    try:
        yield dt.date(int(year), int(month), int(day))
    except ValueError:  # 31.2.2022 is no day, and its year is looked at where it stands alone
        return
