"""Referrals and decisions: those that led to a stay, and those that did not, up to the published totals."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from random import Random

from thassist._data import read_toml, reports_dir
from thassist.synthetic.assumptions import Assumptions, draw, draw_between, quotas
from thassist.synthetic.cases import Case, Decision, Referral
from thassist.synthetic.origins import Origins
from thassist.synthetic.population import Draws, day_in_half
from thassist.synthetic.stays import Stay, age_on, half_on
from thassist.synthetic.targets import anchors, figure

_CRITERIA: Mapping[str, tuple[bool | None, bool | None]] = {
    "NOT_VICTIM": (False, None),
    "NO_NEED": (True, False),
}
_RIGHT_OF_RESIDENCE = ("FI_CITIZEN", "EU_CITIZEN", "PERMIT")


class Casework:
    """Makes the cases of all persons from the stays."""

    def __init__(self, assumed: Assumptions, rng: Random) -> None:
        self.assumed, self.rng = assumed, rng
        self.drawn, self.origins = Draws(assumed), Origins(assumed)
        self.first_year, self.last_year = assumed.years

    def cases(self, stays: Sequence[Stay]) -> list[Case]:
        """One case a person, clients first, in the order of their first day."""
        again = {id(stay.earlier): stay for stay in stays if stay.earlier is not None}
        made = [self._client(stay, again.get(id(stay))) for stay in stays if stay.earlier is None]
        made += self._not_admitted(made)
        self._sources(made)
        self._other_decisions(made)
        return sorted(made, key=Case.first_day)

    def _client(self, first: Stay, again: Stay | None) -> Case:
        case = Case(first, [first] if again is None else [first, again])
        for stay in case.stays:
            opening = self._admission(stay)
            case.openings.append(opening)
            case.decisions.append(opening)
            if opening.referral is not None:
                case.referrals.append(opening.referral)
            case.exit_reasons.append(self._exit(case, stay))
        return case

    def _admission(self, stay: Stay) -> Decision:
        if stay.role == "DEPENDENT_CHILD":
            # The child comes with the guardian; nobody proposes it on its own.
            return Decision("ADMISSION", stay.admission, "POSITIVE")
        days = draw_between(self.rng, self.assumed["processing"]["days"])
        referral = Referral(stay.admission - dt.timedelta(days=days))
        victim = True if stay.role == "VICTIM" else None
        return Decision("ADMISSION", stay.admission, "POSITIVE", referral, victim=victim, need=victim)

    def _exit(self, case: Case, stay: Stay) -> str | None:
        if stay.exit is None:
            return None
        plan = self.assumed["exit_reasons"]
        if stay.role == "DEPENDENT_CHILD":
            grown = age_on(stay.birth, stay.exit) >= 18
            reason = "REACHED_ADULTHOOD" if grown else draw(self.rng, plan["children"])
        else:
            reason = draw(self.rng, plan["before_2023" if stay.exit.year < 2023 else "from_2023"])
        if reason in plan["by_decision"] and self.rng.random() < plan["by_decision_share"]:
            case.decisions.append(Decision("REMOVAL", stay.exit, "POSITIVE"))
        return reason

    def _not_admitted(self, clients: Sequence[Case]) -> list[Case]:
        received = Counter(half_on(referral.received) for case in clients for referral in case.referrals)
        made: list[Case] = []
        for year in range(self.first_year, self.last_year + 1):
            admitted = (received[2 * year], received[2 * year + 1])
            for half, total in zip((2 * year, 2 * year + 1), self._referrals(year, admitted), strict=True):
                made += [self._applicant(half) for _ in range(total - received[half])]
        return made

    def _referrals(self, year: int, admitted: tuple[int, int]) -> tuple[int, int]:
        """Referrals of the two halves of a year, never fewer than led to an admission."""
        plan = self.assumed["referrals"]
        whole = figure(year, "Y", "referrals") or round(sum(admitted) / plan["admitted_share"])
        first = figure(year, "H1", "referrals") or round(whole * plan["first_half_share"])
        first = min(max(first, admitted[0]), whole - admitted[1])
        return first, whole - first

    def _applicant(self, half: int) -> Case:
        """A person who was proposed and not admitted, or not decided on in the years made."""
        received = day_in_half(self.assumed, half, self.rng)
        person = Stay("VICTIM", half, received)
        self.drawn.whole_person(person, self.rng)
        self.origins.whole_person(person, self.rng)
        case = Case(person, referrals=[Referral(received)])
        decided = received + dt.timedelta(days=draw_between(self.rng, self.assumed["processing"]["days"]))
        if decided.year > self.last_year:
            return case
        plan = self.assumed["rejections"]
        outcome = draw(self.rng, plan["outcomes"])
        reason = draw(self.rng, plan["reasons"]) if outcome == "NEGATIVE" else None
        victim, need = _CRITERIA.get(reason or "", (None, None))
        case.decisions.append(Decision("ADMISSION", decided, outcome, case.referrals[0], victim, need, reason))
        return case

    def _sources(self, cases: Sequence[Case]) -> None:
        by_year: defaultdict[int, list[Referral]] = defaultdict(list)
        for case in cases:
            for referral in case.referrals:
                by_year[referral.received.year].append(referral)
        plan = self.assumed["referral_sources"]
        for year, referrals in sorted(by_year.items()):
            known = _published_sources(year)
            shares = {code: share for code, share in plan["shares"].items() if code not in known}
            numbers = known | quotas(len(referrals) - sum(known.values()), shares)
            codes = [code for code, number in numbers.items() for _ in range(number)]
            self.rng.shuffle(codes)
            for referral, code in zip(referrals, codes, strict=True):
                referral.source = code
                bodies = plan["organisations"].get(code)
                referral.organisation = self.rng.choice(bodies) if bodies else None
                referral.other = self.rng.choice(plan["other"]) if code == "OTHER" else None

    def _other_decisions(self, cases: Sequence[Case]) -> None:
        """Decisions on periods, identification and services, up to the published number of all decisions."""
        plan = self.assumed["other_decisions"]
        made = Counter(decision.date.year for case in cases for decision in case.decisions)
        for year in range(self.first_year, self.last_year + 1):
            new = [case for case in cases for stay in case.stays if stay.year == year and stay.role == "VICTIM"]
            published = figure(year, "Y", "decisions", category="all_decision_types")
            number = published - made[year] if published else round(len(new) * plan["share_of_admissions"])
            types = plan["types" if year < 2023 else "types_from_2023"]
            for kind, times in quotas(number, types).items():
                for _ in range(times):
                    self._other_decision(kind, year, new)

    def _other_decision(self, kind: str, year: int, new: Sequence[Case]) -> None:
        # A reflection period is for those without right of residence, a recovery period for those with it.
        right = {"REFLECTION": False, "RECOVERY": True}.get(kind)
        able = [case for case in new if right is None or (case.person.status in _RIGHT_OF_RESIDENCE) == right]
        case = self.rng.choice(able)
        stay = next(stay for stay in case.stays if stay.year == year)
        last = min(stay.admission + dt.timedelta(days=60), dt.date(year, 12, 30), stay.exit or dt.date.max)
        day = stay.admission + dt.timedelta(days=self.rng.randint(0, (last - stay.admission).days))
        case.decisions.append(Decision(kind, day, "POSITIVE"))


def _published_sources(year: int) -> dict[str, int]:
    """Referrals by source, where that is published."""
    meaning = read_toml(reports_dir() / "synthetic" / "measures.toml")["dimension"]
    found: dict[str, int] = {}
    for anchor in anchors():
        codes = meaning.get(anchor.dimension, {}).get("codes", {}).get(anchor.category)
        if (anchor.year, anchor.measure) == (year, "referrals") and anchor.target is not None and codes:
            found[codes[0]] = anchor.target
    return found
