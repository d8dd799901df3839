-- thassist: the record schema, in SQLite's dialect.
--
-- Written from thassist/records/model.py by «python -m thassist.records.ddl»; a test keeps the two equal. Databases
-- are made and upgraded by «thassist init» (migrations), not from this file: it is for reading. PostgreSQL has the
-- same tables, with its own wording of the rules on dates and keys.
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

-- Which version of each code list the «cl_» tables hold, since «thassist init».
CREATE TABLE code_list (
    -- The code list.
    list_id VARCHAR(40) NOT NULL,
    -- Version of its file in reports/classifications.
    version VARCHAR(20) NOT NULL,
    CONSTRAINT pk_code_list PRIMARY KEY (list_id)
);

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
    CONSTRAINT fk_referral_person_id FOREIGN KEY(person_id) REFERENCES person (person_id),
    CONSTRAINT fk_referral_source FOREIGN KEY(source) REFERENCES cl_referral_source (code),
    CONSTRAINT fk_referral_batch_id FOREIGN KEY(batch_id) REFERENCES import_batch (batch_id)
);
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
    CONSTRAINT fk_decision_batch_id FOREIGN KEY(batch_id) REFERENCES import_batch (batch_id)
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
    CONSTRAINT fk_exploitation_person_id FOREIGN KEY(person_id) REFERENCES person (person_id),
    CONSTRAINT fk_exploitation_referral_id FOREIGN KEY(referral_id) REFERENCES referral (referral_id),
    CONSTRAINT fk_exploitation_industry FOREIGN KEY(industry) REFERENCES cl_industry (code),
    CONSTRAINT fk_exploitation_reported_age_class FOREIGN KEY(reported_age_class) REFERENCES cl_age_class (code),
    CONSTRAINT fk_exploitation_batch_id FOREIGN KEY(batch_id) REFERENCES import_batch (batch_id)
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
