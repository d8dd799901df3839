-- thassist: the record schema, in SQLite's dialect.
--
-- Written from thassist/records/model by «python -m thassist.records.ddl»; a test keeps the two equal. Databases are
-- made and upgraded by «thassist init» (migrations), not from this file: it is for reading. PostgreSQL has the same
-- tables, with its own wording of the rules on dates and keys and of the triggers.
--
-- Dates are known to a day or a longer span: the column <name>_precision says to what span (D day, M month, Q quarter,
-- S half-year, A year), and the date is the first day of that span. Coded columns refer to the cl_ tables, which hold
-- the code lists. Not known is a code, not an empty field, wherever a list has such a code (_U). No table has a place
-- for a person's name, personal identity code, address or telephone number.

-- Code list age_class, filled from reports/classifications by «thassist init».
CREATE TABLE cl_age_class (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_age_class PRIMARY KEY (code)
);

-- Code list appeal_ruling, filled from reports/classifications by «thassist init».
CREATE TABLE cl_appeal_ruling (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_appeal_ruling PRIMARY KEY (code)
);

-- Code list authority, filled from reports/classifications by «thassist init».
CREATE TABLE cl_authority (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_authority PRIMARY KEY (code)
);

-- Code list case_status, filled from reports/classifications by «thassist init».
CREATE TABLE cl_case_status (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_case_status PRIMARY KEY (code)
);

-- Code list compensation_kind, filled from reports/classifications by «thassist init».
CREATE TABLE cl_compensation_kind (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_compensation_kind PRIMARY KEY (code)
);

-- Code list consent_by, filled from reports/classifications by «thassist init».
CREATE TABLE cl_consent_by (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_consent_by PRIMARY KEY (code)
);

-- Code list contact_channel, filled from reports/classifications by «thassist init».
CREATE TABLE cl_contact_channel (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_contact_channel PRIMARY KEY (code)
);

-- Code list country, filled from reports/classifications by «thassist init».
CREATE TABLE cl_country (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_country PRIMARY KEY (code)
);

-- Code list criminal_stage, filled from reports/classifications by «thassist init».
CREATE TABLE cl_criminal_stage (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_criminal_stage PRIMARY KEY (code)
);

-- Code list decision_outcome, filled from reports/classifications by «thassist init».
CREATE TABLE cl_decision_outcome (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_decision_outcome PRIMARY KEY (code)
);

-- Code list decision_reason, filled from reports/classifications by «thassist init».
CREATE TABLE cl_decision_reason (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_decision_reason PRIMARY KEY (code)
);

-- Code list decision_type, filled from reports/classifications by «thassist init».
CREATE TABLE cl_decision_type (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_decision_type PRIMARY KEY (code)
);

-- Code list exit_reason, filled from reports/classifications by «thassist init».
CREATE TABLE cl_exit_reason (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_exit_reason PRIMARY KEY (code)
);

-- Code list exploitation_form, filled from reports/classifications by «thassist init».
CREATE TABLE cl_exploitation_form (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_exploitation_form PRIMARY KEY (code)
);

-- Code list exploiter_relation, filled from reports/classifications by «thassist init».
CREATE TABLE cl_exploiter_relation (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_exploiter_relation PRIMARY KEY (code)
);

-- Code list family_relation, filled from reports/classifications by «thassist init».
CREATE TABLE cl_family_relation (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_family_relation PRIMARY KEY (code)
);

-- Code list hold_reason, filled from reports/classifications by «thassist init».
CREATE TABLE cl_hold_reason (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_hold_reason PRIMARY KEY (code)
);

-- Code list identification_status, filled from reports/classifications by «thassist init».
CREATE TABLE cl_identification_status (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_identification_status PRIMARY KEY (code)
);

-- Code list industry, filled from reports/classifications by «thassist init».
CREATE TABLE cl_industry (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_industry PRIMARY KEY (code)
);

-- Code list means_of_control, filled from reports/classifications by «thassist init».
CREATE TABLE cl_means_of_control (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_means_of_control PRIMARY KEY (code)
);

-- Code list payer, filled from reports/classifications by «thassist init».
CREATE TABLE cl_payer (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_payer PRIMARY KEY (code)
);

-- Code list period_type, filled from reports/classifications by «thassist init».
CREATE TABLE cl_period_type (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_period_type PRIMARY KEY (code)
);

-- Code list permit_ground, filled from reports/classifications by «thassist init».
CREATE TABLE cl_permit_ground (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_permit_ground PRIMARY KEY (code)
);

-- Code list provider, filled from reports/classifications by «thassist init».
CREATE TABLE cl_provider (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_provider PRIMARY KEY (code)
);

-- Code list recruitment, filled from reports/classifications by «thassist init».
CREATE TABLE cl_recruitment (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_recruitment PRIMARY KEY (code)
);

-- Code list referral_source, filled from reports/classifications by «thassist init».
CREATE TABLE cl_referral_source (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_referral_source PRIMARY KEY (code)
);

-- Code list reporting_system, filled from reports/classifications by «thassist init».
CREATE TABLE cl_reporting_system (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_reporting_system PRIMARY KEY (code)
);

-- Code list residence_status, filled from reports/classifications by «thassist init».
CREATE TABLE cl_residence_status (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_residence_status PRIMARY KEY (code)
);

-- Code list role, filled from reports/classifications by «thassist init».
CREATE TABLE cl_role (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_role PRIMARY KEY (code)
);

-- Code list service_kind, filled from reports/classifications by «thassist init».
CREATE TABLE cl_service_kind (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_service_kind PRIMARY KEY (code)
);

-- Code list sex, filled from reports/classifications by «thassist init».
CREATE TABLE cl_sex (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_sex PRIMARY KEY (code)
);

-- Code list staff_unit, filled from reports/classifications by «thassist init».
CREATE TABLE cl_staff_unit (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_staff_unit PRIMARY KEY (code)
);

-- Code list statute, filled from reports/classifications by «thassist init».
CREATE TABLE cl_statute (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_statute PRIMARY KEY (code)
);

-- Code list wellbeing_county, filled from reports/classifications by «thassist init».
CREATE TABLE cl_wellbeing_county (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_wellbeing_county PRIMARY KEY (code)
);

-- Code list work_process, filled from reports/classifications by «thassist init».
CREATE TABLE cl_work_process (
    -- The code as stored and exchanged.
    code VARCHAR(40) NOT NULL,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- First day on which the code may be used; empty where open.
    valid_from DATE,
    -- Last day on which the code may be used; empty where open.
    valid_to DATE,
    CONSTRAINT pk_cl_work_process PRIMARY KEY (code)
);

-- Which version of each code list the «cl_» tables hold, since «thassist init».
CREATE TABLE code_list (
    -- The code list.
    list_id VARCHAR(40) NOT NULL,
    -- Version of its file in reports/classifications.
    version VARCHAR(20) NOT NULL,
    CONSTRAINT pk_code_list PRIMARY KEY (list_id)
);

-- Decisions whether two persons are one. Records are never merged: statistics count the persons of a standing decision
-- as one. A decision is undone, not removed (triggers refuse anything else).
CREATE TABLE duplicate_decision (
    -- Running number, from 1.
    decision_no INTEGER NOT NULL,
    -- One of the two. No reference: the decision outlives a person who is withdrawn.
    person_id VARCHAR(64) NOT NULL,
    -- The other.
    other_person_id VARCHAR(64) NOT NULL,
    -- True: they are one person. False: they are two.
    same_person BOOLEAN NOT NULL,
    -- When (UTC).
    decided_at DATETIME NOT NULL,
    -- Account that decided.
    decided_by VARCHAR(64) NOT NULL,
    -- Reason; never a name or another person's data.
    why VARCHAR(200) NOT NULL,
    -- When it was undone (UTC); empty while it stands.
    undone_at DATETIME,
    -- Account that undid it.
    undone_by VARCHAR(64),
    -- Reason for undoing it.
    undone_why VARCHAR(200),
    CONSTRAINT pk_duplicate_decision PRIMARY KEY (decision_no),
    CONSTRAINT ck_duplicate_decision_same_person CHECK (same_person IN (TRUE, FALSE)),
    CONSTRAINT ck_duplicate_decision_not_self CHECK (person_id <> other_person_id),
    CONSTRAINT ck_duplicate_decision_undone CHECK ((undone_at IS NULL) = (undone_by IS NULL) AND (undone_at IS NULL)
        = (undone_why IS NULL))
);
CREATE INDEX ix_duplicate_decision_person_id ON duplicate_decision (person_id);
CREATE TRIGGER tr_duplicate_decision_update BEFORE UPDATE ON duplicate_decision
WHEN OLD.undone_at IS NOT NULL OR NEW.undone_at IS NULL OR NEW.decision_no <> OLD.decision_no OR NEW.person_id <> OLD.person_id OR NEW.other_person_id <> OLD.other_person_id OR NEW.same_person <> OLD.same_person OR NEW.decided_at <> OLD.decided_at OR NEW.decided_by <> OLD.decided_by OR NEW.why <> OLD.why
BEGIN
    SELECT RAISE(ABORT, 'trigger: duplicate_decision_kept');
END;
CREATE TRIGGER tr_duplicate_decision_delete BEFORE DELETE ON duplicate_decision
BEGIN
    SELECT RAISE(ABORT, 'trigger: duplicate_decision_kept');
END;
CREATE TRIGGER tr_duplicate_decision_insert BEFORE INSERT ON duplicate_decision
WHEN EXISTS (SELECT 1 FROM duplicate_decision d WHERE d.decision_no = NEW.decision_no)
BEGIN
    SELECT RAISE(ABORT, 'trigger: duplicate_decision_kept');
END;

-- One accepted delivery: all of it was stored, in one transaction.
CREATE TABLE import_batch (
    -- Running number of the import.
    batch_id INTEGER NOT NULL,
    -- Mapping profile by which the file was read.
    profile VARCHAR(64) NOT NULL,
    -- SHA-256 of the file's bytes. The file name is not kept: it may hold a name.
    file_sha256 VARCHAR(64) NOT NULL,
    -- True where the delivery is made-up data; every output says so.
    synthetic BOOLEAN NOT NULL,
    -- Records stored.
    row_count INTEGER NOT NULL,
    -- When the import was stored (UTC).
    recorded_at DATETIME NOT NULL,
    -- Account that ran the import.
    recorded_by VARCHAR(64) NOT NULL,
    CONSTRAINT pk_import_batch PRIMARY KEY (batch_id),
    CONSTRAINT ck_import_batch_synthetic CHECK (synthetic IN (TRUE, FALSE)),
    CONSTRAINT uq_import_batch_file_sha256 UNIQUE (file_sha256)
);
CREATE TRIGGER tr_import_batch_update BEFORE UPDATE ON import_batch
BEGIN
    SELECT RAISE(ABORT, 'trigger: import_batch_append_only');
END;
CREATE TRIGGER tr_import_batch_delete BEFORE DELETE ON import_batch
BEGIN
    SELECT RAISE(ABORT, 'trigger: import_batch_append_only');
END;
CREATE TRIGGER tr_import_batch_insert BEFORE INSERT ON import_batch
WHEN EXISTS (SELECT 1 FROM import_batch b WHERE b.batch_id = NEW.batch_id OR b.file_sha256 = NEW.file_sha256)
BEGIN
    SELECT RAISE(ABORT, 'trigger: import_batch_append_only');
