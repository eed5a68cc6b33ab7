-- Lots and draws: numbered fen, so that each fen paid is one fen of one grant.
CREATE TABLE lots (
    lot          bigint PRIMARY KEY,
    kind         text   NOT NULL,
    id           uuid   NOT NULL,
    organisation text   NOT NULL,
    fund         text   NOT NULL,
    fen          bigint NOT NULL
);
-- at: first fen in the lot it comes from. made_at: first fen in what it was drawn for.
CREATE TABLE draws (
    position bigint NOT NULL,
    made_at  bigint NOT NULL,
    use      text   NOT NULL,
    lot      bigint NOT NULL,
    at       bigint NOT NULL,
    fen      bigint NOT NULL
);
-- For reading
CREATE UNIQUE INDEX draws_made ON draws (position, made_at);
CREATE INDEX draws_from ON draws (lot, at);
CREATE INDEX lots_id ON lots (id);
