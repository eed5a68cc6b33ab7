"""``make bench``: every figure of the project, as ratios of one run, each in its own process."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from rich.console import Console
from rich.table import Table

from app.embedded_postgres import EmbeddedPostgres
from app.local_kafka import Broker, fetch_jars

ROOT: Final = Path(__file__).parents[1]
RECORDS: Final = 100_000
QUICK: Final = 10_000
ADMISSION_TARGETS: Final = {"kafka-python": 0.6, "librdkafka": 0.5}
REBUILD_TARGET: Final = 0.15
LIBRARY_TARGET: Final = 20.0
P99_MS_MAX: Final = 500
RESTART_S_MAX: Final = 5.0


class Row(NamedTuple):
    """One line of the table; *met* is None where there is no target."""

    what: str
    figure: str
    against: str
    target: str
    met: bool | None


@contextmanager
def broker(folder: Path) -> Iterator[str]:
    """The broker that is given, or one of our own."""
    if given := os.environ.get("HENGWEN_KAFKA_BOOTSTRAP"):
        yield given
        return
    libs = ROOT / ".cache" / "kafka" / "libs"
    fetch_jars(pom=ROOT / "pom.xml", digests=ROOT / "tests" / "kafka-jars.sha256", libs=libs)
    own = Broker(libs=libs, folder=folder / "kafka")
    own.start()
    try:
        yield own.bootstrap
    finally:
        own.stop()


def measured(module: str, *arguments: object) -> Any:
    """What a benchmark prints, run in a process of its own."""
    sys.stderr.write(f"{module} {' '.join(map(str, arguments))}\n")
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}", *map(str, arguments)],
        check=True, stdout=subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    return json.loads(done.stdout)


def admission_rows(found: dict[str, Any]) -> list[Row]:
    """Rate, ratio, restart and memory of one run of admission."""
    target = ADMISSION_TARGETS[found["client"]]
    what = f"admission, {found['client']}, {found['load']}"
    return [
        Row(
            what, f"{found['admission_per_s']:,}/s = {found['ratio']:.2f}",
            f"bare loop {found['bare_per_s']:,}/s", f"≥ {target}", found["ratio"] >= target,
        ),
        Row(f"  refused, of {found['payments']:,}", str(found["refused"]), "", "0",
            found["refused"] == 0),
        Row("  restart", f"{found['restart_s']} s", "", f"≤ {RESTART_S_MAX} s",
            found["restart_s"] <= RESTART_S_MAX),
        Row("  peak memory", f"{found['peak_mib']} MiB", "", "", None),
        *(Row(f"  {stage}", f"{us} µs", "", "", None)
          for stage, us in found["us_per_payment"].items()),
    ]  # fmt: skip


def other_rows(models: dict[str, Any], latency: dict[str, Any], tree: dict[str, Any]) -> list[Row]:
    """Read models, latency, tree."""
    return [
        Row(
            "rebuild of all read models",
            f"{models['rebuild_per_s']:,}/s = {models['rebuild_ratio']:.2f}",
            f"bare consume {models['consume_per_s']:,}/s", f"≥ {REBUILD_TARGET}",
            models["rebuild_ratio"] >= REBUILD_TARGET,
        ),
        Row(
            "balances alone",
            f"{models['balances_per_s']:,}/s = {models['balances_times_library']} ×",
            f"ProjectionRunner {models['library_per_s']:,}/s", f"≥ {LIBRARY_TARGET:.0f} ×",
            models["balances_times_library"] >= LIBRARY_TARGET,
        ),
        Row(
            "submission to queryable, p99", f"{latency['p99_ms']} ms",
            f"at {latency['rate_per_s']:,}/s; p50 {latency['p50_ms']} ms", f"< {P99_MS_MAX} ms",
            latency["p99_ms"] < P99_MS_MAX,
        ),
        *(Row(f"tree: {name}", str(figure), "", "", None) for name, figure in tree.items()),
    ]  # fmt: skip


def run(records: int, folder: Path) -> list[Row]:
    """All measurements, one after the other."""
    rows: list[Row] = []
    with broker(folder) as bootstrap, EmbeddedPostgres(folder / "postgres") as postgres:
        where = ("--bootstrap", bootstrap)
        runs = []
        for client in ADMISSION_TARGETS:
            for load in ((), ("--hot",)):
                found = measured(
                    "admission", *where, "--payments", records, "--client", client, *load
                )
                runs.append(found)
                rows += admission_rows(found)
        databases = [postgres.ensure_database(f"bench{n}") for n in range(4)]
        dsns = [part for dsn in databases[:3] for part in ("--dsn", dsn)]
        models = measured("projections", *where, "--log", runs[0]["log"], *dsns)
        half = max(runs[0]["admission_per_s"] // 2, 100)
        latency = measured("latency", *where, "--dsn", databases[3], "--rate", half)
        tree = measured("evidence", "--leaves", records * 10)
        rows += other_rows(models, latency, tree)
    return rows


def shown(rows: list[Row]) -> None:
    """The table."""
    table = Table("what", "figure", "against", "target", "met")
    for row in rows:
        met = "" if row.met is None else "✔" if row.met else "✘"
        table.add_row(*row[:4], met)
    Console(width=None if sys.stdout.isatty() else 140).print(table)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--records", type=int, default=RECORDS, help="payments of each run")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} payments")
    parser.add_argument("--json", type=Path, help="write the rows here too")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = run(QUICK if asked.quick else asked.records, Path(folder))
    shown(rows)
    if asked.json:
        listed = [row._asdict() for row in rows]
        asked.json.write_text(json.dumps(listed, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
