"""
A real PostgreSQL for tests: HENGWEN_TEST_POSTGRES, or the embedded one.

A missing PostgreSQL is a failure, never a skipped test.
"""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from app.embedded_postgres import EmbeddedPostgres

FIXTURES = {"postgres_server", "postgres_dsn", "other_dsn", "own_postgres"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test that uses PostgreSQL; nobody has to remember it."""
    for item in items:
        if FIXTURES.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.postgres)


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """DSN of a server shared by all tests of this run, with the right to make databases."""
    if given := os.environ.get("HENGWEN_TEST_POSTGRES"):
        yield given
        return
    with EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), durable=False) as server:
        yield server.dsn()


@pytest.fixture
def postgres_dsn(postgres_server: str) -> Iterator[str]:
    """DSN of a fresh empty database, dropped afterwards whoever is still connected."""
    with _fresh(postgres_server) as dsn:
        yield dsn


@pytest.fixture
def other_dsn(postgres_server: str) -> Iterator[str]:
    """DSN of a second one, to compare."""
    with _fresh(postgres_server) as dsn:
        yield dsn


@contextmanager
def _fresh(postgres_server: str) -> Iterator[str]:
    name = f"t_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield make_conninfo(postgres_server, dbname=name)
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def own_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """Start a server of this module's own, to be crashed and started as the tests like."""
    folder: Path = tmp_path_factory.mktemp("own-postgres")
    with EmbeddedPostgres(folder, durable=False) as server:
        yield server
