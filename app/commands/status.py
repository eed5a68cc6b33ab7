"""``hengwen status``: how far the log and the read models are."""

from contextlib import closing

import typer

from app.output import Column, JsonOption, Kind, Output
from app.problems import Words

COLUMNS = [
    Column("read_model", Words("读模型", "read model")),
    Column("version", Words("版本", "version")),
    Column("position", Words("序号", "position")),
    Column("lag", Words("落后", "lag"), Kind.COUNT),
    Column("recorded_at", Words("至入账时间", "recorded up to"), Kind.INSTANT),
    Column("state", Words("状态", "state")),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        help="总账与读模型的进度、版本、落后多少 | How far the log and the read models are",
        epilog="示例: hengwen status --json | Example: hengwen status --json",
    )(status)


def status(context: typer.Context, *, json: JsonOption = False) -> None:
    """Show positions, lag and versions."""
    from app.wiring import open_database, open_log  # noqa: PLC0415  # slow to import
    from projections import store  # noqa: PLC0415  # as above
    from projections.models import MODELS  # noqa: PLC0415  # as above

    output = Output.of(context, as_json=json)
    with closing(open_log(context.obj)) as log:
        last, ordinal = log.last_position(), log.last_ordinal()
    with open_database(context.obj) as dsn, store.connect(dsn) as connection:
        marks = store.marks_if_any(connection)
    rows = []
    for model in MODELS:
        mark = marks.get(model.name)
        position = 0 if mark is None else mark.position
        rows.append(
            (
                model.name,
                None if mark is None else mark.version,
                position,
                last - position,
                None if mark is None else mark.recorded_at,
                output.words(_state(mark, model.version, last)),
            )
        )
    if json:
        names = [column.name for column in COLUMNS]
        output.json(
            {
                "submissions": ordinal,
                "events": last,
                "undecided": ordinal - last,
                "read_models": [dict(zip(names, row, strict=True)) for row in rows],
            }
        )
        return
    output.line(
        output.words(
            Words(
                f"提交 {ordinal:,}  已裁定 {last:,}  待裁定 {ordinal - last:,}",
                f"submissions {ordinal:,}  decided {last:,}  undecided {ordinal - last:,}",
            )
        )
    )
    output.records(COLUMNS, rows)


def _state(mark: object, version: int, last: int) -> Words:
    from projections.store import Mark  # noqa: PLC0415  # slow to import

    if not isinstance(mark, Mark):
        return Words("未建立,运行 hengwen project", "not there, run `hengwen project`")
    if mark.version != version:
        return Words("版本不同,运行 hengwen rebuild", "other version, run `hengwen rebuild`")
    if mark.position == last:
        return Words("最新", "up to date")
    return Words("落后", "behind")
