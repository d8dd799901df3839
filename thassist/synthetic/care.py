"""The help that was given: services within the stays with their costs, and assisted returns."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from thassist.synthetic.assumptions import Assumptions, draw, draw_between
from thassist.synthetic.cases import Case
from thassist.synthetic.provision import payer_on
from thassist.synthetic.stays import Stay
from thassist.synthetic.tables import Records
from thassist.synthetic.targets import NO_COUNTRY

_LEFT, _RETURN = "LEFT_FINLAND", "RETURN"


@dataclass(frozen=True, slots=True)
class _Service:
    kind: str
    start: dt.date
    end: dt.date
    provider: str
    payer: str
    cents: int | None


def write_care(records: Records, cases: Sequence[Case], rng: Random) -> None:
    """Write provisions, services and assisted returns of all stays."""
    returned = _returned(records.assumed, cases, rng)
    for case in cases:
        for number, stay in enumerate(case.stays):
            key = records.keys[id(stay)]
            for one in case.provisions[number]:
                records.put(
                    "provision",
                    provision_id=records.number("provision", "V"),
                    episode_id=key,
                    provider=one.provider,
                    payer=one.payer,
                    county=one.county,
                    municipality=one.municipality,
                    start_date=one.start,
                    end_date=one.end,
                )
            services = list(_services(records.assumed, case, number, rng))
            services += [_help_with_return(records.assumed, case, number, rng)] if id(stay) in returned else []
            for service in services:
                records.put(
                    "service",
                    service_id=records.number("service", "S"),
                    episode_id=key,
                    kind=service.kind,
                    start_date=service.start,
                    end_date=service.end,
                    provider=service.provider,
                    payer=service.payer,
                    cost_cents=service.cents,
                )
            if id(stay) in returned:
                records.put(
                    "assisted_return",
                    return_id=records.number("assisted_return", "B"),
                    person_id=records.keys[id(case)],
                    country=case.person.citizenship,
                    return_date=stay.exit,
                )


def _returned(assumed: Assumptions, cases: Sequence[Case], rng: Random) -> set[int]:
    """Stays that ended with an assisted return: of adults, and of the children who left with them."""
    left: list[tuple[Case, Stay]] = []
    for case in cases:
        left += [
            (case, stay)
            for stay, reason in zip(case.stays, case.exit_reasons, strict=True)
            if reason == _LEFT and case.person.citizenship not in NO_COUNTRY | {"FI"}
        ]
    share = assumed["assisted_return"]["share"]
    adults = {id(stay): stay for _case, stay in left if stay.guardian is None and rng.random() < share}
    together = {(id(stay), stay.exit) for stay in adults.values()}
    return set(adults) | {id(stay) for _case, stay in left if (id(stay.guardian), stay.exit) in together}


def _services(assumed: Assumptions, case: Case, number: int, rng: Random) -> Iterator[_Service]:
    plan, stay = assumed["services"], case.stays[number]
    none_share = plan["none_share"].get(case.exit_reasons[number] or "", plan["none_share"]["other"])
    if rng.random() < none_share:
        return
    child = stay.role == "DEPENDENT_CHILD"
    for kind, details in plan["kinds"].items():
        factor = plan["child_factor"] * (kind in plan["child_kinds"]) if child else 1.0
        start = stay.admission + dt.timedelta(days=draw_between(rng, details["begins"]))
        if rng.random() < details["share"] * factor and start <= _last_day(assumed, stay):
            planned = start + dt.timedelta(days=draw_between(rng, details["days"]) - 1)
            yield _service(assumed, case, number, kind, start, min(planned, stay.exit or dt.date.max), rng)


def _last_day(assumed: Assumptions, stay: Stay) -> dt.date:
    return stay.exit or dt.date(assumed.years[1], 12, 31)


def _service(
    assumed: Assumptions, case: Case, number: int, kind: str, start: dt.date, end: dt.date, rng: Random
) -> _Service:
    plan = assumed["services"]
    details: Mapping[str, Any] = plan["kinds"][kind]
    provision = payer_on(case.provisions[number], start)
    others: Mapping[str, float] = details.get("providers", {})
    provider = draw(rng, {**others, provision.provider: 1 - sum(others.values())})
    known = rng.random() < plan["cost_known_share"]
    cents = rng.randint(*details["cents_a_day"]) * ((end - start).days + 1) if known else None
    return _Service(kind, start, end, provider, provision.payer, cents)


def _help_with_return(assumed: Assumptions, case: Case, number: int, rng: Random) -> _Service:
    plan, stay = assumed["assisted_return"], case.stays[number]
    end = stay.exit or stay.admission
    start = max(end - dt.timedelta(days=draw_between(rng, plan["help_begins_days_before"])), stay.admission)
    provision = payer_on(case.provisions[number], start)
    return _Service(_RETURN, start, end, provision.provider, provision.payer, rng.randint(*plan["cents"]))
