"""
Checkpoint keys as the log names them: which of them may sign the tree of which size.

``LogOpened`` names the first keys, ``CheckpointKeyRotated`` replaces one. A key signs trees that
hold the event that named it and not yet the event that ended it.
"""

import json
from collections.abc import Sequence
from typing import Final, NamedTuple

from domain.events import CheckpointKeyRotated, LogOpened
from evidence.notes import Verifier
from schemas.codec import Unreadable, decode, topic_of

TELLING: Final = {LogOpened.TOPIC, CheckpointKeyRotated.TOPIC}
"""The events that say something about keys."""


class DatedKey(NamedTuple):
    """A key and the sizes of the trees it may sign."""

    verifier: Verifier
    first: int
    """Size from which on it counts."""
    ended: int | None
    """Size from which on it counts no more; None if it still counts."""

    def counts_at(self, size: int) -> bool:
        """Whether it may sign the tree of that size."""
        return self.first <= size and (self.ended is None or size < self.ended)


class KeyHistory:
    """All checkpoint keys of one log, from its events in order."""

    def __init__(self, keys: Sequence[DatedKey] = ()) -> None:
        self.keys = list(keys)

    @property
    def origin(self) -> str:
        """Origin of the log's checkpoints; empty if the log is not open."""
        return self.keys[0].verifier.name if self.keys else ""

    def learn(self, position: int, value: bytes) -> None:
        """Take in the event at a position; most events say nothing about keys."""
        if not _is_telling(value):
            return
        event = decode(value)
        if isinstance(event, LogOpened):
            if not self.keys:
                self.keys = [
                    DatedKey(Verifier(event.origin, key.public_key), position, None)
                    for key in event.checkpoint_keys
                ]
        else:
            self._rotate(position, event)

    def _rotate(self, position: int, event: CheckpointKeyRotated) -> None:
        self.keys = [
            key._replace(ended=position)
            if key.ended is None and key.verifier.log_key == event.old_key
            else key
            for key in self.keys
        ]
        self.keys.append(DatedKey(Verifier(self.origin, event.public_key), position, None))

    def at(self, size: int) -> list[Verifier]:
        """Keys that may sign the tree of that size."""
        return [key.verifier for key in self.keys if key.counts_at(size)]

    def before(self, size: int) -> "KeyHistory":
        """The history as the first *size* events tell it."""
        return KeyHistory(
            [
                key._replace(ended=key.ended if key.ended and key.ended <= size else None)
                for key in self.keys
                if key.first <= size
            ]
        )

    def to_json(self) -> bytes:
        """The history as a file for the public."""
        rows = [
            {"key": key.verifier.text(), "first_size": key.first, "ended_at_size": key.ended}
            for key in self.keys
        ]
        return json.dumps(rows, indent=1, ensure_ascii=False).encode() + b"\n"

    @classmethod
    def from_json(cls, content: bytes) -> "KeyHistory":
        """
        The history in a file.

        Raises:
            ValueError, KeyError, TypeError, BadKey: it is not one.
        """
        return cls(
            [
                DatedKey(Verifier.from_text(row["key"]), row["first_size"], row["ended_at_size"])
                for row in json.loads(content)
            ]
        )


def _is_telling(value: bytes) -> bool:
    try:
        return topic_of(value) in TELLING
    except Unreadable:
        return False  # of a later program, or damaged: the tree takes it as it is
