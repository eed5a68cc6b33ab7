"""``hengwen replay``: build the read models as they were, beside those of today."""

from contextlib import ExitStack, closing
from typing import Annotated, Any

import typer

from app.output import Column, JsonOption, Kind, Output
from app.points import known_until
from app.problems import Problem, Words

NAME = Column("schema", Words("模式名", "schema"))
POSITION = Column("position", Words("截至序号", "up to position"), Kind.COUNT)
COMPLETE = Column("complete", Words("已建成", "complete"))
TEMPORARY = Column("temporary", Words("临时", "temporary"))
PROVISIONAL = Column("provisional", Words("暂定", "provisional"))
DROPPED = Column("dropped", Words("已删除", "dropped"))


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        help="重建过去某一时点的读模型,与现在的并存:当时所知(以入账先后为准);业务日期的“现在所知的当时”"
        "用各查询的 --as-of 或 hengwen diff"
        " | Build the read models of a past point beside today's: what was known then, by the order"
        " of recording. What is known now about then: --as-of of each query, or hengwen diff",
        epilog="示例: hengwen replay --until 2019-02-05T18:00 --into spring;SQL 里查 spring.balances;"
        "hengwen replay --drop spring"
        " | Example: hengwen replay --until 2019-02-05T18:00 --into spring; ask spring.balances"
        " in SQL; hengwen replay --drop spring",
    )(replay)


def replay(
    context: typer.Context,
    *,
    until: Annotated[
        str,
        typer.Option(
            help="序号,或入账时间(北京时间),如 2019-02-05T18:00 | position, or time of recording (UTC+8)"
        ),
    ] = "",
    into: Annotated[
        str,
        typer.Option(
            help="放入这个数据库模式(a–z、0–9、_) | into this database schema (a–z, 0–9, _)"
        ),
    ] = "",
    drop: Annotated[str, typer.Option(help="删除这个重建 | drop this replay")] = "",
    json: JsonOption = False,
) -> None:
    """Build one past state, drop one, or (without options) list those that are there."""
    from app.wiring import open_database  # noqa: PLC0415  # slow to import
    from projections import replays, store  # noqa: PLC0415  # as above

    output = Output.of(context, as_json=json)
    if bool(until) != bool(into) or (drop and into):
        raise Problem(
            Words("--until 与 --into 要一起给出。", "--until and --into go together."),
            how=Words("hengwen replay --help", "hengwen replay --help"),
        )
    with ExitStack() as opened:
        dsn = opened.enter_context(open_database(context.obj))
        connection = opened.enter_context(store.connect(dsn))
        if into:
            _build(context, output, connection, (until, into))
        elif drop:
            output.facts([(DROPPED, _dropped(connection, drop))])
        else:
            output.records(
                [NAME, POSITION, TEMPORARY, COMPLETE], list(replays.replays(connection).values())
            )


def _build(context: typer.Context, output: Output, connection: Any, asked: tuple[str, str]) -> None:
    from app.wiring import open_log  # noqa: PLC0415  # slow to import
    from consumers import timetravel  # noqa: PLC0415  # as above
    from consumers.projector import Progress  # noqa: PLC0415  # as above
    from projections.replays import Replay  # noqa: PLC0415  # as above

    until, name = asked
    with closing(open_log(context.obj)) as log:
        position, provisional = known_until(until, log)
        seen = 0
        with output.progress(Words("重建", "replaying"), position) as advance:

            def show(progress: Progress) -> None:
                nonlocal seen
                advance(progress.position - seen)
                seen = progress.position

            wanted = Replay(name, position, temporary=False, complete=False)
            with explained(name):
                timetravel.replay(log, connection, wanted, show)
    output.facts([(NAME, name), (POSITION, position), (PROVISIONAL, provisional)])


def _dropped(connection: Any, name: str) -> str:
    from projections import replays  # noqa: PLC0415  # slow to import

    with explained(name):
        if replays.drop(connection, name):
            return name
    raise Problem(
        Words("没有这个重建。", "There is no such replay."),
        where=name,
        how=Words("hengwen replay 列出全部;别的模式不会删。",
                  "`hengwen replay` lists them; no other schema is ever dropped."),
    )  # fmt: skip


class explained:  # noqa: N801  # reads as a statement
    """What can be wrong with a replay, as problems."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Turn a refusal into its page."""
        from projections import replays, store  # noqa: PLC0415  # slow to import

        pages: dict[type[BaseException], Words] = {
            replays.NotAName: Words(
                "模式名不可用:小写字母开头,最多 40 个 a–z、0–9、_,不用系统名。",
                "Not a name for a replay: a letter first, at most 40 of a–z, 0–9, _; no system name.",
            ),
            replays.SchemaTaken: Words(
                "数据库里已有同名模式,不是重建,不会覆盖。",
                "The database has such a schema that is no replay; it is never overwritten.",
            ),
            replays.ReplayComplete: Words(
                "已有这个重建,不会覆盖。", "There is such a replay; it is never overwritten."
            ),
            replays.ReplayBusy: Words(
                "另一个进程正在建它。", "Another process is building it."
            ),
            store.OtherLedger: Words(
                "数据库里的读模型来自另一本总账。", "The read models are of another log."
            ),
        }  # fmt: skip
        if error is not None and type(error) in pages:
            raise Problem(
                pages[type(error)],
                where=str(error) or self._name,
                how=Words(
                    "换一个名字,或先 hengwen replay --drop。",
                    "Choose another name, or `hengwen replay --drop` it first.",
                ),
            ) from error
