-- The number of the open revision, or of the next one; when the open one was opened and is due; and who has claimed it.
ALTER TABLE study ADD COLUMN next_revision INTEGER NOT NULL DEFAULT 0;
ALTER TABLE study ADD COLUMN revision_opened_at INTEGER;
ALTER TABLE study ADD COLUMN revision_due_at INTEGER;
ALTER TABLE study ADD COLUMN revision_owner TEXT;
ALTER TABLE study ADD COLUMN revision_token INTEGER NOT NULL DEFAULT 0;
ALTER TABLE study ADD COLUMN revision_leased_until INTEGER NOT NULL DEFAULT 0;

CREATE INDEX study_due ON study (revision_due_at) WHERE revision_due_at IS NOT NULL;

-- What was stored before there were revisions becomes revision 0.
UPDATE study SET revision_opened_at = updated_at, revision_due_at = updated_at WHERE is_visible = 1;

ALTER TABLE instance ADD COLUMN added_revision INTEGER NOT NULL DEFAULT 0;
ALTER TABLE instance ADD COLUMN changed_revision INTEGER NOT NULL DEFAULT 0;

-- The deletions of each revision; one that is stored again within the revision stays here, and counts no more.
CREATE TABLE deleted_instance (
    study_id   INTEGER NOT NULL REFERENCES study (id),
    revision   INTEGER NOT NULL,
    series_uid TEXT    NOT NULL,
    sop_uid    TEXT    NOT NULL,
    PRIMARY KEY (study_id, revision, series_uid, sop_uid)
) WITHOUT ROWID;

-- Closed revisions. data: the study as it settled and its change set, JSON compressed with raw deflate.
CREATE TABLE study_revision (
    study_id  INTEGER NOT NULL REFERENCES study (id),
    revision  INTEGER NOT NULL,
    closed_at INTEGER NOT NULL,
    data      BLOB    NOT NULL,
    PRIMARY KEY (study_id, revision)
);

-- The event log. There is one writer, so that numbers are given in the order of commits, and a transaction that is rolled back takes none:
-- whoever reads sees no holes. Numbers are never reused. modalities are enclosed in backslashes.
CREATE TABLE event (
    sequence    INTEGER PRIMARY KEY AUTOINCREMENT,
    type        INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL,
    study_id    INTEGER NOT NULL REFERENCES study (id),
    series_uid  TEXT,
    sop_uid     TEXT,
    change      INTEGER,
    revision    INTEGER,
    modalities  TEXT,
    calling_ae  TEXT,
    object_key  TEXT,
    data        BLOB
);

-- One row: the highest number that retention has removed.
CREATE TABLE event_log (
    removed_through INTEGER NOT NULL
);

INSERT INTO event_log (removed_through) VALUES (0);

-- cursor: the last event that was turned into deliveries. snapshot_after, snapshot_until: rows of the manifest that a binding from the
-- beginning has still to turn into deliveries; NULL when there are none.
CREATE TABLE binding (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    name              TEXT    NOT NULL UNIQUE,
    kind              TEXT    NOT NULL,
    is_paused         INTEGER NOT NULL DEFAULT 0,
    keeps_every_event INTEGER NOT NULL,
    cursor            INTEGER NOT NULL,
    snapshot_after    INTEGER,
    snapshot_until    INTEGER,
    created_at        INTEGER NOT NULL
);

-- One row for what a binding has to deliver of an instance or a study (series_uid and sop_uid are empty). slot is 0 where newer events take
-- the place of older ones, else the number of the event. While a delivery is leased, due_at is the end of the lease. Of the rows of one
-- instance or study that are not dead, one can be due; the others stand behind it and have the largest number as due_at.
CREATE TABLE delivery (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    binding_id INTEGER NOT NULL REFERENCES binding (id),
    study_id   INTEGER NOT NULL REFERENCES study (id),
    series_uid TEXT    NOT NULL,
    sop_uid    TEXT    NOT NULL,
    slot       INTEGER NOT NULL,
    sequence   INTEGER NOT NULL,
    type       INTEGER NOT NULL,
    change     INTEGER,
    revision   INTEGER,
    is_dead    INTEGER NOT NULL DEFAULT 0,
    attempts   INTEGER NOT NULL DEFAULT 0,
    due_at     INTEGER NOT NULL,
    owner      TEXT,
    token      INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    dead_since INTEGER,
    last_error TEXT
);

CREATE UNIQUE INDEX delivery_subject ON delivery (binding_id, study_id, series_uid, sop_uid, slot);

-- is_dead stands in both, so that counting what waits, since when, and what is dead reads the index only.
CREATE INDEX delivery_due ON delivery (binding_id, due_at, created_at, is_dead) WHERE is_dead = 0;
CREATE INDEX delivery_dead ON delivery (binding_id, is_dead, id) WHERE is_dead = 1;

-- What a snapshot leaves to the log.
CREATE INDEX event_modification ON event (study_id, series_uid, sop_uid, sequence) WHERE change = 2;
CREATE INDEX event_revision ON event (study_id, sequence) WHERE revision IS NOT NULL;
