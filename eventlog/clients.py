"""Which Kafka client is used, by name."""

from typing import Final, Literal

from eventlog.kafka_python import PythonClient
from eventlog.port import ClientSettings, KafkaClient

KAFKA_PYTHON: Final = "kafka-python"
LIBRDKAFKA: Final = "librdkafka"
ClientName = Literal["kafka-python", "librdkafka"]


def open_client(
    bootstrap: str, settings: ClientSettings | None = None, client: ClientName = KAFKA_PYTHON
) -> KafkaClient:
    """
    Give the client of that name for the cluster at *bootstrap* (``host:port,host:port``).

    Raises:
        ModuleNotFoundError: librdkafka is asked for and the extra ``fast`` is not installed.
    """
    if client == LIBRDKAFKA:
        from eventlog.librdkafka import RdClient  # noqa: PLC0415 -- an optional extra

        return RdClient(bootstrap, settings)
    return PythonClient(bootstrap, settings)
