"""The embedded log as a persistence module of the ``eventsourcing`` library."""

from pathlib import Path
from typing import Final

from eventsourcing.persistence import InfrastructureFactoryError
from eventsourcing.utils import Environment, EnvType

from eventlog import persistence
from eventlog.embedded_journal import UNFENCED, EmbeddedJournal, next_epoch, system_clock
from eventlog.tables import Tables

EVENTLOG_PATH: Final = "EVENTLOG_PATH"
"""Setting of the application's environment: the file of the log."""


class Factory(persistence.LogFactory):
    """
    Recorders over one SQLite file, EVENTLOG_PATH.

    Raises:
        InfrastructureFactoryError: the setting is missing.
    """

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        path = self.env.get(EVENTLOG_PATH)
        if not path:
            raise InfrastructureFactoryError(f"{EVENTLOG_PATH} is not set")
        self._tables = Tables(Path(path), durability="FULL")

    def events(self) -> EmbeddedJournal:
        """Journal of events and tracking, its earlier writers fenced."""
        return self._journal("events", next_epoch(self._tables, "events"))

    def stored(self, purpose: str) -> EmbeddedJournal:
        """Journal of events for one purpose."""
        table = self._tables.create_stored(purpose)
        return self._journal(table, next_epoch(self._tables, table))

    def tracking(self) -> EmbeddedJournal:
        """Journal of tracking alone; several views may keep theirs in one file."""
        return self._journal("events", UNFENCED)

    def _journal(self, table: str, epoch: int) -> EmbeddedJournal:
        return EmbeddedJournal(self._tables, table, system_clock, epoch)

    def close(self) -> None:
        """Close the file."""
        self._tables.close()
