"""
Balances and entries: what each organisation holds of each fund, in double entry.

An entry moves fen from one (organisation, state) to another (organisation, state) of the same
fund, so entries sum to zero by construction. A balance is the sum of its entries, kept ready.
"""

from collections.abc import Callable
from typing import Final, LiteralString, NamedTuple

from domain.events import (
    AllocationIssued,
    AllocationReturned,
    Event,
    GrantReceived,
    GrantWithdrawn,
    PaymentBounced,
    PaymentMade,
    PaymentReversed,
    PaymentSettled,
    RosterApproved,
    RosterRejected,
)
from domain.streams import owner_of
from projections.batch import Batch
from projections.model import ReadModel, account_of
from projections.target import Row, Target

OUTSIDE: Final = "OUTSIDE"
FREE: Final = "FREE"
RESERVED: Final = "RESERVED"
ORDERED: Final = "ORDERED"
SETTLED: Final = "SETTLED"

COUNTERS: Final = (
    "free_fen",
    "reserved_fen",
    "ordered_fen",
    "settled_fen",
    "granted_fen",
    "withdrawn_fen",
    "received_fen",
    "passed_on_fen",
    "returned_fen",
    "taken_back_fen",
)
"""Columns of a balance that add up, in order."""
STATE_AT: Final = {
    state: COUNTERS.index(f"{state.lower()}_fen") for state in (FREE, RESERVED, ORDERED, SETTLED)
}
GIVER_AT: Final = {
    "WITHDRAWN": COUNTERS.index("withdrawn_fen"),
    "ALLOCATED": COUNTERS.index("passed_on_fen"),
    "RETURNED": COUNTERS.index("returned_fen"),
}
TAKER_AT: Final = {
    "GRANTED": COUNTERS.index("granted_fen"),
    "ALLOCATED": COUNTERS.index("received_fen"),
    "RETURNED": COUNTERS.index("taken_back_fen"),
}
"""Which counter an entry adds to, for who gives and for who takes."""
ENTRY_COLUMNS: Final = (
    "position",
    "kind",
    "fund",
    "giver",
    "giver_state",
    "taker",
    "taker_state",
    "fen",
    "occurred_on",
    "recorded_at",
)


class Entry(NamedTuple):
    """Fen that move within one fund."""

    kind: str
    fund: str
    giver: str
    giver_state: str
    taker: str
    taker_state: str
    fen: int


def granted(event: GrantReceived) -> Entry:
    """Money comes in from outside."""
    owner, fund = account_of(event.stream)
    return Entry("GRANTED", fund, owner, OUTSIDE, owner, FREE, event.amount_fen)


def withdrawn(event: GrantWithdrawn) -> Entry:
    """Money goes back outside."""
    owner, fund = account_of(event.stream)
    return Entry("WITHDRAWN", fund, owner, FREE, owner, OUTSIDE, event.amount_fen)


def allocated(event: AllocationIssued) -> Entry:
    """Free fen move down to a child."""
    giver, fund = account_of(event.stream)
    return Entry("ALLOCATED", fund, giver, FREE, owner_of(event.in_stream), FREE, event.amount_fen)


def returned(event: AllocationReturned) -> Entry:
    """Free fen move back up."""
    giver, fund = account_of(event.stream)
    return Entry("RETURNED", fund, giver, FREE, owner_of(event.in_stream), FREE, event.amount_fen)


def paid(event: PaymentMade) -> Entry:
    """Free fen are reserved, or ordered at once."""
    payer, fund = account_of(event.stream)
    state = ORDERED if event.ordered else RESERVED
    return Entry(state, fund, payer, FREE, payer, state, event.amount_fen)


def approved(event: RosterApproved) -> Entry:
    """The reserved fen of a roster are ordered."""
    payer = owner_of(event.stream)
    return Entry("APPROVED", event.fund, payer, RESERVED, payer, ORDERED, event.amount_fen)


def released(event: RosterRejected) -> Entry:
    """The reserved fen of a roster are free again."""
    payer = owner_of(event.in_stream)
    return Entry("RELEASED", event.fund, payer, RESERVED, payer, FREE, event.amount_fen)


