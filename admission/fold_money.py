"""Fold of the events that move fen."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from admission.state import State
from domain import events as e
from domain.account import Account, account_stream
from domain.calendar import year_of
from domain.fund import Fund
from domain.intervals import through
from domain.lot import Lot
from domain.parts import Interval
from domain.payment import (
    BOUNCED,
    ORDERED,
    RESERVED,
    REVERSED,
    SETTLED,
    Payment,
    receiving,
)
from domain.person import Person
from domain.restriction import Restriction
from domain.retention import kept_until
from domain.roster import APPROVED, REJECTED, SUBMITTED, Roster
from domain.units import Fen, Micros, Position


def _arrive(state: State, stream: str, arrived: Sequence[Interval], at: Micros) -> None:
    account: Account | None = state.get(stream)
    if account is None:
        state.put(stream, Account.begin(stream, at, arrived=arrived))
    else:
        account.receive(arrived, at)
        state.touch(stream)


def _account(state: State, stream: str) -> Account:
    state.touch(stream)
    found: Account = state.get(stream)
    return found


def _fund(state: State, fund: str) -> Fund:
    state.touch(f"fund/{fund}")
    found: Fund = state.get(f"fund/{fund}")
    return found


def fund_opened(state: State, _: Position, event: e.FundOpened) -> None:
    """Fold FundOpened."""
    fund = Fund.begin(
        event.fund, event.recorded_at, owner=event.owner, source=event.fund_source,
        ceiling_fen=event.ceiling_fen, restriction=Restriction.of(event),
    )  # fmt: skip
    state.put(f"fund/{event.fund}", fund)


def grant_received(state: State, position: Position, event: e.GrantReceived) -> None:
    """Fold GrantReceived: a new lot of the owner."""
    lot = Lot.begin(
        str(position), event.recorded_at, account=event.stream, giver=None, fen=event.amount_fen,
        draws=[], restriction=Restriction.of(event), inherited=[], confirmed=True,
    )  # fmt: skip
    state.put(f"lot/{position}", lot)
    _arrive(state, event.stream, [Interval(position, 0, event.amount_fen)], event.recorded_at)
    _fund(state, event.fund).grant(event.amount_fen, event.recorded_at)
    state.put(f"grant/{event.organisation}/{event.grant}", position)


def grant_withdrawn(state: State, position: Position, event: e.GrantWithdrawn) -> None:
    """Fold GrantWithdrawn."""
    _account(state, event.stream).give(event.draws, event.recorded_at)
    _fund(state, event.fund).withdraw(event.amount_fen, event.recorded_at)
    state.put(f"withdrawal/{event.organisation}/{event.withdrawal}", position)


def allocation_issued(state: State, position: Position, event: e.AllocationIssued) -> None:
    """Fold AllocationIssued: the fen leave the issuer and form a new lot of the child."""
    _account(state, event.stream).give(event.draws, event.recorded_at)
    inherited: set[Position] = set()
    for draw in event.draws:
        above = state.lot(draw.lot)
        inherited.update(above.inherited)
        if not above.restriction.empty:
            inherited.add(draw.lot)
    assert event.occurred_on is not None  # every submission has a business day
    policy = state.policy(event.child, event.occurred_on)
    lot = Lot.begin(
        str(position), event.recorded_at, account=event.in_stream, giver=event.stream,
        fen=event.amount_fen, draws=event.draws, restriction=Restriction.of(event),
        inherited=sorted(inherited), confirmed=not (policy and policy.confirm_arrival),
    )  # fmt: skip
    state.put(f"lot/{position}", lot)
    _arrive(state, event.in_stream, [Interval(position, 0, event.amount_fen)], event.recorded_at)
    state.put(f"allocation/{event.organisation}/{event.allocation}", position)


def allocation_confirmed(state: State, _: Position, event: e.AllocationConfirmed) -> None:
    """Fold AllocationConfirmed."""
    position = state.get(f"allocation/{event.issuer}/{event.allocation}")
    state.lot(position).confirm(event.recorded_at)
    state.touch(f"lot/{position}")
    account = _account(state, event.stream)
    account.note(event.recorded_at)
    account.unbind(position)


def allocation_returned(state: State, position: Position, event: e.AllocationReturned) -> None:
    """Fold AllocationReturned: the same fen are the parent's again, under the parent's lots."""
    _account(state, event.stream).give(event.draws, event.recorded_at)
    back = [above for draw in event.draws for above in through(state.lot(draw.lot).draws, draw)]
    _arrive(state, event.in_stream, back, event.recorded_at)
    state.put(f"returned/{event.organisation}/{event.returned}", position)


def roster_submitted(state: State, position: Position, event: e.RosterSubmitted) -> None:
    """Fold RosterSubmitted."""
    roster = Roster.begin(
        event.roster, event.recorded_at, position=position, fund=event.fund, campaign=event.campaign,
        declared_count=event.declared_count, declared_fen=event.declared_fen,
        submitter=event.actor, reviewer=event.reviewer,
        unit_certificate=event.unit_certificate is not None,
    )  # fmt: skip
    state.put(f"roster/{event.organisation}/{event.roster}", roster)


def _roster(state: State, organisation: str | None, roster: str) -> Roster:
    key = f"roster/{organisation}/{roster}"
    state.touch(key)
    found: Roster = state.get(key)
    return found


def roster_approved(state: State, _: Position, event: e.RosterApproved) -> None:
    """Fold RosterApproved: every reserved payment of the roster is ordered from now on."""
    _roster(state, event.organisation, event.roster).decide(APPROVED, event.recorded_at)


def roster_rejected(state: State, _: Position, event: e.RosterRejected) -> None:
    """Fold RosterRejected: every payment of the roster that is still reserved gives its fen back."""
    assert event.organisation is not None
    roster = _roster(state, event.organisation, event.roster)
    for payment in reserved_payments(state, event.organisation, event.roster, roster):
        _restore(state, event.in_stream, payment, event.recorded_at)
    roster.decide(REJECTED, event.recorded_at)


def roster_payments(
    state: State, organisation: str, roster_id: str, roster: Roster
) -> list[Payment]:
    """The last payment of each row of a roster, in row order."""
    rows = [f"row/{organisation}/{roster_id}/{n}" for n in range(1, roster.last_row + 1)]
    state.prefetch(rows)
    ids = [state.get(row) for row in rows]
    keys = [f"payment/{organisation}/{payment}" for payment in ids if payment]
    state.prefetch(keys)
    return [state.get(key) for key in keys]


def reserved_payments(
    state: State, organisation: str, roster_id: str, roster: Roster
) -> list[Payment]:
    """The payments of a submitted roster that wait for its approval, in row order."""
    payments = roster_payments(state, organisation, roster_id, roster)
    return [p for p in payments if p.stored == RESERVED]


def _attested(state: State, name: str, organisation: str | None) -> Person:
    """The person whom the vault has attested for an organisation: who acts for them lies above it."""
    person = state.person(name)
    if person is None:
        person = Person(name)
        state.put(f"person/{name}", person)
    if person.home != organisation:
        person.home = state.lowest_above(person.home, organisation)
    state.touch(f"person/{person.id}")
    return person


def payment_made(state: State, position: Position, event: e.PaymentMade) -> None:
    """Fold PaymentMade: the fen are reserved or ordered, and count for the person's year."""
    at = event.recorded_at
    _account(state, event.stream).give(event.draws, at)
    assert event.occurred_on is not None
    year = year_of(event.occurred_on)
    payment = Payment(
        position, event.fund, event.person, event.tier, event.campaign, year, event.amount_fen,
        list(event.draws), event.roster, event.worker, event.proxy,
        ORDERED if event.ordered else RESERVED,
    )  # fmt: skip
    state.put(f"payment/{event.organisation}/{event.payment}", payment)
    person = _attested(state, event.person, event.organisation)
    if event.worker is not None:
        _attested(state, event.worker, event.organisation)
    person.receive(
        tier=event.tier, year=year, campaign=event.campaign, fen=event.amount_fen,
        position=position,
    )  # fmt: skip
    if event.roster is not None and event.roster_row is not None:
        roster = _roster(state, event.organisation, event.roster)
        roster.add(row=event.roster_row, fen=event.amount_fen, handler=event.actor, at=at)
        state.put(f"row/{event.organisation}/{event.roster}/{event.roster_row}", event.payment)


