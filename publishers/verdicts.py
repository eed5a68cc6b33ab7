"""Waiting for the verdicts on what was published: read from the log, by submission id."""

from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from domain.events import Event, SubmissionRefused, SubmissionRepeated
from eventlog.contract import Log
from schemas.codec import decode

READ_MAX = 1_000
POLL_S = 0.5


class FoundVerdict(NamedTuple):
    """The verdict on one of our submissions."""

    submission: str
    position: int
    event: Event

    @property
    def refused(self) -> bool:
        """Whether it was refused."""
        return isinstance(self.event, SubmissionRefused)

    @property
    def repeated(self) -> bool:
        """Whether it had its verdict already."""
        return isinstance(self.event, SubmissionRepeated)


def wait_for_verdicts(
    log: Log,
    submissions: Collection[str],
    *,
    after: int,
    timeout_s: float,
    clock_s: Callable[[], float],
) -> Iterator[FoundVerdict]:
    """
    The verdicts on *submissions* as they come, until all are there or *timeout_s* has passed.

    *after* is the last position before they were published; *clock_s* a clock that never goes back.
    """
    waiting = set(submissions)
    end = clock_s() + timeout_s
    while waiting:
        left = end - clock_s()
        records = log.read_events(
            after=after, limit=READ_MAX, timeout_s=max(0.0, min(POLL_S, left))
        )
        for record in records:
            after = record.position
            event = decode(record.value)
            if event.submission_id in waiting:
                waiting.remove(event.submission_id)
                yield FoundVerdict(event.submission_id, record.position, event)
        if not records and left <= 0:
            return
