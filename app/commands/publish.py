"""``hengwen publish``: submissions from a file of JSON lines, signed and published."""

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Annotated

import typer

from app.output import Column, JsonOption, Kind, Output
from app.problems import EXIT_BAD_INPUT, Problem, Words
from app.publishing import Published, Publishing, append, finish, note_warnings, signing_key
from app.publishing_options import AttemptOption, OperatorOption, WaitOption
from app.settings import Settings
from publishers.identities import IdentityVault
from publishers.lines import BadLine, LineCount

FileArgument = Annotated[
    Path, typer.Argument(help="JSON 行文件,每行一笔提交 | JSON lines, a submission each")
]
LINES = [
    Column("line", Words("行", "line"), Kind.COUNT),
    Column("field", Words("字段", "field")),
    Column("code", Words("代码", "code")),
    Column("reason", Words("原因", "reason")),
]


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
    from app.vaults import ledger_of, vault_of  # noqa: PLC0415  # slow to import
    from app.wiring import open_log  # noqa: PLC0415  # as above

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
        vault = opened.enter_context(vault_of(settings, log)) if count.needing_vault else None
        before = log.last_position()
        publishing = Publishing(settings, log, ledger_of(settings, log), signer)
        published, warned = _publish(
            file, publishing, vault, count.lines, output, attempt=attempt, wait=wait
        )
        finish(output, log, published, (before, wait), {"warnings": warned})


def _checked(file: Path, output: Output) -> LineCount:
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


def _publish(  # what is published, with what, and how
    file: Path,
    publishing: Publishing,
    vault: IdentityVault | None,
    count: int,
    output: Output,
    *,
    attempt: int,
    wait: float,
) -> tuple[Published, Counter[str]]:
    """Publish the lines as they are read; what was, and the vault's warnings."""
    from publishers.client import TooLarge  # noqa: PLC0415  # slow to import
    from publishers.identities import completed  # noqa: PLC0415  # as above
    from publishers.lines import read_lines  # noqa: PLC0415  # as above

    warned: Counter[str] = Counter()
    with file.open("rb") as lines:
        source = completed(
            read_lines(lines),
            vault,
            attempt=attempt,
            warned=lambda code: warned.update([code]),
        )
        try:
            published = append(publishing, source, count, output, awaited=wait > 0)
        except (BadLine, TooLarge) as bad:
            raise _stopped(bad) from None
    if not output.as_json:
        note_warnings(output, warned)
    return published, warned


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
