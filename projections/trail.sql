-- The trail: one row for every event of the log, with what it touched.
-- id: what the event is about (payment, grant, roster …); about: what that refers to in turn.
CREATE TABLE events (
    position         bigint  PRIMARY KEY,
    kind             text    NOT NULL,
    organisation     text,
    counterparty     text,
    fund             text,
    person           text,
    payment_position bigint,
    roster           uuid,
    id               text,
    about            text,
    amount_fen       bigint,
    units            integer,
    code             text,
    document         text,
    actor            text,
    source           text,
    policy_version   text,
    rules            integer NOT NULL,
    occurred_on      integer,
    recorded_at      bigint  NOT NULL
);
-- Persons beside the one in events.person: visitors, workers, those whose identity was read …
CREATE TABLE persons (
    person   text   NOT NULL,
    position bigint NOT NULL,
    role     text   NOT NULL
);
-- For reading
CREATE INDEX events_organisation ON events (organisation, position);
CREATE INDEX events_counterparty ON events (counterparty, position) WHERE counterparty IS NOT NULL;
CREATE INDEX events_fund ON events (fund, position) WHERE fund IS NOT NULL;
CREATE INDEX events_person ON events (person) WHERE person IS NOT NULL;
CREATE INDEX events_payment ON events (payment_position) WHERE payment_position IS NOT NULL;
CREATE INDEX events_roster ON events (roster) WHERE roster IS NOT NULL;
CREATE INDEX events_id ON events (id) WHERE id IS NOT NULL;
CREATE INDEX events_about ON events (about) WHERE about IS NOT NULL;
CREATE INDEX persons_person ON persons (person, position);
