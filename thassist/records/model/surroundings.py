"""What surrounds the help: the criminal process as context, compensation, assisted return, and working time."""

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from thassist.records.model.base import (
    Base,
    Key,
    coded,
    flag_checks,
    hundredths,
    key_checks,
    least_check,
    precise,
    precision,
    precision_checks,
    said,
)
from thassist.records.model.delivery import Recorded


class CriminalStage(Recorded, Base):
    """A stage that the criminal process concerning a person reached."""

    __tablename__ = "criminal_stage"
    __table_args__ = (
        *precision_checks("stage_date"),
        *flag_checks("title_thb"),
        {"comment": "Stages of the criminal process in which a person is the injured party: context, not a condition."},
    )

    person_id: Mapped[Key] = mapped_column(ForeignKey("person.person_id"), primary_key=True, comment="The person.")
    stage: Mapped[str] = coded("criminal_stage", "The stage; no criminal case is a code.", primary_key=True)
    stage_date: Mapped[dt.date] = precise("When it was reached, or known not to be.", primary_key=True)
    stage_date_precision: Mapped[str] = precision("stage_date")
    title_thb: Mapped[bool | None] = said(
        "True where the offence is trafficking in human beings, false for another title; empty where not known."
    )


class Compensation(Recorded, Base):
    """A compensation awarded to a person."""

    __tablename__ = "compensation"
    __table_args__ = (
        *key_checks("compensation_id"),
        *precision_checks("decided_date"),
        least_check("amount_cents"),
        Index("ix_compensation_person_id", "person_id"),
        {"comment": "Compensation awarded to a person."},
    )

    compensation_id: Mapped[Key] = mapped_column(primary_key=True, comment="Key of the compensation.")
    person_id: Mapped[Key] = mapped_column(ForeignKey("person.person_id"), comment="The person.")
    kind: Mapped[str] = coded("compensation_kind", "Kind of compensation.")
    decided_date: Mapped[dt.date] = precise("When it was awarded.")
    decided_date_precision: Mapped[str] = precision("decided_date")
    amount_cents: Mapped[int | None] = hundredths("Amount in euro cents; empty where not known.")


class AssistedReturn(Recorded, Base):
    """An assisted return."""

    __tablename__ = "assisted_return"
    __table_args__ = (
        *key_checks("return_id"),
        *precision_checks("return_date"),
        Index("ix_assisted_return_person_id", "person_id"),
        {"comment": "Assisted returns of clients."},
    )

    return_id: Mapped[Key] = mapped_column(primary_key=True, comment="Key of the return.")
    person_id: Mapped[Key] = mapped_column(ForeignKey("person.person_id"), comment="The person.")
    country: Mapped[str] = coded("country", "Country of return by ISO 3166-1 alpha-2, or a special code.")
    return_date: Mapped[dt.date] = precise("Date of the return.")
    return_date_precision: Mapped[str] = precision("return_date")


class StaffTime(Recorded, Base):
    """Working time of a unit in a month."""

    __tablename__ = "staff_time"
    __table_args__ = (
        *precision_checks("month_date"),
        CheckConstraint("month_date_precision = 'M'", name="month_date_is_month"),
        least_check("hours_hundredths"),
        {"comment": "Working time by process, unit and month, for productivity. Nothing about clients or employees."},
    )

    process: Mapped[str] = coded("work_process", "The process worked on.", primary_key=True)
    month_date: Mapped[dt.date] = precise("The month, as its first day.", primary_key=True)
    month_date_precision: Mapped[str] = precision("month_date")
    unit: Mapped[str] = coded("staff_unit", "The unit that worked.", primary_key=True)
    reporting_system: Mapped[str] = coded("reporting_system", "The system whose work this is.", primary_key=True)
    hours_hundredths: Mapped[int] = hundredths("Hours worked, in hundredths of an hour.")
