"""The whole process: contacts, appeals, identification, permits, periods, provision, services, the law as data.

New tables, new columns of ``referral``, ``decision`` and ``exploitation`` (empty in the rows that are there), and the
triggers that refuse a status of a case that the law in force does not allow.

Revision ID: 0002
Revises: 0001
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_CODE_LISTS = (
    "appeal_ruling",
    "authority",
    "case_status",
    "compensation_kind",
    "consent_by",
    "contact_channel",
    "criminal_stage",
    "exploiter_relation",
    "hold_reason",
    "identification_status",
    "means_of_control",
    "payer",
    "period_type",
    "permit_ground",
    "provider",
    "recruitment",
    "service_kind",
    "staff_unit",
    "statute",
    "wellbeing_county",
    "work_process",
)
_SPAN = "Span to which {} is known (D day, M month, Q quarter, S half-year, A year); the date is the first day of that span."

#: Table → comment, columns (name, kind, argument, comment), primary key, further checks, indexed columns. A kind with
#: a question mark may be empty. «date» is a date with its precision, «day» one without, «ref» a reference, «code» a
#: code of a list, «key» the pseudonymous key of the record.
_TABLES: dict[str, tuple[str, list[tuple[str, str, str, str]], list[str], dict[str, str], list[str]]] = {
    "legal_regime": (
        "Periods in which the same law was in force, from reports/legal by «thassist init».",
        [
            ("regime_id", "text", "40", "The regime."),
            ("valid_from", "day", "", "First day in force."),
            ("valid_to", "day?", "", "Last day in force; empty while in force."),
            ("label_fi", "text", "200", "Finnish name."),
            ("label_sv", "text", "200", "Swedish name."),
            ("label_en", "text", "200", "English name."),
            ("source", "text", "400", "Where its dates were read."),
            ("confidence", "text", "20", "seen, inferred, from memory, or own."),
        ],
        ["regime_id"],
        {"ck_legal_regime_validity": "valid_to IS NULL OR valid_to >= valid_from"},
        [],
    ),
    "contact": (
        "A contact with the assistance system (helpline, advice). It is not a case and holds nothing about a person; the proposal that followed, if any, refers to it.",
        [
            ("contact_id", "key", "", "Key of the contact."),
            ("reporting_system", "code", "reporting_system", "The system that was contacted."),
            ("contact_date", "date", "", "When the contact was made."),
            ("channel", "code", "contact_channel", "How the contact was made."),
            ("source", "code", "referral_source", "Who made the contact."),
            ("anonymous", "flag?", "", "True where whoever made the contact stayed anonymous."),
        ],
        ["contact_id"],
        {},
        [],
    ),
    "legal_code": (
        "Codes that may be used in a field under a regime. A field without a row under a regime is not limited by it.",
        [
            ("regime_id", "ref", "legal_regime.regime_id", "The regime."),
            ("field", "text", "80", "The field, as table.column."),
            ("code", "text", "40", "The code."),
            ("source", "text", "400", "Where it was read."),
            ("confidence", "text", "20", "seen, inferred, from memory, or own."),
        ],
        ["regime_id", "field", "code"],
        {},
        [],
    ),
    "legal_parameter": (
        "Numbers that the law sets, by regime; one that is not confirmed says so in its confidence.",
        [
            ("regime_id", "ref", "legal_regime.regime_id", "The regime."),
            ("parameter", "text", "60", "What is set, by its identifier."),
            ("value", "number", "", "The number."),
            ("unit", "text", "10", "days, months, years, or flag (1 yes, 0 no)."),
            ("source", "text", "400", "Where it was read."),
            ("confidence", "text", "20", "seen, inferred, from memory, or own."),
        ],
        ["regime_id", "parameter"],
        {"ck_legal_parameter_unit": "unit IN ('days', 'months', 'years', 'flag')"},
        [],
    ),
    "staff_time": (
        "Working time by process, unit and month, for productivity. Nothing about clients or employees.",
        [
            ("process", "code", "work_process", "The process worked on."),
            ("month_date", "date", "", "The month, as its first day."),
            ("unit", "code", "staff_unit", "The unit that worked."),
            ("reporting_system", "code", "reporting_system", "The system whose work this is."),
            ("hours_hundredths", "number", "", "Hours worked, in hundredths of an hour."),
        ],
        ["process", "month_date", "unit", "reporting_system"],
        {"ck_staff_time_hours_hundredths": "hours_hundredths >= 0 AND hours_hundredths <= 2147483647", "ck_staff_time_month_date_is_month": "month_date_precision = 'M'"},
        [],
    ),
    "status_transition": (
        "Changes of the status of a case that are allowed under a regime; all others are refused.",
        [
            ("regime_id", "ref", "legal_regime.regime_id", "The regime."),
            ("from_status", "text", "40", "The status before; _Z where there is none."),
            ("to_status", "ref", "cl_case_status.code", "The status after."),
            ("source", "text", "400", "Where it was read, and what brings it about."),
            ("confidence", "text", "20", "seen, inferred, from memory, or own."),
        ],
        ["regime_id", "from_status", "to_status"],
        {},
        [],
    ),
    "assistance_period": (
        "Recovery and reflection periods. How long they may last is said by the legal regime.",
        [
            ("period_id", "key", "", "Key of the period."),
            ("person_id", "ref", "person.person_id", "The person."),
            ("period_type", "code", "period_type", "Recovery or reflection period."),
            ("start_date", "date", "", "First day."),
            ("end_date", "date?", "", "Last day; empty where not known yet."),
            ("granted_by", "code", "authority", "Who granted it."),
            ("extended", "flag?", "", "True where it was extended; the last day is then that of the extension."),
        ],
        ["period_id"],
        {},
        ["person_id"],
    ),
    "assisted_return": (
        "Assisted returns of clients.",
        [
            ("return_id", "key", "", "Key of the return."),
            ("person_id", "ref", "person.person_id", "The person."),
            ("country", "code", "country", "Country of return by ISO 3166-1 alpha-2, or a special code."),
            ("return_date", "date", "", "Date of the return."),
        ],
        ["return_id"],
        {},
        ["person_id"],
    ),
    "compensation": (
        "Compensation awarded to a person.",
        [
            ("compensation_id", "key", "", "Key of the compensation."),
            ("person_id", "ref", "person.person_id", "The person."),
            ("kind", "code", "compensation_kind", "Kind of compensation."),
            ("decided_date", "date", "", "When it was awarded."),
            ("amount_cents", "number?", "", "Amount in euro cents; empty where not known."),
        ],
        ["compensation_id"],
        {"ck_compensation_amount_cents": "amount_cents >= 0 AND amount_cents <= 2147483647"},
        ["person_id"],
    ),
    "criminal_stage": (
        "Stages of the criminal process in which a person is the injured party: context, not a condition.",
        [
            ("person_id", "ref", "person.person_id", "The person."),
            ("stage", "code", "criminal_stage", "The stage; no criminal case is a code."),
            ("stage_date", "date", "", "When it was reached, or known not to be."),
            ("title_thb", "flag?", "", "True where the offence is trafficking in human beings, false for another title; empty where not known."),
        ],
        ["person_id", "stage", "stage_date"],
        {},
        [],
    ),
    "permit": (
        "Applications for a residence permit by ground, and what was decided.",
        [
            ("permit_id", "key", "", "Key of the application."),
            ("person_id", "ref", "person.person_id", "The applicant."),
            ("ground", "code", "permit_ground", "Ground of the application, or of the permit where it was granted."),
            ("application_date", "date?", "", "When it was filed; empty where not known."),
            ("decision_date", "date?", "", "When it was decided; empty while pending."),
            ("outcome", "code?", "decision_outcome", "What was decided; empty while pending."),
            ("filed_in_reflection", "flag?", "", "True where it was filed within a reflection period (decides lawful stay from 2025-05-06)."),
        ],
        ["permit_id"],
        {"ck_permit_outcome_has_date": "(outcome IS NULL) = (decision_date IS NULL)"},
        ["person_id"],
    ),
    "status_event": (
        "The statuses of a case in their order. Triggers refuse one that the legal regime in force on its date does not allow after the one before it (status_transition), and a gap in the numbers.",
        [
            ("referral_id", "ref", "referral.referral_id", "The proposal that began the case."),
            ("seq_no", "number", "", "1 for the first status of the case, 2 for the next."),
            ("status", "code", "case_status", "The status reached."),
            ("status_date", "date", "", "When it was reached."),
        ],
        ["referral_id", "seq_no"],
        {"ck_status_event_seq_no": "seq_no >= 1 AND seq_no <= 2147483647"},
        [],
    ),
    "appeal": (
        "An appeal against a decision. The decision appealed against stays as it was; a decision that takes its place is a row of its own.",
        [
            ("appeal_id", "key", "", "Key of the appeal."),
            ("decision_id", "ref", "decision.decision_id", "The decision appealed against."),
            ("appeal_date", "date", "", "When the appeal was made."),
            ("body", "code", "authority", "The body that rules on it."),
            ("ruling_date", "date?", "", "Date of the ruling; empty while it is pending."),
            ("ruling", "code?", "appeal_ruling", "The ruling; empty while it is pending."),
            ("new_decision_id", "ref?", "decision.decision_id", "The decision that takes the place of the one appealed against, if any."),
        ],
        ["appeal_id"],
        {"ck_appeal_new_decision": "new_decision_id <> decision_id", "ck_appeal_ruling_has_date": "(ruling IS NULL) = (ruling_date IS NULL)"},
        ["decision_id", "new_decision_id"],
    ),
    "exploitation_means": (
        "The means by which the person was controlled; several may apply.",
        [
            ("exploitation_id", "ref", "exploitation.exploitation_id", "The experience."),
            ("means", "code", "means_of_control", "Means of control."),
        ],
        ["exploitation_id", "means"],
        {},
        [],
    ),
    "identification": (
        "Whether and by which law a person is identified as a victim: presumed, identified by a separate act (before 2023), or identified by the admission decision (section 35). Kept apart in series.",
        [
            ("identification_id", "key", "", "Key of the identification."),
            ("person_id", "ref", "person.person_id", "The person."),
            ("status", "code", "identification_status", "Presumed, identified by the old law, or under section 35."),
            ("authority", "code", "authority", "Who identified the person."),
            ("identified_date", "date", "", "When the status was reached."),
            ("decision_id", "ref?", "decision.decision_id", "The decision that identified, if any."),
        ],
        ["identification_id"],
        {},
        ["decision_id", "person_id"],
    ),
    "provision": (
        "Who is responsible for a client's services and who pays, over time; a change is a new row.",
        [
            ("provision_id", "key", "", "Key of the row."),
            ("episode_id", "ref", "episode.episode_id", "The episode."),
            ("provider", "code", "provider", "Who provides the services."),
            ("payer", "code", "payer", "Who pays in the end, the State's reimbursement included."),
            ("county", "code?", "wellbeing_county", "Wellbeing services county, where one provides or pays."),
            ("municipality", "text?", "3", "Municipality of residence by its three-digit number in the official classification of municipalities; empty where the client has none."),
            ("start_date", "date", "", "First day."),
            ("end_date", "date?", "", "Last day; empty while it goes on."),
        ],
        ["provision_id"],
        {},
        ["episode_id"],
    ),
    "service": (
        "Services given to a client within an episode, with their cost where it is known.",
        [
            ("service_id", "key", "", "Key of the service."),
            ("episode_id", "ref", "episode.episode_id", "The episode."),
            ("kind", "code", "service_kind", "What was given."),
            ("start_date", "date", "", "First day."),
            ("end_date", "date?", "", "Last day; empty while it goes on."),
            ("provider", "code?", "provider", "Who gave it; empty where not known."),
            ("payer", "code?", "payer", "Who pays for it; empty where not known."),
            ("cost_cents", "number?", "", "Cost in euro cents; 0 is no cost, empty is not known."),
        ],
        ["service_id"],
        {"ck_service_cost_cents": "cost_cents >= 0 AND cost_cents <= 2147483647"},
        ["episode_id"],
    ),
}
_UNIQUE = {"legal_regime": ["valid_from"]}
#: Tables that are not case records: nobody delivers their rows.
_LAW = {"legal_regime", "legal_parameter", "legal_code", "status_transition"}

#: Columns added to tables that exist: table, column, type, rule, comment.
_COLUMNS = [
    ("referral", "contact_id", "VARCHAR(64)", "ref", "contact.contact_id", "The contact from which the proposal came, if any."),
    ("referral", "consent", "BOOLEAN", "flag", "", "True where consent to the proposal was given, false where not; empty where the source does not say."),
    ("referral", "consent_by", "VARCHAR(40)", "ref", "cl_consent_by.code", "Who gave the consent."),
    ("referral", "hold_reason", "VARCHAR(40)", "ref", "cl_hold_reason.code", "Why the proposal waits for a decision; empty where it does not wait."),
    ("decision", "authority", "VARCHAR(40)", "ref", "cl_authority.code", "Who decided; empty where the source does not say."),
    ("decision", "statute", "VARCHAR(40)", "ref", "cl_statute.code", "The section of law applied; empty where the source does not say."),
    ("exploitation", "recruitment", "VARCHAR(40)", "ref", "cl_recruitment.code", "How the person was recruited; empty where it was not recorded."),
    ("exploitation", "exploiter_relation", "VARCHAR(40)", "ref", "cl_exploiter_relation.code", "What the exploiter is to the person; nothing else is kept about exploiters."),
    ("exploitation", "second_reviewed", "BOOLEAN", "flag", "", "True where a second person has looked at the form recorded, as rare forms need."),
]


def _sqlite() -> bool:
    return op.get_context().dialect.name == "sqlite"


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=f"ck_{table}_{name}")


def _key_rule(name: str) -> str:
    if _sqlite():
        return (
            f"length({name}) BETWEEN 1 AND 64 AND {name} NOT GLOB '*[^A-Za-z0-9-]*' AND {name} NOT GLOB "
            "'[0-9][0-9][0-9][0-9][0-9][0-9][-A-FU-Ya-fu-y][0-9][0-9][0-9][0-9A-Za-z]'"
        )
    return f"{name} ~ '^[A-Za-z0-9-]{{1,64}}$' AND {name} !~ '^[0-9]{{6}}[-+A-FU-Ya-fu-y][0-9]{{3}}[0-9A-Za-z]$'"


def _first_day_rule(name: str) -> str:
    known = f"{name}_precision"
    if _sqlite():
        return (
            f"date({name}, '+0 days') IS {name} AND ({known} = 'D' OR (substr({name}, 9, 2) = '01' AND "
            f"({known} = 'M' OR ({known} = 'Q' AND substr({name}, 6, 2) IN ('01', '04', '07', '10')) "
            f"OR ({known} = 'S' AND substr({name}, 6, 2) IN ('01', '07')) "
            f"OR ({known} = 'A' AND substr({name}, 6, 2) = '01'))))"
        )
    return (
        f"{known} = 'D' OR (EXTRACT(DAY FROM {name}) = 1 AND ({known} = 'M' "
        f"OR ({known} = 'Q' AND EXTRACT(MONTH FROM {name}) IN (1, 4, 7, 10)) "
        f"OR ({known} = 'S' AND EXTRACT(MONTH FROM {name}) IN (1, 7)) "
        f"OR ({known} = 'A' AND EXTRACT(MONTH FROM {name}) = 1)))"
    )


def _column(table: str, name: str, kind: str, argument: str, comment: str) -> list[Any]:
    """A column with what belongs to it: its precision, its rules, what it refers to."""
    nullable = kind.endswith("?")
    types: dict[str, Any] = {
        "key": sa.String(64),
        "ref": sa.String(40 if argument.startswith(("cl_", "legal_")) else 64),
        "code": sa.String(40),
        "date": sa.Date(),
        "day": sa.Date(),
        "flag": sa.Boolean(),
        "number": sa.Integer(),
        "text": sa.String(int(argument)) if argument.isdigit() else sa.String(),
    }
    kind = kind.rstrip("?")
    made: list[Any] = [sa.Column(name, types[kind], nullable=nullable, comment=comment)]
    if kind == "date":
        known = f"{name}_precision"
        made.append(sa.Column(known, sa.String(1), nullable=nullable, comment=_SPAN.format(name)))
        pair = f"({name} IS NULL) = ({known} IS NULL) AND ({known} IS NULL OR {known} IN ('D', 'M', 'Q', 'S', 'A'))"
        made += [_check(table, known, pair), _check(table, f"{name}_first_day", _first_day_rule(name))]
    elif kind == "key":
        made.append(_check(table, f"{name}_format", _key_rule(name)))
    elif kind == "flag":
        made.append(_check(table, name, f"{name} IN (TRUE, FALSE)"))
    elif kind in {"ref", "code"}:
        target = f"cl_{argument}.code" if kind == "code" else argument
        made.append(sa.ForeignKeyConstraint([name], [target], name=f"fk_{table}_{name}"))
    elif name == "municipality":
        rule = "municipality GLOB '[0-9][0-9][0-9]'" if _sqlite() else "municipality ~ '^[0-9]{3}$'"
        made.append(_check(table, "municipality_format", rule))
    return made


def _recorded(table: str) -> list[Any]:
    return [
        sa.Column("batch_id", sa.Integer(), nullable=False, comment="The import that stored the row."),
        sa.Column("recorded_at", sa.DateTime(), nullable=False, comment="When the row was stored (UTC)."),
        sa.Column("recorded_by", sa.String(64), nullable=False, comment="Account that stored the row."),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.batch_id"], name=f"fk_{table}_batch_id"),
    ]


def _create_code_lists() -> None:
    for name in _CODE_LISTS:
        op.create_table(
            f"cl_{name}",
            sa.Column("code", sa.String(40), nullable=False, comment="The code as stored and exchanged."),
            sa.Column("label_fi", sa.String(200), nullable=False, comment="Finnish name."),
            sa.Column("label_sv", sa.String(200), nullable=False, comment="Swedish name."),
            sa.Column("label_en", sa.String(200), nullable=False, comment="English name."),
            sa.Column("valid_from", sa.Date(), comment="First day on which the code may be used; empty where open."),
            sa.Column("valid_to", sa.Date(), comment="Last day on which the code may be used; empty where open."),
            sa.PrimaryKeyConstraint("code", name=f"pk_cl_{name}"),
            comment=f"Code list {name}, filled from reports/classifications by «thassist init».",
        )


def _create_tables() -> None:
    for table, (comment, columns, key, checks, indexed) in _TABLES.items():
        parts = [part for column in columns for part in _column(table, *column)]
        if table not in _LAW:
            parts += _recorded(table)
        op.create_table(
            table,
            *parts,
            *(sa.CheckConstraint(rule, name=name) for name, rule in checks.items()),
            *(sa.UniqueConstraint(name, name=f"uq_{table}_{name}") for name in _UNIQUE.get(table, [])),
            sa.PrimaryKeyConstraint(*key, name=f"pk_{table}"),
            comment=comment,
        )
        for name in indexed:
            op.create_index(f"ix_{table}_{name}", table, [name])


def _add_columns() -> None:
    """The same statement on both databases: neither copies a table for it, and rows that are there stay as they are."""
    for table, name, kind, rule, target, comment in _COLUMNS:
        if rule == "ref":
            other, _, key = target.partition(".")
            constraint = f"CONSTRAINT fk_{table}_{name} REFERENCES {other} ({key})"
        else:
            constraint = f"CONSTRAINT ck_{table}_{name} CHECK ({name} IN (TRUE, FALSE))"
        op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind} {constraint}")
        if not _sqlite():
            op.execute(f"COMMENT ON COLUMN {table}.{name} IS '{comment}'")
    op.create_index("ix_referral_contact_id", "referral", ["contact_id"])


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
    )"""


