"""Drills: the projector is killed, PostgreSQL and the broker crash, on real ones."""

import signal
import threading
from pathlib import Path

import psycopg
import pytest
from drill_runner import HELD
from drills import WAIT_S_MAX, Site, history, keep_running, until

from app.embedded_postgres import EmbeddedPostgres
from app.local_kafka import Broker
from app.problems import EXIT_BAD_INPUT as BAD_INPUT
from app.problems import EXIT_FENCED as FENCED

pytestmark = pytest.mark.slow


def test_projector_killed_between_rows_and_commit(
    kafka_bootstrap: str, postgres_dsn: str, log_name: str, tmp_path: Path
) -> None:
    """What was written and not committed is not there; the next start counts every event once."""
    records = history(150)
    with Site(kafka_bootstrap, log_name, tmp_path, database=postgres_dsn) as site:
        site.submit(records[:120])
        site.hengwen("admit", "--once")
        for number, moment in enumerate(("kill rows 1", "kill rows 2")):
            killed = site.disturbed(moment, "project")
            if number:
                site.wait_projected()
                site.submit(records[120:])
                site.hengwen("admit", "--once")
            assert killed.ended() == -signal.SIGKILL, killed.printed()
        site.hengwen("project", "--once")
        site.check_log()
        site.check_models()


def test_postgres_crashes_in_mid_batch(
    kafka_bootstrap: str, own_postgres: EmbeddedPostgres, log_name: str, tmp_path: Path
) -> None:
    """The projector waits for PostgreSQL, opens it again by itself and projects the batch anew."""
    database = own_postgres.ensure_database("drill")
    records = history(150)
    with Site(kafka_bootstrap, log_name, tmp_path, database=database) as site:
        site.submit(records[:120])
        site.hengwen("admit", "--once")
        projector = site.disturbed("hold rows 2", "project")
        site.wait_projected()
        site.submit(records[120:])
        site.hengwen("admit", "--once")
        held = site.home() / HELD
        until(held.exists, WAIT_S_MAX, projector.printed)
        own_postgres.crash()
        held.unlink()
        until(lambda: "postgres_lost" in projector.printed(), WAIT_S_MAX, projector.printed)
        own_postgres.start()
        site.wait_projected()
        assert projector.stop() == 0, projector.printed()
        site.check_models()


def test_broker_loses_power_while_admission_and_projector_run(
    own_broker: Broker, postgres_dsn: str, log_name: str, tmp_path: Path
) -> None:
    """After SIGKILL and start of the broker all goes on: under a service manager, by itself."""
    records = history(300)
    with Site(own_broker.bootstrap, log_name, tmp_path, database=postgres_dsn) as site:
        site.submit(records[:150])
        ended = threading.Event()
        exits: list[int] = []
        services = [
            threading.Thread(target=keep_running, args=(start, ended, exits))
            for start in (
                lambda: site.start("admit", machine="a"),
                lambda: site.start("project", machine="p"),
            )
        ]
        for service in services:
            service.start()
        try:
            site.wait_decided()
            for start in (150, 200):
                site.submit(records[start : start + 50])
                own_broker.kill()
                own_broker.start()
                site.wait_decided()
            site.submit(records[250:])
            site.wait_decided()
            site.wait_projected()
        finally:
            ended.set()
            for service in services:
                service.join()
        site.check_state(site.check_log())
        site.check_models()
        # It had lost the lease, or could not reach the log: the manager starts it again.
        assert set(exits) <= {BAD_INPUT, FENCED}


def test_database_that_was_lost_is_built_again_from_the_log(
    kafka_bootstrap: str, postgres_dsn: str, log_name: str, tmp_path: Path
) -> None:
    """Read models that somebody dropped are made anew and are, row by row, what they were."""
    with Site(kafka_bootstrap, log_name, tmp_path, database=postgres_dsn) as site:
        site.submit(history(150))
        site.hengwen("admit", "--once")
        site.hengwen("project", "--once")
        with psycopg.connect(postgres_dsn, autocommit=True) as connection:
            schemas = connection.execute(
                "SELECT nspname FROM pg_namespace WHERE nspname ~ '^model_|^hengwen$|^api$'"
            ).fetchall()
            for (schema,) in schemas:
                connection.execute(f'DROP SCHEMA "{schema}" CASCADE')
        site.hengwen("project", "--once")
        site.check_models()
