"""Reading with librdkafka: see port.Reader."""

# ruff: noqa: SLF001 -- the names of local errors are public, with a leading underscore

import time
from collections.abc import Mapping
from operator import methodcaller
from typing import Any, Final

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition

from eventlog.contract import LogDamaged, LogUnavailable
from eventlog.port import Bounds, KafkaRecord

PARTITION: Final = 0
FETCH_WAIT_MS: Final = 100
FETCH_BACKOFF_MS: Final = 2
"""The default of 1,000 makes a reader wait for a second."""
SLICE_S: Final = 0.05
"""consume() waits for all it was asked for, so it is asked again and again."""
QUERY_TIMEOUT_S: Final = 20.0
_NO_MATTER: Final = {KafkaError._TRANSPORT, KafkaError.GROUP_AUTHORIZATION_FAILED}
"""A broker that is away comes back; a group is asked for by the client alone, and never used."""
_HEADERS: Final = methodcaller("headers")
"""
Headers of a message.

On a key that is no text the client returns a broken list with an error set. A plain call may not
notice it, then fails or crashes later; this one always raises SystemError.
"""


class RdReader:
    """Reads one topic, see port.Reader."""

    def __init__(self, connection: Mapping[str, Any], topic: str, *, committed: bool) -> None:
        self._topic = topic
        self._consumer = Consumer(
            {
                **connection,
                "group.id": "none",
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "auto.offset.reset": "error",
                "isolation.level": "read_committed" if committed else "read_uncommitted",
                "fetch.wait.max.ms": FETCH_WAIT_MS,
                "fetch.queue.backoff.ms": FETCH_BACKOFF_MS,
                "enable.partition.eof": True,
                "check.crcs": True,
            }
        )
        self._next = 0
        self._consumer.assign([TopicPartition(topic, PARTITION, OFFSET_BEGINNING)])

    def seek(self, offset: int) -> None:
        """Go to *offset*."""
        self._next = offset
        self._consumer.assign([TopicPartition(self._topic, PARTITION, offset)])

    def poll(self, *, limit: int, timeout_s: float) -> list[KafkaRecord]:
        """Records from here on."""
        deadline = time.monotonic() + timeout_s
        records: list[KafkaRecord] = []
        while True:
            wait = 0.0 if records else min(max(0.0, deadline - time.monotonic()), SLICE_S)
            messages = self._consumer.consume(limit - len(records), wait)
            for message in messages:
                if self._is_record(message):
                    records.append(_record(message))
                    self._next = records[-1].offset + 1
            if len(records) == limit or (records and not messages):
                return records
            if not records and time.monotonic() >= deadline:
                return records

    def _is_record(self, message: Any) -> bool:
        error = message.error()
        if error is None:
            return True
        if error.code() == KafkaError._PARTITION_EOF:
            # Markers and aborted records before the end have been passed over.
            self._next = max(self._next, message.offset())
            return False
        if error.code() in {KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE}:
            raise LogDamaged(f"{self._topic} is not as long as it was")
        if error.retriable() or error.code() in _NO_MATTER:
            return False
        raise LogUnavailable(str(error))

    def next_offset(self) -> int:
        """Offset behind all that was read or passed over."""
        return self._next

    def bounds(self) -> Bounds:
        """Offsets at this moment."""
        try:
            begin, end = self._consumer.get_watermark_offsets(
                TopicPartition(self._topic, PARTITION), timeout=QUERY_TIMEOUT_S
            )
        except KafkaException as error:
            if error.args[0].code() == KafkaError._UNKNOWN_PARTITION:
                raise LogUnavailable(f"{self._topic}: not there, or not to be read") from error
            raise LogUnavailable(str(error)) from error
        return Bounds(begin, end)

    def rest(self) -> None:
        """Fetch nothing until the next seek: fetches and questions share a connection."""
        self._consumer.unassign()

    def close(self) -> None:
        """Disconnect."""
        self._consumer.close()


def _record(message: Any) -> KafkaRecord:
    try:
        headers = _HEADERS(message) or ()
    except SystemError as error:
        if not isinstance(error.__cause__, UnicodeDecodeError):
            raise
        headers = ()  # see foreign_headers.py
    return KafkaRecord(
        message.offset(),
        message.timestamp()[1],
        message.key(),
        message.value(),
        tuple((key, value or b"") for key, value in headers),
    )
