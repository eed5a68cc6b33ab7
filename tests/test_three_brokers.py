"""Drills: three brokers with three copies, of which one loses its power while admission decides."""

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from drills import WAIT_S_MAX, Site, history, keep_running, until
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from three_brokers import ThreeBrokers

from app.problems import EXIT_BAD_INPUT as BAD_INPUT
from app.problems import EXIT_FENCED as FENCED
from app.settings import Settings
from app.wiring import check_log, prepare_log
from eventlog.clients import open_client
from eventlog.contract import UnsafeSettings
from eventlog.kafka import KafkaLog
from eventlog.topics import check_topics, create_topics
from eventlog.transaction_state import TOPIC as TRANSACTIONS

pytestmark = pytest.mark.slow

COPIES = 3
HELD_BACK = -20
"""Submissions from here on come when a broker is lost."""


@pytest.fixture(scope="module")
def started(kafka_libs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThreeBrokers]:
    """Start three brokers."""
    with ThreeBrokers(kafka_libs, tmp_path_factory.mktemp("three")) as cluster:
        yield cluster


@pytest.fixture
def cluster(started: ThreeBrokers) -> ThreeBrokers:
    """Give three brokers that run, whichever of them the test before took down."""
    for broker in started.brokers.values():
        if not broker.running:
            broker.restart()
    return started


@pytest.mark.parametrize("client", ["kafka-python", "librdkafka"])
def test_the_leader_of_events_loses_power_while_admission_decides(
    cluster: ThreeBrokers, postgres_dsn: str, log_name: str, tmp_path: Path, client: str
) -> None:
    """Another copy leads on: nothing is lost, nothing is doubled, and the lost one catches up."""
    records = history(300)
    settings = {"HENGWEN_KAFKA_REPLICATION": str(COPIES), "HENGWEN_KAFKA_CLIENT": client}
    events = f"{log_name}.events"
    site = Site(cluster.bootstrap, log_name, tmp_path, database=postgres_dsn, **settings)
    ended, exits = threading.Event(), list[int]()
    admission = threading.Thread(
        target=keep_running, args=(lambda: site.start("admit"), ended, exits)
    )
    feeding = threading.Thread(
        target=site.drip, args=(records[1:HELD_BACK],), kwargs={"some": 10, "pause_s": 0.2}
    )
    with site:
        site.submit(records[:1])
        admission.start()
        try:
            site.wait_position(1)
            feeding.start()
            site.wait_position(20)
            lost = cluster.brokers[cluster.partition(events)["leader_id"]]
            lost.kill()
            feeding.join()
            site.submit(records[HELD_BACK:])
            assert site.wait_decided() == len(records)
            assert cluster.in_sync(events) == COPIES - 1
        finally:
            ended.set()
            admission.join()
        lost.start()
        until(lambda: cluster.in_sync(events) == COPIES, WAIT_S_MAX)
        site.check_state(site.check_log())
        site.hengwen("project", "--once")
        site.check_models()
    # It had lost the lease, or could not reach the log: the service manager starts it again.
    assert set(exits) <= {BAD_INPUT, FENCED}


def test_a_log_with_fewer_copies_than_wanted_is_refused(
    cluster: ThreeBrokers, log_name: str, tmp_path: Path
) -> None:
    """Topics with one copy are named, exit code 2, and nothing is decided."""
    create_topics(cluster.bootstrap, log_name, replication_factor=1, min_insync_replicas=1)
    site = Site(cluster.bootstrap, log_name, tmp_path, HENGWEN_LANG="en")
    site.submit(history(150)[:3])
    admission = site.start("admit", "--once", HENGWEN_KAFKA_REPLICATION=str(COPIES))
    assert admission.ended() == BAD_INPUT
    said = admission.printed()
    assert "Kafka is set up so that history could be lost." in said
    for topic in ("submissions", "events", "checkpoints"):
        assert f"{log_name}.{topic}: has 1 replicas, must have 3" in said
    assert site.position() == 0


@pytest.mark.parametrize(
    ("setting", "value"),
    [("min.insync.replicas", "1"), ("unclean.leader.election.enable", "true")],
)
def test_a_record_of_transactions_that_could_be_lost_is_refused(
    cluster: ThreeBrokers, log_name: str, setting: str, value: str
) -> None:
    """A fenced writer must stay fenced: what Kafka keeps of it has copies, as the log itself."""
    create_topics(cluster.bootstrap, log_name, replication_factor=3, min_insync_replicas=2)
    with closing(KafkaLog(open_client(cluster.bootstrap), log_name)) as log, log.writer():
        pass  # now there is one
    check_topics(cluster.bootstrap, log_name, replicas_min=COPIES)
    topic = ConfigResource(ConfigResourceType.TOPIC, TRANSACTIONS, {setting: value})
    with closing(KafkaAdminClient(bootstrap_servers=cluster.bootstrap.split(","))) as admin:
        before = admin.describe_configs([topic], config_filter="all")["topic"][TRANSACTIONS]
        admin.alter_configs([topic])
        try:
            with pytest.raises(UnsafeSettings) as refused:
                check_topics(cluster.bootstrap, log_name, replicas_min=COPIES)
        finally:
            safe = {setting: before[setting]["value"]}
            admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, TRANSACTIONS, safe)])
    [named] = refused.value.names
    assert named.startswith(f"{TRANSACTIONS}: {setting} is {value}, must be")


def test_a_new_log_has_three_copies_by_default(
    cluster: ThreeBrokers, log_name: str, tmp_path: Path
) -> None:
    """And passes its own check: two brokers must have a record before it counts."""
    settings = Settings(
        home=tmp_path, log="kafka", log_name=log_name, kafka_bootstrap=cluster.bootstrap
    )
    prepare_log(settings)
    check_log(settings)
    for topic in ("submissions", "events", "checkpoints", "tracking"):
        assert len(cluster.partition(f"{log_name}.{topic}")["replica_nodes"]) == COPIES
