"""``hengwen project``: keep the read models up to date with the log."""

import signal
import threading
from contextlib import ExitStack, closing
from typing import Annotated

import typer

from app.output import Column, JsonOption, Kind, Output
from app.problems import Problem, Words
from consumers.projector import Progress, Projector
from eventlog.contract import Log
from projections.store import OtherLedger, OtherVersion
from projections.target import Connection

POSITION = Column("position", Words("序号", "position"))
LAG = Column("lag", Words("落后", "lag"), Kind.COUNT)
PROJECTED = Column("projected", Words("本次入读模型", "projected now"), Kind.COUNT)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        help="把总账投影为读模型，持续运行 | Keep the read models up to date with the log",
        epilog="示例: hengwen project --once | Example: hengwen project --once",
    )(project)


def project(
    context: typer.Context,
    *,
    once: Annotated[
        bool,
        typer.Option("--once", help="到现在的末尾就结束 | stop at the end of the log as it is"),
    ] = False,
    json: JsonOption = False,
) -> None:
    """Project in batches until stopped (SIGTERM, Ctrl-C), or up to the end as it is now."""
    from app.wiring import open_database, open_log  # noqa: PLC0415  # slow to import
    from consumers.projector import run  # noqa: PLC0415  # as above

    output = Output.of(context, as_json=json)
    with ExitStack() as opened:
        log = opened.enter_context(closing(open_log(context.obj)))
        dsn = opened.enter_context(open_database(context.obj))
        if once:
            _once(output, open_projector(log, dsn))
            return
        ended = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: ended.set())
        run(lambda: open_projector(log, dsn), ended.wait)


def open_projector(log: Log, dsn: str) -> Projector:
    """
    A projector of all read models, made if they are not there.

    Raises:
        Problem: another version wrote them, or they belong to another log.
    """
    from projections import store  # noqa: PLC0415  # slow to import

    with ExitStack() as opened:
        connection = opened.enter_context(closing(store.connect(dsn)))
        projector = _prepared(log, connection)
        opened.pop_all()
    return projector


def _prepared(log: Log, connection: Connection) -> Projector:
    from projections import store  # noqa: PLC0415  # slow to import
    from projections.models import MODELS  # noqa: PLC0415  # as above

    try:
        store.prepare(connection, MODELS)
        return Projector(log, connection, MODELS)
    except OtherVersion as error:
        raise Problem(
            Words("读模型是另一版本写的。", "Another version wrote the read models."),
            where=str(error),
            how=Words("运行 hengwen rebuild。", "Run `hengwen rebuild`."),
        ) from error
    except OtherLedger as error:
        raise Problem(
            Words("数据库里的读模型来自另一本总账。", "The read models are of another log."),
            how=Words(
                "检查 HENGWEN_DATABASE 与日志设置；确需换账，用一个空数据库。",
                "Check HENGWEN_DATABASE and the log's settings; use an empty database for it.",
            ),
        ) from error


def _once(output: Output, projector: Projector) -> None:
    begun = seen = projector.position
    behind = projector.log.last_position() - begun
    words = Words("投影", "projecting")
    with closing(projector.connection), output.progress(words, behind) as advance:

        def tell(progress: Progress) -> None:
            nonlocal seen
            advance(progress.position - seen)
            seen = progress.position

        projector.catch_up(tell)
    lag = projector.log.last_position() - projector.position
    projected = projector.position - begun
    output.facts([(POSITION, projector.position), (LAG, lag), (PROJECTED, projected)])
