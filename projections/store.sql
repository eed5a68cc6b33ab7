-- How far each read model has come, and of which ledger.
CREATE SCHEMA IF NOT EXISTS hengwen;
CREATE SCHEMA IF NOT EXISTS api;
CREATE TABLE IF NOT EXISTS hengwen.ledger (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    ledger   bytea   NOT NULL
);
-- slot: 'live' is what readers see, 'building' is a version being built beside it, 'replay/NAME'
-- a past state kept under that name.
-- digest: SHA-256 of the event at that position.
CREATE TABLE IF NOT EXISTS hengwen.read_models (
    slot        text    NOT NULL,
    name        text    NOT NULL,
    version     integer NOT NULL,
    position    bigint  NOT NULL,
    digest      bytea,
    recorded_at bigint,
    PRIMARY KEY (slot, name)
);
DO $$
BEGIN -- databases made before there were replays
    IF EXISTS (SELECT FROM pg_constraint WHERE conname = 'read_models_slot_check'
               AND conrelid = 'hengwen.read_models'::regclass) THEN
        ALTER TABLE hengwen.read_models DROP CONSTRAINT read_models_slot_check;
    END IF;
END $$;
-- Past states built beside the live one. position: the last event that belongs to it.
CREATE TABLE IF NOT EXISTS hengwen.replays (
    name      text    PRIMARY KEY,
    position  bigint  NOT NULL,
    temporary boolean NOT NULL,
    complete  boolean NOT NULL DEFAULT false
);
