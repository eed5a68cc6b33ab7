"""
Local state of admission: keyed rows in a SQLite file. A cache: it can be deleted at any time.

The rows carry the position and leaf hash up to which the log was folded, so that a file of another
log, or one that is ahead of a log that was cut, is noticed and made anew.
"""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Final

KEYS_MAX: Final = 500
"""Keys asked for in one statement."""


class StateStore:
    """Rows by key."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._connection = _opened(path)

    def load(self, keys: list[str]) -> dict[str, bytes]:
        """The rows of some keys; those without a row are left out."""
        found: dict[str, bytes] = {}
        for start in range(0, len(keys), KEYS_MAX):
            some = keys[start : start + KEYS_MAX]
            marks = ",".join("?" * len(some))
            found.update(
                self._connection.execute(
                    f"SELECT key, value FROM rows WHERE key IN ({marks})", some
                )
            )
        return found

    def save(self, rows: Mapping[str, bytes]) -> None:
        """Write rows, all or none."""
        with self._connection:
            self._connection.executemany(
                "INSERT INTO rows VALUES (?,?) ON CONFLICT (key) DO UPDATE SET value=excluded.value",
                rows.items(),
            )

    def dump(self) -> list[tuple[str, bytes]]:
        """All rows in the order of their keys, to compare two states."""
        return list(self._connection.execute("SELECT key, value FROM rows ORDER BY key"))

    def clear(self) -> None:
        """Forget everything."""
        with self._connection:
            self._connection.execute("DELETE FROM rows")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _opened(path: Path) -> sqlite3.Connection:
    """Open the file; what is no database of ours is thrown away, for it is only a cache."""
    try:
        return _connected(path)
    except sqlite3.DatabaseError:
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        return _connected(path)


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level="DEFERRED", check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        # Losing the last batches in a power cut only means folding them again.
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS rows (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID"
        )
        connection.execute("SELECT key, value FROM rows LIMIT 1").fetchone()
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection
