"""Decisions on duplicate persons are in the trail: those that the database holds are taken into it as they stand.

Revision ID: 0005
Revises: 0004
"""

import datetime as dt
import hashlib
import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_WHY_ADOPTED = "held before decisions were in the trail"


def upgrade() -> None:
    if not op.get_context().as_sql:
        _adopt(op.get_bind())


def _adopt(connection: sa.Connection) -> None:
    """One entry at the end of the trail for every decision, of this moment: what was before it stays before it."""
    schema = sa.MetaData()
    schema.reflect(connection, only=["change_entry", "duplicate_decision", "import_batch"])
    trail, decisions = schema.tables["change_entry"], schema.tables["duplicate_decision"]
    held = connection.execute(sa.select(decisions).order_by(decisions.c.decision_no)).mappings().all()
    if not held:
        return
    end = connection.execute(sa.select(trail.c.seq_no, trail.c.hash).order_by(trail.c.seq_no.desc()).limit(1)).first()
    number, last = (end.seq_no, end.hash) if end else (0, "")
    latest = connection.execute(sa.select(sa.func.max(trail.c.recorded_at))).scalar()
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    moment = now if latest is None else max(now, latest)
    for row in held:
        number += 1
        entry = {
            "seq_no": number,
            "recorded_at": _plain(moment),
            "recorded_by": row["decided_by"],
            "why": _WHY_ADOPTED,
            "batch_id": None,
            "action": "ADOPT",
            "record_table": "duplicate_decision",
            "record_key": _json([row["decision_no"]]),
            "content": _json({name: _plain(value) for name, value in row.items() if value is not None}),
        }
        last = hashlib.sha256((last + "\n" + _json(list(entry.values()))).encode()).hexdigest()
        connection.execute(sa.insert(trail), {**entry, "recorded_at": moment, "hash": last})


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _plain(value: Any) -> Any:
    return value.isoformat(timespec="microseconds") if isinstance(value, dt.datetime) else value
