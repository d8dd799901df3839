"""Checks along time: a value far from its neighbours, two values written as one, a value that is its own year."""

import re
from collections import defaultdict
from collections.abc import Iterator

from thassist.rules.finding import Finding
from thassist.verify.figures import Figure, Publication, chosen
from thassist.verify.profile import Check
from thassist.verify.saying import Voice, number

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
#: A figure and its neighbours are of one size where neither is more than this many times the other.
_ALIKE = 2.0
_SHORTEST = 2


def magnitude(publication: Publication, check: Check, voice: Voice) -> Iterator[Finding]:
    """Values that are many times more, or less, than both the one before and the one after."""
    factor, least = float(check.settings["factor"]), float(check.settings["least"])
    for series in _series(publication, check):
        for before, figure, after in zip(series, series[1:], series[2:], strict=False):
            low, high = min(before.low, after.low), max(before.low, after.low)
            too_high = figure.low > factor * high and figure.low - high >= least
            too_low = figure.low * factor < low and low - figure.low >= least
            if not (too_high or too_low):
                continue
            part = _glued(figure.low, low, high) if too_high else None
            yield voice.say(
                "magnitude" if part is None else "glued",
                figure,
                check,
                value=figure.text,
                suggestion="" if part is None else number(part),
                related=[before, after],
                before=before.text,
                after=after.text,
            )


def own_year(publication: Publication, check: Check, voice: Voice) -> Iterator[Finding]:
    """Values equal to the year that they are of, where no neighbour in time is of the same size."""
    time = publication.index(publication.profile.time)
    for series in _series(publication, check):
        for place, figure in enumerate(series):
            years = [float(year) for year in _YEAR.findall(figure.codes[time])]
            near = [*series[max(0, place - 1) : place], *series[place + 1 : place + 2]]
            alike = [each for each in near if each.low * _ALIKE >= figure.low and each.low <= _ALIKE * figure.low]
            if figure.low in years and not alike:
                yield voice.say("own_year", figure, check, value=figure.text, related=near)


def _series(publication: Publication, check: Check) -> list[list[Figure]]:
    """The known figures that differ in time only, oldest first, each time once."""
    time = publication.index(publication.profile.time)
    found: dict[tuple[str, ...], dict[str, Figure]] = defaultdict(dict)
    for figure in chosen(publication, publication.figures, check.where):
        if figure.known:
            about = publication.about(figure)
            found[about[:time] + about[time + 1 :]].setdefault(figure.codes[time], figure)
    return [[figures[when] for when in sorted(figures)] for figures in found.values()]


def _glued(value: float, low: float, high: float) -> float | None:
    """The part of a number's digits that is of its neighbours' size, where the rest are digits of another number."""
    digits = number(value)
    if not digits.isdigit():
        return None
    for cut in range(1, len(digits)):
        for part in (digits[cut:], digits[:cut]):
            found = float(part)
            if len(part) >= _SHORTEST and part[0] != "0" and low / _ALIKE <= found <= high * _ALIKE:
                return found
    return None
