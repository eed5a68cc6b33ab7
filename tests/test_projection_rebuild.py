"""Rebuilding: the same rows beside the old ones, then swapped in at one stroke."""

import threading
import uuid
from dataclasses import replace

import psycopg
import pytest
from histories import RecordedLog, random_history
from projecting import digests, opened, projected

from consumers.projector import Progress, Projector
from consumers.rebuild import rebuild, with_stale
from projections import store, swap
from projections.models import MODELS

VALUES = random_history(11, 600).values()


def _quiet(_progress: Progress) -> None:
    """Watch nothing."""


def test_a_rebuild_gives_the_same_rows(postgres_dsn: str) -> None:
    """Read models can be dropped and built again from the log at any time."""
    with projected(postgres_dsn, VALUES) as connection:
        before = digests(connection)

        assert rebuild(RecordedLog(VALUES), connection, MODELS, _quiet) == len(VALUES)

        assert digests(connection) == before
        assert store.marks(connection, "building") == {}
        row = connection.execute("SELECT sum(free_fen) >= 0 FROM api.balances").fetchone()
        assert row == (True,)


def test_readers_see_the_old_version_until_the_swap(postgres_dsn: str) -> None:
    """While a new version is built, everything asked is answered from the old one."""
    with projected(postgres_dsn, VALUES) as connection, store.connect(postgres_dsn) as reader:
        counts = []

        def look(_progress: Progress) -> None:
            row = reader.execute("SELECT count(*) FROM api.payments").fetchone()
            counts.append(row)

        rebuild(RecordedLog(VALUES), connection, MODELS, look)
        after = reader.execute("SELECT count(*) FROM api.payments").fetchone()
        assert set(counts) == {after}


def test_one_model_is_rebuilt_without_the_others(postgres_dsn: str) -> None:
    """Rows that were damaged are right again; the others were never touched."""
    balances = [model for model in MODELS if model.name == "balances"]
    with projected(postgres_dsn, VALUES) as connection:
        before = digests(connection)
        connection.execute("UPDATE model_balances.balances SET free_fen = free_fen + 1")
        assert digests(connection)["balances"] != before["balances"]

        rebuild(RecordedLog(VALUES), connection, balances, _quiet)

        assert digests(connection) == before


def test_events_that_arrive_meanwhile_are_in_the_new_version(postgres_dsn: str) -> None:
    """The swap waits until the new version has come as far as the old one."""
    log = RecordedLog(VALUES[:400])
    with projected(postgres_dsn, VALUES[:400]) as connection, store.connect(postgres_dsn) as other:
        live = Projector(log, other, MODELS)

        def grow(progress: Progress) -> None:
            if progress.position >= 400 and len(log.values) == 400:
                log.values.extend(VALUES[400:])
                live.catch_up()

        rebuild(log, connection, MODELS, grow)

        marks = store.marks(connection, "live").values()
        assert {mark.position for mark in marks} == {len(VALUES)}
        # a projector that was running goes on with the new tables
        assert live.step(0) == 0


def test_an_interrupted_rebuild_goes_on(postgres_dsn: str) -> None:
    """What was built before the interruption is not built again."""
    with projected(postgres_dsn, VALUES) as connection:
        before = digests(connection)
        with store.connect(postgres_dsn) as interrupted:
            swap.begin(interrupted, MODELS)
            Projector(RecordedLog(VALUES), interrupted, MODELS, slot="building", limit=100).step(0)
        seen: list[int] = []

        rebuild(RecordedLog(VALUES), connection, MODELS, lambda p: seen.append(p.projected))

        assert seen[0] == len(VALUES) - 100
        assert digests(connection) == before


def test_only_one_rebuild_runs(postgres_dsn: str) -> None:
    """A second one is told so."""
    with opened(postgres_dsn) as connection, store.connect(postgres_dsn) as other:
        swap.begin(other, MODELS)
        with pytest.raises(swap.RebuildRunning):
            swap.begin(connection, MODELS)


def test_a_new_version_of_a_model_must_be_rebuilt(postgres_dsn: str) -> None:
    """Code of another version writes nothing into old tables; a rebuild brings them up to date."""
    newer = [replace(m, version=2) if m.name == "visits" else m for m in MODELS]
    with projected(postgres_dsn, VALUES) as connection:
        with pytest.raises(store.OtherVersion, match="visits"):
            store.prepare(connection, newer)
        assert not store.is_prepared(connection, newer)

        stale = with_stale(connection, [], newer)
        assert [model.name for model in stale] == ["visits"]
        rebuild(RecordedLog(VALUES), connection, stale, _quiet)

        store.prepare(connection, newer)
        assert store.marks(connection, "live")["visits"].version == 2


def test_a_projector_goes_on_while_models_are_swapped_under_it(postgres_dsn: str) -> None:
    """Live projecting and a rebuild at the same time: every event counts once in the end."""
    log = RecordedLog(VALUES)
    with opened(postgres_dsn) as connection, store.connect(postgres_dsn) as other:
        live = Projector(log, other, MODELS, limit=3)
        worker = threading.Thread(target=live.catch_up)
        worker.start()
        rebuild(log, connection, MODELS, _quiet)
        worker.join()
        together = digests(connection)
        rebuild(log, connection, MODELS, _quiet)
        assert digests(connection) == together


def test_a_reader_may_read_everything_and_write_nothing(postgres_dsn: str) -> None:
    """Rights given once by default privileges hold after a rebuild too."""
    role = f"reader_{uuid.uuid4().hex[:8]}"
    with store.connect(postgres_dsn) as connection:
        connection.execute(f"CREATE ROLE {role}")
        connection.execute(f"ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO {role}")
        connection.execute(f"ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {role}")
        try:
            with projected(postgres_dsn, VALUES):
                pass
            rebuild(RecordedLog(VALUES), connection, MODELS, _quiet)
            connection.execute(f"SET ROLE {role}")
            views = connection.execute(
                "SELECT viewname FROM pg_views WHERE schemaname = 'api' ORDER BY viewname"
            ).fetchall()
            for (view,) in views:
                connection.execute(f"SELECT * FROM api.{view} LIMIT 1")
            assert len(views) > 20
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("DELETE FROM model_balances.balances")
        finally:
            connection.execute("RESET ROLE")
            connection.execute(f"DROP OWNED BY {role}")
            connection.execute(f"DROP ROLE {role}")
