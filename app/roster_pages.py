"""What a check and an import of a roster show: figures, problems, the report in a file."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app.output import Column, Kind, Output
from app.problems import Problem, Words

SHOWN_MAX = 200
PROBLEMS = [
    Column("row", Words("行号", "row")),
    Column("column", Words("列", "col")),
    Column("header", Words("列名", "header")),
    Column("value", Words("原值", "value")),
    Column("level", Words("级别", "level")),
    Column("code", Words("代码", "code")),
    Column("reason", Words("原因", "reason")),
    Column("remedy", Words("怎么改", "remedy")),
]
ROWS = Column("rows", Words("名册行数", "rows"), Kind.COUNT)
GOOD = Column("good", Words("通过", "good"), Kind.COUNT)
GOOD_AS_FORM = Column("good", Words("表样通过", "good as a form"), Kind.COUNT)
"""The same before the rules are tried on the rows."""
ERRORS = Column("errors", Words("错误", "errors"), Kind.COUNT)
WARNINGS = Column("warnings", Words("警告", "warnings"), Kind.COUNT)
SUM = Column("sum_fen", Words("通过行合计(元)", "sum of good rows (yuan)"), Kind.MONEY)
OUTCOMES = {
    "publish": Words("发布", "published"),
    "already_paid": Words("已入账", "already recorded"),
    "refused_before": Words("上次被拒", "refused before"),
    "refused": Words("规则不通过", "refused by the rules"),
    "left_out": Words("未入账", "left out"),
}

NOT_IMPORTED = Words(
    "什么都没有导入。改好后再运行本命令;--accept-good-rows 只导入正确的行,其余记入名册。",
    "Nothing was imported. Mend the file and run this again; --accept-good-rows imports the good"
    " rows and records the others.",
)
TRIED = Words(
    "这是试算,什么都没有发布;不带 --dry-run 即导入。",
    "This was a dry run, nothing was published; leave out --dry-run to import.",
)
FILL_IN = Words(
    "填好后: hengwen roster check 文件,再 hengwen roster import 文件。",
    "Once filled in: `hengwen roster check FILE`, then `hengwen roster import FILE`.",
)


def outcomes(plan: Any, output: Output) -> dict[int, str]:
    """Row → what becomes of it, in words."""
    blocked = Words("未导入", "not imported")
    return {
        row: output.words(blocked if plan.blocked and outcome == "publish" else OUTCOMES[outcome])
        for row, outcome in plan.outcomes.items()
    }


def require_report_kind(report: Path | None) -> None:
    """
    Refuse a report that could not be written, before anything is done.

    Raises:
        Problem: its ending says no kind of report.
    """
    if report is not None and report.suffix.lower() not in {".xlsx", ".csv", ".json"}:
        raise Problem(
            Words("错误报告只有三种格式。", "There are three kinds of report."),
            where=str(report),
            how=Words("用 .xlsx、.csv 或 .json。", "Use .xlsx, .csv or .json."),
        )


def write_report(
    report: Path | None,
    data: bytes,
    checked: Any,
    problems: Sequence[Any],
    outcomes: Mapping[int, str],
) -> None:
    """Write the report, if a file was named; its ending says which kind."""
    if report is None:
        return
    if report.exists():
        raise Problem(
            Words(
                "错误报告的文件已存在,没有覆盖。",
                "The report's file exists; it was not overwritten.",
            ),
            where=str(report),
            how=Words("换一个文件名。", "Choose another file name."),
        )
    from json import dumps  # noqa: PLC0415  # beside the slow ones

    from publishers.roster import report as reports  # noqa: PLC0415  # slow to import

    match report.suffix.lower():
        case ".csv":
            report.write_bytes(reports.report_csv(problems, "zh"))
        case ".json":
            body = reports.report_json(problems, ok=not checked.errors)
            report.write_text(dumps(body, ensure_ascii=False, indent=2), encoding="utf-8")
        case _:
            report.write_bytes(
                reports.report_workbook(data, checked.raw, problems, outcomes=outcomes)
            )


def _facts(checked: Any, problems: Sequence[Any], plan: Any) -> list[tuple[Column, Any]]:
    """The figures of a check, and of a plan if there is one."""
    counts = {level: sum(p.level == level for p in problems) for level in ("error", "warning")}
    facts: list[tuple[Column, Any]] = [
        (ROWS, len(checked.raw.rows)), (GOOD if plan is None else GOOD_AS_FORM, len(checked.rows)), (ERRORS, counts["error"]),
        (WARNINGS, counts["warning"]), (SUM, sum(row.amount_fen for row in checked.rows)),
    ]  # fmt: skip
    if plan is not None:
        facts += [
            (Column(outcome, words, Kind.COUNT), plan.count(outcome))
            for outcome, words in OUTCOMES.items()
        ]
    return facts


def body_of(checked: Any, problems: Sequence[Any], plan: Any) -> dict[str, Any]:
    """The report for programs, with its figures and, of a plan, the outcome of every row."""
    from publishers.roster.report import report_json  # noqa: PLC0415  # slow to import

    ok = not checked.errors if plan is None else not plan.blocked
    body = report_json(problems, ok=ok)
    body["summary"] = {column.name: value for column, value in _facts(checked, problems, plan)}
    if plan is not None:
        body |= {"roster": plan.roster, "outcomes": {str(k): v for k, v in plan.outcomes.items()}}
    return body


def show(output: Output, checked: Any, problems: Sequence[Any], plan: Any = None) -> None:
    """The figures of a check or a plan, then what is wrong."""
    if output.as_json:
        output.json(body_of(checked, problems, plan))
        return
    output.facts(_facts(checked, problems, plan))
    show_problems(output, problems, ok=True)


def show_template(output: Output, path: Path, facts: Any) -> None:
    """The workbook that was made, and what to do with it."""
    output.facts(
        [
            (Column("file", Words("文件", "file")), str(path)),
            (Column("batch", Words("批次号", "batch number")), facts.batch),
            (Column("funds", Words("资金", "funds")), ", ".join(code for code, _ in facts.funds)),
        ]
    )
    output.note(FILL_IN)


def show_checked(output: Output, checked: Any) -> None:
    """The figures of a check, what is wrong, and what it cannot know, since it asks no ledger."""
    show(output, checked, checked.problems)
    output.note(
        Words(
            "只按表样核对;机构、资金、余额与政策由 hengwen roster import --dry-run 核对。",
            "Checked against the form only; organisation, fund, balance and policy are checked by"
            " `hengwen roster import --dry-run`.",
        )
    )


def show_problems(output: Output, problems: Sequence[Any], *, ok: bool) -> None:
    """The first 200 problems; the report has them all."""
    from publishers.roster.report import report_json, report_rows  # noqa: PLC0415  # as above

    if output.as_json:
        output.json(report_json(problems, ok=ok))
        return
    if not problems:
        output.say(Words("没有问题。", "Nothing is wrong."))
        return
    # Errors before warnings, so that the 200 shown are those that matter.
    first = sorted(problems, key=lambda p: ("error", "warning", "notice").index(p.level))
    rows = [(r[0], r[1], *r[3:]) for r in report_rows(first[:SHOWN_MAX], output.lang)]
    output.records(PROBLEMS, rows)
    if len(problems) > SHOWN_MAX:
        output.say(
            Words(
                f"共 {len(problems)} 条,只显示前 {SHOWN_MAX} 条;全部见 --report。",
                f"{len(problems)} in all, the first {SHOWN_MAX} shown; --report has them all.",
            )
        )


def not_set(name: str, *, known: bool) -> Problem:
    """The page for a --set that sets nothing: no such name, or no value."""
    from publishers.roster.columns import BATCH_KEYS  # noqa: PLC0415  # slow to import

    if known:
        return Problem(
            Words("--set 的写法是 名称=内容。", "--set is written as NAME=VALUE."),
            where=name,
            how=Words(f"例如 --set {name}=12。", f"For example --set {name}=12."),
        )
    zh = "、".join(column.header for column in BATCH_KEYS)
    en = ", ".join(column.english for column in BATCH_KEYS)
    return Problem(
        Words("批次信息里没有这一项。", "The batch information has no such entry."),
        where=f"--set {name}",
        how=Words(f"可用的名称: {zh}。", f"The names are: {en}."),
    )
