"""Experiences of exploitation of a victim: forms, countries, industry, and dates known to a day, a month or a year."""

import datetime as dt
from dataclasses import dataclass
from random import Random

from thassist import dates
from thassist.synthetic.assumptions import Assumptions, draw, draw_between
from thassist.synthetic.cases import Case
from thassist.synthetic.control import Control, control
from thassist.synthetic.origins import LABOUR
from thassist.synthetic.stays import Stay

_MONTH = 30.4
_FINER = {"A": "Q", "Q": "M", "M": "D"}


@dataclass(frozen=True, slots=True)
class Experience:
    """One experience: forms (the primary one first), countries, when, and how it came about."""

    forms: tuple[str, ...]
    countries: tuple[str, ...]
    industry: str | None
    start: dates.Period | None
    end: dates.Period | None
    ongoing: bool | None
    control: Control


def experiences(assumed: Assumptions, case: Case, rng: Random) -> list[Experience]:
    """The experiences of a victim, the one by which the person is counted first; none of a witness or a child."""
    person = case.person
    if person.role != "VICTIM":
        return []
    received = case.referrals[0].received
    countries = _countries(assumed, person, rng)
    first = _experience(assumed, person, person.form, countries, received, rng)
    if rng.random() >= assumed["further_forms"]["second_experience"]:
        return [first]
    form = rng.choice(assumed["further_forms"]["with"][person.form])
    # The place is that of the primary experience; another one of the same place leaves no doubt about it.
    return [first, _experience(assumed, person, form, countries, received, rng, alone=True)]


def _experience(
    assumed: Assumptions,
    person: Stay,
    form: str,
    countries: tuple[str, ...],
    received: dt.date,
    rng: Random,
    *,
    alone: bool = False,
) -> Experience:
    plan = assumed["further_forms"]
    forms = [draw(rng, assumed["form_detail"].get(form, {form: 1.0}))]
    if not alone and rng.random() < plan["share"]:
        further = rng.choice(plan["with"][form])
        forms += [further] if further not in forms else []
    industry = person.industry if form == LABOUR else None
    return Experience(
        tuple(forms), countries, industry, *_when(assumed, person, received, rng), control(assumed, forms, rng)
    )


def _countries(assumed: Assumptions, person: Stay, rng: Random) -> tuple[str, ...]:
    plan = assumed["countries_of_exploitation"]
    known = person.citizenship not in ("FI", "STLS", "RNC", "_U")
    own = known and rng.random() < plan["own_country_share"]
    abroad = person.citizenship if own else rng.choice(plan["abroad"])
    if person.place == "ABROAD":
        return (abroad,)
    return ("FI", abroad) if rng.random() < assumed["place"]["partly_of_finland"] else ("FI",)


def _when(
    assumed: Assumptions, person: Stay, received: dt.date, rng: Random
) -> tuple[dates.Period | None, dates.Period | None, bool | None]:
    plan = assumed["experience"]
    ongoing = person.place == "IN_FINLAND" and rng.random() < plan["ongoing_share_in_finland"]
    gap = 0 if ongoing else draw_between(rng, plan["months_before_referral"])
    last = received - dt.timedelta(days=1 + round(gap * _MONTH))
    first = last - dt.timedelta(days=round(draw_between(rng, plan["months_long"]) * _MONTH))
    end = None if ongoing else _known(draw(rng, plan["precisions"]), last, person.birth, received)
    start = _known(draw(rng, plan["precisions"]), first, person.birth, end.start if end else received)
    return start, end, ongoing


def _known(precision: str, day: dt.date, not_before: dt.date, not_after: dt.date) -> dates.Period | None:
    """The day to a precision, or a finer one where the whole span must lie between two days; None where it cannot."""
    if precision == "none" or not not_before <= day <= not_after:
        return None
    known = dates.span(day, precision)
    if not_before <= known.start and known.end <= not_after:
        return known
    return known if precision == "D" else _known(_FINER[precision], day, not_before, not_after)
