"""What the case records of a person are made from, before keys are given."""

import datetime as dt
from dataclasses import dataclass, field

from thassist.synthetic.stays import Stay


@dataclass(slots=True, eq=False)
class Referral:
    """A proposal that a person be admitted."""

    received: dt.date
    source: str = "_U"
    other: str | None = None
    organisation: str | None = None


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
class Case:
    """One person: who it is, and everything that was recorded.

    Attributes:
        person: holds sex, birth, citizenship and residence status; for a client the first stay.
        stays: stays in the system, the first one first; none where the person was not admitted.
        openings: the decision that opened each stay.
        exit_reasons: the reason for which each stay ended; None while open.
    """

    person: Stay
    stays: list[Stay] = field(default_factory=list)
    referrals: list[Referral] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    openings: list[Decision] = field(default_factory=list)
    exit_reasons: list[str | None] = field(default_factory=list)

    def first_day(self) -> dt.date:
        """The day on which the person first appears."""
        return min([stay.admission for stay in self.stays] + [referral.received for referral in self.referrals])
