"""The trail: change_entry, which only grows, and triggers that keep it and the list of imports so.

What the database holds already is taken into the trail as ADOPT entries: it was stored before changes were kept, and
until then nothing stored was ever changed.

Revision ID: 0003
Revises: 0002
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_WHY_ADOPTED = "held before the trail began"
_CHUNK = 5000
_BOOKKEEPING = ("batch_id", "recorded_at", "recorded_by")

_SQLITE = (
    """CREATE TRIGGER tr_import_batch_update BEFORE UPDATE ON import_batch
BEGIN
    SELECT RAISE(ABORT, 'trigger: import_batch_append_only');
END""",
    """CREATE TRIGGER tr_import_batch_delete BEFORE DELETE ON import_batch
BEGIN
    SELECT RAISE(ABORT, 'trigger: import_batch_append_only');
END""",
    """CREATE TRIGGER tr_import_batch_insert BEFORE INSERT ON import_batch
WHEN EXISTS (SELECT 1 FROM import_batch b WHERE b.batch_id = NEW.batch_id OR b.file_sha256 = NEW.file_sha256)
BEGIN
    SELECT RAISE(ABORT, 'trigger: import_batch_append_only');
END""",
    """CREATE TRIGGER tr_change_entry_update BEFORE UPDATE ON change_entry
BEGIN
    SELECT RAISE(ABORT, 'trigger: change_entry_append_only');
END""",
    """CREATE TRIGGER tr_change_entry_delete BEFORE DELETE ON change_entry
BEGIN
    SELECT RAISE(ABORT, 'trigger: change_entry_append_only');
END""",
    """CREATE TRIGGER tr_change_entry_insert BEFORE INSERT ON change_entry
WHEN NOT (NEW.seq_no = (SELECT coalesce(max(seq_no), 0) + 1 FROM change_entry))
BEGIN
    SELECT RAISE(ABORT, 'trigger: change_entry_no_gaps');
END""",
)
_POSTGRESQL = (
    """CREATE FUNCTION tr_import_batch_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'import_batch_append_only' USING ERRCODE = 'restrict_violation', CONSTRAINT = 'import_batch_append_only', TABLE = 'import_batch';
END $$""",
    """CREATE TRIGGER tr_import_batch_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON import_batch FOR EACH STATEMENT EXECUTE FUNCTION tr_import_batch_append_only()""",
    """ALTER TABLE import_batch ENABLE ALWAYS TRIGGER tr_import_batch_append_only""",
    """CREATE FUNCTION tr_change_entry_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'change_entry_append_only' USING ERRCODE = 'restrict_violation', CONSTRAINT = 'change_entry_append_only', TABLE = 'change_entry';
END $$""",
    """CREATE TRIGGER tr_change_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON change_entry FOR EACH STATEMENT EXECUTE FUNCTION tr_change_entry_append_only()""",
    """ALTER TABLE change_entry ENABLE ALWAYS TRIGGER tr_change_entry_append_only""",
    """CREATE FUNCTION tr_change_entry_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (NEW.seq_no = (SELECT coalesce(max(seq_no), 0) + 1 FROM change_entry)) THEN
        RAISE EXCEPTION 'change_entry_no_gaps' USING ERRCODE = 'restrict_violation', CONSTRAINT = 'change_entry_no_gaps', TABLE = 'change_entry';
    END IF;
    RETURN NEW;
