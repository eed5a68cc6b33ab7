"""Statements: figures a programme published, to be compared with the log."""

from collections.abc import Sequence
from typing import Final

from domain.events import StatementRecorded
from domain.streams import owner_of
from domain.units import Position
from projections.batch import Batch
from projections.model import Appended, ReadModel, append, when
from projections.target import Row, Target


def recorded(position: Position, event: StatementRecorded) -> Sequence[Row]:
    """A statement."""
    what = (event.statement, owner_of(event.stream), event.programme, event.as_of)
    stated = (event.stated_sources_fen, event.stated_uses_fen, event.document)
    return ((position, *what, *stated, *when(event)),)


def lines(position: Position, event: StatementRecorded) -> Sequence[Row]:
    """Its lines, from 1."""
    return [
        (position, line, i.side, i.code, i.units, i.unit_fen, i.amount_fen)
        for line, i in enumerate(event.items, start=1)
    ]


APPENDED: Final = (
    Appended(
        StatementRecorded,
        "statements",
        (
            "position", "statement", "organisation", "programme", "as_of",
            "stated_sources_fen", "stated_uses_fen", "document", "occurred_on", "recorded_at",
        ),
        recorded,
    ),
    Appended(
        StatementRecorded,
        "items",
        ("position", "line", "side", "code", "units", "unit_fen", "amount_fen"),
        lines,
    ),
)  # fmt: skip


def project(batch: Batch, target: Target) -> None:
    """Statements of the batch."""
    append(batch, target, APPENDED)


STATEMENTS: Final = ReadModel("statements", 1, project)
