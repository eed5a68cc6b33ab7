"""Read models: a rebuild against a bare consume loop, and one model against the library's runner."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from typing import Any, Final

import structlog
from eventsourcing.application import Application
from eventsourcing.persistence import InfrastructureFactory, Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from eventsourcing.utils import Environment
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier, Placeholder

from consumers.projector import BATCH_EVENTS_MAX, Projector
from consumers.rebuild import rebuild
from domain.units import Position
from eventlog.clients import open_client
from eventlog.kafka import KafkaLog
from projections import store
from projections.balances import BALANCES
from projections.batch import Batch
from projections.model import ReadModel
from projections.models import MODELS
from projections.target import Row, Target

POLL: Final = 5_000
ANSWER_S: Final = 120.0
ROUNDS: Final = 2
"""Bare loop and rebuild take turns."""
BALANCES_EVENTS: Final = 40_000
"""Payments projected by `balances` alone, at most."""
LIBRARY_EVENTS: Final = 3_000
"""Of the same, how many the library is given: it takes one at a time."""


def consume(log: KafkaLog, end: int) -> float:
    """Seconds to read all events with the client and do nothing with them."""
    with closing(log.client.reader(log.topic("events"), committed=True)) as reader:
        reader.seek(0)
        began, read = time.perf_counter(), 0
        while read < end:
            records = reader.poll(limit=POLL, timeout_s=ANSWER_S)
            if not records:
                raise TimeoutError("events that were written do not come")
            read += len(records)
        return time.perf_counter() - began


def rebuilt(log: KafkaLog, dsn: str, models: Sequence[ReadModel]) -> float:
    """Seconds to build read models anew, indexes and swap included."""
    with store.connect(dsn) as connection:
        store.prepare(connection, models)
        began = time.perf_counter()
        rebuild(log, connection, models, lambda _: None)
        return time.perf_counter() - began


class Alone:
    """`balances` alone, by the projector: rows and position of a batch in one transaction."""

    def __init__(self, log: KafkaLog, dsn: str) -> None:
        self._connection = store.connect(dsn)
        store.prepare(self._connection, MODELS)
        self._projector = Projector(log, self._connection, (BALANCES,))

    def project(self, until: int) -> float:
        """Seconds to come to exactly *until*."""
        began = time.perf_counter()
        while self._projector.position < until:
            self._projector.limit = min(BATCH_EVENTS_MAX, until - self._projector.position)
            if not self._projector.step(ANSWER_S):
                raise TimeoutError("events that were written do not come")
        return time.perf_counter() - began

    def close(self) -> None:
        """Disconnect."""
        self._connection.close()


class RowByRow(Target):
    """A target for single events: a plain INSERT, where COPY would only cost more."""

    durable = False
    """Whether each commit waits for the disk, which is what the library does if not told."""

    def enter(self) -> None:
        """As for batches, but the library's own tables stay visible."""
        self.connection.execute(
            "SELECT set_config('search_path', %s, true),"
            " set_config('synchronous_commit', %s, true)",
            (f"{self.schema}, public", "on" if self.durable else "off"),
        )

    def copy(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Insert each row."""
        statement = SQL("INSERT INTO {} ({}) VALUES ({})").format(
            Identifier(self.schema, table),
            SQL(", ").join(map(Identifier, columns)),
            SQL(", ").join([Placeholder()] * len(columns)),
        )
        for row in rows:
            self.connection.execute(statement, row)


class LibraryBalances(PostgresTrackingRecorder):
    """The same view kept the library's way: rows and tracking of one event in one transaction."""

    def take(self, position: int, event: Any, tracking: Tracking) -> None:
        """Project one event."""
        with self.datastore.transaction(commit=True) as cursor:
            connection: Any = cursor.connection
            target = RowByRow(connection, store.schema_of("balances", "live"))
            target.enter()
            BALANCES.project(Batch([(Position(position), event)]), target)
            self._insert_tracking(cursor, tracking)


class BalancesProjection(Projection[LibraryBalances]):
    """Hands every event to the view."""

    name = "balances"

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        """One event at a time: that is the library's loop."""
        self.view.take(tracking.notification_id, domain_event, tracking)


def library_environment(log: KafkaLog, dsn: str) -> dict[str, str]:
    """Settings of the library: events from our log, the view in PostgreSQL."""
    where = conninfo_to_dict(dsn)
    return {
        "PERSISTENCE_MODULE": "eventlog.kafka", "MAPPER_TOPIC": "schemas.mapper:AvroMapper",
        "KAFKA_BOOTSTRAP_SERVERS": log.client.bootstrap, "EVENTLOG_NAME": log.name,
        "BALANCES_PERSISTENCE_MODULE": "eventsourcing.postgres",
        "BALANCES_MAPPER_TOPIC": "",
        "POSTGRES_DBNAME": str(where["dbname"]), "POSTGRES_HOST": str(where["host"]),
        "POSTGRES_PORT": str(where.get("port", 5432)), "POSTGRES_USER": str(where["user"]),
        "POSTGRES_PASSWORD": str(where.get("password", "")),
    }  # fmt: skip


def run_by_library(log: KafkaLog, dsn: str, start: int, events: int, *, durable: bool) -> float:
    """Seconds of the library's ProjectionRunner over *events* events behind *start*."""
    RowByRow.durable = durable
    alone = Alone(log, dsn)
    alone.project(start)
    alone.close()
    env = library_environment(log, dsn)
    factory: Any = InfrastructureFactory.construct(Environment(BalancesProjection.name, env))
    view = factory.tracking_recorder(LibraryBalances)
    view.insert_tracking(Tracking(Application.__name__, start))
    factory.close()
    runner: Any = ProjectionRunner(
        application_class=Application[str], projection_class=BalancesProjection,
        view_class=LibraryBalances, env=env,
    )  # fmt: skip
    with runner:
        # The clock starts when it runs: its index of the log is read before.
        runner.wait(start + 1, timeout=300)
        first: int = runner.projection.view.max_tracking_id(runner.app_name)
        began = time.perf_counter()
        runner.wait(start + events, timeout=600)
        spent: float = time.perf_counter() - began
        if not start < first < start + events:
            raise RuntimeError(f"the library began at {first}, not behind {start}")
        return spent * events / (start + events - first)


def measure(bootstrap: str, name: str, dsns: list[str], *, client: Any, registry: int) -> Any:
    """Rates and ratios over the log *name*; *dsns* are four empty databases."""
    log = KafkaLog(open_client(bootstrap, None, client), name)
    end = log.last_position()
    bare_s = rebuild_s = 0.0
    for _ in range(ROUNDS):
        bare_s += consume(log, end)
        rebuild_s += rebuilt(log, dsns[0], MODELS)
    half = min(end - registry, BALANCES_EVENTS) // 2
    few = min(2 * half, LIBRARY_EVENTS)
    alone = Alone(log, dsns[1])
    alone.project(registry)
    ours_s = alone.project(registry + half)
    theirs_s = run_by_library(log, dsns[2], registry, few, durable=False)
    durable_s = run_by_library(log, dsns[3], registry, few, durable=True)
    ours_s += alone.project(registry + 2 * half)
    alone.close()
    log.close()
    ours, theirs, durable = 2 * half / ours_s, few / theirs_s, few / durable_s
    return {
        "events": end,
        "models": len(MODELS),
        "consume_per_s": round(ROUNDS * end / bare_s),
        "rebuild_per_s": round(ROUNDS * end / rebuild_s),
        "rebuild_ratio": round(bare_s / rebuild_s, 3),
        "balances_per_s": round(ours),
        "library_per_s": round(theirs),
        "balances_times_library": round(ours / theirs, 1),
        "library_durable_per_s": round(durable),
        "balances_times_library_durable": round(ours / durable, 1),
    }


def main(say: Callable[[str], object] = sys.stdout.write) -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("--registry", type=int, required=True, help="events before the payments")
    parser.add_argument("--client", default="kafka-python")
    parser.add_argument("--dsn", action="append", required=True)
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    found = measure(
        asked.bootstrap, asked.log, asked.dsn, client=asked.client, registry=asked.registry
    )
    say(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
