"""
A journal: what a recorder writes to and reads from.

Reading is always from tables (tables.py). Writing is where the logs differ: into the same file
(embedded.py) or into Kafka, the tables following (kafka.py).
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple, Protocol
from uuid import UUID

from eventsourcing.persistence import (
    IntegrityError,
    ProgrammingError,
    StoredEvent,
    Tracking,
)

from domain.units import Micros
from eventlog.contract import StoredRecord
from eventlog.tables import Tables

UUID_STREAM = "urn:uuid:"
"""How the stream of an aggregate is written whose id is a UUID object (RFC 9562)."""


class Batch(NamedTuple):
    """What is written at once or not at all."""

    events: Sequence[StoredEvent]
    tracking: Tracking | None = None
    submission_offsets: Sequence[int] | None = None
    """One for each event, for the header of that name."""


class Journal(Protocol):
    """Where a recorder keeps its events and its tracking."""

    tables: Tables
    table: str
    """Name of the events table."""

    def refresh(self) -> None:
        """Bring the events in the tables up to all that is committed."""
        ...

    def refresh_tracking(self) -> None:
        """Bring the tracking in the tables up to all that is committed."""
        ...

    def write(self, batch: Batch) -> list[int]:
        """
        Write all or nothing; the positions of the events, dense.

        Raises:
            IntegrityError: a version is taken, or the tracking is not ahead of the last.
            Fenced, Abortable: see there.
        """
        ...

    def wait(self, timeout_s: float) -> None:
        """Wait for something new, but not longer."""
        ...


def stream_of(originator_id: UUID | str) -> str:
    """
    Name of the stream of an aggregate.

    >>> stream_of("account/632221/NORMALISED-2019")
    'account/632221/NORMALISED-2019'

    Raises:
        ProgrammingError: a text would be read back as a UUID.
    """
    if isinstance(originator_id, UUID):
        return originator_id.urn
    if originator_id.startswith(UUID_STREAM):
        raise ProgrammingError(f"a stream must not begin with {UUID_STREAM}")
    return originator_id


def originator_of(stream: str) -> UUID | str:
    """Id of the aggregate of a stream, of the type it was written with."""
    return UUID(stream) if stream.startswith(UUID_STREAM) else stream


@contextmanager
def library_errors() -> Iterator[None]:
    """Raise a conflict in SQLite as the conflict that the library promises."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise IntegrityError(str(error)) from error


def last_position(connection: sqlite3.Connection, table: str) -> int:
    """Position of the last row; 0 if there is none."""
    (last,) = connection.execute(f"SELECT max(position) FROM {table}").fetchone()
    return last or 0


def rows_of(batch: Batch, *, after: int, offset: int, appended_at: int) -> list[StoredRecord]:
    """The rows of *batch* behind position *after*, its first record at *offset*."""
    offsets: Iterable[int | None] = batch.submission_offsets or [None] * len(batch.events)
    return [
        StoredRecord(
            after + n,
            offset + n - 1,
            stream_of(event.originator_id),
            event.originator_version,
            event.topic,
            event.state,
            Micros(appended_at),
            submission_offset,
        )
        for n, (event, submission_offset) in enumerate(
            zip(batch.events, offsets, strict=True), start=1
        )
    ]


def insert_rows(connection: sqlite3.Connection, table: str, rows: Sequence[StoredRecord]) -> None:
    """Insert rows; sqlite3.IntegrityError if a version is taken."""
    connection.executemany(f"INSERT INTO {table} VALUES (?,?,?,?,?,?,?,?)", rows)


def insert_tracking(connection: sqlite3.Connection, tracking: Tracking) -> None:
    """Advance the tracking of an application; sqlite3.IntegrityError if it does not advance."""
    cursor = connection.execute(
        "INSERT INTO tracking VALUES (?,?) ON CONFLICT (application_name) DO UPDATE "
        "SET notification_id=excluded.notification_id "
        "WHERE tracking.notification_id < excluded.notification_id",
        (tracking.application_name, tracking.notification_id),
    )
    if cursor.rowcount == 0:
        raise sqlite3.IntegrityError(
            f"{tracking.application_name} is not behind {tracking.notification_id}"
        )
