"""Grants and allocations: what came in, what was passed on, confirmed, returned, withdrawn."""

from collections.abc import Sequence
from typing import Any, Final

from domain.events import (
    AllocationConfirmed,
    AllocationIssued,
    AllocationReturned,
    GrantReceived,
    GrantWithdrawn,
)
from domain.streams import owner_of
from domain.units import Position
from projections.batch import Batch
from projections.model import Appended, ReadModel, append, when
from projections.target import Row, Target

CLOCKS: Final = ("occurred_on", "recorded_at")
RESTRICTION: Final = (
    "regions", "categories", "tiers", "occasions", "usable_from", "usable_to",
)  # fmt: skip


def restriction(event: GrantReceived | AllocationIssued) -> tuple[Any, ...]:
    """Where, for whom and when the money may be used."""
    return (
        list(event.regions),
        list(event.categories),
        list(event.tiers),
        list(event.occasions),
        event.usable_from,
        event.usable_to,
    )


def granted(position: Position, event: GrantReceived) -> Sequence[Row]:
    """A grant."""
    what = (event.grant, owner_of(event.stream), event.fund, event.amount_fen)
    papers = (event.document, event.programme)
    return ((position, *what, *papers, *restriction(event), *when(event)),)


def withdrawn(position: Position, event: GrantWithdrawn) -> Sequence[Row]:
    """A withdrawal from a grant."""
    what = (event.withdrawal, event.grant, owner_of(event.stream), event.fund)
    return ((position, *what, event.amount_fen, event.document, *when(event)),)


def allocated(position: Position, event: AllocationIssued) -> Sequence[Row]:
    """An allocation."""
    what = (event.allocation, owner_of(event.stream), event.child, event.fund, event.amount_fen)
    papers = (event.allocation_kind, event.approval_document)
    return ((position, *what, *papers, *restriction(event), *when(event)),)


def confirmed(position: Position, event: AllocationConfirmed) -> Sequence[Row]:
    """An arrival."""
    return ((position, event.issuer, event.allocation, *when(event)),)


def returned(position: Position, event: AllocationReturned) -> Sequence[Row]:
    """A return."""
    what = (event.returned, event.issuer, event.allocation, owner_of(event.stream), event.fund)
    return ((position, *what, event.amount_fen, event.document, *when(event)),)


APPENDED: Final = (
    Appended(
        GrantReceived,
        "grants",
        (
            "position", "id", "owner", "fund", "amount_fen", "document", "programme",
            *RESTRICTION, *CLOCKS,
        ),
        granted,
    ),
    Appended(
        GrantWithdrawn,
        "withdrawals",
        (
            "position", "withdrawal", "id", "owner", "fund", "amount_fen", "document", *CLOCKS,
        ),
        withdrawn,
    ),
    Appended(
        AllocationIssued,
        "allocations",
        (
            "position", "allocation", "issuer", "child", "fund", "amount_fen",
            "allocation_kind", "approval_document", *RESTRICTION, *CLOCKS,
        ),
        allocated,
    ),
    Appended(
        AllocationConfirmed,
        "confirmations",
        ("position", "issuer", "allocation", *CLOCKS),
        confirmed,
    ),
    Appended(
        AllocationReturned,
        "returns",
        (
            "position", "returned", "issuer", "allocation", "child", "fund", "amount_fen",
            "document", *CLOCKS,
        ),
        returned,
    ),
)  # fmt: skip


def project(batch: Batch, target: Target) -> None:
    """Grants, allocations and what followed them."""
    append(batch, target, APPENDED)


ALLOCATIONS: Final = ReadModel("allocations", 1, project)
