"""Folding the log again, to compare what it says with what the read models keep."""

from domain.units import Fen, Position
from eventlog.reading import EventsLog, events
from projections.accounts import Broken, balances
from projections.balances import COUNTERS, ENTRIES, Changes
from projections.store import marks
from projections.target import Connection
from schemas.codec import decode


def broken_against(log: EventsLog, connection: Connection) -> list[Broken]:
    """Accounts whose balance is not what the log says, up to where the balances have come."""
    changes = Changes()
    until = marks(connection, "live")["balances"].position
    for record in events(log, after=0, until=until):
        event = decode(record.value)
        entry_of = ENTRIES.get(type(event))
        if entry_of is not None:
            changes.add(Position(record.position), entry_of(event))
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
