"""One number for a whole history: equal digests, equal events."""

import hashlib
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from eventlog.contract import Log
from eventlog.reading import batches

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
        LogDamaged, LogUnavailable: see reading.batches().
    """
    end = log.last_position()
    digested = hashlib.sha256()
    for events in batches(log, after=0, until=end):
        for event in events:
            digested.update(LENGTH.pack(len(event.value)))
            digested.update(event.value)
        progress(len(events))
    return Digest(end, digested.digest())
