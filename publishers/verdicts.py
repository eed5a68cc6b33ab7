"""
Waiting for the verdicts on what was published.

They are found by the digest of the submission, which every verdict has: a refusal of what could not
be read or authenticated names no submission id. What was published before is answered by its first
verdict, so that whoever tries again can tell paid from refused.
"""

from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from domain.events import Event, SubmissionRefused, SubmissionRepeated
from eventlog.contract import Log
from eventlog.reading import event_at
from publishers.client import Sent
from schemas.codec import decode

READ_MAX = 1_000
POLL_S = 0.5


class FoundVerdict(NamedTuple):
    """The verdict on one of our submissions."""

    submission: str
    position: int
    event: Event
    """What was decided: of a repeated submission, when it was decided first."""
    original_position: int | None = None
    """Where a repeated submission was decided first; None if it was not repeated."""

    @property
    def refused(self) -> bool:
        """Whether it was refused, now or when it was decided first."""
        return isinstance(self.event, SubmissionRefused)

    @property
    def repeated(self) -> bool:
        """Whether it had its verdict already."""
        return self.original_position is not None

    @property
    def decided_at(self) -> int:
        """Position of the event that decided it."""
        return self.position if self.original_position is None else self.original_position


def wait_for_verdicts(
    log: Log,
    sent: Collection[Sent],
    *,
    after: int,
    timeout_s: float,
    clock_s: Callable[[], float],
) -> Iterator[FoundVerdict]:
    """
    The verdicts on what was *sent*, as they come, until all are there or *timeout_s* has passed.

    *after* is the last position before they were published; *clock_s* a clock that never goes back.
    """
    waiting = {one.digest: one.submission for one in sent}
    end = clock_s() + timeout_s
    while waiting:
        left = end - clock_s()
        records = log.read_events(
            after=after, limit=READ_MAX, timeout_s=max(0.0, min(POLL_S, left))
        )
        for record in records:
            after = record.position
            event = decode(record.value)
            submission = waiting.pop(event.submission_digest, None)
            if submission is not None:
                yield _found(log, submission, record.position, event)
        if not records and left <= 0:
            return


def _found(log: Log, submission: str, position: int, event: Event) -> FoundVerdict:
    """The verdict, with what a repeat refers to."""
    if not isinstance(event, SubmissionRepeated):
        return FoundVerdict(submission, position, event)
    original = event.original_position
    first = decode(event_at(log, original).value)
    return FoundVerdict(submission, position, first, original)
