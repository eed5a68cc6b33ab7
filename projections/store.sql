-- How far each read model has come, and of which ledger.
CREATE SCHEMA IF NOT EXISTS hengwen;
CREATE SCHEMA IF NOT EXISTS api;
CREATE TABLE IF NOT EXISTS hengwen.ledger (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    ledger   bytea   NOT NULL
);
-- slot: 'live' is what readers see, 'building' is a version being built beside it.
-- digest: SHA-256 of the event at that position.
CREATE TABLE IF NOT EXISTS hengwen.read_models (
    slot        text    NOT NULL CHECK (slot IN ('live', 'building')),
    name        text    NOT NULL,
    version     integer NOT NULL,
    position    bigint  NOT NULL,
    digest      bytea,
    recorded_at bigint,
    PRIMARY KEY (slot, name)
);
