"""Opening a recorder on Kafka: its index, its topics, its transactional id."""

import shutil
import tempfile
import weakref
from contextlib import ExitStack, closing
from pathlib import Path

from eventlog.index import open_index
from eventlog.kafka_journal import JournalTopics, KafkaJournal
from eventlog.port import KafkaClient
from eventlog.tables import Tables


def open_journal(
    client: KafkaClient,
    topics: JournalTopics,
    *,
    transactional_id: str | None,
    index: Path | None = None,
) -> KafkaJournal:
    """
    Open a journal for writing, or, without *transactional_id*, for reading.

    Earlier writers of that id are fenced first: only behind that is the end of the topic the end
    of all that they wrote. Without *index*, the index lives as long as the journal.
    """
    with ExitStack() as stack:
        transactions = None
        if transactional_id is not None:
            transactions = stack.enter_context(closing(client.transactions(transactional_id)))
        path = index
        if path is None:
            folder = tempfile.mkdtemp(prefix="hengwen-index-")
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            path = Path(folder) / "index.sqlite"
        if index is None and transactional_id is None:
            tables = Tables(path, durability="OFF")
        else:
            tables = open_index(path, client, topics.events)
        stack.enter_context(closing(tables))
        journal = KafkaJournal(tables, topics, client, transactions)
        journal.opened.push(stack.pop_all())
        # The library drops a factory and goes on with its recorder, so the journal owns it all.
        weakref.finalize(journal, journal.opened.close)
    return journal
