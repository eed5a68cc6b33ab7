"""The projector: exactly once, whatever is killed when and whoever else projects."""

import pickle
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from histories import RecordedLog, random_history
from projecting import digests, opened, projected, projector

from app.embedded_postgres import EmbeddedPostgres
from consumers.projector import Projector, run
from domain.events import OrganisationRegistered
from eventlog.contract import LogDamaged
from projections import store
from projections.batch import Batch
from projections.models import MODELS
from projections.target import Target
from schemas.codec import encode

VALUES = random_history(7, 600).values()
ROOT = Path(__file__).parent.parent
KILLED_BETWEEN_ROWS_AND_COMMIT = """
import os, pickle, signal, sys
from dataclasses import replace
from pathlib import Path
from projecting import projector
from projections import store
from projections.models import MODELS

dsn, values, batch = sys.argv[1], pickle.loads(Path(sys.argv[2]).read_bytes()), int(sys.argv[3])
seen = 0
last = MODELS[-1]

def dying(rows, target):
    global seen
    last.project(rows, target)
    seen += 1
    if seen == batch:
        os.kill(os.getpid(), signal.SIGKILL)

models = [*MODELS[:-1], replace(last, project=dying)]
with store.connect(dsn) as connection:
    store.prepare(connection, models)
    projector(connection, values, 50, models).catch_up()
"""


@pytest.mark.parametrize("limit", [1, 7, 10_000])
def test_rows_do_not_depend_on_batches(postgres_dsn: str, limit: int) -> None:
    """Read models are the same row by row, wherever batches began and ended."""
    with projected(postgres_dsn, VALUES, limit=limit) as connection:
        found = digests(connection)
    with psycopg.connect(postgres_dsn, autocommit=True) as connection:
        for model in MODELS:
            connection.execute(f"DROP SCHEMA {store.schema_of(model.name, 'live')} CASCADE")
        connection.execute("DROP SCHEMA hengwen, api CASCADE")

    with projected(postgres_dsn, VALUES, limit=100) as connection:
        assert digests(connection) == found


@pytest.mark.parametrize("batch", [1, 5])
def test_killed_between_rows_and_commit_nothing_is_lost_or_doubled(
    postgres_dsn: str, tmp_path: Path, batch: int
) -> None:
    """A projector killed with SIGKILL before its commit leaves whole batches only."""
    values = tmp_path / "values"
    values.write_bytes(pickle.dumps(VALUES))

    killed = subprocess.run(
        [sys.executable, "-c", KILLED_BETWEEN_ROWS_AND_COMMIT, postgres_dsn, values, str(batch)],
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
        check=False,
        timeout=60,
    )
    assert killed.returncode == -signal.SIGKILL

    with opened(postgres_dsn) as connection:
        at = {mark.position for mark in store.marks(connection, "live").values()}
        assert at == {(batch - 1) * 50}
        projector(connection, VALUES, 50).catch_up()
        disturbed = digests(connection)
    assert disturbed == _undisturbed(postgres_dsn)


def test_two_projectors_at_once_count_every_event_once(postgres_dsn: str) -> None:
    """They wait for each other and skip what the other wrote."""
    with opened(postgres_dsn):
        pass

    def work() -> None:
        with store.connect(postgres_dsn) as connection:
            projector(connection, VALUES, 9).catch_up()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    with store.connect(postgres_dsn) as connection:
        together = digests(connection)
    assert together == _undisturbed(postgres_dsn)


def test_a_lost_connection_is_opened_again(postgres_dsn: str) -> None:
    """When PostgreSQL ends the session in mid-batch, the projector goes on where it had come."""
    log = RecordedLog(VALUES)
    sessions: list[int] = []

    def open_projector() -> Projector:
        connection = store.connect(postgres_dsn)
        store.prepare(connection, MODELS)
        sessions.append(connection.info.backend_pid)
        return Projector(log, connection, [*MODELS[:-1], dying], limit=100)

    def end_session(batch: Batch, target: Target) -> None:
        if len(sessions) < 3:
            with psycopg.connect(postgres_dsn, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s)", (sessions[-1],))
        MODELS[-1].project(batch, target)

    dying = replace(MODELS[-1], project=end_session)

    def finished(_seconds: float) -> bool:
        return _least(postgres_dsn) == len(VALUES)

    run(open_projector, finished)

    assert len(sessions) == 3
    with store.connect(postgres_dsn) as connection:
        disturbed = digests(connection)
    assert disturbed == _undisturbed(postgres_dsn)


