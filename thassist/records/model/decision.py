"""What authorities decide: decisions, appeals, identification, permits, recovery and reflection periods."""

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from thassist.records.model.base import (
    ADDED,
    Base,
    Key,
    coded,
    flag_checks,
    key_checks,
    precise,
    precision,
    precision_checks,
    refers,
    said,
)
from thassist.records.model.delivery import Recorded


class Decision(Recorded, Base):
    """A decision on a person's case."""

    __tablename__ = "decision"
    __table_args__ = (
        *key_checks("decision_id"),
        *precision_checks("decision_date"),
        *flag_checks("criterion_victim", "criterion_need"),
        Index("ix_decision_person_id", "person_id"),
        Index("ix_decision_referral_id", "referral_id"),
        {"comment": "A decision. A later ruling is a new row; nothing is overwritten."},
    )

    decision_id: Mapped[Key] = mapped_column(primary_key=True, comment="Key of the decision.")
    person_id: Mapped[Key] = mapped_column(ForeignKey("person.person_id"), comment="The person decided on.")
    referral_id: Mapped[str | None] = mapped_column(
        String(64), ForeignKey("referral.referral_id"), comment="The proposal decided on, if any."
    )
    decision_type: Mapped[str] = coded("decision_type", "What was decided on.")
    decision_date: Mapped[dt.date] = precise("Date of the decision.")
    decision_date_precision: Mapped[str] = precision("decision_date")
    outcome: Mapped[str] = coded("decision_outcome", "Positive, negative, or lapsed without a ruling.")
    criterion_victim: Mapped[bool | None] = said(
        "The person may be a victim of trafficking (first criterion of admission)."
    )
    criterion_need: Mapped[bool | None] = said("The person needs help because of it (second criterion of admission).")
    reason: Mapped[str | None] = coded("decision_reason", "Reason of a negative decision.")
    authority: Mapped[str | None] = coded(
        "authority", "Who decided; empty where the source does not say.", sort_order=ADDED
    )
    statute: Mapped[str | None] = coded(
        "statute", "The section of law applied; empty where the source does not say.", sort_order=ADDED
    )


class Appeal(Recorded, Base):
    """An appeal against a decision."""

    __tablename__ = "appeal"
    __table_args__ = (
        *key_checks("appeal_id"),
        *precision_checks("appeal_date", "ruling_date"),
        CheckConstraint("(ruling IS NULL) = (ruling_date IS NULL)", name="ruling_has_date"),
        CheckConstraint("new_decision_id <> decision_id", name="new_decision"),
        Index("ix_appeal_decision_id", "decision_id"),
        Index("ix_appeal_new_decision_id", "new_decision_id"),
        {
            "comment": "An appeal against a decision. The decision appealed against stays as it was; a decision that "
            "takes its place is a row of its own."
        },
    )

    appeal_id: Mapped[Key] = mapped_column(primary_key=True, comment="Key of the appeal.")
    decision_id: Mapped[Key] = mapped_column(
        ForeignKey("decision.decision_id"), comment="The decision appealed against."
    )
    appeal_date: Mapped[dt.date] = precise("When the appeal was made.")
    appeal_date_precision: Mapped[str] = precision("appeal_date")
    body: Mapped[str] = coded("authority", "The body that rules on it.")
    ruling_date: Mapped[dt.date | None] = precise("Date of the ruling; empty while it is pending.")
    ruling_date_precision: Mapped[str | None] = precision("ruling_date")
    ruling: Mapped[str | None] = coded("appeal_ruling", "The ruling; empty while it is pending.")
    new_decision_id: Mapped[str | None] = refers(
        "decision.decision_id", "The decision that takes the place of the one appealed against, if any."
    )


class Identification(Recorded, Base):
    """An identification as a victim."""

    __tablename__ = "identification"
    __table_args__ = (
        *key_checks("identification_id"),
        *precision_checks("identified_date"),
        Index("ix_identification_person_id", "person_id"),
        Index("ix_identification_decision_id", "decision_id"),
        {
            "comment": "Whether and by which law a person is identified as a victim: presumed, identified by a "
            "separate act (before 2023), or identified by the admission decision (section 35). Kept apart in series."
        },
    )

    identification_id: Mapped[Key] = mapped_column(primary_key=True, comment="Key of the identification.")
    person_id: Mapped[Key] = mapped_column(ForeignKey("person.person_id"), comment="The person.")
    status: Mapped[str] = coded("identification_status", "Presumed, identified by the old law, or under section 35.")
    authority: Mapped[str] = coded("authority", "Who identified the person.")
    identified_date: Mapped[dt.date] = precise("When the status was reached.")
    identified_date_precision: Mapped[str] = precision("identified_date")
    decision_id: Mapped[str | None] = refers("decision.decision_id", "The decision that identified, if any.")


class Permit(Recorded, Base):
    """An application for a residence permit."""

    __tablename__ = "permit"
    __table_args__ = (
        *key_checks("permit_id"),
        *precision_checks("application_date", "decision_date"),
        *flag_checks("filed_in_reflection"),
        CheckConstraint("(outcome IS NULL) = (decision_date IS NULL)", name="outcome_has_date"),
        Index("ix_permit_person_id", "person_id"),
        {"comment": "Applications for a residence permit by ground, and what was decided."},
    )

    permit_id: Mapped[Key] = mapped_column(primary_key=True, comment="Key of the application.")
    person_id: Mapped[Key] = mapped_column(ForeignKey("person.person_id"), comment="The applicant.")
    ground: Mapped[str] = coded("permit_ground", "Ground of the application, or of the permit where it was granted.")
    application_date: Mapped[dt.date | None] = precise("When it was filed; empty where not known.")
    application_date_precision: Mapped[str | None] = precision("application_date")
    decision_date: Mapped[dt.date | None] = precise("When it was decided; empty while pending.")
    decision_date_precision: Mapped[str | None] = precision("decision_date")
    outcome: Mapped[str | None] = coded("decision_outcome", "What was decided; empty while pending.")
    filed_in_reflection: Mapped[bool | None] = said(
        "True where it was filed within a reflection period (decides lawful stay from 2025-05-06)."
    )


class AssistancePeriod(Recorded, Base):
    """A recovery or reflection period."""

    __tablename__ = "assistance_period"
    __table_args__ = (
        *key_checks("period_id"),
        *precision_checks("start_date", "end_date"),
        *flag_checks("extended"),
        Index("ix_assistance_period_person_id", "person_id"),
        {"comment": "Recovery and reflection periods. How long they may last is said by the legal regime."},
    )

    period_id: Mapped[Key] = mapped_column(primary_key=True, comment="Key of the period.")
    person_id: Mapped[Key] = mapped_column(ForeignKey("person.person_id"), comment="The person.")
    period_type: Mapped[str] = coded("period_type", "Recovery or reflection period.")
    start_date: Mapped[dt.date] = precise("First day.")
    start_date_precision: Mapped[str] = precision("start_date")
    end_date: Mapped[dt.date | None] = precise("Last day; empty where not known yet.")
    end_date_precision: Mapped[str | None] = precision("end_date")
    granted_by: Mapped[str] = coded("authority", "Who granted it.")
    extended: Mapped[bool | None] = said("True where it was extended; the last day is then that of the extension.")
