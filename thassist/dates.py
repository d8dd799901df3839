"""Dates that are known to a day, a month, a quarter, a half-year or a year, and periods of statistics.

A date is stored as the first day of the span in which it lies, with a precision code beside it; nothing is
invented. Precision codes follow SDMX CL_FREQ: ``D``, ``M``, ``Q``, ``S``, ``A``.
"""

import calendar
import datetime as dt
import re
from dataclasses import dataclass

PRECISIONS = ("D", "M", "Q", "S", "A")
_MONTHS = {"M": 1, "Q": 3, "S": 6, "A": 12}
_PATTERNS = (
    ("D", re.compile(r"(\d{4})-(\d{2})-(\d{2})")),
    ("M", re.compile(r"(\d{4})-(0[1-9]|1[0-2])")),
    ("Q", re.compile(r"(\d{4})[- ]?Q([1-4])")),
    ("S", re.compile(r"(\d{4})[- ]?[HS]([12])")),
    ("A", re.compile(r"(\d{4})")),
)


@dataclass(frozen=True, slots=True)
class Period:
    """A span of whole days, for example a quarter; the period of a release or of an imprecise date."""

    start: dt.date
    end: dt.date
    precision: str

    @property
    def code(self) -> str:
        """The SDMX-like code: ``2024-01-31``, ``2024-01``, ``2024-Q1``, ``2024-S1``, ``2024``."""
        year, month = self.start.year, self.start.month
        if self.precision == "D":
            return self.start.isoformat()
        if self.precision == "M":
            return f"{year:04d}-{month:02d}"
        if self.precision == "A":
            return f"{year:04d}"
        return f"{year:04d}-{self.precision}{(month - 1) // _MONTHS[self.precision] + 1}"

    def previous(self, steps: int = 1) -> "Period":
        """The period of the same length, ``steps`` before this one."""
        if self.precision == "D":
            return span(self.start - dt.timedelta(days=steps), "D")
        months = self.start.year * 12 + self.start.month - 1 - steps * _MONTHS[self.precision]
        return span(dt.date(months // 12, months % 12 + 1, 1), self.precision)


def span(day: dt.date, precision: str) -> Period:
    """The period of the given precision in which a day lies."""
    if precision == "D":
        return Period(day, day, "D")
    length = _MONTHS[precision]
    first = (day.month - 1) // length * length + 1
    last = first + length - 1
    end = dt.date(day.year, last, calendar.monthrange(day.year, last)[1])
    return Period(dt.date(day.year, first, 1), end, precision)


def parse_period(text: str) -> Period:
    """A period from its code; ``2022-Q2``, ``2022 Q2``, ``2022-H1``, ``2022-S1``, ``2022-05`` and ``2022`` are read.

    Raises:
        ValueError: the text is no period.
    """
    for precision, pattern in _PATTERNS:
        found = pattern.fullmatch(text.strip().upper())
        if found is None:
            continue
        year, *rest = (int(part) for part in found.groups())
        if precision == "D":
            return span(dt.date(year, rest[0], rest[1]), "D")
        month = (rest[0] - 1) * _MONTHS[precision] + 1 if rest else 1
        return span(dt.date(year, month, 1), precision)
    raise ValueError(text)
