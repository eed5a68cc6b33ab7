"""Checks of what happens to a payment later: settled, bounced, reversed."""

from collections.abc import Iterator

from admission.case import Case
from domain.codes import MEANS
from domain.payment import ORDERED, RESERVED, SETTLED, Payment
from domain.refusals import Refusal
from domain.roster import Roster


def payment_of(case: Case) -> tuple[Payment, Roster | None] | None:
    """The payment that the submission names, of that fund, with its roster."""
    submission = case.submission
    payment = case.state.payment(submission.organisation, submission.payment)
    if payment is None or payment.fund != submission.fund:
        return None
    roster = payment.roster and case.state.roster(submission.organisation, payment.roster)
    return payment, roster or None


def _in_states(case: Case, *states: str) -> Iterator[Refusal]:
    found = payment_of(case)
    if found is None:
        yield Refusal("PAYMENT_UNKNOWN")
    else:
        yield from found[0].refuse(frozenset(states), found[1])


def payment_ordered(case: Case) -> Iterator[Refusal]:
    """Only an ordered payment becomes settled."""
    yield from _in_states(case, ORDERED)


def payment_can_bounce(case: Case) -> Iterator[Refusal]:
    """The bank returns what was ordered or even settled."""
    yield from _in_states(case, ORDERED, SETTLED)


def payment_can_be_reversed(case: Case) -> Iterator[Refusal]:
    """Any payment that still holds its fen can be reversed."""
    yield from _in_states(case, RESERVED, ORDERED, SETTLED)


def means_proven(case: Case) -> Iterator[Refusal]:
    """Settled by signature, by a proxy who was authorised, or by the bank."""
    submission, found = case.submission, payment_of(case)
    if submission.means not in MEANS:
        yield Refusal("MEANS_UNKNOWN", means=submission.means)
    elif found is not None and submission.means == "PROXY" and not found[0].proxy:
        yield Refusal("PROXY_WITHOUT_DOCUMENT")
    elif submission.means == "BANK" and submission.document is None:
        yield Refusal("RECEIPT_MISSING")
