"""The criminal process as context, in its order, and compensation."""

import datetime as dt
from collections.abc import Iterator, Sequence
from random import Random

from thassist.synthetic.assumptions import Assumptions, draw, draw_between
from thassist.synthetic.cases import Case
from thassist.synthetic.origins import LABOUR
from thassist.synthetic.tables import Records

_CASE_CLOSED = "CASE_CLOSED"
_WITHOUT_A_CASE = ("NONE", "_U")
#: The stages on the way to the last one; the step to a stage has its length in ``criminal.to_<stage>``.
_WAYS = {
    "REPORT": ("REPORT",),
    "INVESTIGATION": ("REPORT", "INVESTIGATION"),
    "CHARGE": ("REPORT", "INVESTIGATION", "CHARGE"),
    "JUDGMENT": ("REPORT", "INVESTIGATION", "CHARGE", "JUDGMENT"),
}
_CLOSED = "CLOSED"
_Stage = tuple[str, dt.date]


def write_justice(records: Records, cases: Sequence[Case], rng: Random) -> None:
    """Write the stages of the criminal process and the compensation of every victim."""
    for case in cases:
        if not case.is_victim:
            continue
        key = records.keys[id(case)]
        stages = _stages(records.assumed, case, rng)
        titles = _titles(records.assumed, case, rng)
        for stage, day in stages:
            records.put("criminal_stage", person_id=key, stage=stage, stage_date=day, title_thb=titles.get(stage, None))
        for kind, day in _compensated(records.assumed, case, dict(stages), rng):
            amount = rng.randint(*records.assumed["compensation"]["cents"][kind])
            records.put(
                "compensation",
                compensation_id=records.number("compensation", "M"),
                person_id=key,
                kind=kind,
                decided_date=day,
                amount_cents=amount // 100 * 100,
            )


def _stages(assumed: Assumptions, case: Case, rng: Random) -> list[_Stage]:
    plan, received = assumed["criminal"], case.referrals[0].received
    if _CASE_CLOSED in case.exit_reasons:
        return _ended_before_exit(assumed, case, rng)
    last = draw(rng, plan["last_stage"][case.person.place])
    if last in _WITHOUT_A_CASE:
        return [(last, case.person.admission)]
    made: list[_Stage] = []
    day = received + dt.timedelta(days=draw_between(rng, plan["report_days_from_referral"]))
    for stage in _way(assumed, last, rng):
        if made:
            day += dt.timedelta(days=draw_between(rng, plan[f"to_{stage.lower()}"]))
        made.append((stage, day))
    return made


def _way(assumed: Assumptions, last: str, rng: Random) -> tuple[str, ...]:
    if last != _CLOSED:
        return _WAYS[last]
    investigated = rng.random() < assumed["criminal"]["investigated_before_closed"]
    return (*_WAYS["INVESTIGATION" if investigated else "REPORT"], _CLOSED)


def _ended_before_exit(assumed: Assumptions, case: Case, rng: Random) -> list[_Stage]:
    """The stages of a case with which the stay ended: the last of them shortly before the exit."""
    plan = assumed["criminal"]
    stay = case.stays[case.exit_reasons.index(_CASE_CLOSED)]
    received = case.referrals[0].received
    end = stay.exit or stay.admission
    last = max(end - dt.timedelta(days=rng.randint(1, plan["ends_days_before_exit"])), received)
    way = _way(assumed, draw(rng, plan["ends_a_stay"]), rng)
    before = sorted(rng.randint(0, (last - received).days) for _ in way[1:])
    days = [received + dt.timedelta(days=number) for number in before]
    return list(zip(way, [*days, last], strict=True))


def _titles(assumed: Assumptions, case: Case, rng: Random) -> dict[str, bool]:
    """Whether the offence is trafficking, from the investigation on; the title may fall at the charge."""
    plan = assumed["criminal"]
    investigated = rng.random() < plan["trafficking_title"][case.person.place]
    charged = investigated and rng.random() >= plan["title_falls_at_charge"]
    return {"INVESTIGATION": investigated, "CHARGE": charged, "JUDGMENT": charged}


def _compensated(assumed: Assumptions, case: Case, stages: dict[str, dt.date], rng: Random) -> Iterator[_Stage]:
    plan = assumed["compensation"]
    judged = stages.get("JUDGMENT")
    if judged is not None and rng.random() < plan["court_share"]:
        yield "COURT", judged
        if rng.random() < plan["state_share_of_court"]:
            yield "STATE", judged + dt.timedelta(days=draw_between(rng, plan["state_days_after"]))
    labour_here = case.person.form == LABOUR and case.person.place == "IN_FINLAND"
    if labour_here and rng.random() < plan["wages_share"]:
        after = dt.timedelta(days=draw_between(rng, plan["wages_days_after_admission"]))
        yield draw(rng, plan["wages_kinds"]), case.person.admission + after
