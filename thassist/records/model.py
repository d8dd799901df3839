"""The normalised case schema.

What is known about a client of the assistance system, kept with the precision in which it is known. Persons are
known by a pseudonymous key; there is no place for a name, a personal identity code, an address or a telephone number.

Every table and column carries a comment (it becomes ``schema.sql`` and the reference page). ``info`` on a column
holds what the other rooms need: ``classification`` (the code list whose ``cl_…`` table enforces it) and ``echo``
(whether a finding may quote the cell).
"""

import datetime as dt
from typing import Annotated, Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

#: Code lists that the database enforces, one ``cl_<id>`` table each, filled by ``thassist init``.
CODE_LISTS = (
    "age_class",
    "country",
    "decision_outcome",
    "decision_reason",
    "decision_type",
    "exit_reason",
    "exploitation_form",
    "family_relation",
    "industry",
    "referral_source",
    "reporting_system",
    "residence_status",
    "role",
    "sex",
)


class Base(DeclarativeBase):
    """All record tables."""

    metadata = MetaData(naming_convention=NAMING)


def code_table(name: str) -> str:
    """The database table of a code list."""
    return f"cl_{name}"


for _name in CODE_LISTS:
    Table(
        code_table(_name),
        Base.metadata,
        Column("code", String(40), primary_key=True, comment="The code as stored and exchanged."),
        Column("label_fi", String(200), nullable=False, comment="Finnish name."),
        Column("label_sv", String(200), nullable=False, comment="Swedish name."),
        Column("label_en", String(200), nullable=False, comment="English name."),
        Column("valid_from", Date, comment="First day on which the code may be used; empty where open."),
        Column("valid_to", Date, comment="Last day on which the code may be used; empty where open."),
        comment=f"Code list {_name}, filled from reports/classifications by «thassist init».",
    )

Key = Annotated[str, mapped_column(String(64))]


def coded(list_id: str, comment: str, **options: Any) -> Any:
    """A column whose values are codes of a list that the database enforces."""
    return mapped_column(
        String(40),
        ForeignKey(f"{code_table(list_id)}.code"),
        comment=comment,
        info={"classification": list_id, "echo": True},
        **options,
    )


def precise(comment: str, **options: Any) -> Any:
    """A date column; the column ``<name>_precision`` beside it says to what span the date is known."""
    return mapped_column(Date, comment=comment, info={"precise": True, "echo": True}, **options)


def precision(of: str) -> Any:
    """The precision column of a date."""
    return mapped_column(
        String(1),
        comment=f"Span to which {of} is known (D day, M month, Q quarter, S half-year, A year); "
        "the date is the first day of that span.",
        info={"precision_of": of, "echo": True},
    )


def _precision_checks(*dates: str) -> list[CheckConstraint]:
    """A date and its precision stand or fall together, and the date is the first day of its span.

    SQLite keeps dates as text and does not know EXTRACT, so each of the two gets the second rule in its own words.
    """
    checks = []
    for name in dates:
        known = f"{name}_precision"
        checks += [
            CheckConstraint(
                f"({name} IS NULL) = ({known} IS NULL) AND ({known} IS NULL OR {known} IN ('D', 'M', 'Q', 'S', 'A'))",
                name=known,
            ),
            CheckConstraint(
                f"date({name}, '+0 days') IS {name} "
                f"AND ({known} = 'D' OR (substr({name}, 9, 2) = '01' AND ({known} = 'M' "
                f"OR ({known} = 'Q' AND substr({name}, 6, 2) IN ('01', '04', '07', '10')) "
                f"OR ({known} = 'S' AND substr({name}, 6, 2) IN ('01', '07')) "
                f"OR ({known} = 'A' AND substr({name}, 6, 2) = '01'))))",
                name=f"{name}_first_day",
            ).ddl_if(dialect="sqlite"),
            CheckConstraint(
                f"{known} = 'D' OR (EXTRACT(DAY FROM {name}) = 1 AND ({known} = 'M' "
                f"OR ({known} = 'Q' AND EXTRACT(MONTH FROM {name}) IN (1, 4, 7, 10)) "
                f"OR ({known} = 'S' AND EXTRACT(MONTH FROM {name}) IN (1, 7)) "
                f"OR ({known} = 'A' AND EXTRACT(MONTH FROM {name}) = 1)))",
                name=f"{name}_first_day",
            ).ddl_if(dialect="postgresql"),
        ]
    return checks


#: A Finnish personal identity code: ddmmyy, the sign of the century, three digits and a check character
#: (act 661/2009, new signs by decree 690/2022). A key of that shape is taken for the code itself and refused.
IDENTITY_CODE = "[0-9]{6}[-+A-FU-Ya-fu-y][0-9]{3}[0-9A-Za-z]"
#: What a pseudonymous key may look like.
KEY = "[A-Za-z0-9-]{1,64}"


