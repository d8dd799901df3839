"""The law in force as data, and the triggers by which the database refuses a status that it does not allow.

The tables are filled by ``thassist init`` from ``reports/legal`` (:mod:`thassist.records.legal`). Rules on
deliveries read the same files, so that an import and the database agree.
"""

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, Table
from sqlalchemy.orm import Mapped, mapped_column

from thassist.records.model.base import Base, add_triggers, code_table
from thassist.records.model.referral import StatusEvent

#: What stands for «before the first status» in ``status_transition.from_status``.
START = "_Z"
#: Units of what the law sets; a flag is 1 for yes and 0 for no.
UNITS = ("days", "months", "years", "flag")


class LegalRegime(Base):
    """A period in which the same law was in force."""

    __tablename__ = "legal_regime"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="validity"),
        {"comment": "Periods in which the same law was in force, from reports/legal by «thassist init»."},
    )

    regime_id: Mapped[str] = mapped_column(String(40), primary_key=True, comment="The regime.")
    valid_from: Mapped[dt.date] = mapped_column(Date, comment="First day in force.", unique=True)
    valid_to: Mapped[dt.date | None] = mapped_column(Date, comment="Last day in force; empty while in force.")
    label_fi: Mapped[str] = mapped_column(String(200), comment="Finnish name.")
    label_sv: Mapped[str] = mapped_column(String(200), comment="Swedish name.")
    label_en: Mapped[str] = mapped_column(String(200), comment="English name.")
    source: Mapped[str] = mapped_column(String(400), comment="Where its dates were read.")
    confidence: Mapped[str] = mapped_column(String(20), comment="seen, inferred, from memory, or own.")


def _regime() -> Any:
    return mapped_column(String(40), ForeignKey("legal_regime.regime_id"), primary_key=True, comment="The regime.")


class LegalParameter(Base):
    """A number that the law sets, under one regime."""

    __tablename__ = "legal_parameter"
    __table_args__ = (
        CheckConstraint(f"unit IN {UNITS}", name="unit"),
        {"comment": "Numbers that the law sets, by regime; one that is not confirmed says so in its confidence."},
    )

    regime_id: Mapped[str] = mapped_column(
        ForeignKey("legal_regime.regime_id"), primary_key=True, comment="The regime."
    )
    parameter: Mapped[str] = mapped_column(String(60), primary_key=True, comment="What is set, by its identifier.")
    value: Mapped[int] = mapped_column(comment="The number.")
    unit: Mapped[str] = mapped_column(String(10), comment="days, months, years, or flag (1 yes, 0 no).")
    source: Mapped[str] = mapped_column(String(400), comment="Where it was read.")
    confidence: Mapped[str] = mapped_column(String(20), comment="seen, inferred, from memory, or own.")


class LegalCode(Base):
    """A code that may be used in a field under one regime."""

    __tablename__ = "legal_code"
    __table_args__ = (
        {
            "comment": "Codes that may be used in a field under a regime. A field without a row under a regime is not "
            "limited by it."
        },
    )

    regime_id: Mapped[str] = mapped_column(
        ForeignKey("legal_regime.regime_id"), primary_key=True, comment="The regime."
    )
    field: Mapped[str] = mapped_column(String(80), primary_key=True, comment="The field, as table.column.")
    code: Mapped[str] = mapped_column(String(40), primary_key=True, comment="The code.")
    source: Mapped[str] = mapped_column(String(400), comment="Where it was read.")
    confidence: Mapped[str] = mapped_column(String(20), comment="seen, inferred, from memory, or own.")


class StatusTransition(Base):
    """A change of status that is allowed under one regime."""

    __tablename__ = "status_transition"
    __table_args__ = (
        {"comment": "Changes of the status of a case that are allowed under a regime; all others are refused."},
    )

    regime_id: Mapped[str] = mapped_column(
        ForeignKey("legal_regime.regime_id"), primary_key=True, comment="The regime."
    )
    from_status: Mapped[str] = mapped_column(
        String(40), primary_key=True, comment=f"The status before; {START} where there is none."
    )
    to_status: Mapped[str] = mapped_column(
        String(40),
        ForeignKey(f"{code_table('case_status')}.code"),
        primary_key=True,
        comment="The status after.",
    )
    source: Mapped[str] = mapped_column(String(400), comment="Where it was read, and what brings it about.")
    confidence: Mapped[str] = mapped_column(String(20), comment="seen, inferred, from memory, or own.")


