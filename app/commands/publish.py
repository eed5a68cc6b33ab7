"""``hengwen publish``: submissions from a file of JSON lines, signed and published."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from app.output import Column, JsonOption, Kind, Output
from app.problems import EXIT_BAD_INPUT, EXIT_CHECK_FAILED, Problem, Words
from app.settings import Settings
from publishers.lines import BadLine

OperatorOption = Annotated[
    bool, typer.Option("--operator", help="用运营方密钥签名 | sign with the operator's key")
]
AttemptOption = Annotated[
    int,
    typer.Option(min=1, help="第几次尝试:被拒后重来时加一 | one more after a refusal was mended"),
]
WaitOption = Annotated[
    float, typer.Option(min=0, help="等裁决多少秒 | seconds to wait for the verdicts")
]
FileArgument = Annotated[
    Path, typer.Argument(help="JSON 行文件,每行一笔提交 | JSON lines, a submission each")
]
LINES = [
    Column("line", Words("行", "line"), Kind.COUNT),
    Column("field", Words("字段", "field")),
    Column("code", Words("代码", "code")),
    Column("reason", Words("原因", "reason")),
]
PUBLISHED = Column("published", Words("已发布", "published"), Kind.COUNT)
ACCEPTED = Column("accepted", Words("入账", "accepted"), Kind.COUNT)
REPEATED = Column("repeated", Words("此前已入账", "accepted before"), Kind.COUNT)
REFUSALS = Column("refused", Words("拒绝", "refused"), Kind.COUNT)
WAITING = Column("waiting", Words("尚无裁决", "no verdict yet"), Kind.COUNT)
REFUSED = [
    Column("row", Words("行号", "row"), Kind.COUNT),
    Column("position", Words("序号", "position"), Kind.COUNT),
    Column("repeated", Words("此前已拒", "before")),
    Column("submission", Words("提交编号", "submission")),
    Column("code", Words("代码", "code")),
    Column("reason", Words("原因", "reason")),
]
SHOWN_MAX = 200


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        help="发布文件中的提交:密封身份、签名、追加 | Publish a file: seal, sign, append",
        epilog="示例: hengwen publish examples/first.jsonl --wait 10"
        " | Example: hengwen publish examples/first.jsonl --wait 10",
    )(publish)


def publish(  # the options of a publication
    context: typer.Context,
    file: FileArgument,
    *,
    operator: OperatorOption = False,
    attempt: AttemptOption = 1,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只检查,不发布 | check only, publish nothing")
    ] = False,
    wait: WaitOption = 0,
    json: JsonOption = False,
) -> None:
    """Check every line first; then seal what is plain, sign in batches, append."""
    from app.wiring import open_log  # noqa: PLC0415  # slow to import

    output = Output.of(context, as_json=json)
    settings: Settings = context.obj
    count = _checked(file, output)
    if dry_run:
        output.facts(
            [(Column("lines", Words("可发布的提交", "submissions"), Kind.COUNT), count.lines)]
        )
        return
    signer = signing_key(settings, operator=operator)
    with ExitStack() as opened:
        log = opened.enter_context(closing(open_log(settings)))
        vault = opened.enter_context(_vault(settings, log)) if count.needing_vault else None
        before = log.last_position()
        published = _publish(file, (settings, log, signer, vault), count.lines, attempt, output)
        finish(output, log, published, (before, wait))


def signing_key(settings: Settings, *, operator: bool) -> Any:  # a Signer
    """
    The key to sign with.

    Raises:
        Problem: the file is missing or holds no key.
    """
    from publishers.keys import BadKeyFile, load_key  # noqa: PLC0415  # slow to import

    name, given = (
        ("operator", settings.operator_key_file) if operator else ("publisher", settings.key_file)
    )
    try:
        return load_key(given or settings.home / "keys" / f"{name}.pem")
    except BadKeyFile as bad:
        raise Problem(
            Words("签名密钥不可用。", "The signing key cannot be used."),
            where=f"{bad.path} ({bad.code})",
            how=Words(
                "用 hengwen init 生成,或设置 HENGWEN_KEY_FILE。",
                "Make one with `hengwen init`, or set HENGWEN_KEY_FILE.",
            ),
        ) from None


@contextmanager
def _vault(settings: Settings, log: Any) -> Iterator[Any]:
    from app.vaults import vault_of  # noqa: PLC0415  # slow to import

    with vault_of(settings, log) as vault:
        yield vault


def _checked(file: Path, output: Output) -> Any:  # a LineCount
    """Count the lines, or show which of them cannot be read."""
    from app.wiring import now  # noqa: PLC0415  # slow to import
    from domain.calendar import civil_day  # noqa: PLC0415  # as above
    from publishers.lines import BadLines, check_lines  # noqa: PLC0415  # as above

    size = file.stat().st_size
    with file.open("rb") as lines, output.progress(Words("检查", "checking"), size) as seen:
        try:
            return check_lines(lines, with_vault=True, today=civil_day(now()), seen=seen)
        except BadLines as bad:
            problems = bad.problems
    raise bad_lines(problems, output)


def bad_lines(problems: Sequence[BadLine], output: Output) -> typer.Exit:
    """Show lines that cannot be read; the exit to raise."""
    from publishers.line_texts import line_reason  # noqa: PLC0415  # slow to import

    english = output.lang == "en"
    title = Words(
        "这些行读不出,什么都没有发布:", "Nothing was published; these lines cannot be read:"
    )
    rows = [(p.line, p.field, p.code, line_reason(p, english=english)) for p in problems]
    output.records(LINES, rows, title=title)
    return typer.Exit(EXIT_BAD_INPUT)


def _publish(
    file: Path, parts: tuple[Settings, Any, Any, Any], count: int, attempt: int, output: Output
) -> list[Any]:
    """Publish the lines; what was sent."""
    from app.vaults import ledger_of  # noqa: PLC0415  # slow to import
    from publishers.client import Publisher, TooLarge  # noqa: PLC0415  # as above
    from publishers.identities import completed  # noqa: PLC0415  # as above
    from publishers.lines import read_lines  # noqa: PLC0415  # as above

    settings, log, signer, vault = parts
    published: list[Any] = []
    publisher = Publisher(log, signer, ledger_of(settings, log))
    with (
        file.open("rb") as lines,
        output.progress(Words("发布", "publishing"), count) as appended,
    ):
        try:
            source = completed(read_lines(lines), vault, attempt=attempt)
            publisher.publish(_noted(source, published), appended=appended)
        except (BadLine, TooLarge) as bad:
            raise _stopped(bad) from None
    return published


def _noted(source: Iterator[Any], published: list[Any]) -> Iterator[Any]:
    from publishers.client import Sent  # noqa: PLC0415  # slow to import

    for signable in source:
        published.append(Sent.of(signable.submission))
        yield signable


def _stopped(bad: Exception) -> Problem:
    from app.vault_faults import bad_lines as lines_page  # noqa: PLC0415  # slow to import

    what = Words(
        "发布到一半停下了,之前的行已经发布。",
        "Publishing stopped half-way; the lines before were published.",
    )
    then = Words(
        "改正这一行,再发布同一个文件:已发布的会认作重复。",
        "Correct the line and publish the file again: what was published counts as repeated.",
    )
    if isinstance(bad, BadLine):
        return lines_page(what, [bad], then)
    return Problem(what, where=str(bad), how=then)


def finish(
    output: Output,
    log: Any,
    published: Sequence[Any],
    waited: tuple[int, float],
    more: Mapping[str, Any] | None = None,
) -> None:
    """
    Say what was published, and wait for the verdicts if asked; exit 1 if any was refused.

    A repeated submission counts as what it was decided to be the first time. *waited*: the last
    position before publishing, and how many seconds to wait. *more* is for JSON; its "rows" name
    the file's row of a submission.
    """
    before, wait = waited
    rows = (more or {}).get("rows", {})
    found = _verdicts(output, log, published, before, wait) if wait else []
    refused = [verdict for verdict in found if verdict.refused]
    facts: list[tuple[Column, Any]] = [(PUBLISHED, len(published))]
    if wait:
        repeated = sum(verdict.repeated and not verdict.refused for verdict in found)
        accepted = len(found) - len(refused) - repeated
        facts += [(ACCEPTED, accepted), (REPEATED, repeated), (REFUSALS, len(refused)),
                  (WAITING, len(set(published)) - len(found))]  # fmt: skip
    reasons = [reason for verdict in refused for reason in _reasons(verdict, output, rows)]
    if output.as_json:
        listed = [dict(zip([c.name for c in REFUSED], r, strict=True)) for r in reasons]
        told = {c.name: v for c, v in facts} | {"refusals": listed, "repeats": _repeats(found)}
        output.json(dict(more or {}) | told)
    else:
        output.facts(facts)
        if reasons:
            output.records(REFUSED, reasons[:SHOWN_MAX], title=Words("被拒绝的提交:", "Refused:"))
    if wait and len(found) < len(set(published)):
        output.note(
            Words(
                "还有提交没有裁决。裁决程序在运行吗? hengwen admit",
                "Some have no verdict yet. Is admission running? `hengwen admit`",
            )
        )
        raise typer.Exit(EXIT_CHECK_FAILED)
    if refused:
        raise typer.Exit(EXIT_CHECK_FAILED)


def _repeats(found: Sequence[Any]) -> list[dict[str, Any]]:
    """What had its verdict already, and which."""
    return [
        {
            "submission": verdict.submission,
            "position": verdict.position,
            "original_position": verdict.original_position,
            "accepted": not verdict.refused,
            "codes": [reason.code for reason in getattr(verdict.event, "reasons", ())],
        }
        for verdict in found
        if verdict.repeated
    ]


def _verdicts(
    output: Output, log: Any, published: Sequence[Any], before: int, wait: float
) -> list[Any]:
    from time import monotonic  # noqa: PLC0415  # the edge asks the clock

    from publishers.verdicts import wait_for_verdicts  # noqa: PLC0415  # slow to import

    found = []
    with output.progress(Words("等裁决", "waiting"), len(set(published))) as advance:
        for verdict in wait_for_verdicts(
            log, published, after=before, timeout_s=wait, clock_s=monotonic
        ):
            found.append(verdict)
            advance(1)
    return found


def _reasons(verdict: Any, output: Output, rows: Mapping[str, int]) -> Iterator[tuple[Any, ...]]:
    from domain.refusal_texts import render  # noqa: PLC0415  # slow to import

    for reason in verdict.event.reasons:
        figures = {figure.name: figure.value for figure in reason.figures}
        text = render(reason.code, figures, english=output.lang == "en")
        row = rows.get(verdict.submission)
        place = (row, verdict.decided_at, verdict.repeated)
        yield *place, verdict.submission, reason.code, text
