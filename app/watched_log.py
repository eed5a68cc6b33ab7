"""A log whose reading can be watched: long folds say how far they are, whoever does them."""

from collections.abc import Callable

from eventlog.contract import Log, StoredRecord


class WatchedLog:
    """The events of a log; how many are read is told each time."""

    def __init__(self, log: Log, advance: Callable[[int], None]) -> None:
        self._log = log
        self._advance = advance

    def read_events(self, *, after: int, limit: int, timeout_s: float) -> list[StoredRecord]:
        """As the log does."""
        records = self._log.read_events(after=after, limit=limit, timeout_s=timeout_s)
        self._advance(len(records))
        return records

    def last_position(self) -> int:
        """As the log does."""
        return self._log.last_position()
