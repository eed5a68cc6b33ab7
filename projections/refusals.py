"""Refusals: what was refused and why, as codes with figures."""

import json
from collections.abc import Sequence
from typing import Final

from domain.events import SubmissionRefused
from domain.units import Position
from projections.batch import Batch
from projections.model import Appended, ReadModel, append, when
from projections.target import Row, Target


def refused(position: Position, event: SubmissionRefused) -> Sequence[Row]:
    """A refusal; the first reason's code stands for it in lists."""
    reasons = [
        {"code": reason.code, "figures": {figure.name: figure.value for figure in reason.figures}}
        for reason in event.reasons
    ]
    what = (event.organisation, event.kind, event.business_id, event.submission_id)
    where = (event.original_position, event.roster, event.roster_row)
    code = event.reasons[0].code if event.reasons else ""
    tail = (event.value_size, event.source, event.actor)
    return ((position, *what, *where, code, json.dumps(reasons), *tail, *when(event)),)


APPENDED: Final = (
    Appended(
        SubmissionRefused,
        "refusals",
        (
            "position", "organisation", "kind", "business_id", "submission_id",
            "original_position", "roster", "roster_row", "code", "reasons", "value_size",
            "source", "actor", "occurred_on", "recorded_at",
        ),
        refused,
    ),
)  # fmt: skip


def project(batch: Batch, target: Target) -> None:
    """Refusals of the batch."""
    append(batch, target, APPENDED)


REFUSALS: Final = ReadModel("refusals", 1, project)
