-- Requests for storage commitment that are not yet reported. data: classes and instances, text compressed with raw deflate. While a request is
-- leased, due_at is the end of the lease.
CREATE TABLE commitment (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    provider        TEXT    NOT NULL,
    calling_ae      TEXT    NOT NULL,
    called_ae       TEXT    NOT NULL,
    transaction_uid TEXT    NOT NULL,
    reference_count INTEGER NOT NULL CHECK (reference_count > 0),
    requested_at    INTEGER NOT NULL,
    due_at          INTEGER NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0,
    owner           TEXT,
    token           INTEGER NOT NULL DEFAULT 0,
    data            BLOB    NOT NULL
);

CREATE UNIQUE INDEX commitment_identity ON commitment (calling_ae, transaction_uid, provider);
CREATE INDEX commitment_due ON commitment (due_at);

-- What waits in all is counted without reading the rows.
CREATE INDEX commitment_size ON commitment (reference_count);
