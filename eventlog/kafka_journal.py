"""
Writing into Kafka, with a local index that follows.

Kafka is the record; the index (tables.py) only makes it quick to ask for one stream, and is the
same format as the embedded log. A version is checked by inserting into the index in an open
transaction; then Kafka commits; then the index commits. If the program dies between the two, the
index is behind and catches up from the topic when it is opened.
"""

import itertools
import sqlite3
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cached_property
from typing import Final, NamedTuple

from eventsourcing.persistence import IntegrityError, ProgrammingError, Tracking

from eventlog.contract import Abortable, Fenced, LogDamaged, LogUnavailable, StoredRecord
from eventlog.events_topic import SLICE_S, EventsReader, outgoing, poll_to
from eventlog.journals import (
    Batch,
    insert_rows,
    insert_tracking,
    last_position,
    library_errors,
    rows_of,
)
from eventlog.port import KafkaClient, OutgoingRecord, Reader, Transactions, Written
from eventlog.tables import Tables, identity_of, set_identity

CATCH_UP_LIMIT: Final = 1000
MILLI: Final = 1000
MARKERS: Final = 1
"""Offsets that a transaction takes beside those of its records."""
SILENCE_S_MAX: Final = 60.0
VISIBLE_S_MAX: Final = 5.0
VISIBLE_PAUSE_S: Final = 0.001
TRACKED_TO: Final = "tracking offset"


class JournalTopics(NamedTuple):
    """Topics a journal writes to."""

    events: str
    tracking: str


