"""Folding the log again, to compare what it says with what the read models keep."""

from collections.abc import Iterator
from typing import Final

from consumers.projector import EventsReader
from domain.events import Event
from domain.units import Fen, Position
from projections.accounts import Broken, balances
from projections.balances import COUNTERS, ENTRIES, Changes
from projections.store import marks
from projections.target import Connection
from schemas.codec import decode

READ_EVENTS_MAX: Final = 5_000
READ_S: Final = 5.0


def broken_against(log: EventsReader, connection: Connection) -> list[Broken]:
    """Accounts whose balance is not what the log says, up to where the balances have come."""
    changes = Changes()
    for position, event in events_until(log, marks(connection, "live")["balances"].position):
        entry_of = ENTRIES.get(type(event))
        if entry_of is not None:
            changes.add(position, entry_of(event))
    said = changes.by_account()
    kept = {(b.organisation, b.fund): list(b[2:]) for b in balances(connection)}
    zeros = [0] * len(COUNTERS)
    return [
        Broken(organisation, fund, what, Fen(held), Fen(folded))
        for organisation, fund in sorted(said.keys() | kept.keys())
        for what, held, folded in zip(
            COUNTERS,
            kept.get((organisation, fund), zeros),
            said.get((organisation, fund), zeros),
            strict=True,
        )
        if held != folded
    ]


def events_until(log: EventsReader, last: Position) -> Iterator[tuple[Position, Event]]:
    """The events from the first to the one at *last*."""
    after = 0
    while after < last:
        limit = min(READ_EVENTS_MAX, last - after)
        for record in log.read_events(after=after, limit=limit, timeout_s=READ_S):
            after = record.position
            yield Position(after), decode(record.value)
