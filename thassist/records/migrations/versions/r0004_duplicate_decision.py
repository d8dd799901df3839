"""Decisions whether two persons are one.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_SQLITE = (
    """CREATE TRIGGER tr_duplicate_decision_update BEFORE UPDATE ON duplicate_decision
WHEN OLD.undone_at IS NOT NULL OR NEW.undone_at IS NULL OR NEW.decision_no <> OLD.decision_no OR NEW.person_id <> OLD.person_id OR NEW.other_person_id <> OLD.other_person_id OR NEW.same_person <> OLD.same_person OR NEW.decided_at <> OLD.decided_at OR NEW.decided_by <> OLD.decided_by OR NEW.why <> OLD.why
BEGIN
    SELECT RAISE(ABORT, 'trigger: duplicate_decision_kept');
END""",
    """CREATE TRIGGER tr_duplicate_decision_delete BEFORE DELETE ON duplicate_decision
BEGIN
    SELECT RAISE(ABORT, 'trigger: duplicate_decision_kept');
END""",
    """CREATE TRIGGER tr_duplicate_decision_insert BEFORE INSERT ON duplicate_decision
WHEN EXISTS (SELECT 1 FROM duplicate_decision d WHERE d.decision_no = NEW.decision_no)
BEGIN
    SELECT RAISE(ABORT, 'trigger: duplicate_decision_kept');
END""",
)
_POSTGRESQL = (
    """CREATE FUNCTION tr_duplicate_decision_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NOT (OLD.undone_at IS NOT NULL OR NEW.undone_at IS NULL OR NEW.decision_no <> OLD.decision_no OR NEW.person_id <> OLD.person_id OR NEW.other_person_id <> OLD.other_person_id OR NEW.same_person <> OLD.same_person OR NEW.decided_at <> OLD.decided_at OR NEW.decided_by <> OLD.decided_by OR NEW.why <> OLD.why) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'duplicate_decision_kept' USING ERRCODE = 'restrict_violation', CONSTRAINT = 'duplicate_decision_kept', TABLE = 'duplicate_decision';
END $$""",
    """CREATE TRIGGER tr_duplicate_decision_kept BEFORE UPDATE OR DELETE ON duplicate_decision FOR EACH ROW EXECUTE FUNCTION tr_duplicate_decision_kept()""",
    """CREATE TRIGGER tr_duplicate_decision_kept_truncate BEFORE TRUNCATE ON duplicate_decision FOR EACH STATEMENT EXECUTE FUNCTION tr_duplicate_decision_kept()""",
    """ALTER TABLE duplicate_decision ENABLE ALWAYS TRIGGER tr_duplicate_decision_kept""",
    """ALTER TABLE duplicate_decision ENABLE ALWAYS TRIGGER tr_duplicate_decision_kept_truncate""",
)


def upgrade() -> None:
    op.create_table(
        "duplicate_decision",
        sa.Column("decision_no", sa.Integer(), autoincrement=False, nullable=False, comment="Running number, from 1."),
        sa.Column("person_id", sa.String(length=64), nullable=False, comment="One of the two. No reference: the decision outlives a person who is withdrawn."),
        sa.Column("other_person_id", sa.String(length=64), nullable=False, comment="The other."),
        sa.Column("same_person", sa.Boolean(), nullable=False, comment="True: they are one person. False: they are two."),
        sa.Column("decided_at", sa.DateTime(), nullable=False, comment="When (UTC)."),
        sa.Column("decided_by", sa.String(length=64), nullable=False, comment="Account that decided."),
        sa.Column('why', sa.String(length=200), nullable=False, comment="Reason; never a name or another person's data."),
        sa.Column("undone_at", sa.DateTime(), nullable=True, comment="When it was undone (UTC); empty while it stands."),
        sa.Column("undone_by", sa.String(length=64), nullable=True, comment="Account that undid it."),
        sa.Column("undone_why", sa.String(length=200), nullable=True, comment="Reason for undoing it."),
        sa.CheckConstraint('person_id <> other_person_id', name=op.f('ck_duplicate_decision_not_self')),
        sa.CheckConstraint('same_person IN (TRUE, FALSE)', name=op.f('ck_duplicate_decision_same_person')),
        sa.CheckConstraint('(undone_at IS NULL) = (undone_by IS NULL) AND (undone_at IS NULL) = (undone_why IS NULL)', name=op.f('ck_duplicate_decision_undone')),
        sa.PrimaryKeyConstraint("decision_no", name=op.f("pk_duplicate_decision")),
        comment='Decisions whether two persons are one. Records are never merged: statistics count the persons of a standing decision as one. A decision is undone, not removed (triggers refuse anything else).',
    )
    op.create_index("ix_duplicate_decision_person_id", "duplicate_decision", ["person_id"])
    for statement in _SQLITE if op.get_context().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(sa.text(statement.replace(":", "\\:")))
