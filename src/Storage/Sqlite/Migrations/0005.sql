-- XXH3 of the bytes of the object; NULL for objects of before, until a check of the content adds it.
ALTER TABLE instance ADD COLUMN object_checksum INTEGER;

-- Objects that rows name and that were found missing, of another length or with other bytes. Keys are never used again, so that a new object
-- of the same instance is not in here.
CREATE TABLE damaged_object (
    object_key TEXT PRIMARY KEY,
    found_at   INTEGER NOT NULL
) WITHOUT ROWID;

-- Changes that only put new objects in the place of damaged ones have no event, by which the sweeper would notice that a restored manifest is
-- older than they are: they are counted here.
CREATE TABLE repair (
    changes INTEGER NOT NULL
);
INSERT INTO repair VALUES (0);

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
