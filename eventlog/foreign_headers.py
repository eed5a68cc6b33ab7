"""
Records whose header keys are no text: read as records without headers.

Anybody who may write submissions can write such a record with a client in C. kafka-python raises
UnicodeDecodeError on it for ever, which would stop the ledger; so the record is read again past
its headers. librdkafka.py does the same, so that both clients give one history.
"""

from typing import Any, Final

from kafka.record import memory_records
from kafka.record.default_records import DefaultRecord, DefaultRecordBatch
from kafka.record.util import decode_varint

KEY_AND_VALUE: Final = 2


class TolerantBatch(DefaultRecordBatch):  # type: ignore[misc] # the client has no types
    """A batch of records of which some may have header keys that are no UTF-8."""

    _pos: int

    def _read_msg(self) -> Any:
        try:
            return super()._read_msg()
        except UnicodeDecodeError:
            return self._read_without_headers()

    def _read_without_headers(self) -> Any:
        buffer = self._buffer
        length, start = decode_varint(buffer, self._pos)
        _attributes, at = decode_varint(buffer, start)
        time_delta, at = decode_varint(buffer, at)
        offset_delta, at = decode_varint(buffer, at)
        appended = self.timestamp_type == self.LOG_APPEND_TIME
        time_ms = self.max_timestamp if appended else self.first_timestamp + time_delta
        fields: list[bytes | None] = []
        for _ in range(KEY_AND_VALUE):
            size, at = decode_varint(buffer, at)
            fields.append(bytes(buffer[at : at + size]) if size >= 0 else None)
            at += max(size, 0)
        self._pos = start + length
        offset = self.base_offset + offset_delta
        return DefaultRecord(length, offset, time_ms, self.timestamp_type, *fields, [])


def read_foreign_headers() -> None:
    """Make kafka-python read such records, in this process."""
    memory_records.DefaultRecordBatch = TolerantBatch
