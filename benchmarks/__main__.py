"""``make bench``: every figure of the project, as ratios of one run, each in its own process."""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from app.embedded_postgres import EmbeddedPostgres
from app.kafka_jars import fetch_jars
from app.local_kafka import Broker
from app.problems import Problem
from benchmarks.table import ADMISSION_TARGETS, Row, markdown, rich_table, rows_of, written
from tools.compile_core import NotCompiled, compile_into, environment

ROOT: Final = Path(__file__).parents[1]
RECORDS: Final = 100_000
QUICK: Final = 10_000
RECORDS_MIN: Final = 1_000
LEAVES_EACH: Final = 100
LEAVES_MAX: Final = 10_000_000
"""The tree is cheap: it gets so many leaves for each payment, up to what its target speaks of."""
RATE_MIN: Final = 100
LOADS: Final[dict[str, tuple[str, ...]]] = {"even": (), "hot": ("--hot",)}
RUNS: Final = (("even", False), ("even", True), ("hot", True))
"""Load, and whether the core is compiled."""
COMPILED: Final = ROOT / ".cache" / "compiled"
WIDTH: Final = 200
"""Columns where there is no terminal to ask."""


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


def measured(module: str, *arguments: object, compiled: bool = False) -> dict[str, Any]:
    """What a benchmark prints, run in a process of its own: its peak memory is its own too."""
    shown = [str(word) for word in arguments if "host=" not in str(word) and word != "--dsn"]
    sys.stderr.write(f"{' '.join((module, *shown))}{' (compiled)' if compiled else ''} …\n")
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}", *map(str, arguments)],
        check=True, stdout=subprocess.PIPE, cwd=ROOT,
        env=os.environ | (environment(COMPILED) if compiled else {}),
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def run(records: int, folder: Path) -> dict[str, Any]:
    """All measurements, one after the other."""
    compile_into(COMPILED)
    with broker(folder) as bootstrap, EmbeddedPostgres(folder / "postgres") as postgres:
        where = ("--bootstrap", bootstrap)

        def admission(
            client: str, load: str, payments: int, *, compiled: bool = False
        ) -> dict[str, Any]:
            return measured(
                "admission", *where, "--payments", payments, "--client", client, *LOADS[load],
                compiled=compiled,
            )  # fmt: skip

        runs = [
            admission(client, load, records, compiled=compiled)
            for client in ADMISSION_TARGETS
            for load, compiled in RUNS
        ]
        growth = [
            (admission(many["client"], "even", RECORDS), many)
            for many in runs
            if many["load"] == "even" and not many["compiled"] and records > RECORDS
        ]
        first = growth[0][0] if growth else runs[0]
        empty = (postgres.ensure_database(f"bench{n}") for n in range(6))
        dsns = [part for _ in range(4) for part in ("--dsn", next(empty))]
        return {
            "machine": machine(),
            "admission": runs,
            "growth": growth,
            "models": measured(
                "projections", *where, "--log", runs[0]["log"],
                "--registry", runs[0]["registry"], *dsns,
            ),
            "latency": measured(
                "latency", *where, "--dsn", next(empty), "--payments", first["payments"],
                "--rate", max(first["admission_per_s"] // 2, RATE_MIN),
            ),
            "vault": measured("vault", "--dsn", next(empty)),
            "tree": measured("evidence", "--leaves", min(records * LEAVES_EACH, LEAVES_MAX)),
            "verification": [
                measured("verification", "--payments", count)
                for count in sorted({min(records, RECORDS), records})
            ],
        }  # fmt: skip


def machine() -> str:
    """What the figures were measured on."""
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"{cores} cores, {memory_gib:.0f} GiB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}; broker, PostgreSQL and measurement share them"
    )


def asked_for() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--records", type=int, default=RECORDS, help=f"payments of each run, {RECORDS_MIN} or more"
    )
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} payments")
    parser.add_argument("--json", type=Path, help="write rows and figures here too")
    parser.add_argument("--write", type=Path, help="put the table into this document")
    asked = parser.parse_args()
    if asked.quick:
        asked.records = QUICK
    if asked.records < RECORDS_MIN:
        parser.error(f"--records: at least {RECORDS_MIN}")
    if asked.write:  # before minutes are spent
        try:
            written(asked.write.read_text(encoding="utf-8"), "")
        except (OSError, ValueError) as error:
            parser.error(f"--write: {error}")
    return asked


def show(asked: argparse.Namespace, figures: dict[str, Any], rows: list[Row]) -> None:
    """Print the table; write it where it was asked for."""
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    console.print(rich_table(rows))
    console.print(f"Measured on {figures['machine']}.", highlight=False)
    if asked.json:
        found = {"rows": [row._asdict() for row in rows], "figures": figures}
        text = json.dumps(found, ensure_ascii=False, indent=1)
        asked.json.write_text(text + "\n", encoding="utf-8")
    if asked.write:
        document = asked.write.read_text(encoding="utf-8")
        block = markdown(rows, figures["machine"])
        asked.write.write_text(written(document, block), encoding="utf-8")


def main() -> int:
    """Measure and print; 1 if a measurement failed or anything was refused, 2 if it cannot run."""
    asked = asked_for()
    try:
        with tempfile.TemporaryDirectory() as folder:
            figures = run(asked.records, Path(folder))
    except NotCompiled as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except Problem as problem:
        sys.stderr.write(f"{problem}\n{problem.how.en}\n")
        return 2
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"failed, see above: {error.cmd[2]}\n")
        return 1
    show(asked, figures, rows_of(figures))
    return 1 if any(found["refused"] for found in figures["admission"]) else 0


if __name__ == "__main__":
    sys.exit(main())
