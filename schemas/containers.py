"""
Avro object container files of records exactly as they were stored: how an evidence pack is written.

Any Avro library reads them. The value of a record stays the opaque bytes that were stored (single
object encoding, its schemas lie beside the pack), because bytes are what was hashed and signed.
"""

import json
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple, cast

import fastavro

from schemas.plain_files import open_plain

SCHEMA: Final[dict[str, Any]] = {
    "type": "record",
    "name": "hengwen.pack.Kept",
    "doc": "A record of the log as it was stored. 总账的一条记录,原样.",
    "fields": [
        {"name": "position", "type": "long", "doc": "Position, ordinal or number from 1. 位置."},
        {"name": "key", "type": ["null", "bytes"], "doc": "Key; never needed. 键."},
        {"name": "value", "type": ["null", "bytes"], "doc": "The bytes as stored. 原始字节."},
        {
            "name": "headers",
            "doc": "Headers in their order, hengwen-proof among them. 头, 其中有提交证明.",
            "type": {
                "type": "array",
                "items": {
                    "type": "record",
                    "name": "hengwen.pack.Header",
                    "fields": [
                        {"name": "name", "type": "string"},
                        {"name": "value", "type": "bytes"},
                    ],
                },
            },
        },
        {
            "name": "appended_at",
            "type": "long",
            "doc": "When the log took it, microseconds since 1970 UTC. 写入时间.",
        },
        {
            "name": "redacted",
            "type": ["null", "bytes"],
            "doc": "SHA-256 of a value that was left out on purpose. 隐去内容的摘要.",
        },
    ],
}
"""Frozen: whoever reads a pack in thirty years finds it at the head of each file."""
CODEC: Final = "null"
"""Not compressed: a damaged byte spoils one record, and a hex dump shows what is there."""
SYNC_BYTES: Final = 16
BLOCK_BYTES: Final = 64_000
READ_BYTES_MAX: Final = 4 << 20
"""Of one block: no record of a log is longer than one megabyte."""
HEADER_BYTES_MAX: Final = 64_000


class Kept(NamedTuple):
    """A record as it was stored."""

    position: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    appended_at: int
    """Microseconds UTC."""
    redacted: bytes | None = None
    """SHA-256 of the value, if that was left out."""


class ContainerDamaged(Exception):
    """The file is no container of records, or ends in the middle of one."""


def write(path: Path, records: Iterable[Kept]) -> None:
    """Write a container file; the same records give the same bytes."""
    rows = [
        {
            "position": kept.position, "key": kept.key, "value": kept.value,
            "headers": [{"name": name, "value": value} for name, value in kept.headers],
            "appended_at": kept.appended_at, "redacted": kept.redacted,
        }
        for kept in records
    ]  # fmt: skip
    marker = sha256(path.name.encode()).digest()[:SYNC_BYTES]
    with path.open("wb") as file:
        fastavro.writer(
            file, SCHEMA, rows, codec=CODEC, sync_marker=marker, sync_interval=BLOCK_BYTES
        )


def read(path: Path) -> Iterator[Kept]:
    """
    The records of a container file, in order.

    Raises:
        ContainerDamaged: it cannot be read to its end.
        OSError: it is not there.
    """
    for row in _rows(path):
        headers = tuple([(one["name"], one["value"]) for one in row["headers"]])
        yield Kept(
            row["position"], row["key"], row["value"], headers, row["appended_at"], row["redacted"]
        )


def read_values(path: Path) -> Iterator[tuple[int, bytes]]:
    """
    Position and value of each record: the quick way through a file of events.

    Raises:
        ContainerDamaged: it cannot be read to its end, or a record has no value.
        OSError: it is not there.
    """
    for row in _rows(path):
        value = row["value"]
        if value is None:
            raise ContainerDamaged(f"{path.name}: {row['position']} has no value")
        yield row["position"], value


class _Bounded:
    """A file of which no more is read at once than a block may have."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._header = HEADER_BYTES_MAX

    def begun(self) -> None:
        """The header was read."""
        self._header = READ_BYTES_MAX

    def read(self, size: int) -> bytes:
        """The next bytes."""
        if not 0 <= size <= self._header:
            raise ValueError("too long")
        if self._header != READ_BYTES_MAX:
            self._header -= size
        return self._file.read(size)


def _rows(path: Path) -> Iterator[Any]:
    with open_plain(path) as file:
        try:
            bounded = _Bounded(file)
            reader = _ours(fastavro.reader(cast("Any", bounded)))
            bounded.begun()
            for row in reader:
                yield _placed(row)
        except OSError:
            raise
        except Exception as error:  # fastavro raises almost anything
            raise ContainerDamaged(f"{path.name}: {type(error).__name__}") from error


def _placed(row: Any) -> Any:
    """A record, if it has a place: positions begin with 1."""
    if row["position"] < 1:
        raise ValueError("no position")
    return row


def _ours(reader: Any) -> Any:
    """The reader, if it reads our records, not compressed: what is packed can be any length."""
    metadata = reader.metadata
    if metadata.get("avro.codec", CODEC) != CODEC:
        raise ValueError("compressed")
    # As written, not in canonical form: that leaves out logical types, which change the values.
    if json.loads(metadata["avro.schema"]) != SCHEMA:
        raise ValueError("other records")
    return reader
