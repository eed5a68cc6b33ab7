"""
Verification of an evidence pack against a loop that only decodes, re-performance against live.

One ledger on an embedded log, decided live, signed, exported; then each part in a process of its
own, so that its peak memory is its own too.
"""

import argparse
import io
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

import fastavro
import structlog

from benchmarks import payments
from benchmarks.admission import APPEND, now_us, open_loop, payments_file
from benchmarks.bare_loop import plain
from consumers.checkpointer import Checkpointer
from consumers.interpreter import tuned
from consumers.state_store import StateStore
from eventlog.embedded import EmbeddedLog
from evidence.folder import EvidenceFolder
from evidence.notes import NoteSigner, Verifier
from evidence.pack import Wanted, export
from evidence.verify import verify
from evidence.verify_checks import DECISIONS, DERIVED, NOT_CHECKED, Report
from evidence.verify_decisions import check_decisions
from evidence.verify_memory import uncollected
from evidence.verify_signed import Trust
from evidence.verify_source import PackSource
from schemas import files

ROUNDS: Final = 3
"""Bare loop and verification take turns, so that both see the same machine; the best round counts."""
LIVE_ROUNDS: Final = 2
"""Likewise for live admission and re-performance."""


def live(folder: Path, count: int) -> dict[str, Any]:
    """Decide *count* payments on an embedded log, sign it, and export its pack."""
    path = payments_file(count, hot=False)
    with closing(EmbeddedLog(folder / "log.sqlite", "bench")) as log:
        source, total = payments.read(path), 0
        while batch := list(islice(source, APPEND)):
            log.append([one.outgoing() for one in batch])
            total += len(batch)
        decided_s = _decided(log, folder, total, count)
        checkpointer = Checkpointer(log, EvidenceFolder(folder / "evidence"), _at_hand)
        checkpointer.open()
        checkpointer.catch_up()
        began = time.perf_counter()
        export(log, [], folder / "pack", Wanted(formats=frozenset()), exported_at=now_us())
        exported_s = time.perf_counter() - began
    return {
        "payments": count, "events": total, "live_per_s": round(count / decided_s),
        "export_per_s": round(total / exported_s),
    }  # fmt: skip


def _decided(log: EmbeddedLog, folder: Path, total: int, count: int) -> float:
    """Seconds of live admission for the last *count* submissions, verdicts and state written."""
    store = StateStore(folder / "state.sqlite")
    with log.lease() as lease, log.writer() as writer:
        loop = open_loop(log, store)
        loop.open()
        with tuned():
            loop._decide_all(lease, writer, lambda _: None, total - count)  # noqa: SLF001
            began = time.perf_counter()
            loop._decide_all(lease, writer, lambda _: None, total)  # noqa: SLF001
            store.wait()
            spent = time.perf_counter() - began
    store.close()
    return spent


def _at_hand(named: Sequence[Verifier]) -> list[NoteSigner]:
    """The operator's key signs checkpoints here, too."""
    return [NoteSigner(one.name, payments.private_key(payments.OPERATOR)) for one in named]


class Measured(NamedTuple):
    """So many events in so many seconds."""

    events: int
    seconds: float


class Clock:
    """Counts events and seconds behind the first *skip* events; those of the registry are no payments."""

    def __init__(self, skip: int = 0) -> None:
        self._skip, self._seen, self._before = skip, 0, 0
        self._began = time.perf_counter()

    def progress(self, more: int) -> None:
        """So many more events are done."""
        self._seen += more
        if not self._before and self._seen >= self._skip > 0:
            self._before, self._began = self._seen, time.perf_counter()

    def read(self, events: int) -> Measured:
        """Now that all *events* are done."""
        return Measured(events - self._before, time.perf_counter() - self._began)


def bare(pack: Path, _: int) -> Measured:
    """Read the events' container files and decode each value with fastavro, nothing more."""
    clock = Clock()
    schemas = {
        files.fingerprint(topic): fastavro.parse_schema(plain(json.loads(files.text(topic))))
        for topic in files.RECORDS
    }
    count = 0
    for path in sorted((pack / "events").glob("*.avro")):
        with path.open("rb") as file:
            rows: Any = fastavro.reader(file)
            for row in rows:
                value = row["value"]
                fastavro.schemaless_reader(io.BytesIO(value[10:]), schemas[value[2:10]], None)
                count += 1
    return clock.read(count)


