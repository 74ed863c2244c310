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
