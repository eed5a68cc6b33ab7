"""
The thin path: the same submissions on the embedded log and on Kafka give the same ledger.

The whole way in processes as a user starts them: open, publish, decide, project, ask.
"""

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parents[1] / "examples"
PAYMENT = json.loads((EXAMPLES / "first.jsonl").read_text(encoding="utf-8").splitlines()[-1])


class Machine:
    """One machine with its settings, on which a user types commands."""

    def __init__(self, home: Path, **settings: str) -> None:
        outside = {k: v for k, v in os.environ.items() if not k.startswith("HENGWEN_")}
        self.environment = outside | {"HENGWEN_HOME": str(home)} | settings

    def hengwen(self, *arguments: str) -> str:
        """Run a command that must go well; what it prints."""
        done = self._run(arguments)
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
        return done.stdout

    def tried(self, *arguments: str) -> tuple[int, str]:
        """Run a command that may fail; its exit code, and all that it prints."""
        done = self._run(arguments)
        return done.returncode, done.stdout + done.stderr

    def _run(self, arguments: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", "from app.cli import main; main()", *arguments],
            env=self.environment, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip

    def json(self, *arguments: str) -> Any:
        """The same, as JSON."""
        return json.loads(self.hengwen(*arguments, "--json"))

    def run_first_example(self, *opening: str) -> None:
        """Open a ledger, publish the example, decide and project it."""
        self.hengwen("init", "--root", "ACFTU", "--name", "样例总工会", *opening)
        self.hengwen("publish", str(EXAMPLES / "first-registry.jsonl"), "--operator")
        self.hengwen("publish", str(EXAMPLES / "first.jsonl"))
        self.hengwen("admit", "--once")
        self.hengwen("project", "--once")


def check_example(machine: Machine) -> None:
    """The county holds what is left, the payment is traced to the grant, no fen is missing."""
    [county] = machine.json("balance", "EX-632221")
    assert county["free_fen"] == 20_000_000 - 100_000
    assert county["ordered_fen"] == 100_000
    trace = json.dumps(machine.json("trace", "payment", PAYMENT["payment"]))
    grant = json.loads((EXAMPLES / "first.jsonl").read_text(encoding="utf-8").splitlines()[2])
    assert grant["grant"] in trace
    machine.hengwen("conserve")
    assert machine.json("refusals") == []


def test_first_example_on_the_embedded_log(tmp_path: Path, postgres_dsn: str) -> None:
    """From four lines of JSON to a balance and a trace, without a broker."""
    machine = Machine(tmp_path, HENGWEN_DATABASE=postgres_dsn)
    machine.run_first_example()
    check_example(machine)


def test_same_submissions_decided_on_kafka_and_embedded_give_one_digest(
    tmp_path: Path, postgres_dsn: str, kafka_bootstrap: str, log_name: str
) -> None:
    """Ordered once on Kafka, carried over with their times, decided again: the same bytes; GM-1."""
    kafka = Machine(
        tmp_path / "kafka",
        HENGWEN_LOG="kafka", HENGWEN_LOG_NAME=log_name, HENGWEN_KAFKA_BOOTSTRAP=kafka_bootstrap,
        HENGWEN_KAFKA_REPLICATION="1", HENGWEN_DATABASE=postgres_dsn,
    )  # fmt: skip
    kafka.run_first_example("--suite", "GM-1")
    check_example(kafka)
    there = kafka.json("log", "digest")
    home = tmp_path / "embedded"
    embedded = Machine(home, HENGWEN_LOG_NAME=log_name)
    target = f"embedded:{home / 'log' / f'{log_name}.sqlite'}"
    (home / "log").mkdir(parents=True)
    kafka.hengwen(
        "log", "copy", f"kafka:{kafka_bootstrap}/{log_name}", target, "--submissions-only"
    )
    embedded.hengwen("admit", "--once")
    assert embedded.json("log", "digest") == there
    assert there["count"] > 80


def test_submissions_ordered_on_the_embedded_log_give_the_same_digest_on_kafka(
    tmp_path: Path, kafka_bootstrap: str, log_name: str
) -> None:
    """A pilot county's log moves to Kafka, and every verdict comes out the same."""
    embedded = Machine(tmp_path / "embedded", HENGWEN_LOG_NAME=log_name)
    embedded.hengwen("init", "--root", "ACFTU", "--name", "样例总工会")
    embedded.hengwen("publish", str(EXAMPLES / "first-registry.jsonl"), "--operator")
    embedded.hengwen("publish", str(EXAMPLES / "first.jsonl"))
    embedded.hengwen("admit", "--once")
    source = f"embedded:{tmp_path / 'embedded' / 'log' / f'{log_name}.sqlite'}"
    kafka = Machine(
        tmp_path / "kafka",
        HENGWEN_LOG="kafka", HENGWEN_LOG_NAME=log_name, HENGWEN_KAFKA_BOOTSTRAP=kafka_bootstrap,
        HENGWEN_KAFKA_REPLICATION="1",
    )  # fmt: skip
    kafka.hengwen(
        "log", "copy", source, f"kafka:{kafka_bootstrap}/{log_name}", "--submissions-only"
    )
    kafka.hengwen("admit", "--once")
    assert kafka.json("log", "digest") == embedded.json("log", "digest")


def test_the_demo_runs_on_kafka(
    tmp_path: Path, postgres_dsn: str, kafka_bootstrap: str, log_name: str
) -> None:
    """What ``make demo LOG=kafka`` shows, and how it says to go on."""
    machine = Machine(
        tmp_path / "demo",
        HENGWEN_LANG="en", HENGWEN_LOG="kafka", HENGWEN_LOG_NAME=log_name,
        HENGWEN_KAFKA_BOOTSTRAP=kafka_bootstrap, HENGWEN_KAFKA_REPLICATION="1",
        HENGWEN_DATABASE=postgres_dsn, HENGWEN_VAULT_DATABASE=postgres_dsn,
        HENGWEN_VAULT_MASTER_KEY=secrets.token_hex(32),
    )  # fmt: skip
    told = machine.hengwen("demo")
    assert "✔ Conserved to the fen." in told
    assert "← grant" in told
    assert f"HENGWEN_LOG=kafka HENGWEN_KAFKA_BOOTSTRAP={kafka_bootstrap} hengwen status" in told
    assert machine.json("log", "digest")["sha256"] in told
    assert {model["lag"] for model in machine.json("status")["read_models"]} == {0}
