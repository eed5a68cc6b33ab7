"""
A broker that asks for a login, speaks TLS only, and gives each login its own rights.

The rights are those of docs/kafka.md, given by the commands printed there.
"""

import re
import shlex
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import psycopg
import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError, TransactionalIdAuthorizationFailedError
from psycopg.conninfo import make_conninfo
from secured_kafka import PASSWORDS, Authority, SecuredKafka
from test_thin_path import EXAMPLES, Machine

from app.problems import EXIT_BAD_INPUT

pytestmark = pytest.mark.slow

DOCUMENT = Path(__file__).parent.parent / "docs" / "kafka.md"
LEDGER = "hengwen"
LOOKING = {"__transaction_state", "--cluster"}
"""In the commands that give rights to look, and nothing else."""
REFUSED_S_MAX = 90.0
"""No client tries for ever; how soon it gives up depends on the machine as well."""
CLIENTS = ["kafka-python", "librdkafka"]
WRONG = "another-sample-password"


class Cluster:
    """The broker, and one machine with keys and vault, on which programs have their logins."""

    def __init__(self, kafka: SecuredKafka, home: Path, database: str) -> None:
        self.kafka = kafka
        self.home = home
        self.databases = {"HENGWEN_DATABASE": database, "HENGWEN_VAULT_DATABASE": database,
                          "HENGWEN_VAULT_MASTER_KEY": "5a" * 32, "HENGWEN_LANG": "en"}  # fmt: skip

    def program(self, login: str, client: str, **more: str) -> Machine:
        """A program of hengwen with this login."""
        settings = self.kafka.settings(login, HENGWEN_KAFKA_CLIENT=client)
        return Machine(self.home, **settings | self.databases | more)