def test_a_server_that_crashes_in_mid_batch_loses_and_doubles_nothing(
    own_postgres: EmbeddedPostgres,
) -> None:
    """PostgreSQL is killed twice between rows and commit; commits it lost are projected again."""
    dsn = own_postgres.ensure_database("projected")
    log = RecordedLog(VALUES)
    batches = 0

    def crash(batch: Batch, target: Target) -> None:
        nonlocal batches
        MODELS[-1].project(batch, target)
        batches += 1
        if batches in (3, 7):
            own_postgres.crash()
            own_postgres.start()

    def open_projector() -> Projector:
        connection = store.connect(dsn)
        store.prepare(connection, MODELS)
        crashing = replace(MODELS[-1], project=crash)
        return Projector(log, connection, [*MODELS[:-1], crashing], limit=50)

    def finished(_seconds: float) -> bool:
        return batches >= 7 and _least(dsn) == len(VALUES)

    run(open_projector, finished)

    with store.connect(dsn) as connection:
        disturbed = digests(connection)
    assert disturbed == _undisturbed(dsn)


def test_another_log_is_refused(postgres_dsn: str) -> None:
    """Read models of one ledger are never continued from another."""
    with projected(postgres_dsn, VALUES) as connection:
        other = random_history(8, 700).values()
        with pytest.raises(store.OtherLedger):
            projector(connection, other)


def test_a_shorter_log_is_damaged(postgres_dsn: str) -> None:
    """A log that ends before what was projected is not the log that was projected."""
    with projected(postgres_dsn, VALUES) as connection, pytest.raises(LogDamaged):
        projector(connection, VALUES[:-1])


def test_a_gap_in_the_log_stops_the_projector(postgres_dsn: str) -> None:
    """Positions that are not dense are never projected."""
    with opened(postgres_dsn) as connection:
        broken = projector(connection, VALUES, 10)
        log = broken.log
        assert isinstance(log, RecordedLog)
        read = log.read_events
        log.read_events = lambda **asked: [  # type: ignore[method-assign]
            record for record in read(**asked) if record.position != 5
        ]
        with pytest.raises(LogDamaged):
            broken.step(0)


def test_a_zero_byte_in_a_name_does_not_stop_the_projector(postgres_dsn: str) -> None:
    """PostgreSQL cannot hold it, so a replacement is shown and the ledger goes on."""
    history = random_history(7, 30)
    registered = next(e for e in history.events if isinstance(e, OrganisationRegistered))
    registered.name = "样例\x00工会"
    values = [encode(event) for event in history.events]

    with projected(postgres_dsn, values) as connection:
        names = connection.execute("SELECT name FROM api.organisations ORDER BY position")
        row = names.fetchone()
    assert row is not None
    assert row[0] == "样例\ufffd工会"


def test_lag_is_what_is_not_projected_yet(postgres_dsn: str) -> None:
    """Progress tells the position reached and how many events are behind it."""
    with opened(postgres_dsn) as connection:
        seen: list[tuple[int, int]] = []
        projector(connection, VALUES, 250).catch_up(lambda p: seen.append((p.position, p.lag)))
    end = len(VALUES)
    assert seen == [(250, end - 250), (500, end - 500), (end, 0)]


def _least(dsn: str) -> int:
    """Position that every read model has reached."""
    with store.connect(dsn) as connection:
        return min((m.position for m in store.marks_if_any(connection).values()), default=0)


def _undisturbed(dsn: str) -> dict[str, object]:
    """Digests of the same events projected in peace, in a database beside this one."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        name = f"{connection.info.dbname}_peace"
        connection.execute(f"CREATE DATABASE {name}")
        beside = psycopg.conninfo.make_conninfo(dsn, dbname=name)
        try:
            with projected(beside, VALUES) as calm:
                return dict(digests(calm))
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
