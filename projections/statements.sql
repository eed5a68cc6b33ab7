-- Published figures of programmes, line by line.
CREATE TABLE statements (
    position           bigint  PRIMARY KEY,
    statement          uuid    NOT NULL,
    organisation       text    NOT NULL,
    programme          text    NOT NULL,
    as_of              integer NOT NULL,
    stated_sources_fen bigint  NOT NULL,
    stated_uses_fen    bigint  NOT NULL,
    document           text,
    occurred_on        integer,
    recorded_at        bigint  NOT NULL
);
CREATE TABLE items (
    position   bigint  NOT NULL,
    line       integer NOT NULL,
    side       text    NOT NULL,
    code       text    NOT NULL,
    units      bigint,
    unit_fen   bigint,
    amount_fen bigint  NOT NULL,
    PRIMARY KEY (position, line)
);
-- For reading
CREATE INDEX statements_id ON statements (statement);
CREATE INDEX statements_programme ON statements (programme);
