"""The embedded PostgreSQL: any folder, any user, shared by processes, gone when nobody uses it."""

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from app.embedded_postgres import SOCKET_PATH_BYTES_MAX, EmbeddedPostgres
from app.problems import Problem

pytestmark = pytest.mark.postgres
ROOT = Path(__file__).parent.parent

USE_IT = """
import sys
from pathlib import Path
import psycopg
from app.embedded_postgres import EmbeddedPostgres
with EmbeddedPostgres(Path(sys.argv[1]), durable=False) as server:
    with psycopg.connect(server.ensure_database("ledger")) as connection:
        print(connection.execute("SELECT 6 * 7").fetchone()[0])
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Give a folder for a cluster, which is stopped whatever the test left running."""
    yield tmp_path
    for data in tmp_path.rglob("postmaster.pid"):
        EmbeddedPostgres(data.parent.parent).stop()


def _answer(dsn: str) -> object:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT 42").fetchone()
    return row[0] if row else None


def _started_by_another_process(folder: Path, *, before: list[str] | None = None) -> str:
    done = subprocess.run(
        [*(before or []), sys.executable, "-c", USE_IT, str(folder)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.stdout.strip() or done.stderr


@pytest.mark.parametrize("name", ["with a space", '它\'s "quoted" $HOME `x`, 恒温'])
def test_any_folder_will_do(folder: Path, name: str) -> None:
    """Spaces, quotes, commas and Chinese in the path are no trouble."""
    with EmbeddedPostgres(folder / name, durable=False) as server:
        assert _answer(server.dsn()) == 42


def test_a_path_too_long_for_a_socket_will_do(folder: Path) -> None:
    """The socket moves to a private folder with a short name."""
    long = folder / ("x" * SOCKET_PATH_BYTES_MAX)
    with EmbeddedPostgres(long, durable=False) as server:
        assert _answer(server.dsn()) == 42
        socket_folder = server._socket_folder()
        assert socket_folder.stat().st_mode & 0o077 == 0
    assert not socket_folder.exists()


def test_it_stops_when_the_last_user_leaves(folder: Path) -> None:
    """A process that leaves does not take the cluster from another; the last one stops it."""
    with EmbeddedPostgres(folder, durable=False) as server:
        assert _started_by_another_process(folder) == "42"
        assert server.running()
    assert not server.running()


def test_a_cluster_left_by_a_killed_process_is_used_and_stopped(folder: Path) -> None:
    """A killed process leaves it running; the next one finds it and stops it at its end."""
    killed = EmbeddedPostgres(folder, durable=False)
    killed.start()
    killed._leave()  # as the kernel does for a killed process
    assert killed.running()

    assert _started_by_another_process(folder) == "42"

    assert not killed.running()


def test_an_ordinary_user_can_run_it(folder: Path) -> None:
    """Also one who is not the first user of this machine to do so."""
    with EmbeddedPostgres(folder / "first", durable=False):
        second = folder / "second"
        second.mkdir()
        before: list[str] = []
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(second, nobody.pw_uid, nobody.pw_gid)
            setpriv = shutil.which("setpriv")
            assert setpriv
            before = [setpriv, f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}"]
            # Tests may live below a folder that is closed to others, as pytest's own is.
            pass_through = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
            before += ["--clear-groups", *pass_through]
        assert _started_by_another_process(second, before=before) == "42"


def test_another_users_cluster_is_refused_with_a_way_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The problem names the folder and the setting that gives one's own."""
    server = EmbeddedPostgres(folder, durable=False)
    with server:
        pass
    owner = server.data.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)

    with pytest.raises(Problem) as problem:
        server.start()

    assert str(folder) in problem.value.where
    assert "HENGWEN_HOME" in problem.value.how.zh


def test_no_folder_above_is_opened_to_others(folder: Path) -> None:
    """Only the cluster's own folders are touched, also below a folder closed to others."""
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    with EmbeddedPostgres(closed / "postgres", durable=False) as server:
        assert _answer(server.dsn()) == 42
    assert closed.stat().st_mode & 0o777 == 0o700


def test_a_half_made_cluster_is_made_again(folder: Path) -> None:
    """Whatever an interrupted first start left is thrown away."""
    (folder / "data.draft").mkdir()
    (folder / "data.draft" / "PG_VERSION").write_text("18\n", encoding="ascii")
    with EmbeddedPostgres(folder, durable=False) as server:
        assert _answer(server.dsn()) == 42


def test_why_it_did_not_start_is_shown(folder: Path) -> None:
    """The problem carries the end of what the server printed."""
    with EmbeddedPostgres(folder, durable=False) as server:
        pass
    (server.data / "postgresql.conf").write_text("no_such_setting = 1\n", encoding="ascii")

    with pytest.raises(Problem) as problem:
        server.start()

    assert "no_such_setting" in problem.value.where
