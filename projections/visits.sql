-- Visits to workers; visitors and visited as person ids.
CREATE TABLE visits (
    position     bigint PRIMARY KEY,
    visit        uuid   NOT NULL,
    organisation text   NOT NULL,
    occasion     text   NOT NULL,
    visitors     text[] NOT NULL,
    person       text,
    work_region  text,
    document     text,
    actor        text,
    occurred_on  integer,
    recorded_at  bigint NOT NULL
);
-- For reading
CREATE INDEX visits_id ON visits (visit);
CREATE INDEX visits_organisation ON visits (organisation, position);
CREATE INDEX visits_person ON visits (person);
