"""Synthetic case records whose margins are the published figures."""

import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING

from thassist.errors import InvalidDefinition
from thassist.records.dataset import Dataset
from thassist.synthetic import assumptions
from thassist.synthetic.assumptions import stream
from thassist.synthetic.calibrate import Moves, calibrate
from thassist.synthetic.care import write_care
from thassist.synthetic.casework import Casework
from thassist.synthetic.families import settle_children
from thassist.synthetic.justice import write_justice
from thassist.synthetic.law import settle_periods, write_law
from thassist.synthetic.origins import Origins
from thassist.synthetic.population import Draws, day_in_half, population
from thassist.synthetic.process import other_contacts, settle_referrals, write_contacts, write_statuses
from thassist.synthetic.provision import Provisions
from thassist.synthetic.residence import settle_residence, write_residence
from thassist.synthetic.span import dataset
from thassist.synthetic.stays import OPEN, Stay
from thassist.synthetic.tables import Records, Row
from thassist.synthetic.targets import Target, targets
from thassist.synthetic.work import write_working_time

if TYPE_CHECKING:
    from random import Random

_ATTEMPTS = 8


def generate(from_year: int, to_year: int, seed: int) -> Dataset:
    """Make synthetic records of the national assistance system.

    All years that can be made are always made, so that a person is the same in every span of years; the span says
    who is in the result. Everybody in the system when the span begins is in it (the opening stock), with the records
    that led there.

    Args:
        from_year: the first year whose referrals, decisions and stays are in the result.
        to_year: the last one; what happened later is not yet known.
        seed: the same seed gives the same records.

    Returns:
        Records marked synthetic. Every figure with a target in ``anchors.csv`` for these years holds.

    Raises:
        InvalidDefinition: years that cannot be made, or published figures that cannot all be met.
    """
    assumed = assumptions.load()
    first, last = assumed.years
    if not first <= from_year <= to_year <= last:
        raise InvalidDefinition("synthetic.years", first=first, last=last)
    return dataset(_records(seed), dt.date(from_year, 1, 1), dt.date(to_year, 12, 31))


@lru_cache(maxsize=2)
def _records(seed: int) -> dict[str, list[Row]]:
    assumed = assumptions.load()
    stays = _clients(assumed, stream(seed, "clients"))
    rng = stream(seed, "records")
    for stay in stays:
        if stay.role != "DEPENDENT_CHILD" and stay.exit_half != OPEN:
            stay.exit = day_in_half(assumed, stay.exit_half, rng)
    settle_children(assumed, stays, rng)
    cases = Casework(assumed, rng).cases(stays)
    # Each subject has a source of chance of its own: a change in one leaves the others as they are.
    settle_referrals(assumed, cases, stream(seed, "referrals"))
    settle_residence(assumed, cases, stream(seed, "residence"))
    settle_periods(assumed, cases, stream(seed, "periods"))
    Provisions(assumed, stream(seed, "provision")).settle(cases)
    records = Records(assumed, rng)
    contacts = [one.contact for case in cases for one in case.referrals if one.contact is not None]
    write_contacts(records, contacts + other_contacts(assumed, cases, stream(seed, "contacts")))
    records.add(cases)
    write_statuses(records, cases, stream(seed, "statuses"))
    write_law(records, cases, stream(seed, "law"))
    write_residence(records, cases, stream(seed, "permits"))
    write_care(records, cases, stream(seed, "care"))
    write_justice(records, cases, stream(seed, "justice"))
    write_working_time(records, stream(seed, "work"))
    return records.rows


def _clients(assumed: assumptions.Assumptions, rng: "Random") -> list[Stay]:
    """All stays, at every published figure: first who, where and how long, then citizenship, residence and industry."""
    wanted = targets(*assumed.years)
    first = Draws(assumed).moves
    stays = _drawn(assumed, _on(wanted, first), first, rng)
    origins = Origins(assumed)
    victims = [stay for stay in stays if stay.role != "DEPENDENT_CHILD"]
    for stay in victims:
        if stay.earlier is None:
            origins.whole_person(stay, rng)
        else:
            stay.copy_person_from(stay.earlier)
            stay.earlier.settled |= {"citizenship", "status", "industry"}
    calibrate(victims, [target for target in wanted if target not in _on(wanted, first)], origins.moves, rng)
    return stays


def _drawn(assumed: assumptions.Assumptions, wanted: list[Target], moves: Moves, rng: "Random") -> list[Stay]:
    """A calibrated population; a search that has run into a dead end begins again with other persons."""
    for attempt in range(1, _ATTEMPTS + 1):
        stays = population(assumed, rng)
        try:
            calibrate(stays, wanted, moves, rng)
        except InvalidDefinition:
            if attempt == _ATTEMPTS:
                raise
        else:
            break
    return stays


def _on(wanted: list[Target], moves: Moves) -> list[Target]:
    return [target for target in wanted if target.hangs_on <= moves.proposals.keys()]
