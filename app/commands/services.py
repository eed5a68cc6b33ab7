"""``hengwen services``: a broker and a PostgreSQL on this machine, until Ctrl-C."""

import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from app.output import Output
from app.problems import Problem, Words


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        help="在本机启动 Kafka 与 PostgreSQL(开发用) | Run Kafka and PostgreSQL here, to develop",
        epilog="示例: make services | Example: make services",
    )(services)


def services(
    context: typer.Context,
    checkout: Annotated[
        Path, typer.Option(help="含 pom.xml 的源码目录 | folder of the sources, with pom.xml")
    ] = Path(),
    kafka_port: Annotated[int, typer.Option(help="Kafka 端口 | port of Kafka")] = 9092,
) -> None:
    """Run both in the foreground; prints what to export, ends on Ctrl-C or SIGTERM."""
    from app.embedded_postgres import EmbeddedPostgres  # noqa: PLC0415  # slow to import
    from app.local_kafka import Broker, fetch_jars  # noqa: PLC0415

    output = Output.of(context)
    pom = checkout / "pom.xml"
    if not pom.exists():
        raise Problem(
            Words("这里没有 pom.xml。", "There is no pom.xml here."),
            where=str(checkout.absolute()),
            how=Words("在源码目录中运行 make services。", "Run `make services` in the sources."),
        )
    libs = checkout / ".cache" / "kafka" / "libs"
    fetch_jars(pom=pom, digests=checkout / "tests" / "kafka-jars.sha256", libs=libs)
    home: Path = context.obj.home
    broker = Broker(libs=libs, folder=home / "kafka", port=kafka_port)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    with EmbeddedPostgres(home / "postgres") as server:
        broker.start()
        try:
            output.line("export HENGWEN_LOG=kafka HENGWEN_KAFKA_REPLICATION=1")
            output.line(f"export HENGWEN_KAFKA_BOOTSTRAP={broker.bootstrap}")
            output.line(f"export HENGWEN_TEST_KAFKA={broker.bootstrap}")
            output.line(f'export HENGWEN_TEST_POSTGRES="{server.dsn()}"')
            output.note(Words("已就绪;按 Ctrl-C 结束。", "Ready; Ctrl-C ends it."))
            ended.wait()
        finally:
            broker.stop()
