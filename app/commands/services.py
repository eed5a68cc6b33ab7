"""``hengwen services``: Kafka and PostgreSQL here, until Ctrl-C or for one command."""

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from app.output import Output
from app.problems import Problem, Words


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        help="在本机启动 Kafka 与 PostgreSQL(开发用) | Run Kafka and PostgreSQL here, to develop",
        epilog="示例: make services; hengwen services -- hengwen status"
        " | Examples: make services; hengwen services -- hengwen status",
    )(services)


def services(
    context: typer.Context,
    command: Annotated[
        list[str] | None,
        typer.Argument(help="只为这条命令启动 | command to run them for"),
    ] = None,
    checkout: Annotated[
        Path, typer.Option(help="含 pom.xml 的源码目录 | folder of the sources, with pom.xml")
    ] = Path(),
    kafka_port: Annotated[
        int, typer.Option(help="Kafka 端口，0 为任意 | port of Kafka, 0 for any")
    ] = 9092,
) -> int:
    """Run both until Ctrl-C, SIGTERM or the end of the command, whose exit code is returned."""
    output = Output.of(context)
    with _running(context.obj.home, checkout, kafka_port) as environment:
        if command:
            return subprocess.run(command, env=_inherited(environment), check=False).returncode
        for name, value in environment.items():
            output.line(f'export {name}="{value}"')
        output.note(Words("已就绪；按 Ctrl-C 结束。", "Ready; Ctrl-C ends it."))
        ended = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: ended.set())
        ended.wait()
    return 0


@contextmanager
def _running(home: Path, checkout: Path, kafka_port: int) -> Iterator[dict[str, str]]:
    """Both services; what others must be told to use them."""
    from app.embedded_postgres import EmbeddedPostgres  # noqa: PLC0415  # slow to import
    from app.kafka_jars import fetch_jars  # noqa: PLC0415  # as above
    from app.local_kafka import Broker  # noqa: PLC0415  # as above

    pom = checkout / "pom.xml"
    if not pom.exists():
        raise Problem(
            Words("这里没有 pom.xml。", "There is no pom.xml here."),
            where=str(checkout.absolute()),
            how=Words("在源码目录中运行 make services。", "Run `make services` in the sources."),
        )
    libs = checkout / ".cache" / "kafka" / "libs"
    fetch_jars(pom=pom, digests=checkout / "tests" / "kafka-jars.sha256", libs=libs)
    broker = Broker(libs=libs, folder=home / "kafka", port=kafka_port or None)
    with EmbeddedPostgres(home / "postgres") as server:
        broker.start()
        try:
            yield {
                "HENGWEN_LOG": "kafka",
                "HENGWEN_KAFKA_BOOTSTRAP": broker.bootstrap,
                "HENGWEN_KAFKA_REPLICATION": "1",
                "HENGWEN_TEST_KAFKA": broker.bootstrap,
                "HENGWEN_TEST_POSTGRES": server.dsn(),
            }
        finally:
            broker.stop()


def _inherited(environment: dict[str, str]) -> dict[str, str]:
    """Our own environment, and this on top."""
    return {**os.environ, **environment}  # noqa: TID251  # handed on, not read
