"""
Reading what a log holds for certain: it comes, or the log is not there to be read.

Who knows that a position exists, because the log itself said so, waits for it here and nowhere
else. Silence is never an end: a log that says nothing is unavailable, and one that has become
shorter is damaged.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Final, Protocol, TypeVar

from eventlog.contract import LogDamaged, LogUnavailable, OrderedSubmission, StoredRecord

READ_LIMIT: Final = 2_560
"""Records read at a time: ten tiles of the tree."""
ASK_S: Final = 1.0
"""A read waits so long at most, then the log is asked whether it still reaches so far."""
SILENT_READS_MAX: Final = 60
"""A log that holds records and brings none in so many reads, a minute, does not answer."""

Found = TypeVar("Found")


class EventsLog(Protocol):
    """The part of a log that holds events; see eventlog.contract.Log."""

    def read_events(self, *, after: int, limit: int, timeout_s: float) -> list[StoredRecord]:
        """Committed events behind position *after*."""
        ...

    def last_position(self) -> int:
        """Position of the last committed event."""
        ...


class SubmissionsLog(Protocol):
    """The part of a log that holds submissions; see eventlog.contract.Log."""

    def read_submissions(
        self, *, after: int, limit: int, timeout_s: float, hint: int | None = None
    ) -> list[OrderedSubmission]:
        """Submissions behind ordinal *after*."""
        ...

    def last_ordinal(self) -> int:
        """Ordinal of the last submission."""
        ...


def batches(
    log: EventsLog, *, after: int, until: int, limit: int = READ_LIMIT
) -> Iterator[list[StoredRecord]]:
    """
    The events behind *after* up to position *until*, in batches of at most *limit*.

    Raises:
        LogDamaged: positions are not dense, or the log ends before *until*.
        LogUnavailable: the log does not answer.
    """
    while after < until:
        ask = partial(log.read_events, after=after, limit=min(limit, until - after))
        found = insist(ask, log.last_position, after)
        check_dense([record.position for record in found], after)
        yield found
        after = found[-1].position


def events(log: EventsLog, *, after: int, until: int) -> Iterator[StoredRecord]:
    """The events behind *after* up to position *until*, one by one; raises as batches()."""
    return chain.from_iterable(batches(log, after=after, until=until))


def event_at(log: EventsLog, position: int) -> StoredRecord:
    """
    The event at a position.

    Raises:
        LogDamaged: the log ends before it.
        LogUnavailable: the log does not answer.
    """
    return next(events(log, after=position - 1, until=position))


def submission_batches(
    log: SubmissionsLog, *, after: int, until: int, limit: int = READ_LIMIT
) -> Iterator[list[OrderedSubmission]]:
    """
    The submissions behind *after* up to ordinal *until*, in batches of at most *limit*.

    Raises:
        LogDamaged: ordinals are not dense, or the log ends before *until*.
        LogUnavailable: the log does not answer.
    """
    hint: int | None = None
    while after < until:
        wanted = min(limit, until - after)
        ask = partial(log.read_submissions, after=after, limit=wanted, hint=hint)
        found = insist(ask, log.last_ordinal, after)
        check_dense([one.ordinal for one in found], after)
        yield found
        after, hint = found[-1].ordinal, found[-1].offset


def insist(ask: Callable[..., Found], last: Callable[[], int], after: int) -> Found:
    """
    What *ask* brings from behind *after*, where there is something; it takes a *timeout_s*.

    *last* tells where the log ends by now.

    Raises:
        LogDamaged: the log ends at *after*, or before.
        LogUnavailable: the log does not answer.
    """
    for _ in range(SILENT_READS_MAX):
        found = ask(timeout_s=ASK_S)
        if found:
            return found
        if (end := last()) <= after:
            raise LogDamaged(f"the log ends at {end}, before {after + 1}")
    raise LogUnavailable(f"the log does not answer: {after + 1} does not come")


def check_dense(numbers: Sequence[int], after: int) -> None:
    """
    Refuse positions or ordinals that do not follow one upon the other behind *after*.

    Raises:
        LogDamaged: they do not.
    """
    if list(numbers) != list(range(after + 1, after + len(numbers) + 1)):
        raise LogDamaged(f"positions behind {after} are not dense")
