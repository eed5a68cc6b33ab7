"""
Small batches that are huge when unpacked: the broker refuses them, and nobody reads them.

On topics as ``hengwen init`` makes them, which keep records unpacked and at most 1 MiB large.
"""

from collections.abc import Sequence
from contextlib import closing

import pytest
from eventlog_logs import kafka_log, kafka_place, outgoing, submissions
from kafka import KafkaProducer
from kafka.errors import KafkaError, MessageSizeTooLargeError

from app.local_kafka import Broker

pytestmark = pytest.mark.slow

WAIT_S = 120
MB = 1_000_000


def packed(bootstrap: str, topic: str, values: Sequence[bytes]) -> list[BaseException | None]:
    """Send values as one gzip batch, as any program can; what the broker says to each."""
    producer = KafkaProducer(
        bootstrap_servers=bootstrap, compression_type="gzip", max_request_size=400 * MB,
        batch_size=400 * MB, linger_ms=WAIT_S * 500, retries=0, enable_idempotence=False,
        metrics_enabled=False,
    )  # fmt: skip
    with closing(producer):
        sent = [producer.send(topic, value=value, partition=0) for value in values]
        producer.flush(WAIT_S)
        assert all(one.is_done for one in sent)
        return [one.exception for one in sent]


def test_one_record_of_eighty_megabytes_is_refused_by_its_unpacked_size(
    own_broker: Broker, log_name: str
) -> None:
    """It comes as eighty kilobytes; the topic keeps records unpacked, so their size is known."""
    kafka_place(own_broker.bootstrap, log_name)
    [said] = packed(own_broker.bootstrap, f"{log_name}.submissions", [bytes(80 * MB)])
    assert isinstance(said, MessageSizeTooLargeError)
    _goes_on(own_broker, log_name)


def test_a_batch_of_records_that_are_small_enough_each_is_refused_whole(
    own_broker: Broker, log_name: str
) -> None:
    """Two hundred records of 900 kB in one batch: none of them is in the log."""
    kafka_place(own_broker.bootstrap, log_name)
    said = packed(own_broker.bootstrap, f"{log_name}.submissions", [bytes(900_000)] * 200)
    assert all(isinstance(one, KafkaError) for one in said)
    _goes_on(own_broker, log_name)


def _goes_on(broker: Broker, name: str) -> None:
    """Nothing was appended, and the next submission is the first."""
    assert broker.running
    with closing(kafka_log(broker.bootstrap, name)) as log:
        assert log.last_ordinal() == 0
        log.append([outgoing(1)])
        assert [one.value for one in submissions(log, 1)] == [b"submission 1"]
