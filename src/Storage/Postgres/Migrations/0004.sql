-- One row a storage space: the epoch that its object store must know, the last change that it covers, and when the space was swept.
CREATE TABLE imaging.sweep (
    provider       text   COLLATE "C" PRIMARY KEY,
    epoch          bigint NOT NULL,
    nonce          text   COLLATE "C" NOT NULL,
    covered_change bigint NOT NULL,
    swept_at       bigint NOT NULL
);

-- Who sweeps a storage space.
CREATE TABLE imaging.sweep_lease (
    provider     text   COLLATE "C" PRIMARY KEY,
    owner        text   COLLATE "C" NOT NULL,
    leased_until bigint NOT NULL
);

-- The keys of other objects tell the row that names them; these few do not.
CREATE INDEX instance_unnamed ON imaging.instance (object_key) WHERE strpos(object_key, '/_unnamed/') > 0;