def checked(pack: Path, cores: int) -> Measured:
    """Bytes, tree, signature, chains, schemas, conservation, lots: all but deciding again."""
    clock, source = Clock(), PackSource(pack)
    report = verify(source, Trust(), decisions=False, cores=cores)
    return clock.read(_held(report, source, left_out={DECISIONS, DERIVED}))


def again(pack: Path, skip: int) -> Measured:
    """Deciding again, and nothing else."""
    source = PackSource(pack)
    with uncollected():
        clock = Clock(skip)
        return clock.read(_held(Report.of(check_decisions(source, clock.progress)), source))


def whole(pack: Path, cores: int) -> Measured:
    """Everything."""
    clock, source = Clock(), PackSource(pack)
    return clock.read(_held(verify(source, Trust(), cores=cores), source))


def _held(report: Report, source: PackSource, *, left_out: Collection[str] = ()) -> int:
    missing = {check.name for check in report.checks if check.status == NOT_CHECKED}
    if report.failed or missing.difference(left_out):
        raise SystemExit(f"the pack does not hold: {report.first}")
    return source.extent.last


LIVE: Final = "live"
PARTS: Final[dict[str, Callable[[Path, int], Measured]]] = {
    "bare": bare, "checked": checked, "again": again, "whole": whole,
}  # fmt: skip


def part(name: str, folder: Path, option: int) -> dict[str, Any]:
    """Events a second of one part, and its peak memory: of the largest process, if it has several."""
    events, spent = PARTS[name](folder / "pack", option)
    peaks = [
        resource.getrusage(of).ru_maxrss for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    return {"per_s": round(events / spent), "peak_mib": max(peaks) // 1024}


def _measured(name: str, folder: Path, *more: object) -> dict[str, Any]:
    """The same in a process of its own; a small one starts it, or the peak would be its parent's."""
    done = subprocess.run(
        [
            sys.executable, "-m", "benchmarks.verification",
            "--part", name, "--folder", str(folder), *map(str, more),
        ],
        check=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def measure(count: int, folder: Path) -> dict[str, Any]:
    """All figures of one run."""
    lives, agains = [], []
    for number in range(LIVE_ROUNDS):
        last = folder / str(number)
        last.mkdir(parents=True)
        lives.append(_measured(LIVE, last, "--payments", count))
        agains.append(_measured("again", last, "--skip", lives[-1]["events"] - count))
        if number:
            shutil.rmtree(folder / str(number - 1))
    turns = [(_measured("bare", last), _measured("checked", last)) for _ in range(ROUNDS)]
    cores = os.cpu_count() or 1
    bare_per_s = max(one["per_s"] for one, _ in turns)
    checked_per_s = max(one["per_s"] for _, one in turns)
    live_per_s = max(one["live_per_s"] for one in lives)
    again_per_s = max(one["per_s"] for one in agains)
    return {
        **lives[-1],
        "bare_per_s": bare_per_s,
        "checked_per_s": checked_per_s,
        "checked_ratio": round(checked_per_s / bare_per_s, 2),
        "checked_peak_mib": max(one["peak_mib"] for _, one in turns),
        "live_per_s": live_per_s,
        "again_per_s": again_per_s,
        "again_ratio": round(again_per_s / live_per_s, 2),
        "again_peak_mib": max(one["peak_mib"] for one in agains),
        "cores": cores,
        "whole_per_s": _measured("whole", last, "--cores", cores)["per_s"],
    }


def main(say: Callable[[str], object] = sys.stdout.write) -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--payments", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, help="keep logs and packs here")
    parser.add_argument("--part", choices=[LIVE, *PARTS])
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--skip", type=int, default=0, help="events before the first payment")
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    if asked.part == LIVE:
        found = live(asked.folder, asked.payments)
    elif asked.part:
        found = part(asked.part, asked.folder, asked.skip or asked.cores)
    elif asked.folder:
        found = measure(asked.payments, asked.folder)
    else:
        with tempfile.TemporaryDirectory() as folder:
            found = measure(asked.payments, Path(folder))
    say(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
