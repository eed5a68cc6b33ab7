"""``hengwen trace``: a payment up to its grants, a grant down to people, to the fen."""

from contextlib import closing
from typing import Annotated, NamedTuple

import typer

from app.naming import LOTS, STATES, USES
from app.output import BETWEEN, Column, JsonOption, Kind, Output, day, yuan
from app.problems import EXIT_CHECK_FAILED, Words
from app.reading import (
    LIMIT,
    LimitOption,
    RecordedAsOf,
    moment,
    note_provisional,
    read_models,
)
from app.settings import Settings
from app.subjects import GRANT, PAYMENT, identifier, not_found
from domain.units import Fen, Position
from projections.traces import Holding, Hop, Lot, Paid, Use

LogOption = Annotated[
    bool, typer.Option("--log", help="并从总账本身重算核对 | and work it out again from the log")
]
IdArgument = Annotated[str, typer.Argument(help="编号 | id")]
DOWN = [
    Column("use", Words("去向", "use")),
    Column("position", Words("序号", "position")),
    Column("giver", Words("付出机构", "giver")),
    Column("taker", Words("持有机构", "holder")),
    Column("fen", Words("其中本笔资金", "of this grant"), Kind.MONEY),
    Column("whole_fen", Words("总额", "in all"), Kind.MONEY),
    Column("state", Words("状态", "state")),
    Column("person", Words("领取人代码", "person")),
    Column("id", Words("编号", "id")),
]
HELD = [
    Column("organisation", Words("机构", "organisation")),
    Column("free_fen", Words("可用", "free"), Kind.MONEY),
    Column("reserved_fen", Words("待批", "reserved"), Kind.MONEY),
    Column("ordered_fen", Words("已下达", "ordered"), Kind.MONEY),
    Column("settled_fen", Words("已发放", "settled"), Kind.MONEY),
]


class Traced(NamedTuple):
    """A grant, the first of its uses, how many there are, and where its fen are."""

    lot: Lot
    uses: list[Use]
    total: int
    held: list[Holding]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        help="追溯资金，精确到分 | Trace money, to the fen",
        no_args_is_help=True,
        epilog="示例: hengwen trace payment ID | Example: hengwen trace payment ID",
    )
    group.command(
        "payment",
        help="一笔发放从哪些到账资金来 | Where a payment came from",
        epilog="示例: hengwen trace payment ID --log | Example: hengwen trace payment ID --log",
    )(payment)
    group.command(
        "grant",
        help="一笔到账资金到了哪些人手里 | Whom a grant reached",
        epilog="示例: hengwen trace grant ID --limit 500"
        " | Example: hengwen trace grant ID --limit 500",
    )(grant)
    app.add_typer(group, name="trace")


def payment(
    context: typer.Context, number: IdArgument, *, log: LogOption = False, json: JsonOption = False
) -> None:
    """Follow a payment up, level by level, to the numbered fen of its grants."""
    from projections import traces  # noqa: PLC0415  # slow to import

    output = Output.of(context, as_json=json)
    with read_models(context.obj) as connection:
        found = traces.payments_called(connection, identifier(number))
        if not found:
            raise not_found(PAYMENT, number)
        traced = [(paid, traces.up(connection, paid.position)) for paid in found]
    if json:
        output.json(
            [{**paid._asdict(), "hops": [h._asdict() for h in hops]} for paid, hops in traced]
        )
    else:
        for paid, hops in traced:
            _show_payment(output, paid, hops)
    if log:
        _confirm(output, agree=_payments_agree(context.obj, traced))


def grant(
    context: typer.Context,
    number: IdArgument,
    *,
    log: LogOption = False,
    limit: LimitOption = LIMIT,
    recorded_as_of: RecordedAsOf = "",
    json: JsonOption = False,
) -> None:
    """Follow a grant down to every allocation and payment made of its fen, persons as codes."""
    from projections import store, traces  # noqa: PLC0415  # slow to import

    output = Output.of(context, as_json=json)
    asked = moment("", recorded_as_of)
    with read_models(context.obj) as connection:
        found = traces.grants_called(connection, identifier(number))
        if not found:
            raise not_found(GRANT, number)
        traced = [
            Traced(
                lot,
                traces.down(connection, lot.lot, asked, limit=None if json else limit),
                traces.uses(connection, lot.lot, asked),
                traces.holdings(connection, lot.lot, asked),
            )
            for lot in found
        ]
        paid = {one.lot.lot: traces.paid_of(connection, one.lot.lot) for one in traced if log}
        last = store.marks(connection, "live")["intervals"].position
        note_provisional(output, connection, asked)
    if json:
        output.json([_grant_json(one) for one in traced])
    else:
        for one in traced:
            _show_grant(output, one)
            _show_held(output, one.held)
    if log:
        _confirm(output, agree=_grants_agree(context.obj, output, paid, last))


