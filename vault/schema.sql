-- The vault, format 1: the only record of names. Instants are microseconds since 1970-01-01T00:00Z.
CREATE SCHEMA vault;

CREATE TABLE vault.vault (
    single      boolean PRIMARY KEY DEFAULT true CHECK (single),
    format      integer NOT NULL,
    vault       uuid    NOT NULL,
    ledger      bytea   NOT NULL CHECK (octet_length(ledger) = 32),
    public_key  bytea   NOT NULL CHECK (octet_length(public_key) = 32),
    signing_key bytea   NOT NULL,
    index_key   bytea   NOT NULL,
    id_key      bytea   NOT NULL,
    sequence    bigint  NOT NULL CHECK (sequence >= 0),
    created_at  bigint  NOT NULL,
    log_seen    bigint  NOT NULL CHECK (log_seen >= 0),
    suite       text    NOT NULL
);
COMMENT ON TABLE vault.vault IS 'The vault itself: one row. Keys are wrapped by the master key. sequence: the last sealing call; log_seen: submissions of the log known to hold no later one; suite: algorithms, as LogOpened names them.';

CREATE TABLE vault.persons (
    person          text   PRIMARY KEY,
    wrapped_key     bytea,
    created_at      bigint NOT NULL,
    erased_at       bigint,
    erased_position bigint,
    CHECK ((wrapped_key IS NULL) = (erased_at IS NOT NULL))
);
COMMENT ON TABLE vault.persons IS 'Persons and their wrapped keys; an erased person has none.';

CREATE TABLE vault.documents (
    tag    bytea PRIMARY KEY CHECK (octet_length(tag) = 32),
    person text  NOT NULL REFERENCES vault.persons
);
CREATE INDEX documents_person ON vault.documents (person);
COMMENT ON TABLE vault.documents IS 'Blind index: HMAC of a normalised document -> person. A person may have several.';

CREATE TABLE vault.tokens (
    tag   bytea PRIMARY KEY CHECK (octet_length(tag) = 32),
    token text  NOT NULL UNIQUE
);
COMMENT ON TABLE vault.tokens IS 'Blind index: HMAC of a card, phone or household -> random token.';

CREATE TABLE vault.holders (
    tag    bytea NOT NULL REFERENCES vault.tokens ON DELETE CASCADE,
    person text  NOT NULL, -- a person; persons are never deleted, so no check of each row
    PRIMARY KEY (tag, person)
);
CREATE INDEX holders_person ON vault.holders (person);
COMMENT ON TABLE vault.holders IS 'Who has used a token: with the last holder erased the token goes too.';

CREATE TABLE vault.calls (
    sequence  bigint  PRIMARY KEY,
    called_at bigint  NOT NULL,
    size      integer NOT NULL CHECK (size BETWEEN 1 AND 512),
    root      bytea   NOT NULL,
    signature bytea   NOT NULL
);
COMMENT ON TABLE vault.calls IS 'Sealing calls, numbered 1, 2, 3 ... without a gap.';

CREATE TABLE vault.readings (
    reading    text   NOT NULL,
    read_at    bigint NOT NULL,
    position   bigint NOT NULL,
    actor      text   NOT NULL,
    purpose    text   NOT NULL,
    case_code  text   NOT NULL,
    persons    text[] NOT NULL,
    number     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY
);
COMMENT ON TABLE vault.readings IS 'Every reading of plain identities, written before anything was shown. position: of IdentitiesRead in the log.';
