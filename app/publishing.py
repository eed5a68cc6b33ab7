"""What commands that publish share: their options, the key they sign with, what came of it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import typer

from app.output import Column, Kind, Output
from app.problems import EXIT_CHECK_FAILED, Problem, Words
from app.settings import Settings

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
PUBLISHED = Column("published", Words("已发布的提交", "submissions published"), Kind.COUNT)
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
    if published and not wait:
        output.note(
            Words(
                "裁决之后才算入账:--wait 秒数 等裁决;hengwen refusals 列出被拒的。",
                "It counts once it is decided: --wait SECONDS waits for that; `hengwen refusals`"
                " lists what was refused.",
            )
        )
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
