"""What evidence needs of a log: reading events and checkpoints, never writing."""

from typing import Protocol

from eventlog.contract import StoredCheckpoint
from eventlog.reading import EventsLog


class LogReader(EventsLog, Protocol):
    """Events and published checkpoints; see eventlog.contract.Log."""

    def read_checkpoints(self, *, after: int, limit: int) -> list[StoredCheckpoint]:
        """Checkpoints behind number *after*."""
        ...

    def last_checkpoint(self) -> int:
        """Number of the last checkpoint; 0 if there is none."""
        ...
