"""``hengwen reconcile-statement``: whether published figures agree, with themselves and the log."""

from typing import Annotated

import typer

from app.naming import named
from app.output import Column, JsonOption, Kind, Output, cell, day
from app.problems import EXIT_CHECK_FAILED, Words
from app.reading import RecordedAsOf, moment, read_models
from app.subjects import STATEMENT, not_found
from domain.codes import CATEGORY_NAMES, FORMS, OCCASIONS, SOURCES, TIERS
from projections.reconciliation import AGREES, AGREES_LATER, DIFFERS, NOT_IN_LOG, Check, Statement

CHECKS = {
    "SOURCES_SUM": Words("来源合计 = 来源各行之和", "sources = sum of their lines"),
    "USES_SUM": Words("支出合计 = 支出各行之和", "uses = sum of their lines"),
    "UNITS": Words("金额 = 数量 × 单价", "amount = units × unit"),
    "USES_COVERED": Words("支出合计 ≤ 来源合计", "uses ≤ sources"),
    "SOURCES_IN_LOG": Words("来源合计 = 总账到账", "sources = grants in the log"),
    "USES_IN_LOG": Words("支出合计 = 总账发放", "uses = payments in the log"),
    "LINE_IN_LOG": Words("本行金额 = 总账", "line = log"),
    "COUNT_IN_LOG": Words("本行数量 = 总账笔数", "units = payments in the log"),
}
VERDICTS = {
    AGREES: Words("✔ 相符", "✔ agrees"),
    AGREES_LATER: Words("⚠ 计入截至日之后才相符", "⚠ agrees only with what came later"),
    DIFFERS: Words("✘ 不符", "✘ differs"),
    NOT_IN_LOG: Words("– 总账中没有该项目", "– not in the log"),
}
COLUMNS = [
    Column("check", Words("核对", "check")),
    Column("item", Words("行", "line")),
    Column("stated", Words("公布", "stated")),
    Column("found", Words("核得", "found")),
    Column("difference", Words("差额", "difference")),
    Column("verdict", Words("结论", "verdict")),
]
NO_STATEMENTS = Words("(还没有公布数据)", "(no statements yet)")
NAMES = {**SOURCES, **CATEGORY_NAMES, **TIERS, **OCCASIONS, **FORMS}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "reconcile-statement",
        help="公布数据与自身、与总账是否相符 | Whether published figures agree with the log",
        epilog="示例: hengwen reconcile-statement WARMTH-2019"
        " | Example: hengwen reconcile-statement WARMTH-2019",
    )(reconcile_statement)


def reconcile_statement(
    context: typer.Context,
    which: Annotated[
        str,
        typer.Argument(
            help="公布编号或项目代码，空为全部 | statement id or programme; all if none"
        ),
    ] = "",
    *,
    recorded_as_of: RecordedAsOf = "",
    json: JsonOption = False,
) -> None:
    """Compare totals, lines, units and the log; exit code 1 if anything differs."""
    from projections import reconciliation  # noqa: PLC0415  # slow to import

    output = Output.of(context, as_json=json)
    later = moment("", recorded_as_of)
    with read_models(context.obj) as connection:
        found = reconciliation.statements(connection, which or None)
        if which and not found:
            raise not_found(STATEMENT, which)
        checked = [
            (
                statement,
                reconciliation.reconcile(
                    statement,
                    reconciliation.figures(
                        connection, statement.programme, later._replace(as_of=statement.as_of)
                    ),
                    reconciliation.figures(connection, statement.programme, later),
                ),
            )
            for statement in found
        ]
    if json:
        output.json([_as_json(statement, checks) for statement, checks in checked])
    else:
        if not checked:
            output.line(output.words(NO_STATEMENTS))
        for statement, checks in checked:
            _show(output, statement, checks)
    if any(_differs(checks) for _, checks in checked):
        raise typer.Exit(EXIT_CHECK_FAILED)


def _differs(checks: list[Check]) -> bool:
    return any(check.verdict == DIFFERS for check in checks)


def _show(output: Output, statement: Statement, checks: list[Check]) -> None:
    title = Words(
        f"项目 {statement.programme}  公布编号 {statement.statement}"
        f"  机构 {statement.organisation}  截至 {day(statement.as_of)}",
        f"programme {statement.programme}  statement {statement.statement}"
        f"  organisation {statement.organisation}  as of {day(statement.as_of)}",
    )
    output.records(COLUMNS, [_row(output, check) for check in checks], title=title)
    if _differs(checks):
        output.say(Words("✘ 不相符。", "✘ Does not reconcile."))
    elif any(check.verdict == AGREES_LATER for check in checks):
        output.say(
            Words(
                f"⚠ 计入 {day(statement.as_of)} 之后的事项才相符。",
                f"⚠ Reconciles only with what happened after {day(statement.as_of)}.",
            )
        )
    else:
        output.say(Words("✔ 分文相符。", "✔ Reconciles to the fen."))
    output.line()


def _row(output: Output, check: Check) -> tuple[str, ...]:
    kind = Kind.MONEY if check.unit == "fen" else Kind.COUNT
    line = "" if check.line is None else f"{check.line} "
    item = line + (named(NAMES, check.code, output.lang) if check.code else "")
    figures = (check.stated, check.found, check.found - check.stated)
    return (
        output.words(CHECKS[check.check]),
        item.strip(),
        *(cell(figure, kind) for figure in figures),
        output.words(VERDICTS[check.verdict]),
    )


def _as_json(statement: Statement, checks: list[Check]) -> dict[str, object]:
    return {
        **statement._asdict(),
        "items": [item._asdict() for item in statement.items],
        "reconciles": not _differs(checks),
        "checks": [check._asdict() for check in checks],
    }
