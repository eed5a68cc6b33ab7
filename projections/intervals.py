"""Intervals: the lots that grants and allocations made, and which fen were drawn from them."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from domain.events import (
    AllocationIssued,
    AllocationReturned,
    GrantReceived,
    GrantWithdrawn,
    PaymentMade,
)
from domain.parts import Interval
from domain.streams import owner_of
from domain.units import Position
from projections.batch import Batch
from projections.model import Appended, ReadModel, append
from projections.target import Row, Target

LOT_COLUMNS: Final = ("lot", "kind", "id", "organisation", "fund", "fen")
DRAW_COLUMNS: Final = ("position", "made_at", "use", "lot", "at", "fen")


def granted(position: Position, event: GrantReceived) -> list[Row]:
    """A grant makes a lot of its owner."""
    owner = owner_of(event.stream)
    return [(position, "GRANT", event.grant, owner, event.fund, event.amount_fen)]


def allocated(position: Position, event: AllocationIssued) -> list[Row]:
    """An allocation makes a lot of the child."""
    child = owner_of(event.in_stream)
    return [(position, "ALLOCATION", event.allocation, child, event.fund, event.amount_fen)]


def drawn(
    use: str,
    position: Position,
    event: GrantWithdrawn | AllocationIssued | AllocationReturned | PaymentMade,
) -> Sequence[Row]:
    """The intervals an event draws, each with where it begins in what it was drawn for."""
    draws: Sequence[Interval] = event.draws
    if len(draws) == 1:
        lot, at, fen = draws[0]
        return ((position, 0, use, lot, at, fen),)
    rows: list[Row] = []
    made_at = 0
    for lot, at, fen in draws:
        rows.append((position, made_at, use, lot, at, fen))
        made_at += fen
    return rows


APPENDED: Final = (
    Appended(GrantReceived, "lots", LOT_COLUMNS, granted),
    Appended(AllocationIssued, "lots", LOT_COLUMNS, allocated),
    Appended(GrantWithdrawn, "draws", DRAW_COLUMNS, partial(drawn, "WITHDRAWAL")),
    Appended(AllocationIssued, "draws", DRAW_COLUMNS, partial(drawn, "ALLOCATION")),
    Appended(AllocationReturned, "draws", DRAW_COLUMNS, partial(drawn, "RETURN")),
    Appended(PaymentMade, "draws", DRAW_COLUMNS, partial(drawn, "PAYMENT")),
)


def project(batch: Batch, target: Target) -> None:
    """Lots and draws of the batch."""
    append(batch, target, APPENDED)


INTERVALS: Final = ReadModel("intervals", 1, project)