END $$""",
    """CREATE TRIGGER tr_change_entry_insert BEFORE INSERT ON change_entry FOR EACH ROW EXECUTE FUNCTION tr_change_entry_insert()""",
    """ALTER TABLE change_entry ENABLE ALWAYS TRIGGER tr_change_entry_insert""",
)


def upgrade() -> None:
    op.create_table(
        "change_entry",
        sa.Column(
            "seq_no",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="1, 2, 3 … without gaps: the order of changes.",
        ),
        sa.Column("recorded_at", sa.DateTime(), nullable=False, comment="When the change was made (UTC)."),
        sa.Column("recorded_by", sa.String(64), nullable=False, comment="Account that made it."),
        sa.Column("why", sa.String(200), comment="Reason, always given for a correction or a withdrawal."),
        sa.Column("batch_id", sa.Integer(), comment="The import that made it; empty where no file was behind it."),
        sa.Column(
            "action",
            sa.String(10),
            nullable=False,
            comment="ADOPT held before the trail began, INSERT new, CORRECT other values, WITHDRAW no longer there.",
        ),
        sa.Column("record_table", sa.String(64), nullable=False, comment="Table of the record."),
        sa.Column(
            "record_key",
            sa.Text(),
            nullable=False,
            comment="Its key: the key fields' values as a JSON list.",
        ),
        sa.Column(
            "content",
            sa.Text(),
            comment="The record after the change: its fields that are not empty, as a JSON object sorted by field.",
        ),
        sa.Column(
            "hash",
            sa.String(64),
            nullable=False,
            comment="SHA-256 over the hash of the entry before and everything in this one.",
        ),
        sa.CheckConstraint(
            "action IN ('ADOPT', 'INSERT', 'CORRECT', 'WITHDRAW')", name=op.f("ck_change_entry_action")
        ),
        sa.CheckConstraint("(action = 'WITHDRAW') = (content IS NULL)", name=op.f("ck_change_entry_content")),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.batch_id"], name=op.f("fk_change_entry_batch_id")),
        sa.PrimaryKeyConstraint("seq_no", name=op.f("pk_change_entry")),
        comment="The trail: every change of a record and of the list of imports, in order. Rows are only ever "
        "added (triggers refuse anything else), and each holds a hash over itself and the one before.",
    )
    op.create_index("ix_change_entry_record_table_record_key", "change_entry", ["record_table", "record_key"])
    for statement in _SQLITE if op.get_context().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(sa.text(statement.replace(":", "\\:")))
    if not op.get_context().as_sql:
        _adopt(op.get_bind())


def _adopt(connection: sa.Connection) -> None:
    """Take every stored record into the trail, import by import, parents before children."""
    schema = sa.MetaData()
    schema.reflect(connection)
    trail = schema.tables["change_entry"]
    batches = schema.tables["import_batch"]
    recorded = [
        table
        for table in schema.sorted_tables
        if table not in (trail, batches) and all(name in table.columns for name in _BOOKKEEPING)
    ]
    waiting: list[dict[str, Any]] = []
    number, last = 0, ""
    for batch in connection.execute(sa.select(batches).order_by(batches.c.batch_id)).mappings().all():
        for table in (batches, *recorded):
            for row in _rows(connection, table, batch["batch_id"]):
                number += 1
                entry = _entry(number, table, row)
                last = hashlib.sha256((last + "\n" + _json(list(entry.values()))).encode()).hexdigest()
                waiting.append({**entry, "recorded_at": row["recorded_at"], "hash": last})
                if len(waiting) == _CHUNK:
                    connection.execute(sa.insert(trail), waiting)
                    waiting = []
    if waiting:
        connection.execute(sa.insert(trail), waiting)


def _rows(connection: sa.Connection, table: sa.Table, batch_id: int) -> Iterator[Any]:
    query = sa.select(table).where(table.c.batch_id == batch_id)
    order = [column.name for column in table.primary_key.columns]
    found = connection.execute(query).mappings().all()
    yield from sorted(found, key=lambda row: tuple(row[name] for name in order))


def _entry(number: int, table: sa.Table, row: Any) -> dict[str, Any]:
    held = {
        name: _plain(value)
        for name, value in row.items()
        if value is not None and (table.name == "import_batch" or name not in _BOOKKEEPING)
    }
    return {
        "seq_no": number,
        "recorded_at": _plain(row["recorded_at"]),
        "recorded_by": row["recorded_by"],
        "why": _WHY_ADOPTED,
        "batch_id": row["batch_id"],
        "action": "ADOPT",
        "record_table": table.name,
        "record_key": _json([_plain(row[column.name]) for column in table.primary_key.columns]),
        "content": _json(held),
    }


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="microseconds")
    return value.isoformat() if isinstance(value, dt.date) else value
