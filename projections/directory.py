"""What the ledger knows by a code or an id, and what is near a code that it does not know."""

from typing import Final, LiteralString, NamedTuple

from projections.target import Connection


class Entry(NamedTuple):
    """Something with a code, and its name if it has one."""

    code: str
    name: str


ORGANISATIONS: Final[LiteralString] = "SELECT organisation AS code, name FROM api.organisations"
FUNDS: Final[LiteralString] = "SELECT fund AS code, '' AS name FROM api.funds"


def knows_fund(connection: Connection, fund: str) -> bool:
    """Whether a fund with this code was ever opened."""
    return _exists(connection, "SELECT FROM api.funds WHERE fund = %(id)s", fund)


def knows_roster(connection: Connection, roster: str) -> bool:
    """Whether a roster with this id, a UUID, or one of its payments was ever decided."""
    return _exists(
        connection,
        "SELECT FROM api.rosters WHERE roster = %(id)s::uuid"
        " UNION ALL SELECT FROM api.refusals WHERE roster = %(id)s::uuid"
        " UNION ALL SELECT FROM api.payments WHERE roster = %(id)s::uuid",
        roster,
    )


def near_organisations(connection: Connection, text: str, limit: int) -> list[Entry]:
    """Organisations with the text in their name, then those whose codes begin most like it."""
    return _near(connection, ORGANISATIONS, text, limit)


def near_funds(connection: Connection, text: str, limit: int) -> list[Entry]:
    """Funds whose codes begin most like the text."""
    return _near(connection, FUNDS, text, limit)


def _exists(connection: Connection, rows: LiteralString, number: str) -> bool:
    statement: LiteralString = "SELECT EXISTS (" + rows + ")"
    row = connection.execute(statement, {"id": number}).fetchone()
    return row is not None and bool(row[0])


def _near(connection: Connection, known: LiteralString, text: str, limit: int) -> list[Entry]:
    statement: LiteralString = (
        "SELECT code, name FROM (" + known + ") known"
        " ORDER BY position(%(text)s IN name) > 0 DESC,"
        " (SELECT max(n) FROM generate_series(0, length(%(text)s)) n"
        "  WHERE starts_with(upper(code), left(upper(%(text)s), n))) DESC, code LIMIT %(limit)s"
    )
    rows = connection.execute(statement, {"text": text, "limit": limit})
    return [Entry(*row) for row in rows]
