"""Referrals and decisions: those that led to a stay, and those that did not, up to the published totals."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Sequence
from random import Random

from thassist._data import read_toml, reports_dir
from thassist.synthetic.appeals import Appeals, rejection
from thassist.synthetic.assumptions import Assumptions, draw, draw_between, quotas
from thassist.synthetic.cases import Case, Decision, Referral
from thassist.synthetic.origins import Origins
from thassist.synthetic.population import Draws, day_in_half
from thassist.synthetic.stays import Stay, age_on, half_on, half_start, years_apart_certain
from thassist.synthetic.targets import anchors, figure

#: Periods: one of a kind for a person, and for whom by the residence status on the first day.
_FOR_THOSE_WITHOUT_RIGHT = {"REFLECTION": True, "RECOVERY": False}
_WITHOUT_RIGHT = "NONE"
#: What takes the place of a decision for which there are too few persons.
_FOR_ANYBODY = "SERVICE"


class Casework:
    """Makes the cases of all persons from the stays."""

    def __init__(self, assumed: Assumptions, rng: Random) -> None:
        self.assumed, self.rng = assumed, rng
        self.drawn, self.origins = Draws(assumed), Origins(assumed)
        self.appeals = Appeals(assumed, rng)
        self.first_year, self.last_year = assumed.years
        self.identified_from: dt.date = assumed["identification"]["separate_act_from"]

    def cases(self, stays: Sequence[Stay]) -> list[Case]:
        """One case a person, clients first, in the order of their first day."""
        again = {id(stay.earlier): stay for stay in stays if stay.earlier is not None}
        made = [self._client(stay, again.get(id(stay))) for stay in stays if stay.earlier is None]
        self._keep_within_published(made)
        made += self._not_admitted(made)
        self._sources(made)
        self._other_decisions(made)
        for case in made:
            case.birth_estimated = self._estimated(case)
        return sorted(made, key=Case.first_day)

    def _client(self, first: Stay, again: Stay | None) -> Case:
        case = Case(first, [first] if again is None else [first, again])
        for stay in case.stays:
            opening = self._admission(stay)
            self.appeals.before_admission(case, opening)
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

    def _estimated(self, case: Case) -> bool:
        """Whether only the year of birth is known: of adults whose published age group does not hang on the day."""
        certain = all(years_apart_certain(case.person.birth.year, stay.admission) for stay in case.stays)
        adult = case.person.age >= 19 and case.person.role != "DEPENDENT_CHILD"
        share: float = self.assumed["age"]["estimated_share"]
        return adult and certain and case.person.status == "ASYLUM" and self.rng.random() < share

    def _keep_within_published(self, clients: Sequence[Case]) -> None:
        """Where more referrals led to an admission than were published for a half-year, the earliest are older."""
        referrals = sorted((one for case in clients for one in case.referrals), key=lambda one: one.received)
        for half in range(2 * self.last_year + 1, 2 * self.first_year - 1, -1):
            inside = [one for one in referrals if half_on(one.received) == half]
            year, most = half // 2, figure(half // 2, "Y", "referrals")
            if most is None:
                continue
            first = figure(year, "H1", "referrals")
            if half % 2 == 0:
                second = sum(half_on(one.received) == half + 1 for one in referrals)
                most = first if first is not None else most - second
            elif first is not None:
                most -= first
            for referral in inside[: max(0, len(inside) - most)]:
                referral.received = half_start(half) - dt.timedelta(days=self.rng.randint(3, 20))

    def _not_admitted(self, clients: Sequence[Case]) -> list[Case]:
        received = Counter(half_on(referral.received) for case in clients for referral in case.referrals)
        known = {_likeness(case.person) for case in clients}
        made: list[Case] = []
        for year in range(self.first_year, self.last_year + 1):
            admitted = (received[2 * year], received[2 * year + 1])
            for half, total in zip((2 * year, 2 * year + 1), self._referrals(year, admitted), strict=True):
                made += [self._applicant(half, known) for _ in range(total - received[half])]
        return made

    def _referrals(self, year: int, admitted: tuple[int, int]) -> tuple[int, int]:
        """Referrals of the two halves of a year, never fewer than led to an admission."""
        plan = self.assumed["referrals"]
        whole = figure(year, "Y", "referrals") or round(sum(admitted) / plan["admitted_share"])
        first = figure(year, "H1", "referrals") or round(whole * plan["first_half_share"])
        first = min(max(first, admitted[0]), whole - admitted[1])
        return first, whole - first

    def _applicant(self, half: int, known: set[tuple[object, ...]]) -> Case:
        """A person who was proposed and not admitted, or not decided on in the years made; like no other person."""
        received = day_in_half(self.assumed, half, self.rng)
        person = Stay("VICTIM", half, received)
        self.drawn.whole_person(person, self.rng)
        self.origins.whole_person(person, self.rng)
        while _likeness(person) in known:
            person.birth += dt.timedelta(days=1)
        known.add(_likeness(person))
        case = Case(person, referrals=[Referral(received)])
        decided = received + dt.timedelta(days=draw_between(self.rng, self.assumed["processing"]["days"]))
        if decided.year > self.last_year:
            return case
        plan = self.assumed["rejections"]
        outcome = draw(self.rng, plan["outcomes"])
        reason = draw(self.rng, plan["reasons"]) if outcome == "NEGATIVE" else None
        rejected = rejection(decided, outcome, case.referrals[0], reason)
        case.decisions.append(rejected)
        self.appeals.after_rejection(case, rejected)
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
                had: set[int] = set()
                for _ in range(times):
                    had.add(self._other_decision(kind, year, new, had))

    def _other_decision(self, kind: str, year: int, new: Sequence[Case], had: set[int]) -> int:
        """Add one decision, and say of whom; a person gets one of a kind in a year."""
        able = [case for case in new if id(case) not in had and self._may_have(kind, case, year)]
        if not able:
            kind, able = _FOR_ANYBODY, list(new)
        case = self.rng.choice(able)
        first, last = self._days_of(kind, case, year)
        day = first + dt.timedelta(days=self.rng.randint(0, (last - first).days))
        case.decisions.append(Decision(kind, day, "POSITIVE"))
        return id(case)

    def _may_have(self, kind: str, case: Case, year: int) -> bool:
        without_right = case.person.status == _WITHOUT_RIGHT
        first, last = self._days_of(kind, case, year)
        return _FOR_THOSE_WITHOUT_RIGHT.get(kind, without_right) == without_right and first <= last

    def _days_of(self, kind: str, case: Case, year: int) -> tuple[dt.date, dt.date]:
        stay = next(stay for stay in case.stays if stay.year == year)
        last = min(stay.admission + dt.timedelta(days=60), dt.date(year, 12, 30), stay.exit or dt.date.max)
        return max(stay.admission, self.identified_from if kind == "IDENT_OLD" else dt.date.min), last


def _likeness(person: Stay) -> tuple[object, ...]:
    """By what two persons may be taken for one."""
    return person.sex, person.birth, person.citizenship


def _published_sources(year: int) -> dict[str, int]:
    """Referrals by source, where that is published."""
    meaning = read_toml(reports_dir() / "synthetic" / "measures.toml")["dimension"]
    found: dict[str, int] = {}
    for anchor in anchors():
        codes = meaning.get(anchor.dimension, {}).get("codes", {}).get(anchor.category)
        if (anchor.year, anchor.measure) == (year, "referrals") and anchor.target is not None and codes:
            found[codes[0]] = anchor.target
    return found
