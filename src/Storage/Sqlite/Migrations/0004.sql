-- One row a storage space: the epoch that its object store must know, the last change that it covers, and when the space was swept.
CREATE TABLE sweep (
    provider       TEXT    PRIMARY KEY,
    epoch          INTEGER NOT NULL,
    nonce          TEXT    NOT NULL,
    covered_change INTEGER NOT NULL,
    swept_at       INTEGER NOT NULL
) WITHOUT ROWID;

-- The keys of other objects tell the row that names them; these few do not.
CREATE INDEX instance_unnamed ON instance (object_key) WHERE instr(object_key, '/_unnamed/') > 0;
