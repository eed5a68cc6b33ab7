"""
The embedded log: a whole log in one SQLite file, for a laptop, a pilot county and fast tests.

The file is the record of facts, so every write is on the disk (WAL, synchronous=FULL) before it is
answered. Being the active writer is a lock on a file beside it; fencing is an epoch in the log.
"""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from domain.units import Micros
from eventlog.contract import (
    Lease,
    LogDamaged,
    Meanwhile,
    OrderedSubmission,
    Outgoing,
    Receipt,
    StoredCheckpoint,
    StoredRecord,
)
from eventlog.embedded_factory import Factory
from eventlog.embedded_journal import Clock, EmbeddedJournal, next_epoch, system_clock, whole_millis
from eventlog.headers import Headers, pack, unpack
from eventlog.journals import last_position
from eventlog.recorders import LogRecorder
from eventlog.submissions_topic import Known, headers_of, submission
from eventlog.tables import Tables, identity_of, set_identity

__all__ = ["EmbeddedLog", "Factory", "FileLease"]

WAIT_S: Final = 0.02
"""Other processes are looked after this often; writes of this one are noticed at once."""
LEASE_TRY_S: Final = 0.2


class FileLease:
    """Being the active writer: an exclusive lock on a file, freed when the process ends."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, timeout=LEASE_TRY_S, isolation_level=None)
        self._held = False

    @property
    def held(self) -> bool:
        """Whether the lock is held."""
        return self._held

    def acquire(self, meanwhile: Meanwhile | None = None) -> None:
        """Wait for the lock, and do something meanwhile."""
        while not self._held:
            try:
                # SQLite locks the file on every system; the file holds nothing.
                self._connection.execute("BEGIN EXCLUSIVE")
                self._held = True
            except sqlite3.OperationalError as error:
                if "locked" not in str(error):
                    raise
                if meanwhile is not None:
                    meanwhile()

    def release(self) -> None:
        """Give the lock back."""
        self._held = False
        self._connection.close()


class EmbeddedLog:
    """
    The log *name* in the file *path*, which is made if it is not there.

    *clock* gives append times in microseconds; they are cut to whole milliseconds.

    Raises:
        LogDamaged: the file is no log, or holds another log.
    """

    def __init__(self, path: Path, name: str, *, clock: Clock = system_clock) -> None:
        self.name = name
        self.path = path
        self._clock = clock
        self.tables = Tables(path, durability="FULL")
        with self.tables.writing() as connection:
            found = identity_of(connection, "log")
            if found is None:
                set_identity(connection, "log", name)
        if found not in (None, name):
            self.tables.close()
            raise LogDamaged(f"{path.name} holds the log {found}, not {name}")

    def append(self, batch: Sequence[Outgoing]) -> list[Receipt]:
        """Append submissions, in order; they are on the disk when this returns."""
        now = whole_millis(self._clock())
        with self.tables.writing() as connection:
            last = _last_ordinal(connection)
            connection.executemany(
                "INSERT INTO submissions VALUES (?,?,?,?,?,?)",
                [
                    (last + n, last + n, out.key.encode(), out.value, pack(headers_of(out)), now)
                    for n, out in enumerate(batch, start=1)
                ],
            )
        return [Receipt(last + n) for n in range(1, len(batch) + 1)]

    def read_submissions(
        self, *, after: int, limit: int, timeout_s: float, hint: int | None = None
    ) -> list[OrderedSubmission]:
        """Submissions behind ordinal *after*; the hint is not needed here."""
        del hint
        rows = self._read("submissions", "ordinal", (after, limit), timeout_s)
        return [
            submission(Known(ordinal, offset), key, value, unpack(headers), Micros(appended_at))
            for ordinal, offset, key, value, headers, appended_at in rows
        ]

    def read_events(self, *, after: int, limit: int, timeout_s: float) -> list[StoredRecord]:
        """Committed events behind position *after*."""
        rows = self._read("events", "position", (after, limit), timeout_s)
        return [StoredRecord(*row) for row in rows]

    def _read(
        self, table: str, column: str, behind: tuple[int, int], timeout_s: float
    ) -> list[tuple[Any, ...]]:
        statement = f"SELECT * FROM {table} WHERE {column}>? ORDER BY {column} LIMIT ?"
        deadline = time.monotonic() + timeout_s
        while True:
            with self.tables.reading() as connection:
                rows = connection.execute(statement, behind).fetchall()
            remaining = deadline - time.monotonic()
            if rows or remaining <= 0:
                return rows
            with self.tables.written:
                self.tables.written.wait(min(remaining, WAIT_S))

    def last_position(self) -> int:
        """Position of the last committed event; 0 if there is none."""
        with self.tables.reading() as connection:
            return last_position(connection, "events")

    def last_ordinal(self) -> int:
        """Ordinal of the last submission; 0 if there is none."""
        with self.tables.reading() as connection:
            return _last_ordinal(connection)

    def append_checkpoint(self, note: bytes, headers: Headers = ()) -> int:
        """Publish a checkpoint; it is on the disk when this returns."""
        now = whole_millis(self._clock())
        with self.tables.writing() as connection:
            number = _last_checkpoint(connection) + 1
            connection.execute(
                "INSERT INTO checkpoints VALUES (?,?,?,?,?,?)",
                (number, number, None, note, pack(headers), now),
            )
        return number

    def read_checkpoints(self, *, after: int, limit: int) -> list[StoredCheckpoint]:
        """Checkpoints behind number *after*."""
        rows = self._read("checkpoints", "ordinal", (after, limit), 0)
        return [
            StoredCheckpoint(number, note, unpack(headers), Micros(appended_at))
            for number, _, _, note, headers, appended_at in rows
        ]

    def last_checkpoint(self) -> int:
        """Number of the last checkpoint; 0 if there is none."""
        with self.tables.reading() as connection:
            return _last_checkpoint(connection)

    @contextmanager
    def lease(self, meanwhile: Meanwhile | None = None) -> Iterator[Lease]:
        """Wait for the lock on the file beside the log."""
        lease = FileLease(self.path.with_name(f"{self.path.name}.lease"))
        try:
            lease.acquire(meanwhile)
            yield lease
        finally:
            lease.release()

    @contextmanager
    def writer(self) -> Iterator[LogRecorder]:
        """Fence earlier writers and open the certified recorder for writing."""
        epoch = next_epoch(self.tables, "events")
        yield LogRecorder(EmbeddedJournal(self.tables, "events", self._clock, epoch))

    @contextmanager
    def follower(self) -> Iterator[LogRecorder]:
        """Open the recorder for reading."""
        yield LogRecorder(EmbeddedJournal(self.tables, "events", self._clock, None))

    def close(self) -> None:
        """Close the file."""
        self.tables.close()


def _last_ordinal(connection: sqlite3.Connection) -> int:
    (last,) = connection.execute("SELECT max(ordinal) FROM submissions").fetchone()
    return last or 0


def _last_checkpoint(connection: sqlite3.Connection) -> int:
    (last,) = connection.execute("SELECT max(ordinal) FROM checkpoints").fetchone()
    return last or 0


def name_in(path: Path) -> str | None:
    """
    Name of the log in the file *path*; None if there is no such file.

    Raises:
        LogDamaged: the file is no log.
    """
    if not path.exists():
        return None
    tables = Tables(path, durability="FULL")
    with closing(tables), tables.reading() as connection:
        found = identity_of(connection, "log")
    if found is None:
        raise LogDamaged(f"{path.name} is no log")
    return str(found)
