"""Persons: who they are to the statistics, their citizenships, family ties and right of residence over time."""

import datetime as dt

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from thassist.records.model.base import (
    Base,
    Key,
    coded,
    flag_checks,
    key_checks,
    one_primary,
    precise,
    precision,
    precision_checks,
    said,
)
from thassist.records.model.delivery import Recorded


class Person(Recorded, Base):
    """A client or a dependent child."""

    __tablename__ = "person"
    __table_args__ = (
        *key_checks("person_id"),
        *precision_checks("birth_date"),
        *flag_checks("birth_date_estimated"),
        {"comment": "A person known to the assistance system, by a pseudonymous key."},
    )

    person_id: Mapped[Key] = mapped_column(
        primary_key=True, comment="Pseudonymous key; never a name or an identity code."
    )
    reporting_system: Mapped[str] = coded("reporting_system", "The system whose case work this is.")
    sex: Mapped[str] = coded("sex", "Sex as recorded; not known is a code.")
    birth_date: Mapped[dt.date | None] = mapped_column(
        Date, comment="Date of birth, to the precision beside it.", info={"precise": True, "echo": False}
    )
    birth_date_precision: Mapped[str | None] = precision("birth_date")
    birth_date_estimated: Mapped[bool | None] = said("True where the date is an estimate.")


class Citizenship(Recorded, Base):
    """A citizenship of a person."""

    __tablename__ = "citizenship"
    __table_args__ = (
        *flag_checks("is_primary"),
        one_primary("citizenship", "person_id"),
        {"comment": "Citizenships of a person; stateless and not known are codes, never a missing row."},
    )

    person_id: Mapped[Key] = mapped_column(ForeignKey("person.person_id"), primary_key=True, comment="The person.")
    country: Mapped[str] = coded("country", "Country by ISO 3166-1 alpha-2, or a special code.", primary_key=True)
    is_primary: Mapped[bool | None] = said(
        "True for the one citizenship used where a table shows only one; empty where the source does not say."
    )


class FamilyLink(Recorded, Base):
    """A tie between two persons."""

    __tablename__ = "family_link"
    __table_args__ = (
        CheckConstraint("person_id <> related_person_id", name="not_self"),
        Index("ix_family_link_related_person_id", "related_person_id"),
        {"comment": "Family ties that the statistics need: above all the guardian of a dependent child."},
    )

    person_id: Mapped[Key] = mapped_column(ForeignKey("person.person_id"), primary_key=True, comment="The person.")
    related_person_id: Mapped[Key] = mapped_column(
        ForeignKey("person.person_id"), primary_key=True, comment="The other person."
    )
    relation: Mapped[str] = coded("family_relation", "What the other person is to the person.", primary_key=True)


class ResidenceStatus(Recorded, Base):
    """A right of residence over time."""

    __tablename__ = "residence_status"
    __table_args__ = (
        *precision_checks("valid_from", "valid_to"),
        {"comment": "The person's residence status over time; at admission it is the one valid on that day."},
    )

    person_id: Mapped[Key] = mapped_column(ForeignKey("person.person_id"), primary_key=True, comment="The person.")
    valid_from: Mapped[dt.date] = precise("First day of the status.", primary_key=True)
    valid_from_precision: Mapped[str] = precision("valid_from")
    status: Mapped[str] = coded("residence_status", "Residence status; none and not known are codes.")
    valid_to: Mapped[dt.date | None] = precise("Last day of the status; empty while valid.")
    valid_to_precision: Mapped[str | None] = precision("valid_to")
