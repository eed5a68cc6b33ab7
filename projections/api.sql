-- Schema api: what services and auditors may rely on. Dates are dates, times are timestamptz,
-- money is bigint fen. Everything else in this database may change with the version.
-- A role that may read, whatever is rebuilt later (once, as the owner, before anything is made):
--   ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO reader;
--   ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader;
DO $$
DECLARE item record;
BEGIN
    FOR item IN SELECT viewname FROM pg_catalog.pg_views WHERE schemaname = 'api' LOOP
        EXECUTE format('DROP VIEW IF EXISTS api.%I CASCADE', item.viewname);
    END LOOP;
    FOR item IN SELECT oid::regprocedure AS name FROM pg_catalog.pg_proc
                WHERE pronamespace = 'api'::regnamespace LOOP
        EXECUTE format('DROP FUNCTION IF EXISTS %s CASCADE', item.name);
    END LOOP;
END $$;

CREATE FUNCTION api.day(days integer) RETURNS date
    LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN date '1970-01-01' + days;
CREATE FUNCTION api.days(day date) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN day - date '1970-01-01';
CREATE FUNCTION api.instant(micros bigint) RETURNS timestamptz
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN timestamptz '1970-01-01 00:00:00+00' + interval '1 microsecond' * micros;
CREATE FUNCTION api.micros(instant timestamptz) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (extract(epoch FROM instant) * 1000000)::bigint;

CREATE VIEW api.read_models AS
SELECT name, version, position, api.instant(recorded_at) AS recorded_at
FROM hengwen.read_models WHERE slot = 'live';

-- Organisations, and the tree as it was at a business day and as recorded by a time.
CREATE FUNCTION api.parents_at(as_of date, recorded_as_of timestamptz)
    RETURNS TABLE (organisation text, parent text)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT DISTINCT ON (organisation) organisation, parent
FROM model_registry.parents
WHERE (as_of IS NULL OR occurred_on <= api.days(as_of))
  AND (recorded_as_of IS NULL OR recorded_at <= api.micros(recorded_as_of))
ORDER BY organisation, position DESC
$$;
CREATE FUNCTION api.subtree(root text, as_of date, recorded_as_of timestamptz)
    RETURNS TABLE (organisation text, depth integer)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
WITH RECURSIVE standing AS MATERIALIZED (SELECT * FROM api.parents_at(as_of, recorded_as_of)),
below AS (
    SELECT root AS organisation, 0 AS depth
    UNION ALL
    SELECT s.organisation, b.depth + 1 FROM below b JOIN standing s ON s.parent = b.organisation
    WHERE b.depth < 64
)
SELECT organisation, depth FROM below
$$;
CREATE VIEW api.organisations AS
SELECT o.organisation, o.name, o.level, o.division, o.uscc, p.parent,
       api.day(o.occurred_on) AS occurred_on, api.instant(o.recorded_at) AS recorded_at,
       o.position,
       EXISTS (SELECT FROM model_registry.closures c WHERE c.organisation = o.organisation)
           AS closed
FROM model_registry.organisations o
LEFT JOIN api.parents_at(NULL, NULL) p USING (organisation);
CREATE VIEW api.funds AS
SELECT position, fund, fund_source, owner, ceiling_fen, regions, categories, tiers, occasions,
       api.day(usable_from) AS usable_from, api.day(usable_to) AS usable_to,
       api.day(occurred_on) AS occurred_on, api.instant(recorded_at) AS recorded_at
FROM model_registry.funds;
CREATE VIEW api.policies AS
SELECT position, policy, issuer, api.day(valid_from) AS valid_from, api.day(valid_to) AS valid_to,
       scheme, categories, caps, occasions, roster_approval, confirm_arrival, visitors_min,
       publicity_days, api.day(occurred_on) AS occurred_on, api.instant(recorded_at) AS recorded_at
FROM model_registry.policies;
-- Ids that are one person: root is the smallest of them.
CREATE VIEW api.same_persons AS
WITH RECURSIVE linked AS (
    SELECT person, other FROM model_registry.links
    UNION SELECT other, person FROM model_registry.links
), reached AS (
    SELECT person, person AS same FROM linked
    UNION
    SELECT r.person, l.other FROM reached r JOIN linked l ON l.person = r.same
)
SELECT person, min(same COLLATE "C") AS root FROM reached GROUP BY person;

