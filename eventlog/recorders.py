"""
The recorders of the ``eventsourcing`` library, over a journal.

One class is what admission writes with, what an application of the library is given and what the
library's own tests certify, on both logs.
"""

from collections import deque
from collections.abc import Sequence
from typing import Final, Self
from uuid import UUID

from eventsourcing.persistence import (
    AggregateRecorder,
    Notification,
    ProcessRecorder,
    StoredEvent,
    Subscription,
    Tracking,
    TrackingRecorder,
)

from eventlog.journals import Batch, Journal, last_position, originator_of, stream_of

PULL_LIMIT: Final = 500
"""Most notifications a subscription takes at a time."""
PULL_PAUSE_S: Final = 0.02
"""How long a subscription waits before it looks whether it was stopped."""


class LogAggregateReader:
    """Reads the events of one aggregate from a journal."""

    journal: Journal

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Read events of one aggregate, by version."""
        self.journal.refresh()
        statement = (
            f"SELECT version, topic, value FROM {self.journal.table} "
            "WHERE stream=? AND version>? AND version<=? "
            f"ORDER BY version {'DESC' if desc else 'ASC'} LIMIT ?"
        )
        bounds = (-1 if gt is None else gt, 2**62 if lte is None else lte)
        with self.journal.tables.reading() as connection:
            rows = connection.execute(
                statement, (stream_of(originator_id), *bounds, -1 if limit is None else limit)
            ).fetchall()
        return [StoredEvent(originator_id, *row) for row in rows]


class LogTrackingRecorder(TrackingRecorder):
    """Records how far an application was processed. 进度记录器."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    def insert_tracking(self, tracking: Tracking) -> None:
        """Advance the tracking; IntegrityError if it does not advance."""
        self.journal.write(Batch((), tracking))

    def max_tracking_id(self, application_name: str) -> int | None:
        """Return the notification id up to which *application_name* was processed."""
        self.journal.refresh_tracking()
        with self.journal.tables.reading() as connection:
            row = connection.execute(
                "SELECT notification_id FROM tracking WHERE application_name=?",
                (application_name,),
            ).fetchone()
        return row[0] if row else None


class LogAggregateRecorder(LogAggregateReader, AggregateRecorder):
    """Records events of aggregates, without their order across aggregates. 聚合记录器."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **_: object
    ) -> Sequence[int] | None:
        """Write the events at once; this recorder gives no notification ids."""
        if stored_events:
            self.journal.write(Batch(stored_events))
        return None


class LogRecorder(LogAggregateReader, LogTrackingRecorder, ProcessRecorder):
    """Records events in one order, tracking with them: what admission writes with. 日志记录器."""

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        *,
        tracking: Tracking | None = None,
        submission_offsets: Sequence[int] | None = None,
        **_: object,
    ) -> Sequence[int]:
        """
        Write events and tracking at once; return the positions of the events.

        *submission_offsets*, one for each event, is the hint where its submission is.

        Raises:
            IntegrityError: a version is taken, or the tracking does not advance.
            Fenced, Abortable: see there.
        """
        if not stored_events and tracking is None:
            return []
        return self.journal.write(Batch(stored_events, tracking, submission_offsets))

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Read events in their order from position *start* to *stop*."""
        self.journal.refresh()
        first = (start or 0) + (0 if inclusive_of_start or start is None else 1)
        of_topics = f"AND topic IN ({','.join('?' * len(topics))}) " if topics else ""
        with self.journal.tables.reading() as connection:
            rows = connection.execute(
                f"SELECT position, stream, version, topic, value FROM {self.journal.table} "
                f"WHERE position>=? AND position<=? {of_topics}ORDER BY position LIMIT ?",
                (first, 2**62 if stop is None else stop, *topics, limit),
            ).fetchall()
        return [
            Notification(originator_of(stream), version, topic, value, position)
            for position, stream, version, topic, value in rows
        ]

    def max_notification_id(self) -> int | None:
        """Return the position of the last event; None if there is none."""
        self.journal.refresh()
        with self.journal.tables.reading() as connection:
            return last_position(connection, self.journal.table) or None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> "LogSubscription":
        """Follow the events behind position *gt*."""
        return LogSubscription(self, gt, topics)


class LogSubscription(Subscription[LogRecorder]):
    """
    Follows the events; blocks at the end until there are more, or until stop().

    It has no thread, so stop() may come at any moment and from anywhere, also before it is
    entered or twice: the next step ends the iteration.
    """

    def __init__(
        self, recorder: LogRecorder, gt: int | None = None, topics: Sequence[str] = ()
    ) -> None:
        super().__init__(recorder, gt, topics)
        self._pending: deque[Notification] = deque()

    def __iter__(self) -> Self:
        """Iterate over notifications."""
        return self

    def __next__(self) -> Notification:
        """Return the next notification."""
        while not self._stopped():
            if self._pending:
                return self._pending.popleft()
            try:
                self._pull()
            except Exception:
                if self._stopped():
                    break  # stopped and closed while it was pulling
                raise
            if not self._pending:
                self._recorder.journal.wait(PULL_PAUSE_S)
        raise StopIteration

    def _stopped(self) -> bool:
        # A call, since another thread may change the answer at any moment.
        return self._has_been_stopped

    def _pull(self) -> None:
        seen = self._last_notification_id
        # Where topics are picked, what does not match is not looked at again and again; asked
        # before selecting, so that nothing which comes between is jumped over.
        last = (self._recorder.max_notification_id() or 0) if self._topics else 0
        found = self._recorder.select_notifications(
            seen, PULL_LIMIT, topics=self._topics, inclusive_of_start=False
        )
        self._pending.extend(found)
        if found:
            self._last_notification_id = found[-1].id
        elif last > (seen or 0):
            self._last_notification_id = last
