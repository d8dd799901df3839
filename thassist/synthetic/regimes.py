"""The legal regimes (``reports/legal``) as the made-up records need them: looked up by day."""

import calendar
import datetime as dt

from thassist.records.legal import Parameter, Regime, regimes


class Law:
    """What the law of a day allows."""

    def __init__(self) -> None:
        self.regimes = regimes()

    def on(self, day: dt.date) -> Regime:
        """The regime in force on a day."""
        return next(one for one in reversed(self.regimes) if one.valid_from <= day)

    def knows(self, field: str, code: str, day: dt.date) -> bool:
        """Whether the law of a day names a code for a field."""
        allowed = self.on(day).codes.get(field)
        return allowed is not None and code in allowed.codes

    def last_day(self, parameter: str, start: dt.date) -> dt.date:
        """The last day of a period of the length that the law sets; of the next law where it does not set one yet."""
        here = self.regimes.index(self.on(start))
        found = next(one.parameters[parameter] for one in self.regimes[here:] if parameter in one.parameters)
        return _after(start, found)


def _after(day: dt.date, length: Parameter) -> dt.date:
    if length.unit == "days":
        return day + dt.timedelta(days=length.value)
    months = day.month - 1 + length.value * (12 if length.unit == "years" else 1)
    year, month = day.year + months // 12, months % 12 + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