class KafkaJournal:
    """
    Events and tracking in Kafka; see Journal.

    *transactions* is None for reading: then every read first follows the topics to their ends.

    Raises:
        LogDamaged: the topic is shorter than the index, or differs from it.
    """

    def __init__(
        self,
        tables: Tables,
        topics: JournalTopics,
        client: KafkaClient,
        transactions: Transactions | None,
    ) -> None:
        self.tables = tables
        self.table = "events"
        self.topics = topics
        self.client = client
        self._transactions = transactions
        self._lock = threading.Lock()
        self.opened = ExitStack()
        self._events = EventsReader(client.reader(topics.events, committed=True))
        self.opened.callback(self._events.close)
        self._position = self._verified_position()
        self._next_offset = 0
        self._behind = self._tracking_behind = True
        self._ended: Fenced | LogUnavailable | None = None
        self.refresh()
        if transactions is not None:
            self.refresh_tracking()

    def _verified_position(self) -> int:
        with self.tables.reading() as connection:
            row = connection.execute(
                f"SELECT * FROM {self.table} ORDER BY position DESC LIMIT 1"
            ).fetchone()
        if row is None:
            return 0
        known = StoredRecord(*row)
        if self._events.at(known.position, hint=known.offset) != known:
            raise LogDamaged(f"position {known.position} of {self.topics.events} was changed")
        self._events.saw(known)
        return known.position

    def refresh(self) -> None:
        """Follow the events to their end; a writer knows what it wrote."""
        with self._lock:
            if self._behind or self._transactions is None:
                self._catch_up()

    def refresh_tracking(self) -> None:
        """Follow the tracking to its end; a writer knows what it wrote."""
        with self._lock:
            if self._tracking_behind or self._transactions is None:
                self._catch_up_tracking()

    @cached_property
    def _tracking(self) -> Reader:
        reader = self.client.reader(self.topics.tracking, committed=True)
        self.opened.callback(reader.close)
        return reader

    def _catch_up(self) -> None:
        end = self._events.end()
        silent_since = time.monotonic()
        self._events.go_behind(self._position)
        while not self._events.reached(end):
            events = self._events.read(
                after=self._position, limit=CATCH_UP_LIMIT, timeout_s=SLICE_S
            )
            if events:
                self._keep(events)
                silent_since = time.monotonic()
            elif time.monotonic() - silent_since > SILENCE_S_MAX:
                raise LogUnavailable(f"{self.topics.events} does not answer")
        if self._transactions is not None:
            self._events.rest()
        self._next_offset = end
        self._behind = False

    def _keep(self, events: Sequence[StoredRecord]) -> None:
        with self.tables.writing() as connection:
            # Another program may have written into the same index.
            last = last_position(connection, self.table)
            insert_rows(connection, self.table, [row for row in events if row.position > last])
        self._position = events[-1].position

    def _catch_up_tracking(self) -> None:
        end = self._tracking.bounds().end
        with self.tables.reading() as connection:
            start = int(identity_of(connection, TRACKED_TO) or 0)
        if start < end:
            self._read_tracking(start, end)
        self._tracking_behind = False

    def _read_tracking(self, start: int, end: int) -> None:
        self._tracking.seek(start)
        with self.tables.writing() as connection:
            while records := poll_to(self._tracking, end, limit=CATCH_UP_LIMIT):
                for record in records:
                    tracking = Tracking((record.key or b"").decode(), int(record.value or b"0"))
                    _advance(connection, tracking)
            set_identity(connection, TRACKED_TO, end)

    def wait(self, timeout_s: float) -> None:
        """Wait for a write of this process, or for the timeout."""
        with self.tables.written:
            self.tables.written.wait(timeout_s)

    def write(self, batch: Batch) -> list[int]:
        """Write all or nothing, see Journal.write."""
        with self._lock:
            if self._transactions is None:
                raise ProgrammingError("this recorder was opened for reading")
            if self._ended is not None:
                raise self._ended
            if self._behind:
                self._catch_up()
                self._catch_up_tracking()
            self._behind = self._tracking_behind = True
            try:
                rows = self._write(batch, self._transactions)
            except (IntegrityError, Abortable):
                self._behind = self._tracking_behind = False
                raise
            except (Fenced, LogUnavailable) as error:
                # Only a new writer can know what became of it.
                self._ended = error
                raise
            self._behind = False
        if rows:
            self._position = rows[-1].position
        return [row.position for row in rows]

    def _write(self, batch: Batch, transactions: Transactions) -> list[StoredRecord]:
        with library_errors(), self.tables.writing() as connection:
            last = last_position(connection, self.table)
            rows = rows_of(batch, after=last, offset=self._next_offset, appended_at=0)
            insert_rows(connection, self.table, rows)
            if batch.tracking is not None:
                insert_tracking(connection, batch.tracking)
            records = [outgoing(self.topics.events, row) for row in rows]
            if batch.tracking is not None:
                records.append(_tracking_record(self.topics.tracking, batch.tracking))
            written = transactions.commit(records)[: len(rows)]
            _correct(connection, self.table, rows, written)
        if written:
            self._next_offset = written[-1].offset + 1 + MARKERS
            self._events.saw(rows[-1]._replace(offset=written[-1].offset))
            self._wait_until_visible(written[-1].offset)
        return rows

    def _wait_until_visible(self, offset: int) -> None:
        # The broker writes a transaction's marker after it has answered; the next transaction
        # would wait for it anyway, and whoever is told of a position shall be able to read it.
        deadline = time.monotonic() + VISIBLE_S_MAX
        while self._events.end() <= offset and time.monotonic() < deadline:
            time.sleep(VISIBLE_PAUSE_S)

    def close(self) -> None:
        """Disconnect."""
        self.opened.close()


def _tracking_record(topic: str, tracking: Tracking) -> OutgoingRecord:
    value = b"%d" % tracking.notification_id
    return OutgoingRecord(topic, tracking.application_name.encode(), value, ())


def _advance(connection: sqlite3.Connection, tracking: Tracking) -> None:
    # What the topic says is what counts, also if the index knows it already.
    connection.execute(
        "INSERT INTO tracking VALUES (?,?) ON CONFLICT (application_name) DO UPDATE "
        "SET notification_id=max(tracking.notification_id, excluded.notification_id)",
        (tracking.application_name, tracking.notification_id),
    )


def _correct(
    connection: sqlite3.Connection,
    table: str,
    rows: Sequence[StoredRecord],
    written: Sequence[Written],
) -> None:
    """Put in offsets and times as the broker gave them: alike for long runs of rows."""
    pairs = zip(rows, written, strict=True)
    for (moved, time_ms), run in itertools.groupby(
        pairs, lambda pair: (pair[1].offset - pair[0].offset, pair[1].time_ms)
    ):
        positions = [row.position for row, _ in run]
        connection.execute(
            f"UPDATE {table} SET offset=offset+?, appended_at=? WHERE position BETWEEN ? AND ?",
            (moved, time_ms * MILLI, positions[0], positions[-1]),
        )
