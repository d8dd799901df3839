"""Cases as record tables: persons, referrals, decisions, stays and exploitation, with their keys."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

from thassist import dates
from thassist.records.dataset import TABLE_NAMES, fields
from thassist.synthetic.assumptions import Assumptions
from thassist.synthetic.cases import Appeal, Case, Decision, Referral
from thassist.synthetic.experience import experiences

SYSTEM = "FI_NAS"
Row = dict[str, Any]
_T = TypeVar("_T")


#: Dates that have a precision beside them, by table.
_PRECISE = {
    table: frozenset(column.name for column in fields(table) if column.info.get("precise")) for table in TABLE_NAMES
}


@dataclass
class Records:
    """All records of all years.

    Attributes:
        assumed: the assumptions.
        rng: the source of chance.
        rows: table → records; a row may hold more than its table has columns, for what was known on an earlier day.
        keys: a case, a stay, a referral, a decision or a contact (by identity) → its key.
    """

    assumed: Assumptions
    rng: Random
    rows: dict[str, list[Row]] = field(default_factory=lambda: {table: [] for table in TABLE_NAMES})
    keys: dict[int, str] = field(default_factory=dict)

    def put(self, table: str, **values: object) -> None:
        """Add a record. A date is known to the day unless it is a span, or its precision is given."""
        row = dict(values)
        for name in _PRECISE[table] & values.keys():
            known = row[name]
            span = known if isinstance(known, dates.Period) else None
            row[name] = span.start if span else known
            row.setdefault(f"{name}_precision", span.precision if span else None if known is None else "D")
        self.rows[table].append(row)

    def number(self, table: str, letter: str) -> str:
        """The key of the next record of a table."""
        return f"{letter}-{len(self.rows[table]) + 1:06d}"

    def give_keys(self, letter: str, items: Iterable[_T], date: Callable[[_T], dt.date] | None = None) -> None:
        """Number things in their order, or in the order of their dates."""
        ordered = sorted(items, key=date) if date else items
        for number, item in enumerate(ordered, start=1):
            self.keys[id(item)] = f"{letter}-{number:06d}"

    def add(self, cases: Sequence[Case]) -> None:
        """Make persons, referrals, decisions, appeals, stays and exploitation; keys run in the order of the dates."""
        self.give_keys("C", cases)
        self.give_keys("R", (one for case in cases for one in case.referrals), lambda one: one.received)
        self.give_keys("D", (one for case in cases for one in case.decisions), lambda one: one.date)
        self.give_keys("A", (one for case in cases for one in case.appeals), lambda one: one.date)
        self.give_keys("E", (stay for case in cases for stay in case.stays))
        person_of = {id(stay): self.keys[id(case)] for case in cases for stay in case.stays}
        for case in cases:
            self._person(case)
            for referral in case.referrals:
                self._referral(case, referral)
            for decision in case.decisions:
                self._decision(case, decision)
            for appeal in case.appeals:
                self._appeal(appeal)
            for number in range(len(case.stays)):
                self._episode(case, number, person_of)
            if case.stays:
                self._exploitation(case)

    def _person(self, case: Case) -> None:
        person, key = case.person, self.keys[id(case)]
        birth = dates.span(person.birth, "A" if case.birth_estimated else "D")
        self.put(
            "person",
            person_id=key,
            reporting_system=SYSTEM,
            sex=person.sex,
            birth_date=birth,
            birth_date_estimated=case.birth_estimated,
        )
        plan = self.assumed["citizenships"]
        countries = [person.citizenship]
        if person.citizenship == "FI" and self.rng.random() < plan["second_share"]:
            countries.append(self.rng.choice(plan["second_of_finns"]))
        for country in countries:
            self.put("citizenship", person_id=key, country=country, is_primary=country == person.citizenship)

    def _referral(self, case: Case, referral: Referral) -> None:
        self.put(
            "referral",
            referral_id=self.keys[id(referral)],
            person_id=self.keys[id(case)],
            received_date=referral.received,
            source=referral.source,
            source_other=referral.other,
            referrer_organisation=referral.organisation,
            contact_id=self.keys[id(referral.contact)] if referral.contact else None,
            consent=referral.consent,
            consent_by=referral.consent_by,
            hold_reason=referral.hold,
        )

    def _decision(self, case: Case, decision: Decision) -> None:
        statutes = self.assumed["statutes"]
        in_force = decision.date >= statutes["process_from"]
        self.put(
            "decision",
            decision_id=self.keys[id(decision)],
            person_id=self.keys[id(case)],
            referral_id=self.keys[id(decision.referral)] if decision.referral else None,
            decision_type=decision.kind,
            decision_date=decision.date,
            outcome=decision.outcome,
            criterion_victim=decision.victim,
            criterion_need=decision.need,
            reason=decision.reason,
            authority=self.assumed["authorities"]["decisions"],
            statute=statutes["types"][decision.kind] if in_force else statutes["before"],
        )

    def _appeal(self, appeal: Appeal) -> None:
        self.put(
            "appeal",
            appeal_id=self.keys[id(appeal)],
            decision_id=self.keys[id(appeal.decision)],
            appeal_date=appeal.date,
            body=appeal.body,
            ruling_date=appeal.ruled,
            ruling=appeal.ruling,
            new_decision_id=self.keys[id(appeal.new)] if appeal.new else None,
        )

    def _episode(self, case: Case, number: int, person_of: dict[int, str]) -> None:
        stay, key = case.stays[number], self.keys[id(case)]
        self.put(
            "episode",
            episode_id=self.keys[id(stay)],
            person_id=key,
            decision_id=self.keys[id(case.openings[number])],
            role=stay.role,
            seq_no=number + 1,
            is_new=number == 0,
            admission_date=stay.admission,
            exit_date=stay.exit,
            exit_reason=case.exit_reasons[number],
        )
        if stay.guardian is not None:
            guardian = person_of[id(stay.guardian)]
            self.put("family_link", person_id=key, related_person_id=guardian, relation="GUARDIAN")

    def _exploitation(self, case: Case) -> None:
        for number, found in enumerate(experiences(self.assumed, case, self.rng)):
            key = self.number("exploitation", "X")
            self.put(
                "exploitation",
                exploitation_id=key,
                person_id=self.keys[id(case)],
                referral_id=self.keys[id(case.referrals[0])],
                is_primary=number == 0,
                start_date=found.start,
                end_date=found.end,
                ongoing=found.ongoing,
                industry=found.industry,
                recruitment=found.control.recruitment,
                exploiter_relation=found.control.relation,
                second_reviewed=found.control.second_reviewed,
            )
            for place, form in enumerate(found.forms):
                self.put("exploitation_form", exploitation_id=key, form=form, is_primary=place == 0)
            for country in found.countries:
                self.put("exploitation_country", exploitation_id=key, country=country)
            for means in found.control.means:
                self.put("exploitation_means", exploitation_id=key, means=means)
