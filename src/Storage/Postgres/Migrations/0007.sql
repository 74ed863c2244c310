-- The mark by which a storage space knows its object store: the name of an object that no other store has.
CREATE TABLE imaging.object_store (
    provider text COLLATE "C" PRIMARY KEY,
    mark     text COLLATE "C" NOT NULL
);