END;

-- Periods in which the same law was in force, from reports/legal by «thassist init».
CREATE TABLE legal_regime (
    -- The regime.
    regime_id VARCHAR(40) NOT NULL,
    -- First day in force.
    valid_from DATE NOT NULL,
    -- Last day in force; empty while in force.
    valid_to DATE,
    -- Finnish name.
    label_fi VARCHAR(200) NOT NULL,
    -- Swedish name.
    label_sv VARCHAR(200) NOT NULL,
    -- English name.
    label_en VARCHAR(200) NOT NULL,
    -- Where its dates were read.
    source VARCHAR(400) NOT NULL,
    -- seen, inferred, from memory, or own.
    confidence VARCHAR(20) NOT NULL,
    CONSTRAINT pk_legal_regime PRIMARY KEY (regime_id),
    CONSTRAINT ck_legal_regime_validity CHECK (valid_to IS NULL OR valid_to >= valid_from),
    CONSTRAINT uq_legal_regime_valid_from UNIQUE (valid_from)
);

-- The trail: every change of a record and of the list of imports, in order. Rows are only ever added (triggers refuse
-- anything else), and each holds a hash over itself and the one before.
CREATE TABLE change_entry (
    -- 1, 2, 3 … without gaps: the order of changes.
    seq_no INTEGER NOT NULL,
    -- When the change was made (UTC).
    recorded_at DATETIME NOT NULL,
    -- Account that made it.
    recorded_by VARCHAR(64) NOT NULL,
    -- Reason, always given for a correction or a withdrawal.
    why VARCHAR(200),
    -- The import that made it; empty where no file was behind it.
    batch_id INTEGER,
    -- ADOPT held before the trail began, INSERT new, CORRECT other values, WITHDRAW no longer there.
    action VARCHAR(10) NOT NULL,
    -- Table of the record.
    record_table VARCHAR(64) NOT NULL,
    -- Its key: the key fields' values as a JSON list.
    record_key TEXT NOT NULL,
    -- The record after the change: its fields that are not empty, as a JSON object sorted by field.
    content TEXT,
    -- SHA-256 over the hash of the entry before and everything in this one.
    hash VARCHAR(64) NOT NULL,
    CONSTRAINT pk_change_entry PRIMARY KEY (seq_no),
    CONSTRAINT ck_change_entry_action CHECK (action IN ('ADOPT', 'INSERT', 'CORRECT', 'WITHDRAW')),
    CONSTRAINT ck_change_entry_content CHECK ((action = 'WITHDRAW') = (content IS NULL)),
    CONSTRAINT fk_change_entry_batch_id FOREIGN KEY(batch_id) REFERENCES import_batch (batch_id)
);
CREATE INDEX ix_change_entry_record_table_record_key ON change_entry (record_table, record_key);
CREATE TRIGGER tr_change_entry_update BEFORE UPDATE ON change_entry
BEGIN
    SELECT RAISE(ABORT, 'trigger: change_entry_append_only');
END;
CREATE TRIGGER tr_change_entry_delete BEFORE DELETE ON change_entry
BEGIN
    SELECT RAISE(ABORT, 'trigger: change_entry_append_only');
END;
CREATE TRIGGER tr_change_entry_insert BEFORE INSERT ON change_entry
WHEN NOT (NEW.seq_no = (SELECT coalesce(max(seq_no), 0) + 1 FROM change_entry))
BEGIN
    SELECT RAISE(ABORT, 'trigger: change_entry_no_gaps');
END;

-- A contact with the assistance system (helpline, advice). It is not a case and holds nothing about a person; the
-- proposal that followed, if any, refers to it.
CREATE TABLE contact (
    -- Key of the contact.
    contact_id VARCHAR(64) NOT NULL,
    -- The system that was contacted.
    reporting_system VARCHAR(40) NOT NULL,
    -- When the contact was made.
    contact_date DATE NOT NULL,
    -- Span to which contact_date is known (D day, M month, Q quarter, S half-year, A year); the date is the first day
    -- of that span.
    contact_date_precision VARCHAR(1) NOT NULL,
    -- How the contact was made.
    channel VARCHAR(40) NOT NULL,
    -- Who made the contact.
    source VARCHAR(40) NOT NULL,
    -- True where whoever made the contact stayed anonymous.
    anonymous BOOLEAN,
    -- The import that stored the row.
    batch_id INTEGER NOT NULL,
    -- When the row was stored (UTC).
    recorded_at DATETIME NOT NULL,
    -- Account that stored the row.
    recorded_by VARCHAR(64) NOT NULL,
    CONSTRAINT pk_contact PRIMARY KEY (contact_id),
    CONSTRAINT ck_contact_contact_id_format CHECK (length(contact_id) BETWEEN 1 AND 64 AND contact_id NOT GLOB
        '*[^A-Za-z0-9-]*' AND contact_id NOT GLOB
        '[0-9][0-9][0-9][0-9][0-9][0-9][-A-FU-Ya-fu-y][0-9][0-9][0-9][0-9A-Za-z]'),
    CONSTRAINT ck_contact_contact_date_precision CHECK ((contact_date IS NULL) = (contact_date_precision IS NULL)
        AND (contact_date_precision IS NULL OR contact_date_precision IN ('D', 'M', 'Q', 'S', 'A'))),
    CONSTRAINT ck_contact_contact_date_first_day CHECK (date(contact_date, '+0 days') IS contact_date AND
        (contact_date_precision = 'D' OR (substr(contact_date, 9, 2) = '01' AND (contact_date_precision = 'M' OR
        (contact_date_precision = 'Q' AND substr(contact_date, 6, 2) IN ('01', '04', '07', '10')) OR
        (contact_date_precision = 'S' AND substr(contact_date, 6, 2) IN ('01', '07')) OR (contact_date_precision =
        'A' AND substr(contact_date, 6, 2) = '01'))))),
    CONSTRAINT ck_contact_anonymous CHECK (anonymous IN (TRUE, FALSE)),
    CONSTRAINT fk_contact_reporting_system FOREIGN KEY(reporting_system) REFERENCES cl_reporting_system (code),
    CONSTRAINT fk_contact_channel FOREIGN KEY(channel) REFERENCES cl_contact_channel (code),
    CONSTRAINT fk_contact_source FOREIGN KEY(source) REFERENCES cl_referral_source (code),
    CONSTRAINT fk_contact_batch_id FOREIGN KEY(batch_id) REFERENCES import_batch (batch_id)
);

-- Codes that may be used in a field under a regime. A field without a row under a regime is not limited by it.
CREATE TABLE legal_code (
    -- The regime.
    regime_id VARCHAR(40) NOT NULL,
    -- The field, as table.column.
    field VARCHAR(80) NOT NULL,
    -- The code.
    code VARCHAR(40) NOT NULL,
    -- Where it was read.
    source VARCHAR(400) NOT NULL,
    -- seen, inferred, from memory, or own.
    confidence VARCHAR(20) NOT NULL,
    CONSTRAINT pk_legal_code PRIMARY KEY (regime_id, field, code),
    CONSTRAINT fk_legal_code_regime_id FOREIGN KEY(regime_id) REFERENCES legal_regime (regime_id)
);

-- Numbers that the law sets, by regime; one that is not confirmed says so in its confidence.
CREATE TABLE legal_parameter (
    -- The regime.
    regime_id VARCHAR(40) NOT NULL,
    -- What is set, by its identifier.
    parameter VARCHAR(60) NOT NULL,
    -- The number.
    value INTEGER NOT NULL,
    -- days, months, years, or flag (1 yes, 0 no).
    unit VARCHAR(10) NOT NULL,
    -- Where it was read.
    source VARCHAR(400) NOT NULL,
    -- seen, inferred, from memory, or own.
    confidence VARCHAR(20) NOT NULL,
    CONSTRAINT pk_legal_parameter PRIMARY KEY (regime_id, parameter),
    CONSTRAINT ck_legal_parameter_unit CHECK (unit IN ('days', 'months', 'years', 'flag')),
    CONSTRAINT fk_legal_parameter_regime_id FOREIGN KEY(regime_id) REFERENCES legal_regime (regime_id)
);

-- A person known to the assistance system, by a pseudonymous key.
CREATE TABLE person (
    -- Pseudonymous key; never a name or an identity code.
    person_id VARCHAR(64) NOT NULL,
    -- The system whose case work this is.
    reporting_system VARCHAR(40) NOT NULL,
    -- Sex as recorded; not known is a code.
    sex VARCHAR(40) NOT NULL,
    -- Date of birth, to the precision beside it.
    birth_date DATE,
    -- Span to which birth_date is known (D day, M month, Q quarter, S half-year, A year); the date is the first day of
    -- that span.
    birth_date_precision VARCHAR(1),
    -- True where the date is an estimate.
    birth_date_estimated BOOLEAN,
    -- The import that stored the row.
    batch_id INTEGER NOT NULL,
    -- When the row was stored (UTC).
    recorded_at DATETIME NOT NULL,
    -- Account that stored the row.
    recorded_by VARCHAR(64) NOT NULL,
    CONSTRAINT pk_person PRIMARY KEY (person_id),
    CONSTRAINT ck_person_person_id_format CHECK (length(person_id) BETWEEN 1 AND 64 AND person_id NOT GLOB
        '*[^A-Za-z0-9-]*' AND person_id NOT GLOB
        '[0-9][0-9][0-9][0-9][0-9][0-9][-A-FU-Ya-fu-y][0-9][0-9][0-9][0-9A-Za-z]'),
    CONSTRAINT ck_person_birth_date_precision CHECK ((birth_date IS NULL) = (birth_date_precision IS NULL) AND
        (birth_date_precision IS NULL OR birth_date_precision IN ('D', 'M', 'Q', 'S', 'A'))),
    CONSTRAINT ck_person_birth_date_first_day CHECK (date(birth_date, '+0 days') IS birth_date AND
        (birth_date_precision = 'D' OR (substr(birth_date, 9, 2) = '01' AND (birth_date_precision = 'M' OR
        (birth_date_precision = 'Q' AND substr(birth_date, 6, 2) IN ('01', '04', '07', '10')) OR
        (birth_date_precision = 'S' AND substr(birth_date, 6, 2) IN ('01', '07')) OR (birth_date_precision = 'A' AND
        substr(birth_date, 6, 2) = '01'))))),
    CONSTRAINT ck_person_birth_date_estimated CHECK (birth_date_estimated IN (TRUE, FALSE)),
    CONSTRAINT fk_person_reporting_system FOREIGN KEY(reporting_system) REFERENCES cl_reporting_system (code),
    CONSTRAINT fk_person_sex FOREIGN KEY(sex) REFERENCES cl_sex (code),
    CONSTRAINT fk_person_batch_id FOREIGN KEY(batch_id) REFERENCES import_batch (batch_id)
);

