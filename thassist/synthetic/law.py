"""What the law gives a victim: identification by the law of its date, recovery and reflection periods."""

import datetime as dt
from collections.abc import Sequence
from random import Random

from thassist.synthetic.assumptions import Assumptions, draw, draw_between
from thassist.synthetic.cases import AssistancePeriod, Case, Decision
from thassist.synthetic.regimes import Law
from thassist.synthetic.tables import Records

_STATUS, _BY_ADMISSION, _BY_SEPARATE_ACT = "identification.status", "IDENT_S35", "IDENT_OLD"


def settle_periods(assumed: Assumptions, cases: Sequence[Case], rng: Random) -> None:
    """Give recovery and reflection periods to those on whom it was decided, and some by other authorities."""
    law = Law()
    plan = assumed["periods"]
    for case in cases:
        for decision in case.decisions:
            if decision.kind in ("RECOVERY", "REFLECTION"):
                own = assumed["authorities"]["decisions"]
                case.periods.append(_period(assumed, law, decision.kind, decision.date, own, rng))
        if case.is_victim and case.person.status == "NONE" and not case.periods:
            before = dt.timedelta(days=rng.randint(0, plan["by_others_days_before"]))
            start = max(case.person.admission - before, case.standings[0].since)
            if rng.random() < plan["by_others_share"]:
                authority = draw(rng, plan["by_others"])
                case.periods.append(_period(assumed, law, "REFLECTION", start, authority, rng))


def _period(
    assumed: Assumptions, law: Law, kind: str, start: dt.date, granted_by: str, rng: Random
) -> AssistancePeriod:
    """A period of a lawful length."""
    plan, short = assumed["periods"], kind.lower()
    if kind == "RECOVERY":
        granted = law.last_day(f"{short}_max", start)
        more = (law.last_day(f"{short}_max_extended", start) - granted).days
        days = rng.randint(1, more) if rng.random() < plan["extended_share"] else 0
    else:
        granted = law.last_day(f"{short}_min", start)
        more = (law.last_day(f"{short}_max", start) - granted).days
        days = min(draw_between(rng, plan["reflection_days"]), more)
    return AssistancePeriod(kind, start, granted + dt.timedelta(days=days), granted_by, granted)


def write_law(records: Records, cases: Sequence[Case], rng: Random) -> None:
    """Write the periods and the identifications."""
    law = Law()
    for case in cases:
        for period in case.periods:
            records.put(
                "assistance_period",
                period_id=records.number("assistance_period", "T"),
                person_id=records.keys[id(case)],
                period_type=period.kind,
                start_date=period.start,
                end_date=period.end,
                granted_by=period.granted_by,
                extended=period.extended,
                granted_until=period.granted_until,
            )
        if case.is_victim:
            for status, authority, day, decision in _identifications(records.assumed, law, case, rng):
                records.put(
                    "identification",
                    identification_id=records.number("identification", "I"),
                    person_id=records.keys[id(case)],
                    status=status,
                    authority=authority,
                    identified_date=day,
                    decision_id=records.keys[id(decision)] if decision else None,
                )


def _identifications(
    assumed: Assumptions, law: Law, case: Case, rng: Random
) -> list[tuple[str, str, dt.date, Decision | None]]:
    """Presumed or identified by the admission, and under the old law perhaps by a separate act."""
    own, plan = assumed["authorities"]["decisions"], assumed["identification"]
    made: list[tuple[str, str, dt.date, Decision | None]] = []
    for opening in case.openings:
        status = _BY_ADMISSION if law.knows(_STATUS, _BY_ADMISSION, opening.date) else "PRESUMED"
        if status not in [one[0] for one in made]:
            made.append((status, own, opening.date, opening))
    made += [(one.kind, own, one.date, one) for one in case.decisions if one.kind == _BY_SEPARATE_ACT]
    later = case.person.admission + dt.timedelta(days=draw_between(rng, plan["days_after_admission"]))
    could_be = law.knows(_STATUS, _BY_SEPARATE_ACT, later) and later <= case.within_reach_until
    if could_be and rng.random() < plan["by_others_share"]:
        made.append((_BY_SEPARATE_ACT, draw(rng, plan["by_others"]), later, None))
    return made
