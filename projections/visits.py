"""Visits: who went to see whom, when and for which occasion."""

from collections.abc import Sequence
from typing import Final

from domain.events import VisitMade
from domain.streams import owner_of
from domain.units import Position
from projections.batch import Batch
from projections.model import Appended, ReadModel, append, when
from projections.target import Row, Target


def visited(position: Position, event: VisitMade) -> Sequence[Row]:
    """A visit."""
    what = (event.visit, owner_of(event.stream), event.occasion, list(event.visitors))
    where = (event.person, event.work_region, event.document, event.actor)
    return ((position, *what, *where, *when(event)),)


APPENDED: Final = (
    Appended(
        VisitMade,
        "visits",
        (
            "position", "visit", "organisation", "occasion", "visitors", "person",
            "work_region", "document", "actor", "occurred_on", "recorded_at",
        ),
        visited,
    ),
)  # fmt: skip


def project(batch: Batch, target: Target) -> None:
    """Visits of the batch."""
    append(batch, target, APPENDED)


VISITS: Final = ReadModel("visits", 1, project)
