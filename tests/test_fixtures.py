"""The outside things tests stand on: a broker and a PostgreSQL."""

import socket

import psycopg

from app.embedded_postgres import EmbeddedPostgres
from app.local_kafka import Broker


def _answers(bootstrap: str) -> bool:
    host, port = bootstrap.split(":")
    with socket.create_connection((host, int(port)), timeout=5):
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
