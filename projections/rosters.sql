-- Rosters as submitted, and what was decided on them.
CREATE TABLE rosters (
    position         bigint  PRIMARY KEY,
    roster           uuid    NOT NULL,
    organisation     text    NOT NULL,
    fund             text    NOT NULL,
    campaign         text    NOT NULL,
    occasion         text    NOT NULL,
    declared_count   integer NOT NULL,
    declared_fen     bigint  NOT NULL,
    payments_root    bytea   NOT NULL,
    submitter        text,
    reviewer         text,
    unit_certificate text,
    left_out         jsonb   NOT NULL,
    policy_version   text,
    occurred_on      integer,
    recorded_at      bigint  NOT NULL
);
CREATE TABLE decisions (
    position    bigint  PRIMARY KEY,
    roster      uuid    NOT NULL,
    organisation text   NOT NULL,
    decision    text    NOT NULL,
    count       integer NOT NULL,
    amount_fen  bigint  NOT NULL,
    code        text,
    document    text,
    actor       text,
    occurred_on integer,
    recorded_at bigint  NOT NULL
);
-- For reading
CREATE INDEX rosters_id ON rosters (organisation, roster);
CREATE INDEX decisions_roster ON decisions (organisation, roster);
