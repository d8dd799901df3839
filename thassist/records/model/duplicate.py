"""Whether two persons are one: decisions that are kept for good and can be undone, never a change of the records.

A decision is not a record of a client but a judgement on records; statistics apply it when they are made from them
(:mod:`thassist.records.merging`). Triggers let a row be added and be marked as undone, once; nothing else.
"""

import datetime as dt

from sqlalchemy import CheckConstraint, DateTime, Index, String, Table
from sqlalchemy.orm import Mapped, mapped_column

from thassist.records.model.base import Base, add_triggers, flag_checks


class DuplicateDecision(Base):
    """One decision on two persons."""

    __tablename__ = "duplicate_decision"
    __table_args__ = (
        *flag_checks("same_person"),
        CheckConstraint("person_id <> other_person_id", name="not_self"),
        CheckConstraint(
            "(undone_at IS NULL) = (undone_by IS NULL) AND (undone_at IS NULL) = (undone_why IS NULL)", name="undone"
        ),
        Index("ix_duplicate_decision_person_id", "person_id"),
        {
            "comment": "Decisions whether two persons are one. Records are never merged: statistics count the persons "
            "of a standing decision as one. A decision is undone, not removed (triggers refuse anything else)."
        },
    )

    decision_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, comment="Running number, from 1.")
    person_id: Mapped[str] = mapped_column(
        String(64), comment="One of the two. No reference: the decision outlives a person who is withdrawn."
    )
    other_person_id: Mapped[str] = mapped_column(String(64), comment="The other.")
    same_person: Mapped[bool] = mapped_column(comment="True: they are one person. False: they are two.")
    decided_at: Mapped[dt.datetime] = mapped_column(DateTime, comment="When (UTC).")
    decided_by: Mapped[str] = mapped_column(String(64), comment="Account that decided.")
    why: Mapped[str] = mapped_column(String(200), comment="Reason; never a name or another person's data.")
    undone_at: Mapped[dt.datetime | None] = mapped_column(
        DateTime, comment="When it was undone (UTC); empty while it stands."
    )
    undone_by: Mapped[str | None] = mapped_column(String(64), comment="Account that undid it.")
    undone_why: Mapped[str | None] = mapped_column(String(200), comment="Reason for undoing it.")


_KEPT = ("decision_no", "person_id", "other_person_id", "same_person", "decided_at", "decided_by", "why")
_OTHER = " OR ".join(f"NEW.{name} <> OLD.{name}" for name in _KEPT)
_REFUSED = f"OLD.undone_at IS NOT NULL OR NEW.undone_at IS NULL OR {_OTHER}"
_NAME = "duplicate_decision_kept"
_TABLE = DuplicateDecision.__table__
assert isinstance(_TABLE, Table)  # noqa: S101 - for the type checker
add_triggers(
    _TABLE,
    sqlite=(
        (
            f"CREATE TRIGGER tr_duplicate_decision_update BEFORE UPDATE ON duplicate_decision\nWHEN {_REFUSED}\nBEGIN\n"
            f"    SELECT RAISE(ABORT, 'trigger: {_NAME}');\nEND"
        ),
        (
            "CREATE TRIGGER tr_duplicate_decision_delete BEFORE DELETE ON duplicate_decision\nBEGIN\n"
            f"    SELECT RAISE(ABORT, 'trigger: {_NAME}');\nEND"
        ),
        (
            "CREATE TRIGGER tr_duplicate_decision_insert BEFORE INSERT ON duplicate_decision\n"  # noqa: S608
            "WHEN EXISTS (SELECT 1 FROM duplicate_decision d WHERE d.decision_no = NEW.decision_no)\nBEGIN\n"
            f"    SELECT RAISE(ABORT, 'trigger: {_NAME}');\nEND"
        ),
    ),
    postgresql=(
        (
            f"CREATE FUNCTION tr_{_NAME}() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n"
            f"    IF TG_OP = 'UPDATE' THEN\n        IF NOT ({_REFUSED}) THEN\n"
            "            RETURN NEW;\n        END IF;\n"
            f"    END IF;\n    RAISE EXCEPTION '{_NAME}' USING ERRCODE = 'restrict_violation', "
            f"CONSTRAINT = '{_NAME}', TABLE = 'duplicate_decision';\nEND $$"
        ),
        (
            f"CREATE TRIGGER tr_{_NAME} BEFORE UPDATE OR DELETE ON duplicate_decision "
            f"FOR EACH ROW EXECUTE FUNCTION tr_{_NAME}()"
        ),
        (
            f"CREATE TRIGGER tr_{_NAME}_truncate BEFORE TRUNCATE ON duplicate_decision "
            f"FOR EACH STATEMENT EXECUTE FUNCTION tr_{_NAME}()"
        ),
        f"ALTER TABLE duplicate_decision ENABLE ALWAYS TRIGGER tr_{_NAME}",
        f"ALTER TABLE duplicate_decision ENABLE ALWAYS TRIGGER tr_{_NAME}_truncate",
    ),
)
