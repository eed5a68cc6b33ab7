"""What evidence needs of a log: reading events and checkpoints, never writing."""

from collections.abc import Iterator
from typing import Final, Protocol

from eventlog.contract import LogDamaged, LogUnavailable, StoredCheckpoint, StoredRecord

READ_LIMIT: Final = 2_560
"""Events read at a time: ten tiles."""
READ_TIMEOUT_S: Final = 60.0


class EventsReader(Protocol):
    """The part of a log that holds events; see eventlog.contract.Log."""

    def read_events(self, *, after: int, limit: int, timeout_s: float) -> list[StoredRecord]:
        """Committed events behind position *after*."""
        ...

    def last_position(self) -> int:
        """Position of the last committed event."""
        ...


class LogReader(EventsReader, Protocol):
    """Events and published checkpoints; see eventlog.contract.Log."""

    def read_checkpoints(self, *, after: int, limit: int) -> list[StoredCheckpoint]:
        """Checkpoints behind number *after*."""
        ...

    def last_checkpoint(self) -> int:
        """Number of the last checkpoint; 0 if there is none."""
        ...


def batches(log: EventsReader, *, after: int, until: int) -> Iterator[list[StoredRecord]]:
    """
    The events behind *after* up to position *until*, in batches.

    Raises:
        LogDamaged: positions are not dense.
        LogUnavailable: the log does not answer.
    """
    while after < until:
        limit = min(READ_LIMIT, until - after)
        records = log.read_events(after=after, limit=limit, timeout_s=READ_TIMEOUT_S)
        if not records:
            raise LogUnavailable("the log does not answer")
        check_dense(records, after)
        yield records
        after = records[-1].position


def check_dense(records: list[StoredRecord], after: int) -> None:
    """
    Refuse events that do not follow one upon the other behind *after*.

    Raises:
        LogDamaged: they do not.
    """
    positions = [record.position for record in records]
    if positions != list(range(after + 1, after + len(records) + 1)):
        raise LogDamaged(f"positions behind {after} are not dense")
