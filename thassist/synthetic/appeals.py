"""Appeals against rejected admissions: most change nothing, a few led to an admission after all.

A decision that was overturned stays as it was; the decision that took its place is another one.
"""

import datetime as dt
from random import Random

from thassist.synthetic.assumptions import Assumptions, draw, draw_between
from thassist.synthetic.cases import Appeal, Case, Decision, Referral

_CRITERIA = {"NOT_VICTIM": (False, None), "NO_NEED": (True, False)}


def rejection(date: dt.date, outcome: str, referral: Referral, reason: str | None) -> Decision:
    """A decision not to admit, with the criteria that its reason says were not met."""
    victim, need = _CRITERIA.get(reason or "", (None, None))
    return Decision("ADMISSION", date, outcome, referral, victim, need, reason)


class Appeals:
    """Adds appeals to cases."""

    def __init__(self, assumed: Assumptions, rng: Random) -> None:
        self.assumed, self.rng = assumed, rng
        self.plan, self.bodies = assumed["appeals"], assumed["authorities"]

    def before_admission(self, case: Case, opening: Decision) -> None:
        """Some of those admitted had first been rejected: their referral is older, and an appeal lies between."""
        referral, plan = opening.referral, self.plan
        first_stay = not case.openings and case.person.role == "VICTIM"
        usual = first_stay and case.person.status in plan["statuses"]
        if referral is None or not usual or self.rng.random() >= plan["admitted_after_appeal"]:
            return
        ruling = draw(self.rng, plan["rulings_that_admit"])
        # Where the court changes the decision itself, its ruling and the decision that admits are of one day.
        ruled = opening.date - (self._days("new_decision_after_days") if ruling == "REMITTED" else dt.timedelta())
        appealed = ruled - self._days("ruled_after_days")
        rejected = appealed - dt.timedelta(days=self.rng.randint(1, plan["within_days"]))
        referral.received = rejected - (opening.date - referral.received)
        first = rejection(rejected, "NEGATIVE", referral, draw(self.rng, plan["reasons_overturned"]))
        case.decisions.append(first)
        case.appeals.append(Appeal(first, appealed, self.bodies["court"], ruled, ruling, opening))

    def after_rejection(self, case: Case, rejected: Decision) -> None:
        """Some of those rejected appeal, and stay rejected."""
        plan = self.plan
        if rejected.outcome != "NEGATIVE" or self.rng.random() >= plan["share"]:
            return
        appeal = self._appeal(rejected, rejected.date, "court", "rulings")
        case.appeals.append(appeal)
        if appeal.ruling == "REMITTED" and rejected.referral is not None:
            decided = appeal.ruled + self._days("new_decision_after_days")
            appeal.new = rejection(decided, "NEGATIVE", rejected.referral, rejected.reason)
            case.decisions.append(appeal.new)
        elif appeal.ruling == "DISMISSED" and self.rng.random() < plan["higher_share"]:
            case.appeals.append(self._appeal(rejected, appeal.ruled, "higher_court", "higher_rulings"))

    def _appeal(self, decision: Decision, after: dt.date, body: str, rulings: str) -> Appeal:
        date = after + dt.timedelta(days=self.rng.randint(1, self.plan["within_days"]))
        ruled = date + self._days("ruled_after_days")
        return Appeal(decision, date, self.bodies[body], ruled, draw(self.rng, self.plan[rulings]))

    def _days(self, name: str) -> dt.timedelta:
        return dt.timedelta(days=draw_between(self.rng, self.plan[name]))
