"""What only Kafka can do to a log: transactions, indexes, settings, poison."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from eventlog_logs import READ_S, events, kafka_log, kafka_place, outgoing, submissions
from kafka import KafkaAdminClient, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType

from eventlog.clients import KAFKA_PYTHON, LIBRDKAFKA, ClientName, open_client
from eventlog.contract import Abortable, Fenced, LogDamaged, LogUnavailable, UnsafeSettings
from eventlog.kafka import KafkaLog
from eventlog.port import OutgoingRecord
from eventlog.topics import check_topics, create_topics

CLIENTS = pytest.mark.parametrize("client", [KAFKA_PYTHON, LIBRDKAFKA])


def indexed(bootstrap: str, name: str, path: Path) -> KafkaLog:
    """Open a log that keeps its index."""
    return KafkaLog(open_client(bootstrap), name, index=path)


def in_transaction(bootstrap: str, name: str, values: list[bytes]) -> KafkaProducer:
    """Append submissions in a transaction of a publisher, and leave it open."""
    producer = KafkaProducer(
        bootstrap_servers=bootstrap, transactional_id=f"{name}.publisher", metrics_enabled=False
    )
    producer.init_transactions()
    producer.begin_transaction()
    for value in values:
        producer.send(f"{name}.submissions", value=value, partition=0).get(READ_S)
    return producer


@CLIENTS
def test_a_publishers_open_transaction_blocks_nobody(
    kafka_bootstrap: str, log_name: str, client: ClientName
) -> None:
    """What was appended in and behind an open transaction is read at once."""
    kafka_place(kafka_bootstrap, log_name)
    producer = in_transaction(kafka_bootstrap, log_name, [b"open"])
    with closing(kafka_log(kafka_bootstrap, log_name, client)) as log:
        log.append([outgoing(2)])
        found = submissions(log, 2)
        assert log.last_ordinal() == 2
    producer.abort_transaction()
    producer.close()

    assert [submission.value for submission in found] == [b"open", b"submission 2"]


@CLIENTS
def test_an_aborted_submission_is_the_next_one_all_the_same(
    kafka_bootstrap: str, log_name: str, client: ClientName
) -> None:
    """Aborted records are counted, markers are not, from wherever one reads."""
    kafka_place(kafka_bootstrap, log_name)
    with closing(kafka_log(kafka_bootstrap, log_name, client)) as log:
        log.append([outgoing(1)])
        producer = in_transaction(kafka_bootstrap, log_name, [b"aborted"])
        producer.abort_transaction()
        producer.close()
        log.append([outgoing(3)])
        with log.writer() as writer:
            writer.insert_events(events("account/a", 1, 2), submission_offsets=[0, 1])
    with closing(kafka_log(kafka_bootstrap, log_name, client)) as log:
        assert log.last_ordinal() == 3
        (third,) = log.read_submissions(after=2, limit=10, timeout_s=READ_S)

    # The marker comes when the broker likes: before the third record or behind it.
    assert third.offset in (2, 3)
    assert (third.ordinal, third.value) == (3, b"submission 3")


def test_poison_is_read_like_anything_else(kafka_bootstrap: str, log_name: str) -> None:
    """A tombstone, a record without headers, a doubled proof: each is a submission."""
    kafka_place(kafka_bootstrap, log_name)
    with closing(open_client(kafka_bootstrap).producer()) as producer:
        topic = f"{log_name}.submissions"
        producer.send(
            [
                OutgoingRecord(topic, b"x", None, ()),
                OutgoingRecord(topic, None, b"bare", ()),
                OutgoingRecord(topic, None, b"two", (("hengwen-proof", b"1"),) * 2),
            ]
        )
    with closing(kafka_log(kafka_bootstrap, log_name)) as log:
        found = submissions(log, 3)

    assert [(one.value, one.proof, one.proofs) for one in found] == [
        (None, None, 0),
        (b"bare", None, 0),
        (b"two", b"1", 2),
    ]


class NoText(str):
    """A header key that is sent as bytes which are no UTF-8."""

    __slots__ = ()

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        """Give bytes that no client would send from a text."""
        del encoding, errors
        return b"\xff\xfe"


@CLIENTS
def test_header_keys_that_are_no_text_stop_nobody(
    kafka_bootstrap: str, log_name: str, client: ClientName
) -> None:
    """With both clients, such a record is one without headers, and reading goes on behind it."""
    kafka_place(kafka_bootstrap, log_name)
    producer = KafkaProducer(bootstrap_servers=kafka_bootstrap, metrics_enabled=False)
    for value, key in ((b"1", "a"), (b"2", NoText("b")), (b"3", "hengwen-proof")):
        headers = [("hengwen-proof", b"p"), (key, b"v")]
        producer.send(
            f"{log_name}.submissions", key=b"k", value=value, headers=headers, partition=0
        )
    producer.close()
    with closing(kafka_log(kafka_bootstrap, log_name, client)) as log:
        found = submissions(log, 3)

    assert [(one.key, one.value, one.proofs) for one in found] == [
        (b"k", b"1", 1),
        (b"k", b"2", 0),
        (b"k", b"3", 2),
    ]
    assert all(one.appended_at for one in found)


@CLIENTS
def test_a_batch_that_cannot_be_written_is_aborted(
    kafka_bootstrap: str, log_name: str, client: ClientName
) -> None:
    """An event too large for the broker leaves nothing, and the writer goes on."""
    kafka_place(kafka_bootstrap, log_name)
    huge = events("account/a", 2)[0]
    object.__setattr__(huge, "state", b"x" * 2_000_000)
    with closing(kafka_log(kafka_bootstrap, log_name, client)) as log, log.writer() as writer:
        writer.insert_events(events("account/a", 1))
        with pytest.raises(Abortable):
            writer.insert_events([*events("account/b", 1), huge])
        assert writer.insert_events(events("account/b", 1)) == [2]
        assert [e.stream for e in log.read_events(after=0, limit=9, timeout_s=READ_S)][:1] == [
            "account/a"
        ]
        assert log.last_position() == 2


@CLIENTS
def test_a_hung_transaction_of_a_dead_writer_is_aborted_by_the_next(
    kafka_bootstrap: str, log_name: str, client: ClientName
) -> None:
    """What a killed writer had sent without commit is not there for the next one."""
    kafka_place(kafka_bootstrap, log_name)
    dead = KafkaProducer(
        bootstrap_servers=kafka_bootstrap,
        transactional_id=f"{log_name}.admission",
        metrics_enabled=False,
    )
    dead.init_transactions()
    dead.begin_transaction()
    dead.send(f"{log_name}.events", value=b"half", partition=0).get(READ_S)
    with closing(kafka_log(kafka_bootstrap, log_name, client)) as log, log.writer() as writer:
        assert writer.max_notification_id() is None
        assert writer.insert_events(events("account/a", 1)) == [1]
        assert log.last_position() == 1
    dead.close(timeout=1)


def test_an_index_that_was_deleted_or_is_stale_catches_up(
    kafka_bootstrap: str, log_name: str, tmp_path: Path
) -> None:
    """The index is a cache: older, gone or no index at all, the recorder knows everything."""
    kafka_place(kafka_bootstrap, log_name)
    path, stale = tmp_path / "index.sqlite", tmp_path / "stale.sqlite"
    with closing(indexed(kafka_bootstrap, log_name, path)) as log, log.writer() as writer:
        writer.insert_events(events("account/a", 1))
    shutil.copy(path, stale)
    with closing(indexed(kafka_bootstrap, log_name, path)) as log, log.writer() as writer:
        writer.insert_events(events("account/a", 2))
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(b"no index at all" * 100)
    for index in (stale, broken, tmp_path / "new.sqlite"):
        with closing(indexed(kafka_bootstrap, log_name, index)) as log, log.writer() as writer:
            found = writer.select_events("account/a")
            assert [event.originator_version for event in found] == [1, 2]


def test_an_index_of_another_topic_is_made_anew(
    kafka_bootstrap: str, log_name: str, tmp_path: Path
) -> None:
    """An index bound to another topic id is forgotten."""
    path = tmp_path / "index.sqlite"
    for name in (log_name, f"{log_name}-b"):
        kafka_place(kafka_bootstrap, name)
        with closing(indexed(kafka_bootstrap, name, path)) as log, log.writer() as writer:
            assert writer.insert_events(events("account/a", 1)) == [1]


def test_a_log_shorter_than_its_index_is_damaged(
    kafka_bootstrap: str, log_name: str, tmp_path: Path
) -> None:
    """If the index knows an event that the topic lacks, or another one, the writer refuses."""
    kafka_place(kafka_bootstrap, log_name)
    path = tmp_path / "index.sqlite"
    with closing(indexed(kafka_bootstrap, log_name, path)) as log, log.writer() as writer:
        writer.insert_events(events("account/a", 1, 2))
    for change in (
        "UPDATE events SET value=x'00' WHERE position=2",
        "INSERT INTO events VALUES (3, 9, 'account/a', 3, 't', x'00', 0, NULL)",
    ):
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(change)
        with (
            closing(indexed(kafka_bootstrap, log_name, path)) as log,
            pytest.raises(LogDamaged),
            log.writer(),
        ):
            pass


def test_a_log_without_its_beginning_is_damaged(kafka_bootstrap: str, log_name: str) -> None:
    """If somebody deletes records, nobody reads on as if nothing had happened."""
    kafka_place(kafka_bootstrap, log_name)
    with closing(kafka_log(kafka_bootstrap, log_name)) as log:
        log.append([outgoing(1), outgoing(2)])
        with log.writer() as writer:
            writer.insert_events(events("account/a", 1, 2))
    with closing(KafkaAdminClient(bootstrap_servers=kafka_bootstrap)) as admin:
        for topic in ("submissions", "events"):
            admin.delete_records({TopicPartition(f"{log_name}.{topic}", 0): 1})
    for client in (KAFKA_PYTHON, LIBRDKAFKA):
        with closing(kafka_log(kafka_bootstrap, log_name, client)) as log:
            with pytest.raises(LogDamaged):
                log.read_submissions(after=0, limit=1, timeout_s=READ_S)
            with pytest.raises(LogDamaged):
                log.read_events(after=0, limit=1, timeout_s=READ_S)
            with pytest.raises(LogDamaged), log.writer():
                pass


def test_a_foreign_record_among_the_events_is_damage(kafka_bootstrap: str, log_name: str) -> None:
    """A record without a position, or with a wrong one, was not written by admission."""
    kafka_place(kafka_bootstrap, log_name)
    with closing(open_client(kafka_bootstrap).producer()) as producer:
        producer.send([OutgoingRecord(f"{log_name}.events", None, b"foreign", ())])
    with closing(kafka_log(kafka_bootstrap, log_name)) as log, pytest.raises(LogDamaged):
        log.read_events(after=0, limit=1, timeout_s=READ_S)


def test_topics_that_do_not_exist_are_named(kafka_bootstrap: str, log_name: str) -> None:
    """A log that was never created is refused, by the check and by the writer."""
    with pytest.raises(UnsafeSettings) as refused:
        check_topics(kafka_bootstrap, log_name)
    with (
        closing(kafka_log(kafka_bootstrap, log_name)) as log,
        pytest.raises(LogUnavailable),
        log.writer(),
    ):
        pass

    assert f"{log_name}.events: does not exist" in refused.value.names


def test_created_topics_pass_the_check(kafka_bootstrap: str, log_name: str) -> None:
    """Creating again changes nothing."""
    made = create_topics(kafka_bootstrap, log_name, replication_factor=1, min_insync_replicas=1)
    again = create_topics(kafka_bootstrap, log_name, replication_factor=1, min_insync_replicas=1)
    check_topics(kafka_bootstrap, log_name)

    assert made == [
        f"{log_name}.{kind}" for kind in ("submissions", "events", "checkpoints", "tracking")
    ]
    assert again == []


@pytest.mark.parametrize(
    ("topic", "setting", "value"),
    [
        ("submissions", "retention.ms", "604800000"),
        ("events", "retention.bytes", "1000000000"),
        ("events", "cleanup.policy", "compact"),
        ("submissions", "message.timestamp.type", "CreateTime"),
        ("submissions", "compression.type", "producer"),
        ("events", "unclean.leader.election.enable", "true"),
        ("checkpoints", "retention.ms", "1"),
        ("events", "min.insync.replicas", "2"),
    ],
)
def test_settings_that_could_lose_history_are_refused_by_name(
    kafka_bootstrap: str, log_name: str, topic: str, setting: str, value: str
) -> None:
    """Each such setting stops the start, and the refusal names topic, setting and value."""
    create_topics(kafka_bootstrap, log_name, replication_factor=1, min_insync_replicas=1)
    with closing(KafkaAdminClient(bootstrap_servers=kafka_bootstrap)) as admin:
        admin.alter_configs(
            [ConfigResource(ConfigResourceType.TOPIC, f"{log_name}.{topic}", {setting: value})]
        )

    with pytest.raises(UnsafeSettings) as refused:
        check_topics(kafka_bootstrap, log_name)

    (name,) = refused.value.names
    assert name.startswith(f"{log_name}.{topic}: {setting} is {value},")


def test_a_lack_of_replicas_is_refused(kafka_bootstrap: str, log_name: str) -> None:
    """Production asks for three replicas."""
    create_topics(kafka_bootstrap, log_name, replication_factor=1, min_insync_replicas=1)

    with pytest.raises(UnsafeSettings, match="has 1 replicas, must have 3"):
        check_topics(kafka_bootstrap, log_name, replicas_min=3)


def test_clients_of_both_kinds_fence_each_other(kafka_bootstrap: str, log_name: str) -> None:
    """The transactional id is the log's, whichever client speaks."""
    kafka_place(kafka_bootstrap, log_name)
    with (
        closing(kafka_log(kafka_bootstrap, log_name, KAFKA_PYTHON)) as one,
        closing(kafka_log(kafka_bootstrap, log_name, LIBRDKAFKA)) as two,
        one.writer() as old,
        two.writer() as new,
    ):
        assert new.insert_events(events("account/a", 1)) == [1]
        with pytest.raises(Fenced):
            old.insert_events(events("account/a", 1))


def test_the_holder_keeps_the_lease_when_others_join(kafka_bootstrap: str, log_name: str) -> None:
    """Standbys of both kinds come and go; the lease does not move."""
    kafka_place(kafka_bootstrap, log_name)
    client = open_client(kafka_bootstrap)
    other = open_client(kafka_bootstrap, client=LIBRDKAFKA)
    group, topic = f"{log_name}.admission-lease", f"{log_name}.events"
    with closing(kafka_log(kafka_bootstrap, log_name)) as log, log.lease() as lease:
        for joining in (client, other, client, other):
            with closing(joining.membership(group, topic, session_s=6)) as standby:
                assert not any(standby.poll(0.1) for _ in range(10))
            assert lease.held
