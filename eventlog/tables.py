"""
The tables of a log: one SQLite file.

It is the whole embedded log, and it is the local index of the Kafka recorder: the same format, so
both logs are read by the same code. Positions, ordinals and offsets are rowids; times are
microseconds; headers are one blob (see headers.py).
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

from eventlog.contract import LogDamaged

FORMAT: Final = 1
"""Version of the tables, kept in PRAGMA user_version."""
BUSY_TIMEOUT_S: Final = 60.0
"""How long a writer waits for another process's write."""
IDLE_CONNECTIONS_MAX: Final = 8
CACHE_KIB: Final = 16 * 1024
"""Pages kept in memory by one connection at most; SQLite's own 2 MiB are read again and again."""
WAL_ATTEMPTS_MAX: Final = 100
WAL_PAUSE_S: Final = 0.02

Durability = Literal["FULL", "NORMAL", "OFF"]
"""PRAGMA synchronous: FULL where the file is the record, less where it is a cache."""

_EVENTS: Final = """
    CREATE TABLE IF NOT EXISTS {table} (
        position INTEGER PRIMARY KEY, offset INTEGER NOT NULL, stream TEXT NOT NULL,
        version INTEGER NOT NULL, topic TEXT NOT NULL, value BLOB NOT NULL,
        appended_at INTEGER NOT NULL, submission_offset INTEGER, UNIQUE (stream, version))
"""
_RECORDS: Final = """
    CREATE TABLE IF NOT EXISTS {table} (
        ordinal INTEGER PRIMARY KEY, offset INTEGER NOT NULL, key BLOB, value BLOB,
        headers BLOB NOT NULL, appended_at INTEGER NOT NULL)
"""
_TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS identity (name TEXT PRIMARY KEY, value) WITHOUT ROWID",
    _RECORDS.format(table="submissions"),
    _EVENTS.format(table="events"),
    _RECORDS.format(table="checkpoints"),
    """
    CREATE TABLE IF NOT EXISTS tracking (
        application_name TEXT PRIMARY KEY, notification_id INTEGER NOT NULL) WITHOUT ROWID
    """,
)


class Tables:
    """
    One SQLite file, opened by any number of threads.

    Raises:
        LogDamaged: the file is no log, or of a later format.
    """

    def __init__(self, path: Path, *, durability: Durability) -> None:
        self.path = path
        self._durability = durability
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._closed = False
        self.written = threading.Condition()
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with self.writing() as connection:
                self._create(connection)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            raise LogDamaged(f"{path.name} is no log") from error

    def _create(self, connection: sqlite3.Connection) -> None:
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        if found > FORMAT:
            raise LogDamaged(f"{self.path.name} has format {found}, this program knows {FORMAT}")
        for statement in _TABLES:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version={FORMAT}")

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute(f"PRAGMA busy_timeout={int(BUSY_TIMEOUT_S * 1000)}")
            _use_wal(connection)
            connection.execute(f"PRAGMA synchronous={self._durability}")
            connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        connection = connection or self._connect()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        with self._lock:
            keep = not self._closed and len(self._idle) < IDLE_CONNECTIONS_MAX
            if keep:
                self._idle.append(connection)
        if not keep:
            connection.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give a connection to read with; one statement sees one state."""
        with self._connection() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Run one transaction, the only one writing at the time; whoever waits is told."""
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        with self.written:
            self.written.notify_all()

    def create_stored(self, purpose: str) -> str:
        """Create the table for the aggregate recorder of *purpose*; return its name."""
        if not purpose.isidentifier():
            raise ValueError(f"{purpose!r} cannot name a table")
        with self.writing() as connection:
            connection.execute(_EVENTS.format(table=f"stored_{purpose}"))
        return f"stored_{purpose}"

    def close(self) -> None:
        """Close all connections that are not in use; those in use are closed after it."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()


def _use_wal(connection: sqlite3.Connection) -> None:
    # Only the first opener changes the mode, and SQLite does not wait for a lock to do it.
    for _ in range(WAL_ATTEMPTS_MAX):
        (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
        if mode == "wal":
            return
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            time.sleep(WAL_PAUSE_S)
    connection.execute("PRAGMA journal_mode=WAL")


def identity_of(connection: sqlite3.Connection, name: str) -> str | int | None:
    """Value of *name* in the table of what the file is; None if it is not there."""
    row = connection.execute("SELECT value FROM identity WHERE name=?", (name,)).fetchone()
    value: str | int | None = row[0] if row else None
    return value


def set_identity(connection: sqlite3.Connection, name: str, value: str | int) -> None:
    """Write down what the file is."""
    connection.execute("INSERT OR REPLACE INTO identity VALUES (?,?)", (name, value))
