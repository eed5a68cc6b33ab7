"""
The topics of a log on Kafka: created with the right settings, and checked at every start.

A topic from which something could be deleted, or to which a broker could lose an acknowledged
record, is refused: the log is the record of facts.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import KafkaError, TopicAlreadyExistsError, TopicAuthorizationFailedError

from eventlog.contract import LogUnavailable, UnsafeSettings
from eventlog.port import ClientSettings
from eventlog.transaction_state import REPLICAS_SAFE, wrong_transaction_state

SUBMISSIONS: Final = "submissions"
EVENTS: Final = "events"
CHECKPOINTS: Final = "checkpoints"
TRACKING: Final = "tracking"
ADMISSION: Final = "admission"
"""Transactional id of the one writer of events, behind the log's name."""
LEASE: Final = "admission-lease"
"""Group whose one partition is the lease, behind the log's name."""
RECORD_BYTES_MAX: Final = "1048588"

_KEPT: Final = {
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "cleanup.policy": "delete",
    "message.timestamp.type": "LogAppendTime",
    "max.message.bytes": RECORD_BYTES_MAX,
    "unclean.leader.election.enable": "false",
}
SETTINGS: Final[Mapping[str, Mapping[str, str]]] = {
    # With compression one gzip record of 80 MB passes the limit and blows up every reader.
    SUBMISSIONS: {**_KEPT, "compression.type": "uncompressed"},
    EVENTS: {**_KEPT, "compression.type": "producer"},
    CHECKPOINTS: {**_KEPT, "compression.type": "producer"},
    TRACKING: {
        "cleanup.policy": "compact",
        "message.timestamp.type": "LogAppendTime",
        "unclean.leader.election.enable": "false",
    },
}
"""Topic of a log, behind its name and a dot → the settings it must have."""


@contextmanager
def administration(bootstrap: str, settings: ClientSettings | None) -> Iterator[Any]:
    """Connect as an administrator; LogUnavailable if that fails."""
    try:
        admin = KafkaAdminClient(bootstrap_servers=bootstrap.split(","), **(settings or {}))
    except KafkaError as error:
        raise LogUnavailable(str(error)) from error
    try:
        yield admin
    except KafkaError as error:
        raise LogUnavailable(str(error)) from error
    finally:
        admin.close()


def create_topics(  # noqa: PLR0913 -- all but two have one right value
    bootstrap: str,
    name: str,
    *,
    replication_factor: int,
    min_insync_replicas: int,
    client_settings: ClientSettings | None = None,
    create_time: bool = False,
) -> list[str]:
    """
    Create those topics of the log *name* that are not there; return their names.

    *create_time* lets a copy write its own times; switch_to_append_time() ends that.
    """
    made = []
    with administration(bootstrap, client_settings) as admin:
        for topic, required in SETTINGS.items():
            configs = {**required, "min.insync.replicas": str(min_insync_replicas)}
            if create_time:
                configs["message.timestamp.type"] = "CreateTime"
                # A copy writes times of years ago.
                configs["message.timestamp.before.max.ms"] = str(2**63 - 1)
            if create_topic(admin, f"{name}.{topic}", replication_factor, configs):
                made.append(f"{name}.{topic}")
    return made


def create_topic(admin: Any, topic: str, replicas: int, configs: Mapping[str, str]) -> bool:
    """Create one topic with one partition; whether it was not there."""
    wanted = {"num_partitions": 1, "replication_factor": replicas, "configs": dict(configs)}
    try:
        admin.create_topics({topic: wanted}, wait_for_metadata=True)
    except TopicAlreadyExistsError:
        return False
    return True


def create_stored_topic(admin: Any, topic: str, replication: tuple[int, int]) -> None:
    """Create the topic of an aggregate recorder; *replication* is factor and least in sync."""
    replicas, insync = replication
    configs = {**SETTINGS[EVENTS], "min.insync.replicas": str(insync)}
    create_topic(admin, topic, replicas, configs)


def switch_to_append_time(
    bootstrap: str, name: str, client_settings: ClientSettings | None = None
) -> None:
    """End a copy: from here on the broker gives the times."""
    with administration(bootstrap, client_settings) as admin:
        admin.alter_configs(
            [
                ConfigResource(
                    ConfigResourceType.TOPIC,
                    f"{name}.{topic}",
                    {"message.timestamp.type": "LogAppendTime"},
                )
                for topic in SETTINGS
            ]
        )


def check_topics(
    bootstrap: str,
    name: str,
    *,
    replicas_min: int = 1,
    client_settings: ClientSettings | None = None,
) -> None:
    """
    Refuse a log that could lose history.

    Raises:
        UnsafeSettings: names each setting of a topic or broker, what it is and what it must be.
        LogUnavailable: the cluster cannot be asked.
    """
    topics = [f"{name}.{topic}" for topic in SETTINGS]
    with administration(bootstrap, client_settings) as admin:
        described = {topic["name"]: topic for topic in admin.describe_topics(topics)}
        _refuse_unseen(
            "Describe",
            [
                t
                for t in topics
                if described[t]["error_code"] == TopicAuthorizationFailedError.errno
            ],
        )
        there = [topic for topic in topics if not described[topic]["error_code"]]
        configs = (
            admin.describe_configs(
                [ConfigResource(ConfigResourceType.TOPIC, topic) for topic in there],
                config_filter="all",
            )["topic"]
            if there
            else {}
        )
        problems = wrong_transaction_state(admin, replicas_min)
    # The client leaves out what it may not see.
    _refuse_unseen("DescribeConfigs", [topic for topic in there if not configs.get(topic)])
    for kind, required in SETTINGS.items():
        topic = f"{name}.{kind}"
        if topic not in there:
            problems.append(f"{topic}: does not exist")
            continue
        found = {key: entry["value"] for key, entry in configs[topic].items()}
        problems += _wrong_settings(topic, found, required)
        problems += _wrong_replication(topic, found, described[topic]["partitions"], replicas_min)
    if problems:
        raise UnsafeSettings(problems)


def _refuse_unseen(operation: str, topics: Sequence[str]) -> None:
    """Say which right is missing: what cannot be seen cannot be called safe."""
    if topics:
        raise LogUnavailable(f"TopicAuthorizationFailed: {operation}: {', '.join(topics)}")


def _wrong_settings(
    topic: str, found: Mapping[str, str], required: Mapping[str, str]
) -> Iterator[str]:
    for key, wanted in required.items():
        if found.get(key) != wanted:
            yield f"{topic}: {key} is {found.get(key)}, must be {wanted}"


def _wrong_replication(
    topic: str, found: Mapping[str, str], partitions: list[dict[str, Any]], replicas_min: int
) -> Iterator[str]:
    if len(partitions) != 1:
        yield f"{topic}: has {len(partitions)} partitions, must have 1"
    replicas = min(len(partition["replica_nodes"]) for partition in partitions)
    if replicas < replicas_min:
        yield f"{topic}: has {replicas} replicas, must have {replicas_min}"
    insync = int(found["min.insync.replicas"])
    if insync > replicas:
        yield f"{topic}: min.insync.replicas is {insync}, but there are {replicas} replicas"
    if replicas >= REPLICAS_SAFE and insync < REPLICAS_SAFE:
        yield f"{topic}: min.insync.replicas is {insync}, must be {REPLICAS_SAFE} or more"
