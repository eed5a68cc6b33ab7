"""Recorders which do every read through a recorder freshly opened on the topic."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any
from uuid import UUID

from certified_views import CountingView
from eventsourcing.persistence import Notification, StoredEvent

from eventlog.journals import Journal
from eventlog.kafka_journal import KafkaJournal
from eventlog.kafka_recording import open_journal
from eventlog.recorders import LogAggregateRecorder, LogRecorder, LogTrackingRecorder


@contextmanager
def opened_anew(journal: Journal) -> Iterator[LogRecorder]:
    """Open a reader of the same topics, which knows nothing yet."""
    assert isinstance(journal, KafkaJournal)
    with closing(open_journal(journal.client, journal.topics, transactional_id=None)) as fresh:
        yield LogRecorder(fresh)


class AggregateAnew(LogAggregateRecorder):
    """Reads aggregates anew."""

    def select_events(self, originator_id: UUID | str, **bounds: Any) -> Sequence[StoredEvent]:
        """Read through a fresh recorder."""
        with opened_anew(self.journal) as fresh:
            return fresh.select_events(originator_id, **bounds)


class TrackingAnew(LogTrackingRecorder):
    """Reads tracking anew."""

    def max_tracking_id(self, application_name: str) -> int | None:
        """Read through a fresh recorder."""
        with opened_anew(self.journal) as fresh:
            return fresh.max_tracking_id(application_name)


class RecorderAnew(TrackingAnew, LogRecorder):
    """Reads everything anew; writes as admission does."""

    def select_events(self, originator_id: UUID | str, **bounds: Any) -> Sequence[StoredEvent]:
        """Read through a fresh recorder."""
        with opened_anew(self.journal) as fresh:
            return fresh.select_events(originator_id, **bounds)

    def select_notifications(self, *args: Any, **bounds: Any) -> Sequence[Notification]:
        """Read through a fresh recorder."""
        with opened_anew(self.journal) as fresh:
            return fresh.select_notifications(*args, **bounds)

    def max_notification_id(self) -> int | None:
        """Read through a fresh recorder."""
        with opened_anew(self.journal) as fresh:
            return fresh.max_notification_id()


class CountingViewAnew(RecorderAnew, CountingView):
    """Counts by recording, and reads its counts anew."""
