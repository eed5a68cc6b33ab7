"""Admission through a real Kafka against the bare loop, by client and by shape of the load."""

import argparse
import gc
import json
import resource
import subprocess
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
from admission.rules.checks import payments as payment_checks
from benchmarks import bare_loop, payments
from benchmarks.stages import Place, Stages
from consumers.admission import AdmissionLoop
from consumers.interpreter import tuned
from consumers.state_store import StateStore
from eventlog import kafka_journal
from eventlog.clients import open_client
from eventlog.contract import Lease, Log
from eventlog.kafka import KafkaLog
from eventlog.reading import events
from eventlog.topics import create_topics
from schemas import codec

APPEND: Final = 5_000
ROUNDS: Final = 3
"""Bare loop and admission take turns, so that both see the same machine."""
SHARES: Final = ROUNDS + 1
"""The last share is for the stages: timing each function would slow the rounds down."""
COMPILED: Final = not str(decide.__file__).endswith(".py")
"""Whether this process runs the compiled copy: see tools/compile_core.py."""
BESIDE: Final = "(beside) "
"""Stages in threads of their own: wall time, with the wait for the interpreter's lock."""


def now_us() -> int:
    """The clock."""
    return time.time_ns() // 1_000


def open_loop(log: Log, store: StateStore) -> AdmissionLoop:
    """The loop as ``hengwen admit`` wires it, without settings."""
    return AdmissionLoop(log, store, clock_us=now_us, wait=lambda _: False)


class Run:
    """One ledger on Kafka, with all submissions appended and nothing decided."""

    def __init__(self, client_name: Any, bootstrap: str, path: Path, folder: Path) -> None:
        self.name = f"bench-{time.time_ns()}"
        self.bare_name = f"{self.name}-bare"
        for one in (self.name, self.bare_name):
            create_topics(bootstrap, one, replication_factor=1, min_insync_replicas=1)
        self.client = open_client(bootstrap, None, client_name)
        self.log = KafkaLog(self.client, self.name, index=folder / "index.sqlite")
        self.store = StateStore(folder / "state.sqlite")
        self.total = self._fill(path)
        self.stages = Stages()
        self.bare_s = self.ours_s = self.staged_s = 0.0

    def _fill(self, path: Path) -> int:
        source, total = payments.read(path), 0
        while batch := list(islice(source, APPEND)):
            self.log.append([one.outgoing() for one in batch])
            total += len(batch)
        return total

    def decide(self, count: int) -> int:
        """Decide all submissions, the last *count* of them in rounds; payments in each round."""
        registry, share = self.total - count, count // SHARES
        with self.log.lease() as lease, self.log.writer() as writer:
            loop = open_loop(self.log, self.store)
            loop.open()
            # The bare loop is run in the same interpreter.
            with tuned():
                self._advance(loop, lease, writer, registry)
                gc.freeze()
                for number in range(ROUNDS):
                    skip = registry + number * share
                    self.bare_s += bare_loop.run(
                        self.client, self.log.topic("submissions"), f"{self.bare_name}.events",
                        skip=skip, count=share,
                    )  # fmt: skip
                    self.ours_s += self._advance(loop, lease, writer, skip + share)
                # What is compiled calls past the names by which functions would be timed.
                with self.stages.over([] if COMPILED else self._places(loop, writer)):
                    self.staged_s = self._advance(loop, lease, writer, registry + SHARES * share)
            self.store.wait()
        return share

    def _advance(self, loop: AdmissionLoop, lease: Lease, writer: Any, until: int) -> float:
        """Seconds to decide up to *until*; nothing was fetched ahead, nothing is left unwritten."""
        submissions = self.log._submissions  # noqa: SLF001  as run() does, but round by round
        submissions._go(submissions._at)  # noqa: SLF001
        began = time.perf_counter()
        loop._decide_all(lease, writer, lambda _: None, until)  # noqa: SLF001
        self.store.drop_staged()
        spent = time.perf_counter() - began
        submissions._reader.rest()  # noqa: SLF001  the bare loop must not pay for our fetches
        return spent

    def _places(self, loop: AdmissionLoop, writer: Any) -> list[Place]:
        """Functions of the stages that are printed."""
        state, journal = loop.admission.state, writer.journal
        return [
            (self.log, "read_submissions", "consume"),
            (decide, "submission_signed", "signature"),
            (payment_checks, "attested", "attestation"),
            (codec, "decode", "decode"),
            (state, "prefetch", "look-ups"),
            (decide.Admission, "_event", "build"),
            (decide, "apply", "aggregate and fold"),
            (codec, "encode", "encode"),
            (consumers.admission.Committing, "finish", "waiting for the commit"),
            (state, "take_rows", "state rows"),
            (loop, "decide", "rules and the rest"),
            (kafka_journal, "outgoing", f"{BESIDE}headers"),
            (journal._transactions, "commit", f"{BESIDE}produce and commit"),  # noqa: SLF001
            (journal, "_wait_until_visible", f"{BESIDE}visible to readers"),
            (journal, "_write", f"{BESIDE}local index"),
            (self.store, "_write", f"{BESIDE}state write"),
        ]

    def refused(self) -> int:
        """Verdicts that are not what was asked for: a benchmark of refusals would be none."""
        decided = events(self.log, after=0, until=self.log.last_position())
        refusals = {"hengwen.SubmissionRefused", "hengwen.SubmissionRepeated"}
        return sum(one.topic in refusals for one in decided)

    def close(self) -> None:
        """Close files and connections, so that another process can take over."""
        self.store.close()
        self.log.close()