-- Money.
CREATE VIEW api.entries AS
SELECT position, kind, fund, giver, giver_state, taker, taker_state, fen,
       api.day(occurred_on) AS occurred_on, api.instant(recorded_at) AS recorded_at
FROM model_balances.entries;
CREATE VIEW api.postings AS
SELECT position, 1 AS line, kind, fund, giver AS organisation, giver_state AS state, -fen AS fen,
       api.day(occurred_on) AS occurred_on, api.instant(recorded_at) AS recorded_at
FROM model_balances.entries
UNION ALL
SELECT position, 2, kind, fund, taker, taker_state, fen,
       api.day(occurred_on), api.instant(recorded_at)
FROM model_balances.entries;
CREATE VIEW api.balances AS
SELECT organisation, fund, free_fen, reserved_fen, ordered_fen, settled_fen, granted_fen,
       withdrawn_fen, received_fen, passed_on_fen, returned_fen, taken_back_fen
FROM model_balances.balances;
CREATE FUNCTION api.balances_at(as_of date, recorded_as_of timestamptz)
    RETURNS TABLE (organisation text, fund text, free_fen bigint, reserved_fen bigint,
        ordered_fen bigint, settled_fen bigint, granted_fen bigint, withdrawn_fen bigint,
        received_fen bigint, passed_on_fen bigint, returned_fen bigint, taken_back_fen bigint)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
WITH known AS (
    SELECT * FROM model_balances.entries
    WHERE (as_of IS NULL OR occurred_on <= api.days(as_of))
      AND (recorded_as_of IS NULL OR recorded_at <= api.micros(recorded_as_of))
), sides AS (
    SELECT giver AS organisation, fund, giver_state AS state, kind, -fen AS fen,
           fen AS given, 0::bigint AS taken FROM known
    UNION ALL
    SELECT taker, fund, taker_state, kind, fen, 0, fen FROM known
)
SELECT organisation, fund,
       coalesce(sum(fen) FILTER (WHERE state = 'FREE'), 0)::bigint,
       coalesce(sum(fen) FILTER (WHERE state = 'RESERVED'), 0)::bigint,
       coalesce(sum(fen) FILTER (WHERE state = 'ORDERED'), 0)::bigint,
       coalesce(sum(fen) FILTER (WHERE state = 'SETTLED'), 0)::bigint,
       coalesce(sum(taken) FILTER (WHERE kind = 'GRANTED' AND state = 'FREE'), 0)::bigint,
       coalesce(sum(given) FILTER (WHERE kind = 'WITHDRAWN' AND state = 'FREE'), 0)::bigint,
       coalesce(sum(taken) FILTER (WHERE kind = 'ALLOCATED'), 0)::bigint,
       coalesce(sum(given) FILTER (WHERE kind = 'ALLOCATED'), 0)::bigint,
       coalesce(sum(given) FILTER (WHERE kind = 'RETURNED'), 0)::bigint,
       coalesce(sum(taken) FILTER (WHERE kind = 'RETURNED'), 0)::bigint
FROM sides GROUP BY organisation, fund
$$;
CREATE VIEW api.lots AS SELECT lot, kind, id, organisation, fund, fen FROM model_intervals.lots;
CREATE VIEW api.draws AS
SELECT position, made_at, use, lot, at, fen FROM model_intervals.draws;

-- Up: the stretches of lots that the fen of one event came from, level by level. paid_at is the
-- first fen in the event's own numbering, lot_at in the lot's.
CREATE FUNCTION api.trace_up(event_position bigint)
    RETURNS TABLE (depth integer, paid_at bigint, lot bigint, lot_at bigint, fen bigint)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
