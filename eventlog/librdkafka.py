"""
librdkafka behind the client port: an optional extra (``hengwen[fast]``), several times faster.

Unlike kafka-python it gives errors in callbacks and in messages, so each call collects them.
"""

# ruff: noqa: SLF001 -- the names of local errors are public, with a leading underscore

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka import Producer as Librdkafka

from eventlog.contract import Abortable, Fenced, LogUnavailable
from eventlog.librdkafka_reader import PARTITION, QUERY_TIMEOUT_S, RdReader
from eventlog.port import ClientSettings, OutgoingRecord, Written

TRANSACTION_TIMEOUT_MS: Final = 10_000
DELIVERY_TIMEOUT_MS: Final = 30_000
DELIVERY_TIMEOUT_S: Final = DELIVERY_TIMEOUT_MS / 1000 + 5
REQUEST_BYTES_MAX: Final = 1024 * 1024
QUEUE_MESSAGES_MAX: Final = 100_000
CLOSE_TIMEOUT_S: Final = 5.0
FLUSH_SLICE_S: Final = 0.5

_NAMES: Final = {
    "ssl_cafile": "ssl.ca.location",
    "ssl_certfile": "ssl.certificate.location",
    "ssl_keyfile": "ssl.key.location",
    "ssl_password": "ssl.key.password",
    "ssl_crlfile": "ssl.crl.location",
    "ssl_ciphers": "ssl.cipher.suites",
    "sasl_plain_username": "sasl.username",
    "sasl_plain_password": "sasl.password",
    "sasl_kerberos_service_name": "sasl.kerberos.service.name",
}
"""Settings whose names differ by more than dots."""
_FENCED: Final = frozenset(
    {KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH}
)


def translated(settings: ClientSettings) -> dict[str, str]:
    """
    Settings by the names of librdkafka.

    >>> translated({"security_protocol": "SASL_SSL", "ssl_cafile": "ca.pem"})
    {'security.protocol': 'SASL_SSL', 'ssl.ca.location': 'ca.pem'}
    """
    return {_NAMES.get(key, key.replace("_", ".")): value for key, value in settings.items()}


class _Deliveries:
    """Collects where the records of one call were written."""

    def __init__(self, expected: int) -> None:
        self.written: list[Written | None] = [None] * expected
        self.error: KafkaError | None = None
        self.left = expected

    def of(self, index: int) -> Callable[[KafkaError | None, Any], None]:
        """Give the callback for record *index*."""

        def delivered(error: KafkaError | None, message: Any) -> None:
            self.left -= 1
            if error is not None:
                self.error = self.error or error
            else:
                self.written[index] = Written(message.offset(), message.timestamp()[1])

        return delivered


def _send(producer: Any, records: Sequence[OutgoingRecord]) -> list[Written]:
    deliveries = _Deliveries(len(records))
    for index, record in enumerate(records):
        more = {} if record.time_ms is None else {"timestamp": record.time_ms}
        producer.produce(
            record.topic,
            value=record.value,
            key=record.key,
            headers=list(record.headers),
            partition=PARTITION,
            on_delivery=deliveries.of(index),
            **more,
        )
    deadline = time.monotonic() + DELIVERY_TIMEOUT_S
    while deliveries.left and time.monotonic() < deadline:
        producer.flush(FLUSH_SLICE_S)
    if deliveries.error is not None:
        raise KafkaException(deliveries.error)
    written = [place for place in deliveries.written if place is not None]
    if len(written) < len(records):
        raise LogUnavailable("the broker did not answer")
    return written


def _flush_at_end(producer: Librdkafka) -> None:
    """Let it finish. If it has failed for good, the call that met it has said so, and this is no news."""
    with suppress(KafkaException, SystemError):
        producer.flush(CLOSE_TIMEOUT_S)


class RdProducer:
    """Writes outside of transactions, see port.Producer."""

    def __init__(self, connection: Mapping[str, Any]) -> None:
        self._producer = Librdkafka({**connection, **_PRODUCING})
        self._lock = threading.Lock()

    def send(self, records: Sequence[OutgoingRecord]) -> list[Written]:
        """Write in order and wait until all are safe."""
        with self._lock:
            try:
                return _send(self._producer, records)
            except (KafkaException, BufferError, SystemError) as error:
                raise LogUnavailable(str(error)) from error

    def close(self) -> None:
        """Disconnect."""
        _flush_at_end(self._producer)


def _heard(error: KafkaError) -> None:
    """Hear of an error: the call that meets it raises it; unheard, flush() fails without one."""
    del error


_PRODUCING: Final = {
    "error_cb": _heard,
    "acks": "all",
    "enable.idempotence": True,
    "linger.ms": 1,
    "queue.buffering.max.messages": QUEUE_MESSAGES_MAX,
    "message.max.bytes": REQUEST_BYTES_MAX,
    "delivery.timeout.ms": DELIVERY_TIMEOUT_MS,
}


