"""
The events topic: committed events by position, read from anywhere without a local index.

Each event's position is in a header, and positions are dense though offsets are not (a
transaction takes one offset for its marker). So a position is found by bisecting offsets.
"""

import itertools
from collections.abc import Sequence
from typing import Final

from domain.units import Micros
from eventlog.contract import LogDamaged, LogUnavailable, StoredRecord
from eventlog.port import KafkaRecord, OutgoingRecord, Reader

POSITION: Final = "position"
TYPE: Final = "type"
STREAM: Final = "stream"
VERSION: Final = "version"
SUBMISSION_OFFSET: Final = "submission-offset"
MILLI: Final = 1000
SLICE_S: Final = 0.05
"""A poll waits so long at most, then it is looked whether the end is reached."""
HALVING: Final = 3
"""Every third guess of an offset halves what is left."""
UNKNOWN: Final = -1
"""Behind no position: the reader was moved for something else."""
STUCK_SLICES_MAX: Final = 1200
"""So many empty polls before the end: the broker does not answer."""


def outgoing(topic: str, event: StoredRecord) -> OutgoingRecord:
    """The record of an event: its key is its stream, its headers are an index for tools."""
    headers: list[tuple[str, bytes]] = [
        (POSITION, b"%d" % event.position),
        (TYPE, event.topic.encode()),
        (STREAM, event.stream.encode()),
        (VERSION, b"%d" % event.version),
    ]
    if event.submission_offset is not None:
        headers.append((SUBMISSION_OFFSET, b"%d" % event.submission_offset))
    return OutgoingRecord(topic, event.stream.encode(), event.value, tuple(headers))


def stored(record: KafkaRecord) -> StoredRecord:
    """
    The event in a record.

    Raises:
        LogDamaged: it was not written by this program.
    """
    found = dict(record.headers)
    try:
        offset = found.get(SUBMISSION_OFFSET)
        return StoredRecord(
            int(found[POSITION]),
            record.offset,
            found[STREAM].decode(),
            int(found[VERSION]),
            found[TYPE].decode(),
            record.value or b"",
            Micros(record.time_ms * MILLI),
            int(offset) if offset is not None else None,
        )
    except (KeyError, ValueError) as error:
        raise LogDamaged(f"the record at offset {record.offset} is no event") from error


class EventsReader:
    """
    Reads events behind a position; goes on where it was, else finds the position first.

    Raises:
        LogDamaged: positions are not dense, or the beginning is gone.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._after = 0
        self._seen: StoredRecord | None = None
        reader.seek(0)

    def read(self, *, after: int, limit: int, timeout_s: float) -> list[StoredRecord]:
        """Events behind position *after*, at least one unless the timeout passes."""
        if after != self._after:
            self.go_behind(after)
        records = self._reader.poll(limit=limit, timeout_s=timeout_s)
        events = [stored(record) for record in records]
        for event in events:
            if event.position != self._after + 1:
                raise LogDamaged(f"position {event.position} comes behind {self._after}")
            self._after += 1
        self._seen = events[-1] if events else self._seen
        return events

    def go_behind(self, position: int) -> None:
        """
        Go behind *position*, at once if it is the last that was seen.

        Raises:
            LogDamaged: there is no such position.
        """
        if position == self._after:
            return
        if self._seen is not None and self._seen.position == position:
            offset = self._seen.offset
        else:
            offset = self._find(position) if position else -1
        self._reader.seek(offset + 1)
        self._after = position

    def at(self, position: int, *, hint: int | None = None) -> StoredRecord:
        """
        Read one event; *hint* is its offset, if known.

        Raises:
            LogDamaged: there is no such position, or another event is at that offset.
        """
        offset = self._find(position) if hint is None else hint
        end = self._reader.bounds().end
        self._after = UNKNOWN
        found = self._first_at(offset, end)
        if found is None or found.position != position or found.offset != offset:
            raise LogDamaged(f"position {position} is not at offset {offset}")
        return found

    def _find(self, position: int) -> int:
        begin, end = self._reader.bounds()
        if begin:
            raise LogDamaged(f"the events topic begins at offset {begin}: its beginning is gone")
        last = self.last()
        if last is None or position > last.position:
            raise LogDamaged(f"there is no position {position}")
        if position == last.position:
            return last.offset
        return self._between(position, (0, -1), (last.position, last.offset), end)

    def _between(self, position: int, low: tuple[int, int], high: tuple[int, int], end: int) -> int:
        """Offset of *position*, which is between two places (position, offset)."""
        for step in itertools.count(1):
            (low_position, low_offset), (high_position, high_offset) = low, high
            if low_offset + 1 >= high_offset:
                break
            # Offsets grow evenly for the most part; where they do not, halving ends the search.
            share = (position - low_position) / (high_position - low_position)
            share = 1 / 2 if step % HALVING == 0 else share
            guess = low_offset + int((high_offset - low_offset) * share)
            guess = min(max(guess, low_offset + 1), high_offset - 1)
            found = self._first_at(guess, end)
            if found is None or found.position > position:
                high = (high_position if found is None else found.position, guess)
            elif found.position < position:
                low = (found.position, found.offset)
            else:
                return found.offset
        raise LogDamaged(f"there is no position {position}")

    def _first_at(self, offset: int, end: int) -> StoredRecord | None:
        self._reader.seek(offset)
        records = poll_to(self._reader, end, limit=1)
        return stored(records[0]) if records else None

    def last(self) -> StoredRecord | None:
        """Read the last committed event; None if there is none."""
        _, end = self._reader.bounds()
        step = 4
        start = end
        while start > 0:
            start = max(0, end - step)
            self._reader.seek(start)
            self._after = UNKNOWN
            found = self._last_before(end)
            if found is not None:
                self._reader.rest()
                return found
            step *= 4
        return None

    def _last_before(self, end: int) -> StoredRecord | None:
        last: KafkaRecord | None = None
        while self._reader.next_offset() < end:
            records = poll_to(self._reader, end, limit=1000)
            if not records:
                break
            last = records[-1]
        return stored(last) if last is not None else None

    def rest(self) -> None:
        """Fetch nothing until the next read."""
        self._after = UNKNOWN
        self._reader.rest()

    def saw(self, event: StoredRecord) -> None:
        """Remember where an event is, for going behind it."""
        self._seen = event

    def end(self) -> int:
        """Offset behind the last committed event at this moment."""
        return self._reader.bounds().end

    def reached(self, end: int) -> bool:
        """Whether all before *end* was read."""
        return self._reader.next_offset() >= end

    def close(self) -> None:
        """Disconnect."""
        self._reader.close()


def poll_to(reader: Reader, end: int, *, limit: int) -> Sequence[KafkaRecord]:
    """
    Next records before *end*; none only when *end* is reached.

    Raises:
        LogUnavailable: they do not come.
    """
    for _ in range(STUCK_SLICES_MAX):
        if reader.next_offset() >= end:
            return []
        records = reader.poll(limit=limit, timeout_s=SLICE_S)
        if records:
            return [record for record in records if record.offset < end]
    raise LogUnavailable(f"the records before offset {end} do not come")
