"""The local index of a Kafka topic: bound to the topic, made anew if it is of another."""

from pathlib import Path

from eventlog.contract import LogDamaged, LogUnavailable
from eventlog.port import KafkaClient
from eventlog.tables import Tables, identity_of, set_identity
from eventlog.topics import administration


def open_index(path: Path, client: KafkaClient, topic: str) -> Tables:
    """
    Open the index of *topic* at *path*; what is of another topic, or no index, is forgotten.

    Raises:
        LogUnavailable: the topic does not exist, or the cluster cannot be asked.
    """
    with administration(client.bootstrap, client.settings) as admin:
        (described,) = admin.describe_topics([topic])
    if described["error_code"]:
        raise LogUnavailable(f"{topic} does not exist")
    topic_id = str(described["topic_id"])
    try:
        tables = Tables(path, durability="NORMAL")
    except LogDamaged:
        for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
            path.with_name(name).unlink(missing_ok=True)
        tables = Tables(path, durability="NORMAL")
    with tables.writing() as connection:
        if identity_of(connection, "topic") != topic_id:
            for table in ("events", "tracking", "identity"):
                connection.execute(f"DELETE FROM {table}")
            set_identity(connection, "topic", topic_id)
    return tables
