"""Keyed rows in a temporary file: what a verification must remember and memory must not hold."""

import sqlite3
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

KEYS_MAX: Final = 500
"""Keys asked for in one statement."""

CACHE_KIB: Final = 32_768
"""Memory for pages of the file, the same however long the log is."""
SMALL_KIB: Final = 4_096
"""The same for rows that are written once, in order, and seldom read."""


class Rows:
    """Rows by key; gone when closed."""

    def __init__(self, cache_kib: int = CACHE_KIB) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="hengwen-verify-")
        path = Path(self._folder.name) / "rows.sqlite"
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        # Nothing here outlives the process, so nothing need be safe on the disk.
        self._connection.execute("PRAGMA journal_mode=OFF")
        self._connection.execute("PRAGMA synchronous=OFF")
        self._connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        self._connection.execute(f"PRAGMA cache_size=-{cache_kib}")
        self._connection.execute("CREATE TABLE rows (key PRIMARY KEY, value BLOB) WITHOUT ROWID")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Delete the file."""
        self._connection.close()
        self._folder.cleanup()

    def load(self, keys: Sequence[str] | Sequence[int]) -> dict[str, bytes]:
        """The rows of some keys; those without a row are left out."""
        found: dict[str, bytes] = {}
        for start in range(0, len(keys), KEYS_MAX):
            some = list(keys[start : start + KEYS_MAX])
            marks = ",".join("?" * len(some))
            found.update(
                self._connection.execute(
                    f"SELECT key, value FROM rows WHERE key IN ({marks})", some
                )
            )
        return found

    def save(self, rows: Mapping[str, bytes] | Mapping[int, bytes]) -> None:
        """Write rows over those before."""
        self._connection.execute("BEGIN")
        self._connection.executemany("INSERT OR REPLACE INTO rows VALUES (?,?)", rows.items())
        self._connection.execute("COMMIT")
