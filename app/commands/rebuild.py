"""``hengwen rebuild``: build read models anew from the log, then swap them in."""

from contextlib import ExitStack, closing
from typing import Annotated

import typer

from app.output import Column, JsonOption, Output
from app.problems import Problem, Words
from app.reading import choice

POSITION = Column("position", Words("序号", "position"))
MODELS_BUILT = Column("read_models", Words("已重建", "rebuilt"))


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        help="从总账重建读模型，建成后一次换上 | Build read models anew from the log, then swap",
        epilog="示例: hengwen rebuild balances | Example: hengwen rebuild balances",
    )(rebuild)


def rebuild(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(help="读模型名，空为全部 | read model; all if none", show_default=False)
    ] = "",
    *,
    json: JsonOption = False,
) -> None:
    """Build beside the live version, which stays readable until the new one is complete."""
    from app.wiring import open_database, open_log  # noqa: PLC0415  # slow to import
    from consumers import rebuild as rebuilding  # noqa: PLC0415  # as above
    from consumers.projector import Progress  # noqa: PLC0415  # as above
    from projections import store  # noqa: PLC0415  # as above
    from projections.models import MODELS  # noqa: PLC0415  # as above
    from projections.swap import RebuildRunning  # noqa: PLC0415  # as above

    output = Output.of(context, as_json=json)
    chosen = choice(name, [model.name.upper() for model in MODELS])
    wanted = [model for model in MODELS if chosen in (None, model.name.upper())]
    with ExitStack() as opened:
        log = opened.enter_context(closing(open_log(context.obj)))
        dsn = opened.enter_context(open_database(context.obj))
        connection = opened.enter_context(store.connect(dsn))
        models = rebuilding.with_stale(connection, wanted, MODELS)
        words = Words("重建", "rebuilding")
        advance = opened.enter_context(output.progress(words, log.last_position()))
        seen = 0

        def show(progress: Progress) -> None:
            nonlocal seen
            advance(progress.position - seen)
            seen = progress.position

        try:
            position = rebuilding.rebuild(log, connection, models, show)
        except RebuildRunning as error:
            raise Problem(
                Words("另一个重建正在进行。", "Another rebuild is running."),
                how=Words("等它结束，或先停止它。", "Wait for it, or stop it first."),
            ) from error
    output.facts([(MODELS_BUILT, " ".join(model.name for model in models)), (POSITION, position)])
