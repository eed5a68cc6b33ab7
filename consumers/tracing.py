"""Traces from the log itself, to check those that the read models give."""

from collections.abc import Sequence
from typing import NamedTuple

from domain.events import AllocationIssued, Event, GrantReceived, PaymentMade
from domain.intervals import through
from domain.parts import Interval
from domain.units import Position
from eventlog.contract import LogDamaged
from eventlog.reading import EventsLog, event_at, events
from schemas.codec import decode


class Stretch(NamedTuple):
    """A stretch of fen of one lot, *depth* levels above a payment."""

    depth: int
    lot: Position
    lot_at: int
    fen: int


def up(log: EventsLog, position: Position) -> list[Stretch]:
    """What a payment consists of, level by level, from its event and those above."""
    payment = _event(log, position)
    if not isinstance(payment, PaymentMade):
        raise LogDamaged(f"no payment was made at position {position}")
    stretches: list[Stretch] = []
    seen: dict[Position, Event] = {}
    depth = 1
    level: Sequence[Interval] = payment.draws
    while level:
        stretches += [Stretch(depth, lot, at, fen) for lot, at, fen in level]
        above: list[Interval] = []
        for interval in level:
            made = seen.get(interval.lot) or _event(log, interval.lot)
            seen[interval.lot] = made
            if isinstance(made, AllocationIssued):
                above += through(made.draws, interval)
        level = above
        depth += 1
    return stretches


def down(log: EventsLog, grant: Position, last: Position) -> dict[Position, int]:
    """Payment → how many fen of the grant it drew, from all events up to *last*."""
    lots: dict[Position, Sequence[Interval]] = {}
    reached: dict[Position, int] = {}
    for record in events(log, after=0, until=last):
        position, event = Position(record.position), decode(record.value)
        if isinstance(event, GrantReceived):
            lots[position] = ()
        elif isinstance(event, AllocationIssued):
            lots[position] = event.draws
        elif isinstance(event, PaymentMade):
            fen = sum(of_grant(lots, grant, draw) for draw in event.draws)
            if fen:
                reached[position] = fen
    return reached


def of_grant(lots: dict[Position, Sequence[Interval]], grant: Position, interval: Interval) -> int:
    """How many fen of an interval are fen of the grant."""
    fen = 0
    waiting = [interval]
    while waiting:
        stretch = waiting.pop()
        if stretch.lot == grant:
            fen += stretch.fen
        elif stretch.lot > grant:  # what was made before the grant has none of its fen
            waiting += through(lots[stretch.lot], stretch)
    return fen


def _event(log: EventsLog, position: Position) -> Event:
    event: Event = decode(event_at(log, position).value)
    return event