def settled(event: PaymentSettled) -> Entry:
    """The recipient has the money."""
    payer, fund = account_of(event.stream)
    return Entry("SETTLED", fund, payer, event.was, payer, SETTLED, event.amount_fen)


def bounced(event: PaymentBounced) -> Entry:
    """The bank sent the money back."""
    payer, fund = account_of(event.stream)
    return Entry("BOUNCED", fund, payer, event.was, payer, FREE, event.amount_fen)


def reversed_(event: PaymentReversed) -> Entry:
    """A payment is undone."""
    payer, fund = account_of(event.stream)
    return Entry("REVERSED", fund, payer, event.was, payer, FREE, event.amount_fen)


ENTRIES: Final[dict[type[Event], Callable[..., Entry]]] = {
    GrantReceived: granted,
    GrantWithdrawn: withdrawn,
    AllocationIssued: allocated,
    AllocationReturned: returned,
    PaymentMade: paid,
    RosterApproved: approved,
    RosterRejected: released,
    PaymentSettled: settled,
    PaymentBounced: bounced,
    PaymentReversed: reversed_,
}
"""The kinds of event that move fen."""

ADD: Final[LiteralString] = """
INSERT INTO balances AS held
SELECT * FROM unnest(
    %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
    %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
ON CONFLICT (organisation, fund) DO UPDATE SET
    free_fen = held.free_fen + excluded.free_fen,
    reserved_fen = held.reserved_fen + excluded.reserved_fen,
    ordered_fen = held.ordered_fen + excluded.ordered_fen,
    settled_fen = held.settled_fen + excluded.settled_fen,
    granted_fen = held.granted_fen + excluded.granted_fen,
    withdrawn_fen = held.withdrawn_fen + excluded.withdrawn_fen,
    received_fen = held.received_fen + excluded.received_fen,
    passed_on_fen = held.passed_on_fen + excluded.passed_on_fen,
    returned_fen = held.returned_fen + excluded.returned_fen,
    taken_back_fen = held.taken_back_fen + excluded.taken_back_fen,
    position = excluded.position
"""


class Changes:
    """What a batch adds to each balance."""

    def __init__(self) -> None:
        self._added: dict[tuple[str, str], list[int]] = {}

    def add(self, position: int, entry: Entry) -> None:
        """Count one entry on both sides."""
        kind, fund, giver, giver_state, taker, taker_state, fen = entry
        gives = self._of(giver, fund, position)
        takes = self._of(taker, fund, position)
        if giver_state != OUTSIDE:
            gives[STATE_AT[giver_state]] -= fen
        if taker_state != OUTSIDE:
            takes[STATE_AT[taker_state]] += fen
        if kind in GIVER_AT:
            gives[GIVER_AT[kind]] += fen
        if kind in TAKER_AT:
            takes[TAKER_AT[kind]] += fen

    def columns(self) -> list[list[str] | list[int]]:
        """Organisations, funds, then one list a counter, and the last position."""
        rows = sorted(self._added.items())
        return [
            [organisation for (organisation, _), _ in rows],
            [fund for (_, fund), _ in rows],
            *([counters[i] for _, counters in rows] for i in range(len(COUNTERS) + 1)),
        ]

    def by_account(self) -> dict[tuple[str, str], list[int]]:
        """The counters added, by organisation and fund."""
        return {account: counters[:-1] for account, counters in self._added.items()}

    def _of(self, organisation: str, fund: str, position: int) -> list[int]:
        counters = self._added.get((organisation, fund))
        if counters is None:
            counters = self._added[organisation, fund] = [0] * (len(COUNTERS) + 1)
        counters[-1] = position
        return counters


def project(batch: Batch, target: Target) -> None:
    """Entries of the batch, and what they add to each balance."""
    changes = Changes()
    rows: list[Row] = []
    for position, event in batch.events:
        entry_of = ENTRIES.get(type(event))
        if entry_of is not None:
            entry = entry_of(event)
            changes.add(position, entry)
            rows.append((position, *entry, event.occurred_on, event.recorded_at))
    if rows:
        target.copy("entries", ENTRY_COLUMNS, rows)
        target.execute(ADD, changes.columns())


BALANCES: Final = ReadModel("balances", 1, project)
