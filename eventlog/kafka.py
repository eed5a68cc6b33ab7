"""The Kafka log: submissions and events in two topics, read from anywhere, written by one."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import cached_property
from pathlib import Path

from eventlog.checkpoints_topic import CheckpointsReader
from eventlog.contract import (
    Lease,
    Meanwhile,
    OrderedSubmission,
    Outgoing,
    Receipt,
    StoredCheckpoint,
    StoredRecord,
)
from eventlog.events_topic import EventsReader
from eventlog.headers import Headers
from eventlog.kafka_factory import Factory
from eventlog.kafka_journal import JournalTopics
from eventlog.kafka_recording import open_journal
from eventlog.lease import SESSION_S, GroupLease
from eventlog.port import KafkaClient, OutgoingRecord, Producer
from eventlog.recorders import LogRecorder
from eventlog.submissions_topic import BEFORE_FIRST, Known, SubmissionsReader, headers_of
from eventlog.topics import ADMISSION, CHECKPOINTS, EVENTS, LEASE, SUBMISSIONS, TRACKING

__all__ = ["Factory", "KafkaLog"]


class KafkaLog:
    """
    The log *name* on the cluster of *client*.

    *index* is where the writer keeps its local index, a cache; without it, the index lives as
    long as the writer. Anything may raise LogUnavailable.
    """

    def __init__(self, client: KafkaClient, name: str, *, index: Path | None = None) -> None:
        self.name = name
        self.client = client
        self._index = index
        # One each, so that who waits for records makes nobody else wait.
        self._appending = threading.Lock()
        self._following_submissions = threading.Lock()
        self._following_events = threading.Lock()
        self._counting = threading.Lock()
        self._looking_up = threading.Lock()
        self._checking = threading.Lock()
        self._open = ExitStack()

    def topic(self, kind: str) -> str:
        """Full name of one of the log's topics."""
        return f"{self.name}.{kind}"

    @cached_property
    def _producer(self) -> Producer:
        return self._open.enter_context(closing(self.client.producer()))

    def _submissions_reader(self) -> SubmissionsReader:
        reader = self.client.reader(self.topic(SUBMISSIONS), committed=False)
        return self._open.enter_context(closing(SubmissionsReader(reader, self._known)))

    def _events_reader(self) -> EventsReader:
        reader = self.client.reader(self.topic(EVENTS), committed=True)
        return self._open.enter_context(closing(EventsReader(reader)))

    @cached_property
    def _submissions(self) -> SubmissionsReader:
        return self._submissions_reader()

    @cached_property
    def _counted(self) -> SubmissionsReader:
        # Apart, so that counting does not move the one that follows.
        return self._submissions_reader()

    @cached_property
    def _events(self) -> EventsReader:
        return self._events_reader()

    @cached_property
    def _looked_up(self) -> EventsReader:
        return self._events_reader()

    @cached_property
    def _checkpoints(self) -> CheckpointsReader:
        reader = self.client.reader(self.topic(CHECKPOINTS), committed=False)
        return self._open.enter_context(closing(CheckpointsReader(reader)))

    def _known(self, ordinal: int) -> Known:
        """Place at or before *ordinal*, from the hints in the events."""
        with self._looking_up:
            last = self._looked_up.last()
            if last is None or not ordinal:
                return BEFORE_FIRST
            event = last if ordinal >= last.position else self._looked_up.at(ordinal)
        if event.submission_offset is None:
            return BEFORE_FIRST
        return Known(event.position, event.submission_offset)

    def append(self, batch: Sequence[Outgoing]) -> list[Receipt]:
        """Append submissions, in order, and wait until they are safe (acks=all)."""
        topic = self.topic(SUBMISSIONS)
        records = [
            OutgoingRecord(topic, out.key.encode(), out.value, headers_of(out)) for out in batch
        ]
        with self._appending:
            producer = self._producer
        return [Receipt(written.offset) for written in producer.send(records)]

    def read_submissions(
        self, *, after: int, limit: int, timeout_s: float, hint: int | None = None
    ) -> list[OrderedSubmission]:
        """Submissions behind ordinal *after*."""
        with self._following_submissions:
            return self._submissions.read(after=after, limit=limit, timeout_s=timeout_s, hint=hint)

    def read_events(self, *, after: int, limit: int, timeout_s: float) -> list[StoredRecord]:
        """Committed events behind position *after*."""
        with self._following_events:
            return self._events.read(after=after, limit=limit, timeout_s=timeout_s)

    def last_position(self) -> int:
        """Position of the last committed event; 0 if there is none."""
        with self._looking_up:
            last = self._looked_up.last()
        return last.position if last is not None else 0

    def last_ordinal(self) -> int:
        """Ordinal of the last submission; 0 if there is none."""
        with self._counting:
            return self._counted.last_ordinal()

    def append_checkpoint(self, note: bytes, headers: Headers = ()) -> int:
        """Publish a checkpoint, and wait until it is safe (acks=all)."""
        with self._appending:
            producer = self._producer
        record = OutgoingRecord(self.topic(CHECKPOINTS), None, note, headers)
        (written,) = producer.send([record])
        return written.offset + 1

    def read_checkpoints(self, *, after: int, limit: int) -> list[StoredCheckpoint]:
        """Checkpoints behind number *after*."""
        with self._checking:
            return self._checkpoints.read(after=after, limit=limit)

    def last_checkpoint(self) -> int:
        """Number of the last checkpoint; 0 if there is none."""
        with self._checking:
            return self._checkpoints.last()

    @contextmanager
    def lease(self, meanwhile: Meanwhile | None = None) -> Iterator[Lease]:
        """Wait to be the one active writer; leaving the context gives the lease back."""
        lease = GroupLease(
            self.client.membership(self.topic(LEASE), self.topic(EVENTS), session_s=SESSION_S)
        )
        try:
            lease.acquire(meanwhile)
            yield lease
        finally:
            lease.release()

    @contextmanager
    def writer(self) -> Iterator[LogRecorder]:
        """Fence earlier writers and open the certified recorder for writing."""
        journal = open_journal(
            self.client, self._topics, transactional_id=self.topic(ADMISSION), index=self._index
        )
        with closing(journal):
            yield LogRecorder(journal)

    @contextmanager
    def follower(self) -> Iterator[LogRecorder]:
        """Open the recorder for reading; it follows the topics into the writer's index, if any."""
        journal = open_journal(self.client, self._topics, transactional_id=None, index=self._index)
        with closing(journal):
            yield LogRecorder(journal)

    @property
    def _topics(self) -> JournalTopics:
        return JournalTopics(self.topic(EVENTS), self.topic(TRACKING))

    def close(self) -> None:
        """Close all clients."""
        self._open.close()
