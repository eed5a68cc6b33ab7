"""What a read model is: a name, a version, its tables, and a function from events to rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from domain.events import Event
from domain.units import Position
from projections.batch import Batch
from projections.target import Row, Target

READING: Final = b"-- For reading"
"""Line in a SQL file behind which nothing is needed for writing; built last in a rebuild."""


@dataclass(frozen=True)
class ReadModel:
    """One read model: tables that are written by one function and by nothing else."""

    name: str
    version: int
    """Counts up whenever the tables or the meaning of their rows change."""
    project: Callable[[Batch, Target], None]
    """Write the rows of a batch; sees every event exactly once, in order."""

    @property
    def tables(self) -> bytes:
        """SQL that creates the empty tables in the current schema."""
        return self._text().partition(READING)[0]

    @property
    def indexes(self) -> bytes:
        """SQL that creates what only readers need."""
        return self._text().partition(READING)[2].partition(b"\n")[2]

    def _text(self) -> bytes:
        return (Path(__file__).parent / f"{self.name}.sql").read_bytes()


class Appended(NamedTuple):
    """How events of one kind become rows of a table that only grows."""

    kind: type[Any]
    table: str
    columns: Sequence[str]
    rows: Callable[[Position, Any], Sequence[Row]]


def append(batch: Batch, target: Target, appended: Sequence[Appended]) -> None:
    """Copy the rows of *batch* into tables that only grow."""
    for kind, table, columns, rows in appended:
        events = batch.of(kind)
        if events:
            target.copy(table, columns, (row for at, e in events for row in rows(at, e)))


def account_of(stream: str) -> tuple[str, str]:
    """
    Organisation and fund of the stream of an account.

    >>> account_of("account/632221/NORMALISED-2019")
    ('632221', 'NORMALISED-2019')
    """
    _, organisation, fund = stream.split("/", 2)
    return organisation, fund


def when(event: Event) -> tuple[int | None, int]:
    """Both clocks of an event: the day it happened, and when it was recorded."""
    return event.occurred_on, event.recorded_at