#: Names by which the triggers say what they refuse, where other rules say the name of a constraint.
TRANSITION, ORDER = "status_event_transition", "status_event_order"


def _allowed(before: str, row: str, dialect: str) -> str:
    """Whether some regime in force on a day of the span of ``row`` allows its status after the status ``before``."""
    spans = {"M": 1, "Q": 3, "S": 6, "A": 12}
    day, known = f"{row}.status_date", f"{row}.status_date_precision"
    if dialect == "sqlite":
        cases = " ".join(f"WHEN '{span}' THEN '+{months} months'" for span, months in spans.items())
        last = f"date({day}, CASE {known} {cases} ELSE '+1 day' END, '-1 day')"
    else:
        cases = " ".join(f"WHEN '{span}' THEN INTERVAL '{months} months'" for span, months in spans.items())
        last = f"CAST({day} + CASE {known} {cases} ELSE INTERVAL '1 day' END - INTERVAL '1 day' AS DATE)"
    return f"""EXISTS (
        SELECT 1 FROM legal_regime r JOIN status_transition t ON t.regime_id = r.regime_id
        WHERE (r.valid_to IS NULL OR r.valid_to >= {day})
        AND r.valid_from <= {last}
        AND t.to_status = {row}.status AND t.from_status = {before}
    )"""  # noqa: S608 - names of our own schema


def _beside(row: str, place: str, what: str) -> str:
    """A value of the event of the same case that stands at another place."""
    return f"(SELECT e.{what} FROM status_event e WHERE e.referral_id = {row}.referral_id AND e.seq_no = {place})"  # noqa: S608


def _conditions(dialect: str) -> dict[str, list[tuple[str, str]]]:
    """What is refused, by event: a condition and the name that it has in the refusal."""
    before = f"CASE WHEN NEW.seq_no = 1 THEN '{START}' ELSE {_beside('NEW', 'NEW.seq_no - 1', 'status')} END"
    gap = f"NEW.seq_no <> 1 AND {_beside('NEW', 'NEW.seq_no - 1', 'seq_no')} IS NULL"
    wrong = f"NOT {_allowed(before, 'NEW', dialect)}"
    after = (
        "EXISTS (SELECT 1 FROM status_event n WHERE n.referral_id = NEW.referral_id "  # noqa: S608
        f"AND n.seq_no = NEW.seq_no + 1 AND NOT {_allowed('NEW.status', 'n', dialect)})"
    )
    moved = "NEW.referral_id <> OLD.referral_id OR NEW.seq_no <> OLD.seq_no"
    return {
        "INSERT": [(gap, ORDER), (wrong, TRANSITION)],
        "UPDATE": [(moved, ORDER), (wrong, TRANSITION), (after, TRANSITION)],
        "DELETE": [(f"{_beside('OLD', 'OLD.seq_no + 1', 'seq_no')} IS NOT NULL", ORDER)],
    }


def _sqlite() -> tuple[str, ...]:
    made = []
    for event, refused in _conditions("sqlite").items():
        body = "\n".join(f"    SELECT RAISE(ABORT, 'trigger: {name}') WHERE {rule};" for rule, name in refused)
        name = f"tr_status_event_{event.lower()}"
        made.append(f"CREATE TRIGGER {name} BEFORE {event} ON status_event\nBEGIN\n{body}\nEND")
    return tuple(made)


def _postgresql() -> tuple[str, ...]:
    made = []
    for event, refused in _conditions("postgresql").items():
        name = f"tr_status_event_{event.lower()}"
        body = "\n".join(
            f"    IF {rule} THEN\n        RAISE EXCEPTION '{refusal}' USING ERRCODE = 'check_violation', "
            f"CONSTRAINT = '{refusal}', TABLE = 'status_event';\n    END IF;"
            for rule, refusal in refused
        )
        back = "OLD" if event == "DELETE" else "NEW"
        head = f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
        made += [
            f"{head} $$\nBEGIN\n{body}\n    RETURN {back};\nEND $$",
            f"CREATE TRIGGER {name} BEFORE {event} ON status_event FOR EACH ROW EXECUTE FUNCTION {name}()",
        ]
    return tuple(made)


_EVENTS = StatusEvent.__table__
assert isinstance(_EVENTS, Table)  # noqa: S101 - for the type checker
add_triggers(_EVENTS, sqlite=_sqlite(), postgresql=_postgresql())
