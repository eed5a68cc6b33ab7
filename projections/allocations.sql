-- Grants and allocations, their withdrawals, confirmations and returns.
CREATE TABLE grants (
    position    bigint PRIMARY KEY,
    id          uuid   NOT NULL,
    owner       text   NOT NULL,
    fund        text   NOT NULL,
    amount_fen  bigint NOT NULL,
    document    text,
    programme   text,
    regions     text[] NOT NULL,
    categories  text[] NOT NULL,
    tiers       text[] NOT NULL,
    occasions   text[] NOT NULL,
    usable_from integer,
    usable_to   integer,
    occurred_on integer,
    recorded_at bigint NOT NULL
);
CREATE TABLE withdrawals (
    position    bigint PRIMARY KEY,
    withdrawal  uuid   NOT NULL,
    id          uuid   NOT NULL,
    owner       text   NOT NULL,
    fund        text   NOT NULL,
    amount_fen  bigint NOT NULL,
    document    text,
    occurred_on integer,
    recorded_at bigint NOT NULL
);
CREATE TABLE allocations (
    position          bigint PRIMARY KEY,
    allocation        uuid   NOT NULL,
    issuer            text   NOT NULL,
    child             text   NOT NULL,
    fund              text   NOT NULL,
    amount_fen        bigint NOT NULL,
    allocation_kind   text   NOT NULL,
    approval_document text   NOT NULL,
    regions           text[] NOT NULL,
    categories        text[] NOT NULL,
    tiers             text[] NOT NULL,
    occasions         text[] NOT NULL,
    usable_from       integer,
    usable_to         integer,
    occurred_on       integer,
    recorded_at       bigint NOT NULL
);
CREATE TABLE confirmations (
    position    bigint PRIMARY KEY,
    issuer      text   NOT NULL,
    allocation  uuid   NOT NULL,
    occurred_on integer,
    recorded_at bigint NOT NULL
);
CREATE TABLE returns (
    position    bigint PRIMARY KEY,
    returned    uuid   NOT NULL,
    issuer      text   NOT NULL,
    allocation  uuid   NOT NULL,
    child       text   NOT NULL,
    fund        text   NOT NULL,
    amount_fen  bigint NOT NULL,
    document    text,
    occurred_on integer,
    recorded_at bigint NOT NULL
);
-- For reading
CREATE INDEX grants_id ON grants (id);
CREATE INDEX grants_programme ON grants (programme) WHERE programme IS NOT NULL;
CREATE INDEX allocations_id ON allocations (allocation);
CREATE INDEX allocations_child ON allocations (child, position);
CREATE INDEX confirmations_allocation ON confirmations (allocation);
CREATE INDEX returns_allocation ON returns (allocation);
