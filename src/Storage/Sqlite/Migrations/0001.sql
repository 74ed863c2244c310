CREATE TABLE installation (
    id         TEXT    NOT NULL,
    epoch      INTEGER NOT NULL,
    created_at INTEGER NOT NULL
);

-- One narrow row a study: searches scan it. Ids count up and are never reused, so they order studies by first arrival.
-- Columns that change with every instance stand apart from those that indexes hold.
CREATE TABLE study (
    id                             INTEGER PRIMARY KEY AUTOINCREMENT,
    provider                       TEXT    NOT NULL,
    study_uid                      TEXT    NOT NULL,
    version                        INTEGER NOT NULL,
    series_count                   INTEGER NOT NULL CHECK (series_count >= 0),
    instance_count                 INTEGER NOT NULL CHECK (instance_count >= 0),
    created_at                     INTEGER NOT NULL,
    updated_at                     INTEGER NOT NULL,
    is_visible                     INTEGER NOT NULL,
    search_digest                  INTEGER NOT NULL,
    modalities                     TEXT,
    study_date                     TEXT,
    study_time                     TEXT,
    accession_number               TEXT,
    referring_physician_name       TEXT,
    referring_physician_name_words TEXT,
    study_description              TEXT,
    patient_name                   TEXT,
    patient_name_words             TEXT,
    patient_id                     TEXT,
    patient_birth_date             TEXT,
    patient_sex                    TEXT,
    study_id_text                  TEXT
);

CREATE UNIQUE INDEX study_identity ON study (study_uid, provider);

-- The first is read in order of date, the second from the newest study on; both hold what study lists are usually searched by, so that such a
-- search reads neither the table nor anything else for a study that does not match.
CREATE INDEX study_by_date ON study (provider, study_date, study_time, modalities, patient_name, patient_name_words) WHERE is_visible = 1;
CREATE INDEX study_recent ON study (
    provider, id, study_date, study_time, modalities, patient_name, patient_name_words, patient_id, accession_number, study_description
) WHERE is_visible = 1;
CREATE INDEX study_by_patient ON study (provider, patient_id) WHERE is_visible = 1 AND patient_id IS NOT NULL;
CREATE INDEX study_by_accession ON study (provider, accession_number) WHERE is_visible = 1 AND accession_number IS NOT NULL;

-- Merged patient and study attributes: DICOM JSON (PS3.18 annex F) in UTF-8.
CREATE TABLE study_attributes (
    study_id   INTEGER PRIMARY KEY REFERENCES study (id),
    attributes BLOB NOT NULL
);

CREATE TABLE series (
    id                     INTEGER PRIMARY KEY AUTOINCREMENT,
    study_id               INTEGER NOT NULL REFERENCES study (id),
    series_uid             TEXT    NOT NULL,
    instance_count         INTEGER NOT NULL CHECK (instance_count >= 0),
    modality               TEXT,
    series_description     TEXT,
    body_part_examined     TEXT,
    series_number          INTEGER,
    performed_start_date   TEXT,
    performed_start_time   TEXT,
    scheduled_step_id      TEXT,
    requested_procedure_id TEXT,
    attributes             BLOB    NOT NULL
);

CREATE UNIQUE INDEX series_identity ON series (series_uid, study_id);
CREATE UNIQUE INDEX series_by_study ON series (study_id, id);

-- sort_number is instance_number, or the largest number where there is none, so that retrieves can go on after any row.
CREATE TABLE instance (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT,
    study_id            INTEGER NOT NULL,
    series_id           INTEGER NOT NULL,
    sop_uid             TEXT    NOT NULL,
    sop_class_uid       TEXT    NOT NULL,
    instance_number     INTEGER,
    sort_number         INTEGER NOT NULL,
    transfer_syntax_uid TEXT    NOT NULL,
    content_hash        BLOB    NOT NULL CHECK (length(content_hash) = 32),
    object_key          TEXT    NOT NULL,
    object_length       INTEGER NOT NULL CHECK (object_length >= 0),
    dataset_offset      INTEGER NOT NULL CHECK (dataset_offset >= 0),
    stored_at           INTEGER NOT NULL,
    attributes          BLOB    NOT NULL,
    FOREIGN KEY (study_id, series_id) REFERENCES series (study_id, id)
);

CREATE UNIQUE INDEX instance_identity ON instance (sop_uid, series_id);
CREATE INDEX instance_by_order ON instance (study_id, series_id, sort_number, id);

CREATE TABLE instance_content (
    instance_id INTEGER PRIMARY KEY REFERENCES instance (id),
    metadata    BLOB NOT NULL,
    layout      BLOB NOT NULL
);

-- Objects that no row names any more, for the sweeper.
CREATE TABLE dropped_object (
    object_key TEXT PRIMARY KEY,
    dropped_at INTEGER NOT NULL
) WITHOUT ROWID;
