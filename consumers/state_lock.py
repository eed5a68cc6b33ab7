"""Which process of a machine works with a local state: a lock on a file beside it."""

import fcntl
from pathlib import Path
from typing import IO


class StateLock:
    """
    Held by the one admission that decides as long as it does, by one that waits while it follows.

    It keeps two processes of one machine from fencing one another; what keeps the state right, if
    one of them was frozen, is the epoch in the store. It is freed when the process ends.
    """

    def __init__(self, state: Path) -> None:
        self._path = state.with_name(f"{state.name}.lock")
        self._file: IO[str] | None = None

    def take(self) -> bool:
        """Take it if nobody else has it; whether it is held. Never waits."""
        if self._file is not None:
            return True
        file = self._path.open("a", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        return True

    def release(self) -> None:
        """Let others have it."""
        if self._file is not None:
            self._file.close()
            self._file = None
