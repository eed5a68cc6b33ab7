"""Admission through a real Kafka against the bare loop, by client and by shape of the load."""

import argparse
import gc
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any, Final

import structlog

import consumers.admission
from admission import decide
from benchmarks import bare_loop, payments
from benchmarks.stages import Stages
from consumers.admission import AdmissionLoop
from consumers.state_store import StateStore
from eventlog.clients import open_client
from eventlog.contract import Lease
from eventlog.kafka import KafkaLog
from eventlog.topics import create_topics
from schemas import codec

APPEND: Final = 5_000
ROUNDS: Final = 3
"""Bare loop and admission take turns, so that both see the same machine."""


def now_us() -> int:
    """The clock."""
    return time.time_ns() // 1_000


def fill(log: KafkaLog, path: Path, name: str) -> int:
    """Append all submissions of a file; how many stand before the first payment."""
    del name
    source = payments.read(path)
    total = 0
    while batch := list(islice(source, APPEND)):
        log.append([one.outgoing() for one in batch])
        total += len(batch)
    return total


def stage_places(log: KafkaLog, loop: AdmissionLoop) -> list[Any]:
    """Functions of the stages that are printed."""
    state = loop.admission.state
    return [
        (log, "read_submissions", "consume"),
        (decide, "submission_signed", "signature"),
        (codec, "decode", "decode"),
        (state, "prefetch", "look-ups"),
        (decide.Admission, "_event", "build"),
        (decide, "apply", "aggregate and fold"),
        (codec, "encode", "encode"),
        (consumers.admission.Committing, "finish", "waiting for the commit"),
        (state, "take_rows", "state rows"),
        (loop, "decide", "rules and the rest"),
    ]


def measure(client_name: Any, bootstrap: str, count: int, *, hot: bool) -> dict[str, Any]:
    """One table row: rates, ratio, stages, memory, restart."""
    path = payments.stored(count, Path(".cache/bench"), hot=hot)
    name = f"bench-{time.time_ns()}"
    for one in (name, f"{name}-bare"):
        create_topics(bootstrap, one, replication_factor=1, min_insync_replicas=1)
    client = open_client(bootstrap, None, client_name)
    folder = Path(tempfile.mkdtemp())
    log = KafkaLog(client, name, index=folder / "index.sqlite")
    total = fill(log, path, name)
    registry = total - count
    store = StateStore(folder / "state.sqlite")
    stages = Stages()
    share = count // ROUNDS
    bare, ours = 0.0, 0.0
    with log.lease() as lease, log.writer() as writer:
        loop = AdmissionLoop(log, store, clock_us=now_us, wait=lambda _: False)
        loop.open()
        _advance(loop, lease, writer, registry)
        gc.freeze()
        with stages.over(stage_places(log, loop)):
            for number in range(ROUNDS):
                skip = registry + number * share
                bare += share / bare_loop.run(
                    client, log.topic("submissions"), f"{name}-bare.events", skip=skip, count=share
                )
                began = time.perf_counter()
                _advance(loop, lease, writer, skip + share)
                ours += time.perf_counter() - began
        refused = _refused(log, registry + ROUNDS * share)
    restart = _restart(log, store)
    done = ROUNDS * share
    return {
        "log": name,
        "client": client_name,
        "load": "hot" if hot else "even",
        "payments": done,
        "refused": refused,
        "bare_per_s": round(done / bare),
        "admission_per_s": round(done / ours),
        "ratio": round(bare / ours, 2),
        "us_per_payment": {
            stage: round(seconds / done * 1e6, 1) for stage, seconds in stages.seconds.items()
        },
        "restart_s": round(restart, 2),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _advance(loop: AdmissionLoop, lease: Lease, writer: Any, until: int) -> None:
    loop._decide_all(lease, writer, lambda _: None, until)  # noqa: SLF001  as run() does


def _refused(log: KafkaLog, until: int) -> int:
    """A benchmark of refusals would be no benchmark."""
    refused, after = 0, 0
    while after < until:
        records = log.read_events(after=after, limit=5_000, timeout_s=5)
        refused += sum(r.topic == "hengwen.SubmissionRefused" for r in records)
        after = records[-1].position
    return refused


def _restart(log: KafkaLog, store: StateStore) -> float:
    began = time.perf_counter()
    with log.writer():
        AdmissionLoop(log, store, clock_us=now_us, wait=lambda _: False).open()
    return time.perf_counter() - began


def main(say: Callable[[str], object] = sys.stdout.write) -> None:
    """Print one JSON line a measurement."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--payments", type=int, default=100_000)
    parser.add_argument("--client", default="kafka-python")
    parser.add_argument("--hot", action="store_true")
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    row = measure(asked.client, asked.bootstrap, asked.payments, hot=asked.hot)
    say(json.dumps(row, indent=1) + "\n")


if __name__ == "__main__":
    main()