-- Working time by process, unit and month, for productivity. Nothing about clients or employees.
CREATE TABLE staff_time (
    -- The process worked on.
    process VARCHAR(40) NOT NULL,
    -- The month, as its first day.
    month_date DATE NOT NULL,
    -- Span to which month_date is known (D day, M month, Q quarter, S half-year, A year); the date is the first day of
    -- that span.
    month_date_precision VARCHAR(1) NOT NULL,
    -- The unit that worked.
    unit VARCHAR(40) NOT NULL,
    -- The system whose work this is.
    reporting_system VARCHAR(40) NOT NULL,
    -- Hours worked, in hundredths of an hour.
    hours_hundredths INTEGER NOT NULL,
    -- The import that stored the row.
    batch_id INTEGER NOT NULL,
    -- When the row was stored (UTC).
    recorded_at DATETIME NOT NULL,
    -- Account that stored the row.
    recorded_by VARCHAR(64) NOT NULL,
    CONSTRAINT pk_staff_time PRIMARY KEY (process, month_date, unit, reporting_system),
    CONSTRAINT ck_staff_time_month_date_precision CHECK ((month_date IS NULL) = (month_date_precision IS NULL) AND
        (month_date_precision IS NULL OR month_date_precision IN ('D', 'M', 'Q', 'S', 'A'))),
    CONSTRAINT ck_staff_time_month_date_first_day CHECK (date(month_date, '+0 days') IS month_date AND
        (month_date_precision = 'D' OR (substr(month_date, 9, 2) = '01' AND (month_date_precision = 'M' OR
        (month_date_precision = 'Q' AND substr(month_date, 6, 2) IN ('01', '04', '07', '10')) OR
        (month_date_precision = 'S' AND substr(month_date, 6, 2) IN ('01', '07')) OR (month_date_precision = 'A' AND
        substr(month_date, 6, 2) = '01'))))),
    CONSTRAINT ck_staff_time_month_date_is_month CHECK (month_date_precision = 'M'),
    CONSTRAINT ck_staff_time_hours_hundredths CHECK (hours_hundredths >= 0 AND hours_hundredths <= 2147483647),
    CONSTRAINT fk_staff_time_process FOREIGN KEY(process) REFERENCES cl_work_process (code),
    CONSTRAINT fk_staff_time_unit FOREIGN KEY(unit) REFERENCES cl_staff_unit (code),
    CONSTRAINT fk_staff_time_reporting_system FOREIGN KEY(reporting_system) REFERENCES cl_reporting_system (code),
    CONSTRAINT fk_staff_time_batch_id FOREIGN KEY(batch_id) REFERENCES import_batch (batch_id)
);

-- Changes of the status of a case that are allowed under a regime; all others are refused.
CREATE TABLE status_transition (
    -- The regime.
    regime_id VARCHAR(40) NOT NULL,
    -- The status before; _Z where there is none.
    from_status VARCHAR(40) NOT NULL,
    -- The status after.
    to_status VARCHAR(40) NOT NULL,
    -- Where it was read, and what brings it about.
    source VARCHAR(400) NOT NULL,
    -- seen, inferred, from memory, or own.
    confidence VARCHAR(20) NOT NULL,
    CONSTRAINT pk_status_transition PRIMARY KEY (regime_id, from_status, to_status),
    CONSTRAINT fk_status_transition_regime_id FOREIGN KEY(regime_id) REFERENCES legal_regime (regime_id),
    CONSTRAINT fk_status_transition_to_status FOREIGN KEY(to_status) REFERENCES cl_case_status (code)
);

-- Recovery and reflection periods. How long they may last is said by the legal regime.
CREATE TABLE assistance_period (
    -- Key of the period.
    period_id VARCHAR(64) NOT NULL,
    -- The person.
    person_id VARCHAR(64) NOT NULL,
    -- Recovery or reflection period.
    period_type VARCHAR(40) NOT NULL,
    -- First day.
    start_date DATE NOT NULL,
    -- Span to which start_date is known (D day, M month, Q quarter, S half-year, A year); the date is the first day of
    -- that span.
    start_date_precision VARCHAR(1) NOT NULL,
    -- Last day; empty where not known yet.
    end_date DATE,
    -- Span to which end_date is known (D day, M month, Q quarter, S half-year, A year); the date is the first day of
    -- that span.
    end_date_precision VARCHAR(1),
    -- Who granted it.
    granted_by VARCHAR(40) NOT NULL,
    -- True where it was extended; the last day is then that of the extension.
    extended BOOLEAN,
    -- The import that stored the row.
    batch_id INTEGER NOT NULL,
    -- When the row was stored (UTC).
    recorded_at DATETIME NOT NULL,
    -- Account that stored the row.
    recorded_by VARCHAR(64) NOT NULL,
    CONSTRAINT pk_assistance_period PRIMARY KEY (period_id),
    CONSTRAINT ck_assistance_period_period_id_format CHECK (length(period_id) BETWEEN 1 AND 64 AND period_id NOT
        GLOB '*[^A-Za-z0-9-]*' AND period_id NOT GLOB
        '[0-9][0-9][0-9][0-9][0-9][0-9][-A-FU-Ya-fu-y][0-9][0-9][0-9][0-9A-Za-z]'),
    CONSTRAINT ck_assistance_period_start_date_precision CHECK ((start_date IS NULL) = (start_date_precision IS
        NULL) AND (start_date_precision IS NULL OR start_date_precision IN ('D', 'M', 'Q', 'S', 'A'))),
    CONSTRAINT ck_assistance_period_start_date_first_day CHECK (date(start_date, '+0 days') IS start_date AND
        (start_date_precision = 'D' OR (substr(start_date, 9, 2) = '01' AND (start_date_precision = 'M' OR
        (start_date_precision = 'Q' AND substr(start_date, 6, 2) IN ('01', '04', '07', '10')) OR
        (start_date_precision = 'S' AND substr(start_date, 6, 2) IN ('01', '07')) OR (start_date_precision = 'A' AND
        substr(start_date, 6, 2) = '01'))))),
    CONSTRAINT ck_assistance_period_end_date_precision CHECK ((end_date IS NULL) = (end_date_precision IS NULL) AND
        (end_date_precision IS NULL OR end_date_precision IN ('D', 'M', 'Q', 'S', 'A'))),
    CONSTRAINT ck_assistance_period_end_date_first_day CHECK (date(end_date, '+0 days') IS end_date AND
        (end_date_precision = 'D' OR (substr(end_date, 9, 2) = '01' AND (end_date_precision = 'M' OR
        (end_date_precision = 'Q' AND substr(end_date, 6, 2) IN ('01', '04', '07', '10')) OR (end_date_precision =
        'S' AND substr(end_date, 6, 2) IN ('01', '07')) OR (end_date_precision = 'A' AND substr(end_date, 6, 2) =
        '01'))))),
    CONSTRAINT ck_assistance_period_extended CHECK (extended IN (TRUE, FALSE)),
    CONSTRAINT fk_assistance_period_person_id FOREIGN KEY(person_id) REFERENCES person (person_id),
    CONSTRAINT fk_assistance_period_period_type FOREIGN KEY(period_type) REFERENCES cl_period_type (code),
    CONSTRAINT fk_assistance_period_granted_by FOREIGN KEY(granted_by) REFERENCES cl_authority (code),
    CONSTRAINT fk_assistance_period_batch_id FOREIGN KEY(batch_id) REFERENCES import_batch (batch_id)
);
CREATE INDEX ix_assistance_period_person_id ON assistance_period (person_id);

-- Assisted returns of clients.
CREATE TABLE assisted_return (
    -- Key of the return.
    return_id VARCHAR(64) NOT NULL,
    -- The person.
    person_id VARCHAR(64) NOT NULL,
    -- Country of return by ISO 3166-1 alpha-2, or a special code.
    country VARCHAR(40) NOT NULL,
    -- Date of the return.
    return_date DATE NOT NULL,
    -- Span to which return_date is known (D day, M month, Q quarter, S half-year, A year); the date is the first day
    -- of that span.
    return_date_precision VARCHAR(1) NOT NULL,
    -- The import that stored the row.
    batch_id INTEGER NOT NULL,
    -- When the row was stored (UTC).
    recorded_at DATETIME NOT NULL,
    -- Account that stored the row.
    recorded_by VARCHAR(64) NOT NULL,
    CONSTRAINT pk_assisted_return PRIMARY KEY (return_id),
    CONSTRAINT ck_assisted_return_return_id_format CHECK (length(return_id) BETWEEN 1 AND 64 AND return_id NOT GLOB
        '*[^A-Za-z0-9-]*' AND return_id NOT GLOB
        '[0-9][0-9][0-9][0-9][0-9][0-9][-A-FU-Ya-fu-y][0-9][0-9][0-9][0-9A-Za-z]'),
    CONSTRAINT ck_assisted_return_return_date_precision CHECK ((return_date IS NULL) = (return_date_precision IS
        NULL) AND (return_date_precision IS NULL OR return_date_precision IN ('D', 'M', 'Q', 'S', 'A'))),
    CONSTRAINT ck_assisted_return_return_date_first_day CHECK (date(return_date, '+0 days') IS return_date AND
        (return_date_precision = 'D' OR (substr(return_date, 9, 2) = '01' AND (return_date_precision = 'M' OR
        (return_date_precision = 'Q' AND substr(return_date, 6, 2) IN ('01', '04', '07', '10')) OR
        (return_date_precision = 'S' AND substr(return_date, 6, 2) IN ('01', '07')) OR (return_date_precision = 'A'
        AND substr(return_date, 6, 2) = '01'))))),
    CONSTRAINT fk_assisted_return_person_id FOREIGN KEY(person_id) REFERENCES person (person_id),
    CONSTRAINT fk_assisted_return_country FOREIGN KEY(country) REFERENCES cl_country (code),
    CONSTRAINT fk_assisted_return_batch_id FOREIGN KEY(batch_id) REFERENCES import_batch (batch_id)
);
CREATE INDEX ix_assisted_return_person_id ON assisted_return (person_id);

-- Citizenships of a person; stateless and not known are codes, never a missing row.
CREATE TABLE citizenship (
    -- The person.
    person_id VARCHAR(64) NOT NULL,
    -- Country by ISO 3166-1 alpha-2, or a special code.
    country VARCHAR(40) NOT NULL,
    -- True for the one citizenship used where a table shows only one; empty where the source does not say.
    is_primary BOOLEAN,
    -- The import that stored the row.
    batch_id INTEGER NOT NULL,
    -- When the row was stored (UTC).
    recorded_at DATETIME NOT NULL,
    -- Account that stored the row.
    recorded_by VARCHAR(64) NOT NULL,
    CONSTRAINT pk_citizenship PRIMARY KEY (person_id, country),
    CONSTRAINT ck_citizenship_is_primary CHECK (is_primary IN (TRUE, FALSE)),
    CONSTRAINT fk_citizenship_person_id FOREIGN KEY(person_id) REFERENCES person (person_id),
    CONSTRAINT fk_citizenship_country FOREIGN KEY(country) REFERENCES cl_country (code),
    CONSTRAINT fk_citizenship_batch_id FOREIGN KEY(batch_id) REFERENCES import_batch (batch_id)
);
CREATE UNIQUE INDEX uq_citizenship_primary ON citizenship (person_id) WHERE is_primary;

