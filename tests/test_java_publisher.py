"""An upstream system in Java: the same bytes as Python, and verdicts read back from a real Kafka."""

import http.client
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from eventlog_logs import kafka_log
from java_vectors import vectors
from test_thin_path import EXAMPLES, Machine

from app.ports import Port
from domain.calendar import iso
from domain.refusal_texts import TEXTS
from publishers.fields import fields_of, kind_of, untyped
from schemas import codec

ROOT = Path(__file__).parents[1]
JAVA = EXAMPLES / "java"
VECTORS = JAVA / "src" / "test" / "resources" / "vectors.json"
UPSTREAM = JAVA / "upstream.jsonl"
"""A visit, a payment, and a second payment to the same person in the same campaign."""
TOKEN = "a token of sixteen characters and more"  # noqa: S105  # of this test alone
ANSWER_S_MAX = 60.0


def test_vectors_of_the_java_example_are_what_python_signs() -> None:
    """If not, and on purpose: python tests/java_vectors.py writes them anew."""
    assert json.loads(VECTORS.read_text(encoding="utf-8")) == vectors()


def test_every_value_in_the_vectors_is_canonical() -> None:
    """What Java must write is what admission accepts: decoded and encoded, it stays the same."""
    for one in vectors()["batch"]:
        value = bytes.fromhex(one["value"])
        assert codec.encode(codec.decode(value)) == value


def test_every_refusal_that_the_page_explains_exists() -> None:
    """A code that was renamed must be renamed for those who integrate."""
    page = (ROOT / "docs" / "integration.md").read_text(encoding="utf-8")
    table = page.split("only a publisher of its own meets:")[1].split("## ")[0]
    codes = {code for line in table.splitlines() for code in re.findall("`([A-Z_]+)`", line[:80])}
    assert len(codes) > 10
    assert codes <= set(TEXTS)


