"""Payments and what became of them: reserved, ordered, settled; bounced, reversed or released."""

from collections.abc import Sequence
from functools import partial
from operator import attrgetter
from typing import Final

from domain.events import (
    PaymentBounced,
    PaymentMade,
    PaymentReversed,
    PaymentSettled,
    RosterApproved,
    RosterRejected,
)
from domain.streams import owner_of
from domain.units import Position
from projections.batch import Batch
from projections.model import Appended, ReadModel, append, when
from projections.target import Row, Target

AS_WRITTEN: Final = (
    "payment", "fund", "person", "worker", "kinship", "card", "phone", "household", "scheme",
    "category", "tier", "occasion", "campaign", "form", "amount_fen", "goods", "goods_quantity",
    "work_region", "dossier", "evidence", "roster", "roster_row", "visit", "signed", "proxy",
    "proxy_kinship", "proxy_document", "actor", "source", "policy_version", "ordered",
    "occurred_on", "recorded_at",
)  # fmt: skip
"""Columns that have the name and the value of a field of PaymentMade."""
PAYMENT_COLUMNS: Final = ("position", "organisation", *AS_WRITTEN)
STEP_COLUMNS: Final = (
    "payment_position", "position", "state", "code", "document", "occurred_on", "recorded_at",
)  # fmt: skip
DECISION_COLUMNS: Final = (
    "organisation", "roster", "position", "state", "occurred_on", "recorded_at",
)  # fmt: skip
_fields = attrgetter(*AS_WRITTEN)


def made(position: Position, event: PaymentMade) -> Sequence[Row]:
    """The payment as it was made."""
    return ((position, owner_of(event.stream), *_fields(event)),)


def settled(position: Position, event: PaymentSettled) -> Sequence[Row]:
    """The recipient has the money; the code is how that is known."""
    step = (event.payment_position, position, "SETTLED", event.means, event.document)
    return ((*step, *when(event)),)


def undone(
    state: str, position: Position, event: PaymentBounced | PaymentReversed
) -> Sequence[Row]:
    """The fen are free again; the code is why."""
    step = (event.payment_position, position, state, event.reason_code, event.document)
    return ((*step, *when(event)),)


def decided(
    state: str, position: Position, event: RosterApproved | RosterRejected
) -> Sequence[Row]:
    """What becomes of the payments of a roster that are still reserved."""
    account = event.in_stream if isinstance(event, RosterRejected) else event.stream
    return ((owner_of(account), event.roster, position, state, *when(event)),)


APPENDED: Final = (
    Appended(PaymentMade, "payments", PAYMENT_COLUMNS, made),
    Appended(PaymentSettled, "steps", STEP_COLUMNS, settled),
    Appended(PaymentBounced, "steps", STEP_COLUMNS, partial(undone, "BOUNCED")),
    Appended(PaymentReversed, "steps", STEP_COLUMNS, partial(undone, "REVERSED")),
    Appended(RosterApproved, "decisions", DECISION_COLUMNS, partial(decided, "ORDERED")),
    Appended(RosterRejected, "decisions", DECISION_COLUMNS, partial(decided, "RELEASED")),
)


def project(batch: Batch, target: Target) -> None:
    """Payments, steps and decisions of the batch."""
    append(batch, target, APPENDED)


PAYMENTS: Final = ReadModel("payments", 2, project)
