-- Refusals: codes and figures; the texts are rendered when read.
CREATE TABLE refusals (
    position          bigint  PRIMARY KEY,
    organisation      text,
    kind              text,
    business_id       text,
    submission_id     uuid,
    original_position bigint,
    roster            uuid,
    roster_row        integer,
    code              text    NOT NULL,
    reasons           jsonb   NOT NULL,
    value_size        bigint  NOT NULL,
    source            text,
    actor             text,
    occurred_on       integer,
    recorded_at       bigint  NOT NULL
);
-- For reading
CREATE INDEX refusals_organisation ON refusals (organisation, position);
CREATE INDEX refusals_roster ON refusals (organisation, roster) WHERE roster IS NOT NULL;
CREATE INDEX refusals_business_id ON refusals (business_id) WHERE business_id IS NOT NULL;