def measure(client_name: Any, bootstrap: str, count: int, *, hot: bool) -> dict[str, Any]:
    """One table row: rates, ratio, stages, memory, restart."""
    path = payments_file(count, hot=hot)
    with tempfile.TemporaryDirectory() as folder:
        run = Run(client_name, bootstrap, path, Path(folder))
        share = run.decide(count)
        done = ROUNDS * share
        found = {
            "log": run.name,
            "client": client_name,
            "load": "hot" if hot else "even",
            "compiled": COMPILED,
            "payments": count,
            "registry": run.total - count,
            "refused": run.refused(),
            "bare_per_s": round(done / run.bare_s),
            "admission_per_s": round(done / run.ours_s),
            "ratio": round(run.bare_s / run.ours_s, 3),
            "us_per_payment": {
                "all, in the rounds": round(run.ours_s / done * 1e6, 1),
                "all, with stages timed": round(run.staged_s / share * 1e6, 1),
                **{
                    stage: round(seconds / share * 1e6, 1)
                    for stage, seconds in run.stages.seconds.items()
                },
            },
            "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }
        run.close()
        found["restart_s"] = round(_restarted(client_name, bootstrap, run.name, folder), 2)
    return found


def payments_file(count: int, *, hot: bool) -> Path:
    """The file of payments; made by another process, whose memory is not ours."""
    shape = ["hot"] if hot else []
    subprocess.run(
        [sys.executable, "-m", "benchmarks.payments", str(count), *shape],
        check=True,
    )  # fmt: skip
    return payments.stored(count, payments.CACHE, hot=hot)


def _restarted(client_name: str, bootstrap: str, name: str, folder: str) -> float:
    """Seconds from the start of a new process until it could decide."""
    began_ns = time.time_ns()
    done = subprocess.run(
        [
            sys.executable, "-m", "benchmarks.restart", "--bootstrap", bootstrap,
            "--client", client_name, "--log", name, "--folder", folder,
        ],
        check=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    return (int(json.loads(done.stdout)["ready_ns"]) - began_ns) / 1e9


def main(say: Callable[[str], object] = sys.stdout.write) -> None:
    """Print one JSON object."""
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
