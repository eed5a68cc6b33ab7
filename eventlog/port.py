"""
The client port: the little that is needed of a Kafka client.

Each topic has one partition, so a record is named by its offset. Two clients are behind it:
kafka_python.py, the default, and librdkafka.py, an optional extra.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from eventlog.headers import Headers

ClientSettings = Mapping[str, str]
"""
Settings passed through to the client: security above all.

Names are those of kafka-python (``security_protocol``, ``sasl_mechanism``, ``ssl_cafile`` …);
librdkafka.py translates them.
"""


class KafkaRecord(NamedTuple):
    """A data record as read."""

    offset: int
    time_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers


class OutgoingRecord(NamedTuple):
    """A record to be written."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    time_ms: int | None = None
    """Only for a topic with CreateTime."""


class Written(NamedTuple):
    """Where a record was written, and when as the broker says."""

    offset: int
    time_ms: int


class Bounds(NamedTuple):
    """Offsets of a topic: of the first record, and behind the last one that may be read."""

    begin: int
    end: int


class Reader(Protocol):
    """Reads one topic, either all data records or committed ones only. Not for two threads."""

    def seek(self, offset: int) -> None:
        """Go to *offset*; the next record is the first data record there or behind it."""
        ...

    def poll(self, *, limit: int, timeout_s: float) -> list[KafkaRecord]:
        """Records from here on, as soon as there is one; none after the timeout."""
        ...

    def next_offset(self) -> int:
        """Offset behind all that was read or passed over."""
        ...

    def bounds(self) -> Bounds:
        """Offsets at this moment."""
        ...

    def rest(self) -> None:
        """Fetch nothing until the next seek: questions would wait behind it."""
        ...

    def close(self) -> None:
        """Disconnect."""
        ...


class Producer(Protocol):
    """Writes records outside of transactions, acks=all. For any number of threads."""

    def send(self, records: Sequence[OutgoingRecord]) -> list[Written]:
        """Write in order and wait until all are safe."""
        ...

    def close(self) -> None:
        """Disconnect."""
        ...


class Transactions(Protocol):
    """The producer of one transactional id; opening it fences the earlier one."""

    def commit(self, records: Sequence[OutgoingRecord]) -> list[Written]:
        """
        Write all in one transaction, or nothing.

        Raises:
            Abortable: nothing was written; the next call may succeed.
            Fenced: a later one has been opened.
            LogUnavailable: it is not known whether it was written.
        """
        ...

    def close(self) -> None:
        """Disconnect; an open transaction is aborted."""
        ...


class Membership(Protocol):
    """Membership in a group, of which one member at a time holds the partition."""

    def poll(self, timeout_s: float) -> bool:
        """Take part in the group; whether this member holds the partition now."""
        ...

    def close(self) -> None:
        """Leave the group."""
        ...


class KafkaClient(Protocol):
    """
    Opens connections to one cluster.

    Anything may raise LogUnavailable.
    """

    bootstrap: str

    @property
    def settings(self) -> ClientSettings:
        """Settings passed through, by the names of kafka-python."""
        ...

    def reader(self, topic: str, *, committed: bool) -> Reader:
        """Open a reader at the beginning of *topic*."""
        ...

    def producer(self) -> Producer:
        """Open a producer."""
        ...

    def transactions(self, transactional_id: str) -> Transactions:
        """Open the producer of *transactional_id*: earlier ones are fenced from here on."""
        ...

    def membership(self, group: str, topic: str, *, session_s: float) -> Membership:
        """Join *group* for the partition of *topic*, of which nothing is read."""
        ...
