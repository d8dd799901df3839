"""Who provides for a client and who pays, over time: it follows the residence status and the municipality."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from thassist.synthetic.assumptions import Assumptions, draw_between
from thassist.synthetic.cases import Case, Provision
from thassist.synthetic.regimes import Law
from thassist.synthetic.stays import Stay

_PROVIDER = "provision.provider"


class Provisions:
    """Settles who provides and pays; a child lives where the guardian does."""

    def __init__(self, assumed: Assumptions, rng: Random) -> None:
        self.plan, self.rng, self.law = assumed["provision"], rng, Law()
        self.homes: dict[int, Mapping[str, Any]] = {}

    def settle(self, cases: Sequence[Case]) -> None:
        """Give every stay its provisions."""
        persons = {id(stay): case.person for case in cases for stay in case.stays}
        for case in (one for one in cases if one.stays):
            home = self._home(persons[id(case.person.guardian or case.person)])
            reimbursed = self.rng.random() < self.plan["reimbursed_share"]
            shares = self.plan["municipality_share"]
            resident = {status for status, share in shares.items() if self.rng.random() < share}
            for stay in case.stays:
                times = self._times(case, stay)
                made = [
                    part
                    for status, start, end in times
                    for part in self._parts(home if status in resident else None, status, start, end)
                ]
                case.provisions.append([self._reimbursed(one) if reimbursed else one for one in made])

    def _home(self, person: Stay) -> Mapping[str, Any]:
        if id(person) not in self.homes:
            towns = self.plan["municipalities"]
            self.homes[id(person)] = self.rng.choices(towns, [town["share"] for town in towns])[0]
        return self.homes[id(person)]

    def _times(self, case: Case, stay: Stay) -> list[tuple[str, dt.date, dt.date | None]]:
        """The stay, divided where the person has settled with a later permit."""
        first = case.standings[0].status
        for later in case.standings[1:]:
            settled = later.since + dt.timedelta(days=draw_between(self.rng, self.plan["days_to_settle"]))
            if stay.admission < settled <= (stay.exit or dt.date.max):
                before = (first, stay.admission, settled - dt.timedelta(days=1))
                return [before, (later.status, settled, stay.exit)]
        return [(first, stay.admission, stay.exit)]

    def _parts(
        self, home: Mapping[str, Any] | None, status: str, start: dt.date, end: dt.date | None
    ) -> list[Provision]:
        if home is None:
            provider = self.plan["without_municipality"].get(status, self.plan["without_municipality"]["other"])
            return [Provision(provider, provider, start, end)]
        changes = [one.valid_from for one in self.law.regimes if start < one.valid_from <= (end or dt.date.max)]
        made: list[Provision] = []
        for first in [start, *changes]:
            provider = next(code for code in self.plan["municipal_providers"] if self._may_provide(code, first))
            if made and made[-1].provider == provider:
                continue
            if made:
                made[-1] = replace(made[-1], end=first - dt.timedelta(days=1))
            county = home["county"] if provider == "COUNTY" else None
            made.append(Provision(provider, provider, first, end, county, home["number"]))
        return made

    def _may_provide(self, provider: str, day: dt.date) -> bool:
        return self.law.knows(_PROVIDER, provider, day)

    def _reimbursed(self, provision: Provision) -> Provision:
        """What a municipality or county spends because of trafficking, the State pays back."""
        if provision.municipality is None:
            return provision
        return replace(provision, payer=self.plan["reimbursed_by"])


def payer_on(provisions: Sequence[Provision], day: dt.date) -> Provision:
    """Who provided and paid on a day of the stay."""
    return next(one for one in reversed(provisions) if one.start <= day)
