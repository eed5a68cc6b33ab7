"""The checkpoints topic: signed notes, one a record; the number of one is its offset + 1."""

from domain.units import Micros
from eventlog.contract import LogDamaged, StoredCheckpoint
from eventlog.events_topic import MILLI, poll_to
from eventlog.port import KafkaRecord, Reader


class CheckpointsReader:
    """Reads checkpoints behind a number."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def read(self, *, after: int, limit: int) -> list[StoredCheckpoint]:
        """
        Checkpoints that are there now.

        Raises:
            LogDamaged: the beginning of the topic is gone.
        """
        begin, end = self._reader.bounds()
        if begin:
            raise LogDamaged("the checkpoints topic has lost its beginning")
        self._reader.seek(after)
        found: list[StoredCheckpoint] = []
        while len(found) < limit and after + len(found) < end:
            records = poll_to(self._reader, end, limit=limit - len(found))
            if not records:
                break
            found += map(_stored, records)
        return found

    def last(self) -> int:
        """Number of the last checkpoint; 0 if there is none."""
        return self._reader.bounds().end

    def close(self) -> None:
        """Disconnect."""
        self._reader.close()


def _stored(record: KafkaRecord) -> StoredCheckpoint:
    return StoredCheckpoint(
        record.offset + 1, record.value or b"", record.headers, Micros(record.time_ms * MILLI)
    )
