"""
The balances of all accounts, from the events in order; all sums in fen.

Written beside admission's fold, and counts amounts only: that each fen is in one place is the
business of conservation. It needs no memory of single payments, for every event that moves one says
the state it was in.
"""

from collections.abc import Callable, Container, Iterable
from typing import Any, Final

from domain import events as e
from domain.account import account_stream
from domain.payment import ORDERED, RESERVED, SETTLED
from evidence.balance_tree import FEN_MAX, AccountLeaf, BadBalance, BalanceTree, Head, Sums
from evidence.organisation_chains import OrganisationChains

KIND: Final = "account/"
"""How the streams of accounts begin."""
GRANTED, WITHDRAWN, FREE = (Sums._fields.index(name) for name in ("granted", "withdrawn", "free"))
STATES: Final = {state: Sums._fields.index(state.lower()) for state in (RESERVED, ORDERED, SETTLED)}


class _Account:
    """An account as it grows."""

    __slots__ = ("fund", "organisation", "own", "receiving", "sums")

    def __init__(self, leaf: AccountLeaf) -> None:
        self.fund, self.organisation = leaf.key
        self.sums = list(leaf.sums)
        self.own: tuple[int, bytes] = leaf.own
        self.receiving: tuple[int, bytes] = leaf.receiving

    def leaf(self) -> AccountLeaf:
        """The account as a leaf."""
        heads = Head(*self.own), Head(*self.receiving)
        return AccountLeaf(self.fund, self.organisation, Sums(*self.sums), *heads)


class BalanceSheet:
    """
    All accounts after *position* events, or those whose streams are *only*.

    With them go the organisations' chains.

    take() raises BadBalance at the first event after which an account would hold less than nothing;
    what comes after means nothing then.
    """

    def __init__(
        self,
        position: int = 0,
        accounts: Iterable[AccountLeaf] = (),
        *,
        only: Container[str] | None = None,
        chains: OrganisationChains | None = None,
    ) -> None:
        self.position = position
        self.chains = chains or OrganisationChains()
        self._only = only
        self._accounts = {account_stream(a.organisation, a.fund): _Account(a) for a in accounts}
        self._moves: dict[type[e.Event], Callable[[Any], None]] = {
            e.GrantReceived: lambda v: self._move(v.stream, v.amount_fen, GRANTED, FREE),
            e.GrantWithdrawn: self._withdrawn,
            e.AllocationIssued: self._passed,
            e.AllocationReturned: self._passed,
            e.PaymentMade: self._paid,
            e.PaymentSettled: lambda v: self._left(v, STATES[SETTLED]),
            e.PaymentBounced: lambda v: self._left(v, FREE),
            e.PaymentReversed: lambda v: self._left(v, FREE),
            e.RosterApproved: self._approved,
            e.RosterRejected: self._rejected,
        }

    def take(self, event: e.Event, digest: bytes) -> None:
        """
        Take in the next event; *digest* is the SHA-256 of its stored bytes.

        Raises:
            BadBalance: an account would hold less than nothing, or too much.
        """
        self.position += 1
        self.chains.take(event, digest)
        if self._follows(event.stream):
            self._account(event.stream).own = (event.version, digest)
        if isinstance(event, e.Incoming) and self._follows(event.in_stream):
            self._account(event.in_stream).receiving = (event.in_version, digest)
        move = self._moves.get(type(event))
        if move is not None:
            move(event)

    def leaves(self) -> list[AccountLeaf]:
        """The accounts, in no order."""
        return [account.leaf() for account in self._accounts.values()]

    def tree(self) -> BalanceTree:
        """
        The tree over all accounts.

        Raises:
            BadBalance: a fund does not add up.
        """
        return BalanceTree(self.leaves())

    def _follows(self, stream: str) -> bool:
        return stream.startswith(KIND) and (self._only is None or stream in self._only)

    def _account(self, stream: str) -> _Account:
        found = self._accounts.get(stream)
        if found is None:
            _, organisation, fund = (*stream.split("/", 2), "", "")[:3]
            leaf = AccountLeaf(fund, organisation, Sums(), Head(), Head())
            found = self._accounts[stream] = _Account(leaf)
        return found

    # -- what each kind of event moves -----------------------------------------------------------

    def _move(self, stream: str, fen: int, *into: int, out_of: int | None = None) -> None:
        """Add fen to some sums of an account, and take them off another."""
        if not self._follows(stream):
            return
        sums = self._account(stream).sums
        for place in into:
            sums[place] += fen
        if out_of is not None:
            sums[out_of] -= fen
        if min(sums) < 0 or max(sums) > FEN_MAX:
            raise BadBalance(f"OUT_OF_RANGE {stream}")

    def _withdrawn(self, event: e.GrantWithdrawn) -> None:
        self._move(event.stream, event.amount_fen, WITHDRAWN, out_of=FREE)

    def _passed(self, event: e.AllocationIssued | e.AllocationReturned) -> None:
        self._move(event.stream, event.amount_fen, out_of=FREE)
        self._move(event.in_stream, event.amount_fen, FREE)

    def _paid(self, event: e.PaymentMade) -> None:
        state = ORDERED if event.ordered else RESERVED
        self._move(event.stream, event.amount_fen, STATES[state], out_of=FREE)

    def _left(self, event: Any, into: int) -> None:
        """A payment leaves the state that its event says it was in."""
        was = STATES.get(event.was)
        if was is None:
            raise BadBalance(f"STATE {event.stream}")
        self._move(event.stream, event.amount_fen, into, out_of=was)

    def _approved(self, event: e.RosterApproved) -> None:
        stream = account_stream(event.organisation or "", event.fund)
        self._move(stream, event.amount_fen, STATES[ORDERED], out_of=STATES[RESERVED])

    def _rejected(self, event: e.RosterRejected) -> None:
        self._move(event.in_stream, event.amount_fen, FREE, out_of=STATES[RESERVED])
