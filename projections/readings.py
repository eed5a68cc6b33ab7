"""Readings of plain identities: who saw whom, when and why; and where sealed identities stand."""

from collections.abc import Sequence
from typing import NamedTuple

from domain.units import Day, Micros, Position
from projections.target import Connection


class ReadingMade(NamedTuple):
    """One recorded reading."""

    position: Position
    reading: str
    organisation: str | None
    actor: str | None
    purpose: str
    case: str
    persons: int
    occurred_on: Day | None
    recorded_at: Micros


class SealedAt(NamedTuple):
    """A payment in which a person's identity is sealed."""

    person: str
    position: Position
    field: str
    """``recipient`` or ``worker``, as sealed."""


def readings(
    connection: Connection,
    *,
    actor: str | None = None,
    person: str | None = None,
    after: int = 0,
    limit: int = 200,
) -> list[ReadingMade]:
    """Readings by one actor, or of one person under any of their ids, or all; oldest first."""
    rows = connection.execute(
        """
        WITH ids AS (
            SELECT %(person)s::text AS person
            UNION
            SELECT o.person FROM api.same_persons o JOIN api.same_persons a USING (root)
            WHERE a.person = %(person)s
        )
        SELECT t.position, t.id, t.organisation, t.actor, t.code, t.document,
               (SELECT count(*) FROM api.trail_persons p
                WHERE p.position = t.position AND p.role = 'READ'),
               api.days(t.occurred_on), api.micros(t.recorded_at)
        FROM api.trail t
        WHERE t.kind = 'IdentitiesRead' AND t.position > %(after)s
          AND (%(actor)s::text IS NULL OR t.actor = %(actor)s)
          AND (%(person)s::text IS NULL OR t.position IN
               (SELECT p.position FROM api.trail_persons p JOIN ids USING (person)
                WHERE p.role = 'READ'))
        ORDER BY t.position LIMIT %(limit)s
        """,
        {"actor": actor, "person": person, "after": after, "limit": limit},
    )
    return [ReadingMade(*row) for row in rows]


def sealed_at(connection: Connection, persons: Sequence[str]) -> list[SealedAt]:
    """Every payment that holds an identity of these persons, oldest first."""
    rows = connection.execute(
        """
        SELECT person, position, 'recipient' FROM api.payments WHERE person = ANY(%(persons)s)
        UNION ALL
        SELECT worker, position, 'worker' FROM api.payments WHERE worker = ANY(%(persons)s)
        ORDER BY 2, 3
        """,
        {"persons": list(persons)},
    )
    return [SealedAt(*row) for row in rows]


def known(connection: Connection, persons: Sequence[str]) -> set[str]:
    """Those of the persons that any event names."""
    rows = connection.execute(
        """
        SELECT person FROM api.trail WHERE person = ANY(%(persons)s)
        UNION SELECT person FROM api.trail_persons WHERE person = ANY(%(persons)s)
        UNION SELECT actor FROM api.trail WHERE actor = ANY(%(persons)s)
        """,
        {"persons": list(persons)},
    )
    return {row[0] for row in rows}


def erased(connection: Connection, persons: Sequence[str]) -> set[str]:
    """Those of the persons whose erasure is recorded, under any of their ids."""
    rows = connection.execute(
        """
        SELECT asked.person FROM unnest(%(persons)s::text[]) AS asked (person)
        LEFT JOIN api.same_persons s ON s.person = asked.person
        WHERE EXISTS (
            SELECT FROM api.trail t LEFT JOIN api.same_persons o ON o.person = t.person
            WHERE t.kind = 'PersonErased'
              AND (t.person = asked.person OR o.root = s.root)
        )
        """,
        {"persons": list(persons)},
    )
    return {row[0] for row in rows}
