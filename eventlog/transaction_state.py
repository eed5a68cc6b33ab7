"""
Kafka's own record of transactions: fencing rests on it, and so does the one writer of events.

If an acknowledged part of it could be lost, a writer that was fenced might commit again. It is made
by the brokers, by their settings, when the first transaction begins; from then on it is a topic
whose own settings count.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import structlog
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError, UnknownTopicOrPartitionError

TOPIC: Final = "__transaction_state"
REQUIRED: Final = {"cleanup.policy": "compact", "unclean.leader.election.enable": "false"}
REPLICAS: Final = "transaction.state.log.replication.factor"
IN_SYNC: Final = "transaction.state.log.min.isr"
REPLICAS_SAFE: Final = 2
"""From this many replicas on, at least two must have a record before it is acknowledged."""

logger = structlog.get_logger()


def wrong_transaction_state(admin: Any, replicas_min: int) -> list[str]:
    """
    What could lose it, by topic or broker and setting; of what may not be seen a log line is written.

    A program's login needs no right to look at the cluster in order to write.
    """
    (described,) = admin.describe_topics([TOPIC])
    if not described["error_code"]:
        found = _configs(admin, ConfigResource(ConfigResourceType.TOPIC, TOPIC))
        if found:
            return [*_wrong_topic(found, described["partitions"], replicas_min)]
    elif described["error_code"] == UnknownTopicOrPartitionError.errno:
        return _wrong_brokers(admin, replicas_min)
    _unseen(TOPIC)
    return _wrong_brokers(admin, replicas_min)


def _wrong_topic(
    found: Mapping[str, str], partitions: list[dict[str, Any]], replicas_min: int
) -> Iterator[str]:
    for key, wanted in REQUIRED.items():
        if found[key] != wanted:
            yield f"{TOPIC}: {key} is {found[key]}, must be {wanted}"
    replicas = min(len(partition["replica_nodes"]) for partition in partitions)
    if replicas < replicas_min:
        yield f"{TOPIC}: has {replicas} replicas, must have {replicas_min}"
    insync = int(found["min.insync.replicas"])
    if replicas >= REPLICAS_SAFE > insync:
        yield f"{TOPIC}: min.insync.replicas is {insync}, must be {REPLICAS_SAFE} or more"


def _wrong_brokers(admin: Any, replicas_min: int) -> list[str]:
    problems = []
    for broker in admin.describe_cluster()["brokers"]:
        number = str(broker["broker_id"])
        try:
            found = _configs(admin, ConfigResource(ConfigResourceType.BROKER, number))
        except KafkaError:
            found = {}  # one of several may be down
        if not found:
            _unseen(f"broker {number}")
            continue
        replicas, insync = int(found[REPLICAS]), int(found[IN_SYNC])
        if replicas < replicas_min:
            problems.append(f"broker {number}: {REPLICAS} is {replicas}, must be {replicas_min}")
        if replicas >= REPLICAS_SAFE > insync:
            problems.append(
                f"broker {number}: {IN_SYNC} is {insync}, must be {REPLICAS_SAFE} or more"
            )
    return problems


def _configs(admin: Any, resource: ConfigResource) -> dict[str, str]:
    """Settings in force; none if they may not be seen."""
    kind = resource.resource_type.name.lower()
    described = admin.describe_configs([resource], config_filter="all")
    return {
        key: entry["value"] for key, entry in described.get(kind, {}).get(resource.name, {}).items()
    }


def _unseen(what: str) -> None:
    logger.warning("kafka.not_seen", what=what, right="DescribeConfigs")
