"""The first schema: import batches, code lists, persons, referrals, decisions, episodes, exploitation, residence.

Revision ID: 0001
Revises: none
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_CODE_LISTS = (
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
_SPAN = "Span to which {} is known (D day, M month, Q quarter, S half-year, A year); the date is the first day of that span."


def _recorded() -> list[sa.Column[Any]]:
    return [
        sa.Column("batch_id", sa.Integer(), nullable=False, comment="The import that stored the row."),
        sa.Column("recorded_at", sa.DateTime(), nullable=False, comment="When the row was stored (UTC)."),
        sa.Column("recorded_by", sa.String(64), nullable=False, comment="Account that stored the row."),
    ]


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _flags(table: str, *names: str) -> list[sa.CheckConstraint]:
    return [_check(table, name, f"{name} IN (TRUE, FALSE)") for name in names]


def _key(table: str, name: str) -> list[sa.CheckConstraint]:
    if op.get_context().dialect.name == "sqlite":
        rule = (
            f"length({name}) BETWEEN 1 AND 64 AND {name} NOT GLOB '*[^A-Za-z0-9-]*' AND {name} NOT GLOB "
            "'[0-9][0-9][0-9][0-9][0-9][0-9][-A-FU-Ya-fu-y][0-9][0-9][0-9][0-9A-Za-z]'"
        )
    else:
        rule = f"{name} ~ '^[A-Za-z0-9-]{{1,64}}$' AND {name} !~ '^[0-9]{{6}}[-+A-FU-Ya-fu-y][0-9]{{3}}[0-9A-Za-z]$'"
    return [_check(table, f"{name}_format", rule)]


def _dates(table: str, *names: str) -> list[sa.CheckConstraint]:
    checks = []
    for name in names:
        known = f"{name}_precision"
        if op.get_context().dialect.name == "sqlite":
            first_day = (
                f"date({name}, '+0 days') IS {name} AND ({known} = 'D' OR (substr({name}, 9, 2) = '01' AND "
                f"({known} = 'M' OR ({known} = 'Q' AND substr({name}, 6, 2) IN ('01', '04', '07', '10')) "
                f"OR ({known} = 'S' AND substr({name}, 6, 2) IN ('01', '07')) "
                f"OR ({known} = 'A' AND substr({name}, 6, 2) = '01'))))"
            )
        else:
            first_day = (
                f"{known} = 'D' OR (EXTRACT(DAY FROM {name}) = 1 AND ({known} = 'M' "
                f"OR ({known} = 'Q' AND EXTRACT(MONTH FROM {name}) IN (1, 4, 7, 10)) "
                f"OR ({known} = 'S' AND EXTRACT(MONTH FROM {name}) IN (1, 7)) "
                f"OR ({known} = 'A' AND EXTRACT(MONTH FROM {name}) = 1)))"
            )
        checks += [
            _check(
                table,
                known,
                f"({name} IS NULL) = ({known} IS NULL) AND ({known} IS NULL OR {known} IN ('D', 'M', 'Q', 'S', 'A'))",
            ),
            _check(table, f"{name}_first_day", first_day),
        ]
    return checks


def upgrade() -> None:
    """Create everything."""
    for name in _CODE_LISTS:
        op.create_table(
            f"cl_{name}",
            sa.Column("code", sa.String(40), nullable=False, comment="The code as stored and exchanged."),
            sa.Column("label_fi", sa.String(200), nullable=False, comment="Finnish name."),
            sa.Column("label_sv", sa.String(200), nullable=False, comment="Swedish name."),
            sa.Column("label_en", sa.String(200), nullable=False, comment="English name."),
            sa.Column("valid_from", sa.Date(), comment="First day on which the code may be used; empty where open."),
            sa.Column("valid_to", sa.Date(), comment="Last day on which the code may be used; empty where open."),
            sa.PrimaryKeyConstraint("code", name=op.f(f"pk_cl_{name}")),
            comment=f"Code list {name}, filled from reports/classifications by «thassist init».",
        )
    op.create_table(
        "code_list",
        sa.Column("list_id", sa.String(length=40), nullable=False, comment="The code list."),
        sa.Column(
            "version", sa.String(length=20), nullable=False, comment="Version of its file in reports/classifications."
        ),
        sa.PrimaryKeyConstraint("list_id", name=op.f("pk_code_list")),
        comment="Which version of each code list the «cl_» tables hold, since «thassist init».",
    )
    op.create_table(
        "import_batch",
        sa.Column("batch_id", sa.Integer(), nullable=False, comment="Running number of the import."),
        sa.Column(
            "profile", sa.String(length=64), nullable=False, comment="Mapping profile by which the file was read."
        ),
        sa.Column(
            "file_sha256",
            sa.String(length=64),
            nullable=False,
            comment="SHA-256 of the file's bytes. The file name is not kept: it may hold a name.",
        ),
        sa.Column(
            "synthetic",
            sa.Boolean(),
            nullable=False,
            comment="True where the delivery is made-up data; every output says so.",
        ),
        sa.Column("row_count", sa.Integer(), nullable=False, comment="Records stored."),
        sa.Column("recorded_at", sa.DateTime(), nullable=False, comment="When the import was stored (UTC)."),
        sa.Column("recorded_by", sa.String(length=64), nullable=False, comment="Account that ran the import."),
        *_flags("import_batch", "synthetic"),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_import_batch")),
        sa.UniqueConstraint("file_sha256", name=op.f("uq_import_batch_file_sha256")),
        comment="One accepted delivery: all of it was stored, in one transaction.",
    )
    op.create_table(
        "person",
        sa.Column(
            "person_id",
            sa.String(length=64),
            nullable=False,
            comment="Pseudonymous key; never a name or an identity code.",
        ),
        sa.Column(
            "reporting_system", sa.String(length=40), nullable=False, comment="The system whose case work this is."
        ),
        sa.Column("sex", sa.String(length=40), nullable=False, comment="Sex as recorded; not known is a code."),
        sa.Column("birth_date", sa.Date(), comment="Date of birth, to the precision beside it."),
        sa.Column("birth_date_precision", sa.String(length=1), comment=_SPAN.format("birth_date")),
        sa.Column("birth_date_estimated", sa.Boolean(), comment="True where the date is an estimate."),
        *_recorded(),
        *_key("person", "person_id"),
        *_dates("person", "birth_date"),
        *_flags("person", "birth_date_estimated"),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.batch_id"], name=op.f("fk_person_batch_id")),
        sa.ForeignKeyConstraint(
            ["reporting_system"], ["cl_reporting_system.code"], name=op.f("fk_person_reporting_system")
        ),
        sa.ForeignKeyConstraint(["sex"], ["cl_sex.code"], name=op.f("fk_person_sex")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_person")),
        comment="A person known to the assistance system, by a pseudonymous key.",
    )
    op.create_table(
        "citizenship",
        sa.Column("person_id", sa.String(length=64), nullable=False, comment="The person."),
        sa.Column(
            "country", sa.String(length=40), nullable=False, comment="Country by ISO 3166-1 alpha-2, or a special code."
        ),
        sa.Column(
            "is_primary",
            sa.Boolean(),
            comment="True for the one citizenship used where a table shows only one; empty where the source does not say.",
        ),
        *_recorded(),
        *_flags("citizenship", "is_primary"),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.batch_id"], name=op.f("fk_citizenship_batch_id")),
        sa.ForeignKeyConstraint(["country"], ["cl_country.code"], name=op.f("fk_citizenship_country")),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_citizenship_person_id")),
        sa.PrimaryKeyConstraint("person_id", "country", name=op.f("pk_citizenship")),
        comment="Citizenships of a person; stateless and not known are codes, never a missing row.",
    )
    op.create_index(
        "uq_citizenship_primary",
        "citizenship",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("is_primary"),
        postgresql_where=sa.text("is_primary"),
    )
    op.create_table(
        "family_link",
        sa.Column("person_id", sa.String(length=64), nullable=False, comment="The person."),
        sa.Column("related_person_id", sa.String(length=64), nullable=False, comment="The other person."),
        sa.Column("relation", sa.String(length=40), nullable=False, comment="What the other person is to the person."),
        *_recorded(),
        sa.CheckConstraint("person_id <> related_person_id", name=op.f("ck_family_link_not_self")),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.batch_id"], name=op.f("fk_family_link_batch_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_family_link_person_id")),
        sa.ForeignKeyConstraint(
            ["related_person_id"], ["person.person_id"], name=op.f("fk_family_link_related_person_id")
        ),
        sa.ForeignKeyConstraint(["relation"], ["cl_family_relation.code"], name=op.f("fk_family_link_relation")),
        sa.PrimaryKeyConstraint("person_id", "related_person_id", "relation", name=op.f("pk_family_link")),
        comment="Family ties that the statistics need: above all the guardian of a dependent child.",
    )
    op.create_index("ix_family_link_related_person_id", "family_link", ["related_person_id"], unique=False)
    op.create_table(
        "referral",
        sa.Column("referral_id", sa.String(length=64), nullable=False, comment="Key of the proposal."),
        sa.Column("person_id", sa.String(length=64), nullable=False, comment="The person proposed."),
        sa.Column("received_date", sa.Date(), nullable=False, comment="When the proposal was received."),
        sa.Column(
            "received_date_precision", sa.String(length=1), nullable=False, comment=_SPAN.format("received_date")
        ),
        sa.Column("source", sa.String(length=40), nullable=False, comment="Who made the proposal."),
        sa.Column("source_other", sa.String(length=200), comment="What kind of proposer, where the code is other."),
        sa.Column(
            "referrer_organisation",
            sa.String(length=200),
            comment="Organisation that made the proposal; never a person's name.",
        ),
        *_recorded(),
        *_key("referral", "referral_id"),
        *_dates("referral", "received_date"),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.batch_id"], name=op.f("fk_referral_batch_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_referral_person_id")),
        sa.ForeignKeyConstraint(["source"], ["cl_referral_source.code"], name=op.f("fk_referral_source")),
        sa.PrimaryKeyConstraint("referral_id", name=op.f("pk_referral")),
        comment="A proposal (esitys) that a person be admitted to the assistance system.",
    )
    op.create_index("ix_referral_person_id", "referral", ["person_id"], unique=False)
    op.create_table(
        "residence_status",
        sa.Column("person_id", sa.String(length=64), nullable=False, comment="The person."),
        sa.Column("valid_from", sa.Date(), nullable=False, comment="First day of the status."),
        sa.Column("valid_from_precision", sa.String(length=1), nullable=False, comment=_SPAN.format("valid_from")),
        sa.Column(
            "status", sa.String(length=40), nullable=False, comment="Residence status; none and not known are codes."
        ),
        sa.Column("valid_to", sa.Date(), comment="Last day of the status; empty while valid."),
        sa.Column("valid_to_precision", sa.String(length=1), comment=_SPAN.format("valid_to")),
        *_recorded(),
        *_dates("residence_status", "valid_from", "valid_to"),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.batch_id"], name=op.f("fk_residence_status_batch_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_residence_status_person_id")),
        sa.ForeignKeyConstraint(["status"], ["cl_residence_status.code"], name=op.f("fk_residence_status_status")),
        sa.PrimaryKeyConstraint("person_id", "valid_from", name=op.f("pk_residence_status")),
        comment="The person's residence status over time; at admission it is the one valid on that day.",
    )
    op.create_table(
        "decision",
        sa.Column("decision_id", sa.String(length=64), nullable=False, comment="Key of the decision."),
        sa.Column("person_id", sa.String(length=64), nullable=False, comment="The person decided on."),
        sa.Column("referral_id", sa.String(length=64), comment="The proposal decided on, if any."),
        sa.Column("decision_type", sa.String(length=40), nullable=False, comment="What was decided on."),
        sa.Column("decision_date", sa.Date(), nullable=False, comment="Date of the decision."),
        sa.Column(
            "decision_date_precision", sa.String(length=1), nullable=False, comment=_SPAN.format("decision_date")
        ),
        sa.Column(
            "outcome", sa.String(length=40), nullable=False, comment="Positive, negative, or lapsed without a ruling."
        ),
        sa.Column(
            "criterion_victim",
            sa.Boolean(),
            comment="The person may be a victim of trafficking (first criterion of admission).",
        ),
        sa.Column(
            "criterion_need",
            sa.Boolean(),
            comment="The person needs help because of it (second criterion of admission).",
        ),
        sa.Column("reason", sa.String(length=40), comment="Reason of a negative decision."),
        *_recorded(),
        *_key("decision", "decision_id"),
        *_dates("decision", "decision_date"),
        *_flags("decision", "criterion_need", "criterion_victim"),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.batch_id"], name=op.f("fk_decision_batch_id")),
        sa.ForeignKeyConstraint(["decision_type"], ["cl_decision_type.code"], name=op.f("fk_decision_decision_type")),
        sa.ForeignKeyConstraint(["outcome"], ["cl_decision_outcome.code"], name=op.f("fk_decision_outcome")),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_decision_person_id")),
        sa.ForeignKeyConstraint(["reason"], ["cl_decision_reason.code"], name=op.f("fk_decision_reason")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.referral_id"], name=op.f("fk_decision_referral_id")),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_decision")),
        comment="A decision. A later ruling is a new row; nothing is overwritten.",
    )
    op.create_index("ix_decision_person_id", "decision", ["person_id"], unique=False)
    op.create_index("ix_decision_referral_id", "decision", ["referral_id"], unique=False)
    op.create_table(
        "exploitation",
        sa.Column("exploitation_id", sa.String(length=64), nullable=False, comment="Key of the experience."),
        sa.Column("person_id", sa.String(length=64), nullable=False, comment="The person exploited."),
        sa.Column("referral_id", sa.String(length=64), comment="The referral that told of it."),
        sa.Column(
            "is_primary",
            sa.Boolean(),
            comment="True for the experience by which the person is counted; empty where the source does not say.",
        ),
        sa.Column("start_date", sa.Date(), comment="When it began."),
        sa.Column("start_date_precision", sa.String(length=1), comment=_SPAN.format("start_date")),
        sa.Column("end_date", sa.Date(), comment="When it ended; empty where ongoing or not known."),
        sa.Column("end_date_precision", sa.String(length=1), comment=_SPAN.format("end_date")),
        sa.Column("ongoing", sa.Boolean(), comment="True where it went on at referral."),
        sa.Column("industry", sa.String(length=40), comment="Industry, for forced labour."),
        sa.Column(
            "reported_age_class",
            sa.String(length=40),
            comment="Age class at exploitation as the source gives it, where no date of birth is known.",
        ),
        *_recorded(),
        *_key("exploitation", "exploitation_id"),
        *_dates("exploitation", "end_date", "start_date"),
        *_flags("exploitation", "is_primary", "ongoing"),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.batch_id"], name=op.f("fk_exploitation_batch_id")),
        sa.ForeignKeyConstraint(["industry"], ["cl_industry.code"], name=op.f("fk_exploitation_industry")),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_exploitation_person_id")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.referral_id"], name=op.f("fk_exploitation_referral_id")),
        sa.ForeignKeyConstraint(
            ["reported_age_class"], ["cl_age_class.code"], name=op.f("fk_exploitation_reported_age_class")
        ),
        sa.PrimaryKeyConstraint("exploitation_id", name=op.f("pk_exploitation")),
        comment="An experience of exploitation, of one or several forms, in one or several countries.",
    )
    op.create_index("ix_exploitation_person_id", "exploitation", ["person_id"], unique=False)
    op.create_index(
        "uq_exploitation_primary",
        "exploitation",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("is_primary"),
        postgresql_where=sa.text("is_primary"),
    )
    op.create_table(
        "source_code",
        sa.Column("referral_id", sa.String(length=64), nullable=False, comment="The referral."),
        sa.Column(
            "scheme",
            sa.String(length=64),
            nullable=False,
            comment="The publisher's classification, a file in reports/classifications.",
        ),
        sa.Column("code", sa.String(length=120), nullable=False, comment="The code in that classification."),
        *_recorded(),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.batch_id"], name=op.f("fk_source_code_batch_id")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.referral_id"], name=op.f("fk_source_code_referral_id")),
        sa.PrimaryKeyConstraint("referral_id", "scheme", name=op.f("pk_source_code")),
        comment="The delivering system's own code for a referral, kept beside ours, by its classification.",
    )
    op.create_table(
        "episode",
        sa.Column("episode_id", sa.String(length=64), nullable=False, comment="Key of the episode."),
        sa.Column("person_id", sa.String(length=64), nullable=False, comment="The client."),
        sa.Column("decision_id", sa.String(length=64), comment="The decision that opened it."),
        sa.Column(
            "role",
            sa.String(length=40),
            nullable=False,
            comment="Victim, witness or dependent child: the role belongs to the episode.",
        ),
        sa.Column("seq_no", sa.Integer(), nullable=False, comment="1 for the first episode of the person."),
        sa.Column(
            "is_new",
            sa.Boolean(),
            nullable=False,
            comment="True where the client counts as new: only the first episode.",
        ),
        sa.Column("admission_date", sa.Date(), nullable=False, comment="Date of admission."),
        sa.Column(
            "admission_date_precision", sa.String(length=1), nullable=False, comment=_SPAN.format("admission_date")
        ),
        sa.Column("exit_date", sa.Date(), comment="Date on which the episode ended; empty while open."),
        sa.Column("exit_date_precision", sa.String(length=1), comment=_SPAN.format("exit_date")),
        sa.Column("exit_reason", sa.String(length=40), comment="Why it ended."),
        *_recorded(),
        *_key("episode", "episode_id"),
        *_dates("episode", "admission_date", "exit_date"),
        *_flags("episode", "is_new"),
        sa.CheckConstraint("(exit_date IS NULL) = (exit_reason IS NULL)", name=op.f("ck_episode_exit_has_reason")),
        sa.CheckConstraint("seq_no >= 1", name=op.f("ck_episode_seq_no_positive")),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.batch_id"], name=op.f("fk_episode_batch_id")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.decision_id"], name=op.f("fk_episode_decision_id")),
        sa.ForeignKeyConstraint(["exit_reason"], ["cl_exit_reason.code"], name=op.f("fk_episode_exit_reason")),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_episode_person_id")),
        sa.ForeignKeyConstraint(["role"], ["cl_role.code"], name=op.f("fk_episode_role")),
        sa.PrimaryKeyConstraint("episode_id", name=op.f("pk_episode")),
        sa.UniqueConstraint("person_id", "seq_no", name="uq_episode_person_seq_no"),
        comment="One stay in the assistance system, from admission to exit; a readmission is a new row.",
    )
    op.create_table(
        "exploitation_country",
        sa.Column("exploitation_id", sa.String(length=64), nullable=False, comment="The experience."),
        sa.Column(
            "country", sa.String(length=40), nullable=False, comment="Country by ISO 3166-1 alpha-2, or a special code."
        ),
        *_recorded(),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.batch_id"], name=op.f("fk_exploitation_country_batch_id")),
        sa.ForeignKeyConstraint(["country"], ["cl_country.code"], name=op.f("fk_exploitation_country_country")),
        sa.ForeignKeyConstraint(
            ["exploitation_id"], ["exploitation.exploitation_id"], name=op.f("fk_exploitation_country_exploitation_id")
        ),
        sa.PrimaryKeyConstraint("exploitation_id", "country", name=op.f("pk_exploitation_country")),
        comment="Countries in which the exploitation took place.",
    )
    op.create_table(
        "exploitation_form",
        sa.Column("exploitation_id", sa.String(length=64), nullable=False, comment="The experience."),
        sa.Column("form", sa.String(length=40), nullable=False, comment="Form of exploitation."),
        sa.Column(
            "is_primary", sa.Boolean(), comment="True for the primary form; empty where the source does not say."
        ),
        *_recorded(),
        *_flags("exploitation_form", "is_primary"),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.batch_id"], name=op.f("fk_exploitation_form_batch_id")),
        sa.ForeignKeyConstraint(
            ["exploitation_id"], ["exploitation.exploitation_id"], name=op.f("fk_exploitation_form_exploitation_id")
        ),
        sa.ForeignKeyConstraint(["form"], ["cl_exploitation_form.code"], name=op.f("fk_exploitation_form_form")),
        sa.PrimaryKeyConstraint("exploitation_id", "form", name=op.f("pk_exploitation_form")),
        comment="The forms of an experience of exploitation: a set, of which one may be primary.",
    )
    op.create_index(
        "uq_exploitation_form_primary",
        "exploitation_form",
        ["exploitation_id"],
        unique=True,
        sqlite_where=sa.text("is_primary"),
        postgresql_where=sa.text("is_primary"),
    )
