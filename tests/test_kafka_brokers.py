"""What the start asks of brokers, before the first transaction was ever begun on them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.local_kafka import Broker
from eventlog.contract import UnsafeSettings
from eventlog.topics import check_topics, create_topics

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def careless(kafka_libs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker that will keep two copies of its record of transactions, and be content with one."""
    broker = Broker(
        libs=kafka_libs,
        folder=tmp_path_factory.mktemp("careless"),
        settings={
            "transaction.state.log.replication.factor": "2",
            "transaction.state.log.min.isr": "1",
        },
    )
    broker.start()
    yield broker
    broker.stop()


def test_a_broker_that_would_be_content_with_one_copy_is_refused(
    careless: Broker, log_name: str
) -> None:
    """By the name of broker and setting, for its record of transactions is not made yet."""
    create_topics(careless.bootstrap, log_name, replication_factor=1, min_insync_replicas=1)
    with pytest.raises(UnsafeSettings) as refused:
        check_topics(careless.bootstrap, log_name)
    assert refused.value.names == (
        "broker 1: transaction.state.log.min.isr is 1, must be 2 or more",
    )


def test_a_broker_that_would_keep_fewer_copies_than_wanted_is_refused(
    careless: Broker, log_name: str
) -> None:
    """As a topic with too few."""
    with pytest.raises(UnsafeSettings) as refused:
        check_topics(careless.bootstrap, log_name, replicas_min=3)
    named = "broker 1: transaction.state.log.replication.factor is 2, must be 3"
    assert named in refused.value.names
