"""
Drills: one ledger on a real broker, its processes, and what must be true of it afterwards.

However it was disturbed, the log must equal a re-performance of its submissions in peace, byte for
byte, and the read models and the local state those that are made from it.
"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Self

import psycopg
from programme import COUNTY, FUND, Programme
from projecting import digests, opened, projected

from admission.attempt import Submitted
from admission.decide import Admission
from admission.state import State
from consumers.state_store import StateStore
from domain import submissions as s
from domain.events import SubmissionRepeated
from eventlog.clients import open_client
from eventlog.contract import OrderedSubmission, Outgoing
from eventlog.kafka import KafkaLog
from eventlog.topics import create_topics
from schemas.codec import decode

TESTS = Path(__file__).parent
WAIT_S_MAX = 120.0
READ_MAX = 1_000
Record = tuple[bytes, bytes | None]
"""Value and proof of a submission."""


@cache
def history(payments: int, name: str = "drill") -> tuple[Record, ...]:
    """A ledger's submissions: payments, some of them settled or bounced, refused, repeated, poison."""
    programme = Programme(name=name).funded(payments * 100_000)
    for number in range(1, payments + 1):
        made = programme.pay(number % 700, amount_fen=100_000 + number % 7 * 100)
        if number % 11 == 0:
            programme.do(
                s.BouncePayment, organisation=COUNTY, payment=getattr(made, "payment", name),
                fund=FUND, reason_code="ACCOUNT_CLOSED", document=f"样例退{number}号",
            )  # fmt: skip
        if number % 13 == 0:
            programme.send(b"poison %d" % number, None)
        if number % 17 == 0:
            again = programme.submitted[-1]
            programme.send(again.value, again.proof)
    return tuple((one.value or b"", one.proof) for one in programme.submitted)


