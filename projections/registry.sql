-- Who takes part and under what rules: organisations, funds, policies, persons that are one.
CREATE TABLE organisations (
    position     bigint PRIMARY KEY,
    organisation text   NOT NULL,
    name         text   NOT NULL,
    level        text   NOT NULL,
    division     text,
    uscc         text,
    occurred_on  integer,
    recorded_at  bigint NOT NULL
);
CREATE TABLE parents (
    position     bigint PRIMARY KEY,
    organisation text   NOT NULL,
    parent       text,
    occurred_on  integer,
    recorded_at  bigint NOT NULL
);
CREATE TABLE closures (
    position     bigint PRIMARY KEY,
    organisation text   NOT NULL,
    occurred_on  integer,
    recorded_at  bigint NOT NULL
);
CREATE TABLE funds (
    position    bigint PRIMARY KEY,
    fund        text   NOT NULL,
    fund_source text   NOT NULL,
    owner       text   NOT NULL,
    ceiling_fen bigint,
    regions     text[] NOT NULL,
    categories  text[] NOT NULL,
    tiers       text[] NOT NULL,
    occasions   text[] NOT NULL,
    usable_from integer,
    usable_to   integer,
    occurred_on integer,
    recorded_at bigint NOT NULL
);
CREATE TABLE policies (
    position        bigint  PRIMARY KEY,
    policy          text    NOT NULL,
    issuer          text    NOT NULL,
    valid_from      integer NOT NULL,
    valid_to        integer,
    scheme          text    NOT NULL,
    categories      text[]  NOT NULL,
    caps            jsonb   NOT NULL,
    occasions       jsonb   NOT NULL,
    roster_approval boolean NOT NULL,
    confirm_arrival boolean NOT NULL,
    visitors_min    integer NOT NULL,
    publicity_days  integer NOT NULL,
    occurred_on     integer,
    recorded_at     bigint  NOT NULL
);
CREATE TABLE links (
    position    bigint PRIMARY KEY,
    person      text   NOT NULL,
    other       text   NOT NULL,
    recorded_at bigint NOT NULL
);
CREATE TABLE erasures (
    position    bigint PRIMARY KEY,
    person      text   NOT NULL,
    reason_code text   NOT NULL,
    recorded_at bigint NOT NULL
);
-- For reading
CREATE INDEX organisations_code ON organisations (organisation);
CREATE INDEX parents_organisation ON parents (organisation, position);
CREATE INDEX parents_parent ON parents (parent);
CREATE INDEX links_person ON links (person);
CREATE INDEX links_other ON links (other);
