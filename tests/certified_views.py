"""Recorders for the library's tests: a view that counts, and those that read everything anew."""

from threading import Event

from eventsourcing.persistence import StoredEvent, Tracking
from eventsourcing.tests.projection import EventCountersView

from eventlog.journals import Journal
from eventlog.recorders import LogRecorder

PATIENCE_S = 8.0
CREATED = "counter/created"
SUBSEQUENT = "counter/subsequent"


class CountingView(LogRecorder, EventCountersView):
    """Two counters, each a stream with one event per count."""

    def __init__(self, journal: Journal) -> None:
        super().__init__(journal)
        self._versions: dict[str, int] = {}

    def wait(
        self,
        application_name: str,
        notification_id: int | None,
        timeout: float = PATIENCE_S,
        interrupt: Event | None = None,
    ) -> None:
        """Wait longer than the library's one second, which a loaded machine may need twice."""
        super().wait(application_name, notification_id, timeout, interrupt)

    def get_created_event_counter(self) -> int:
        """Count the first events of aggregates."""
        return len(self.select_events(CREATED))

    def get_subsequent_event_counter(self) -> int:
        """Count the later events of aggregates."""
        return len(self.select_events(SUBSEQUENT))

    def incr_created_event_counter(self, tracking: Tracking) -> None:
        """Count a first event."""
        self._count(CREATED, tracking)

    def incr_subsequent_event_counter(self, tracking: Tracking) -> None:
        """Count a later event."""
        self._count(SUBSEQUENT, tracking)

    def _count(self, counter: str, tracking: Tracking) -> None:
        if counter not in self._versions:
            self._versions[counter] = len(self.select_events(counter))
        version = self._versions[counter] + 1
        self.insert_events([StoredEvent(counter, version, "Counted", b"1")], tracking=tracking)
        self._versions[counter] = version