def _restore(state: State, stream: str, payment: Payment, at: Micros) -> None:
    _arrive(state, stream, payment.draws, at)
    person = state.person(payment.person)
    assert person is not None  # a payment was folded before
    person.receive(
        tier=payment.tier, year=payment.year, campaign=payment.campaign,
        fen=Fen(-payment.amount_fen), position=payment.position,
    )  # fmt: skip
    state.touch(f"person/{person.id}")


def _payment(state: State, position: Position, event: Any) -> Payment:
    """The payment that a later record is about; that record is a voucher of the same persons."""
    key = f"payment/{event.organisation}/{event.payment}"
    state.touch(key)
    found: Payment = state.get(key)
    until = kept_until(type(event).__name__, event.recorded_at)
    for _, name in receiving(found):
        person = state.person(name)
        if person is not None and person.kept_until < until:
            person.keep(until, position)
            state.touch(f"person/{person.id}")
    return found


def payment_settled(state: State, position: Position, event: e.PaymentSettled) -> None:
    """Fold PaymentSettled."""
    _payment(state, position, event).stored = SETTLED
    _account(state, event.stream).note(event.recorded_at)


def payment_bounced(state: State, position: Position, event: e.PaymentBounced) -> None:
    """Fold PaymentBounced: exactly the fen that were drawn are free again."""
    _undo(state, position, event, BOUNCED)


def payment_reversed(state: State, position: Position, event: e.PaymentReversed) -> None:
    """Fold PaymentReversed: exactly the fen that were drawn are free again."""
    _undo(state, position, event, REVERSED)


def _undo(state: State, position: Position, event: Any, became: str) -> None:
    payment = _payment(state, position, event)
    if payment.roster is not None:
        roster = _roster(state, event.organisation, payment.roster)
        if roster.state == SUBMITTED:
            roster.drop(fen=payment.amount_fen, at=event.recorded_at)
    payment.stored = became
    _restore(state, account_stream(event.organisation, event.fund), payment, event.recorded_at)


MONEY: Final[dict[type[e.Event], Callable[[State, Position, Any], None]]] = {
    e.FundOpened: fund_opened,
    e.GrantReceived: grant_received,
    e.GrantWithdrawn: grant_withdrawn,
    e.AllocationIssued: allocation_issued,
    e.AllocationConfirmed: allocation_confirmed,
    e.AllocationReturned: allocation_returned,
    e.RosterSubmitted: roster_submitted,
    e.RosterApproved: roster_approved,
    e.RosterRejected: roster_rejected,
    e.PaymentMade: payment_made,
    e.PaymentSettled: payment_settled,
    e.PaymentBounced: payment_bounced,
    e.PaymentReversed: payment_reversed,
}