WITH RECURSIVE hop AS (
    SELECT 1 AS depth, made_at AS paid_at, lot, at AS lot_at, fen
    FROM model_intervals.draws WHERE position = event_position
    UNION ALL
    SELECT h.depth + 1, h.paid_at + greatest(d.made_at - h.lot_at, 0), d.lot,
           d.at + greatest(h.lot_at - d.made_at, 0),
           least(h.lot_at + h.fen, d.made_at + d.fen) - greatest(h.lot_at, d.made_at)
    FROM hop h JOIN model_intervals.draws d
      ON d.position = h.lot AND d.made_at < h.lot_at + h.fen AND d.made_at + d.fen > h.lot_at
)
SELECT depth, paid_at, lot, lot_at, fen FROM hop
$$;
-- Down: what the fen of one lot were drawn for, level by level. lot_at is the first fen in the
-- lot's numbering, made_at in that of the event that drew it; via is the lot drawn from.
CREATE FUNCTION api.trace_down(from_lot bigint)
    RETURNS TABLE (depth integer, via bigint, lot_at bigint, "position" bigint, use text,
        made_at bigint, fen bigint)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
WITH RECURSIVE hop AS (
    SELECT 1 AS depth, lot AS via, at AS lot_at, position, use, made_at, fen
    FROM model_intervals.draws WHERE lot = from_lot
    UNION ALL
    SELECT h.depth + 1, d.lot, h.lot_at + greatest(d.at - h.made_at, 0), d.position, d.use,
           d.made_at + greatest(h.made_at - d.at, 0),
           least(h.made_at + h.fen, d.at + d.fen) - greatest(h.made_at, d.at)
    FROM hop h JOIN model_intervals.draws d
      ON h.use = 'ALLOCATION' AND d.lot = h.position
     AND d.at < h.made_at + h.fen AND d.at + d.fen > h.made_at
)
SELECT depth, via, lot_at, position, use, made_at, fen FROM hop
$$;
-- Position of the last event recorded by a time; NULL for no time: then nothing is left out.
CREATE FUNCTION api.position_at(recorded_as_of timestamptz) RETURNS bigint
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT CASE WHEN recorded_as_of IS NULL THEN NULL ELSE coalesce((
    SELECT position FROM model_trail.events WHERE recorded_at <= api.micros(recorded_as_of)
    ORDER BY position DESC LIMIT 1), 0) END
$$;

-- Payments and their state. A payment is undone or settled by itself, ordered or released with
-- its roster, in this order of precedence.
CREATE FUNCTION api.payments_at(as_of date, recorded_as_of timestamptz)
    RETURNS TABLE ("position" bigint, payment uuid, organisation text, fund text, person text,
        worker text, kinship text, card text, phone text, household text, scheme text,
        category text, tier text, occasion text, campaign text, form text, amount_fen bigint,
        goods text, goods_quantity integer, work_region text, dossier text, evidence text,
        roster uuid, roster_row integer, visit uuid, signed boolean, proxy text,
        proxy_kinship text, proxy_document text, actor text, source text, policy_version text,
        state text, code text, state_position bigint, occurred_on date, recorded_at timestamptz)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
WITH known AS NOT MATERIALIZED (
    SELECT * FROM model_payments.steps
    WHERE (as_of IS NULL OR occurred_on <= api.days(as_of))
      AND (recorded_as_of IS NULL OR recorded_at <= api.micros(recorded_as_of))
)
SELECT p.position, p.payment, p.organisation, p.fund, p.person, p.worker, p.kinship, p.card,
       p.phone, p.household, p.scheme, p.category, p.tier, p.occasion, p.campaign, p.form,
       p.amount_fen, p.goods, p.goods_quantity, p.work_region, p.dossier, p.evidence, p.roster,
       p.roster_row, p.visit, p.signed, p.proxy, p.proxy_kinship, p.proxy_document, p.actor,
       p.source, p.policy_version,
       coalesce(undone.state, settled.state, decided.state,
                CASE WHEN p.ordered THEN 'ORDERED' ELSE 'RESERVED' END),
       coalesce(undone.code, settled.code),
       coalesce(undone.position, settled.position, decided.position, p.position),
       api.day(p.occurred_on), api.instant(p.recorded_at)
FROM model_payments.payments p
LEFT JOIN known undone
       ON undone.payment_position = p.position AND undone.state IN ('BOUNCED', 'REVERSED')
LEFT JOIN known settled
       ON settled.payment_position = p.position AND settled.state = 'SETTLED'
LEFT JOIN model_payments.decisions decided
       ON NOT p.ordered AND decided.organisation = p.organisation AND decided.roster = p.roster
      AND (as_of IS NULL OR decided.occurred_on <= api.days(as_of))
      AND (recorded_as_of IS NULL OR decided.recorded_at <= api.micros(recorded_as_of))
