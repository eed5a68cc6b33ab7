"""
Checkpoint keys as the log names them: which of them may sign the tree of which size.

``LogOpened`` names the first keys, ``CheckpointKeyRotated`` replaces one. A key signs trees that
hold the event that named it and not yet the event that ended it.
"""

import contextlib
import json
from collections.abc import Mapping, Sequence
from types import NoneType
from typing import Any, Final

from domain.events import CheckpointKeyRotated, LogOpened
from evidence.key_texts import BadKey
from evidence.notes import Verifier
from schemas.codec import Unreadable, decode, topic_of

TELLING: Final = {LogOpened.TOPIC, CheckpointKeyRotated.TOPIC}
"""The events that say something about keys."""


class KeyHistory:
    """All checkpoint keys of one log with the trees they may sign, from its events in order."""

    def __init__(self, keys: Sequence[Verifier] = (), origin: str = "") -> None:
        self.keys = list(keys)
        self.origin = origin or (self.keys[0].name if self.keys else "")
        """Origin of the log's checkpoints; empty if the log is not open."""

    def learn(self, position: int, value: bytes) -> None:
        """
        Take in the event at a position; most events say nothing about keys.

        What cannot be a key is none: a forged event may name anything.

        Raises:
            Unreadable: an event that says something is damaged.
        """
        if not _is_telling(value):
            return
        event = decode(value)
        if isinstance(event, LogOpened):
            if not self.origin:
                self.origin = event.origin
                self._add(position, *(key.public_key for key in event.checkpoint_keys))
        else:
            self._rotate(position, event)

    def _rotate(self, position: int, event: CheckpointKeyRotated) -> None:
        self.keys = [
            key.between(key.first, position)
            if key.ended is None and key.log_key == event.old_key
            else key
            for key in self.keys
        ]
        self._add(position, event.public_key)

    def _add(self, position: int, *public_keys: bytes) -> None:
        for public_key in public_keys:
            with contextlib.suppress(BadKey):
                self.keys.append(Verifier(self.origin, public_key, first=position))

    def at(self, size: int) -> list[Verifier]:
        """Keys that may sign the tree of that size."""
        return [key for key in self.keys if key.counts_at(size)]

    def before(self, size: int) -> "KeyHistory":
        """The history as the first *size* events tell it."""
        return KeyHistory(
            [
                key.between(key.first, key.ended if key.ended and key.ended <= size else None)
                for key in self.keys
                if key.first <= size
            ],
            self.origin,
        )

    def to_json(self) -> bytes:
        """The history as a file for the public."""
        rows = [
            {"key": key.text(), "first_size": key.first, "ended_at_size": key.ended}
            for key in self.keys
        ]
        return json.dumps(rows, indent=1, ensure_ascii=False).encode() + b"\n"

    @classmethod
    def from_json(cls, content: bytes) -> "KeyHistory":
        """
        The history in a file.

        Raises:
            ValueError, KeyError, TypeError, RecursionError, BadKey: it is not one.
        """
        return cls([_key_in(row) for row in json.loads(content)])


def _key_in(row: Mapping[str, Any]) -> Verifier:
    first, ended = row["first_size"], row["ended_at_size"]
    if type(first) is not int or type(ended) not in {int, NoneType}:
        raise TypeError("sizes are whole numbers")
    if first < 0 or (ended is not None and ended < first):
        raise ValueError("a key ends after it begins")
    return Verifier.from_text(row["key"]).between(first, ended)


def _is_telling(value: bytes) -> bool:
    try:
        return topic_of(value) in TELLING
    except Unreadable:
        return False  # of a later program, or damaged: the tree takes it as it is