def _beside(row: str, place: str, what: str) -> str:
    """A value of the event of the same case that stands at another place."""
    return f"(SELECT e.{what} FROM status_event e WHERE e.referral_id = {row}.referral_id AND e.seq_no = {place})"


def _conditions(dialect: str) -> dict[str, list[tuple[str, str]]]:
    """What is refused, by event: a condition and the name that it has in the refusal."""
    before = f"CASE WHEN NEW.seq_no = 1 THEN '_Z' ELSE {_beside('NEW', 'NEW.seq_no - 1', 'status')} END"
    gap = f"NEW.seq_no <> 1 AND {_beside('NEW', 'NEW.seq_no - 1', 'seq_no')} IS NULL"
    wrong = f"NOT {_allowed(before, 'NEW', dialect)}"
    after = (
        "EXISTS (SELECT 1 FROM status_event n WHERE n.referral_id = NEW.referral_id "
        f"AND n.seq_no = NEW.seq_no + 1 AND NOT {_allowed('NEW.status', 'n', dialect)})"
    )
    moved = "NEW.referral_id <> OLD.referral_id OR NEW.seq_no <> OLD.seq_no"
    return {
        "INSERT": [(gap, "status_event_order"), (wrong, "status_event_transition")],
        "UPDATE": [(moved, "status_event_order"), (wrong, "status_event_transition"), (after, "status_event_transition")],
        "DELETE": [(f"{_beside('OLD', 'OLD.seq_no + 1', 'seq_no')} IS NOT NULL", "status_event_order")],
    }


def _sqlite_triggers() -> tuple[str, ...]:
    made = []
    for event, refused in _conditions("sqlite").items():
        body = "\n".join(f"    SELECT RAISE(ABORT, 'trigger: {name}') WHERE {rule};" for rule, name in refused)
        name = f"tr_status_event_{event.lower()}"
        made.append(f"CREATE TRIGGER {name} BEFORE {event} ON status_event\nBEGIN\n{body}\nEND")
    return tuple(made)


def _postgresql_triggers() -> tuple[str, ...]:
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


def upgrade() -> None:
    """Create what is new, add the columns, make the triggers."""
    _create_code_lists()
    _create_tables()
    _add_columns()
    for statement in _sqlite_triggers() if _sqlite() else _postgresql_triggers():
        op.execute(statement)
