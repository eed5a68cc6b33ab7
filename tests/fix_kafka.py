"""
A real Kafka broker for tests: HENGWEN_TEST_KAFKA, or one started here from Maven's jars.

A missing broker is a failure, never a skipped test.
"""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.kafka_jars import fetch_jars
from app.local_kafka import Broker

ROOT = Path(__file__).parent.parent
LIBS = ROOT / ".cache" / "kafka" / "libs"
DIGESTS = ROOT / "tests" / "kafka-jars.sha256"
FIXTURES = {"kafka_libs", "kafka_bootstrap", "own_broker"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test that uses a broker; nobody has to remember it."""
    for item in items:
        if FIXTURES.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.kafka)


@pytest.fixture(scope="session")
def kafka_libs() -> Path:
    """Folder with the broker's jars, each checked."""
    fetch_jars(pom=ROOT / "pom.xml", digests=DIGESTS, libs=LIBS)
    return LIBS


@pytest.fixture(scope="session")
def kafka_bootstrap(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Address of a broker shared by all tests of this run; use a log name of your own on it."""
    if given := os.environ.get("HENGWEN_TEST_KAFKA"):
        yield given
        return
    libs = request.getfixturevalue("kafka_libs")
    broker = Broker(libs=libs, folder=tmp_path_factory.mktemp("kafka"))
    broker.start()
    yield broker.bootstrap
    broker.stop()


@pytest.fixture(scope="module")
def broker_of_module(
    kafka_libs: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Broker]:
    """Describe a broker of this module's own, and take it down at its end."""
    broker = Broker(libs=kafka_libs, folder=tmp_path_factory.mktemp("own-kafka"))
    yield broker
    broker.stop()


@pytest.fixture
def own_broker(broker_of_module: Broker) -> Broker:
    """
    Give the module's own broker, to be stopped, killed and started as the test likes.

    It runs, whatever the test before did to it, and however that one ended.
    """
    if not broker_of_module.running:
        broker_of_module.restart()
    return broker_of_module


@pytest.fixture
def log_name() -> str:
    """Name of a log, hence prefix of its topics, that no other test uses."""
    return f"t-{uuid.uuid4().hex[:12]}"