class Process:
    """A process of the ledger, its output in a file."""

    def __init__(self, command: Sequence[str], environment: dict[str, str], output: Path) -> None:
        self.output = output
        with output.open("ab") as file:
            self._popen = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=file, stderr=file
            )

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._popen.poll() is None

    def kill(self) -> None:
        """SIGKILL, as by a power cut or the kernel's killer."""
        self._popen.kill()
        self._popen.wait()

    def freeze(self) -> None:
        """SIGSTOP: it is there and does nothing."""
        self._popen.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT: it knows nothing of the time between."""
        self._popen.send_signal(signal.SIGCONT)

    def stop(self) -> int:
        """SIGTERM, as a service manager does; the exit code."""
        self._popen.terminate()
        return self.ended()

    def ended(self, timeout_s: float = WAIT_S_MAX) -> int:
        """Wait for the end; the exit code, negative for a signal."""
        return self._popen.wait(timeout_s)

    def printed(self) -> str:
        """What it has printed so far."""
        return self.output.read_text(encoding="utf-8", errors="replace")

    def wait_printed(self, words: str) -> None:
        """Wait until it has said something, as a line of the log."""
        until(lambda: words in self.printed() or not self.running, WAIT_S_MAX, self.printed)
        assert words in self.printed(), self.printed()


class Site:
    """One ledger on a broker, with machines that have homes of their own, and a database."""

    def __init__(
        self, bootstrap: str, name: str, folder: Path, *, database: str = "", **settings: str
    ) -> None:
        self.bootstrap = bootstrap
        self.replication = int(settings.get("HENGWEN_KAFKA_REPLICATION", "1"))
        self.name = name
        self.folder = folder
        self.database = database
        self.settings = settings
        self._processes: list[Process] = []

    def __enter__(self) -> Self:
        """Make the topics."""
        create_topics(
            self.bootstrap, self.name, replication_factor=self.replication,
            min_insync_replicas=self.replication // 2 + 1,
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        """Leave no process behind."""
        for process in self._processes:
            process.kill()

    # -- processes -----------------------------------------------------------------------------

    def home(self, machine: str = "a") -> Path:
        """Folder of a machine."""
        home = self.folder / machine
        home.mkdir(parents=True, exist_ok=True)
        return home

    def state(self, machine: str = "a") -> Path:
        """File of a machine's local state."""
        return self.home(machine) / "state" / f"{self.name}.kafka.sqlite"

    def index(self, machine: str = "a") -> Path:
        """File of a machine's local index."""
        return self.home(machine) / "log" / f"{self.name}.index.sqlite"

    def followed(self, machine: str = "a") -> int:
        """Position up to which a machine's local state has come; 0 if it has none."""
        if not self.state(machine).exists():
            return 0
        with closing(sqlite3.connect(f"{self.state(machine).as_uri()}?mode=ro", uri=True)) as file:
            try:
                row = file.execute("SELECT value FROM rows WHERE key = 'ledger'").fetchone()
            except sqlite3.OperationalError:  # it is being made
                return 0
        return json.loads(row[0])[0] if row else 0

    def wait_followed(self, machine: str) -> None:
        """Wait until a machine's local state has come to the end of the log."""
        last = self.position()
        until(lambda: self.followed(machine) >= last, WAIT_S_MAX, self._outputs)

    def environment(self, machine: str, **more: str) -> dict[str, str]:
        """Settings of a machine."""
        outside = {k: v for k, v in os.environ.items() if not k.startswith("HENGWEN_")}
        return outside | {
            "HENGWEN_HOME": str(self.home(machine)), "HENGWEN_LOG": "kafka",
            "HENGWEN_LOG_NAME": self.name, "HENGWEN_KAFKA_BOOTSTRAP": self.bootstrap,
            "HENGWEN_KAFKA_REPLICATION": "1", "HENGWEN_DATABASE": self.database,
            "PYTHONPATH": f"{TESTS.parent}{os.pathsep}{TESTS}",
        } | self.settings | more  # fmt: skip

    def start(self, *arguments: str, machine: str = "a", **more: str) -> Process:
        """Start a command of hengwen."""
        return self._started(["-c", "from app.cli import main; main()", *arguments], machine, more)

    def disturbed(self, moment: str, *arguments: str, machine: str = "a", **more: str) -> Process:
        """Start a command that dies or waits at a moment, as ``kill sent 3``."""
        runner = str(TESTS / "drill_runner.py")
        return self._started([runner, *moment.split(), *arguments], machine, more)

    def _started(self, arguments: list[str], machine: str, more: dict[str, str]) -> Process:
        output = self.home(machine) / f"{len(self._processes)}.out"
        process = Process([sys.executable, *arguments], self.environment(machine, **more), output)
        self._processes.append(process)
        return process

    def hengwen(self, *arguments: str, machine: str = "a", **more: str) -> str:
        """Run a command that must go well; what it prints."""
        process = self.start(*arguments, machine=machine, **more)
        assert process.ended() == 0, process.printed()
        return process.printed()

    # -- the log -------------------------------------------------------------------------------

    @contextmanager
    def log(self) -> Iterator[KafkaLog]:
        """The log, for a while."""
        log = KafkaLog(open_client(self.bootstrap), self.name)
        try:
            yield log
        finally:
            log.close()

    def submit(self, records: Sequence[Record]) -> None:
        """Append submissions."""
        with self.log() as log:
            log.append([Outgoing("drill", value, proof) for value, proof in records])

    def drip(self, records: Sequence[Record], *, some: int, pause_s: float) -> None:
        """Append submissions little by little."""
        with self.log() as log:
            for start in range(0, len(records), some):
                batch = records[start : start + some]
                log.append([Outgoing("drill", value, proof) for value, proof in batch])
                time.sleep(pause_s)

    def wait_decided(self, timeout_s: float = WAIT_S_MAX) -> int:
        """Wait until everything that is submitted by now has its verdict; how many there are."""
        with self.log() as log:
            last = log.last_ordinal()
            until(lambda: log.last_position() >= last, timeout_s, self._outputs)
            return last

    def position(self) -> int:
        """Position of the last verdict."""
        with self.log() as log:
            return log.last_position()

    def wait_position(self, position: int) -> None:
        """Wait for the verdict at a position."""
        with self.log() as log:
            until(lambda: log.last_position() >= position, WAIT_S_MAX, self._outputs)

    def submissions(self) -> list[OrderedSubmission]:
        """All submissions as ordered."""
        with self.log() as log:
            last, found = log.last_ordinal(), list[OrderedSubmission]()
            while len(found) < last:
                found += log.read_submissions(
                    after=len(found), limit=READ_MAX, timeout_s=WAIT_S_MAX
                )
            return found

    def values(self) -> list[bytes]:
        """All events as stored."""
        with self.log() as log:
            last, found = log.last_position(), list[bytes]()
            while len(found) < last:
                some = log.read_events(after=len(found), limit=READ_MAX, timeout_s=WAIT_S_MAX)
                found += [event.value for event in some]
            return found

    def _outputs(self) -> str:
        return "\n".join(process.printed()[-2_000:] for process in self._processes)

    # -- afterwards ----------------------------------------------------------------------------

    def check_log(self, versions: dict[int, Any] | None = None) -> dict[str, bytes]:
        """Every submission has its verdict and re-performing gives the same bytes; the state."""
        submissions = self.submissions()
        values, rows = reperformed(submissions, versions)
        found = self.values()
        assert len(found) == len(submissions)
        assert found == values
        return rows

    def check_as_if_once(self) -> list[Any]:
        """Without what is answered as repeated, the log is that of one publication; its events."""
        pairs = [
            (submission, value)
            for submission, value in zip(self.submissions(), self.values(), strict=True)
            if not isinstance(decode(value), SubmissionRepeated)
        ]
        once, _ = reperformed([submission for submission, _ in pairs])
        assert [value for _, value in pairs] == once
        return [decode(value) for value in once]

    def check_state(self, rows: dict[str, bytes], machine: str = "a") -> None:
        """A machine's local state is, row by row, that of the re-performance."""
        store = StateStore(self.state(machine))
        try:
            assert dict(store.dump()) == rows
        finally:
            store.close()

    def check_models(self) -> None:
        """The read models equal those made in peace, in a database beside this one."""
        values = self.values()
        with opened(self.database) as connection:
            disturbed = digests(connection)
            beside = f"{connection.info.dbname}_peace"
            connection.execute(f'CREATE DATABASE "{beside}"')
            try:
                dsn = psycopg.conninfo.make_conninfo(self.database, dbname=beside)
                with projected(dsn, values) as calm:
                    assert disturbed == digests(calm)
            finally:
                connection.execute(f'DROP DATABASE "{beside}" WITH (FORCE)')
        assert {one.position for one in disturbed.values()} == {len(values)}

    def wait_projected(self) -> None:
        """Wait until the read models have come to the end of the log."""
        last = self.position()

        def there() -> bool:
            try:
                with psycopg.connect(self.database) as connection:
                    row = connection.execute(
                        "SELECT min(position) FROM hengwen.read_models WHERE slot = 'live'"
                    ).fetchone()
            except psycopg.Error:
                return False
            return row is not None and (row[0] or 0) >= last

        until(there, WAIT_S_MAX, self._outputs)


def reperformed(
    submissions: Sequence[OrderedSubmission], versions: dict[int, Any] | None = None
) -> tuple[list[bytes], dict[str, bytes]]:
    """Verdicts and state of a new admission in memory, one submission after the other."""
    state = State(lambda _: {})
    admission = Admission(state) if versions is None else Admission(state, versions)
    verdicts = [
        admission.decide(Submitted(one.value, one.proof, one.proofs, one.appended_at))
        for one in submissions
    ]
    return [verdict.value for verdict in verdicts], state.take_rows()


def until(
    condition: Callable[[], bool], timeout_s: float, explain: Callable[[], str] = str
) -> float:
    """Wait for a condition; how many seconds it took."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < timeout_s, explain()
        time.sleep(0.05)
    return time.monotonic() - start


def keep_running(start: Callable[[], Process], ended: threading.Event, exits: list[int]) -> None:
    """Be a service manager: start a command again whenever it has ended."""
    process = start()
    while not ended.wait(0.2):
        if not process.running:
            exits.append(process.ended())
            ended.wait(1.0)
            process = start()
    process.stop()