def _key_checks(name: str) -> list[CheckConstraint]:
    """A key is letters, digits and hyphens, and is not a personal identity code."""
    digits = "[0-9]" * 6
    return [
        CheckConstraint(
            f"length({name}) BETWEEN 1 AND 64 AND {name} NOT GLOB '*[^A-Za-z0-9-]*' "
            f"AND {name} NOT GLOB '{digits}[-A-FU-Ya-fu-y][0-9][0-9][0-9][0-9A-Za-z]'",
            name=f"{name}_format",
        ).ddl_if(dialect="sqlite"),
        CheckConstraint(
            f"{name} ~ '^{KEY}$' AND {name} !~ '^{IDENTITY_CODE}$'",
            name=f"{name}_format",
        ).ddl_if(dialect="postgresql"),
    ]


def _flag_checks(*flags: str) -> list[CheckConstraint]:
    """True, false or empty: SQLite would take any value in a BOOLEAN column."""
    return [CheckConstraint(f"{name} IN (TRUE, FALSE)", name=name) for name in flags]


def _one_primary(table: str, owner: str) -> Index:
    """At most one row of an owner is marked as primary."""
    only = text("is_primary")
    return Index(f"uq_{table}_primary", owner, unique=True, sqlite_where=only, postgresql_where=only)


class CodeList(Base):
    """The version of a code list that the database holds."""

    __tablename__ = "code_list"
    __table_args__ = ({"comment": "Which version of each code list the «cl_» tables hold, since «thassist init»."},)

    list_id: Mapped[str] = mapped_column(String(40), primary_key=True, comment="The code list.")
    version: Mapped[str] = mapped_column(String(20), comment="Version of its file in reports/classifications.")


class Recorded:
    """Who stored a row, when, and in which import."""

    batch_id: Mapped[int] = mapped_column(
        ForeignKey("import_batch.batch_id"), comment="The import that stored the row.", sort_order=1
    )
    recorded_at: Mapped[dt.datetime] = mapped_column(DateTime, comment="When the row was stored (UTC).", sort_order=2)
    recorded_by: Mapped[str] = mapped_column(String(64), comment="Account that stored the row.", sort_order=3)


class ImportBatch(Base):
    """One accepted delivery."""

    __tablename__ = "import_batch"
    __table_args__ = (
        *_flag_checks("synthetic"),
        {"comment": "One accepted delivery: all of it was stored, in one transaction."},
    )

    batch_id: Mapped[int] = mapped_column(primary_key=True, comment="Running number of the import.")
    profile: Mapped[str] = mapped_column(String(64), comment="Mapping profile by which the file was read.")
    file_sha256: Mapped[str] = mapped_column(
        String(64),
        comment="SHA-256 of the file's bytes. The file name is not kept: it may hold a name.",
        unique=True,
    )
    synthetic: Mapped[bool] = mapped_column(comment="True where the delivery is made-up data; every output says so.")
    row_count: Mapped[int] = mapped_column(comment="Records stored.")
    recorded_at: Mapped[dt.datetime] = mapped_column(DateTime, comment="When the import was stored (UTC).")
    recorded_by: Mapped[str] = mapped_column(String(64), comment="Account that ran the import.")


