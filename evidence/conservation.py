"""
Conservation, from the events alone: no fen is made, lost, or in two places.

Written beside admission's fold and not with it, so that one checks the other. For each fund, after
every event: granted - withdrawn = free + reserved + ordered + settled, where free is counted from
the numbered fen and the rest from the amounts. For each fen: a draw must take fen that are free in
the giving account; what comes back must be just what that payment drew.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from domain import events as e
from domain.intervals import add, remove, through, total
from domain.parts import Interval
from domain.payment import BOUNCED, ORDERED, RESERVED, REVERSED, SETTLED
from domain.units import Fen, Position
from evidence.conservation_payments import Paid, Payments
from evidence.verify_rows import Rows


class Unlawful(Exception):
    """
    An event that moves fen as they cannot be moved; *code* says how, *figures* with what.

    - NOT_FREE: fen are drawn that are not free in the giving account
    - TWICE: fen arrive where they are, or where they never left
    - LOT_UNKNOWN, LOT_EXCEEDED, LOT_ELSEWHERE: the lot, or fen of it, are not the account's
    - AMOUNT: the amount is not the sum of the draws
    - PAYMENT_UNKNOWN, PAYMENT_STATE, PAYMENT_DRAWS: not what that payment drew, or not its state
    - ROSTER_TOTAL: a roster is decided over another sum than its payments have
    - NEGATIVE, NOT_CONSERVED: the totals of the fund
    """

    def __init__(self, code: str, **figures: object) -> None:
        super().__init__(code)
        self.code = code
        self.figures = {name: str(value) for name, value in figures.items()}


TOTALS: Final = frozenset({"NEGATIVE", "NOT_CONSERVED", "AMOUNT", "ROSTER_TOTAL"})
"""Codes about sums; the others are about the place of single fen."""


@dataclass(slots=True)
class FundTotals:
    """Where the fen of a fund are."""

    granted: int = 0
    withdrawn: int = 0
    free: int = 0
    reserved: int = 0
    ordered: int = 0
    settled: int = 0

    def move(self, state: str, fen: int) -> None:
        """So many more, or fewer, in a state of payments."""
        if state == RESERVED:
            self.reserved += fen
        elif state == ORDERED:
            self.ordered += fen
        else:
            self.settled += fen

    def check(self, fund: str) -> None:
        """
        Refuse totals that do not add up.

        Raises:
            Unlawful: NEGATIVE, NOT_CONSERVED.
        """
        if min(self.free, self.reserved, self.ordered, self.settled) < 0:
            raise Unlawful("NEGATIVE", fund=fund, **self.figures())
        held = self.free + self.reserved + self.ordered + self.settled
        if self.granted - self.withdrawn != held:
            raise Unlawful("NOT_CONSERVED", fund=fund, **self.figures())

    def figures(self) -> dict[str, int]:
        """The totals by name, in fen."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class _Lot:
    account: str
    fen: int
    draws: Sequence[Interval] = ()


@dataclass(slots=True)
class _Account:
    free: list[Interval] = field(default_factory=list)


