-- Balances and entries. Money in fen, days since 1970-01-01, instants in microseconds UTC.
CREATE TABLE entries (
    position     bigint PRIMARY KEY,
    kind         text   NOT NULL,
    fund         text   NOT NULL,
    giver        text   NOT NULL,
    giver_state  text   NOT NULL,
    taker        text   NOT NULL,
    taker_state  text   NOT NULL,
    fen          bigint NOT NULL,
    occurred_on  integer,
    recorded_at  bigint NOT NULL
);
CREATE TABLE balances (
    organisation   text   NOT NULL,
    fund           text   NOT NULL,
    free_fen       bigint NOT NULL,
    reserved_fen   bigint NOT NULL,
    ordered_fen    bigint NOT NULL,
    settled_fen    bigint NOT NULL,
    granted_fen    bigint NOT NULL,
    withdrawn_fen  bigint NOT NULL,
    received_fen   bigint NOT NULL,
    passed_on_fen  bigint NOT NULL,
    returned_fen   bigint NOT NULL,
    taken_back_fen bigint NOT NULL,
    position       bigint NOT NULL,
    PRIMARY KEY (organisation, fund)
) WITH (fillfactor = 50);
-- For reading
CREATE INDEX entries_giver ON entries (giver, fund, position);
CREATE INDEX entries_taker ON entries (taker, fund, position);