-- Compensation awarded to a person.
CREATE TABLE compensation (
    -- Key of the compensation.
    compensation_id VARCHAR(64) NOT NULL,
    -- The person.
    person_id VARCHAR(64) NOT NULL,
    -- Kind of compensation.
    kind VARCHAR(40) NOT NULL,
    -- When it was awarded.
    decided_date DATE NOT NULL,
    -- Span to which decided_date is known (D day, M month, Q quarter, S half-year, A year); the date is the first day
    -- of that span.
    decided_date_precision VARCHAR(1) NOT NULL,
    -- Amount in euro cents; empty where not known.
    amount_cents INTEGER,
    -- The import that stored the row.
    batch_id INTEGER NOT NULL,
    -- When the row was stored (UTC).
    recorded_at DATETIME NOT NULL,
    -- Account that stored the row.
    recorded_by VARCHAR(64) NOT NULL,
    CONSTRAINT pk_compensation PRIMARY KEY (compensation_id),
    CONSTRAINT ck_compensation_compensation_id_format CHECK (length(compensation_id) BETWEEN 1 AND 64 AND
        compensation_id NOT GLOB '*[^A-Za-z0-9-]*' AND compensation_id NOT GLOB
        '[0-9][0-9][0-9][0-9][0-9][0-9][-A-FU-Ya-fu-y][0-9][0-9][0-9][0-9A-Za-z]'),
    CONSTRAINT ck_compensation_decided_date_precision CHECK ((decided_date IS NULL) = (decided_date_precision IS
        NULL) AND (decided_date_precision IS NULL OR decided_date_precision IN ('D', 'M', 'Q', 'S', 'A'))),
    CONSTRAINT ck_compensation_decided_date_first_day CHECK (date(decided_date, '+0 days') IS decided_date AND
        (decided_date_precision = 'D' OR (substr(decided_date, 9, 2) = '01' AND (decided_date_precision = 'M' OR
        (decided_date_precision = 'Q' AND substr(decided_date, 6, 2) IN ('01', '04', '07', '10')) OR
        (decided_date_precision = 'S' AND substr(decided_date, 6, 2) IN ('01', '07')) OR (decided_date_precision =
        'A' AND substr(decided_date, 6, 2) = '01'))))),
    CONSTRAINT ck_compensation_amount_cents CHECK (amount_cents >= 0 AND amount_cents <= 2147483647),
    CONSTRAINT fk_compensation_person_id FOREIGN KEY(person_id) REFERENCES person (person_id),
    CONSTRAINT fk_compensation_kind FOREIGN KEY(kind) REFERENCES cl_compensation_kind (code),
    CONSTRAINT fk_compensation_batch_id FOREIGN KEY(batch_id) REFERENCES import_batch (batch_id)
);
CREATE INDEX ix_compensation_person_id ON compensation (person_id);

-- Stages of the criminal process in which a person is the injured party: context, not a condition.
CREATE TABLE criminal_stage (
    -- The person.
    person_id VARCHAR(64) NOT NULL,
    -- The stage; no criminal case is a code.
    stage VARCHAR(40) NOT NULL,
    -- When it was reached, or known not to be.
    stage_date DATE NOT NULL,
    -- Span to which stage_date is known (D day, M month, Q quarter, S half-year, A year); the date is the first day of
    -- that span.
    stage_date_precision VARCHAR(1) NOT NULL,
    -- True where the offence is trafficking in human beings, false for another title; empty where not known.
    title_thb BOOLEAN,
    -- The import that stored the row.
    batch_id INTEGER NOT NULL,
    -- When the row was stored (UTC).
    recorded_at DATETIME NOT NULL,
    -- Account that stored the row.
    recorded_by VARCHAR(64) NOT NULL,
    CONSTRAINT pk_criminal_stage PRIMARY KEY (person_id, stage, stage_date),
    CONSTRAINT ck_criminal_stage_stage_date_precision CHECK ((stage_date IS NULL) = (stage_date_precision IS NULL)
        AND (stage_date_precision IS NULL OR stage_date_precision IN ('D', 'M', 'Q', 'S', 'A'))),
    CONSTRAINT ck_criminal_stage_stage_date_first_day CHECK (date(stage_date, '+0 days') IS stage_date AND
        (stage_date_precision = 'D' OR (substr(stage_date, 9, 2) = '01' AND (stage_date_precision = 'M' OR
        (stage_date_precision = 'Q' AND substr(stage_date, 6, 2) IN ('01', '04', '07', '10')) OR
        (stage_date_precision = 'S' AND substr(stage_date, 6, 2) IN ('01', '07')) OR (stage_date_precision = 'A' AND
        substr(stage_date, 6, 2) = '01'))))),
    CONSTRAINT ck_criminal_stage_title_thb CHECK (title_thb IN (TRUE, FALSE)),
    CONSTRAINT fk_criminal_stage_person_id FOREIGN KEY(person_id) REFERENCES person (person_id),
    CONSTRAINT fk_criminal_stage_stage FOREIGN KEY(stage) REFERENCES cl_criminal_stage (code),
    CONSTRAINT fk_criminal_stage_batch_id FOREIGN KEY(batch_id) REFERENCES import_batch (batch_id)
);

-- Family ties that the statistics need: above all the guardian of a dependent child.
CREATE TABLE family_link (
    -- The person.
    person_id VARCHAR(64) NOT NULL,
    -- The other person.
    related_person_id VARCHAR(64) NOT NULL,
    -- What the other person is to the person.
    relation VARCHAR(40) NOT NULL,
    -- The import that stored the row.
    batch_id INTEGER NOT NULL,
    -- When the row was stored (UTC).
    recorded_at DATETIME NOT NULL,
    -- Account that stored the row.
    recorded_by VARCHAR(64) NOT NULL,
    CONSTRAINT pk_family_link PRIMARY KEY (person_id, related_person_id, relation),
    CONSTRAINT ck_family_link_not_self CHECK (person_id <> related_person_id),
    CONSTRAINT fk_family_link_person_id FOREIGN KEY(person_id) REFERENCES person (person_id),
    CONSTRAINT fk_family_link_related_person_id FOREIGN KEY(related_person_id) REFERENCES person (person_id),
    CONSTRAINT fk_family_link_relation FOREIGN KEY(relation) REFERENCES cl_family_relation (code),
    CONSTRAINT fk_family_link_batch_id FOREIGN KEY(batch_id) REFERENCES import_batch (batch_id)
);
CREATE INDEX ix_family_link_related_person_id ON family_link (related_person_id);

-- Applications for a residence permit by ground, and what was decided.
CREATE TABLE permit (
    -- Key of the application.
    permit_id VARCHAR(64) NOT NULL,
    -- The applicant.
    person_id VARCHAR(64) NOT NULL,
    -- Ground of the application, or of the permit where it was granted.
    ground VARCHAR(40) NOT NULL,
    -- When it was filed; empty where not known.
    application_date DATE,
    -- Span to which application_date is known (D day, M month, Q quarter, S half-year, A year); the date is the first
    -- day of that span.
    application_date_precision VARCHAR(1),
    -- When it was decided; empty while pending.
    decision_date DATE,
    -- Span to which decision_date is known (D day, M month, Q quarter, S half-year, A year); the date is the first day
    -- of that span.
    decision_date_precision VARCHAR(1),
    -- What was decided; empty while pending.
    outcome VARCHAR(40),
    -- True where it was filed within a reflection period (decides lawful stay from 2025-05-06).
    filed_in_reflection BOOLEAN,
    -- The import that stored the row.
    batch_id INTEGER NOT NULL,
    -- When the row was stored (UTC).
    recorded_at DATETIME NOT NULL,
    -- Account that stored the row.
    recorded_by VARCHAR(64) NOT NULL,
    CONSTRAINT pk_permit PRIMARY KEY (permit_id),
    CONSTRAINT ck_permit_permit_id_format CHECK (length(permit_id) BETWEEN 1 AND 64 AND permit_id NOT GLOB
        '*[^A-Za-z0-9-]*' AND permit_id NOT GLOB
        '[0-9][0-9][0-9][0-9][0-9][0-9][-A-FU-Ya-fu-y][0-9][0-9][0-9][0-9A-Za-z]'),
    CONSTRAINT ck_permit_application_date_precision CHECK ((application_date IS NULL) = (application_date_precision
        IS NULL) AND (application_date_precision IS NULL OR application_date_precision IN ('D', 'M', 'Q', 'S',
        'A'))),
    CONSTRAINT ck_permit_application_date_first_day CHECK (date(application_date, '+0 days') IS application_date AND
        (application_date_precision = 'D' OR (substr(application_date, 9, 2) = '01' AND (application_date_precision
        = 'M' OR (application_date_precision = 'Q' AND substr(application_date, 6, 2) IN ('01', '04', '07', '10'))
        OR (application_date_precision = 'S' AND substr(application_date, 6, 2) IN ('01', '07')) OR
        (application_date_precision = 'A' AND substr(application_date, 6, 2) = '01'))))),
    CONSTRAINT ck_permit_decision_date_precision CHECK ((decision_date IS NULL) = (decision_date_precision IS NULL)
        AND (decision_date_precision IS NULL OR decision_date_precision IN ('D', 'M', 'Q', 'S', 'A'))),
    CONSTRAINT ck_permit_decision_date_first_day CHECK (date(decision_date, '+0 days') IS decision_date AND
        (decision_date_precision = 'D' OR (substr(decision_date, 9, 2) = '01' AND (decision_date_precision = 'M' OR
        (decision_date_precision = 'Q' AND substr(decision_date, 6, 2) IN ('01', '04', '07', '10')) OR
        (decision_date_precision = 'S' AND substr(decision_date, 6, 2) IN ('01', '07')) OR (decision_date_precision
        = 'A' AND substr(decision_date, 6, 2) = '01'))))),
    CONSTRAINT ck_permit_filed_in_reflection CHECK (filed_in_reflection IN (TRUE, FALSE)),
    CONSTRAINT ck_permit_outcome_has_date CHECK ((outcome IS NULL) = (decision_date IS NULL)),
    CONSTRAINT fk_permit_person_id FOREIGN KEY(person_id) REFERENCES person (person_id),
    CONSTRAINT fk_permit_ground FOREIGN KEY(ground) REFERENCES cl_permit_ground (code),
    CONSTRAINT fk_permit_outcome FOREIGN KEY(outcome) REFERENCES cl_decision_outcome (code),
    CONSTRAINT fk_permit_batch_id FOREIGN KEY(batch_id) REFERENCES import_batch (batch_id)
);
CREATE INDEX ix_permit_person_id ON permit (person_id);

