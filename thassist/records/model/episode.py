"""Help: episodes in the assistance system, who provides and pays over time, and the services given."""

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from thassist.records.model.base import (
    Base,
    Key,
    coded,
    flag_checks,
    hundredths,
    key_checks,
    least_check,
    number_checks,
    precise,
    precision,
    precision_checks,
    said,
)
from thassist.records.model.delivery import Recorded


class Episode(Recorded, Base):
    """One stay in the assistance system, from admission to exit."""

    __tablename__ = "episode"
    __table_args__ = (
        *key_checks("episode_id"),
        *precision_checks("admission_date", "exit_date"),
        *flag_checks("is_new"),
        CheckConstraint("(exit_date IS NULL) = (exit_reason IS NULL)", name="exit_has_reason"),
        CheckConstraint("seq_no >= 1", name="seq_no_positive"),
        UniqueConstraint("person_id", "seq_no", name="uq_episode_person_seq_no"),
        {"comment": "One stay in the assistance system, from admission to exit; a readmission is a new row."},
    )

    episode_id: Mapped[Key] = mapped_column(primary_key=True, comment="Key of the episode.")
    person_id: Mapped[Key] = mapped_column(ForeignKey("person.person_id"), comment="The client.")
    decision_id: Mapped[str | None] = mapped_column(
        String(64), ForeignKey("decision.decision_id"), comment="The decision that opened it."
    )
    role: Mapped[str] = coded("role", "Victim, witness or dependent child: the role belongs to the episode.")
    seq_no: Mapped[int] = said("1 for the first episode of the person.")
    is_new: Mapped[bool] = said("True where the client counts as new: only the first episode.")
    admission_date: Mapped[dt.date] = precise("Date of admission.")
    admission_date_precision: Mapped[str] = precision("admission_date")
    exit_date: Mapped[dt.date | None] = precise("Date on which the episode ended; empty while open.")
    exit_date_precision: Mapped[str | None] = precision("exit_date")
    exit_reason: Mapped[str | None] = coded("exit_reason", "Why it ended.")


class Provision(Recorded, Base):
    """Who provides for a client and who pays, over time."""

    __tablename__ = "provision"
    __table_args__ = (
        *key_checks("provision_id"),
        *precision_checks("start_date", "end_date"),
        *number_checks("municipality", 3),
        Index("ix_provision_episode_id", "episode_id"),
        {"comment": "Who is responsible for a client's services and who pays, over time; a change is a new row."},
    )

    provision_id: Mapped[Key] = mapped_column(primary_key=True, comment="Key of the row.")
    episode_id: Mapped[Key] = mapped_column(ForeignKey("episode.episode_id"), comment="The episode.")
    provider: Mapped[str] = coded("provider", "Who provides the services.")
    payer: Mapped[str] = coded("payer", "Who pays in the end, the State's reimbursement included.")
    county: Mapped[str | None] = coded("wellbeing_county", "Wellbeing services county, where one provides or pays.")
    municipality: Mapped[str | None] = mapped_column(
        String(3),
        comment="Municipality of residence by its three-digit number in the official classification of municipalities; "
        "empty where the client has none.",
        info={"echo": False, "digits": 3},
    )
    start_date: Mapped[dt.date] = precise("First day.")
    start_date_precision: Mapped[str] = precision("start_date")
    end_date: Mapped[dt.date | None] = precise("Last day; empty while it goes on.")
    end_date_precision: Mapped[str | None] = precision("end_date")


class Service(Recorded, Base):
    """A service given to a client."""

    __tablename__ = "service"
    __table_args__ = (
        *key_checks("service_id"),
        *precision_checks("start_date", "end_date"),
        least_check("cost_cents"),
        Index("ix_service_episode_id", "episode_id"),
        {"comment": "Services given to a client within an episode, with their cost where it is known."},
    )

    service_id: Mapped[Key] = mapped_column(primary_key=True, comment="Key of the service.")
    episode_id: Mapped[Key] = mapped_column(ForeignKey("episode.episode_id"), comment="The episode.")
    kind: Mapped[str] = coded("service_kind", "What was given.")
    start_date: Mapped[dt.date] = precise("First day.")
    start_date_precision: Mapped[str] = precision("start_date")
    end_date: Mapped[dt.date | None] = precise("Last day; empty while it goes on.")
    end_date_precision: Mapped[str | None] = precision("end_date")
    provider: Mapped[str | None] = coded("provider", "Who gave it; empty where not known.")
    payer: Mapped[str | None] = coded("payer", "Who pays for it; empty where not known.")
    cost_cents: Mapped[int | None] = hundredths("Cost in euro cents; 0 is no cost, empty is not known.")
