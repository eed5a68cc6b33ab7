"""What accounts hold, at any moment; and the check that no fen appeared or vanished."""

from typing import Final, LiteralString, NamedTuple

from domain.units import Fen, Position
from projections.moments import NOW, Moment
from projections.target import Connection

COLUMNS: Final[LiteralString] = (
    "organisation, fund, free_fen, reserved_fen, ordered_fen, settled_fen, granted_fen,"
    " withdrawn_fen, received_fen, passed_on_fen, returned_fen, taken_back_fen"
)


class Balance(NamedTuple):
    """What an organisation holds of a fund, and how it came and went. All in fen."""

    organisation: str
    fund: str
    free_fen: Fen
    reserved_fen: Fen
    ordered_fen: Fen
    settled_fen: Fen
    granted_fen: Fen
    withdrawn_fen: Fen
    received_fen: Fen
    """Allocated to it by its parent."""
    passed_on_fen: Fen
    """Allocated by it to its children."""
    returned_fen: Fen
    """Given back by it to its parent."""
    taken_back_fen: Fen
    """Given back to it by its children."""


class Conserved(NamedTuple):
    """The sums of one fund; nothing was lost or made if *difference_fen* is 0."""

    fund: str
    granted_fen: Fen
    withdrawn_fen: Fen
    free_fen: Fen
    reserved_fen: Fen
    ordered_fen: Fen
    settled_fen: Fen
    difference_fen: Fen


class Broken(NamedTuple):
    """An account whose balance is not the sum of its entries."""

    organisation: str
    fund: str
    what: str
    held_fen: Fen
    entries_fen: Fen


class Undrawn(NamedTuple):
    """An entry whose fen are not the fen that its event drew."""

    position: Position
    organisation: str
    fund: str
    entry_fen: Fen
    drawn_fen: Fen


def balances(
    connection: Connection,
    *,
    organisation: str | None = None,
    fund: str | None = None,
    below: bool = False,
    moment: Moment = NOW,
) -> list[Balance]:
    """Balances of all accounts, of one organisation (and all *below* it), or of one fund."""
    organisations = None
    if organisation is not None:
        organisations = subtree(connection, organisation, moment) if below else [organisation]
    source: LiteralString = "api.balances" if moment.now else "api.balances_at(%s, %s)"
    statement: LiteralString = (
        "SELECT " + COLUMNS + " FROM " + source + " WHERE (%s::text[] IS NULL"
        " OR organisation = ANY(%s)) AND (%s::text IS NULL OR fund = %s)"
        " ORDER BY fund, organisation"
    )
    bounds = () if moment.now else moment.values()
    values = (*bounds, organisations, organisations, fund, fund)
    return [Balance(*row) for row in connection.execute(statement, values)]


def subtree(connection: Connection, organisation: str, moment: Moment = NOW) -> list[str]:
    """The organisation and all below it, as the tree stood at *moment*."""
    rows = connection.execute(
        "SELECT organisation FROM api.subtree(%s, %s, %s)", (organisation, *moment.values())
    )
    return [row[0] for row in rows]


def organisation_exists(connection: Connection, organisation: str) -> bool:
    """Whether an organisation with this code was ever registered."""
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM api.organisations WHERE organisation = %s)", (organisation,)
    ).fetchone()
    return row is not None and bool(row[0])


def any_organisation(connection: Connection) -> bool:
    """Whether there is any: every ledger has its topmost union."""
    row = connection.execute("SELECT EXISTS (SELECT FROM api.organisations)").fetchone()
    return row is not None and bool(row[0])


def conserved(connection: Connection, moment: Moment = NOW) -> list[Conserved]:
    """For each fund: granted − withdrawn − (free + reserved + ordered + settled), from balances."""
    source: LiteralString = "api.balances" if moment.now else "api.balances_at(%s, %s)"
    statement: LiteralString = (
        "SELECT fund, sum(granted_fen)::bigint, sum(withdrawn_fen)::bigint, sum(free_fen)::bigint,"
        " sum(reserved_fen)::bigint, sum(ordered_fen)::bigint, sum(settled_fen)::bigint,"
        " sum(granted_fen - withdrawn_fen - free_fen - reserved_fen - ordered_fen"
        "     - settled_fen)::bigint"
        " FROM " + source + " GROUP BY fund ORDER BY fund"
    )
    bounds = () if moment.now else moment.values()
    return [Conserved(*row) for row in connection.execute(statement, bounds)]


def broken(connection: Connection) -> list[Broken]:
    """Accounts whose kept balance differs from the sum of their entries, or is negative."""
    rows = connection.execute(
        """
        SELECT organisation, fund, what, held, entries FROM (
            SELECT organisation, fund, what, coalesce(held, 0) AS held,
                   coalesce(entries, 0) AS entries
            FROM (
                SELECT organisation, fund, pair.key AS what, pair.value::bigint AS held
                FROM api.balances b, jsonb_each_text(to_jsonb(b) - 'organisation' - 'fund') pair
            ) kept
            FULL JOIN (
                SELECT organisation, fund, pair.key AS what, pair.value::bigint AS entries
                FROM api.balances_at(NULL, NULL) b,
                     jsonb_each_text(to_jsonb(b) - 'organisation' - 'fund') pair
            ) summed USING (organisation, fund, what)
        ) compared
        WHERE held <> entries OR held < 0
        ORDER BY fund, organisation, what
        """
    )
    return [Broken(*row) for row in rows]


def undrawn(connection: Connection) -> list[Undrawn]:
    """Entries that take free fen without drawing exactly as many numbered fen."""
    rows = connection.execute(
        """
        SELECT e.position, e.giver, e.fund, e.fen, coalesce(d.fen, 0)
        FROM api.entries e
        LEFT JOIN (SELECT position, sum(fen)::bigint AS fen FROM api.draws GROUP BY position) d
               USING (position)
        WHERE e.giver_state = 'FREE' AND e.fen <> coalesce(d.fen, 0)
        ORDER BY e.position
        """
    )
    return [Undrawn(*row) for row in rows]