WHERE (as_of IS NULL OR p.occurred_on <= api.days(as_of))
  AND (recorded_as_of IS NULL OR p.recorded_at <= api.micros(recorded_as_of))
$$;
CREATE VIEW api.payments AS SELECT * FROM api.payments_at(NULL, NULL);
-- What the fen of a grant were used for, as recorded by a time; a use is one row for each lot that
-- it drew on. giver gave the fen, taker held them afterwards: the payer for a payment. Ordered by
-- path, what was made of an allocation comes behind it: once, behind the first lot it drew on.
CREATE FUNCTION api.grant_uses_at(from_lot bigint, recorded_as_of timestamptz)
    RETURNS TABLE (depth integer, via bigint, "position" bigint, use text, fen bigint,
        whole_fen bigint, id text, giver text, taker text, person text, state text, path bigint[])
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
WITH RECURSIVE used AS MATERIALIZED (
    SELECT depth, via, position, use, sum(fen)::bigint AS fen
    FROM api.trace_down(from_lot)
    WHERE recorded_as_of IS NULL OR position <= api.position_at(recorded_as_of)
    GROUP BY depth, via, position, use
), shown_below AS (
    SELECT position AS lot, min(via) AS above FROM used WHERE use = 'ALLOCATION' GROUP BY position
), placed AS (
    SELECT from_lot AS lot, ARRAY[]::bigint[] AS path
    UNION ALL
    SELECT b.lot, p.path || b.lot FROM placed p JOIN shown_below b ON b.above = p.lot
)
SELECT u.depth, u.via, u.position, u.use, u.fen, coalesce(made.fen, paid.amount_fen, u.fen),
       coalesce(made.id, paid.payment)::text, held.organisation,
       coalesce(made.organisation, parent.organisation, held.organisation),
       paid.person, paid.state, placed.path || u.position
FROM used u
JOIN placed ON placed.lot = u.via
JOIN api.lots held ON held.lot = u.via
LEFT JOIN api.lots made ON u.use = 'ALLOCATION' AND made.lot = u.position
LEFT JOIN api.payments_at(NULL, recorded_as_of) paid
       ON u.use = 'PAYMENT' AND paid.position = u.position
LEFT JOIN LATERAL (
    SELECT l.organisation FROM api.draws d JOIN api.lots l USING (lot)
    WHERE u.use = 'RETURN' AND d.position = u.via LIMIT 1
) parent ON true
$$;
-- Where the fen of a grant are: what each organisation holds of them, by state.
CREATE FUNCTION api.grant_held_at(from_lot bigint, recorded_as_of timestamptz)
    RETURNS TABLE (organisation text, free_fen bigint, reserved_fen bigint, ordered_fen bigint,
        settled_fen bigint)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
WITH uses AS MATERIALIZED (
    SELECT use, fen, giver, taker, state FROM api.grant_uses_at(from_lot, recorded_as_of)
    WHERE use <> 'PAYMENT' OR state IN ('RESERVED', 'ORDERED', 'SETTLED')
), sides AS (
    SELECT organisation, 'FREE' AS state, fen FROM api.lots WHERE lot = from_lot
    UNION ALL SELECT giver, 'FREE', -fen FROM uses
    UNION ALL SELECT taker, coalesce(state, 'FREE'), fen FROM uses WHERE use <> 'WITHDRAWAL'
)
SELECT organisation,
       coalesce(sum(fen) FILTER (WHERE state = 'FREE'), 0)::bigint,
       coalesce(sum(fen) FILTER (WHERE state = 'RESERVED'), 0)::bigint,
       coalesce(sum(fen) FILTER (WHERE state = 'ORDERED'), 0)::bigint,
       coalesce(sum(fen) FILTER (WHERE state = 'SETTLED'), 0)::bigint
FROM sides GROUP BY organisation
$$;
CREATE VIEW api.payment_steps AS
SELECT payment_position, position, state, code, document,
       api.day(occurred_on) AS occurred_on, api.instant(recorded_at) AS recorded_at
FROM model_payments.steps;

