"""The clients' minor children: who is whose child, when they came and who they are.

Only their number is published, so that everything about a child follows from the guardian: citizenship, residence
status, and that the child came while the guardian was a client.
"""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from random import Random

from thassist.synthetic.assumptions import Assumptions
from thassist.synthetic.population import born, day_in_half, years_before
from thassist.synthetic.stays import OPEN, Stay, age_on

_YEARS_OLDER = 17
_SAME_HALF_WEIGHT = 6.0


def settle_children(assumed: Assumptions, stays: Sequence[Stay], rng: Random) -> None:
    """Give every child a guardian, a day of admission, a day of exit, a date of birth and what the guardian has.

    The days of exit of the victims must be known.
    """
    adults = [stay for stay in stays if stay.role == "VICTIM" and stay.age >= _YEARS_OLDER + 1]
    number: Counter[int] = Counter()
    for child in stays:
        if child.role != "DEPENDENT_CHILD":
            continue
        guardian = _guardian(assumed, child, [adult for adult in adults if number[id(adult)] < _most(assumed)], rng)
        number[id(guardian)] += 1
        _settle(assumed, child, guardian, rng)


def _most(assumed: Assumptions) -> int:
    most: int = assumed["children"]["at_most_each"]
    return most


def _guardian(assumed: Assumptions, child: Stay, adults: Sequence[Stay], rng: Random) -> Stay:
    """A client who was there before the child came and did not leave before the child did."""
    able = [
        adult for adult in adults if adult.half <= child.half and adult.exit_half >= max(child.exit_half, child.half)
    ]
    able = able or [adult for adult in adults if adult.half <= child.half < adult.exit_half]
    women = assumed["children"]["guardian_women"]
    weights = [
        (women if adult.sex == "F" else 1 - women) * (_SAME_HALF_WEIGHT if adult.half == child.half else 1.0)
        for adult in able
    ]
    return rng.choices(able, weights)[0]


def _settle(assumed: Assumptions, child: Stay, guardian: Stay, rng: Random) -> None:
    child.guardian, child.sex = guardian, rng.choice("FM")
    child.citizenship, child.status = guardian.citizenship, guardian.status
    same = child.half == guardian.half
    child.admission = guardian.admission if same else day_in_half(assumed, child.half, rng)
    if child.exit_half != OPEN:
        together = child.exit_half == guardian.exit_half
        child.exit = guardian.exit if together else day_in_half(assumed, child.exit_half, rng)
    child.birth = _birth(assumed, child, guardian, rng)


def _birth(assumed: Assumptions, child: Stay, guardian: Stay, rng: Random) -> dt.date:
    plan = assumed["children"]
    oldest = min(plan["oldest"], age_on(guardian.birth, child.admission) - _YEARS_OLDER)
    if child.exit is not None and rng.random() < plan["adulthood_share"]:
        birth = years_before(child.exit, 18)
        if age_on(birth, child.admission) <= oldest:
            return birth
    until = child.exit or plan["minors_until"]
    while True:
        # A young enough age always exists: nobody stays for eighteen years.
        birth = born(rng, rng.randint(0, oldest), child.admission)
        if age_on(birth, until) < 18:
            return birth
