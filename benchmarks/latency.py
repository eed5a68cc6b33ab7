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
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any, Final

from benchmarks import payments
from eventlog.clients import open_client
from eventlog.kafka import KafkaLog
from eventlog.topics import create_topics
from projections import store

TICK_S: Final = 0.05
"""Submissions come in small groups, twenty times a second."""
LOOK_S: Final = 0.002


class Watch(threading.Thread):
    """Notes when each position became queryable."""

    def __init__(self, dsn: str, until: int) -> None:
        super().__init__(daemon=True)
        self.dsn, self.until = dsn, until
        self.positions: list[int] = [0]
        self.times: list[float] = [0.0]

    def run(self) -> None:
        """Look at the read models' position again and again."""
        with store.connect(self.dsn) as connection:
            while self.positions[-1] < self.until:
                marks = store.marks_if_any(connection)
                position = min((m.position for m in marks.values()), default=0)
                if position > self.positions[-1]:
                    self.positions.append(position)
                    self.times.append(time.perf_counter())
                time.sleep(LOOK_S)


def hengwen(command: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """A command of hengwen as a process."""
    return subprocess.Popen(
        [sys.executable, "-c", "from app.cli import main; main()", command],
        env=os.environ | environment, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def measure(bootstrap: str, dsn: str, *, client: str, rate: int, seconds: int) -> dict[str, Any]:
    """Milliseconds at the median and the 99th of a hundred."""
    name = f"bench-{time.time_ns()}"
    create_topics(bootstrap, name, replication_factor=1, min_insync_replicas=1)
    log = KafkaLog(open_client(bootstrap, None, client), name)  # type: ignore[arg-type]
    count = rate * seconds
    source = payments.read(payments.stored(max(count, 10_000), Path(".cache/bench")))
    registry = sum(1 for _ in payments.Bench().registry())
    log.append([one.outgoing() for one in islice(source, registry)])
    environment = {
        "HENGWEN_HOME": tempfile.mkdtemp(), "HENGWEN_LOG": "kafka", "HENGWEN_LOG_NAME": name,
        "HENGWEN_KAFKA_BOOTSTRAP": bootstrap, "HENGWEN_KAFKA_CLIENT": client,
        "HENGWEN_KAFKA_REPLICATION": "1", "HENGWEN_DATABASE": dsn,
    }  # fmt: skip
    running = [hengwen(command, environment) for command in ("admit", "project")]
    try:
        watch = Watch(dsn, registry + count)
        watch.start()
        while watch.positions[-1] < registry:
            time.sleep(TICK_S)
        sent: list[float] = []
        began = time.perf_counter()
        while len(sent) < count:
            due = min(count, int((time.perf_counter() - began) * rate)) - len(sent)
            group = [one.outgoing() for one in islice(source, due)]
            if group:
                at = time.perf_counter()
                log.append(group)
                sent += [at] * len(group)
            time.sleep(TICK_S)
        watch.join(timeout=60)
    finally:
        for process in running:
            process.terminate()
            process.wait(timeout=30)
    spent = sorted(
        watch.times[bisect_left(watch.positions, registry + n)] - at
        for n, at in enumerate(sent, start=1)
    )
    return {
        "client": client,
        "rate_per_s": rate,
        "p50_ms": round(1_000 * spent[len(spent) // 2]),
        "p99_ms": round(1_000 * spent[len(spent) * 99 // 100]),
    }


def main(say: Callable[[str], object] = sys.stdout.write) -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--dsn", required=True)
    parser.add_argument("--client", default="kafka-python")
    parser.add_argument("--rate", type=int, default=1_500)
    parser.add_argument("--seconds", type=int, default=8)
    asked = parser.parse_args()
    found = measure(
        asked.bootstrap, asked.dsn, client=asked.client, rate=asked.rate, seconds=asked.seconds
    )
    say(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
