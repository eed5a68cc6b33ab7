"""Headers as one blob: key and value in turn, each behind its length."""

import struct
from collections.abc import Iterable
from typing import Final

Headers = tuple[tuple[str, bytes], ...]
"""In the order they were written; a key may come twice; a header without value has an empty one."""

_KEY: Final = struct.Struct("<H")
_VALUE: Final = struct.Struct("<I")


def pack(headers: Iterable[tuple[str, bytes]]) -> bytes:
    """
    The headers as bytes.

    >>> unpack(pack([("a", b"1"), ("a", b"")]))
    (('a', b'1'), ('a', b''))
    """
    parts: list[bytes] = []
    for key, value in headers:
        name = key.encode()
        parts += (_KEY.pack(len(name)), name, _VALUE.pack(len(value)), value)
    return b"".join(parts)


def unpack(blob: bytes) -> Headers:
    """The headers in *blob*."""
    headers: list[tuple[str, bytes]] = []
    at = 0
    while at < len(blob):
        (length,) = _KEY.unpack_from(blob, at)
        at += _KEY.size
        key = blob[at : at + length].decode()
        at += length
        (length,) = _VALUE.unpack_from(blob, at)
        at += _VALUE.size
        headers.append((key, blob[at : at + length]))
        at += length
    return tuple(headers)
