"""The Kafka log as a persistence module of the ``eventsourcing`` library."""

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Final, cast

from eventsourcing.persistence import InfrastructureFactoryError
from eventsourcing.utils import Environment, EnvType

from eventlog import persistence
from eventlog.clients import KAFKA_PYTHON, ClientName, open_client
from eventlog.kafka_journal import JournalTopics, KafkaJournal
from eventlog.kafka_recording import open_journal
from eventlog.topics import (
    ADMISSION,
    EVENTS,
    TRACKING,
    administration,
    create_stored_topic,
    create_topics,
)

KAFKA_BOOTSTRAP_SERVERS: Final = "KAFKA_BOOTSTRAP_SERVERS"
EVENTLOG_NAME: Final = "EVENTLOG_NAME"
"""Name of the log; without it, that of the application."""
EVENTLOG_INDEX: Final = "EVENTLOG_INDEX"
"""Folder for local indexes; without it, they live as long as the factory."""
EVENTLOG_CLIENT: Final = "EVENTLOG_CLIENT"
KAFKA_CLIENT_SETTINGS: Final = "KAFKA_CLIENT_SETTINGS"
"""JSON object of settings passed through to the client, by the names of kafka-python."""
EVENTLOG_REPLICATION_FACTOR: Final = "EVENTLOG_REPLICATION_FACTOR"
EVENTLOG_MIN_INSYNC_REPLICAS: Final = "EVENTLOG_MIN_INSYNC_REPLICAS"


class Factory(persistence.LogFactory):
    """
    Recorders over the topics of one log.

    Raises:
        InfrastructureFactoryError: KAFKA_BOOTSTRAP_SERVERS is missing.
    """

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        bootstrap = self.env.get(KAFKA_BOOTSTRAP_SERVERS)
        if not bootstrap:
            raise InfrastructureFactoryError(f"{KAFKA_BOOTSTRAP_SERVERS} is not set")
        client = cast(ClientName, self.env.get(EVENTLOG_CLIENT) or KAFKA_PYTHON)
        settings = json.loads(self.env.get(KAFKA_CLIENT_SETTINGS) or "{}")
        self.client = open_client(bootstrap, settings, client)
        self.name = self.env.get(EVENTLOG_NAME) or self.env.name.lower() or "application"
        self._open = ExitStack()

    def events(self) -> KafkaJournal:
        """Journal of events and tracking, its earlier writers fenced."""
        self._create()
        return self._journal(EVENTS, ADMISSION)

    def stored(self, purpose: str) -> KafkaJournal:
        """Journal of events for one purpose, in a topic of its own."""
        self._create()
        if self.creates:
            with administration(self.client.bootstrap, self.client.settings) as admin:
                create_stored_topic(admin, f"{self.name}.{purpose}", self._replication)
        return self._journal(purpose, purpose)

    def tracking(self) -> KafkaJournal:
        """Journal of tracking; it writes no events."""
        self._create()
        return self._journal(EVENTS, TRACKING)

    @property
    def _replication(self) -> tuple[int, int]:
        return (
            int(self.env.get(EVENTLOG_REPLICATION_FACTOR) or 3),
            int(self.env.get(EVENTLOG_MIN_INSYNC_REPLICAS) or 2),
        )

    def _create(self) -> None:
        if self.creates:
            replication_factor, min_insync_replicas = self._replication
            create_topics(
                self.client.bootstrap,
                self.name,
                replication_factor=replication_factor,
                min_insync_replicas=min_insync_replicas,
                client_settings=self.client.settings,
            )

    def _journal(self, kind: str, writer: str) -> KafkaJournal:
        folder = self.env.get(EVENTLOG_INDEX)
        index = Path(folder) / f"{self.name}.{kind}.{writer}.sqlite" if folder else None
        journal = open_journal(
            self.client,
            JournalTopics(f"{self.name}.{kind}", f"{self.name}.{TRACKING}"),
            transactional_id=f"{self.name}.{writer}",
            index=index,
        )
        self._open.callback(journal.close)
        return journal

    def close(self) -> None:
        """Disconnect all recorders."""
        self._open.close()
