"""Opening a recorder on Kafka: its index, its topics, its transactional id."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from eventlog.index import open_index, temporary_index
from eventlog.kafka_journal import JournalTopics, KafkaJournal
from eventlog.port import KafkaClient


@contextmanager
def open_journal(
    client: KafkaClient,
    topics: JournalTopics,
    *,
    transactional_id: str | None,
    index: Path | None = None,
) -> Iterator[KafkaJournal]:
    """
    Open a journal for writing, or, without *transactional_id*, for reading.

    Earlier writers of that id are fenced first: only behind that is the end of the topic the end
    of all that they wrote.
    """
    with ExitStack() as stack:
        transactions = None
        if transactional_id is not None:
            transactions = stack.enter_context(closing(client.transactions(transactional_id)))
        path = index or stack.enter_context(temporary_index())
        tables = stack.enter_context(closing(open_index(path, client, topics.events)))
        journal = KafkaJournal(tables, topics, client, transactions)
        stack.enter_context(closing(journal))
        yield journal
