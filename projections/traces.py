"""Traces: from a payment up to the fen of its grants, and from a grant down to people."""

from collections.abc import Sequence
from typing import NamedTuple

from domain.units import Day, Fen, Position
from projections.target import Connection


class Paid(NamedTuple):
    """A payment that is traced."""

    position: Position
    payment: str
    organisation: str
    fund: str
    person: str
    amount_fen: Fen
    state: str
    occurred_on: Day | None


class Hop(NamedTuple):
    """A stretch of fen of one lot, one level further up."""

    depth: int
    paid_at: int
    """First fen, in the payment's own numbering."""
    fen: Fen
    lot: Position
    lot_at: int
    """First fen, in the lot's numbering."""
    kind: str
    """GRANT or ALLOCATION: what made the lot."""
    id: str
    organisation: str
    """Who held the lot."""
    fund: str


class Lot(NamedTuple):
    """A grant that is traced."""

    lot: Position
    id: str
    organisation: str
    fund: str
    fen: Fen


class Use(NamedTuple):
    """What some fen of a grant were used for."""

    depth: int
    via: Position
    """The lot they were drawn from."""
    position: Position
    use: str
    """ALLOCATION, PAYMENT, RETURN or WITHDRAWAL."""
    fen: Fen
    """How many of the grant's fen."""
    whole_fen: Fen
    """How many fen the use had in all."""
    id: str | None
    giver: str
    taker: str
    """Organisation that held the fen afterwards; the payer for a payment."""
    person: str | None
    state: str | None


class Holding(NamedTuple):
    """Where the fen of a grant are now."""

    organisation: str
    free_fen: Fen
    reserved_fen: Fen
    ordered_fen: Fen
    settled_fen: Fen


def payments_called(connection: Connection, payment: str) -> list[Paid]:
    """Payments with this id: more than one only if several organisations used it."""
    rows = connection.execute(
        "SELECT position, payment::text, organisation, fund, person, amount_fen, state,"
        " api.days(occurred_on) FROM api.payments WHERE payment = %s::uuid ORDER BY position",
        (payment,),
    )
    return [Paid(*row) for row in rows]


def up(connection: Connection, position: Position) -> list[Hop]:
    """The stretches of lots that the fen of an event came from, level by level, in fen order."""
    rows = connection.execute(
        "SELECT h.depth, h.paid_at, h.fen, h.lot, h.lot_at, l.kind, l.id::text, l.organisation,"
        " l.fund FROM api.trace_up(%s) h JOIN api.lots l USING (lot)"
        " ORDER BY h.paid_at, h.depth",
        (position,),
    )
    return [Hop(*row) for row in rows]


def grants_called(connection: Connection, grant: str) -> list[Lot]:
    """Grants with this id: more than one only if several organisations used it."""
    rows = connection.execute(
        "SELECT lot, id::text, organisation, fund, fen FROM api.lots"
        " WHERE id = %s::uuid AND kind = 'GRANT' ORDER BY lot",
        (grant,),
    )
    return [Lot(*row) for row in rows]


def down(connection: Connection, lot: Position) -> list[Use]:
    """What the fen of a lot were used for, level by level."""
    rows = connection.execute(
        """
        WITH used AS (
            SELECT depth, via, position, use, sum(fen)::bigint AS fen
            FROM api.trace_down(%s) GROUP BY depth, via, position, use
        )
        SELECT u.depth, u.via, u.position, u.use, u.fen,
               coalesce(made.fen, paid.amount_fen, u.fen),
               coalesce(made.id, paid.payment)::text, held.organisation,
               coalesce(made.organisation, giver.organisation, held.organisation),
               paid.person, paid.state
        FROM used u
        JOIN api.lots held ON held.lot = u.via
        LEFT JOIN api.lots made ON u.use = 'ALLOCATION' AND made.lot = u.position
        LEFT JOIN api.payments paid ON u.use = 'PAYMENT' AND paid.position = u.position
        LEFT JOIN LATERAL (
            SELECT l.organisation FROM api.draws d JOIN api.lots l USING (lot)
            WHERE u.use = 'RETURN' AND d.position = u.via LIMIT 1
        ) giver ON true
        ORDER BY u.position, u.via
        """,
        (lot,),
    )
    return [Use(*row) for row in rows]


def holdings(lot: Lot, uses: Sequence[Use]) -> list[Holding]:
    """Where the fen of a grant are now, from the uses that down() found."""
    states = ("FREE", "RESERVED", "ORDERED", "SETTLED")
    held: dict[str, dict[str, int]] = {lot.organisation: dict.fromkeys(states, 0)}
    held[lot.organisation]["FREE"] = lot.fen
    for use in uses:
        giver = held.setdefault(use.giver, dict.fromkeys(states, 0))
        taker = held.setdefault(use.taker, dict.fromkeys(states, 0))
        if use.use == "PAYMENT":
            if use.state in giver:
                giver["FREE"] -= use.fen
                giver[use.state] += use.fen
        else:
            giver["FREE"] -= use.fen
            if use.use != "WITHDRAWAL":
                taker["FREE"] += use.fen
    return [
        Holding(organisation, *(Fen(by_state[state]) for state in states))
        for organisation, by_state in sorted(held.items())
    ]