def _payments_agree(settings: Settings, traced: list[tuple[Paid, list[Hop]]]) -> bool:
    """Whether the events of the log themselves give the same stretches."""
    from app.wiring import open_log  # noqa: PLC0415  # slow to import
    from consumers import tracing  # noqa: PLC0415  # as above

    with closing(open_log(settings)) as log:
        return all(
            sorted(tracing.up(log, paid.position))
            == sorted(tracing.Stretch(h.depth, h.lot, h.lot_at, h.fen) for h in hops)
            for paid, hops in traced
        )


def _grants_agree(
    settings: Settings,
    output: Output,
    paid: dict[Position, dict[Position, Fen]],
    last: Position,
) -> bool:
    """Whether folding the whole log gives the same payments, with the same fen of each lot."""
    from app.watched_log import WatchedLog  # noqa: PLC0415  # slow to import
    from app.wiring import open_log  # noqa: PLC0415  # as above
    from consumers import tracing  # noqa: PLC0415  # as above

    words = Words("重读总账", "folding the log")
    with (
        closing(open_log(settings)) as log,
        output.progress(words, last * len(paid)) as advance,
    ):
        watched = WatchedLog(log, advance)
        return all(tracing.down(watched, lot, last) == reached for lot, reached in paid.items())


def _confirm(output: Output, *, agree: bool) -> None:
    """Say whether the log agrees; exit code 1 if it does not."""
    if not agree:
        output.note(Words("✘ 与总账不一致。", "✘ The log says otherwise."))
        raise typer.Exit(EXIT_CHECK_FAILED)
    output.note(Words("✔ 与总账逐分一致。", "✔ The log itself says the same, fen by fen."))


def _grant_json(one: Traced) -> dict[str, object]:
    return {
        **one.lot._asdict(),
        "uses": [use._asdict() for use in one.uses],
        "held": [held._asdict() for held in one.held],
    }


def _show_payment(output: Output, paid: Paid, hops: list[Hop]) -> None:
    state = output.words(STATES[paid.state])
    when = "" if paid.occurred_on is None else day(paid.occurred_on)
    title = Words(
        f"发放 {paid.payment}  {yuan(paid.amount_fen)} 元  {state}  {when}",
        f"payment {paid.payment}  {yuan(paid.amount_fen)} yuan  {state}  {when}",
    )
    place = Words(
        f"机构 {paid.organisation}  资金 {paid.fund}  人员代码 {paid.person}  序号 {paid.position}",
        f"organisation {paid.organisation}  fund {paid.fund}  person {paid.person}"
        f"  position {paid.position}",
    )
    output.pieces(output.words(title).split(BETWEEN))
    output.pieces(output.words(place).split(BETWEEN), indent=2)
    for hop in hops:
        kind = output.words(LOTS[hop.kind])
        last = hop.lot_at + hop.fen - 1
        whence = Words(
            f"└ {yuan(hop.fen)} 元 ← {kind} {hop.id} → {hop.organisation}",
            f"└ {yuan(hop.fen)} yuan ← {kind} {hop.id} → {hop.organisation}",
        )
        numbers = Words(
            f"第 {hop.lot_at:,}–{last:,} 分, 序号 {hop.lot}",
            f"fen {hop.lot_at:,}–{last:,}, position {hop.lot}",
        )
        output.pieces([output.words(whence), output.words(numbers)], indent=2 * hop.depth)


def _show_grant(output: Output, one: Traced) -> None:
    lot = one.lot
    title = Words(
        f"到账 {lot.id}  {yuan(lot.fen)} 元  机构 {lot.organisation}  资金 {lot.fund}"
        f"  序号 {lot.lot}",
        f"grant {lot.id}  {yuan(lot.fen)} yuan  organisation {lot.organisation}  fund {lot.fund}"
        f"  position {lot.lot}",
    )
    rows = [
        (
            "  " * (use.depth - 1) + output.words(USES[use.use]),
            use.position,
            use.giver,
            use.taker,
            use.fen,
            use.whole_fen,
            output.words(STATES[use.state]) if use.state else "",
            use.person or "",
            use.id or "",
        )
        for use in one.uses
    ]
    output.records(DOWN, rows, title=title)
    left = one.total - len(one.uses)
    if left:
        output.note(
            Words(
                f"另有 {left:,} 行未显示；--limit 增加行数，--json 给出全部。",
                f"{left:,} more rows; --limit shows more, --json all.",
            )
        )


def _show_held(output: Output, held: list[Holding]) -> None:
    output.line()
    output.records(HELD, held, title=Words("这笔资金在哪里", "Where this grant is"))
