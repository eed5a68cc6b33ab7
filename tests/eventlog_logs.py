"""Logs of every kind for tests: each opens the same log again and again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from eventsourcing.persistence import StoredEvent

from eventlog.clients import KAFKA_PYTHON, ClientName, open_client
from eventlog.contract import Log, OrderedSubmission, Outgoing, StoredRecord
from eventlog.embedded import EmbeddedLog
from eventlog.kafka import KafkaLog
from eventlog.topics import create_topics

EMBEDDED = "embedded"
READ_S = 60.0
"""Longest wait for what is known to be there: it comes at once, or the machine is very busy."""


@dataclass(frozen=True)
class Place:
    """Where one log is kept; it may be opened many times."""

    open: Callable[[], Log]

    @contextmanager
    def opened(self) -> Iterator[Log]:
        """Open the log for a while."""
        log = self.open()
        try:
            yield log
        finally:
            log.close()


def embedded_place(folder: Path, name: str = "hengwen") -> Place:
    """Keep a log in a file of *folder*."""
    return Place(lambda: EmbeddedLog(folder / f"{name}.sqlite", name))


def kafka_log(bootstrap: str, name: str, client: ClientName = KAFKA_PYTHON) -> KafkaLog:
    """Open a log on Kafka, its index no longer kept than the writer."""
    return KafkaLog(open_client(bootstrap, client=client), name)


def kafka_place(bootstrap: str, name: str, client: ClientName = KAFKA_PYTHON) -> Place:
    """Keep a log in fresh topics."""
    create_topics(bootstrap, name, replication_factor=1, min_insync_replicas=1)
    return Place(lambda: kafka_log(bootstrap, name, client))


def submissions(log: Log, count: int) -> list[OrderedSubmission]:
    """The first submissions, in as many reads as they take; fewer if a read finds nothing."""
    found: list[OrderedSubmission] = []
    while len(found) < count and (
        some := log.read_submissions(after=len(found), limit=10, timeout_s=READ_S)
    ):
        found += some
    return found


def recorded(log: Log, count: int) -> list[StoredRecord]:
    """The first events, in as many reads as they take; fewer if a read finds nothing."""
    found: list[StoredRecord] = []
    while len(found) < count and (
        some := log.read_events(after=len(found), limit=10, timeout_s=READ_S)
    ):
        found += some
    return found


def outgoing(number: int) -> Outgoing:
    """Submission *number* of a test."""
    return Outgoing("632221", b"submission %d" % number, b"proof %d" % number, f"trace-{number}")


def events(stream: str, *versions: int) -> list[StoredEvent]:
    """Events of one stream."""
    return [
        StoredEvent(stream, version, "hengwen.Test", f"{stream} {version}".encode())
        for version in versions
    ]
