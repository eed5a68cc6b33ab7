"""From submission to queryable, at half load: admission and projector as processes."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from typing import Any, Final

from benchmarks import payments
from eventlog.clients import open_client
from eventlog.kafka import KafkaLog
from eventlog.topics import create_topics
from projections import store

TICK_S: Final = 0.05
"""Submissions come in small groups, twenty times a second."""
LOOK_S: Final = 0.002
READY_S_MAX: Final = 600.0
"""For the registry to be decided and projected; so generous that only what hangs runs out of it."""
LAST_S_MAX: Final = 600.0
"""For the last payment to become queryable behind the appending, likewise."""
STOP_S_MAX: Final = 30.0
WATCHED: Final = "payments"
"""The read model in which a payment is looked for."""


class Watch(threading.Thread):
    """Notes when each position became queryable: rows and mark are committed together."""

    def __init__(self, dsn: str, until: int) -> None:
        super().__init__(daemon=True)
        self._dsn, self._until = dsn, until
        self.positions: list[int] = [0]
        self.times: list[float] = [0.0]

    def run(self) -> None:
        """Look at the read model's position again and again."""
        with store.connect(self._dsn) as connection:
            while WATCHED not in store.marks_if_any(connection):
                time.sleep(TICK_S)
            while self.positions[-1] < self._until:
                position = store.marks(connection, "live")[WATCHED].position
                if position > self.positions[-1]:
                    self.positions.append(position)
                    self.times.append(time.perf_counter())
                time.sleep(LOOK_S)

    def await_position(self, position: int, running: list[subprocess.Popen[bytes]]) -> None:
        """Wait until it is queryable, as long as the processes live."""
        end = time.monotonic() + READY_S_MAX
        while self.positions[-1] < position:
            ended = [process.args for process in running if process.poll() is not None]
            if ended or time.monotonic() > end:
                raise RuntimeError(f"not ready at {self.positions[-1]} of {position}: {ended}")
            time.sleep(TICK_S)


@contextmanager
def hengwen(command: str, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A command of hengwen as a process, with these settings and no others."""
    outside = {name: v for name, v in os.environ.items() if not name.startswith("HENGWEN_")}
    process = subprocess.Popen(
        [sys.executable, "-c", "from app.cli import main; main()", command],
        env=outside | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=STOP_S_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def submit(log: KafkaLog, source: Iterator[payments.Submitted], count: int, rate: int) -> Any:
    """
    Append *count* payments at *rate* a second; the instant each was due to be appended.

    If appending falls behind, the wait counts: a payment is due at its tick, not when it was sent.
    """
    due_at: list[float] = []
    began = due = time.perf_counter()
    while len(due_at) < count:
        due += TICK_S
        time.sleep(max(0.0, due - time.perf_counter()))
        group = list(islice(source, min(count, round((due - began) * rate)) - len(due_at)))
        if group:
            log.append([one.outgoing() for one in group])
            due_at += [due] * len(group)
    return due_at


def _visible(dsn: str) -> int:
    with store.connect(dsn) as connection:
        row = connection.execute("SELECT count(*) FROM model_payments.payments").fetchone()
    return int(row[0]) if row else 0


def measure(  # noqa: PLR0913  where, what, how fast and how long
    bootstrap: str, dsn: str, *, client: Any, rate: int, seconds: int, available: int
) -> dict[str, Any]:
    """Milliseconds at the median and the 99th of a hundred."""
    name = f"bench-{time.time_ns()}"
    create_topics(bootstrap, name, replication_factor=1, min_insync_replicas=1)
    log = KafkaLog(open_client(bootstrap, None, client), name)
    count = min(rate * seconds, available)
    source = payments.read(payments.stored(available, payments.CACHE))
    registry = sum(1 for _ in payments.Bench().registry())
    log.append([one.outgoing() for one in islice(source, registry)])
    with tempfile.TemporaryDirectory() as home, ExitStack() as stack:
        environment = {
            "HENGWEN_HOME": home, "HENGWEN_LOG": "kafka", "HENGWEN_LOG_NAME": name,
            "HENGWEN_KAFKA_BOOTSTRAP": bootstrap, "HENGWEN_KAFKA_CLIENT": client,
            "HENGWEN_KAFKA_REPLICATION": "1", "HENGWEN_DATABASE": dsn,
        }  # fmt: skip
        running = [
            stack.enter_context(hengwen(command, environment)) for command in ("admit", "project")
        ]
        watch = Watch(dsn, registry + count)
        watch.start()
        watch.await_position(registry, running)
        due_at = submit(log, source, count, rate)
        watch.join(timeout=LAST_S_MAX)
        visible = _visible(dsn)
    log.close()
    if watch.positions[-1] < registry + count or visible != count:
        raise RuntimeError(f"{visible} of {count} payments became queryable")
    spent = sorted(
        watch.times[bisect_left(watch.positions, registry + n)] - due
        for n, due in enumerate(due_at, start=1)
    )
    return {
        "client": client,
        "payments": count,
        "rate_per_s": rate,
        "p50_ms": round(1_000 * spent[len(spent) // 2]),
        "p99_ms": round(1_000 * spent[len(spent) * 99 // 100]),
        "max_ms": round(1_000 * spent[-1]),
    }


def main(say: Callable[[str], object] = sys.stdout.write) -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--dsn", required=True)
    parser.add_argument("--client", default="kafka-python")
    parser.add_argument("--rate", type=int, default=1_500)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--payments", type=int, default=100_000, help="size of the file")
    asked = parser.parse_args()
    found = measure(
        asked.bootstrap, asked.dsn, client=asked.client, rate=asked.rate, seconds=asked.seconds,
        available=asked.payments,
    )  # fmt: skip
    say(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
