"""How a case begins and where it stands: contacts, proposals, the sender's own codes, and the status of the case."""

import datetime as dt

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from thassist.records.model.base import (
    ADDED,
    Base,
    Key,
    coded,
    flag_checks,
    key_checks,
    least_check,
    precise,
    precision,
    precision_checks,
    refers,
    said,
)
from thassist.records.model.delivery import Recorded


class Contact(Recorded, Base):
    """A contact with the assistance system, before and without a case."""

    __tablename__ = "contact"
    __table_args__ = (
        *key_checks("contact_id"),
        *precision_checks("contact_date"),
        *flag_checks("anonymous"),
        {
            "comment": "A contact with the assistance system (helpline, advice). It is not a case and holds nothing "
            "about a person; the proposal that followed, if any, refers to it."
        },
    )

    contact_id: Mapped[Key] = mapped_column(primary_key=True, comment="Key of the contact.")
    reporting_system: Mapped[str] = coded("reporting_system", "The system that was contacted.")
    contact_date: Mapped[dt.date] = precise("When the contact was made.")
    contact_date_precision: Mapped[str] = precision("contact_date")
    channel: Mapped[str] = coded("contact_channel", "How the contact was made.")
    source: Mapped[str] = coded("referral_source", "Who made the contact.")
    anonymous: Mapped[bool | None] = said("True where whoever made the contact stayed anonymous.")


class Referral(Recorded, Base):
    """A proposal (esitys) that a person be admitted."""

    __tablename__ = "referral"
    __table_args__ = (
        *key_checks("referral_id"),
        *precision_checks("received_date"),
        *flag_checks("consent"),
        Index("ix_referral_person_id", "person_id"),
        Index("ix_referral_contact_id", "contact_id"),
        {"comment": "A proposal (esitys) that a person be admitted to the assistance system."},
    )

    referral_id: Mapped[Key] = mapped_column(primary_key=True, comment="Key of the proposal.")
    person_id: Mapped[Key] = mapped_column(ForeignKey("person.person_id"), comment="The person proposed.")
    received_date: Mapped[dt.date] = precise("When the proposal was received.")
    received_date_precision: Mapped[str] = precision("received_date")
    source: Mapped[str] = coded("referral_source", "Who made the proposal.")
    source_other: Mapped[str | None] = mapped_column(
        String(200), comment="What kind of proposer, where the code is other.", info={"echo": False}
    )
    referrer_organisation: Mapped[str | None] = mapped_column(
        String(200),
        comment="Organisation that made the proposal; never a person's name.",
        info={"echo": False},
    )
    contact_id: Mapped[str | None] = refers(
        "contact.contact_id", "The contact from which the proposal came, if any.", sort_order=ADDED
    )
    consent: Mapped[bool | None] = said(
        "True where consent to the proposal was given, false where not; empty where the source does not say.",
        sort_order=ADDED,
    )
    consent_by: Mapped[str | None] = coded("consent_by", "Who gave the consent.", sort_order=ADDED)
    hold_reason: Mapped[str | None] = coded(
        "hold_reason", "Why the proposal waits for a decision; empty where it does not wait.", sort_order=ADDED
    )


class SourceCode(Recorded, Base):
    """What the publisher of foreign data said, in its own words."""

    __tablename__ = "source_code"
    __table_args__ = (
        {"comment": "The delivering system's own code for a referral, kept beside ours, by its classification."},
    )

    referral_id: Mapped[Key] = mapped_column(
        ForeignKey("referral.referral_id"), primary_key=True, comment="The referral."
    )
    scheme: Mapped[str] = mapped_column(
        String(64),
        primary_key=True,
        comment="The publisher's classification, a file in reports/classifications.",
        info={"echo": True},
    )
    code: Mapped[str] = mapped_column(
        String(120),
        comment="The code in that classification.",
        info={"echo": True, "classification_in": "scheme"},
    )


class StatusEvent(Recorded, Base):
    """A status that a case reached; :mod:`thassist.records.model.law` has the triggers that refuse what may not be."""

    __tablename__ = "status_event"
    __table_args__ = (
        *precision_checks("status_date"),
        least_check("seq_no", 1),
        {
            "comment": "The statuses of a case in their order. Triggers refuse one that the legal regime in force on "
            "its date does not allow after the one before it (status_transition), and a gap in the numbers.",
            "info": {"steps": "seq_no"},
        },
    )

    referral_id: Mapped[Key] = mapped_column(
        ForeignKey("referral.referral_id"), primary_key=True, comment="The proposal that began the case."
    )
    seq_no: Mapped[int] = said("1 for the first status of the case, 2 for the next.", primary_key=True)
    status: Mapped[str] = coded("case_status", "The status reached.")
    status_date: Mapped[dt.date] = precise("When it was reached.")
    status_date_precision: Mapped[str] = precision("status_date")
