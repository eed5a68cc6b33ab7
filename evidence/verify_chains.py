"""Chains: each event of a stream carries the next version and the SHA-256 of the one before."""

import struct
from typing import Final

from evidence.verify_rows import Rows

HEADS_MAX: Final = 100_000
"""Heads in memory before they are written to the file."""
_VERSION: Final = struct.Struct(">q")
Link = tuple[int, bytes | None, bytes]
"""Version, SHA-256 of the event before, SHA-256 of the event."""


class Chains:
    """Heads of all streams; *rows* takes what memory should not hold."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._heads: dict[str, tuple[int, bytes]] = {}
        self._spilled = False

    def link(self, stream: str, link: Link, *, from_first: bool) -> str | None:
        """
        Take in the next link of a chain; what is wrong with it: VERSION or PREVIOUS.

        Without *from_first* the first link seen may be any.
        """
        version, previous, digest = link
        head = self._heads.get(stream)
        if head is None and self._spilled:
            head = self._load(stream)
        self._heads[stream] = (version, digest)
        if len(self._heads) > HEADS_MAX:
            self._spill()
        if head is None:
            if not from_first:
                return None
            head = (0, b"")
        if version != head[0] + 1:
            return "VERSION"
        return None if (previous or b"") == head[1] else "PREVIOUS"

    def _load(self, stream: str) -> tuple[int, bytes] | None:
        for row in self._rows.load([stream]).values():
            return _VERSION.unpack(row[: _VERSION.size])[0], row[_VERSION.size :]
        return None

    def _spill(self) -> None:
        self._rows.save({s: _VERSION.pack(v) + digest for s, (v, digest) in self._heads.items()})
        self._heads.clear()
        self._spilled = True
