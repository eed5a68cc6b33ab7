"""The projector on a real Kafka log, and on the embedded one: the same rows."""

from pathlib import Path

from eventlog_logs import Place, embedded_place, kafka_place
from eventsourcing.persistence import StoredEvent
from histories import History, random_history
from projecting import digests, opened

from consumers.projector import Projector
from consumers.rebuild import rebuild
from eventlog.contract import Log
from projections.models import MODELS


def test_kafka_and_the_embedded_log_give_the_same_read_models(
    kafka_bootstrap: str, log_name: str, postgres_dsn: str, tmp_path: Path
) -> None:
    """Projected live from Kafka, in two sittings, then rebuilt from the embedded log."""
    history = random_history(41, 700)
    kafka = kafka_place(kafka_bootstrap, log_name)
    embedded = embedded_place(tmp_path)
    for place in (kafka, embedded):
        _write(place, history)

    with opened(postgres_dsn) as connection:
        with kafka.opened() as log:
            Projector(log, connection, MODELS, limit=97).step(10)
        with kafka.opened() as log:
            projector = Projector(log, connection, MODELS, limit=150)
            assert 0 < projector.position <= 97
            _to_the_end(projector, log)
        from_kafka = digests(connection)

        with embedded.opened() as log:
            rebuild(log, connection, MODELS, lambda _progress: None)
        assert digests(connection) == from_kafka


def _to_the_end(projector: Projector, log: Log) -> None:
    projector.catch_up()
    assert projector.position == log.last_position()


def _write(place: Place, history: History) -> None:
    """Write the history as one writer, in a few batches."""
    versions: dict[str, int] = {}
    stored = []
    for event, value in zip(history.events, history.values(), strict=True):
        versions[event.stream] = versions.get(event.stream, 0) + 1
        stored.append(StoredEvent(event.stream, versions[event.stream], event.TOPIC, value))
    with place.opened() as log, log.writer() as writer:
        for first in range(0, len(stored), 200):
            writer.insert_events(stored[first : first + 200])