-- A proposal (esitys) that a person be admitted to the assistance system.
CREATE TABLE referral (
    -- Key of the proposal.
    referral_id VARCHAR(64) NOT NULL,
    -- The person proposed.
    person_id VARCHAR(64) NOT NULL,
    -- When the proposal was received.
    received_date DATE NOT NULL,
    -- Span to which received_date is known (D day, M month, Q quarter, S half-year, A year); the date is the first day
    -- of that span.
    received_date_precision VARCHAR(1) NOT NULL,
    -- Who made the proposal.
    source VARCHAR(40) NOT NULL,
    -- What kind of proposer, where the code is other.
    source_other VARCHAR(200),
    -- Organisation that made the proposal; never a person's name.
    referrer_organisation VARCHAR(200),
    -- The import that stored the row.
    batch_id INTEGER NOT NULL,
    -- When the row was stored (UTC).
    recorded_at DATETIME NOT NULL,
    -- Account that stored the row.
    recorded_by VARCHAR(64) NOT NULL,
    -- The contact from which the proposal came, if any.
    contact_id VARCHAR(64),
    -- True where consent to the proposal was given, false where not; empty where the source does not say.
    consent BOOLEAN,
    -- Who gave the consent.
    consent_by VARCHAR(40),
    -- Why the proposal waits for a decision; empty where it does not wait.
    hold_reason VARCHAR(40),
    CONSTRAINT pk_referral PRIMARY KEY (referral_id),
    CONSTRAINT ck_referral_referral_id_format CHECK (length(referral_id) BETWEEN 1 AND 64 AND referral_id NOT GLOB
        '*[^A-Za-z0-9-]*' AND referral_id NOT GLOB
        '[0-9][0-9][0-9][0-9][0-9][0-9][-A-FU-Ya-fu-y][0-9][0-9][0-9][0-9A-Za-z]'),
    CONSTRAINT ck_referral_received_date_precision CHECK ((received_date IS NULL) = (received_date_precision IS
        NULL) AND (received_date_precision IS NULL OR received_date_precision IN ('D', 'M', 'Q', 'S', 'A'))),
    CONSTRAINT ck_referral_received_date_first_day CHECK (date(received_date, '+0 days') IS received_date AND
        (received_date_precision = 'D' OR (substr(received_date, 9, 2) = '01' AND (received_date_precision = 'M' OR
        (received_date_precision = 'Q' AND substr(received_date, 6, 2) IN ('01', '04', '07', '10')) OR
        (received_date_precision = 'S' AND substr(received_date, 6, 2) IN ('01', '07')) OR (received_date_precision
        = 'A' AND substr(received_date, 6, 2) = '01'))))),
    CONSTRAINT ck_referral_consent CHECK (consent IN (TRUE, FALSE)),
    CONSTRAINT fk_referral_person_id FOREIGN KEY(person_id) REFERENCES person (person_id),
    CONSTRAINT fk_referral_source FOREIGN KEY(source) REFERENCES cl_referral_source (code),
    CONSTRAINT fk_referral_batch_id FOREIGN KEY(batch_id) REFERENCES import_batch (batch_id),
    CONSTRAINT fk_referral_contact_id FOREIGN KEY(contact_id) REFERENCES contact (contact_id),
    CONSTRAINT fk_referral_consent_by FOREIGN KEY(consent_by) REFERENCES cl_consent_by (code),
    CONSTRAINT fk_referral_hold_reason FOREIGN KEY(hold_reason) REFERENCES cl_hold_reason (code)
);
CREATE INDEX ix_referral_contact_id ON referral (contact_id);
CREATE INDEX ix_referral_person_id ON referral (person_id);

-- The person's residence status over time; at admission it is the one valid on that day.
CREATE TABLE residence_status (
    -- The person.
    person_id VARCHAR(64) NOT NULL,
    -- First day of the status.
    valid_from DATE NOT NULL,
    -- Span to which valid_from is known (D day, M month, Q quarter, S half-year, A year); the date is the first day of
    -- that span.
    valid_from_precision VARCHAR(1) NOT NULL,
    -- Residence status; none and not known are codes.
    status VARCHAR(40) NOT NULL,
    -- Last day of the status; empty while valid.
    valid_to DATE,
    -- Span to which valid_to is known (D day, M month, Q quarter, S half-year, A year); the date is the first day of
    -- that span.
    valid_to_precision VARCHAR(1),
    -- The import that stored the row.
    batch_id INTEGER NOT NULL,
    -- When the row was stored (UTC).
    recorded_at DATETIME NOT NULL,
    -- Account that stored the row.
    recorded_by VARCHAR(64) NOT NULL,
    CONSTRAINT pk_residence_status PRIMARY KEY (person_id, valid_from),
    CONSTRAINT ck_residence_status_valid_from_precision CHECK ((valid_from IS NULL) = (valid_from_precision IS NULL)
        AND (valid_from_precision IS NULL OR valid_from_precision IN ('D', 'M', 'Q', 'S', 'A'))),
    CONSTRAINT ck_residence_status_valid_from_first_day CHECK (date(valid_from, '+0 days') IS valid_from AND
        (valid_from_precision = 'D' OR (substr(valid_from, 9, 2) = '01' AND (valid_from_precision = 'M' OR
        (valid_from_precision = 'Q' AND substr(valid_from, 6, 2) IN ('01', '04', '07', '10')) OR
        (valid_from_precision = 'S' AND substr(valid_from, 6, 2) IN ('01', '07')) OR (valid_from_precision = 'A' AND
        substr(valid_from, 6, 2) = '01'))))),
    CONSTRAINT ck_residence_status_valid_to_precision CHECK ((valid_to IS NULL) = (valid_to_precision IS NULL) AND
        (valid_to_precision IS NULL OR valid_to_precision IN ('D', 'M', 'Q', 'S', 'A'))),
    CONSTRAINT ck_residence_status_valid_to_first_day CHECK (date(valid_to, '+0 days') IS valid_to AND
        (valid_to_precision = 'D' OR (substr(valid_to, 9, 2) = '01' AND (valid_to_precision = 'M' OR
        (valid_to_precision = 'Q' AND substr(valid_to, 6, 2) IN ('01', '04', '07', '10')) OR (valid_to_precision =
        'S' AND substr(valid_to, 6, 2) IN ('01', '07')) OR (valid_to_precision = 'A' AND substr(valid_to, 6, 2) =
        '01'))))),
    CONSTRAINT fk_residence_status_person_id FOREIGN KEY(person_id) REFERENCES person (person_id),
    CONSTRAINT fk_residence_status_status FOREIGN KEY(status) REFERENCES cl_residence_status (code),
    CONSTRAINT fk_residence_status_batch_id FOREIGN KEY(batch_id) REFERENCES import_batch (batch_id)
);

-- A decision. A later ruling is a new row; nothing is overwritten.
CREATE TABLE decision (
    -- Key of the decision.
    decision_id VARCHAR(64) NOT NULL,
    -- The person decided on.
    person_id VARCHAR(64) NOT NULL,
    -- The proposal decided on, if any.
    referral_id VARCHAR(64),
    -- What was decided on.
    decision_type VARCHAR(40) NOT NULL,
    -- Date of the decision.
    decision_date DATE NOT NULL,
    -- Span to which decision_date is known (D day, M month, Q quarter, S half-year, A year); the date is the first day
    -- of that span.
    decision_date_precision VARCHAR(1) NOT NULL,
    -- Positive, negative, or lapsed without a ruling.
    outcome VARCHAR(40) NOT NULL,
    -- The person may be a victim of trafficking (first criterion of admission).
    criterion_victim BOOLEAN,
    -- The person needs help because of it (second criterion of admission).
    criterion_need BOOLEAN,
    -- Reason of a negative decision.
    reason VARCHAR(40),
    -- The import that stored the row.
    batch_id INTEGER NOT NULL,
    -- When the row was stored (UTC).
    recorded_at DATETIME NOT NULL,
    -- Account that stored the row.
    recorded_by VARCHAR(64) NOT NULL,
    -- Who decided; empty where the source does not say.
    authority VARCHAR(40),
    -- The section of law applied; empty where the source does not say.
    statute VARCHAR(40),
    CONSTRAINT pk_decision PRIMARY KEY (decision_id),
    CONSTRAINT ck_decision_decision_id_format CHECK (length(decision_id) BETWEEN 1 AND 64 AND decision_id NOT GLOB
        '*[^A-Za-z0-9-]*' AND decision_id NOT GLOB
        '[0-9][0-9][0-9][0-9][0-9][0-9][-A-FU-Ya-fu-y][0-9][0-9][0-9][0-9A-Za-z]'),
    CONSTRAINT ck_decision_decision_date_precision CHECK ((decision_date IS NULL) = (decision_date_precision IS
        NULL) AND (decision_date_precision IS NULL OR decision_date_precision IN ('D', 'M', 'Q', 'S', 'A'))),
    CONSTRAINT ck_decision_decision_date_first_day CHECK (date(decision_date, '+0 days') IS decision_date AND
        (decision_date_precision = 'D' OR (substr(decision_date, 9, 2) = '01' AND (decision_date_precision = 'M' OR
        (decision_date_precision = 'Q' AND substr(decision_date, 6, 2) IN ('01', '04', '07', '10')) OR
        (decision_date_precision = 'S' AND substr(decision_date, 6, 2) IN ('01', '07')) OR (decision_date_precision
        = 'A' AND substr(decision_date, 6, 2) = '01'))))),
    CONSTRAINT ck_decision_criterion_victim CHECK (criterion_victim IN (TRUE, FALSE)),
    CONSTRAINT ck_decision_criterion_need CHECK (criterion_need IN (TRUE, FALSE)),
    CONSTRAINT fk_decision_person_id FOREIGN KEY(person_id) REFERENCES person (person_id),
    CONSTRAINT fk_decision_referral_id FOREIGN KEY(referral_id) REFERENCES referral (referral_id),
    CONSTRAINT fk_decision_decision_type FOREIGN KEY(decision_type) REFERENCES cl_decision_type (code),
    CONSTRAINT fk_decision_outcome FOREIGN KEY(outcome) REFERENCES cl_decision_outcome (code),
    CONSTRAINT fk_decision_reason FOREIGN KEY(reason) REFERENCES cl_decision_reason (code),
    CONSTRAINT fk_decision_batch_id FOREIGN KEY(batch_id) REFERENCES import_batch (batch_id),
    CONSTRAINT fk_decision_authority FOREIGN KEY(authority) REFERENCES cl_authority (code),
    CONSTRAINT fk_decision_statute FOREIGN KEY(statute) REFERENCES cl_statute (code)
);
CREATE INDEX ix_decision_person_id ON decision (person_id);
CREATE INDEX ix_decision_referral_id ON decision (referral_id);

