"""
Local state of admission: keyed rows in a SQLite file. A cache: it can be deleted at any time.

The rows carry the position and leaf hash up to which the log was folded, so that a file of another
log, or one that is ahead of a log that was cut, is noticed and made anew. Rows are written behind
the back of deciding: what is staged is read from memory until it is on the disk, and whatever was
not written when the process dies is folded from the log again.
"""

import sqlite3
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final

import orjson

from admission.state import LAYOUT
from eventlog.contract import Fenced

ROWS: Final = "CREATE TABLE IF NOT EXISTS rows (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID"
UPSERT: Final = (
    "INSERT INTO rows SELECT key, CAST(value AS BLOB) FROM json_each(?) WHERE true"
    " ON CONFLICT (key) DO UPDATE SET value=excluded.value"
)
CACHE_KIB: Final = 32 * 1024
"""Pages kept in memory by one connection: keys are spread over the file."""
KEYS_MAX: Final = 500
"""Keys asked for in one statement."""


class StateUnreadable(OSError):
    """The local state cannot be read: an error of the machine, never a verdict."""


class StateStore:
    """Rows by key."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._reading = _opened(path)
        self._writing = _connected(path)
        self._behind = ThreadPoolExecutor(1, thread_name_prefix="state")
        self._staged: list[Mapping[str, bytes]] = []
        self._saved: Future[None] | None = None
        self._epoch = 0

    def load(self, keys: list[str]) -> dict[str, bytes]:
        """
        The rows of some keys; those without a row are left out.

        Raises:
            StateUnreadable: the file is damaged or locked; nothing may be decided then.
        """
        try:
            return self._load(keys)
        except sqlite3.Error as error:
            raise StateUnreadable(type(error).__name__) from error

    def _load(self, keys: list[str]) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        wanted = keys
        for rows in self._staged:  # oldest first, so that a later row counts
            found.update({key: rows[key] for key in keys if key in rows})
        if found:
            wanted = [key for key in keys if key not in found]
        for start in range(0, len(wanted), KEYS_MAX):
            some = wanted[start : start + KEYS_MAX]
            marks = ",".join("?" * len(some))
            found.update(
                self._reading.execute(f"SELECT key, value FROM rows WHERE key IN ({marks})", some)
            )
        return found

    def take(self) -> None:
        """
        From here on this process alone writes; whoever had taken the file before is fenced.

        A process that was stopped and comes back must not write its old rows over newer ones.
        """
        self.wait()
        self._writing.execute("BEGIN IMMEDIATE")
        with self._writing:
            (self._epoch,) = self._writing.execute("SELECT max(epoch) + 1 FROM epochs").fetchone()
            self._writing.execute("INSERT INTO epochs VALUES (?)", (self._epoch,))

    def stage(self, rows: Mapping[str, bytes]) -> None:
        """Rows of a batch that is decided but not yet in the log: seen by load(), not written."""
        self._staged.append(rows)

    def save_oldest(self) -> None:
        """The oldest staged batch is safe in the log: write its rows, all or none, and go on."""
        self.wait()
        rows = self._staged[0]
        self._saved = self._behind.submit(self._write, rows)

    def wait(self) -> None:
        """Wait until what is being written is written."""
        if self._saved is not None:
            self._saved.result()
            self._saved = None
            del self._staged[0]

    def save(self, rows: Mapping[str, bytes]) -> None:
        """Write rows, all or none, and wait."""
        self.wait()
        self._write(rows)

    def drop_staged(self) -> None:
        """Forget what did not get into the log."""
        self.wait()
        self._staged.clear()

    def _write(self, rows: Mapping[str, bytes]) -> None:
        self._writing.execute("BEGIN IMMEDIATE")
        with self._writing:
            self._check_epoch()
            # One statement for all: row by row, the interpreter would wait for each of them.
            document = orjson.dumps({key: row.decode() for key, row in rows.items()})
            self._writing.execute(UPSERT, (document.decode(),))

    def dump(self) -> list[tuple[str, bytes]]:
        """All rows in the order of their keys, to compare two states."""
        self.wait()
        return list(self._reading.execute("SELECT key, value FROM rows ORDER BY key"))

    def clear(self) -> None:
        """Forget everything."""
        self.drop_staged()
        self._writing.execute("BEGIN IMMEDIATE")
        with self._writing:
            self._check_epoch()
            self._writing.execute("DROP TABLE rows")
            self._writing.execute(ROWS)
            self._writing.execute(f"PRAGMA user_version = {LAYOUT}")

    def of_this_program(self) -> bool:
        """Whether the rows are written as this program writes them."""
        (layout,) = self._reading.execute("PRAGMA user_version").fetchone()
        return bool(layout == LAYOUT)

    def _check_epoch(self) -> None:
        (epoch,) = self._writing.execute("SELECT max(epoch) FROM epochs").fetchone()
        if epoch != self._epoch:
            raise Fenced("the local state was taken by another process")

    def close(self) -> None:
        """Finish writing and close the file."""
        self._behind.shutdown()
        self._reading.close()
        self._writing.close()


def _opened(path: Path) -> sqlite3.Connection:
    """Open the file; what is no database of ours is thrown away, for it is only a cache."""
    try:
        return _connected(path)
    except sqlite3.DatabaseError:
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        return _connected(path)


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=30)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        # Losing the last batches in a power cut only means folding them again.
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
        connection.execute(ROWS)
        connection.execute("CREATE TABLE IF NOT EXISTS epochs (epoch INTEGER PRIMARY KEY)")
        connection.execute("INSERT OR IGNORE INTO epochs VALUES (0)")
        connection.execute("SELECT key, value FROM rows LIMIT 1").fetchone()
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection
