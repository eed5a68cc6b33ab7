"""``hengwen balance`` and ``hengwen conserve``: what accounts hold, and that it adds up."""

from contextlib import closing
from typing import Annotated

import typer

from app.output import Column, JsonOption, Kind, Output, yuan
from app.problems import EXIT_CHECK_FAILED, Problem, Words
from app.reading import AsOf, RecordedAsOf, moment, note_provisional, read_models
from app.subjects import known_fund, known_organisation
from projections.accounts import Balance, Broken, Conserved, Undrawn

ORGANISATION = Column("organisation", Words("机构", "organisation"))
FUND = Column("fund", Words("资金", "fund"))
BALANCE = [
    ORGANISATION,
    FUND,
    Column("free_fen", Words("可用", "free"), Kind.MONEY),
    Column("reserved_fen", Words("待批", "reserved"), Kind.MONEY),
    Column("ordered_fen", Words("已下达", "ordered"), Kind.MONEY),
    Column("settled_fen", Words("已发放", "settled"), Kind.MONEY),
    Column("granted_fen", Words("到账", "granted"), Kind.MONEY),
    Column("withdrawn_fen", Words("退回来源", "withdrawn"), Kind.MONEY),
    Column("received_fen", Words("上级拨入", "received"), Kind.MONEY),
    Column("passed_on_fen", Words("下拨", "passed on"), Kind.MONEY),
    Column("returned_fen", Words("退回上级", "returned"), Kind.MONEY),
    Column("taken_back_fen", Words("下级退回", "taken back"), Kind.MONEY),
]
NO_ACCOUNT = Words("(没有账户: 没有收到过这些资金)", "(no account: no such money ever arrived)")
CONSERVED = [
    FUND,
    Column("granted_fen", Words("到账", "granted"), Kind.MONEY),
    Column("withdrawn_fen", Words("退回来源", "withdrawn"), Kind.MONEY),
    Column("free_fen", Words("可用", "free"), Kind.MONEY),
    Column("reserved_fen", Words("待批", "reserved"), Kind.MONEY),
    Column("ordered_fen", Words("已下达", "ordered"), Kind.MONEY),
    Column("settled_fen", Words("已发放", "settled"), Kind.MONEY),
    Column("difference_fen", Words("差额", "difference"), Kind.MONEY),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(
        help="各机构各资金的余额 | What each organisation holds of each fund",
        epilog="示例: hengwen balance SF-632221 --below --as-of 2019-02-05"
        " | Example: hengwen balance SF-632221 --below --as-of 2019-02-05",
    )(balance)
    app.command(
        help="核对每项资金分文不差 | Check that no fen of any fund appeared or vanished",
        epilog="示例: hengwen conserve --log | Example: hengwen conserve --log",
    )(conserve)


def balance(
    context: typer.Context,
    organisation: Annotated[
        str, typer.Argument(help="机构编码 | organisation code", show_default=False)
    ] = "",
    fund: Annotated[str, typer.Argument(help="资金代码 | fund", show_default=False)] = "",
    *,
    below: Annotated[
        bool, typer.Option("--below", help="包括全部下级 | with all organisations below it")
    ] = False,
    as_of: AsOf = "",
    recorded_as_of: RecordedAsOf = "",
    json: JsonOption = False,
) -> None:
    """Show free, reserved, ordered and settled fen, and how they came and went."""
    from projections import accounts  # noqa: PLC0415  # slow to import

    output = Output.of(context, as_json=json)
    asked = moment(as_of, recorded_as_of)
    with read_models(context.obj) as connection:
        rows = accounts.balances(
            connection,
            organisation=known_organisation(connection, organisation),
            fund=known_fund(connection, fund),
            below=below,
            moment=asked,
        )
        note_provisional(output, connection, asked)
    columns = BALANCE if json else [c for c in BALANCE if _interesting(c, rows)]
    wanted = [BALANCE.index(column) for column in columns]
    output.records(columns, [tuple(row[i] for i in wanted) for row in rows], empty=NO_ACCOUNT)


def conserve(
    context: typer.Context,
    *,
    log: Annotated[
        bool, typer.Option("--log", help="并重读总账逐账户核对 | also fold the log itself again")
    ] = False,
    as_of: AsOf = "",
    recorded_as_of: RecordedAsOf = "",
    json: JsonOption = False,
) -> None:
    """
    Compare grants with what is held, each balance with its entries, and entries with draws.

    The sums are those of the moment asked for; balances, entries and draws are checked as they are.
    """
    from projections import accounts  # noqa: PLC0415  # slow to import

    output = Output.of(context, as_json=json)
    asked = moment(as_of, recorded_as_of)
    with read_models(context.obj) as connection:
        if not accounts.any_organisation(connection):
            raise _no_ledger()
        sums = accounts.conserved(connection, asked)
        broken = accounts.broken(connection)
        undrawn = accounts.undrawn(connection)
        if log:
            broken += _against_the_log(context, output, connection)
        note_provisional(output, connection, asked)
    failed = bool(broken or undrawn or any(row.difference_fen for row in sums))
    if json:
        output.json(_as_json(sums, broken, undrawn, failed=failed))
    else:
        output.records(CONSERVED, sums)
        _explain(output, broken, undrawn, funds=len(sums), failed=failed)
    if failed:
        raise typer.Exit(EXIT_CHECK_FAILED)


def _interesting(column: Column, rows: list[Balance]) -> bool:
    """Whether people want to see the column: how fen came and went, only if they did."""
    always = {"organisation", "fund", "free_fen", "reserved_fen", "ordered_fen", "settled_fen"}
    return column.name in always or any(getattr(row, column.name) for row in rows)


def _against_the_log(context: typer.Context, output: Output, connection: object) -> list[Broken]:
    from app.watched_log import WatchedLog  # noqa: PLC0415  # slow to import
    from app.wiring import open_log  # noqa: PLC0415  # slow to import
    from consumers.conservation import broken_against  # noqa: PLC0415  # as above

    words = Words("重读总账", "folding the log")
    with (
        closing(open_log(context.obj)) as log,
        output.progress(words, log.last_position()) as advance,
    ):
        return broken_against(WatchedLog(log, advance), connection)  # type: ignore[arg-type]  # as read_models gave it


def _no_ledger() -> Problem:
    """Nothing was checked, which must not look as if all were well."""
    return Problem(
        Words(
            "读模型里没有总账,没有核对任何东西。",
            "The read models hold no ledger: nothing was checked.",
        ),
        how=Words(
            "先 hengwen init 开账并 hengwen project --once;检查 HENGWEN_HOME、HENGWEN_DATABASE。",
            "`hengwen init` and `hengwen project --once` first; check HENGWEN_HOME, HENGWEN_DATABASE.",
        ),
    )


def _explain(
    output: Output, broken: list[Broken], undrawn: list[Undrawn], *, funds: int, failed: bool
) -> None:
    for row in broken:
        held, entries = yuan(row.held_fen), yuan(row.entries_fen)
        output.line(
            output.words(
                Words(
                    f"✘ 账户 {row.organisation} / {row.fund}: {row.what} 记为 {held},"
                    f"应为 {entries}",
                    f"✘ account {row.organisation} / {row.fund}: {row.what} is {held},"
                    f" must be {entries}",
                )
            )
        )
    for draw in undrawn:
        entry, drawn = yuan(draw.entry_fen), yuan(draw.drawn_fen)
        output.line(
            output.words(
                Words(
                    f"✘ 账户 {draw.organisation} / {draw.fund}: 第 {draw.position} 号事件"
                    f"金额 {entry}，支取的编号分为 {drawn}",
                    f"✘ account {draw.organisation} / {draw.fund}: event {draw.position}"
                    f" moves {entry} but draws {drawn}",
                )
            )
        )
    if failed:
        output.say(Words("不平衡。", "Not conserved."))
    elif not funds:
        output.say(Words("还没有资金,没有可核对的。", "There is no fund yet: nothing was checked."))
    else:
        output.say(Words("✔ 分文不差。", "✔ Conserved to the fen."))


def _as_json(
    sums: list[Conserved], broken: list[Broken], undrawn: list[Undrawn], *, failed: bool
) -> dict[str, object]:
    return {
        "conserved": not failed,
        "funds": [row._asdict() for row in sums],
        "broken_accounts": [row._asdict() for row in broken],
        "undrawn": [row._asdict() for row in undrawn],
    }
