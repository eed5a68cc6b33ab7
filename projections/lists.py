"""Lists of payments, visits, rosters and refusals, filtered, as they were at a moment."""

from typing import Any, NamedTuple

from domain.units import Day, Fen, Micros, Position
from projections.accounts import subtree
from projections.moments import NOW, Moment
from projections.target import Connection


class Filter(NamedTuple):
    """What a list is narrowed to; None: not narrowed."""

    organisation: str | None = None
    below: bool = False
    """With all organisations below it."""
    fund: str | None = None
    person: str | None = None
    roster: str | None = None
    state: str | None = None
    """State of a payment or roster, or code of a refusal."""
    moment: Moment = NOW
    after: int = 0
    """Position of the last row already seen."""
    limit: int = 200


class Payment(NamedTuple):
    """A payment in a list."""

    position: Position
    payment: str
    organisation: str
    fund: str
    person: str
    category: str
    tier: str
    occasion: str
    form: str
    amount_fen: Fen
    state: str
    roster: str | None
    roster_row: int | None
    visit: str | None
    visit_found: bool | None
    """False if the visit it names is unknown or was refused."""
    occurred_on: Day | None
    recorded_at: Micros


class Visit(NamedTuple):
    """A visit in a list."""

    position: Position
    visit: str
    organisation: str
    occasion: str
    visitors: list[str]
    person: str | None
    work_region: str | None
    document: str | None
    payments: int
    amount_fen: Fen
    occurred_on: Day | None
    recorded_at: Micros


class Refused(NamedTuple):
    """A refusal in a list."""

    position: Position
    organisation: str | None
    kind: str | None
    business_id: str | None
    roster: str | None
    roster_row: int | None
    reasons: list[dict[str, Any]]
    """Each with code and figures."""
    recorded_at: Micros


class Roster(NamedTuple):
    """A roster in a list."""

    position: Position
    roster: str
    organisation: str
    fund: str
    campaign: str
    declared_count: int
    declared_fen: Fen
    accepted_count: int
    accepted_fen: Fen
    refused_count: int
    left_out: list[dict[str, Any]]
    state: str
    occurred_on: Day | None
    recorded_at: Micros


class RefusedRow(NamedTuple):
    """A row of a roster that was refused and not accepted later."""

    roster_row: int | None
    position: Position
    business_id: str | None
    reasons: list[dict[str, Any]]


def payments(connection: Connection, wanted: Filter) -> list[Payment]:
    """Payments, oldest first."""
    day, instant = wanted.moment.values()
    # A page of positions first: joining all payments with what happened to them is for no one.
    positions = None if wanted.state else _page(connection, wanted)
    rows = connection.execute(
        """
        SELECT p.position, p.payment::text, p.organisation, p.fund, p.person, p.category, p.tier,
               p.occasion, p.form, p.amount_fen, p.state, p.roster::text, p.roster_row,
               p.visit::text,
               CASE WHEN p.visit IS NULL THEN NULL ELSE EXISTS (
                   SELECT FROM api.visits v
                   WHERE v.visit = p.visit AND v.organisation = p.organisation) END,
               api.days(p.occurred_on), api.micros(p.recorded_at)
        FROM api.payments_at(%(day)s, %(instant)s) p
        WHERE (%(positions)s::bigint[] IS NULL OR p.position = ANY(%(positions)s))
          AND p.position > %(after)s
          AND (%(state)s::text IS NULL OR p.state = %(state)s)
          AND (%(organisations)s::text[] IS NULL OR p.organisation = ANY(%(organisations)s))
          AND (%(fund)s::text IS NULL OR p.fund = %(fund)s)
          AND (%(persons)s::text[] IS NULL OR p.person = ANY(%(persons)s))
          AND (%(roster)s::uuid IS NULL OR p.roster = %(roster)s)
        ORDER BY p.position LIMIT %(limit)s
        """,
        {
            **_names(connection, wanted),
            "day": day,
            "instant": instant,
            "positions": positions,
            "state": wanted.state,
            "limit": wanted.limit,
        },
    )
    return [Payment(*row) for row in rows]


def _page(connection: Connection, wanted: Filter) -> list[Position]:
    """Positions of the first payments that a filter without a state lets through."""
    day, instant = wanted.moment.values()
    rows = connection.execute(
        """
        SELECT position FROM model_payments.payments
        WHERE position > %(after)s
          AND (%(organisations)s::text[] IS NULL OR organisation = ANY(%(organisations)s))
          AND (%(fund)s::text IS NULL OR fund = %(fund)s)
          AND (%(persons)s::text[] IS NULL OR person = ANY(%(persons)s))
          AND (%(roster)s::uuid IS NULL OR roster = %(roster)s)
          AND (%(day)s::date IS NULL OR occurred_on <= api.days(%(day)s))
          AND (%(instant)s::timestamptz IS NULL OR recorded_at <= api.micros(%(instant)s))
        ORDER BY position LIMIT %(limit)s
        """,
        {
            **_names(connection, wanted),
            "day": day,
            "instant": instant,
            "limit": wanted.limit,
        },
    )
    return [row[0] for row in rows]


