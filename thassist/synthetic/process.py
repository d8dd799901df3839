"""The way of a referral: the contact before it, the consent, why it waits, and the statuses of the case."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from random import Random

from thassist.synthetic.assumptions import Assumptions, draw, draw_between, quotas
from thassist.synthetic.cases import Appeal, Case, Contact, Decision, Referral
from thassist.synthetic.stays import age_on
from thassist.synthetic.tables import SYSTEM, Records

_NOT_RULED_ON = "LAPSED"


def settle_referrals(assumed: Assumptions, cases: Sequence[Case], rng: Random) -> None:
    """Give every referral its consent, why it would wait, and for some the contact before it."""
    plan = assumed["contacts"]
    for case in cases:
        for referral in case.referrals:
            who = "child" if _may_be_a_child(case, referral.received) else "adult"
            if rng.random() < assumed.at("consent", "recorded_share", referral.received.year):
                referral.consent, referral.consent_by = True, draw(rng, assumed["consent"][who])
            referral.hold = draw(rng, assumed["hold"][who])
            if rng.random() < plan["of_referrals"]:
                day = referral.received - dt.timedelta(days=draw_between(rng, plan["days_before_referral"]))
                referral.contact = Contact(day, draw(rng, plan["channels"]), referral.source, anonymous=False)


def _may_be_a_child(case: Case, day: dt.date) -> bool:
    """Whether the person was or, by a date of birth known to a year, may have been under 18."""
    birth = case.person.birth
    return age_on(birth.replace(month=12, day=31) if case.birth_estimated else birth, day) < 18


def other_contacts(assumed: Assumptions, cases: Sequence[Case], rng: Random) -> list[Contact]:
    """Contacts from which no referral came, in proportion to the referrals of the year."""
    plan = assumed["contacts"]
    referrals = Counter(referral.received.year for case in cases for referral in case.referrals)
    made: list[Contact] = []
    for year in range(assumed.years[0], assumed.years[1] + 1):
        number = round(referrals[year] * plan["others_per_referral"])
        for source, times in quotas(number, plan["sources"]).items():
            for _ in range(times):
                day = dt.date(year, 1, 1) + dt.timedelta(days=rng.randrange(365))
                private = source in plan["anonymous_sources"]
                anonymous = private and rng.random() < plan["anonymous_share"]
                made.append(Contact(day, draw(rng, plan["channels"]), source, anonymous))
    return made


def write_contacts(records: Records, contacts: Sequence[Contact]) -> None:
    """Write contacts; their keys run in the order of the dates."""
    records.give_keys("K", contacts, lambda contact: contact.date)
    for contact in contacts:
        records.put(
            "contact",
            contact_id=records.keys[id(contact)],
            reporting_system=SYSTEM,
            contact_date=contact.date,
            channel=contact.channel,
            source=contact.source,
            anonymous=contact.anonymous,
        )


def write_statuses(records: Records, cases: Sequence[Case], rng: Random) -> None:
    """Write the statuses of every case, as the decisions, appeals and stays have them."""
    for case in cases:
        for referral in case.referrals:
            for number, (status, day) in enumerate(_statuses(records.assumed, case, referral, rng), start=1):
                records.put(
                    "status_event",
                    referral_id=records.keys[id(referral)],
                    seq_no=number,
                    status=status,
                    status_date=day,
                )


def _statuses(assumed: Assumptions, case: Case, referral: Referral, rng: Random) -> list[tuple[str, dt.date]]:
    made = [("REFERRED", referral.received)]
    decisions = case.decisions_on(referral)
    if decisions and decisions[0].outcome == _NOT_RULED_ON:
        return [*made, ("WITHDRAWN", decisions[0].date)]
    if rng.random() < assumed["assessment"]["share"]:
        made.append(("ASSESSMENT", _assessed(assumed, referral, decisions, rng)))
    if not decisions:
        return made
    made.append(_decided(decisions[0]))
    appeals = [appeal for appeal in case.appeals if appeal.decision is decisions[0]]
    for appeal in sorted(appeals, key=lambda one: one.date):
        made += [("APPEAL", appeal.date), _ruled(appeal)]
    if made[-1][0] == "ADMITTED":
        made += _stay(assumed, case, referral, rng)
    return made


def _assessed(assumed: Assumptions, referral: Referral, decisions: Sequence[Decision], rng: Random) -> dt.date:
    """A day early in the time until the decision."""
    wait = (decisions[0].date - referral.received).days if decisions else assumed["processing"]["days"][-1][1]
    return referral.received + dt.timedelta(
        days=rng.randint(0, round(wait * assumed["assessment"]["part_of_the_wait"]))
    )


def _decided(decision: Decision) -> tuple[str, dt.date]:
    return ("ADMITTED" if decision.outcome == "POSITIVE" else "NOT_ADMITTED"), decision.date


def _ruled(appeal: Appeal) -> tuple[str, dt.date]:
    """After a ruling that changes nothing the person is still not admitted; else the new decision says it."""
    return ("NOT_ADMITTED", appeal.ruled) if appeal.new is None else _decided(appeal.new)


def _stay(assumed: Assumptions, case: Case, referral: Referral, rng: Random) -> list[tuple[str, dt.date]]:
    [stay] = [stay for stay, one in zip(case.stays, case.openings, strict=True) if one.referral is referral]
    mapped = stay.admission + dt.timedelta(days=draw_between(rng, assumed["assessment"]["active_after_days"]))
    if stay.exit is None:
        return [("ACTIVE", mapped)]
    return [("ACTIVE", min(mapped, stay.exit)), ("EXITED", stay.exit)]
