"""Logs that can be copied to."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

from eventlog.contract import OrderedSubmission, StoredRecord
from eventlog.copy import CopyTarget, TargetNotEmpty
from eventlog.embedded import EmbeddedLog
from eventlog.events_topic import MILLI, outgoing
from eventlog.headers import pack
from eventlog.journals import insert_rows
from eventlog.kafka import KafkaLog
from eventlog.port import OutgoingRecord, Producer, Transactions
from eventlog.topics import (
    ADMISSION,
    EVENTS,
    SETTINGS,
    SUBMISSIONS,
    create_topics,
    switch_to_append_time,
)


class EmbeddedTarget:
    """Copies into the file of an embedded log."""

    def __init__(self, log: EmbeddedLog) -> None:
        self._log = log

    def is_empty(self) -> bool:
        """Whether nothing was ever written."""
        return not self._log.last_ordinal() and not self._log.last_position()

    def take_submissions(self, submissions: Sequence[OrderedSubmission]) -> list[int]:
        """Write submissions; the offset of each is its ordinal."""
        with self._log.tables.writing() as connection:
            connection.executemany(
                "INSERT INTO submissions VALUES (?,?,?,?,?,?)",
                [
                    (
                        one.ordinal,
                        one.ordinal,
                        one.key,
                        one.value,
                        pack(one.headers),
                        one.appended_at,
                    )
                    for one in submissions
                ],
            )
        return [one.ordinal for one in submissions]

    def take_events(self, events: Sequence[StoredRecord]) -> None:
        """Write events; the offset of each is its position."""
        with self._log.tables.writing() as connection:
            rows = [event._replace(offset=event.position) for event in events]
            insert_rows(connection, "events", rows)

    def finish(self) -> None:
        """Do nothing: it is a log like any other."""


class KafkaTarget:
    """Copies into fresh topics, which keep the times given to them until finish()."""

    def __init__(self, log: KafkaLog, producer: Producer, transactions: Transactions) -> None:
        self._log = log
        self._producer = producer
        self._transactions = transactions

    def is_empty(self) -> bool:
        """Whether nothing was ever written."""
        return not self._log.last_ordinal() and not self._log.last_position()

    def take_submissions(self, submissions: Sequence[OrderedSubmission]) -> list[int]:
        """Write submissions; their offsets as the broker gives them."""
        topic = self._log.topic(SUBMISSIONS)
        written = self._producer.send(
            [
                OutgoingRecord(topic, one.key, one.value, one.headers, one.appended_at // MILLI)
                for one in submissions
            ]
        )
        return [place.offset for place in written]

    def take_events(self, events: Sequence[StoredRecord]) -> None:
        """Write events in one transaction, as admission does."""
        topic = self._log.topic(EVENTS)
        if events:
            self._transactions.commit(
                [
                    outgoing(topic, event)._replace(time_ms=event.appended_at // MILLI)
                    for event in events
                ]
            )

    def finish(self) -> None:
        """From here on the broker gives the times."""
        client = self._log.client
        switch_to_append_time(client.bootstrap, self._log.name, client.settings)


@contextmanager
def open_target(
    log: EmbeddedLog | KafkaLog, *, replication_factor: int, min_insync_replicas: int
) -> Iterator[CopyTarget]:
    """
    Make *log* ready to be copied to; on Kafka its topics are created.

    Until the copy is finished the topics have CreateTime, with which no writer starts.

    Raises:
        TargetNotEmpty: some of the topics are there already.
    """
    if isinstance(log, EmbeddedLog):
        yield EmbeddedTarget(log)
        return
    made = create_topics(
        log.client.bootstrap,
        log.name,
        replication_factor=replication_factor,
        min_insync_replicas=min_insync_replicas,
        client_settings=log.client.settings,
        create_time=True,
    )
    if len(made) < len(SETTINGS):
        raise TargetNotEmpty
    with (
        closing(log.client.producer()) as producer,
        closing(log.client.transactions(log.topic(ADMISSION))) as transactions,
    ):
        yield KafkaTarget(log, producer, transactions)
