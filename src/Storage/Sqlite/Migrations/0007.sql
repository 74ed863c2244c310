-- The mark by which a storage space knows its object store: the name of an object that no other store has.
CREATE TABLE object_store (
    provider text PRIMARY KEY,
    mark     text NOT NULL
);