@pytest.fixture(scope="module")
def java_publisher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the example and run its own tests; its jar."""
    for tool in ("javac", "mvn"):
        if shutil.which(tool) is None:
            pytest.fail(
                f"{tool} was not found: this test needs a JDK ≥ 17 and Maven", pytrace=False
            )
    folder = tmp_path_factory.mktemp("java") / "publisher"
    shutil.copytree(JAVA, folder, ignore=shutil.ignore_patterns("target"))
    done = subprocess.run(
        ["mvn", "-q", "-B", f"-Dschemas={ROOT / 'schemas'}", "package"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "target" / "publisher.jar"


class Published(NamedTuple):
    """What the program printed: verdicts, and what it said beside them."""

    verdicts: list[dict[str, Any]]
    said: str


@dataclass(frozen=True)
class Upstream:
    """An upstream system beside a ledger on Kafka, and what it has to know of it."""

    jar: Path
    machine: Machine
    bootstrap: str
    log_name: str
    ledger: str
    key: Path
    seal: str

    def publish(self, lines: Path, *, code: int) -> Published:
        """Run the program; admission decides as soon as everything is published."""
        given = {
            "bootstrap": self.bootstrap, "log": self.log_name, "ledger": self.ledger,
            "schemas": ROOT / "schemas", "key": self.key, "seal": self.seal, "file": lines,
        }  # fmt: skip
        options = [word for name, value in given.items() for word in (f"--{name}", str(value))]
        program = subprocess.Popen(
            ["java", "-jar", str(self.jar), *options],
            env=os.environ | {"HENGWEN_SEAL_TOKEN": TOKEN},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        )  # fmt: skip
        assert program.stderr is not None
        said = ""
        for line in program.stderr:
            said += line
            if line.startswith("published"):
                self.machine.hengwen("admit", "--once")
                break
        out, rest = program.communicate(timeout=ANSWER_S_MAX)
        assert program.returncode == code, said + rest
        return Published([json.loads(line) for line in out.splitlines()], said + rest)


@pytest.fixture
def upstream(
    tmp_path: Path, kafka_bootstrap: str, log_name: str, postgres_dsn: str, java_publisher: Path
) -> Iterator[Upstream]:
    """A funded county, a key of the upstream system that may speak for it, the sealing service."""
    port = Port()
    machine = Machine(
        tmp_path / "ledger",
        HENGWEN_LOG="kafka", HENGWEN_LOG_NAME=log_name, HENGWEN_KAFKA_BOOTSTRAP=kafka_bootstrap,
        HENGWEN_KAFKA_REPLICATION="1", HENGWEN_VAULT_DATABASE=postgres_dsn,
        HENGWEN_VAULT_MASTER_KEY=secrets.token_hex(32), HENGWEN_SEAL_TOKEN=TOKEN,
        HENGWEN_SEAL_ADDRESS=str(port),
    )  # fmt: skip
    ledger = machine.json("init", "--root", "ACFTU", "--name", "样例总工会")["ledger"]
    machine.hengwen("publish", str(EXAMPLES / "first-registry.jsonl"), "--operator")
    machine.hengwen("admit", "--once")
    key = tmp_path / "upstream.pem"
    public_key = machine.json("key", "new", str(key))["public_key"]
    machine.hengwen(
        "publisher", "register", public_key, "--subtree", "EX-632221", "--source", "upstream",
        "--kind", "MakePayment", "--kind", "RecordVisit",
    )  # fmt: skip
    machine.hengwen("publish", str(EXAMPLES / "first.jsonl"))
    machine.hengwen("admit", "--once")
    with _sealing(machine, port.number):
        yield Upstream(
            java_publisher, machine, kafka_bootstrap, log_name, ledger, key,
            f"http://{port}",
        )  # fmt: skip


@contextmanager
def _sealing(machine: Machine, port: int) -> Generator[None]:
    """The sealing service, answering."""
    service = subprocess.Popen(
        [sys.executable, "-c", "from app.cli import main; main()", "seal", "--serve"],
        env=machine.environment,
    )
    try:
        end = time.monotonic() + ANSWER_S_MAX
        while not _alive(port):
            assert service.poll() is None, "the sealing service ended"
            assert time.monotonic() < end, "the sealing service does not answer"
            time.sleep(0.2)
        yield
    finally:
        service.terminate()
        service.wait(ANSWER_S_MAX)


def _alive(port: int) -> bool:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        try:
            connection.request("GET", "/livez")
            return connection.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False


def test_a_payment_from_java_is_made_and_its_double_is_refused(upstream: Upstream) -> None:
    """Sealed, signed and published by Java; Java reads its verdicts, and reads what Python reads."""
    visit, made, refused = upstream.publish(UPSTREAM, code=1).verdicts
    assert visit["type"] == "VisitMade"
    assert made["type"] == "PaymentMade"
    assert made["event"]["amount_fen"] == 100_000
    assert made["event"]["source"] == "upstream"
    assert sum(draw["fen"] for draw in made["event"]["draws"]) == 100_000
    assert (refused["type"], refused["codes"]) == ("SubmissionRefused", ["DUPLICATE_IN_CAMPAIGN"])

    last = refused["position"]
    assert [visit["position"], made["position"], last] == [last - 2, last - 1, last]
    assert [v["event"] for v in (visit, made, refused)] == _events(upstream, after=last - 3)

    again = upstream.publish(UPSTREAM, code=0).verdicts
    assert {verdict["type"] for verdict in again} == {"SubmissionRepeated"}
    assert [v["event"]["original_position"] for v in again] == [last - 2, last - 1, last]


def _events(upstream: Upstream, *, after: int) -> list[dict[str, Any]]:
    """Events as Python decodes them, spelled as the Java program spells them."""
    with closing(kafka_log(upstream.bootstrap, upstream.log_name)) as log:
        records = log.read_events(after=after, limit=10, timeout_s=ANSWER_S_MAX)
    return [_spelled(codec.decode(record.value)) for record in records]


def _spelled(event: Any) -> dict[str, Any]:
    spelled = {field.name: untyped(getattr(event, field.name)) for field in fields(event)}
    for field in fields_of(event.TOPIC):
        if kind_of(field.schema) == "date" and spelled[field.name] is not None:
            spelled[field.name] = iso(spelled[field.name])
    return spelled


def test_what_cannot_be_sealed_is_not_published(upstream: Upstream, tmp_path: Path) -> None:
    """A wrong identity number ends the program with the codes, and nothing of the person."""
    payment = json.loads(UPSTREAM.read_text(encoding="utf-8").splitlines()[1])
    payment["recipient"]["document_number"] = "632221190101010000"
    lines = tmp_path / "wrong.jsonl"
    lines.write_text(json.dumps(payment), encoding="utf-8")
    with closing(kafka_log(upstream.bootstrap, upstream.log_name)) as log:
        before = log.last_ordinal()
        verdicts, said = upstream.publish(lines, code=2)
        assert (verdicts, log.last_ordinal()) == ([], before)
    assert "ID_CHECKSUM" in said
    assert not any(value in said for value in payment["recipient"].values())
