"""What all tables of the schema share: names, code lists, and the kinds of columns with their rules.

``info`` on a column holds what the other rooms need: ``classification`` (the code list whose ``cl_…`` table enforces
it), ``echo`` (whether a finding may quote the cell), ``precise`` and ``precision_of`` (a date and its precision),
``hundredths`` (people write the number with two decimals), ``digits`` (a number of so many digits that is a name).
``info["steps"]`` on a table names the number, last in its key, by which its records follow one another: each is judged
by the one before, so that they come in that order, go in the opposite one, and change together.
"""

from typing import Annotated, Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    Date,
    ForeignKey,
    Index,
    MetaData,
    String,
    Table,
    event,
    text,
)
from sqlalchemy.orm import DeclarativeBase, mapped_column

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
    "appeal_ruling",
    "authority",
    "case_status",
    "compensation_kind",
    "consent_by",
    "contact_channel",
    "country",
    "criminal_stage",
    "decision_outcome",
    "decision_reason",
    "decision_type",
    "exit_reason",
    "exploitation_form",
    "exploiter_relation",
    "family_relation",
    "hold_reason",
    "identification_status",
    "industry",
    "means_of_control",
    "payer",
    "period_type",
    "permit_ground",
    "provider",
    "recruitment",
    "referral_source",
    "reporting_system",
    "residence_status",
    "role",
    "service_kind",
    "sex",
    "staff_unit",
    "statute",
    "wellbeing_county",
    "work_process",
)

#: Sort order of a column that a later revision added: it stands after who stored the row, where ALTER TABLE puts it.
ADDED = 10


class Base(DeclarativeBase):
    """All tables of the schema."""

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


def refers(target: str, comment: str, **options: Any) -> Any:
    """A column that holds the key of another record (``table.column``)."""
    return mapped_column(String(64), ForeignKey(target), comment=comment, **options)


def said(comment: str, **options: Any) -> Any:
    """A column whose values (a flag, a number) a finding may quote."""
    return mapped_column(comment=comment, info={"echo": True}, **options)


def hundredths(comment: str) -> Any:
    """A column that holds hundredths (cents, hundredths of an hour) of what people write with two decimals."""
    return mapped_column(comment=comment, info={"echo": True, "hundredths": True})


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


def precision_checks(*dates: str) -> list[CheckConstraint]:
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


def key_checks(name: str) -> list[CheckConstraint]:
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


def flag_checks(*flags: str) -> list[CheckConstraint]:
    """True, false or empty: SQLite would take any value in a BOOLEAN column."""
    return [CheckConstraint(f"{name} IN (TRUE, FALSE)", name=name) for name in flags]


def least_check(name: str, least: int = 0) -> CheckConstraint:
    """A whole number that is not below another: SQLite would take any value in an INTEGER column."""
    return CheckConstraint(f"{name} >= {least} AND {name} <= 2147483647", name=name)


def number_checks(name: str, digits: int) -> list[CheckConstraint]:
    """A number that is a name: so many digits, leading zeros included."""
    return [
        CheckConstraint(f"{name} GLOB '{'[0-9]' * digits}'", name=f"{name}_format").ddl_if(dialect="sqlite"),
        CheckConstraint(f"{name} ~ '^[0-9]{{{digits}}}$'", name=f"{name}_format").ddl_if(dialect="postgresql"),
    ]


def one_primary(table: str, owner: str) -> Index:
    """At most one row of an owner is marked as primary."""
    only = text("is_primary")
    return Index(f"uq_{table}_primary", owner, unique=True, sqlite_where=only, postgresql_where=only)


def add_triggers(table: Table, **statements: tuple[str, ...]) -> None:
    """Let what creates a table create these triggers too; the keyword is the dialect.

    They are kept in the table's ``info["triggers"]``, from where the documented DDL reads them.
    """
    table.info.setdefault("triggers", {}).update(statements)

    def create(_target: Table, connection: Connection, **_options: object) -> None:
        for statement in statements.get(connection.dialect.name, ()):
            connection.exec_driver_sql(statement)

    event.listen(table, "after_create", create)
