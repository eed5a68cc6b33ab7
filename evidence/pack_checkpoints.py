"""The checkpoints of a log's topic, as a pack keeps them: each as it was published."""

from typing import Final

from evidence.reading import LogReader
from schemas.containers import Kept

NOTES_READ: Final = 1_000


def published(log: LogReader) -> list[tuple[str, Kept]]:
    """Every checkpoint of the topic, as text and as a record."""
    found: list[tuple[str, Kept]] = []
    after, last = 0, log.last_checkpoint()
    while after < last:
        stored = log.read_checkpoints(after=after, limit=NOTES_READ)
        if not stored:
            break
        after = stored[-1].number
        found += [
            (one.note.decode("utf-8", "replace"),
             Kept(one.number, None, one.note, (), one.appended_at))
            for one in stored
        ]  # fmt: skip
    return found