-- An experience of exploitation, of one or several forms, in one or several countries.
CREATE TABLE exploitation (
    -- Key of the experience.
    exploitation_id VARCHAR(64) NOT NULL,
    -- The person exploited.
    person_id VARCHAR(64) NOT NULL,
    -- The referral that told of it.
    referral_id VARCHAR(64),
    -- True for the experience by which the person is counted; empty where the source does not say.
    is_primary BOOLEAN,
    -- When it began.
    start_date DATE,
    -- Span to which start_date is known (D day, M month, Q quarter, S half-year, A year); the date is the first day of
    -- that span.
    start_date_precision VARCHAR(1),
    -- When it ended; empty where ongoing or not known.
    end_date DATE,
    -- Span to which end_date is known (D day, M month, Q quarter, S half-year, A year); the date is the first day of
    -- that span.
    end_date_precision VARCHAR(1),
    -- True where it went on at referral.
    ongoing BOOLEAN,
    -- Industry, for forced labour.
    industry VARCHAR(40),
    -- Age class at exploitation as the source gives it, where no date of birth is known.
    reported_age_class VARCHAR(40),
    -- The import that stored the row.
    batch_id INTEGER NOT NULL,
    -- When the row was stored (UTC).
    recorded_at DATETIME NOT NULL,
    -- Account that stored the row.
    recorded_by VARCHAR(64) NOT NULL,
    -- How the person was recruited; empty where it was not recorded.
    recruitment VARCHAR(40),
    -- What the exploiter is to the person; nothing else is kept about exploiters.
    exploiter_relation VARCHAR(40),
    -- True where a second person has looked at the form recorded, as rare forms need.
    second_reviewed BOOLEAN,
    CONSTRAINT pk_exploitation PRIMARY KEY (exploitation_id),
    CONSTRAINT ck_exploitation_exploitation_id_format CHECK (length(exploitation_id) BETWEEN 1 AND 64 AND
        exploitation_id NOT GLOB '*[^A-Za-z0-9-]*' AND exploitation_id NOT GLOB
        '[0-9][0-9][0-9][0-9][0-9][0-9][-A-FU-Ya-fu-y][0-9][0-9][0-9][0-9A-Za-z]'),
    CONSTRAINT ck_exploitation_start_date_precision CHECK ((start_date IS NULL) = (start_date_precision IS NULL) AND
        (start_date_precision IS NULL OR start_date_precision IN ('D', 'M', 'Q', 'S', 'A'))),
    CONSTRAINT ck_exploitation_start_date_first_day CHECK (date(start_date, '+0 days') IS start_date AND
        (start_date_precision = 'D' OR (substr(start_date, 9, 2) = '01' AND (start_date_precision = 'M' OR
        (start_date_precision = 'Q' AND substr(start_date, 6, 2) IN ('01', '04', '07', '10')) OR
        (start_date_precision = 'S' AND substr(start_date, 6, 2) IN ('01', '07')) OR (start_date_precision = 'A' AND
        substr(start_date, 6, 2) = '01'))))),
    CONSTRAINT ck_exploitation_end_date_precision CHECK ((end_date IS NULL) = (end_date_precision IS NULL) AND
        (end_date_precision IS NULL OR end_date_precision IN ('D', 'M', 'Q', 'S', 'A'))),
    CONSTRAINT ck_exploitation_end_date_first_day CHECK (date(end_date, '+0 days') IS end_date AND
        (end_date_precision = 'D' OR (substr(end_date, 9, 2) = '01' AND (end_date_precision = 'M' OR
        (end_date_precision = 'Q' AND substr(end_date, 6, 2) IN ('01', '04', '07', '10')) OR (end_date_precision =
        'S' AND substr(end_date, 6, 2) IN ('01', '07')) OR (end_date_precision = 'A' AND substr(end_date, 6, 2) =
        '01'))))),
    CONSTRAINT ck_exploitation_is_primary CHECK (is_primary IN (TRUE, FALSE)),
    CONSTRAINT ck_exploitation_ongoing CHECK (ongoing IN (TRUE, FALSE)),
    CONSTRAINT ck_exploitation_second_reviewed CHECK (second_reviewed IN (TRUE, FALSE)),
    CONSTRAINT fk_exploitation_person_id FOREIGN KEY(person_id) REFERENCES person (person_id),
    CONSTRAINT fk_exploitation_referral_id FOREIGN KEY(referral_id) REFERENCES referral (referral_id),
    CONSTRAINT fk_exploitation_industry FOREIGN KEY(industry) REFERENCES cl_industry (code),
    CONSTRAINT fk_exploitation_reported_age_class FOREIGN KEY(reported_age_class) REFERENCES cl_age_class (code),
    CONSTRAINT fk_exploitation_batch_id FOREIGN KEY(batch_id) REFERENCES import_batch (batch_id),
    CONSTRAINT fk_exploitation_recruitment FOREIGN KEY(recruitment) REFERENCES cl_recruitment (code),
    CONSTRAINT fk_exploitation_exploiter_relation FOREIGN KEY(exploiter_relation) REFERENCES cl_exploiter_relation
        (code)
);
CREATE INDEX ix_exploitation_person_id ON exploitation (person_id);
CREATE UNIQUE INDEX uq_exploitation_primary ON exploitation (person_id) WHERE is_primary;

-- The delivering system's own code for a referral, kept beside ours, by its classification.
CREATE TABLE source_code (
    -- The referral.
    referral_id VARCHAR(64) NOT NULL,
    -- The publisher's classification, a file in reports/classifications.
    scheme VARCHAR(64) NOT NULL,
    -- The code in that classification.
    code VARCHAR(120) NOT NULL,
    -- The import that stored the row.
    batch_id INTEGER NOT NULL,
    -- When the row was stored (UTC).
    recorded_at DATETIME NOT NULL,
    -- Account that stored the row.
    recorded_by VARCHAR(64) NOT NULL,
    CONSTRAINT pk_source_code PRIMARY KEY (referral_id, scheme),
    CONSTRAINT fk_source_code_referral_id FOREIGN KEY(referral_id) REFERENCES referral (referral_id),
    CONSTRAINT fk_source_code_batch_id FOREIGN KEY(batch_id) REFERENCES import_batch (batch_id)
);

-- The statuses of a case in their order. Triggers refuse one that the legal regime in force on its date does not allow
-- after the one before it (status_transition), and a gap in the numbers.
CREATE TABLE status_event (
    -- The proposal that began the case.
    referral_id VARCHAR(64) NOT NULL,
    -- 1 for the first status of the case, 2 for the next.
    seq_no INTEGER NOT NULL,
    -- The status reached.
    status VARCHAR(40) NOT NULL,
    -- When it was reached.
    status_date DATE NOT NULL,
    -- Span to which status_date is known (D day, M month, Q quarter, S half-year, A year); the date is the first day
    -- of that span.
    status_date_precision VARCHAR(1) NOT NULL,
    -- The import that stored the row.
    batch_id INTEGER NOT NULL,
    -- When the row was stored (UTC).
    recorded_at DATETIME NOT NULL,
    -- Account that stored the row.
    recorded_by VARCHAR(64) NOT NULL,
    CONSTRAINT pk_status_event PRIMARY KEY (referral_id, seq_no),
    CONSTRAINT ck_status_event_status_date_precision CHECK ((status_date IS NULL) = (status_date_precision IS NULL)
        AND (status_date_precision IS NULL OR status_date_precision IN ('D', 'M', 'Q', 'S', 'A'))),
    CONSTRAINT ck_status_event_status_date_first_day CHECK (date(status_date, '+0 days') IS status_date AND
        (status_date_precision = 'D' OR (substr(status_date, 9, 2) = '01' AND (status_date_precision = 'M' OR
        (status_date_precision = 'Q' AND substr(status_date, 6, 2) IN ('01', '04', '07', '10')) OR
        (status_date_precision = 'S' AND substr(status_date, 6, 2) IN ('01', '07')) OR (status_date_precision = 'A'
        AND substr(status_date, 6, 2) = '01'))))),
    CONSTRAINT ck_status_event_seq_no CHECK (seq_no >= 1 AND seq_no <= 2147483647),
    CONSTRAINT fk_status_event_referral_id FOREIGN KEY(referral_id) REFERENCES referral (referral_id),
    CONSTRAINT fk_status_event_status FOREIGN KEY(status) REFERENCES cl_case_status (code),
    CONSTRAINT fk_status_event_batch_id FOREIGN KEY(batch_id) REFERENCES import_batch (batch_id)
);
CREATE TRIGGER tr_status_event_insert BEFORE INSERT ON status_event
BEGIN
    SELECT RAISE(ABORT, 'trigger: status_event_order') WHERE NEW.seq_no <> 1 AND (SELECT e.seq_no FROM status_event e WHERE e.referral_id = NEW.referral_id AND e.seq_no = NEW.seq_no - 1) IS NULL;
    SELECT RAISE(ABORT, 'trigger: status_event_transition') WHERE NOT EXISTS (
        SELECT 1 FROM legal_regime r JOIN status_transition t ON t.regime_id = r.regime_id
        WHERE (r.valid_to IS NULL OR r.valid_to >= NEW.status_date)
        AND r.valid_from <= date(NEW.status_date, CASE NEW.status_date_precision WHEN 'M' THEN '+1 months' WHEN 'Q' THEN '+3 months' WHEN 'S' THEN '+6 months' WHEN 'A' THEN '+12 months' ELSE '+1 day' END, '-1 day')
        AND t.to_status = NEW.status AND t.from_status = CASE WHEN NEW.seq_no = 1 THEN '_Z' ELSE (SELECT e.status FROM status_event e WHERE e.referral_id = NEW.referral_id AND e.seq_no = NEW.seq_no - 1) END
    );
END;
CREATE TRIGGER tr_status_event_update BEFORE UPDATE ON status_event
BEGIN
    SELECT RAISE(ABORT, 'trigger: status_event_order') WHERE NEW.referral_id <> OLD.referral_id OR NEW.seq_no <> OLD.seq_no;
    SELECT RAISE(ABORT, 'trigger: status_event_transition') WHERE NOT EXISTS (
        SELECT 1 FROM legal_regime r JOIN status_transition t ON t.regime_id = r.regime_id
        WHERE (r.valid_to IS NULL OR r.valid_to >= NEW.status_date)
        AND r.valid_from <= date(NEW.status_date, CASE NEW.status_date_precision WHEN 'M' THEN '+1 months' WHEN 'Q' THEN '+3 months' WHEN 'S' THEN '+6 months' WHEN 'A' THEN '+12 months' ELSE '+1 day' END, '-1 day')
        AND t.to_status = NEW.status AND t.from_status = CASE WHEN NEW.seq_no = 1 THEN '_Z' ELSE (SELECT e.status FROM status_event e WHERE e.referral_id = NEW.referral_id AND e.seq_no = NEW.seq_no - 1) END
    );
    SELECT RAISE(ABORT, 'trigger: status_event_transition') WHERE EXISTS (SELECT 1 FROM status_event n WHERE n.referral_id = NEW.referral_id AND n.seq_no = NEW.seq_no + 1 AND NOT EXISTS (
        SELECT 1 FROM legal_regime r JOIN status_transition t ON t.regime_id = r.regime_id
        WHERE (r.valid_to IS NULL OR r.valid_to >= n.status_date)
        AND r.valid_from <= date(n.status_date, CASE n.status_date_precision WHEN 'M' THEN '+1 months' WHEN 'Q' THEN '+3 months' WHEN 'S' THEN '+6 months' WHEN 'A' THEN '+12 months' ELSE '+1 day' END, '-1 day')
        AND t.to_status = n.status AND t.from_status = NEW.status
    ));
END;
CREATE TRIGGER tr_status_event_delete BEFORE DELETE ON status_event
BEGIN
    SELECT RAISE(ABORT, 'trigger: status_event_order') WHERE (SELECT e.seq_no FROM status_event e WHERE e.referral_id = OLD.referral_id AND e.seq_no = OLD.seq_no + 1) IS NOT NULL;
END;

