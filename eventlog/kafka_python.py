"""kafka-python behind the client port: the default client."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import (
    KafkaError,
    OffsetOutOfRangeError,
)

from eventlog.contract import Abortable, Fenced, LogDamaged, LogUnavailable
from eventlog.foreign_headers import read_foreign_headers
from eventlog.port import Bounds, ClientSettings, KafkaRecord, OutgoingRecord, Written
from eventlog.python_membership import CLOSE_TIMEOUT_S, PythonMembership, unavailable

PARTITION: Final = 0
FETCH_WAIT_MS: Final = 100
"""Longest wait of a fetch at the broker; a new request waits behind it."""
FETCH_BYTES_MAX: Final = 4 * 1024 * 1024
RETRY_BACKOFF_MS: Final = 2
"""The default of 100 costs 100 ms in each transaction."""
PRODUCER_BATCH_BYTES: Final = 256 * 1024
REQUEST_BYTES_MAX: Final = 1024 * 1024
TRANSACTION_TIMEOUT_MS: Final = 10_000
"""A hung transaction hides later records for so long."""
DELIVERY_TIMEOUT_MS: Final = 30_000
REQUEST_TIMEOUT_MS: Final = 20_000
FENCED: Final = ("ProducerFencedError", "InvalidProducerEpochError")


class PythonReader:
    """Reads one topic, see port.Reader."""

    def __init__(self, connection: Mapping[str, Any], topic: str, *, committed: bool) -> None:
        read_foreign_headers()
        self._partition = TopicPartition(topic, PARTITION)
        self._consumer = KafkaConsumer(
            **connection,
            isolation_level="read_committed" if committed else "read_uncommitted",
            # A record that is gone is damage, never a reason to jump.
            auto_offset_reset="none",
            enable_auto_commit=False,
            fetch_max_wait_ms=FETCH_WAIT_MS,
            max_partition_fetch_bytes=FETCH_BYTES_MAX,
            allow_auto_create_topics=False,
            request_timeout_ms=REQUEST_TIMEOUT_MS,
        )
        self._consumer.assign([self._partition])
        self._consumer.seek(self._partition, 0)

    def seek(self, offset: int) -> None:
        """Go to *offset*."""
        self._consumer.seek(self._partition, offset)

    def poll(self, *, limit: int, timeout_s: float) -> list[KafkaRecord]:
        """Records from here on."""
        try:
            found = self._consumer.poll(timeout_ms=int(timeout_s * 1000), max_records=limit)
        except OffsetOutOfRangeError as error:
            raise LogDamaged(f"{self._partition.topic} is not as long as it was") from error
        except KafkaError as error:
            raise LogUnavailable(str(error)) from error
        return [
            KafkaRecord(
                record.offset,
                record.timestamp,
                record.key,
                record.value,
                tuple((key, value or b"") for key, value in record.headers or ()),
            )
            for record in found.get(self._partition, ())
        ]

    def next_offset(self) -> int:
        """Offset behind all that was read or passed over."""
        with unavailable():
            offset: int = self._consumer.position(self._partition)
        return offset

    def bounds(self) -> Bounds:
        """Offsets at this moment."""
        with unavailable():
            begin = self._consumer.beginning_offsets([self._partition])[self._partition]
            end = self._consumer.end_offsets([self._partition])[self._partition]
        return Bounds(begin, end)

    def rest(self) -> None:
        """Do nothing: this client fetches only while it is polled."""

    def close(self) -> None:
        """Disconnect."""
        self._consumer.close(autocommit=False)


def _send(producer: KafkaProducer, records: Sequence[OutgoingRecord]) -> list[Any]:
    return [
        producer.send(
            record.topic,
            value=record.value,
            # This client sends no record without key and value; the key is never looked at.
            key=b"" if record.value is None and record.key is None else record.key,
            headers=list(record.headers),
            partition=PARTITION,
            timestamp_ms=record.time_ms,
        )
        for record in records
    ]


def _written(futures: Sequence[Any]) -> list[Written]:
    results = [future.get(timeout=DELIVERY_TIMEOUT_MS / 1000) for future in futures]
    return [Written(result.offset, result.timestamp) for result in results]


class PythonProducer:
    """Writes outside of transactions, see port.Producer."""

    def __init__(self, connection: Mapping[str, Any]) -> None:
        self._producer = _producer(connection)

    def send(self, records: Sequence[OutgoingRecord]) -> list[Written]:
        """Write in order and wait until all are safe."""
        with unavailable():
            return _written(_send(self._producer, records))

    def close(self) -> None:
        """Disconnect."""
        self._producer.close(timeout=CLOSE_TIMEOUT_S)


class PythonTransactions:
    """The producer of one transactional id, see port.Transactions."""

    def __init__(self, connection: Mapping[str, Any], transactional_id: str) -> None:
        self._id = transactional_id
        self._producer = _producer(
            connection,
            transactional_id=transactional_id,
            transaction_timeout_ms=TRANSACTION_TIMEOUT_MS,
        )
        with unavailable():
            self._producer.init_transactions()

    def commit(self, records: Sequence[OutgoingRecord]) -> list[Written]:
        """Write all in one transaction, or nothing."""
        try:
            self._producer.begin_transaction()
            written = _written(_send(self._producer, records))
        except KafkaError as error:
            self._raise_if_fenced(error)
            self._abort(error)
            raise Abortable(str(error)) from error
        try:
            self._producer.commit_transaction()
        except KafkaError as error:
            self._raise_if_fenced(error)
            # All records are at the broker; only whether they count is open.
            raise LogUnavailable(f"whether it was committed is not known: {error}") from error
        return written

    def _raise_if_fenced(self, error: KafkaError) -> None:
        # Later calls give the first error as a text only.
        if any(name in repr(error) for name in FENCED):
            raise Fenced(f"another {self._id} has taken over") from error

    def _abort(self, cause: KafkaError) -> None:
        try:
            self._producer.abort_transaction()
        except KafkaError as error:
            self._raise_if_fenced(error)
            raise LogUnavailable(f"{cause}; and it could not be aborted: {error}") from error

    def close(self) -> None:
        """Disconnect."""
        self._producer.close(timeout=CLOSE_TIMEOUT_S)


def _producer(connection: Mapping[str, Any], **more: Any) -> KafkaProducer:
    with unavailable():
        return KafkaProducer(
            **connection,
            **more,
            acks="all",
            linger_ms=0,
            batch_size=PRODUCER_BATCH_BYTES,
            max_request_size=REQUEST_BYTES_MAX,
            allow_auto_create_topics=False,
            delivery_timeout_ms=DELIVERY_TIMEOUT_MS,
            request_timeout_ms=REQUEST_TIMEOUT_MS,
        )


class PythonClient:
    """Opens connections with kafka-python, see port.KafkaClient."""

    def __init__(self, bootstrap: str, settings: ClientSettings | None = None) -> None:
        self.bootstrap = bootstrap
        self.settings = dict(settings or {})

    @property
    def connection(self) -> dict[str, Any]:
        """What every client of the library is opened with."""
        return {
            "bootstrap_servers": self.bootstrap.split(","),
            "metrics_enabled": False,
            "retry_backoff_ms": RETRY_BACKOFF_MS,
            **self.settings,
        }

    def reader(self, topic: str, *, committed: bool) -> PythonReader:
        """Open a reader at the beginning of *topic*."""
        with unavailable():
            return PythonReader(self.connection, topic, committed=committed)

    def producer(self) -> PythonProducer:
        """Open a producer."""
        return PythonProducer(self.connection)

    def transactions(self, transactional_id: str) -> PythonTransactions:
        """Open the producer of *transactional_id*."""
        return PythonTransactions(self.connection, transactional_id)

    def membership(self, group: str, topic: str, *, session_s: float) -> PythonMembership:
        """Join *group*."""
        with unavailable():
            return PythonMembership(self.connection, group, topic, session_s=session_s)
