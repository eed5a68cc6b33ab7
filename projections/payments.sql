-- Payments, and what happened to them afterwards: all rows stay as they were written.
CREATE TABLE payments (
    position       bigint  PRIMARY KEY,
    payment        uuid    NOT NULL,
    organisation   text    NOT NULL,
    fund           text    NOT NULL,
    person         text    NOT NULL,
    worker         text,
    kinship        text,
    card           text,
    phone          text,
    household      text,
    scheme         text    NOT NULL,
    category       text    NOT NULL,
    tier           text    NOT NULL,
    occasion       text    NOT NULL,
    campaign       text    NOT NULL,
    form           text    NOT NULL,
    amount_fen     bigint  NOT NULL,
    goods          text,
    goods_quantity integer,
    work_region    text,
    dossier        text,
    evidence       text,
    roster         uuid,
    roster_row     integer,
    visit          uuid,
    signed         boolean NOT NULL,
    proxy          text,
    proxy_kinship  text,
    proxy_document text,
    actor          text,
    source         text,
    policy_version text,
    ordered        boolean NOT NULL,
    occurred_on    integer,
    recorded_at    bigint  NOT NULL
);
-- A payment is settled, bounced or reversed by itself …
CREATE TABLE steps (
    payment_position bigint NOT NULL,
    position         bigint NOT NULL,
    state            text   NOT NULL,
    code             text,
    document         text,
    occurred_on      integer,
    recorded_at      bigint NOT NULL
);
-- … and ordered or released together with its roster.
CREATE TABLE decisions (
    organisation text   NOT NULL,
    roster       uuid   NOT NULL,
    position     bigint NOT NULL,
    state        text   NOT NULL,
    occurred_on  integer,
    recorded_at  bigint NOT NULL
);
-- For reading
CREATE INDEX payments_id ON payments (payment);
CREATE INDEX payments_person ON payments (person);
CREATE INDEX payments_organisation ON payments (organisation, position);
CREATE INDEX payments_roster ON payments (organisation, roster) WHERE roster IS NOT NULL;
CREATE INDEX steps_payment ON steps (payment_position, position);
CREATE INDEX decisions_roster ON decisions (organisation, roster, position);
