"""The table of the trail, one row for every record that was stored, corrected or withdrawn, and what keeps it whole.

Triggers refuse to change or remove an entry, or an import, and to put an entry anywhere but at the end. They stop
mistakes and programs, not an administrator: for that there are the hashes (:mod:`thassist.records.trail`).
"""

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Table, Text
from sqlalchemy.orm import Mapped, mapped_column

from thassist.records.model.base import Base, add_triggers
from thassist.records.model.delivery import ImportBatch

#: What an entry tells: a record that the database held before the trail began, a new one, one with other values, one
#: that is no longer there.
ADOPTED, INSERTED, CORRECTED, WITHDRAWN = ACTIONS = ("ADOPT", "INSERT", "CORRECT", "WITHDRAW")
WHY_LENGTH = 200


class ChangeEntry(Base):
    """One change of one record."""

    __tablename__ = "change_entry"
    __table_args__ = (
        CheckConstraint(f"action IN ({', '.join(repr(action) for action in ACTIONS)})", name="action"),
        CheckConstraint("(action = 'WITHDRAW') = (content IS NULL)", name="content"),
        Index("ix_change_entry_record_table_record_key", "record_table", "record_key"),
        {
            "comment": "The trail: every change of a record and of the list of imports, in order. Rows are only ever "
            "added (triggers refuse anything else), and each holds a hash over itself and the one before."
        },
    )

    seq_no: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, comment="1, 2, 3 … without gaps: the order of changes."
    )
    recorded_at: Mapped[dt.datetime] = mapped_column(comment="When the change was made (UTC).")
    recorded_by: Mapped[str] = mapped_column(String(64), comment="Account that made it.")
    why: Mapped[str | None] = mapped_column(
        String(WHY_LENGTH), comment="Reason, always given for a correction or a withdrawal."
    )
    batch_id: Mapped[int | None] = mapped_column(
        ForeignKey("import_batch.batch_id"), comment="The import that made it; empty where no file was behind it."
    )
    action: Mapped[str] = mapped_column(
        String(10),
        comment="ADOPT held before the trail began, INSERT new, CORRECT other values, WITHDRAW no longer there.",
    )
    record_table: Mapped[str] = mapped_column(String(64), comment="Table of the record.")
    record_key: Mapped[str] = mapped_column(Text, comment="Its key: the key fields' values as a JSON list.")
    content: Mapped[str | None] = mapped_column(
        Text, comment="The record after the change: its fields that are not empty, as a JSON object sorted by field."
    )
    hash: Mapped[str] = mapped_column(
        String(64), comment="SHA-256 over the hash of the entry before and everything in this one."
    )


#: Names by which the triggers say what they refuse, where other rules say the name of a constraint.
APPEND_ONLY, NO_GAPS = "append_only", "no_gaps"


def _sqlite(table: str, out_of_place: str, refusal: str) -> tuple[str, ...]:
    """An insertion is guarded too: «INSERT OR REPLACE» removes a row without asking the trigger of DELETE."""
    refused = [
        f"CREATE TRIGGER tr_{table}_{event.lower()} BEFORE {event} ON {table}\nBEGIN\n"
        f"    SELECT RAISE(ABORT, 'trigger: {table}_{APPEND_ONLY}');\nEND"
        for event in ("UPDATE", "DELETE")
    ]
    guarded = (
        f"CREATE TRIGGER tr_{table}_insert BEFORE INSERT ON {table}\nWHEN {out_of_place}\nBEGIN\n"
        f"    SELECT RAISE(ABORT, 'trigger: {table}_{refusal}');\nEND"
    )
    return (*refused, guarded)


def _postgresql(table: str) -> tuple[str, ...]:
    """Refuse UPDATE, DELETE and TRUNCATE, also in a session that replicates."""
    name = f"tr_{table}_{APPEND_ONLY}"
    function = (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n"
        f"    RAISE EXCEPTION '{table}_{APPEND_ONLY}' USING ERRCODE = 'restrict_violation', "
        f"CONSTRAINT = '{table}_{APPEND_ONLY}', TABLE = '{table}';\nEND $$"
    )
    events = f"BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT"
    return (
        function,
        f"CREATE TRIGGER {name} {events} EXECUTE FUNCTION {name}()",
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}",
    )


def _postgresql_insert() -> tuple[str, ...]:
    """Refuse an entry that does not follow the last one."""
    function = (
        "CREATE FUNCTION tr_change_entry_insert() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n"
        f"    IF NOT ({_NEXT}) THEN\n        RAISE EXCEPTION 'change_entry_{NO_GAPS}' USING "
        f"ERRCODE = 'restrict_violation', CONSTRAINT = 'change_entry_{NO_GAPS}', TABLE = 'change_entry';\n"
        "    END IF;\n    RETURN NEW;\nEND $$"
    )
    events = "BEFORE INSERT ON change_entry FOR EACH ROW"
    return (
        function,
        f"CREATE TRIGGER tr_change_entry_insert {events} EXECUTE FUNCTION tr_change_entry_insert()",
        "ALTER TABLE change_entry ENABLE ALWAYS TRIGGER tr_change_entry_insert",
    )


_NEXT = "NEW.seq_no = (SELECT coalesce(max(seq_no), 0) + 1 FROM change_entry)"
_ENTRIES, _IMPORTS = ChangeEntry.__table__, ImportBatch.__table__
assert isinstance(_ENTRIES, Table)  # noqa: S101 - for the type checker
assert isinstance(_IMPORTS, Table)  # noqa: S101
add_triggers(
    _IMPORTS,
    sqlite=_sqlite(
        "import_batch",
        "EXISTS (SELECT 1 FROM import_batch b WHERE b.batch_id = NEW.batch_id OR b.file_sha256 = NEW.file_sha256)",
        APPEND_ONLY,
    ),
    postgresql=_postgresql("import_batch"),
)
add_triggers(
    _ENTRIES,
    sqlite=_sqlite("change_entry", f"NOT ({_NEXT})", NO_GAPS),
    postgresql=(*_postgresql("change_entry"), *_postgresql_insert()),
)
