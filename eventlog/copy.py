"""
Carrying a whole log to another place: key, value, headers and time of every record.

Aborted records are records too. With ``submissions_only`` the ordered input alone is carried, to
be decided again there. Only the hint where a submission is differs on the other log, and
what *change* makes of submissions: the content of some may have to be left out.
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, Protocol

from eventlog.contract import Log, OrderedSubmission, StoredRecord
from eventlog.reading import events, submission_batches

COPY_LIMIT: Final = 1000
"""So many records are carried at a time."""


Change = Callable[[Sequence[OrderedSubmission]], Sequence[OrderedSubmission]]


def unchanged(submissions: Sequence[OrderedSubmission]) -> Sequence[OrderedSubmission]:
    """All submissions as they are."""
    return submissions


class TargetNotEmpty(Exception):
    """The log to be copied to holds something already."""


class Copied(NamedTuple):
    """How much was carried."""

    submissions: int
    events: int


class CopyTarget(Protocol):
    """A log that takes records as they are, with their times."""

    def is_empty(self) -> bool:
        """Whether nothing was ever written."""
        ...

    def take_submissions(self, submissions: Sequence[OrderedSubmission]) -> list[int]:
        """Write submissions behind those before; their offsets here."""
        ...

    def take_events(self, events: Sequence[StoredRecord]) -> None:
        """Write events at their positions."""
        ...

    def finish(self) -> None:
        """Make it a log like any other."""
        ...


def copy(
    source: Log,
    target: CopyTarget,
    *,
    submissions_only: bool = False,
    change: Change = unchanged,
    progress: Callable[[int], None] = lambda _: None,
) -> Copied:
    """
    Carry what *source* holds at this moment; *progress* is told of each batch.

    Raises:
        TargetNotEmpty: nothing was written.
        LogDamaged, LogUnavailable: see reading.batches(); the target is not a log yet.
    """
    if not target.is_empty():
        raise TargetNotEmpty
    events_end = 0 if submissions_only else source.last_position()
    submissions_end = source.last_ordinal()
    ordered = submission_batches(source, after=0, until=submissions_end, limit=COPY_LIMIT)
    done = Copied(0, 0)
    while done.submissions < submissions_end or done.events < events_end:
        batch = next(ordered, [])
        offsets = target.take_submissions(change(batch)) if batch else []
        # Event n is the verdict on submission n, so both are carried side by side.
        until = min(done.events + (len(offsets) or COPY_LIMIT), events_end)
        verdicts = list(events(source, after=done.events, until=until))
        target.take_events(_with_offsets(verdicts, offsets))
        done = Copied(done.submissions + len(offsets), done.events + len(verdicts))
        progress(len(offsets) + len(verdicts))
    target.finish()
    return done


def _with_offsets(events: list[StoredRecord], offsets: list[int]) -> list[StoredRecord]:
    hints: list[int | None] = [*offsets, *[None] * (len(events) - len(offsets))]
    return [
        event._replace(submission_offset=hint) for event, hint in zip(events, hints, strict=False)
    ]