def _names(connection: Connection, wanted: Filter) -> dict[str, Any]:
    """Organisations, persons, fund and roster of a filter, as parameters."""
    return {
        "organisations": _organisations(connection, wanted),
        "persons": None if wanted.person is None else ids_of(connection, wanted.person),
        "fund": wanted.fund,
        "roster": wanted.roster,
        "after": wanted.after,
    }


def visits(connection: Connection, wanted: Filter) -> list[Visit]:
    """Visits with what was paid at each, oldest first."""
    organisations = _organisations(connection, wanted)
    day, instant = wanted.moment.values()
    rows = connection.execute(
        """
        WITH shown AS (
            SELECT * FROM api.visits v
            WHERE v.position > %s AND (%s::text[] IS NULL OR v.organisation = ANY(%s))
              AND (%s::text IS NULL OR v.person = %s OR %s = ANY(v.visitors))
              AND (%s::date IS NULL OR v.occurred_on <= %s)
              AND (%s::timestamptz IS NULL OR v.recorded_at <= %s)
            ORDER BY v.position LIMIT %s
        )
        SELECT v.position, v.visit::text, v.organisation, v.occasion, v.visitors, v.person,
               v.work_region, v.document, count(p.position), coalesce(sum(p.amount_fen), 0)::bigint,
               api.days(v.occurred_on), api.micros(v.recorded_at)
        FROM shown v
        LEFT JOIN api.payments_at(%s, %s) p
               ON p.visit = v.visit AND p.organisation = v.organisation
              AND p.state IN ('RESERVED', 'ORDERED', 'SETTLED')
        GROUP BY v.position, v.visit, v.organisation, v.occasion, v.visitors, v.person,
                 v.work_region, v.document, v.occurred_on, v.recorded_at
        ORDER BY v.position
        """,
        (
            *(wanted.after, organisations, organisations),
            *(wanted.person, wanted.person, wanted.person),
            *(day, day, instant, instant, wanted.limit, day, instant),
        ),
    )
    return [Visit(*row) for row in rows]


def refusals(connection: Connection, wanted: Filter) -> list[Refused]:
    """Refusals, oldest first."""
    organisations = _organisations(connection, wanted)
    _, instant = wanted.moment.values()
    rows = connection.execute(
        """
        SELECT position, organisation, kind, business_id, roster::text, roster_row, reasons,
               api.micros(recorded_at)
        FROM api.refusals
        WHERE position > %s AND (%s::text[] IS NULL OR organisation = ANY(%s))
          AND (%s::uuid IS NULL OR roster = %s)
          AND (%s::text IS NULL OR reasons @>
               jsonb_build_array(jsonb_build_object('code', %s::text)))
          AND (%s::timestamptz IS NULL OR recorded_at <= %s)
        ORDER BY position LIMIT %s
        """,
        (
            *(wanted.after, organisations, organisations, wanted.roster, wanted.roster),
            *(wanted.state, wanted.state, instant, instant, wanted.limit),
        ),
    )
    return [Refused(*row) for row in rows]


def rosters(connection: Connection, wanted: Filter) -> list[Roster]:
    """Rosters and how far each is, oldest first."""
    organisations = _organisations(connection, wanted)
    _, instant = wanted.moment.values()
    rows = connection.execute(
        """
        SELECT position, roster::text, organisation, fund, campaign, declared_count, declared_fen,
               accepted_count, accepted_fen, refused_count, left_out, state,
               api.days(occurred_on), api.micros(recorded_at)
        FROM api.rosters_at(%s)
        WHERE position > %s AND (%s::text[] IS NULL OR organisation = ANY(%s))
          AND (%s::text IS NULL OR fund = %s)
          AND (%s::uuid IS NULL OR roster = %s)
          AND (%s::text IS NULL OR state = %s
               OR (%s = 'PARTLY_REFUSED' AND refused_count > 0))
        ORDER BY position LIMIT %s
        """,
        (
            *(instant, wanted.after, organisations, organisations, wanted.fund, wanted.fund),
            *(wanted.roster, wanted.roster, wanted.state, wanted.state, wanted.state),
            wanted.limit,
        ),
    )
    return [Roster(*row) for row in rows]


def refused_rows(connection: Connection, roster: Roster, moment: Moment = NOW) -> list[RefusedRow]:
    """The rows of a roster that stayed refused, in the order of the file."""
    _, instant = moment.values()
    rows = connection.execute(
        "SELECT roster_row, position, business_id, reasons FROM api.roster_refused_rows_at(%s)"
        " WHERE organisation = %s AND roster = %s::uuid ORDER BY roster_row, position",
        (instant, roster.organisation, roster.roster),
    )
    return [RefusedRow(*row) for row in rows]


def ids_of(connection: Connection, person: str) -> list[str]:
    """All ids that were found to be the same person, the one given among them."""
    rows = connection.execute(
        "SELECT o.person FROM api.same_persons o JOIN api.same_persons a USING (root)"
        " WHERE a.person = %s",
        (person,),
    )
    return sorted({person, *(row[0] for row in rows)})


def _organisations(connection: Connection, wanted: Filter) -> list[str] | None:
    if wanted.organisation is None:
        return None
    if wanted.below:
        return subtree(connection, wanted.organisation, wanted.moment)
    return [wanted.organisation]