class Person(Recorded, Base):
    """A client or a dependent child."""

    __tablename__ = "person"
    __table_args__ = (
        *_key_checks("person_id"),
        *_precision_checks("birth_date"),
        *_flag_checks("birth_date_estimated"),
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
    birth_date_estimated: Mapped[bool | None] = mapped_column(
        comment="True where the date is an estimate.", info={"echo": True}
    )


class Citizenship(Recorded, Base):
    """A citizenship of a person."""

    __tablename__ = "citizenship"
    __table_args__ = (
        *_flag_checks("is_primary"),
        _one_primary("citizenship", "person_id"),
        {"comment": "Citizenships of a person; stateless and not known are codes, never a missing row."},
    )

    person_id: Mapped[Key] = mapped_column(ForeignKey("person.person_id"), primary_key=True, comment="The person.")
    country: Mapped[str] = coded("country", "Country by ISO 3166-1 alpha-2, or a special code.", primary_key=True)
    is_primary: Mapped[bool | None] = mapped_column(
        comment="True for the one citizenship used where a table shows only one; empty where the source does not say.",
        info={"echo": True},
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


class Referral(Recorded, Base):
    """A proposal (esitys) that a person be admitted."""

    __tablename__ = "referral"
    __table_args__ = (
        *_key_checks("referral_id"),
        *_precision_checks("received_date"),
        Index("ix_referral_person_id", "person_id"),
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


class Decision(Recorded, Base):
    """A decision on a person's case."""

    __tablename__ = "decision"
    __table_args__ = (
        *_key_checks("decision_id"),
        *_precision_checks("decision_date"),
        *_flag_checks("criterion_victim", "criterion_need"),
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
    criterion_victim: Mapped[bool | None] = mapped_column(
        comment="The person may be a victim of trafficking (first criterion of admission).",
        info={"echo": True},
    )
    criterion_need: Mapped[bool | None] = mapped_column(
        comment="The person needs help because of it (second criterion of admission).", info={"echo": True}
    )
    reason: Mapped[str | None] = coded("decision_reason", "Reason of a negative decision.")


class Episode(Recorded, Base):
    """One stay in the assistance system, from admission to exit."""

    __tablename__ = "episode"
    __table_args__ = (
        *_key_checks("episode_id"),
        *_precision_checks("admission_date", "exit_date"),
        *_flag_checks("is_new"),
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
    seq_no: Mapped[int] = mapped_column(comment="1 for the first episode of the person.", info={"echo": True})
    is_new: Mapped[bool] = mapped_column(
        comment="True where the client counts as new: only the first episode.", info={"echo": True}
    )
    admission_date: Mapped[dt.date] = precise("Date of admission.")
    admission_date_precision: Mapped[str] = precision("admission_date")
    exit_date: Mapped[dt.date | None] = precise("Date on which the episode ended; empty while open.")
    exit_date_precision: Mapped[str | None] = precision("exit_date")
    exit_reason: Mapped[str | None] = coded("exit_reason", "Why it ended.")


class Exploitation(Recorded, Base):
    """An experience of exploitation."""

    __tablename__ = "exploitation"
    __table_args__ = (
        *_key_checks("exploitation_id"),
        *_precision_checks("start_date", "end_date"),
        *_flag_checks("is_primary", "ongoing"),
        Index("ix_exploitation_person_id", "person_id"),
        _one_primary("exploitation", "person_id"),
        {"comment": "An experience of exploitation, of one or several forms, in one or several countries."},
    )

    exploitation_id: Mapped[Key] = mapped_column(primary_key=True, comment="Key of the experience.")
    person_id: Mapped[Key] = mapped_column(ForeignKey("person.person_id"), comment="The person exploited.")
    referral_id: Mapped[str | None] = mapped_column(
        String(64), ForeignKey("referral.referral_id"), comment="The referral that told of it."
    )
    is_primary: Mapped[bool | None] = mapped_column(
        comment="True for the experience by which the person is counted; empty where the source does not say.",
        info={"echo": True},
    )
    start_date: Mapped[dt.date | None] = precise("When it began.")
    start_date_precision: Mapped[str | None] = precision("start_date")
    end_date: Mapped[dt.date | None] = precise("When it ended; empty where ongoing or not known.")
    end_date_precision: Mapped[str | None] = precision("end_date")
    ongoing: Mapped[bool | None] = mapped_column(comment="True where it went on at referral.", info={"echo": True})
    industry: Mapped[str | None] = coded("industry", "Industry, for forced labour.")
    reported_age_class: Mapped[str | None] = coded(
        "age_class", "Age class at exploitation as the source gives it, where no date of birth is known."
    )


class ExploitationForm(Recorded, Base):
    """A form of an experience of exploitation."""

    __tablename__ = "exploitation_form"
    __table_args__ = (
        *_flag_checks("is_primary"),
        _one_primary("exploitation_form", "exploitation_id"),
        {"comment": "The forms of an experience of exploitation: a set, of which one may be primary."},
    )

    exploitation_id: Mapped[Key] = mapped_column(
        ForeignKey("exploitation.exploitation_id"), primary_key=True, comment="The experience."
    )
    form: Mapped[str] = coded("exploitation_form", "Form of exploitation.", primary_key=True)
    is_primary: Mapped[bool | None] = mapped_column(
        comment="True for the primary form; empty where the source does not say.", info={"echo": True}
    )


class ExploitationCountry(Recorded, Base):
    """A country where an experience of exploitation took place."""

    __tablename__ = "exploitation_country"
    __table_args__ = ({"comment": "Countries in which the exploitation took place."},)

    exploitation_id: Mapped[Key] = mapped_column(
        ForeignKey("exploitation.exploitation_id"), primary_key=True, comment="The experience."
    )
    country: Mapped[str] = coded("country", "Country by ISO 3166-1 alpha-2, or a special code.", primary_key=True)


class ResidenceStatus(Recorded, Base):
    """A right of residence over time."""

    __tablename__ = "residence_status"
    __table_args__ = (
        *_precision_checks("valid_from", "valid_to"),
        {"comment": "The person's residence status over time; at admission it is the one valid on that day."},
    )

    person_id: Mapped[Key] = mapped_column(ForeignKey("person.person_id"), primary_key=True, comment="The person.")
    valid_from: Mapped[dt.date] = mapped_column(
        Date, comment="First day of the status.", info={"precise": True, "echo": True}, primary_key=True
    )
    valid_from_precision: Mapped[str] = precision("valid_from")
    status: Mapped[str] = coded("residence_status", "Residence status; none and not known are codes.")
    valid_to: Mapped[dt.date | None] = precise("Last day of the status; empty while valid.")
    valid_to_precision: Mapped[str | None] = precision("valid_to")


#: Record tables in the order in which rows must be stored: parents before children.
RECORD_TABLES: tuple[type[Base], ...] = (
    Person,
    Citizenship,
    FamilyLink,
    Referral,
    SourceCode,
    Decision,
    Episode,
    Exploitation,
    ExploitationForm,
    ExploitationCountry,
    ResidenceStatus,
)

#: Columns that say who stored a row; they are not part of what was recorded.
BOOKKEEPING = ("batch_id", "recorded_at", "recorded_by")