class Conservation:
    """
    Follows every fen through the events, in order; payments are kept in *rows*.

    take() raises Unlawful at the first event that cannot be; what comes after means nothing then.
    """

    def __init__(self, rows: Rows) -> None:
        self.funds: dict[str, FundTotals] = {}
        self._accounts: dict[str, _Account] = {}
        self._lots: dict[int, _Lot] = {}
        self._payments = Payments(rows)
        self._takes: dict[type[e.Event], Callable[[int, Any], None]] = {
            e.GrantReceived: self._granted,
            e.GrantWithdrawn: self._withdrawn,
            e.AllocationIssued: self._allocated,
            e.AllocationReturned: self._returned,
            e.PaymentMade: self._paid,
            e.PaymentSettled: self._settled,
            e.PaymentBounced: self._bounced,
            e.PaymentReversed: self._reversed,
            e.RosterApproved: self._approved,
            e.RosterRejected: self._rejected,
        }

    def take(self, position: int, event: e.Event) -> None:
        """
        Follow the fen that an event moves.

        Raises:
            Unlawful: they cannot be moved so.
        """
        found = self._takes.get(type(event))
        if found is None:
            return
        found(position, event)
        fund: str = event.fund  # type: ignore[attr-defined]  # all ten have one
        self._fund(fund).check(fund)

    # -- arrivals and departures -----------------------------------------------------------------

    def _fund(self, fund: str) -> FundTotals:
        found = self.funds.get(fund)
        if found is None:
            found = self.funds[fund] = FundTotals()
        return found

    def _give(self, stream: str, event: Any) -> None:
        """Take the draws of an event out of the free fen of an account."""
        account = self._accounts.get(stream)
        if account is None:
            raise Unlawful("NOT_FREE", account=stream)
        drawn = 0
        for draw in event.draws:
            if draw.fen <= 0:
                raise Unlawful("AMOUNT", account=stream, fen=draw.fen)
            try:
                _take_out(account.free, draw)
            except ValueError:
                raise Unlawful("NOT_FREE", account=stream, **_place(draw)) from None
            drawn += draw.fen
        if drawn != event.amount_fen:
            raise Unlawful("AMOUNT", amount_fen=event.amount_fen, draws_fen=drawn)
        self._fund(event.fund).free -= drawn

    def _arrive(self, stream: str, fund: str, arrived: Sequence[Interval]) -> None:
        """Put fen among the free ones of an account; they must be of its lots and not be there."""
        free = self._accounts.setdefault(stream, _Account()).free
        for interval in arrived:
            lot = self._lots.get(interval.lot)
            if lot is None:
                raise Unlawful("LOT_UNKNOWN", account=stream, **_place(interval))
            if lot.account != stream:
                raise Unlawful("LOT_ELSEWHERE", account=stream, **_place(interval))
            if interval.fen <= 0 or not 0 <= interval.at <= lot.fen - interval.fen:
                raise Unlawful("LOT_EXCEEDED", account=stream, **_place(interval))
            if _overlaps(free, interval):
                raise Unlawful("TWICE", account=stream, **_place(interval))
            add(free, interval)
        self._fund(fund).free += total(arrived)

    # -- what each kind of event moves -----------------------------------------------------------

    def _granted(self, position: int, event: e.GrantReceived) -> None:
        self._lots[position] = _Lot(event.stream, event.amount_fen)
        whole = Interval(Position(position), 0, event.amount_fen)
        self._arrive(event.stream, event.fund, [whole])
        self._fund(event.fund).granted += event.amount_fen

    def _withdrawn(self, _: int, event: e.GrantWithdrawn) -> None:
        self._give(event.stream, event)
        self._fund(event.fund).withdrawn += event.amount_fen

    def _allocated(self, position: int, event: e.AllocationIssued) -> None:
        self._give(event.stream, event)
        self._lots[position] = _Lot(event.in_stream, event.amount_fen, event.draws)
        whole = Interval(Position(position), 0, event.amount_fen)
        self._arrive(event.in_stream, event.fund, [whole])

    def _returned(self, _: int, event: e.AllocationReturned) -> None:
        self._give(event.stream, event)
        back = [up for draw in event.draws for up in through(self._lots[draw.lot].draws, draw)]
        self._arrive(event.in_stream, event.fund, back)

    def _paid(self, position: int, event: e.PaymentMade) -> None:
        self._give(event.stream, event)
        state = ORDERED if event.ordered else RESERVED
        self._fund(event.fund).move(state, event.amount_fen)
        roster = None if event.ordered else _roster(event)
        self._payments.put(position, Paid(state, event.stream, event.draws), roster)

    def _paid_before(self, event: Any) -> Paid:
        """The payment that an event speaks of, as it must be."""
        paid = self._payments.get(event.payment_position)
        if paid is None:
            raise Unlawful("PAYMENT_UNKNOWN", payment_position=event.payment_position)
        if paid.state != event.was:
            raise Unlawful("PAYMENT_STATE", was=event.was, is_=paid.state)
        if paid.account != event.stream or list(paid.draws) != list(event.draws):
            raise Unlawful("PAYMENT_DRAWS", payment_position=event.payment_position)
        if total(event.draws) != event.amount_fen:
            raise Unlawful("AMOUNT", amount_fen=event.amount_fen, draws_fen=total(event.draws))
        return paid

    def _settled(self, _: int, event: e.PaymentSettled) -> None:
        paid = self._paid_before(event)
        self._fund(event.fund).move(paid.state, -event.amount_fen)
        self._fund(event.fund).move(SETTLED, event.amount_fen)
        self._payments.put(event.payment_position, paid.became(SETTLED))

    def _bounced(self, _: int, event: e.PaymentBounced) -> None:
        self._undo(event, BOUNCED)

    def _reversed(self, _: int, event: e.PaymentReversed) -> None:
        self._undo(event, REVERSED)

    def _undo(self, event: Any, became: str) -> None:
        paid = self._paid_before(event)
        self._fund(event.fund).move(paid.state, -event.amount_fen)
        self._arrive(event.stream, event.fund, event.draws)
        self._payments.put(event.payment_position, paid.became(became))

    def _approved(self, _: int, event: e.RosterApproved) -> None:
        for position, paid in self._decided(event):
            self._payments.put(position, paid.became(ORDERED))
        self._fund(event.fund).reserved -= event.amount_fen
        self._fund(event.fund).ordered += event.amount_fen

    def _rejected(self, _: int, event: e.RosterRejected) -> None:
        for position, paid in self._decided(event):
            self._arrive(paid.account, event.fund, paid.draws)
            self._payments.put(position, paid.became(BOUNCED))
        self._fund(event.fund).reserved -= event.amount_fen

    def _decided(self, event: Any) -> list[tuple[int, Paid]]:
        """The payments of a roster that are still reserved."""
        found = self._payments.reserved(f"{event.organisation}/{event.roster}")
        fen = sum(total(paid.draws) for _, paid in found)
        if (len(found), fen) != (event.count, event.amount_fen):
            raise Unlawful(
                "ROSTER_TOTAL",
                count=event.count, amount_fen=event.amount_fen, payments=len(found), payments_fen=fen,
            )  # fmt: skip
        return found


def _take_out(free: list[Interval], draw: Interval) -> None:
    """Take a draw out of the free fen; nearly always it is the beginning of the first of them."""
    if free:
        lot, at, fen = free[0]
        if lot == draw.lot and at == draw.at and draw.fen < fen:
            free[0] = Interval(lot, at + draw.fen, Fen(fen - draw.fen))
            return
    remove(free, draw)


def _roster(event: e.PaymentMade) -> str | None:
    return None if event.roster is None else f"{event.organisation}/{event.roster}"


def _place(interval: Interval) -> dict[str, int]:
    return {"lot": interval.lot, "at": interval.at, "fen": interval.fen}


def _overlaps(free: list[Interval], interval: Interval) -> bool:
    """Whether some of the fen are in the sorted list already."""
    index = bisect_right(free, Interval(interval.lot, interval.at, Fen(1 << 62)))
    if index and free[index - 1].lot == interval.lot:
        before = free[index - 1]
        if before.at + before.fen > interval.at:
            return True
    after = free[index] if index < len(free) else None
    return after is not None and after.lot == interval.lot and after.at < interval.at + interval.fen