-- Grants and allocations.
CREATE VIEW api.grants AS
SELECT g.position, g.id AS "grant", g.owner, g.fund, g.amount_fen,
       coalesce((SELECT sum(w.amount_fen) FROM model_allocations.withdrawals w
                 WHERE w.id = g.id AND w.owner = g.owner), 0)::bigint AS withdrawn_fen,
       g.document, g.programme, g.regions, g.categories, g.tiers, g.occasions,
       api.day(g.usable_from) AS usable_from, api.day(g.usable_to) AS usable_to,
       api.day(g.occurred_on) AS occurred_on, api.instant(g.recorded_at) AS recorded_at
FROM model_allocations.grants g;
CREATE VIEW api.allocations AS
SELECT a.position, a.allocation, a.issuer, a.child, a.fund, a.amount_fen,
       coalesce(r.returned_fen, 0)::bigint AS returned_fen,
       c.position AS confirmed_position, api.day(c.occurred_on) AS confirmed_on,
       a.allocation_kind, a.approval_document, a.regions, a.categories, a.tiers, a.occasions,
       api.day(a.usable_from) AS usable_from, api.day(a.usable_to) AS usable_to,
       api.day(a.occurred_on) AS occurred_on, api.instant(a.recorded_at) AS recorded_at
FROM model_allocations.allocations a
LEFT JOIN model_allocations.confirmations c ON c.allocation = a.allocation AND c.issuer = a.issuer
LEFT JOIN (
    SELECT issuer, allocation, sum(amount_fen) AS returned_fen
    FROM model_allocations.returns GROUP BY issuer, allocation
) r ON r.allocation = a.allocation AND r.issuer = a.issuer;
CREATE VIEW api.returns AS
SELECT position, returned, issuer, allocation, child, fund, amount_fen, document,
       api.day(occurred_on) AS occurred_on, api.instant(recorded_at) AS recorded_at
FROM model_allocations.returns;

CREATE VIEW api.visits AS
SELECT position, visit, organisation, occasion, visitors, person, work_region, document, actor,
       api.day(occurred_on) AS occurred_on, api.instant(recorded_at) AS recorded_at
FROM model_visits.visits;

CREATE VIEW api.refusals AS
SELECT position, organisation, kind, business_id, submission_id, original_position, roster,
       roster_row, code, reasons, value_size, source, actor,
       api.day(occurred_on) AS occurred_on, api.instant(recorded_at) AS recorded_at
FROM model_refusals.refusals;

-- Rosters. A row that was refused and later accepted counts as accepted only. state says how far
-- a roster is: APPROVED, REJECTED, else PARTLY_REFUSED if rows stayed refused, COMPLETE, INCOMPLETE.
CREATE FUNCTION api.roster_refused_rows_at(recorded_as_of timestamptz)
    RETURNS TABLE (organisation text, roster uuid, roster_row integer, business_id text, code text,
        reasons jsonb, "position" bigint)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT DISTINCT ON (f.organisation, f.roster, f.roster_row, f.business_id)
       f.organisation, f.roster, f.roster_row, f.business_id, f.code, f.reasons, f.position
FROM model_refusals.refusals f
WHERE f.roster IS NOT NULL AND f.kind = 'MakePayment'
  AND (recorded_as_of IS NULL OR f.recorded_at <= api.micros(recorded_as_of))
  AND NOT EXISTS (
      SELECT FROM model_payments.payments p
      WHERE p.organisation = f.organisation AND p.roster = f.roster
        AND (p.roster_row = f.roster_row OR p.payment::text = f.business_id)
        AND (recorded_as_of IS NULL OR p.recorded_at <= api.micros(recorded_as_of)))
