"""Periods, days and figures as a reader of each language writes them, and the standing texts of a release."""

import datetime as dt
import math

from thassist import _data, messages
from thassist.dates import Period
from thassist.errors import InvalidDefinition

_STANDING = "texts/standing.toml"
#: Length of a period in months, by precision.
_MONTHS = {"A": 12, "S": 6, "Q": 3}
#: Thousands and decimal marks. Finnish and Swedish group by a space, here one that does not break the line.
_MARKS = {"fi": ("\N{NO-BREAK SPACE}", ","), "sv": ("\N{NO-BREAK SPACE}", ","), "en": (",", ".")}


def say(entry: str, lang: str, **params: object) -> str:
    """An entry of the catalogue of this room."""
    return messages.text(f"publish.{entry}", lang, part="what", **params)


def number(value: float, decimals: int, lang: str) -> str:
    """A figure with a fixed number of decimals: ``1 234,5`` in Finnish and Swedish, ``1,234.5`` in English."""
    thousands, decimal = _MARKS[lang]
    return f"{value:,.{decimals}f}".translate({ord(","): thousands, ord("."): decimal, ord("-"): "−"})


def percent(share: float, lang: str) -> str:
    """A share of one in whole per cent, as Unicode CLDR writes it: ``61 %`` in Finnish, ``61%`` in English."""
    from babel.numbers import format_percent

    return str(format_percent(math.floor(share * 100 + 0.5) / 100, locale=lang))


def listed(items: list[str], lang: str) -> str:
    """Items in a row with *and* before the last."""
    from babel.lists import format_list

    return str(format_list(items, style="standard", locale=lang))


def day(date: dt.date, lang: str) -> str:
    """A day: ``30.6.2022`` in Finnish and Swedish, ``2022-06-30`` in English."""
    return say("day", lang, day=date.day, month=date.month, year=date.year)


def period(span: Period, lang: str) -> str:
    """A period of statistics: ``2022``, ``January–March 2022``, ``March 2022``, ``April 2022 – March 2023``."""
    if span.precision == "D":
        return day(span.start, lang)
    if span.precision == "M":
        return _month(span.start, lang)
    if span.precision == "A" and span.start.month != 1:
        return say("periods", lang, first=_month(span.start, lang), last=_month(span.end, lang))
    number = (span.start.month - 1) // _MONTHS[span.precision] + 1
    return say(f"period_{span.precision}{number}", lang, year=span.start.year)


def _month(day: dt.date, lang: str) -> str:
    """A month in words, as Unicode CLDR writes it in the language."""
    from babel.dates import format_skeleton

    return str(format_skeleton("yMMMM", day, locale=lang))


def period_days(span: Period, lang: str) -> str:
    """A period with its first and last day."""
    return say("period_days", lang, period=period(span, lang), days=days(span.start, span.end, lang))


def days(first: dt.date, last: dt.date, lang: str) -> str:
    """A span of days."""
    return say("days", lang, first=day(first, lang), last=day(last, lang))


def periods(spans: tuple[Period, ...], lang: str) -> str:
    """Several periods in a row, as first and last."""
    first, last = period(spans[0], lang), period(spans[-1], lang)
    if len(spans) == 1:
        return last
    return say("years" if spans[0].precision == "A" else "periods", lang, first=first, last=last)


def standing(kind: str, name: str, lang: str, **params: object) -> str:
    """A standing text, for example ``banner``, ``internal``.

    Raises:
        InvalidDefinition: the office's own texts lack it.
    """
    try:
        template = str(_standing()[kind][name][lang])
    except KeyError as error:
        raise InvalidDefinition("release.missing_key", file=_STANDING, key=f"{kind}.{name}.{lang}") from error
    return template.format(**params)


def symbols(lang: str) -> tuple[tuple[str, str], ...]:
    """Everything that may stand in a cell instead of a plain figure, as sign and meaning."""
    return tuple((str(entry["sign"]), str(entry[lang])) for entry in _standing().get("symbol", {}).values())


def sign(status: str) -> str:
    """The sign that stands in place of a figure of this status."""
    try:
        return str(_standing()["symbol"][status]["sign"])
    except KeyError as error:
        raise InvalidDefinition("release.missing_key", file=_STANDING, key=f"symbol.{status}.sign") from error


def _standing() -> dict[str, dict[str, dict[str, str]]]:
    return _data.read_toml(_data.reports_dir() / _STANDING)