-- An appeal against a decision. The decision appealed against stays as it was; a decision that takes its place is a
-- row of its own.
CREATE TABLE appeal (
    -- Key of the appeal.
    appeal_id VARCHAR(64) NOT NULL,
    -- The decision appealed against.
    decision_id VARCHAR(64) NOT NULL,
    -- When the appeal was made.
    appeal_date DATE NOT NULL,
    -- Span to which appeal_date is known (D day, M month, Q quarter, S half-year, A year); the date is the first day
    -- of that span.
    appeal_date_precision VARCHAR(1) NOT NULL,
    -- The body that rules on it.
    body VARCHAR(40) NOT NULL,
    -- Date of the ruling; empty while it is pending.
    ruling_date DATE,
    -- Span to which ruling_date is known (D day, M month, Q quarter, S half-year, A year); the date is the first day
    -- of that span.
    ruling_date_precision VARCHAR(1),
    -- The ruling; empty while it is pending.
    ruling VARCHAR(40),
    -- The decision that takes the place of the one appealed against, if any.
    new_decision_id VARCHAR(64),
    -- The import that stored the row.
    batch_id INTEGER NOT NULL,
    -- When the row was stored (UTC).
    recorded_at DATETIME NOT NULL,
    -- Account that stored the row.
    recorded_by VARCHAR(64) NOT NULL,
    CONSTRAINT pk_appeal PRIMARY KEY (appeal_id),
    CONSTRAINT ck_appeal_appeal_id_format CHECK (length(appeal_id) BETWEEN 1 AND 64 AND appeal_id NOT GLOB
        '*[^A-Za-z0-9-]*' AND appeal_id NOT GLOB
        '[0-9][0-9][0-9][0-9][0-9][0-9][-A-FU-Ya-fu-y][0-9][0-9][0-9][0-9A-Za-z]'),
    CONSTRAINT ck_appeal_appeal_date_precision CHECK ((appeal_date IS NULL) = (appeal_date_precision IS NULL) AND
        (appeal_date_precision IS NULL OR appeal_date_precision IN ('D', 'M', 'Q', 'S', 'A'))),
    CONSTRAINT ck_appeal_appeal_date_first_day CHECK (date(appeal_date, '+0 days') IS appeal_date AND
        (appeal_date_precision = 'D' OR (substr(appeal_date, 9, 2) = '01' AND (appeal_date_precision = 'M' OR
        (appeal_date_precision = 'Q' AND substr(appeal_date, 6, 2) IN ('01', '04', '07', '10')) OR
        (appeal_date_precision = 'S' AND substr(appeal_date, 6, 2) IN ('01', '07')) OR (appeal_date_precision = 'A'
        AND substr(appeal_date, 6, 2) = '01'))))),
    CONSTRAINT ck_appeal_ruling_date_precision CHECK ((ruling_date IS NULL) = (ruling_date_precision IS NULL) AND
        (ruling_date_precision IS NULL OR ruling_date_precision IN ('D', 'M', 'Q', 'S', 'A'))),
    CONSTRAINT ck_appeal_ruling_date_first_day CHECK (date(ruling_date, '+0 days') IS ruling_date AND
        (ruling_date_precision = 'D' OR (substr(ruling_date, 9, 2) = '01' AND (ruling_date_precision = 'M' OR
        (ruling_date_precision = 'Q' AND substr(ruling_date, 6, 2) IN ('01', '04', '07', '10')) OR
        (ruling_date_precision = 'S' AND substr(ruling_date, 6, 2) IN ('01', '07')) OR (ruling_date_precision = 'A'
        AND substr(ruling_date, 6, 2) = '01'))))),
    CONSTRAINT ck_appeal_ruling_has_date CHECK ((ruling IS NULL) = (ruling_date IS NULL)),
    CONSTRAINT ck_appeal_new_decision CHECK (new_decision_id <> decision_id),
    CONSTRAINT fk_appeal_decision_id FOREIGN KEY(decision_id) REFERENCES decision (decision_id),
    CONSTRAINT fk_appeal_body FOREIGN KEY(body) REFERENCES cl_authority (code),
    CONSTRAINT fk_appeal_ruling FOREIGN KEY(ruling) REFERENCES cl_appeal_ruling (code),
    CONSTRAINT fk_appeal_new_decision_id FOREIGN KEY(new_decision_id) REFERENCES decision (decision_id),
    CONSTRAINT fk_appeal_batch_id FOREIGN KEY(batch_id) REFERENCES import_batch (batch_id)
);
CREATE INDEX ix_appeal_decision_id ON appeal (decision_id);
CREATE INDEX ix_appeal_new_decision_id ON appeal (new_decision_id);

-- One stay in the assistance system, from admission to exit; a readmission is a new row.
CREATE TABLE episode (
    -- Key of the episode.
    episode_id VARCHAR(64) NOT NULL,
    -- The client.
    person_id VARCHAR(64) NOT NULL,
    -- The decision that opened it.
    decision_id VARCHAR(64),
    -- Victim, witness or dependent child: the role belongs to the episode.
    role VARCHAR(40) NOT NULL,
    -- 1 for the first episode of the person.
    seq_no INTEGER NOT NULL,
    -- True where the client counts as new: only the first episode.
    is_new BOOLEAN NOT NULL,
    -- Date of admission.
    admission_date DATE NOT NULL,
    -- Span to which admission_date is known (D day, M month, Q quarter, S half-year, A year); the date is the first
    -- day of that span.
    admission_date_precision VARCHAR(1) NOT NULL,
    -- Date on which the episode ended; empty while open.
    exit_date DATE,
    -- Span to which exit_date is known (D day, M month, Q quarter, S half-year, A year); the date is the first day of
    -- that span.
    exit_date_precision VARCHAR(1),
    -- Why it ended.
    exit_reason VARCHAR(40),
    -- The import that stored the row.
    batch_id INTEGER NOT NULL,
    -- When the row was stored (UTC).
    recorded_at DATETIME NOT NULL,
    -- Account that stored the row.
    recorded_by VARCHAR(64) NOT NULL,
    CONSTRAINT pk_episode PRIMARY KEY (episode_id),
    CONSTRAINT ck_episode_episode_id_format CHECK (length(episode_id) BETWEEN 1 AND 64 AND episode_id NOT GLOB
        '*[^A-Za-z0-9-]*' AND episode_id NOT GLOB
        '[0-9][0-9][0-9][0-9][0-9][0-9][-A-FU-Ya-fu-y][0-9][0-9][0-9][0-9A-Za-z]'),
    CONSTRAINT ck_episode_admission_date_precision CHECK ((admission_date IS NULL) = (admission_date_precision IS
        NULL) AND (admission_date_precision IS NULL OR admission_date_precision IN ('D', 'M', 'Q', 'S', 'A'))),
    CONSTRAINT ck_episode_admission_date_first_day CHECK (date(admission_date, '+0 days') IS admission_date AND
        (admission_date_precision = 'D' OR (substr(admission_date, 9, 2) = '01' AND (admission_date_precision = 'M'
        OR (admission_date_precision = 'Q' AND substr(admission_date, 6, 2) IN ('01', '04', '07', '10')) OR
        (admission_date_precision = 'S' AND substr(admission_date, 6, 2) IN ('01', '07')) OR
        (admission_date_precision = 'A' AND substr(admission_date, 6, 2) = '01'))))),
    CONSTRAINT ck_episode_exit_date_precision CHECK ((exit_date IS NULL) = (exit_date_precision IS NULL) AND
        (exit_date_precision IS NULL OR exit_date_precision IN ('D', 'M', 'Q', 'S', 'A'))),
    CONSTRAINT ck_episode_exit_date_first_day CHECK (date(exit_date, '+0 days') IS exit_date AND
        (exit_date_precision = 'D' OR (substr(exit_date, 9, 2) = '01' AND (exit_date_precision = 'M' OR
        (exit_date_precision = 'Q' AND substr(exit_date, 6, 2) IN ('01', '04', '07', '10')) OR (exit_date_precision
        = 'S' AND substr(exit_date, 6, 2) IN ('01', '07')) OR (exit_date_precision = 'A' AND substr(exit_date, 6, 2)
        = '01'))))),
    CONSTRAINT ck_episode_is_new CHECK (is_new IN (TRUE, FALSE)),
    CONSTRAINT ck_episode_exit_has_reason CHECK ((exit_date IS NULL) = (exit_reason IS NULL)),
    CONSTRAINT ck_episode_seq_no_positive CHECK (seq_no >= 1),
    CONSTRAINT uq_episode_person_seq_no UNIQUE (person_id, seq_no),
    CONSTRAINT fk_episode_person_id FOREIGN KEY(person_id) REFERENCES person (person_id),
    CONSTRAINT fk_episode_decision_id FOREIGN KEY(decision_id) REFERENCES decision (decision_id),
    CONSTRAINT fk_episode_role FOREIGN KEY(role) REFERENCES cl_role (code),
    CONSTRAINT fk_episode_exit_reason FOREIGN KEY(exit_reason) REFERENCES cl_exit_reason (code),
    CONSTRAINT fk_episode_batch_id FOREIGN KEY(batch_id) REFERENCES import_batch (batch_id)
);

-- Countries in which the exploitation took place.
CREATE TABLE exploitation_country (
    -- The experience.
    exploitation_id VARCHAR(64) NOT NULL,
    -- Country by ISO 3166-1 alpha-2, or a special code.
    country VARCHAR(40) NOT NULL,
    -- The import that stored the row.
    batch_id INTEGER NOT NULL,
    -- When the row was stored (UTC).
    recorded_at DATETIME NOT NULL,
    -- Account that stored the row.
    recorded_by VARCHAR(64) NOT NULL,
    CONSTRAINT pk_exploitation_country PRIMARY KEY (exploitation_id, country),
    CONSTRAINT fk_exploitation_country_exploitation_id FOREIGN KEY(exploitation_id) REFERENCES exploitation
        (exploitation_id),
    CONSTRAINT fk_exploitation_country_country FOREIGN KEY(country) REFERENCES cl_country (code),
    CONSTRAINT fk_exploitation_country_batch_id FOREIGN KEY(batch_id) REFERENCES import_batch (batch_id)
);

-- The forms of an experience of exploitation: a set, of which one may be primary.
CREATE TABLE exploitation_form (
    -- The experience.
    exploitation_id VARCHAR(64) NOT NULL,
    -- Form of exploitation.
    form VARCHAR(40) NOT NULL,
    -- True for the primary form; empty where the source does not say.
    is_primary BOOLEAN,
    -- The import that stored the row.
    batch_id INTEGER NOT NULL,
    -- When the row was stored (UTC).
    recorded_at DATETIME NOT NULL,
    -- Account that stored the row.
    recorded_by VARCHAR(64) NOT NULL,
    CONSTRAINT pk_exploitation_form PRIMARY KEY (exploitation_id, form),
    CONSTRAINT ck_exploitation_form_is_primary CHECK (is_primary IN (TRUE, FALSE)),
    CONSTRAINT fk_exploitation_form_exploitation_id FOREIGN KEY(exploitation_id) REFERENCES exploitation
        (exploitation_id),
    CONSTRAINT fk_exploitation_form_form FOREIGN KEY(form) REFERENCES cl_exploitation_form (code),
    CONSTRAINT fk_exploitation_form_batch_id FOREIGN KEY(batch_id) REFERENCES import_batch (batch_id)
);
CREATE UNIQUE INDEX uq_exploitation_form_primary ON exploitation_form (exploitation_id) WHERE is_primary;

-- The means by which the person was controlled; several may apply.
CREATE TABLE exploitation_means (
    -- The experience.
    exploitation_id VARCHAR(64) NOT NULL,
    -- Means of control.
    means VARCHAR(40) NOT NULL,
    -- The import that stored the row.
    batch_id INTEGER NOT NULL,
    -- When the row was stored (UTC).
    recorded_at DATETIME NOT NULL,
    -- Account that stored the row.
    recorded_by VARCHAR(64) NOT NULL,
    CONSTRAINT pk_exploitation_means PRIMARY KEY (exploitation_id, means),
    CONSTRAINT fk_exploitation_means_exploitation_id FOREIGN KEY(exploitation_id) REFERENCES exploitation
        (exploitation_id),
    CONSTRAINT fk_exploitation_means_means FOREIGN KEY(means) REFERENCES cl_means_of_control (code),
    CONSTRAINT fk_exploitation_means_batch_id FOREIGN KEY(batch_id) REFERENCES import_batch (batch_id)
);

