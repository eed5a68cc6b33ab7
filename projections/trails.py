"""Trails: what touched an organisation, fund, person, payment, roster or other thing."""

from typing import Final, LiteralString, NamedTuple

from domain.units import Day, Fen, Micros, Position
from projections.moments import NOW, Moment
from projections.target import Connection


class Step(NamedTuple):
    """One event in a trail."""

    position: Position
    kind: str
    organisation: str | None
    counterparty: str | None
    fund: str | None
    person: str | None
    roster: str | None
    id: str | None
    about: str | None
    amount_fen: Fen | None
    units: int | None
    code: str | None
    document: str | None
    actor: str | None
    source: str | None
    occurred_on: Day | None
    recorded_at: Micros


TOUCHING: Final[dict[str, LiteralString]] = {
    "organisation": "SELECT position FROM api.trail WHERE organisation = %(id)s"
    " UNION SELECT position FROM api.trail WHERE counterparty = %(id)s",
    "fund": "SELECT position FROM api.trail WHERE fund = %(id)s",
    "person": """
        WITH ids AS (
            SELECT %(id)s AS person
            UNION
            SELECT o.person FROM api.same_persons o JOIN api.same_persons a USING (root)
            WHERE a.person = %(id)s
        ), own AS (
            SELECT t.position, t.kind FROM api.trail t JOIN ids USING (person)
        )
        SELECT position FROM own
        UNION SELECT p.position FROM api.trail_persons p JOIN ids USING (person)
        UNION SELECT t.position FROM api.trail t JOIN own ON t.payment_position = own.position""",
    "payment": """
        WITH made AS (
            SELECT position, organisation, roster, about FROM api.trail
            WHERE id = %(id)s AND kind = 'PaymentMade'
        )
        SELECT position FROM api.trail WHERE id = %(id)s
        UNION SELECT t.position FROM api.trail t JOIN made ON t.payment_position = made.position
        UNION SELECT t.position FROM api.trail t JOIN made
                ON t.roster = made.roster AND t.organisation = made.organisation
               AND t.kind IN ('RosterSubmitted', 'RosterApproved', 'RosterRejected')
        UNION SELECT t.position FROM api.trail t JOIN made
                ON t.id = made.about AND t.kind = 'VisitMade'""",
    "roster": """
        WITH rows AS (SELECT position FROM api.trail WHERE roster = %(id)s::uuid)
        SELECT position FROM rows
        UNION SELECT t.position FROM api.trail t JOIN rows ON t.payment_position = rows.position""",
    "actor": "SELECT position FROM api.trail WHERE actor = %(id)s",
    "thing": "SELECT position FROM api.trail WHERE id = %(id)s"
    " UNION SELECT position FROM api.trail WHERE about = %(id)s",
}
"""By kind of subject, the positions of the events that touched it."""


def trail(  # noqa: PLR0913  what is asked, of what, and which page of it
    connection: Connection,
    subject: str,
    number: str,
    *,
    moment: Moment = NOW,
    after: int = 0,
    limit: int = 200,
) -> list[Step]:
    """
    What happened to a subject, oldest first.

    *subject* is a key of TOUCHING; 'thing' is an allocation, grant, visit, statement, key ….
    """
    day, instant = moment.values()
    statement: LiteralString = (
        "SELECT t.position, t.kind, t.organisation, t.counterparty, t.fund, t.person,"
        " t.roster::text, t.id, t.about, t.amount_fen, t.units, t.code, t.document, t.actor,"
        " t.source, api.days(t.occurred_on), api.micros(t.recorded_at)"
        " FROM api.trail t JOIN (" + TOUCHING[subject] + ") touched USING (position)"
        " WHERE t.position > %(after)s AND (%(day)s::date IS NULL OR t.occurred_on <= %(day)s)"
        " AND (%(instant)s::timestamptz IS NULL OR t.recorded_at <= %(instant)s)"
        " ORDER BY t.position LIMIT %(limit)s"
    )
    values = {"id": number, "day": day, "instant": instant, "after": after, "limit": limit}
    return [Step(*row) for row in connection.execute(statement, values)]


def names_of(connection: Connection, codes: set[str]) -> dict[str, str]:
    """Names of organisations, by code."""
    rows = connection.execute(
        "SELECT organisation, name FROM api.organisations WHERE organisation = ANY(%s)",
        (sorted(codes),),
    )
    return {row[0]: row[1] for row in rows}
