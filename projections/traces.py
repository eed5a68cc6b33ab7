"""Traces: from a payment up to the fen of its grants, and from a grant down to people."""

from typing import NamedTuple

from domain.units import Day, Fen, Position
from projections.moments import NOW, Moment
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
    """What an organisation holds of the fen of a grant."""

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


def down(
    connection: Connection, lot: Position, moment: Moment = NOW, *, limit: int | None = None
) -> list[Use]:
    """What the fen of a lot were used for; what was made of an allocation comes behind it."""
    _, instant = moment.values()
    rows = connection.execute(
        "SELECT depth, via, position, use, fen, whole_fen, id, giver, taker, person, state"
        " FROM api.grant_uses_at(%s, %s) ORDER BY path, via LIMIT %s",
        (lot, instant, limit),
    )
    return [Use(*row) for row in rows]


def uses(connection: Connection, lot: Position, moment: Moment = NOW) -> int:
    """How many uses down() would give."""
    _, instant = moment.values()
    row = connection.execute(
        "SELECT count(*) FROM api.grant_uses_at(%s, %s)", (lot, instant)
    ).fetchone()
    assert row is not None  # an aggregate
    return int(row[0])


def holdings(connection: Connection, lot: Position, moment: Moment = NOW) -> list[Holding]:
    """Where the fen of a grant are."""
    _, instant = moment.values()
    rows = connection.execute(
        "SELECT organisation, free_fen, reserved_fen, ordered_fen, settled_fen"
        " FROM api.grant_held_at(%s, %s) ORDER BY organisation",
        (lot, instant),
    )
    return [Holding(*row) for row in rows]


def paid_of(connection: Connection, lot: Position) -> dict[Position, Fen]:
    """The payments that fen of a lot reached, and how many of its fen each of them had."""
    rows = connection.execute(
        "SELECT position, sum(fen)::bigint FROM api.trace_down(%s) WHERE use = 'PAYMENT'"
        " GROUP BY position",
        (lot,),
    )
    return {position: Fen(fen) for position, fen in rows}
