"""
What the ``eventsourcing`` library asks of a persistence module, over journals.

``PERSISTENCE_MODULE=eventlog.embedded`` and ``PERSISTENCE_MODULE=eventlog.kafka`` are built of it.
"""

from abc import abstractmethod
from typing import Final

from eventsourcing.persistence import InfrastructureFactory
from eventsourcing.utils import resolve_topic, strtobool

from eventlog.journals import Journal
from eventlog.recorders import LogAggregateRecorder, LogRecorder, LogTrackingRecorder

CREATE_TABLE: Final = "CREATE_TABLE"
"""Library's setting: whether tables, or topics, are created."""


class LogFactory(InfrastructureFactory[LogTrackingRecorder]):
    """Makes recorders over journals."""

    @abstractmethod
    def events(self) -> Journal:
        """Journal of events and tracking, its earlier writers fenced."""

    @abstractmethod
    def stored(self, purpose: str) -> Journal:
        """Journal of events for one purpose, apart from the events: snapshots, say."""

    @abstractmethod
    def tracking(self) -> Journal:
        """Journal of tracking alone."""

    @property
    def creates(self) -> bool:
        """Whether what is not there is made."""
        return bool(strtobool(self.env.get(CREATE_TABLE, "yes") or "yes"))

    def aggregate_recorder(self, purpose: str = "events") -> LogAggregateRecorder:
        """Make the recorder of aggregates for *purpose*."""
        return LogAggregateRecorder(self.stored(purpose))

    def application_recorder(self) -> LogRecorder:
        """Make the recorder that admission writes with."""
        return self._log_recorder(self.APPLICATION_RECORDER_TOPIC)

    def process_recorder(self) -> LogRecorder:
        """Make the same recorder: it records tracking too."""
        return self._log_recorder(self.PROCESS_RECORDER_TOPIC)

    def _log_recorder(self, setting: str) -> LogRecorder:
        topic = self.env.get(setting)
        cls: type[LogRecorder] = resolve_topic(topic) if topic else LogRecorder
        return cls(self.events())

    def tracking_recorder(
        self, tracking_recorder_class: type[LogTrackingRecorder] | None = None
    ) -> LogTrackingRecorder:
        """Make a tracking recorder; a view that keeps events too is given the events."""
        topic = self.env.get(self.TRACKING_RECORDER_TOPIC)
        cls = tracking_recorder_class or (resolve_topic(topic) if topic else LogTrackingRecorder)
        return cls(self.events() if issubclass(cls, LogRecorder) else self.tracking())
