"""Rosters: what was declared, left out, approved or rejected."""

import json
from collections.abc import Sequence
from typing import Final

from domain.events import RosterApproved, RosterRejected, RosterSubmitted
from domain.streams import owner_of
from domain.units import Position
from projections.batch import Batch
from projections.model import Appended, ReadModel, append, when
from projections.target import Row, Target

CLOCKS: Final = ("occurred_on", "recorded_at")
DECISION_COLUMNS: Final = (
    "position", "roster", "organisation", "decision", "count", "amount_fen", "code", "document",
    "actor", *CLOCKS,
)  # fmt: skip


def submitted(position: Position, event: RosterSubmitted) -> Sequence[Row]:
    """A roster as it was announced."""
    what = (event.roster, owner_of(event.stream), event.fund, event.campaign, event.occasion)
    control = (event.declared_count, event.declared_fen, event.payments_root)
    people = (event.actor, event.reviewer, event.unit_certificate)
    left_out = json.dumps([{"row": row, "code": code} for row, code in event.left_out])
    return ((position, *what, *control, *people, left_out, event.policy_version, *when(event)),)


def approved(position: Position, event: RosterApproved) -> Sequence[Row]:
    """An approval."""
    what = (event.roster, owner_of(event.stream), "APPROVED", event.count, event.amount_fen)
    return ((position, *what, None, event.approval_document, event.actor, *when(event)),)


def rejected(position: Position, event: RosterRejected) -> Sequence[Row]:
    """A rejection."""
    what = (event.roster, owner_of(event.in_stream), "REJECTED", event.count, event.amount_fen)
    return ((position, *what, event.reason_code, None, event.actor, *when(event)),)


APPENDED: Final = (
    Appended(
        RosterSubmitted,
        "rosters",
        (
            "position", "roster", "organisation", "fund", "campaign", "occasion",
            "declared_count", "declared_fen", "payments_root", "submitter", "reviewer",
            "unit_certificate", "left_out", "policy_version", *CLOCKS,
        ),
        submitted,
    ),
    Appended(RosterApproved, "decisions", DECISION_COLUMNS, approved),
    Appended(RosterRejected, "decisions", DECISION_COLUMNS, rejected),
)  # fmt: skip


def project(batch: Batch, target: Target) -> None:
    """Rosters and decisions of the batch."""
    append(batch, target, APPENDED)


ROSTERS: Final = ReadModel("rosters", 1, project)
