"""Cases as record tables: keys are given, and what lies after the last day is not yet known."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from thassist import dates
from thassist.records.dataset import TABLE_NAMES, Dataset, empty_frame, fields
from thassist.synthetic.assumptions import Assumptions
from thassist.synthetic.cases import Case, Decision, Referral
from thassist.synthetic.experience import experiences
from thassist.synthetic.stays import Stay, years_apart_certain

SYSTEM = "FI_NAS"
Row = dict[str, Any]


@dataclass
class Records:
    """All records of all years.

    Attributes:
        assumed: the assumptions.
        rng: the source of chance.
        rows: table → records.
        keys: a case, a referral or a decision (by identity) → its key.
    """

    assumed: Assumptions
    rng: Random
    rows: dict[str, list[Row]] = field(default_factory=lambda: {table: [] for table in TABLE_NAMES})
    keys: dict[int, str] = field(default_factory=dict)

    def add(self, cases: Sequence[Case]) -> None:
        """Make the records of all cases; keys run in the order of the dates."""
        self._number("C", cases)
        referrals = [referral for case in cases for referral in case.referrals]
        decisions = [decision for case in cases for decision in case.decisions]
        referrals.sort(key=lambda referral: referral.received)
        decisions.sort(key=lambda decision: decision.date)
        self._number("R", referrals)
        self._number("D", decisions)
        person_of = {id(stay): self.keys[id(case)] for case in cases for stay in case.stays}
        for case in cases:
            self._person(case)
            for referral in case.referrals:
                self._referral(case, referral)
            for decision in case.decisions:
                self._decision(case, decision)
            for number in range(len(case.stays)):
                self._episode(case, number, person_of)
            if case.stays:
                self._exploitation(case)
                self._residence(case)

    def _number(self, letter: str, items: Iterable[object]) -> None:
        for number, item in enumerate(items, start=1):
            self.keys[id(item)] = f"{letter}-{number:06d}"

    def _person(self, case: Case) -> None:
        person, key = case.person, self.keys[id(case)]
        estimated = self._estimated(case)
        self.rows["person"].append(
            {
                "person_id": key,
                "reporting_system": SYSTEM,
                "sex": person.sex,
                "birth_date": dt.date(person.birth.year, 1, 1) if estimated else person.birth,
                "birth_date_precision": "A" if estimated else "D",
                "birth_date_estimated": estimated,
            }
        )
        plan = self.assumed["citizenships"]
        countries = [person.citizenship]
        if person.citizenship == "FI" and self.rng.random() < plan["second_share"]:
            countries.append(self.rng.choice(plan["second_of_finns"]))
        for country in countries:
            first = country == person.citizenship
            self.rows["citizenship"].append({"person_id": key, "country": country, "is_primary": first})

    def _estimated(self, case: Case) -> bool:
        """Whether only the year of birth is known: of adults whose published age group does not hang on the day."""
        ages = self.assumed["age"]
        certain = all(years_apart_certain(case.person.birth.year, stay.admission) for stay in case.stays)
        adult = case.person.age >= 19 and case.person.role != "DEPENDENT_CHILD"
        return adult and certain and case.person.status == "ASYLUM" and self.rng.random() < ages["estimated_share"]

    def _referral(self, case: Case, referral: Referral) -> None:
        self.rows["referral"].append(
            {
                "referral_id": self.keys[id(referral)],
                "person_id": self.keys[id(case)],
                "received_date": referral.received,
                "received_date_precision": "D",
                "source": referral.source,
                "source_other": referral.other,
                "referrer_organisation": referral.organisation,
            }
        )

    def _decision(self, case: Case, decision: Decision) -> None:
        self.rows["decision"].append(
            {
                "decision_id": self.keys[id(decision)],
                "person_id": self.keys[id(case)],
                "referral_id": self.keys[id(decision.referral)] if decision.referral else None,
                "decision_type": decision.kind,
                "decision_date": decision.date,
                "decision_date_precision": "D",
                "outcome": decision.outcome,
                "criterion_victim": decision.victim,
                "criterion_need": decision.need,
                "reason": decision.reason,
            }
        )

    def _episode(self, case: Case, number: int, person_of: dict[int, str]) -> None:
        stay, key = case.stays[number], self.keys[id(case)]
        self.rows["episode"].append(
            {
                "episode_id": f"E-{len(self.rows['episode']) + 1:06d}",
                "person_id": key,
                "decision_id": self.keys[id(case.openings[number])],
                "role": stay.role,
                "seq_no": number + 1,
                "is_new": number == 0,
                "admission_date": stay.admission,
                "admission_date_precision": "D",
                "exit_date": stay.exit,
                "exit_date_precision": "D" if stay.exit else None,
                "exit_reason": case.exit_reasons[number],
            }
        )
        if stay.guardian is not None:
            guardian = person_of[id(stay.guardian)]
            link = {"person_id": key, "related_person_id": guardian, "relation": "GUARDIAN"}
            self.rows["family_link"].append(link)

    def _exploitation(self, case: Case) -> None:
        for number, found in enumerate(experiences(self.assumed, case, self.rng)):
            key = f"X-{len(self.rows['exploitation']) + 1:06d}"
            self.rows["exploitation"].append(
                {
                    "exploitation_id": key,
                    "person_id": self.keys[id(case)],
                    "referral_id": self.keys[id(case.referrals[0])],
                    "is_primary": number == 0,
                    **_span("start_date", found.start),
                    **_span("end_date", found.end),
                    "ongoing": found.ongoing,
                    "industry": found.industry,
                }
            )
            for place, form in enumerate(found.forms):
                self.rows["exploitation_form"].append({"exploitation_id": key, "form": form, "is_primary": place == 0})
            for country in found.countries:
                self.rows["exploitation_country"].append({"exploitation_id": key, "country": country})

    def _residence(self, case: Case) -> None:
        person, key = case.person, self.keys[id(case)]
        since = max(self._since(person), person.birth)
        later = self._later_permit(case)
        until = later - dt.timedelta(days=1) if later else None
        self._status(key, since, person.status, until)
        if later:
            self._status(key, later, "PERMIT", None)

    def _since(self, person: Stay) -> dt.date:
        if person.status == "FI_CITIZEN":
            return person.birth
        most = {"VISA": 85, "ASYLUM": 500}.get(person.status, 900)
        since = person.admission - dt.timedelta(days=self.rng.randint(1, most))
        if person.status == "TEMP_PROT":
            start: dt.date = self.assumed["residence"]["temporary_protection_from"]
            return max(since, start)
        return since

    def _later_permit(self, case: Case) -> dt.date | None:
        share = self.assumed["residence"]["later_permit_share"]
        if case.person.status not in ("ASYLUM", "VISA", "NONE") or self.rng.random() >= share:
            return None
        day = case.person.admission + dt.timedelta(days=self.rng.randint(90, 700))
        # A second stay begins with the status of the first: nothing is published that would need another.
        ends = [stay.exit for stay in case.stays if stay.exit is not None]
        return day if len(case.stays) == 1 and day <= min([*ends, dt.date(self.assumed.years[1], 12, 31)]) else None

    def _status(self, key: str, since: dt.date, status: str, until: dt.date | None) -> None:
        known_from, known_until = dates.span(since, "D"), dates.span(until, "D") if until else None
        row = {"person_id": key, "status": status, **_span("valid_from", known_from), **_span("valid_to", known_until)}
        self.rows["residence_status"].append(row)


def _span(name: str, period: dates.Period | None) -> Row:
    known = (period.start, period.precision) if period else (None, None)
    return dict(zip((name, f"{name}_precision"), known, strict=True))


def dataset(rows: dict[str, list[Row]], first: dt.date, last: dt.date) -> Dataset:
    """The records of the persons who appear in a span of days, as they were known on its last day.

    A person appears with a referral, a decision or a stay in the span; a child brings its guardian along.
    """
    known = {table: list(part) for table, part in rows.items()}
    known["referral"] = [row for row in rows["referral"] if row["received_date"] <= last]
    known["decision"] = [row for row in rows["decision"] if row["decision_date"] <= last]
    known["episode"] = [_as_of(row, "exit_date", last) for row in rows["episode"] if row["admission_date"] <= last]
    known["residence_status"] = [
        _as_of(row, "valid_to", last) for row in rows["residence_status"] if row["valid_from"] <= last
    ]
    persons = {row["person_id"] for row in known["referral"] if row["received_date"] >= first}
    persons |= {row["person_id"] for row in known["decision"] if row["decision_date"] >= first}
    persons |= {row["person_id"] for row in known["episode"] if (row["exit_date"] or last) >= first}
    persons |= {row["related_person_id"] for row in known["family_link"] if row["person_id"] in persons}
    referrals = {row["referral_id"] for row in known["referral"]}
    known["exploitation"] = [row for row in rows["exploitation"] if row["referral_id"] in referrals]
    of_persons = {
        table: part for table, part in known.items() if any(column.name == "person_id" for column in fields(table))
    }
    known |= {table: [row for row in part if row["person_id"] in persons] for table, part in of_persons.items()}
    told = {row["exploitation_id"] for row in known["exploitation"]}
    for table in ("exploitation_form", "exploitation_country"):
        known[table] = [row for row in known[table] if row["exploitation_id"] in told]
    return Dataset({table: empty_frame(table, part) for table, part in known.items()}, synthetic=True)


def _as_of(row: Row, end: str, last: dt.date) -> Row:
    """A record as it was known on a day: what ends later has not ended."""
    if row[end] is None or row[end] <= last:
        return row
    ended = {end: None, f"{end}_precision": None}
    return {**row, **ended, **({"exit_reason": None} if end == "exit_date" else {})}
