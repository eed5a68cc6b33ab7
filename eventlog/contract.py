"""
The contract of a log, kept by the Kafka log and by the embedded log alike.

A log named ``<name>`` holds submissions, ordered once and for ever, and events: event *n* is the
verdict on submission *n*. Submissions are written by many, events by one writer at a time.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from eventsourcing.persistence import ApplicationRecorder

from domain.units import Micros
from eventlog.headers import Headers

PROOF_HEADER = "hengwen-proof"
TRACE_HEADER = "traceparent"
REDACTED_HEADER = "hengwen-redacted"
"""In a copy, on a record without value: SHA-256 of the value that was left out."""


class Outgoing(NamedTuple):
    """A submission to be appended."""

    key: str
    """Organisation code; ignored when deciding."""
    value: bytes
    proof: bytes | None
    traceparent: str | None = None


class Receipt(NamedTuple):
    """Where a submission was appended: the offset on Kafka, the ordinal on the embedded log."""

    offset: int


class OrderedSubmission(NamedTuple):
    """A submission as ordered: the n-th data record of the submissions topic."""

    ordinal: int
    """1, 2, 3 … dense, whatever the offsets."""
    offset: int
    key: bytes | None
    value: bytes | None
    """None for a tombstone, which is refused like any other poison."""
    proof: bytes | None
    """Value of the first header hengwen-proof; None if absent."""
    proofs: int
    """How many headers hengwen-proof there were: more than one is refused."""
    appended_at: Micros
    """Append time, whole milliseconds."""
    headers: Headers = ()
    """All headers, in order; for copying and showing, never for deciding."""


class StoredRecord(NamedTuple):
    """An event as stored."""

    position: int
    offset: int
    stream: str
    version: int
    topic: str
    value: bytes
    appended_at: Micros
    submission_offset: int | None = None
    """Offset of the submission this is the verdict on, if the writer gave it: a hint."""


class StoredCheckpoint(NamedTuple):
    """A signed checkpoint as published; whether its signature holds is not the log's business."""

    number: int
    """Numbers increase, but need not be dense."""
    note: bytes
    headers: Headers
    appended_at: Micros


class LogDamaged(Exception):
    """The log is not what it was: shorter than, or other than, what was seen before."""


class Fenced(Exception):
    """Another writer has taken over; this process must stop (exit code 3)."""


class Abortable(Exception):
    """The batch was not written: drop what is in memory, open again, go on."""


class LogUnavailable(Exception):
    """The log cannot be reached, or an answer did not come; whether it was written is not known."""


class LoginRefused(LogUnavailable):
    """Kafka does not let us in, or is not the one that we trust; the text says why."""


class UnsafeSettings(Exception):
    """The broker or a topic is configured so that history could be lost; *names* says how."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__("; ".join(names))
        self.names = tuple(names)


Meanwhile = Callable[[], object]
"""Something short to be done again and again while something else is waited for."""

EventsWriter = ApplicationRecorder
"""
The one writer of events: a certified recorder of the ``eventsourcing`` library.

``insert_events(stored_events, submission_offsets=[...])`` writes one batch in one transaction and
returns its positions. Raises IntegrityError (a version is taken), Fenced, Abortable.
"""


class Log(Protocol):
    """
    One log. Opening it starts nothing; each reader or writer is opened on its own.

    Readers block at most *timeout_s* and may return nothing: nothing came in time, which is no end.
    Whoever knows that there is something waits for it by eventlog.reading. *after* is the last
    position or ordinal already seen.
    """

    name: str

    def append(self, batch: Sequence[Outgoing]) -> list[Receipt]:
        """Append submissions, in order, and wait until they are safe (acks=all)."""
        ...

    def read_submissions(
        self, *, after: int, limit: int, timeout_s: float, hint: int | None = None
    ) -> list[OrderedSubmission]:
        """
        Submissions behind ordinal *after*.

        *hint* is the offset of the submission *after* if known, else it is counted.
        """
        ...

    def read_events(self, *, after: int, limit: int, timeout_s: float) -> list[StoredRecord]:
        """Committed events behind position *after*."""
        ...

    def last_position(self) -> int:
        """Position of the last committed event; 0 if there is none."""
        ...

    def last_ordinal(self) -> int:
        """Ordinal of the last submission; 0 if there is none."""
        ...

    def append_checkpoint(self, note: bytes, headers: Headers = ()) -> int:
        """Publish a signed checkpoint, wait until it is safe (acks=all); its number."""
        ...

    def read_checkpoints(self, *, after: int, limit: int) -> list[StoredCheckpoint]:
        """Checkpoints behind number *after* (0: from the first) as there are now; never waits."""
        ...

    def last_checkpoint(self) -> int:
        """Number of the last checkpoint; 0 if there is none."""
        ...

    def lease(self, meanwhile: Meanwhile | None = None) -> AbstractContextManager["Lease"]:
        """
        Wait to be the one active writer; leaving the context gives the lease back.

        *meanwhile* is called while it is waited; what it raises ends the waiting.
        """
        ...

    def writer(self) -> AbstractContextManager[EventsWriter]:
        """Fence earlier writers and open the certified recorder for writing."""
        ...

    def follower(self) -> AbstractContextManager[ApplicationRecorder]:
        """
        Open the certified recorder for reading: it follows what is committed.

        It keeps the local index that the writer will want, where there is one.
        """
        ...

    def close(self) -> None:
        """Close all clients."""
        ...


class Lease(Protocol):
    """Being the active writer."""

    @property
    def held(self) -> bool:
        """False as soon as the lease is lost."""
        ...
