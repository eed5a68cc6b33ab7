"""Writing into the file of the embedded log."""

import sqlite3
import time
from collections.abc import Callable
from typing import Final

from eventsourcing.persistence import ProgrammingError

from eventlog.contract import Abortable, Fenced
from eventlog.journals import (
    Batch,
    insert_rows,
    insert_tracking,
    last_position,
    library_errors,
    rows_of,
)
from eventlog.tables import Tables, identity_of, set_identity

MILLI: Final = 1000
"""Microseconds in a millisecond."""

Clock = Callable[[], int]
"""Tells the time in microseconds; it may fall."""


def system_clock() -> int:
    """The time of this machine in microseconds, whole milliseconds."""
    return whole_millis(time.time_ns() // 1000)


def whole_millis(micros: int) -> int:
    """Cut an instant to whole milliseconds: what Kafka can keep."""
    return micros // MILLI * MILLI


UNFENCED: Final = 0
"""Epoch of a writer which others may write beside: of tracking alone."""


class EmbeddedJournal:
    """
    Events and tracking in the file itself; the writer of an older *epoch* is fenced.

    *epoch* is None for reading.
    """

    def __init__(self, tables: Tables, table: str, clock: Clock, epoch: int | None) -> None:
        self.tables = tables
        self.table = table
        self._clock = clock
        self._epoch = epoch

    def refresh(self) -> None:
        """Do nothing: the tables are the record."""

    def refresh_tracking(self) -> None:
        """Do nothing: the tables are the record."""

    def wait(self, timeout_s: float) -> None:
        """Wait for a write of this process, or for the timeout."""
        with self.tables.written:
            self.tables.written.wait(timeout_s)

    def write(self, batch: Batch) -> list[int]:
        """Write all or nothing, see Journal.write."""
        if self._epoch is None:
            raise ProgrammingError("this recorder was opened for reading")
        try:
            with library_errors(), self.tables.writing() as connection:
                return self._write(connection, batch)
        except sqlite3.DatabaseError as error:
            raise Abortable(str(error)) from error

    def _write(self, connection: sqlite3.Connection, batch: Batch) -> list[int]:
        found = identity_of(connection, f"epoch of {self.table}")
        if self._epoch not in {found, UNFENCED}:
            raise Fenced(f"another writer of {self.table} has taken over")
        last = last_position(connection, self.table)
        rows = rows_of(batch, after=last, offset=last + 1, appended_at=whole_millis(self._clock()))
        insert_rows(connection, self.table, rows)
        if batch.tracking is not None:
            insert_tracking(connection, batch.tracking)
        return [row.position for row in rows]


def next_epoch(tables: Tables, table: str) -> int:
    """Fence all earlier writers of *table*; the epoch of the new one."""
    with tables.writing() as connection:
        found = identity_of(connection, f"epoch of {table}")
        epoch = int(found or 0) + 1
        set_identity(connection, f"epoch of {table}", epoch)
    return epoch