-- Whether and by which law a person is identified as a victim: presumed, identified by a separate act (before 2023),
-- or identified by the admission decision (section 35). Kept apart in series.
CREATE TABLE identification (
    -- Key of the identification.
    identification_id VARCHAR(64) NOT NULL,
    -- The person.
    person_id VARCHAR(64) NOT NULL,
    -- Presumed, identified by the old law, or under section 35.
    status VARCHAR(40) NOT NULL,
    -- Who identified the person.
    authority VARCHAR(40) NOT NULL,
    -- When the status was reached.
    identified_date DATE NOT NULL,
    -- Span to which identified_date is known (D day, M month, Q quarter, S half-year, A year); the date is the first
    -- day of that span.
    identified_date_precision VARCHAR(1) NOT NULL,
    -- The decision that identified, if any.
    decision_id VARCHAR(64),
    -- The import that stored the row.
    batch_id INTEGER NOT NULL,
    -- When the row was stored (UTC).
    recorded_at DATETIME NOT NULL,
    -- Account that stored the row.
    recorded_by VARCHAR(64) NOT NULL,
    CONSTRAINT pk_identification PRIMARY KEY (identification_id),
    CONSTRAINT ck_identification_identification_id_format CHECK (length(identification_id) BETWEEN 1 AND 64 AND
        identification_id NOT GLOB '*[^A-Za-z0-9-]*' AND identification_id NOT GLOB
        '[0-9][0-9][0-9][0-9][0-9][0-9][-A-FU-Ya-fu-y][0-9][0-9][0-9][0-9A-Za-z]'),
    CONSTRAINT ck_identification_identified_date_precision CHECK ((identified_date IS NULL) =
        (identified_date_precision IS NULL) AND (identified_date_precision IS NULL OR identified_date_precision IN
        ('D', 'M', 'Q', 'S', 'A'))),
    CONSTRAINT ck_identification_identified_date_first_day CHECK (date(identified_date, '+0 days') IS
        identified_date AND (identified_date_precision = 'D' OR (substr(identified_date, 9, 2) = '01' AND
        (identified_date_precision = 'M' OR (identified_date_precision = 'Q' AND substr(identified_date, 6, 2) IN
        ('01', '04', '07', '10')) OR (identified_date_precision = 'S' AND substr(identified_date, 6, 2) IN ('01',
        '07')) OR (identified_date_precision = 'A' AND substr(identified_date, 6, 2) = '01'))))),
    CONSTRAINT fk_identification_person_id FOREIGN KEY(person_id) REFERENCES person (person_id),
    CONSTRAINT fk_identification_status FOREIGN KEY(status) REFERENCES cl_identification_status (code),
    CONSTRAINT fk_identification_authority FOREIGN KEY(authority) REFERENCES cl_authority (code),
    CONSTRAINT fk_identification_decision_id FOREIGN KEY(decision_id) REFERENCES decision (decision_id),
    CONSTRAINT fk_identification_batch_id FOREIGN KEY(batch_id) REFERENCES import_batch (batch_id)
);
CREATE INDEX ix_identification_decision_id ON identification (decision_id);
CREATE INDEX ix_identification_person_id ON identification (person_id);

-- Who is responsible for a client's services and who pays, over time; a change is a new row.
CREATE TABLE provision (
    -- Key of the row.
    provision_id VARCHAR(64) NOT NULL,
    -- The episode.
    episode_id VARCHAR(64) NOT NULL,
    -- Who provides the services.
    provider VARCHAR(40) NOT NULL,
    -- Who pays in the end, the State's reimbursement included.
    payer VARCHAR(40) NOT NULL,
    -- Wellbeing services county, where one provides or pays.
    county VARCHAR(40),
    -- Municipality of residence by its three-digit number in the official classification of municipalities; empty
    -- where the client has none.
    municipality VARCHAR(3),
    -- First day.
    start_date DATE NOT NULL,
    -- Span to which start_date is known (D day, M month, Q quarter, S half-year, A year); the date is the first day of
    -- that span.
    start_date_precision VARCHAR(1) NOT NULL,
    -- Last day; empty while it goes on.
    end_date DATE,
    -- Span to which end_date is known (D day, M month, Q quarter, S half-year, A year); the date is the first day of
    -- that span.
    end_date_precision VARCHAR(1),
    -- The import that stored the row.
    batch_id INTEGER NOT NULL,
    -- When the row was stored (UTC).
    recorded_at DATETIME NOT NULL,
    -- Account that stored the row.
    recorded_by VARCHAR(64) NOT NULL,
    CONSTRAINT pk_provision PRIMARY KEY (provision_id),
    CONSTRAINT ck_provision_provision_id_format CHECK (length(provision_id) BETWEEN 1 AND 64 AND provision_id NOT
        GLOB '*[^A-Za-z0-9-]*' AND provision_id NOT GLOB
        '[0-9][0-9][0-9][0-9][0-9][0-9][-A-FU-Ya-fu-y][0-9][0-9][0-9][0-9A-Za-z]'),
    CONSTRAINT ck_provision_start_date_precision CHECK ((start_date IS NULL) = (start_date_precision IS NULL) AND
        (start_date_precision IS NULL OR start_date_precision IN ('D', 'M', 'Q', 'S', 'A'))),
    CONSTRAINT ck_provision_start_date_first_day CHECK (date(start_date, '+0 days') IS start_date AND
        (start_date_precision = 'D' OR (substr(start_date, 9, 2) = '01' AND (start_date_precision = 'M' OR
        (start_date_precision = 'Q' AND substr(start_date, 6, 2) IN ('01', '04', '07', '10')) OR
        (start_date_precision = 'S' AND substr(start_date, 6, 2) IN ('01', '07')) OR (start_date_precision = 'A' AND
        substr(start_date, 6, 2) = '01'))))),
    CONSTRAINT ck_provision_end_date_precision CHECK ((end_date IS NULL) = (end_date_precision IS NULL) AND
        (end_date_precision IS NULL OR end_date_precision IN ('D', 'M', 'Q', 'S', 'A'))),
    CONSTRAINT ck_provision_end_date_first_day CHECK (date(end_date, '+0 days') IS end_date AND (end_date_precision
        = 'D' OR (substr(end_date, 9, 2) = '01' AND (end_date_precision = 'M' OR (end_date_precision = 'Q' AND
        substr(end_date, 6, 2) IN ('01', '04', '07', '10')) OR (end_date_precision = 'S' AND substr(end_date, 6, 2)
        IN ('01', '07')) OR (end_date_precision = 'A' AND substr(end_date, 6, 2) = '01'))))),
    CONSTRAINT ck_provision_municipality_format CHECK (municipality GLOB '[0-9][0-9][0-9]'),
    CONSTRAINT fk_provision_episode_id FOREIGN KEY(episode_id) REFERENCES episode (episode_id),
    CONSTRAINT fk_provision_provider FOREIGN KEY(provider) REFERENCES cl_provider (code),
    CONSTRAINT fk_provision_payer FOREIGN KEY(payer) REFERENCES cl_payer (code),
    CONSTRAINT fk_provision_county FOREIGN KEY(county) REFERENCES cl_wellbeing_county (code),
    CONSTRAINT fk_provision_batch_id FOREIGN KEY(batch_id) REFERENCES import_batch (batch_id)
);
CREATE INDEX ix_provision_episode_id ON provision (episode_id);

-- Services given to a client within an episode, with their cost where it is known.
CREATE TABLE service (
    -- Key of the service.
    service_id VARCHAR(64) NOT NULL,
    -- The episode.
    episode_id VARCHAR(64) NOT NULL,
    -- What was given.
    kind VARCHAR(40) NOT NULL,
    -- First day.
    start_date DATE NOT NULL,
    -- Span to which start_date is known (D day, M month, Q quarter, S half-year, A year); the date is the first day of
    -- that span.
    start_date_precision VARCHAR(1) NOT NULL,
    -- Last day; empty while it goes on.
    end_date DATE,
    -- Span to which end_date is known (D day, M month, Q quarter, S half-year, A year); the date is the first day of
    -- that span.
    end_date_precision VARCHAR(1),
    -- Who gave it; empty where not known.
    provider VARCHAR(40),
    -- Who pays for it; empty where not known.
    payer VARCHAR(40),
    -- Cost in euro cents; 0 is no cost, empty is not known.
    cost_cents INTEGER,
    -- The import that stored the row.
    batch_id INTEGER NOT NULL,
    -- When the row was stored (UTC).
    recorded_at DATETIME NOT NULL,
    -- Account that stored the row.
    recorded_by VARCHAR(64) NOT NULL,
    CONSTRAINT pk_service PRIMARY KEY (service_id),
    CONSTRAINT ck_service_service_id_format CHECK (length(service_id) BETWEEN 1 AND 64 AND service_id NOT GLOB
        '*[^A-Za-z0-9-]*' AND service_id NOT GLOB
        '[0-9][0-9][0-9][0-9][0-9][0-9][-A-FU-Ya-fu-y][0-9][0-9][0-9][0-9A-Za-z]'),
    CONSTRAINT ck_service_start_date_precision CHECK ((start_date IS NULL) = (start_date_precision IS NULL) AND
        (start_date_precision IS NULL OR start_date_precision IN ('D', 'M', 'Q', 'S', 'A'))),
    CONSTRAINT ck_service_start_date_first_day CHECK (date(start_date, '+0 days') IS start_date AND
        (start_date_precision = 'D' OR (substr(start_date, 9, 2) = '01' AND (start_date_precision = 'M' OR
        (start_date_precision = 'Q' AND substr(start_date, 6, 2) IN ('01', '04', '07', '10')) OR
        (start_date_precision = 'S' AND substr(start_date, 6, 2) IN ('01', '07')) OR (start_date_precision = 'A' AND
        substr(start_date, 6, 2) = '01'))))),
    CONSTRAINT ck_service_end_date_precision CHECK ((end_date IS NULL) = (end_date_precision IS NULL) AND
        (end_date_precision IS NULL OR end_date_precision IN ('D', 'M', 'Q', 'S', 'A'))),
    CONSTRAINT ck_service_end_date_first_day CHECK (date(end_date, '+0 days') IS end_date AND (end_date_precision =
        'D' OR (substr(end_date, 9, 2) = '01' AND (end_date_precision = 'M' OR (end_date_precision = 'Q' AND
        substr(end_date, 6, 2) IN ('01', '04', '07', '10')) OR (end_date_precision = 'S' AND substr(end_date, 6, 2)
        IN ('01', '07')) OR (end_date_precision = 'A' AND substr(end_date, 6, 2) = '01'))))),
    CONSTRAINT ck_service_cost_cents CHECK (cost_cents >= 0 AND cost_cents <= 2147483647),
    CONSTRAINT fk_service_episode_id FOREIGN KEY(episode_id) REFERENCES episode (episode_id),
    CONSTRAINT fk_service_kind FOREIGN KEY(kind) REFERENCES cl_service_kind (code),
    CONSTRAINT fk_service_provider FOREIGN KEY(provider) REFERENCES cl_provider (code),
    CONSTRAINT fk_service_payer FOREIGN KEY(payer) REFERENCES cl_payer (code),
    CONSTRAINT fk_service_batch_id FOREIGN KEY(batch_id) REFERENCES import_batch (batch_id)
);
CREATE INDEX ix_service_episode_id ON service (episode_id);