@pytest.fixture(scope="module")
def cluster(
    kafka_libs: Path, postgres_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    """A ledger, opened by the administrator; rights as the document gives them."""
    kafka = SecuredKafka(kafka_libs, tmp_path_factory.mktemp("secured"))
    name = f"t_{time.time_ns()}"
    with ExitStack() as opened:
        connection = opened.enter_context(psycopg.connect(postgres_server, autocommit=True))
        connection.execute(f'CREATE DATABASE "{name}"')
        opened.callback(connection.execute, f'DROP DATABASE "{name}" WITH (FORCE)')
        opened.callback(kafka.broker.stop)
        kafka.broker.start()
        dsn = make_conninfo(postgres_server, dbname=name)
        made = Cluster(kafka, tmp_path_factory.mktemp("home"), dsn)
        administrator = made.program("admin", "kafka-python")
        administrator.hengwen("init", "--root", "ACFTU", "--name", "样例总工会")
        with ThreadPoolExecutor(3) as at_once:
            list(at_once.map(lambda words: kafka.acls(*words), documented_commands()))
        yield made


def documented_commands() -> list[list[str]]:
    """Words behind ``acls`` in the document's commands."""
    (block,) = re.findall(r"```sh\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    commands = [shlex.split(line, comments=True) for line in block.splitlines()]
    return [words for first, *words in filter(None, commands) if first == "acls"]


@pytest.mark.parametrize("client", CLIENTS)
def test_from_publishing_to_reading_each_with_a_login_of_its_own(
    cluster: Cluster, client: str
) -> None:
    """Publisher, admission, checkpointer, projector: each does its work with its rights alone."""
    publisher = cluster.program("centre", client)
    publisher.hengwen("publish", str(EXAMPLES / "first-registry.jsonl"), "--operator")
    publisher.hengwen("publish", str(EXAMPLES / "first.jsonl"))
    cluster.program("admission", client).hengwen("admit", "--once")
    cluster.program("checkpointer", client).hengwen("checkpoint", "--once")
    reader = cluster.program("auditor", client)
    reader.hengwen("project", "--once")
    [county] = reader.json("balance", "EX-632221")
    assert county["ordered_fen"] == 100_000
    assert reader.json("log", "digest")["count"] > 80


def test_both_clients_read_the_same_log(cluster: Cluster) -> None:
    """Whatever the client, the digest of the log is one."""
    digests = [cluster.program("auditor", c).json("log", "digest") for c in CLIENTS]
    assert digests[0] == digests[1]


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("command", ["init", "log digest"])
def test_a_wrong_password_is_told_and_not_shown(
    cluster: Cluster, client: str, command: str
) -> None:
    """Exit code 2 soon, and neither password is in the output."""
    program = cluster.program("admission", client, HENGWEN_KAFKA_SASL_PASSWORD=WRONG)
    begun = time.monotonic()
    code, said = program.tried(*command.split())
    assert (code, "Kafka does not accept this login." in said) == (EXIT_BAD_INPUT, True)
    assert "invalid credentials" in said or "ended at every login" in said
    assert time.monotonic() - begun < REFUSED_S_MAX
    assert not [p for p in (WRONG, *PASSWORDS.values()) if p in said]
    assert "Traceback" not in said


@pytest.mark.parametrize("client", CLIENTS)
def test_a_broker_of_an_unknown_authority_is_not_trusted(
    cluster: Cluster, client: str, tmp_path: Path
) -> None:
    """Another authority's certificate: exit code 2, and nothing is sent to that broker."""
    other = str(Authority(tmp_path / "other").ca_file)
    for given in (other, ""):
        program = cluster.program("auditor", client, HENGWEN_KAFKA_SSL_CAFILE=given)
        code, said = program.tried("log", "digest")
        assert (code, "Kafka does not accept this login." in said) == (EXIT_BAD_INPUT, True)
        assert "CERTIFICATE_VERIFY_FAILED" in said
        assert not [p for p in PASSWORDS.values() if p in said]


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(
    ("login", "command"),
    [
        ("upstream", "admit --once"),
        ("auditor", "admit --once"),
        ("upstream", "checkpoint --once"),
        ("centre", "init"),
    ],
)
def test_a_program_without_the_rights_says_so(
    cluster: Cluster, client: str, login: str, command: str
) -> None:
    """Exit code 2 and what is missing, for a login that has not what the program needs."""
    code, said = cluster.program(login, client).tried(*command.split())
    assert (code, "Kafka gives this login no right to do that." in said) == (EXIT_BAD_INPUT, True)


def test_admission_decides_also_where_it_may_not_look_at_the_cluster(cluster: Cluster) -> None:
    """With the rights of the document it sees all; without the last two it says what it did not see."""
    admission = cluster.program("admission", "kafka-python")
    code, said = admission.tried("admit", "--once")
    assert (code, "kafka.not_seen" in said) == (0, False)
    looking = [words for words in documented_commands() if LOOKING.intersection(words)]
    assert len(looking) == len(LOOKING)
    for _, *rights in looking:
        cluster.kafka.acls("--remove", "--force", *rights)
    try:
        code, said = admission.tried("admit", "--once")
    finally:
        for words in looking:
            cluster.kafka.acls(*words)
    assert code == 0
    [topic, broker] = [line for line in said.splitlines() if "kafka.not_seen" in line]
    assert "what=__transaction_state" in topic
    assert "broker 1" in broker


# fmt: off
@pytest.mark.parametrize(
    ("login", "may_write"),
    [
        ("upstream", {"submissions"}),
        ("centre", {"submissions"}),
        ("admission", {"events", "tracking"}),
        ("checkpointer", {"checkpoints"}),
        ("auditor", set[str]()),
    ],
)
# fmt: on
def test_who_may_write_where(cluster: Cluster, login: str, may_write: set[str]) -> None:
    """Publishers cannot write events, only admission can; readers write nothing."""
    # Events themselves are not tried by who may: a record of another kind would damage the log.
    topics = {"submissions", "events", "checkpoints", "tracking"} - (may_write - {"submissions"})
    written = {topic for topic in topics if writes(cluster, login, f"{LEDGER}.{topic}")}
    assert written == may_write & topics
    expected = {f"{LEDGER}.{topic}" for topic in may_write}
    assert granted(cluster, login, "WRITE", "TOPIC") == expected


def writes(cluster: Cluster, login: str, topic: str) -> bool:
    """Whether Kafka takes a record of a foreign program from this login."""
    with closing(KafkaProducer(**cluster.kafka.client(login), max_block_ms=20_000)) as producer:
        try:
            producer.send(topic, value=b"not a submission", partition=0).get(timeout=REFUSED_S_MAX)
        except KafkaError as error:
            if "AuthorizationFailed" in str(error):
                return False
            raise
        return True


def granted(cluster: Cluster, login: str, operation: str, kind: str) -> set[str]:
    """Names of resources on which a login has an operation, as Kafka lists it."""
    listed = cluster.kafka.acls("--list", "--principal", f"User:{login}")
    found = set[str]()
    name = ""
    for line in listed.splitlines():
        if match := re.search(r"resourceType=(\w+), name=([^,]+),", line):
            name = match[2] if match[1] == kind else ""
        if name and f"operation={operation}," in line:
            found.add(name)
    return found


@pytest.mark.parametrize("login", ["upstream", "centre", "checkpointer", "auditor"])
def test_only_admission_opens_its_transactions(cluster: Cluster, login: str) -> None:
    """Nobody else can fence the writer of events, nor leave a transaction open on submissions."""
    for name in (f"{LEDGER}.admission", "own"):
        opened = KafkaProducer(**cluster.kafka.client(login), transactional_id=name)
        with (
            closing(opened) as producer,
            pytest.raises(TransactionalIdAuthorizationFailedError),
        ):
            producer.init_transactions()


@pytest.mark.parametrize("login", ["upstream", "centre", "admission", "checkpointer", "auditor"])
def test_nobody_deletes_records(cluster: Cluster, login: str) -> None:
    """Not even who writes them; the first record is still there."""
    partition = TopicPartition(f"{LEDGER}.events", 0)
    with (
        closing(KafkaAdminClient(**cluster.kafka.client(login))) as admin,
        pytest.raises(KafkaError, match="AuthorizationFailed"),
    ):
        admin.delete_records({partition: 1})
    with closing(KafkaConsumer(**cluster.kafka.client("auditor"))) as consumer:
        assert consumer.beginning_offsets([partition])[partition] == 0
