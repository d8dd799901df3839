"""Dates that are known to a day, a month, a quarter, a half-year or a year, and periods of statistics.

A date is stored as the first day of the span in which it lies, with a precision code beside it; nothing is
invented. Precision codes follow SDMX CL_FREQ: ``D``, ``M``, ``Q``, ``S``, ``A``.

A year of statistics may begin in any month (a financial year from April). Such a year has the code of an SDMX time
range, which is an ISO 8601 interval of a start and a duration: ``2023-04-01/P1Y``.
"""

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
    ("A", re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2])(?:-01)?(?:/|--)P(?:1Y|12M))?")),
)


@dataclass(frozen=True, slots=True)
class Period:
    """A span of whole days, for example a quarter; the period of a release or of an imprecise date."""

    start: dt.date
    end: dt.date
    precision: str

    @property
    def code(self) -> str:
        """The SDMX-like code: ``2024-01-31``, ``2024-01``, ``2024-Q1``, ``2024-S1``, ``2024``, ``2023-04-01/P1Y``."""
        year, month = self.start.year, self.start.month
        if self.precision == "D":
            return self.start.isoformat()
        if self.precision == "M":
            return f"{year:04d}-{month:02d}"
        if self.precision == "A":
            return f"{year:04d}" if month == 1 else f"{self.start.isoformat()}/P1Y"
        return f"{year:04d}-{self.precision}{(month - 1) // _MONTHS[self.precision] + 1}"

    @property
    def slug(self) -> str:
        """The code as a part of a file name: ``--`` in place of ``/``, as ISO 8601 provides."""
        return self.code.replace("/", "--")

    def previous(self, steps: int = 1) -> "Period":
        """The period of the same length, ``steps`` before this one; a negative number of steps is after it."""
        if self.precision == "D":
            return span(self.start - dt.timedelta(days=steps), "D")
        return _from(_months_after(self.start, -steps * _MONTHS[self.precision]), self.precision)

    def moved(self, months: int) -> "Period":
        """The period of the same length that begins so many months later; before this one where negative.

        Raises:
            ValueError: the period is a day.
        """
        if self.precision == "D":
            raise ValueError(self.code)
        return _from(_months_after(self.start, months), self.precision)

    def parts(self, precision: str) -> tuple["Period", ...]:
        """The whole periods of a length that lie in this one, oldest first: the months of a year.

        Only this period itself where it is no longer than that.
        """
        if precision == self.precision or precision not in PRECISIONS[: PRECISIONS.index(self.precision)]:
            return (self,)
        found = []
        part = span(self.start, precision)
        while part.end <= self.end:
            if part.start >= self.start:
                found.append(part)
            part = part.previous(-1)
        return tuple(found)


def run(first: Period, last: Period) -> tuple[Period, ...]:
    """All periods of one length from the first to the last.

    Raises:
        ValueError: they differ in length or in the month in which their years begin, or the last is before the first.
    """
    found = [last]
    while found[-1].start > first.start:
        found.append(found[-1].previous())
    if found[-1] != first:
        raise ValueError(first.code, last.code)
    return tuple(reversed(found))


def _months_after(first: dt.date, months: int) -> dt.date:
    """The first day of a month, some months on."""
    number = first.year * 12 + first.month - 1 + months
    return dt.date(number // 12, number % 12 + 1, 1)


def _from(first: dt.date, precision: str) -> Period:
    """The period of a length that begins on the first day of a month."""
    return Period(first, _months_after(first, _MONTHS[precision]) - dt.timedelta(days=1), precision)


def span(day: dt.date, precision: str) -> Period:
    """The period of the given precision in which a day lies."""
    if precision == "D":
        return Period(day, day, "D")
    length = _MONTHS[precision]
    return _from(dt.date(day.year, (day.month - 1) // length * length + 1, 1), precision)


def parse_period(text: str) -> Period:
    """A period from its code; ``2022-Q2``, ``2022 Q2``, ``2022-H1``, ``2022-S1``, ``2022-05`` and ``2022`` are read.

    A year that does not begin in January is written ``2023-04-01/P1Y``, ``2023-04/P1Y`` or, in a file name,
    ``2023-04-01--P1Y``.

    Raises:
        ValueError: the text is no period.
    """
    for precision, pattern in _PATTERNS:
        found = pattern.fullmatch(text.strip().upper())
        if found is None:
            continue
        year, *rest = (int(part) for part in found.groups() if part)
        if precision == "D":
            return span(dt.date(year, rest[0], rest[1]), "D")
        if precision == "A":
            return _from(dt.date(year, rest[0] if rest else 1, 1), "A")
        return span(dt.date(year, (rest[0] - 1) * _MONTHS[precision] + 1, 1), precision)
    raise ValueError(text)
