-- Runs in the schema "imaging", in one transaction with its record in imaging.migration. Text sorts by bytes (COLLATE "C"), times are
-- microseconds since 1970 in UTC by the clock of the database, what an instance says of itself is compressed bytes.

-- The clock of everything that is due: one function, so that nothing depends on the clocks of silos.
CREATE FUNCTION imaging.now_us() RETURNS bigint LANGUAGE sql VOLATILE AS
$$ SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint $$;

CREATE TABLE imaging.installation (
    id         text   COLLATE "C" NOT NULL,
    epoch      bigint NOT NULL,
    created_at bigint NOT NULL
);

-- One narrow row a study: searches scan it. Ids count up and are never reused, so they order studies by first arrival. What changes with
-- every instance is in no index, so that such an update writes no index; the space left in each page is for that.
CREATE TABLE imaging.study (
    id                             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider                       text COLLATE "C" NOT NULL,
    study_uid                      text COLLATE "C" NOT NULL,
    version                        bigint NOT NULL,
    series_count                   integer NOT NULL CHECK (series_count >= 0),
    instance_count                 integer NOT NULL CHECK (instance_count >= 0),
    created_at                     bigint NOT NULL,
    updated_at                     bigint NOT NULL,
    next_revision                  integer NOT NULL,
    is_visible                     boolean NOT NULL,
    search_digest                  bigint NOT NULL,
    modalities                     text COLLATE "C",
    study_date                     text COLLATE "C",
    study_time                     text COLLATE "C",
    accession_number               text COLLATE "C",
    referring_physician_name       text COLLATE "C",
    referring_physician_name_words text COLLATE "C",
    study_description              text COLLATE "C",
    patient_name                   text COLLATE "C",
    patient_name_words             text COLLATE "C",
    patient_id                     text COLLATE "C",
    patient_birth_date             text COLLATE "C",
    patient_sex                    text COLLATE "C",
    study_id_text                  text COLLATE "C"
) WITH (fillfactor = 75, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

CREATE UNIQUE INDEX study_identity ON imaging.study (study_uid, provider);
CREATE INDEX study_recent ON imaging.study (provider, id) WHERE is_visible;
CREATE INDEX study_by_date ON imaging.study (provider, study_date, id) WHERE is_visible;
CREATE INDEX study_by_patient ON imaging.study (provider, patient_id, id) WHERE is_visible AND patient_id IS NOT NULL;
CREATE INDEX study_by_accession ON imaging.study (provider, accession_number) WHERE is_visible AND accession_number IS NOT NULL;
CREATE INDEX study_by_birth_date ON imaging.study (provider, patient_birth_date) WHERE is_visible AND patient_birth_date IS NOT NULL;
CREATE INDEX study_by_study_id ON imaging.study (provider, study_id_text) WHERE is_visible AND study_id_text IS NOT NULL;

-- Merged patient and study attributes: DICOM JSON (PS3.18 annex F) in UTF-8.
CREATE TABLE imaging.study_attributes (
    study_id   bigint PRIMARY KEY REFERENCES imaging.study (id),
    attributes bytea NOT NULL
) WITH (fillfactor = 75);

-- A row for each study whose revision is open: when it was opened, when it is due, and who has claimed it. revision is the number that it
-- gets when it closes; then the row goes. A token counts the claims of one revision: revision and token together are used once.
CREATE TABLE imaging.open_revision (
    study_id     bigint PRIMARY KEY,
    revision     integer NOT NULL,
    opened_at    bigint NOT NULL,
    due_at       bigint NOT NULL,
    owner        text COLLATE "C",
    token        bigint NOT NULL DEFAULT 0,
    leased_until bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);

CREATE INDEX open_revision_due ON imaging.open_revision (due_at);

CREATE TABLE imaging.series (
    id                     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    study_id               bigint NOT NULL REFERENCES imaging.study (id),
    series_uid             text COLLATE "C" NOT NULL,
    instance_count         integer NOT NULL CHECK (instance_count >= 0),
    modality               text COLLATE "C",
    series_description     text COLLATE "C",
    body_part_examined     text COLLATE "C",
    series_number          bigint,
    performed_start_date   text COLLATE "C",
    performed_start_time   text COLLATE "C",
    scheduled_step_id      text COLLATE "C",
    requested_procedure_id text COLLATE "C",
    attributes             bytea NOT NULL
) WITH (fillfactor = 75, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

CREATE UNIQUE INDEX series_identity ON imaging.series (series_uid, study_id);
CREATE UNIQUE INDEX series_by_study ON imaging.series (study_id, id);
CREATE INDEX series_by_start ON imaging.series (performed_start_date) WHERE performed_start_date IS NOT NULL;

-- sort_number is instance_number, or the largest number where there is none, so that retrieves can go on after any row. The tables that hold
-- a row for each instance are parted by study, so that each index and each vacuum stays of a size that can be lived with.
CREATE SEQUENCE imaging.instance_id;

CREATE TABLE imaging.instance (
    id                  bigint NOT NULL DEFAULT nextval('imaging.instance_id'),
    study_id            bigint NOT NULL,
    series_id           bigint NOT NULL,
    sop_uid             text COLLATE "C" NOT NULL,
    sop_class_uid       text COLLATE "C" NOT NULL,
    instance_number     bigint,
    sort_number         bigint NOT NULL,
    transfer_syntax_uid text COLLATE "C" NOT NULL,
    content_hash        bytea NOT NULL CHECK (length(content_hash) = 32),
    object_key          text COLLATE "C" NOT NULL,
    object_length       bigint NOT NULL CHECK (object_length >= 0),
    dataset_offset      bigint NOT NULL CHECK (dataset_offset >= 0),
    stored_at           bigint NOT NULL,
    added_revision      integer NOT NULL,
    changed_revision    integer NOT NULL,
    attributes          bytea NOT NULL,
    PRIMARY KEY (study_id, series_id, sort_number, id),
    CONSTRAINT instance_identity UNIQUE (sop_uid, series_id, study_id)
) PARTITION BY HASH (study_id);

CREATE TABLE imaging.instance_content (
    study_id    bigint NOT NULL,
    instance_id bigint NOT NULL,
    metadata    bytea NOT NULL,
    layout      bytea NOT NULL,
    PRIMARY KEY (study_id, instance_id)
) PARTITION BY HASH (study_id);

DO $$
BEGIN
    FOR part IN 0..15 LOOP
        EXECUTE format('CREATE TABLE imaging.instance_%s PARTITION OF imaging.instance FOR VALUES WITH (MODULUS 16, REMAINDER %s)', part, part);
        EXECUTE format('CREATE TABLE imaging.instance_content_%s PARTITION OF imaging.instance_content FOR VALUES WITH (MODULUS 16, REMAINDER %s)', part, part);
        EXECUTE format('ALTER TABLE imaging.instance_content_%s ALTER COLUMN metadata SET STORAGE EXTERNAL, ALTER COLUMN layout SET STORAGE EXTERNAL', part);
    END LOOP;
END $$;

-- Objects that no row names any more, for the sweeper.
CREATE TABLE imaging.dropped_object (
    object_key text COLLATE "C" PRIMARY KEY,
    dropped_at bigint NOT NULL
);

-- The deletions of each open revision; one that is stored again within the revision stays here, and counts no more.
CREATE TABLE imaging.deleted_instance (
    study_id   bigint NOT NULL,
    revision   integer NOT NULL,
    series_uid text COLLATE "C" NOT NULL,
    sop_uid    text COLLATE "C" NOT NULL,
    PRIMARY KEY (study_id, revision, series_uid, sop_uid)
);

-- Closed revisions. data: the study as it settled and its change set, JSON compressed with raw deflate.
CREATE TABLE imaging.study_revision (
    study_id  bigint NOT NULL,
    revision  integer NOT NULL,
    closed_at bigint NOT NULL,
    data      bytea NOT NULL,
    PRIMARY KEY (study_id, revision)
);

ALTER TABLE imaging.study_revision ALTER COLUMN data SET STORAGE EXTERNAL;

-- Events as commits insert them, without a number: id only keeps the order of the events of one study. The sequencer moves them to the log.
CREATE TABLE imaging.event_inbox (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    type        smallint NOT NULL,
    occurred_at bigint NOT NULL,
    study_id    bigint NOT NULL,
    series_uid  text COLLATE "C",
    sop_uid     text COLLATE "C",
    change      smallint,
    revision    integer,
    modalities  text COLLATE "C",
    calling_ae  text COLLATE "C",
    object_key  text COLLATE "C",
    data        bytea
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);

-- The event log: committed events with dense numbers from 1, which are never reused. modalities are enclosed in backslashes.
CREATE TABLE imaging.event (
    sequence    bigint PRIMARY KEY,
    type        smallint NOT NULL,
    occurred_at bigint NOT NULL,
    study_id    bigint NOT NULL,
    series_uid  text COLLATE "C",
    sop_uid     text COLLATE "C",
    change      smallint,
    revision    integer,
    modalities  text COLLATE "C",
    calling_ae  text COLLATE "C",
    object_key  text COLLATE "C",
    data        bytea
);

ALTER TABLE imaging.event ALTER COLUMN data SET STORAGE EXTERNAL;
ALTER TABLE imaging.event_inbox ALTER COLUMN data SET STORAGE EXTERNAL;

-- What a snapshot leaves to the log.
CREATE INDEX event_modification ON imaging.event (study_id, series_uid, sop_uid, sequence) WHERE change = 2;
CREATE INDEX event_revision ON imaging.event (study_id, sequence) WHERE revision IS NOT NULL;

-- One row: the highest number that was given, and the highest that retention has removed.
CREATE TABLE imaging.event_log (
    latest          bigint NOT NULL,
    removed_through bigint NOT NULL
) WITH (fillfactor = 10);

INSERT INTO imaging.event_log (latest, removed_through) VALUES (0, 0);

-- cursor: the last event that was turned into deliveries. snapshot_after, snapshot_until: rows of the manifest that a binding from the
-- beginning has still to turn into deliveries; NULL when there are none.
CREATE TABLE imaging.binding (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name              text COLLATE "C" NOT NULL UNIQUE,
    kind              text COLLATE "C" NOT NULL,
    is_paused         boolean NOT NULL DEFAULT false,
    keeps_every_event boolean NOT NULL,
    cursor            bigint NOT NULL,
    snapshot_after    bigint,
    snapshot_until    bigint,
    created_at        bigint NOT NULL
);

-- One row for what a binding has to deliver of an instance or a study (series_uid and sop_uid are empty). slot is 0 where newer events take
-- the place of older ones, else the number of the event. While a delivery is leased, due_at is the end of the lease. Of the rows of one
-- instance or study that are not dead, one can be due; the others stand behind it and have the largest number as due_at.
CREATE TABLE imaging.delivery (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    binding_id bigint NOT NULL REFERENCES imaging.binding (id),
    study_id   bigint NOT NULL,
    series_uid text COLLATE "C" NOT NULL,
    sop_uid    text COLLATE "C" NOT NULL,
    slot       bigint NOT NULL,
    sequence   bigint NOT NULL,
    type       smallint NOT NULL,
    change     smallint,
    revision   integer,
    is_dead    boolean NOT NULL DEFAULT false,
    attempts   integer NOT NULL DEFAULT 0,
    due_at     bigint NOT NULL,
    owner      text COLLATE "C",
    token      bigint NOT NULL DEFAULT 0,
    created_at bigint NOT NULL,
    dead_since bigint,
    last_error text COLLATE "C"
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);

CREATE UNIQUE INDEX delivery_subject ON imaging.delivery (binding_id, study_id, series_uid, sop_uid, slot);
CREATE INDEX delivery_due ON imaging.delivery (binding_id, due_at, created_at) WHERE NOT is_dead;
CREATE INDEX delivery_dead ON imaging.delivery (binding_id, id) WHERE is_dead;

-- Requests for storage commitment that are not yet reported. data: classes and instances, text compressed with raw deflate. While a request is
-- leased, due_at is the end of the lease.
CREATE TABLE imaging.commitment (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider        text COLLATE "C" NOT NULL,
    calling_ae      text COLLATE "C" NOT NULL,
    called_ae       text COLLATE "C" NOT NULL,
    transaction_uid text COLLATE "C" NOT NULL,
    reference_count integer NOT NULL CHECK (reference_count > 0),
    requested_at    bigint NOT NULL,
    due_at          bigint NOT NULL,
    attempts        integer NOT NULL DEFAULT 0,
    owner           text COLLATE "C",
    token           bigint NOT NULL DEFAULT 0,
    data            bytea NOT NULL
);

CREATE UNIQUE INDEX commitment_identity ON imaging.commitment (calling_ae, transaction_uid, provider);
CREATE INDEX commitment_due ON imaging.commitment (due_at);
CREATE INDEX commitment_size ON imaging.commitment (reference_count);

-- The silos that are alive: beat_at is the last time that each was heard of.
CREATE TABLE imaging.silo (
    id         text COLLATE "C" PRIMARY KEY,
    address    text COLLATE "C" NOT NULL,
    started_at bigint NOT NULL,
    beat_at    bigint NOT NULL
) WITH (fillfactor = 50);

-- Wildcards in names and descriptions are found by their trigrams where the extension can be had; elsewhere the newest studies are read.
DO $$
DECLARE
    trigrams text;
    name     text;
BEGIN
    BEGIN
        CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA imaging;
    EXCEPTION WHEN OTHERS THEN
        RAISE NOTICE 'pg_trgm is not to be had (%)', SQLSTATE;
    END;
    SELECT n.nspname INTO trigrams FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_trgm';
    IF trigrams IS NOT NULL THEN
        FOREACH name IN ARRAY ARRAY['modalities', 'patient_name', 'patient_name_words', 'patient_id', 'referring_physician_name', 'referring_physician_name_words', 'accession_number', 'study_description'] LOOP
            EXECUTE format('CREATE INDEX %I ON imaging.study USING gin (%I %I.gin_trgm_ops) WITH (fastupdate = off) WHERE is_visible AND %I IS NOT NULL',
                'study_trigrams_' || name, name, trigrams, name);
        END LOOP;
        FOREACH name IN ARRAY ARRAY['scheduled_step_id', 'requested_procedure_id'] LOOP
            EXECUTE format('CREATE INDEX %I ON imaging.series USING gin (%I %I.gin_trgm_ops) WITH (fastupdate = off) WHERE %I IS NOT NULL',
                'series_trigrams_' || name, name, trigrams, name);
        END LOOP;
    END IF;
END $$;
