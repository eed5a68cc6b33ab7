"""
What differs between two states of the read models: balances, payments, and the events behind it.

A state is the live read models or a replay (what was known then), cut at a business day or not
(what is known about then).
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from psycopg.sql import SQL, Composed, Identifier, Literal

from domain.units import Day, Fen, Position
from projections.balances import COUNTERS
from projections.moments import Moment
from projections.target import Connection

POSITIONS_MAX: Final = 20
"""Most events named for one account; how many there are is always told."""


class State(NamedTuple):
    """A state to compare: the schema of its views, and the last business day that counts."""

    views: str = "api"
    as_of: Day | None = None


class Changed(NamedTuple):
    """One figure of one account."""

    organisation: str
    fund: str
    figure: str
    before_fen: Fen
    after_fen: Fen


class Movement(NamedTuple):
    """The events that moved fen of an account in one of the states only."""

    organisation: str
    fund: str
    events: int
    """How many there are."""
    positions: Sequence[Position]
    """The first of them."""


class PaymentChange(NamedTuple):
    """A payment that is in one state only, or in another state."""

    position: Position
    payment: str
    organisation: str
    fund: str
    person: str
    amount_fen: Fen
    before: str | None
    """Its state before; None: it was not there."""
    after: str | None
    event: Position
    """What made it so: the later of the events that brought it to its two states."""


class Step(NamedTuple):
    """Payments that went from one state to another."""

    before: str | None
    after: str | None
    payments: int
    amount_fen: Fen


def balances(connection: Connection, before: State, after: State) -> list[Changed]:
    """Every figure of every account that differs, in the order of fund, organisation, figure."""
    rows = connection.execute(
        SQL(
            "SELECT coalesce(a.organisation, b.organisation), coalesce(a.fund, b.fund), f.n,"
            " f.before, f.after FROM {before} a FULL JOIN {after} b"
            " ON b.organisation = a.organisation AND b.fund = a.fund"
            " CROSS JOIN LATERAL (VALUES {figures}) f (place, n, before, after)"
            " WHERE f.before <> f.after"
            " ORDER BY 2, 1, f.place"
        ).format(
            before=_at(before, "balances"),
            after=_at(after, "balances"),
            figures=SQL(", ").join(_pair(i, name) for i, name in enumerate(COUNTERS)),
        )
    )
    return [Changed(*row) for row in rows]


def movements(connection: Connection, before: State, after: State) -> list[Movement]:
    """For each account, the events that moved its fen in one of the two states only."""
    rows = connection.execute(
        SQL(
            "WITH one AS ({one}), other AS ({other}), moved AS ("
            " (SELECT * FROM one EXCEPT SELECT * FROM other)"
            " UNION (SELECT * FROM other EXCEPT SELECT * FROM one))"
            " SELECT organisation, fund, count(*),"
            " (array_agg(position ORDER BY position))[1:%(limit)s]"
            " FROM moved"
            " GROUP BY organisation, fund ORDER BY fund, organisation"
        ).format(one=_touched(before), other=_touched(after)),
        {"limit": POSITIONS_MAX},
    )
    return [Movement(*row) for row in rows]


def payments(
    connection: Connection, before: State, after: State, *, limit: int | None = None
) -> list[PaymentChange]:
    """Payments that are new, gone or in another state; at most *limit*, oldest first."""
    rows = connection.execute(
        SQL(
            "SELECT position, coalesce(b.payment, a.payment)::text,"
            " coalesce(b.organisation, a.organisation), coalesce(b.fund, a.fund),"
            " coalesce(b.person, a.person), coalesce(b.amount_fen, a.amount_fen),"
            " a.state, b.state, greatest(a.state_position, b.state_position)"
            " FROM {before} a FULL JOIN {after} b USING (position)"
            " WHERE a.state IS DISTINCT FROM b.state ORDER BY position LIMIT {limit}"
        ).format(before=_at(before, "payments"), after=_at(after, "payments"), limit=Literal(limit))
    )
    return [PaymentChange(*row) for row in rows]


def steps(connection: Connection, before: State, after: State) -> list[Step]:
    """How many payments went from which state to which, and their sum."""
    rows = connection.execute(
        SQL(
            "SELECT a.state, b.state, count(*),"
            " sum(coalesce(b.amount_fen, a.amount_fen))::bigint"
            " FROM {before} a FULL JOIN {after} b USING (position)"
            " WHERE a.state IS DISTINCT FROM b.state"
            " GROUP BY 1, 2 ORDER BY 1 NULLS FIRST, 2 NULLS LAST"
        ).format(before=_at(before, "payments"), after=_at(after, "payments"))
    )
    return [Step(*row) for row in rows]


def _at(state: State, what: str) -> Composed:
    """The rows of a state: a view, or the function behind it if a business day cuts it."""
    if state.as_of is None:
        return SQL("{}").format(Identifier(state.views, what))
    day, _ = Moment(as_of=state.as_of).values()
    return SQL("{}({}, NULL)").format(Identifier(state.views, f"{what}_at"), Literal(day))


def _touched(state: State) -> Composed:
    """Each account an event of the state moved fen of, once."""
    day, _ = Moment(as_of=state.as_of).values()
    bound: Any = Literal(day)
    return SQL(
        "SELECT giver AS organisation, fund, position FROM {entries}"
        " WHERE {day}::date IS NULL OR occurred_on <= {day}::date"
        " UNION SELECT taker, fund, position FROM {entries}"
        " WHERE {day}::date IS NULL OR occurred_on <= {day}::date"
    ).format(entries=Identifier(state.views, "entries"), day=bound)


def _pair(place: int, name: str) -> Composed:
    """One figure of both sides; an account that is not there holds nothing."""
    return SQL("({}, {}, coalesce(a.{}, 0), coalesce(b.{}, 0))").format(
        Literal(place), Literal(name), Identifier(name), Identifier(name)
    )
