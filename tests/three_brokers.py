"""Three brokers on this machine, each also a controller, as docker-compose.yml has them."""

from pathlib import Path
from typing import Any, Final, Self

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from app.local_kafka import VOTERS, Broker
from app.ports import Port

COUNT: Final = 3
COPIES: Final = {
    "offsets.topic.replication.factor": "3",
    "transaction.state.log.replication.factor": "3",
    "transaction.state.log.min.isr": "2",
    "share.coordinator.state.topic.replication.factor": "3",
    "share.coordinator.state.topic.min.isr": "2",
    "min.insync.replicas": "2",
}
"""Settings that keep three copies of everything, two of them before anything is acknowledged."""


class ThreeBrokers:
    """A cluster that keeps three copies and acknowledges what two of its brokers have."""

    def __init__(self, libs: Path, folder: Path) -> None:
        ports = {number: Port() for number in range(1, COUNT + 1)}
        voters = ",".join(f"{number}@{port}" for number, port in ports.items())
        self.brokers = {
            number: Broker(
                libs=libs,
                folder=folder / f"broker-{number}",
                controller_port=port.number,
                settings=COPIES | {VOTERS: voters, "node.id": str(number)},
                formatting=[],
            )
            for number, port in ports.items()
        }
        self.bootstrap = ",".join(broker.bootstrap for broker in self.brokers.values())

    def __enter__(self) -> Self:
        """Start all three together: none serves before two of them have voted."""
        for broker in self.brokers.values():
            broker.launch()
        for broker in self.brokers.values():
            broker.wait_until_started()
        return self

    def __exit__(self, *_: object) -> None:
        """Take all down; their data goes with the folder."""
        for broker in self.brokers.values():
            broker.kill()

    def partition(self, topic: str) -> dict[str, Any]:
        """The one partition of a topic: its leader, its replicas, those in sync."""
        admin = KafkaAdminClient(bootstrap_servers=self.bootstrap.split(","))
        try:
            (described,) = admin.describe_topics([topic])
        finally:
            admin.close()
        partition: dict[str, Any] = described["partitions"][0]
        return partition

    def in_sync(self, topic: str) -> int:
        """How many brokers have all of a topic; 0 if the cluster does not say."""
        try:
            return len(self.partition(topic)["isr_nodes"])
        except KafkaError:
            return 0
