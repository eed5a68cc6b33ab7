"""``hengwen diff``: what changed between two points of the history, and which events did it."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Annotated, Any, NamedTuple

import typer

from app.commands.balance import BALANCE
from app.commands.replay import explained
from app.naming import STATES
from app.output import Column, JsonOption, Kind, Output
from app.points import LIVE, Point, point
from app.problems import Problem, Words
from app.reading import LIMIT, LimitOption, require_read_models, require_same_ledger
from projections.compare import State

BALANCES = [
    Column("organisation", Words("机构", "organisation")),
    Column("fund", Words("资金", "fund")),
    Column("figure", Words("项目", "figure")),
    Column("before_fen", Words("之前", "before"), Kind.MONEY),
    Column("after_fen", Words("之后", "after"), Kind.MONEY),
    Column("change_fen", Words("变化", "change"), Kind.MONEY),
]
MOVEMENTS = [
    Column("organisation", Words("机构", "organisation")),
    Column("fund", Words("资金", "fund")),
    Column("events", Words("事件数", "events"), Kind.COUNT),
    Column("positions", Words("序号", "positions")),
]
STEPS = [
    Column("before", Words("之前", "before")),
    Column("after", Words("之后", "after")),
    Column("payments", Words("笔数", "payments"), Kind.COUNT),
    Column("amount_fen", Words("金额", "amount"), Kind.MONEY),
]
PAYMENTS = [
    Column("position", Words("序号", "position")),
    Column("payment", Words("发放编号", "payment")),
    Column("organisation", Words("机构", "organisation")),
    Column("fund", Words("资金", "fund")),
    Column("person", Words("人员", "person")),
    Column("amount_fen", Words("金额", "amount"), Kind.MONEY),
    Column("before", Words("之前", "before")),
    Column("after", Words("之后", "after")),
    Column("event", Words("变化事件", "by event")),
]
ABSENT = Words("(无)", "(none)")


class Difference(NamedTuple):
    """All that differs between two states."""

    balances: list[Any]
    movements: list[Any]
    steps: list[Any]
    payments: list[Any]

    @property
    def same(self) -> bool:
        """Whether nothing does."""
        return not (self.balances or self.movements or self.steps)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        help="两个时点之间变了什么:余额、发放,及造成变化的事件。序号、时间、重建名是“当时所知”(总账的前段);"
        "日期是“现在所知的当时”(业务日期);日期@时点 两者兼有。无论是否有差别,退出码都是 0"
        " | What changed between two points: balances, payments, and the events that did it."
        " A position, a time or a replay is what was known then (a beginning of the log); a date is"
        " what is known now about then (business days); DATE@POINT is about that day as known at"
        " that point. Exit code 0 whether or not anything differs",
        epilog="示例: hengwen diff 2019-02-05T18:00 live;hengwen diff 2019-01-31 2019-02-05;"
        "hengwen diff 2019-01-31@2019-02-05T18:00 2019-01-31"
        " | Examples: hengwen diff 2019-02-05T18:00 live; hengwen diff 2019-01-31 2019-02-05;"
        " hengwen diff 2019-01-31@2019-02-05T18:00 2019-01-31",
    )(diff)


def diff(
    context: typer.Context,
    before: Annotated[
        str,
        typer.Argument(help="live、重建名、序号、时间、日期 | live, replay, position, time, date"),
    ],
    after: Annotated[str, typer.Argument(help="同上 | the same")],
    *,
    limit: LimitOption = LIMIT,
    json: JsonOption = False,
) -> None:
    """Compare two states; what is not there yet is built for as long as it takes."""
    from app.wiring import open_database, open_log  # noqa: PLC0415  # slow to import
    from projections import replays, store  # noqa: PLC0415  # as above

    output = Output.of(context, as_json=json)
    with ExitStack() as opened:
        log = opened.enter_context(closing(open_log(context.obj)))
        points = [point(before, log), point(after, log)]
        dsn = opened.enter_context(open_database(context.obj))
        connection = opened.enter_context(store.connect(dsn))
        replays.drop_abandoned(connection)
        states = [opened.enter_context(_state(p, log, connection, output)) for p in points]
        require_same_ledger(connection, context.obj)
        with store.snapshot(connection):
            found = _compared(connection, (states[0], states[1]), limit)
    for one in points:
        if one.provisional:
            output.note(
                Words(
                    f"{one.text} 暂定:之后还没有新的入账。",
                    f"{one.text} is provisional: nothing later is recorded yet.",
                )
            )
    (_print_json if json else _print)(output, points, found, limit)


@contextmanager
def _state(asked: Point, log: Any, connection: Any, output: Output) -> Iterator[State]:
    """The state of a point: the live one, a replay, or one that is built for now."""
    from projections import replays  # noqa: PLC0415  # slow to import
    from projections.models import MODELS  # noqa: PLC0415  # as above

    if asked.position is not None:
        with _built(asked.position, log, connection, output) as name:
            yield State(name, asked.as_of)
        return
    if asked.name == LIVE:
        require_read_models(connection)
        yield State(as_of=asked.as_of)
        return
    found = replays.replays(connection).get(asked.name or "")
    if found is not None and not replays.is_current(connection, found, MODELS):
        raise Problem(
            Words(
                "这个重建没有建完,或是另一版本建的。",
                "The replay is unfinished or of another version.",
            ),
            where=found.name,
            how=Words(
                "先 hengwen replay --drop,再重建。", "`hengwen replay --drop` it, build it again."
            ),
        )
    if found is None:
        raise Problem(
            Words("没有这个时点,也没有这个重建。", "There is no such point and no such replay."),
            where=asked.text,
            how=Words(
                "写 live、序号、时间、日期,或 hengwen replay 列出的名字。",
                "Write live, a position, a time, a date, or a name that `hengwen replay` lists.",
            ),
        )
    yield State(found.name, asked.as_of)


@contextmanager
def _built(position: Any, log: Any, connection: Any, output: Output) -> Iterator[str]:
    from secrets import token_hex  # noqa: PLC0415  # the edge makes names nobody else has

    from consumers import timetravel  # noqa: PLC0415  # slow to import
    from consumers.projector import Progress  # noqa: PLC0415  # as above
    from projections.balances import BALANCES as HELD  # noqa: PLC0415  # as above
    from projections.payments import PAYMENTS as PAID  # noqa: PLC0415  # as above
    from projections.replays import Replay  # noqa: PLC0415  # as above

    wanted = Replay(f"diff_{token_hex(4)}", position, temporary=True, complete=False)
    with output.progress(Words("重建", "replaying"), position) as advance:
        seen = 0

        def show(progress: Progress) -> None:
            nonlocal seen
            advance(progress.position - seen)
            seen = progress.position

        with (
            explained(wanted.name),
            timetravel.temporary(log, connection, wanted, show, filled=(HELD, PAID)),
        ):
            yield wanted.name


def _compared(connection: Any, states: tuple[State, State], limit: int) -> Difference:
    from projections import compare  # noqa: PLC0415  # slow to import

    return Difference(
        compare.balances(connection, *states),
        compare.movements(connection, *states),
        compare.steps(connection, *states),
        compare.payments(connection, *states, limit=limit),
    )


def _print(output: Output, points: list[Point], found: Difference, limit: int) -> None:
    if found.same:
        output.say(Words("没有差别。", "Nothing differs."))
        return
    del points
    headings = {column.name: output.words(column.heading) for column in BALANCE}
    figures = [
        (r.organisation, r.fund, headings[r.figure], r.before_fen, r.after_fen,
         r.after_fen - r.before_fen)
        for r in found.balances
    ]  # fmt: skip
    output.records(BALANCES, figures, title=Words("余额", "Balances"))
    output.line()
    moved = [(*r[:3], _listed(r.positions, r.events)) for r in found.movements]
    output.records(MOVEMENTS, moved, title=Words("造成变化的事件", "The events that did it"))
    output.line()
    steps = [(_named(output, s.before), _named(output, s.after), *s[2:]) for s in found.steps]
    output.records(STEPS, steps, title=Words("发放的变化", "How payments changed"))
    output.line()
    rows = [(*p[:6], _named(output, p.before), _named(output, p.after), p.event)
            for p in found.payments]  # fmt: skip
    output.records(PAYMENTS, rows, title=Words("发放", "Payments"))
    if len(rows) < sum(step.payments for step in found.steps):
        output.note(
            Words(f"只列出前 {limit} 笔,可用 --limit 增加。",
                  f"Only the first {limit} are listed; raise --limit for more.")
        )  # fmt: skip


def _print_json(output: Output, points: list[Point], found: Difference, limit: int) -> None:
    del limit
    named = [p._asdict() for p in points]
    output.json(
        {
            "before": named[0],
            "after": named[1],
            "same": found.same,
            "balances": [
                r._asdict() | {"change_fen": r.after_fen - r.before_fen} for r in found.balances
            ],
            "events": [r._asdict() for r in found.movements],
            "steps": [r._asdict() for r in found.steps],
            "payments": [r._asdict() for r in found.payments],
        }
    )


def _listed(positions: Any, events: int) -> str:
    more = f" … (+{events - len(positions)})" if events > len(positions) else ""
    return " ".join(map(str, positions)) + more


def _named(output: Output, state: str | None) -> str:
    """The name of a payment's state; a word for not being there."""
    return output.words(ABSENT if state is None else STATES[state])
