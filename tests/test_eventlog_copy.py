"""Carrying a log to another place, and the digest that says nothing was lost."""

import hashlib
import itertools
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from eventlog_logs import READ_S, events, kafka_log, kafka_place, outgoing
from kafka import KafkaProducer

from eventlog.contract import UnsafeSettings
from eventlog.copy import Copied, TargetNotEmpty, copy
from eventlog.copy_targets import open_target
from eventlog.digest import digest
from eventlog.embedded import EmbeddedLog, name_in
from eventlog.kafka import KafkaLog
from eventlog.topics import check_topics

HOUR = 3_600_000_000


def past_clock() -> Any:
    """Tell times of 2019, an hour apart."""
    ticks = itertools.count(1_546_300_800_000_000, HOUR)
    return lambda: next(ticks)


def filled(log: EmbeddedLog | KafkaLog) -> None:
    """Write five submissions, three of them decided."""
    for number in range(1, 6):
        log.append([outgoing(number)])
    with log.writer() as writer:
        writer.insert_events(events("account/a", 1, 2))
        writer.insert_events(events("account/b", 1))


def content(log: EmbeddedLog | KafkaLog) -> list[Any]:
    """Everything of a log but its offsets."""
    found: list[Any] = []
    for n in range(log.last_ordinal()):
        (one,) = log.read_submissions(after=n, limit=1, timeout_s=READ_S)
        found.append(one._replace(offset=0))
    for n in range(log.last_position()):
        (event,) = log.read_events(after=n, limit=1, timeout_s=READ_S)
        found.append(event._replace(offset=0, submission_offset=None))
    return found


@pytest.fixture
def old_log(tmp_path: Path) -> Iterator[EmbeddedLog]:
    """Give an embedded log of years ago."""
    with closing(EmbeddedLog(tmp_path / "old.sqlite", "old", clock=past_clock())) as log:
        filled(log)
        yield log


def carry(source: EmbeddedLog | KafkaLog, target: EmbeddedLog | KafkaLog) -> Copied:
    """Copy all of a log."""
    with open_target(target, replication_factor=1, min_insync_replicas=1) as opened:
        return copy(source, opened)


def test_the_digest_is_over_values_behind_their_lengths(old_log: EmbeddedLog) -> None:
    """Anybody can compute it: four bytes of length, big endian, then the value."""
    values = [b"account/a 1", b"account/a 2", b"account/b 1"]
    expected = hashlib.sha256(b"".join(len(v).to_bytes(4, "big") + v for v in values)).digest()

    assert (digest(old_log).count, digest(old_log).sha256) == (3, expected)


def test_a_copy_is_the_same_log_elsewhere(old_log: EmbeddedLog, tmp_path: Path) -> None:
    """Key, value, headers and time of every record; the copy goes on like any log."""
    with closing(EmbeddedLog(tmp_path / "new.sqlite", "new")) as new:
        assert carry(old_log, new) == Copied(5, 3)
        assert content(new) == content(old_log)
        assert digest(new) == digest(old_log)
        with new.writer() as writer:
            assert writer.insert_events(events("account/a", 3)) == [4]
    assert name_in(tmp_path / "new.sqlite") == "new"


def test_submissions_alone_are_copied_to_be_decided_again(
    old_log: EmbeddedLog, tmp_path: Path
) -> None:
    """Their order and their times go along, so the verdicts must be the same."""
    with closing(EmbeddedLog(tmp_path / "new.sqlite", "new")) as new:
        with open_target(new, replication_factor=1, min_insync_replicas=1) as opened:
            assert copy(old_log, opened, submissions_only=True) == Copied(5, 0)
        assert content(new) == content(old_log)[:5]


def test_a_copy_never_goes_onto_something(old_log: EmbeddedLog, tmp_path: Path) -> None:
    """A target that holds anything is refused, and unchanged."""
    with closing(EmbeddedLog(tmp_path / "new.sqlite", "new")) as new:
        new.append([outgoing(9)])
        with pytest.raises(TargetNotEmpty):
            carry(old_log, new)
        assert new.last_ordinal() == 1


def test_a_log_goes_to_kafka_and_comes_back(
    old_log: EmbeddedLog, tmp_path: Path, kafka_bootstrap: str, log_name: str
) -> None:
    """Times of years ago survive; the topics then are like any others; the way back is exact."""
    with (
        closing(kafka_log(kafka_bootstrap, log_name)) as on_kafka,
        closing(EmbeddedLog(tmp_path / "back.sqlite", "back")) as back,
    ):
        carry(old_log, on_kafka)
        check_topics(kafka_bootstrap, log_name)
        assert content(on_kafka) == content(old_log)
        (third,) = on_kafka.read_submissions(after=2, limit=1, timeout_s=READ_S)
        (event,) = on_kafka.read_events(after=2, limit=1, timeout_s=READ_S)
        assert event.submission_offset == third.offset
        assert carry(on_kafka, back) == Copied(5, 3)
        assert content(back) == content(old_log)
        assert digest(back) == digest(on_kafka)
        with on_kafka.writer() as writer:
            assert writer.insert_events(events("account/a", 3)) == [4]
        (later,) = on_kafka.read_events(after=3, limit=1, timeout_s=READ_S)
    assert later.appended_at - event.appended_at > HOUR


def test_what_a_publisher_aborted_is_copied_too(kafka_bootstrap: str, log_name: str) -> None:
    """It is a submission, and was decided."""
    kafka_place(kafka_bootstrap, log_name)
    producer = KafkaProducer(
        bootstrap_servers=kafka_bootstrap, transactional_id=log_name, metrics_enabled=False
    )
    producer.init_transactions()
    producer.begin_transaction()
    producer.send(f"{log_name}.submissions", value=b"aborted", partition=0).get(READ_S)
    producer.abort_transaction()
    producer.close()
    with (
        closing(kafka_log(kafka_bootstrap, log_name)) as source,
        closing(kafka_log(kafka_bootstrap, f"{log_name}-copy", "librdkafka")) as target,
    ):
        filled(source)
        assert carry(source, target) == Copied(6, 3)
        assert content(target) == content(source)
        (first,) = target.read_submissions(after=0, limit=1, timeout_s=READ_S)
    assert first.value == b"aborted"


def test_a_copy_that_was_not_finished_is_no_log(kafka_bootstrap: str, log_name: str) -> None:
    """Its topics would take any time, so a writer refuses them."""
    with (
        closing(kafka_log(kafka_bootstrap, log_name)) as log,
        open_target(log, replication_factor=1, min_insync_replicas=1),
        pytest.raises(UnsafeSettings, match=r"message\.timestamp\.type is CreateTime"),
    ):
        check_topics(kafka_bootstrap, log_name)
    with (
        closing(kafka_log(kafka_bootstrap, log_name)) as log,
        pytest.raises(TargetNotEmpty),
        open_target(log, replication_factor=1, min_insync_replicas=1),
    ):
        pass
