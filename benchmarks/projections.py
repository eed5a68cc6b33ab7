"""Read models: a rebuild against a bare consume loop, and one model against the library's runner."""

import argparse
import json
import sys
import time
from collections.abc import Callable
from typing import Any, Final

import structlog
from eventsourcing.application import Application
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.conninfo import conninfo_to_dict

from consumers.projector import Projector
from consumers.rebuild import rebuild
from domain.units import Position
from eventlog.clients import open_client
from eventlog.kafka import KafkaLog
from projections import store
from projections.balances import BALANCES
from projections.batch import Batch
from projections.models import MODELS
from projections.target import Target

READ: Final = 5_000


def consume(log: KafkaLog, end: int) -> float:
    """Seconds to read all events and do nothing with them."""
    began, after = time.perf_counter(), 0
    while after < end:
        after = log.read_events(after=after, limit=READ, timeout_s=5)[-1].position
    return time.perf_counter() - began


def rebuilt(log: KafkaLog, dsn: str, models: Any) -> float:
    """Seconds to build read models anew, indexes and swap included."""
    with store.connect(dsn) as connection:
        store.prepare(connection, models)
        began = time.perf_counter()
        rebuild(log, connection, models, lambda _: None)
        return time.perf_counter() - began


def projected(log: KafkaLog, dsn: str, events: int) -> float:
    """Seconds to project `balances` alone, in batches, over the first *events* events."""
    with store.connect(dsn) as connection:
        store.prepare(connection, MODELS)
        projector = Projector(log, connection, (BALANCES,))
        began = time.perf_counter()
        while projector.position < events:
            projector.step(5)
        return (time.perf_counter() - began) * events / projector.position


class LibraryBalances(PostgresTrackingRecorder):
    """The same view kept the library's way: rows and tracking of one event in one transaction."""

    def take(self, position: int, event: Any, tracking: Tracking) -> None:
        """Project one event."""
        with self.datastore.transaction(commit=True) as cursor:
            target = Target(cursor.connection, store.schema_of("balances", "live"))
            target.enter()
            BALANCES.project(Batch([(Position(position), event)]), target)
            cursor.execute("RESET search_path")
            self._insert_tracking(cursor, tracking)


class BalancesProjection(Projection[LibraryBalances]):
    """Hands every event to the view."""

    name = "balances"

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        """One event at a time: that is the library's loop."""
        self.view.take(tracking.notification_id, domain_event, tracking)


def run_by_library(bootstrap: str, name: str, dsn: str, events: int) -> float:
    """Seconds of the library's ProjectionRunner over the first *events* events."""
    where = conninfo_to_dict(dsn)
    with store.connect(dsn) as connection:
        store.prepare(connection, MODELS)
    env = {
        "PERSISTENCE_MODULE": "eventlog.kafka", "MAPPER_TOPIC": "schemas.mapper:AvroMapper",
        "KAFKA_BOOTSTRAP_SERVERS": bootstrap, "EVENTLOG_NAME": name,
        "BALANCES_PERSISTENCE_MODULE": "eventsourcing.postgres",
        "BALANCES_MAPPER_TOPIC": "",
        "POSTGRES_DBNAME": str(where["dbname"]), "POSTGRES_HOST": str(where["host"]),
        "POSTGRES_PORT": str(where.get("port", 5432)), "POSTGRES_USER": str(where["user"]),
        "POSTGRES_PASSWORD": str(where.get("password", "")),
    }  # fmt: skip
    runner: Any = ProjectionRunner(
        application_class=Application[str], projection_class=BalancesProjection,
        view_class=LibraryBalances, env=env,
    )  # fmt: skip
    with runner:
        runner.wait(1, timeout=120)
        began = time.perf_counter()
        runner.wait(events, timeout=600)
        return time.perf_counter() - began


def measure(bootstrap: str, name: str, dsns: list[str], *, client: Any) -> dict[str, Any]:
    """Rates and ratios over the events of the log *name*; *dsns* are three empty databases."""
    log = KafkaLog(open_client(bootstrap, None, client), name)
    end = log.last_position()
    few = min(end, 5_000)
    bare = min(consume(log, end), consume(log, end))
    whole = rebuilt(log, dsns[0], MODELS)
    ours = projected(log, dsns[1], few)
    theirs = run_by_library(bootstrap, name, dsns[2], few)
    return {
        "events": end,
        "consume_per_s": round(end / bare),
        "rebuild_per_s": round(end / whole),
        "rebuild_ratio": round(bare / whole, 2),
        "balances_per_s": round(few / ours),
        "library_per_s": round(few / theirs),
        "balances_times_library": round(theirs / ours, 1),
    }


def main(say: Callable[[str], object] = sys.stdout.write) -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("--client", default="kafka-python")
    parser.add_argument("--dsn", action="append", required=True)
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    found = measure(asked.bootstrap, asked.log, asked.dsn, client=asked.client)
    say(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
