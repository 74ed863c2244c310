-- XXH3 of the bytes of the object; NULL for objects of before, until a check of the content adds it.
ALTER TABLE instance ADD COLUMN object_checksum INTEGER;

-- Objects that rows name and that were found missing, of another length or with other bytes. Keys are never used again, so that a new object
-- of the same instance is not in here.
CREATE TABLE damaged_object (
    object_key TEXT PRIMARY KEY,
    found_at   INTEGER NOT NULL
) WITHOUT ROWID;

-- How far a check of the content of objects has come: one row for each check that is on its way.
CREATE TABLE content_check (
    provider    TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    study_id    INTEGER NOT NULL,
    series_id   INTEGER NOT NULL,
    sort_number INTEGER NOT NULL,
    instance_id INTEGER NOT NULL,
    objects     INTEGER NOT NULL,
    begun_at    INTEGER NOT NULL,
    PRIMARY KEY (provider, name)
) WITHOUT ROWID;
