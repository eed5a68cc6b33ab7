"""``hengwen status``: how far the log and the read models are."""

from collections.abc import Sequence
from contextlib import closing
from hashlib import sha256
from typing import Annotated, Any

import typer

from app.output import Column, JsonOption, Kind, Output
from app.problems import EXIT_CHECK_FAILED, Words
from eventlog.contract import Log
from eventlog.reading import event_at
from projections.store import Mark

COLUMNS = [
    Column("read_model", Words("读模型", "read model")),
    Column("version", Words("版本", "version")),
    Column("position", Words("序号", "position")),
    Column("lag", Words("落后", "lag"), Kind.COUNT),
    Column("recorded_at", Words("至入账时间", "recorded up to"), Kind.INSTANT),
    Column("state", Words("状态", "state")),
]
FOREIGN = Words("不是这本总账的", "not of this log")
DIGEST = Column("sha256", Words("SHA-256", "SHA-256"))


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        help="总账与读模型的进度、版本、落后多少 | How far the log and the read models are",
        epilog="示例: hengwen status --json | Example: hengwen status --json",
    )(status)


def status(
    context: typer.Context,
    *,
    digest: Annotated[
        bool,
        typer.Option(
            "--digest", help="并算出每个读模型的 SHA-256 | with the SHA-256 of each model"
        ),
    ] = False,
    json: JsonOption = False,
) -> None:
    """
    Show positions, lag and versions; two databases with equal digests hold equal rows.

    Exit code 1 if the read models were not made from this log, as when they are ahead of it.
    """
    from app.wiring import open_database, open_log  # noqa: PLC0415  # slow to import
    from projections import dump, store  # noqa: PLC0415  # as above
    from projections.models import MODELS  # noqa: PLC0415  # as above

    output = Output.of(context, as_json=json)
    with (
        closing(open_log(context.obj)) as log,
        open_database(context.obj) as dsn,
        store.connect(dsn) as connection,
    ):
        last, ordinal = log.last_position(), log.last_ordinal()
        marks = store.marks_if_any(connection)
        foreign = {mark.name for mark in marks.values() if not _is_of(log, mark, last)}
        models = [(model.name, model.version, marks.get(model.name)) for model in MODELS]
        hashed = [model for model in MODELS if digest and model.name in marks]
        digests = {model.name: dump.digest(connection, model).sha256 for model in hashed}
    rows = [
        (
            name,
            None if mark is None else mark.version,
            0 if mark is None else mark.position,
            last - (0 if mark is None else mark.position),
            None if mark is None else mark.recorded_at,
            output.words(FOREIGN if name in foreign else _state(mark, version, last)),
            *((digests.get(name),) if digest else ()),
        )
        for name, version, mark in models
    ]
    _show(output, ordinal, last, [*COLUMNS, DIGEST] if digest else COLUMNS, rows)
    if foreign:
        output.note(
            Words(
                "✘ 读模型不是由这本总账得来的:检查 HENGWEN_LOG、HENGWEN_DATABASE 等设置。",
                "✘ The read models were not made from this log: check HENGWEN_LOG, HENGWEN_DATABASE.",
            )
        )
        raise typer.Exit(EXIT_CHECK_FAILED)


def _is_of(log: Log, mark: Mark, last: int) -> bool:
    """Whether the log holds, at the position a read model has reached, the event it was given."""
    if mark.position > last:
        return False
    if not mark.position:
        return True
    return sha256(event_at(log, mark.position).value).digest() == mark.digest


def _show(
    output: Output, ordinal: int, last: int, columns: Sequence[Column], rows: Sequence[Any]
) -> None:
    if not output.as_json:
        output.say(
            Words(
                f"提交 {ordinal:,}  已裁决 {last:,}  待裁决 {ordinal - last:,}",
                f"submissions {ordinal:,}  decided {last:,}  undecided {ordinal - last:,}",
            )
        )
        output.records(columns, rows)
        return
    names = [column.name for column in columns]
    output.json(
        {
            "submissions": ordinal,
            "events": last,
            "undecided": ordinal - last,
            "read_models": [dict(zip(names, row, strict=True)) for row in rows],
        }
    )


def _state(mark: Mark | None, version: int, last: int) -> Words:
    if mark is None:
        return Words("未建立，运行 hengwen project", "not there, run `hengwen project`")
    if mark.version != version:
        return Words("版本不同，运行 hengwen rebuild", "other version, run `hengwen rebuild`")
    if mark.position == last:
        return Words("最新", "up to date")
    return Words("落后", "behind")