class RdTransactions:
    """The producer of one transactional id, see port.Transactions."""

    def __init__(self, connection: Mapping[str, Any], transactional_id: str) -> None:
        self._id = transactional_id
        self._producer = Librdkafka(
            {
                **connection,
                **_PRODUCING,
                "delivery.timeout.ms": TRANSACTION_TIMEOUT_MS,
                "transactional.id": transactional_id,
                "transaction.timeout.ms": TRANSACTION_TIMEOUT_MS,
            }
        )
        try:
            self._producer.init_transactions(QUERY_TIMEOUT_S)
        except KafkaException as error:
            raise LogUnavailable(str(error)) from error

    def commit(self, records: Sequence[OutgoingRecord]) -> list[Written]:
        """Write all in one transaction, or nothing."""
        try:
            self._producer.begin_transaction()
            written = _send(self._producer, records)
        except (KafkaException, BufferError, SystemError) as error:
            # On a fatal error flush() loses the exception: SystemError.
            self._abort(error)
            raise Abortable(str(error)) from error
        try:
            self._producer.commit_transaction(QUERY_TIMEOUT_S)
        except KafkaException as error:
            if _abortable(error):
                self._abort(error)
                raise Abortable(str(error)) from error
            self._raise_if_fenced(error)
            raise LogUnavailable(f"whether it was committed is not known: {error}") from error
        return written

    def _raise_if_fenced(self, error: Exception) -> None:
        code = error.args[0].code() if isinstance(error, KafkaException) else None
        if code in _FENCED or "fenced" in str(error):
            raise Fenced(f"another {self._id} has taken over") from error

    def _abort(self, cause: Exception) -> None:
        self._raise_if_fenced(cause)
        try:
            self._producer.abort_transaction(QUERY_TIMEOUT_S)
        except KafkaException as error:
            self._raise_if_fenced(error)
            raise LogUnavailable(f"{cause}; and it could not be aborted: {error}") from error

    def close(self) -> None:
        """Disconnect."""
        _flush_at_end(self._producer)


def _abortable(error: KafkaException) -> bool:
    return bool(error.args[0].txn_requires_abort())


class RdMembership:
    """Membership in a group, see port.Membership."""

    def __init__(
        self, connection: Mapping[str, Any], group: str, topic: str, *, session_s: float
    ) -> None:
        self._held = False
        self._consumer = Consumer(
            {
                **connection,
                "group.id": group,
                "session.timeout.ms": int(session_s * 1000),
                "heartbeat.interval.ms": int(session_s * 1000 / 6),
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "auto.offset.reset": "latest",
                # The holder keeps the lease when others join; other assignors move it about.
                "partition.assignment.strategy": "cooperative-sticky",
            }
        )
        self._consumer.subscribe(
            [topic], on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._revoked
        )

    def _assigned(self, consumer: Any, partitions: list[TopicPartition]) -> None:
        if partitions:
            consumer.incremental_assign(partitions)
            consumer.pause(partitions)
            self._held = True

    def _revoked(self, consumer: Any, partitions: list[TopicPartition]) -> None:
        del consumer
        if partitions:
            self._held = False

    def poll(self, timeout_s: float) -> bool:
        """Take part in the group."""
        message = self._consumer.poll(timeout_s)
        error = message.error() if message is not None else None
        if error is not None and error.fatal():
            raise LogUnavailable(str(error))
        return self._held

    def close(self) -> None:
        """Leave the group."""
        self._held = False
        self._consumer.close()


class RdClient:
    """Opens connections with librdkafka, see port.KafkaClient."""

    def __init__(self, bootstrap: str, settings: ClientSettings | None = None) -> None:
        self.bootstrap = bootstrap
        self._settings = dict(settings or {})

    @property
    def settings(self) -> ClientSettings:
        """Settings passed through, by the names of kafka-python."""
        return self._settings

    @property
    def connection(self) -> dict[str, Any]:
        """What every client of the library is opened with."""
        return {
            "bootstrap.servers": self.bootstrap,
            "log_level": 2,
            "allow.auto.create.topics": False,
            **translated(self._settings),
        }

    def reader(self, topic: str, *, committed: bool) -> RdReader:
        """Open a reader at the beginning of *topic*."""
        return RdReader(self.connection, topic, committed=committed)

    def producer(self) -> RdProducer:
        """Open a producer."""
        connection = {**self.connection}
        del connection["allow.auto.create.topics"]
        return RdProducer(connection)

    def transactions(self, transactional_id: str) -> RdTransactions:
        """Open the producer of *transactional_id*."""
        connection = {**self.connection}
        del connection["allow.auto.create.topics"]
        return RdTransactions(connection, transactional_id)

    def membership(self, group: str, topic: str, *, session_s: float) -> RdMembership:
        """Join *group*."""
        return RdMembership(self.connection, group, topic, session_s=session_s)
