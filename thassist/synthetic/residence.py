"""Residence statuses over time, and the applications for a permit that agree with them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from thassist.synthetic.assumptions import Assumptions, draw, draw_between
from thassist.synthetic.cases import AssistancePeriod, Case, Standing
from thassist.synthetic.stays import Stay
from thassist.synthetic.tables import Records

_LONGEST_BEFORE = {"VISA": 85, "ASYLUM": 500}
_FOR_VICTIMS = ("S52A_TEMPORARY", "S52A_CONTINUOUS")


def settle_residence(assumed: Assumptions, cases: Sequence[Case], rng: Random) -> None:
    """Give every client the residence statuses: that of the admission, and for some a permit later."""
    for case in cases:
        if not case.stays:
            continue
        since = max(_since(assumed, case.person, rng), case.person.birth)
        later = _later_permit(assumed, case, rng)
        case.standings = [Standing(case.person.status, since, later - dt.timedelta(days=1) if later else None)]
        case.standings += [Standing("PERMIT", later, None)] if later else []


def _since(assumed: Assumptions, person: Stay, rng: Random) -> dt.date:
    if person.status == "FI_CITIZEN":
        return person.birth
    since = person.admission - dt.timedelta(days=rng.randint(1, _LONGEST_BEFORE.get(person.status, 900)))
    if person.status == "TEMP_PROT":
        start: dt.date = assumed["residence"]["temporary_protection_from"]
        return max(since, start)
    return since


def _later_permit(assumed: Assumptions, case: Case, rng: Random) -> dt.date | None:
    share = assumed["residence"]["later_permit_share"]
    if case.person.status not in ("ASYLUM", "VISA", "NONE") or rng.random() >= share:
        return None
    day = case.person.admission + dt.timedelta(days=rng.randint(90, 700))
    # A second stay begins with the status of the first: nothing is published that would need another.
    ends = [stay.exit for stay in case.stays if stay.exit is not None]
    return day if len(case.stays) == 1 and day <= min([*ends, dt.date(assumed.years[1], 12, 31)]) else None


@dataclass(frozen=True, slots=True)
class _Permit:
    ground: str
    applied: dt.date
    decided: dt.date | None
    outcome: str | None


def write_residence(records: Records, cases: Sequence[Case], rng: Random) -> None:
    """Write residence statuses of all clients and the permits of the victims."""
    for case in cases:
        for standing in case.standings:
            records.put(
                "residence_status",
                person_id=records.keys[id(case)],
                valid_from=standing.since,
                status=standing.status,
                valid_to=standing.until,
            )
        if case.is_victim:
            for permit in _permits(records.assumed, case, rng):
                records.put(
                    "permit",
                    permit_id=records.number("permit", "P"),
                    person_id=records.keys[id(case)],
                    ground=permit.ground,
                    application_date=permit.applied,
                    decision_date=permit.decided,
                    outcome=permit.outcome,
                    filed_in_reflection=_in_reflection(case, permit),
                )


def _permits(assumed: Assumptions, case: Case, rng: Random) -> list[_Permit]:
    plan, first = assumed["permits"], case.standings[0]
    granted = case.standings[1].since if len(case.standings) > 1 else None
    by_protection = first.status == "ASYLUM" and rng.random() < plan["protection_granted_share"]
    made = [_protection(assumed, case, granted if by_protection else None, rng)] if first.status == "ASYLUM" else []
    if granted is not None and not by_protection:
        made.append(_granted(assumed, case, granted, rng))
    elif granted is None and rng.random() < plan["application_share"].get(first.status, 0.0):
        made += _undecided_or_refused(assumed, case, rng)
    return made


def _protection(assumed: Assumptions, case: Case, granted: dt.date | None, rng: Random) -> _Permit:
    """The application that made the person an asylum seeker; refused where a permit has another ground."""
    asylum = case.standings[0]
    if granted is not None:
        return _Permit("PROTECTION", asylum.since, granted, "POSITIVE")
    decided = asylum.since + dt.timedelta(days=draw_between(rng, assumed["permits"]["protection_days"]))
    if decided > min(asylum.until or dt.date.max, case.within_reach_until):
        return _Permit("PROTECTION", asylum.since, None, None)
    return _Permit("PROTECTION", asylum.since, decided, "NEGATIVE")


def _granted(assumed: Assumptions, case: Case, granted: dt.date, rng: Random) -> _Permit:
    """The application that led to the later permit."""
    plan = assumed["permits"]
    ground = draw(rng, plan["grounds"])
    applied = max(case.person.admission, granted - dt.timedelta(days=draw_between(rng, plan["days_to_decision"])))
    if ground in _FOR_VICTIMS:
        applied = min(_perhaps_in_reflection(assumed, case, applied, rng), granted)
    return _Permit(ground, applied, granted, "POSITIVE")


def _undecided_or_refused(assumed: Assumptions, case: Case, rng: Random) -> list[_Permit]:
    """An application under section 52 a that gave no new status, if there was time for one."""
    plan, person = assumed["permits"], case.person
    grounds = {ground: plan["grounds"][ground] for ground in _FOR_VICTIMS}
    filed = person.admission + dt.timedelta(days=draw_between(rng, plan["days_to_decision"]))
    applied = _perhaps_in_reflection(assumed, case, filed, rng)
    decided = applied + dt.timedelta(days=draw_between(rng, plan["days_to_decision"]))
    outcome = draw(rng, plan["has_permit_outcomes" if person.status == "PERMIT" else "outcomes"])
    ground = draw(rng, grounds)
    if applied > case.within_reach_until:
        return []
    if outcome == "pending" or decided > case.within_reach_until:
        return [_Permit(ground, applied, None, None)]
    return [_Permit(ground, applied, decided, outcome)]


def _perhaps_in_reflection(assumed: Assumptions, case: Case, day: dt.date, rng: Random) -> dt.date:
    """A day within the person's reflection period for some of those who have one."""
    period = _reflection(case)
    if period is None or rng.random() >= assumed["permits"]["in_reflection_share"]:
        return day
    return period.start + dt.timedelta(days=rng.randint(0, (period.granted_until - period.start).days))


def _reflection(case: Case) -> AssistancePeriod | None:
    return next((period for period in case.periods if period.kind == "REFLECTION"), None)


def _in_reflection(case: Case, permit: _Permit) -> bool | None:
    """Said of applications under section 52 a of those who had a reflection period."""
    period = _reflection(case)
    if period is None or permit.ground not in _FOR_VICTIMS:
        return None
    return period.start <= permit.applied <= period.end