ORDER BY f.organisation, f.roster, f.roster_row, f.business_id, f.position DESC
$$;
CREATE VIEW api.roster_refused_rows AS SELECT * FROM api.roster_refused_rows_at(NULL);
CREATE FUNCTION api.rosters_at(recorded_as_of timestamptz)
    RETURNS TABLE ("position" bigint, roster uuid, organisation text, fund text, campaign text,
        occasion text, declared_count integer, declared_fen bigint, accepted_count integer,
        accepted_fen bigint, refused_count integer, left_out_count integer, left_out jsonb,
        state text, decided_position bigint, decision_code text, approval_document text,
        submitter text, reviewer text, decided_by text, unit_certificate text,
        payments_root bytea, policy_version text, occurred_on date, decided_on date,
        recorded_at timestamptz)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT r.position, r.roster, r.organisation, r.fund, r.campaign, r.occasion, r.declared_count,
       r.declared_fen, coalesce(a.accepted_count, 0)::integer,
       coalesce(a.accepted_fen, 0)::bigint, coalesce(f.refused_count, 0)::integer,
       jsonb_array_length(r.left_out), r.left_out,
       coalesce(d.decision,
                CASE WHEN f.refused_count > 0 THEN 'PARTLY_REFUSED'
                     WHEN a.accepted_count = r.declared_count THEN 'COMPLETE'
                     ELSE 'INCOMPLETE' END),
       d.position, d.code, d.document, r.submitter, r.reviewer, d.actor, r.unit_certificate,
       r.payments_root, r.policy_version, api.day(r.occurred_on), api.day(d.occurred_on),
       api.instant(r.recorded_at)
FROM model_rosters.rosters r
LEFT JOIN model_rosters.decisions d
       ON d.organisation = r.organisation AND d.roster = r.roster
      AND (recorded_as_of IS NULL OR d.recorded_at <= api.micros(recorded_as_of))
LEFT JOIN LATERAL (
    SELECT count(*) AS accepted_count, sum(p.amount_fen) AS accepted_fen
    FROM model_payments.payments p
    WHERE p.organisation = r.organisation AND p.roster = r.roster
      AND (recorded_as_of IS NULL OR p.recorded_at <= api.micros(recorded_as_of))
) a ON true
LEFT JOIN LATERAL (
    SELECT count(*) AS refused_count FROM api.roster_refused_rows_at(recorded_as_of) f
    WHERE f.organisation = r.organisation AND f.roster = r.roster
) f ON true
WHERE recorded_as_of IS NULL OR r.recorded_at <= api.micros(recorded_as_of)
$$;
CREATE VIEW api.rosters AS SELECT * FROM api.rosters_at(NULL);

CREATE VIEW api.statements AS
SELECT position, statement, organisation, programme, api.day(as_of) AS as_of, stated_sources_fen,
       stated_uses_fen, document, api.day(occurred_on) AS occurred_on,
       api.instant(recorded_at) AS recorded_at
FROM model_statements.statements;
CREATE VIEW api.statement_items AS
SELECT position, line, side, code, units, unit_fen, amount_fen FROM model_statements.items;

-- The trail.
CREATE VIEW api.trail AS
SELECT position, kind, organisation, counterparty, fund, person, payment_position, roster, id,
       about, amount_fen, units, code, document, actor, source, policy_version, rules,
       api.day(occurred_on) AS occurred_on, api.instant(recorded_at) AS recorded_at
FROM model_trail.events;
CREATE VIEW api.trail_persons AS SELECT person, position, role FROM model_trail.persons;

-- Coverage: whom the money reached. Payments that were undone do not count; month is its first day.
CREATE FUNCTION api.coverage_at(as_of date, recorded_as_of timestamptz)
    RETURNS TABLE (organisation text, fund text, scheme text, category text, tier text,
        occasion text, form text, month date, person text, "position" bigint, amount_fen bigint,
        settled_fen bigint)
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT p.organisation, p.fund, p.scheme, p.category, p.tier, p.occasion, p.form,
       date_trunc('month', p.occurred_on::timestamp)::date, coalesce(s.root, p.person),
       p.position, p.amount_fen, CASE WHEN p.state = 'SETTLED' THEN p.amount_fen ELSE 0 END
FROM api.payments_at(as_of, recorded_as_of) p
LEFT JOIN api.same_persons s ON s.person = p.person
WHERE p.state IN ('RESERVED', 'ORDERED', 'SETTLED')
$$;
CREATE VIEW api.coverage AS
SELECT organisation, fund, scheme, category, tier, occasion, form, month,
       count(*) AS payments, count(DISTINCT person) AS persons, sum(amount_fen)::bigint AS amount_fen,
       sum(settled_fen)::bigint AS settled_fen
FROM api.coverage_at(NULL, NULL)
GROUP BY organisation, fund, scheme, category, tier, occasion, form, month;
