"""What the case records of a person are made from, before keys are given."""

import datetime as dt
from dataclasses import dataclass, field

from thassist.synthetic.stays import Stay

#: Reasons of exit after which nothing more is done for the person.
_OUT_OF_REACH = ("DECEASED", "LEFT_FINLAND", "UNTRACEABLE")


@dataclass(slots=True, eq=False)
class Contact:
    """A contact with the system, with or without a referral that followed."""

    date: dt.date
    channel: str
    source: str
    anonymous: bool


@dataclass(slots=True, eq=False)
class Referral:
    """A proposal that a person be admitted. ``hold`` is why it waits as long as it is not decided."""

    received: dt.date
    source: str = "_U"
    other: str | None = None
    organisation: str | None = None
    contact: Contact | None = None
    consent: bool | None = None
    consent_by: str | None = None
    hold: str | None = None


@dataclass(slots=True, eq=False)
class Decision:
    """A decision on a person's case."""

    kind: str
    date: dt.date
    outcome: str
    referral: Referral | None = None
    victim: bool | None = None
    need: bool | None = None
    reason: str | None = None


@dataclass(slots=True, eq=False)
class Appeal:
    """An appeal against a decision; ``new`` is the decision that took its place."""

    decision: Decision
    date: dt.date
    body: str
    ruled: dt.date
    ruling: str
    new: Decision | None = None


@dataclass(slots=True, eq=False)
class Standing:
    """A residence status from a day to a day (None: still valid)."""

    status: str
    since: dt.date
    until: dt.date | None


@dataclass(slots=True, eq=False)
class AssistancePeriod:
    """A recovery or reflection period; ``granted_until`` is its last day before an extension."""

    kind: str
    start: dt.date
    end: dt.date
    granted_by: str
    granted_until: dt.date

    @property
    def extended(self) -> bool:
        """Whether it was extended."""
        return self.end > self.granted_until


@dataclass(slots=True, eq=False)
class Provision:
    """Who provides for a client and who pays, from a day to a day (None: it goes on)."""

    provider: str
    payer: str
    start: dt.date
    end: dt.date | None
    county: str | None = None
    municipality: str | None = None


@dataclass(slots=True, eq=False)
class Case:
    """One person: who it is, and everything that was recorded.

    Attributes:
        person: holds sex, birth, citizenship and residence status; for a client the first stay.
        stays: stays in the system, the first one first; none where the person was not admitted.
        openings: the decision that opened each stay.
        exit_reasons: the reason for which each stay ended; None while open.
        birth_estimated: whether only the year of birth is known.
        standings: residence statuses in the order of time; none where the person was not admitted.
        provisions: of each stay who provided and paid.
    """

    person: Stay
    stays: list[Stay] = field(default_factory=list)
    referrals: list[Referral] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    appeals: list[Appeal] = field(default_factory=list)
    openings: list[Decision] = field(default_factory=list)
    exit_reasons: list[str | None] = field(default_factory=list)
    birth_estimated: bool = False
    standings: list[Standing] = field(default_factory=list)
    periods: list[AssistancePeriod] = field(default_factory=list)
    provisions: list[list[Provision]] = field(default_factory=list)

    def first_day(self) -> dt.date:
        """The day on which the person first appears."""
        return min([stay.admission for stay in self.stays] + [referral.received for referral in self.referrals])

    @property
    def is_victim(self) -> bool:
        """Whether the person was admitted as a victim."""
        return bool(self.stays) and self.person.role == "VICTIM"

    @property
    def within_reach_until(self) -> dt.date:
        """The last day on which something can be done for the person."""
        gone = self.stays[-1].exit if self.exit_reasons[-1] in _OUT_OF_REACH else None
        return gone or dt.date.max

    def decisions_on(self, referral: Referral) -> list[Decision]:
        """The decisions on a referral in the order of time."""
        return sorted((one for one in self.decisions if one.referral is referral), key=lambda one: one.date)
