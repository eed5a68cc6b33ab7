"""One number for a whole history: equal digests, equal events."""

import hashlib
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from eventlog.contract import Log, LogUnavailable

READ_LIMIT: Final = 1000
READ_TIMEOUT_S: Final = 60.0
LENGTH: Final = struct.Struct(">I")


@dataclass(frozen=True)
class Digest:
    """How many events, and the SHA-256 of them all."""

    count: int
    sha256: bytes


def digest(log: Log, progress: Callable[[int], None] = lambda _: None) -> Digest:
    """
    Digest of all event values at this moment.

    SHA-256 over the values in position order, each behind its length (four bytes, big endian).

    Raises:
        LogUnavailable: the log does not answer.
    """
    end = log.last_position()
    digested = hashlib.sha256()
    position = 0
    while position < end:
        limit = min(READ_LIMIT, end - position)
        events = log.read_events(after=position, limit=limit, timeout_s=READ_TIMEOUT_S)
        if not events:
            raise LogUnavailable("the log does not answer")
        for event in events:
            digested.update(LENGTH.pack(len(event.value)))
            digested.update(event.value)
        position = events[-1].position
        progress(len(events))
    return Digest(end, digested.digest())
