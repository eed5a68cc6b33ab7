"""What commands that publish share: the key they sign with, and what came of it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import typer

from app.output import Column, Kind, Output
from app.problems import EXIT_CHECK_FAILED, Problem, Words
from app.settings import Settings
from eventlog.contract import Log
from publishers.client import Publishable, Publisher, Sent
from publishers.signing import Signer
from publishers.verdicts import FoundVerdict, wait_for_verdicts

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


class Publishing(NamedTuple):
    """What a publication works with."""

    settings: Settings
    log: Log
    ledger: bytes
    signer: Signer


class Published(NamedTuple):
    """What was appended: how much, and, where verdicts are waited for, how they will name it."""

    total: int
    awaited: frozenset[Sent]


def append(
    publishing: Publishing,
    submissions: Iterable[Publishable],
    count: int,
    output: Output,
    *,
    awaited: bool,
) -> Published:
    """
    Append *submissions*, about *count*, as they come; memory grows only with what is *awaited*.

    Raises:
        TooLarge: a value is larger than 32 KiB; the batches before it were published.
    """
    publisher = Publisher(publishing.log, publishing.signer, publishing.ledger)
    total = 0
    sent: set[Sent] = set()
    with output.progress(Words("发布", "publishing"), count) as appended:
        for batch in publisher.publish_batches(submissions):
            total += len(batch.sent)
            if awaited:
                sent.update(batch.sent)
            appended(len(batch.sent))
    return Published(total, frozenset(sent))


def signing_key(settings: Settings, *, operator: bool) -> Signer:
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


def note_warnings(output: Output, warned: Mapping[str, int]) -> None:
    """Say what the vault found odd about identities it sealed: code and how often."""
    if warned:
        listed = ", ".join(f"{code} {count}" for code, count in sorted(warned.items()))
        output.note(
            Words(
                f"已密封,但有身份值得核对: {listed}",
                f"Sealed, but some identities are worth a look: {listed}",
            )
        )


def finish(
    output: Output,
    log: Log,
    published: Published,
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
    found = _verdicts(output, log, published, before, wait) if wait else _Tally()
    waiting = len(published.awaited) - found.count
    facts: list[tuple[Column, Any]] = [(PUBLISHED, published.total)]
    if wait:
        accepted = found.count - len(found.refused) - found.repeated
        facts += [(ACCEPTED, accepted), (REPEATED, found.repeated),
                  (REFUSALS, len(found.refused)), (WAITING, waiting)]  # fmt: skip
    reasons = [reason for verdict in found.refused for reason in _reasons(verdict, output, rows)]
    if output.as_json:
        listed = [dict(zip([c.name for c in REFUSED], r, strict=True)) for r in reasons]
        told = {c.name: v for c, v in facts} | {"refusals": listed, "repeats": found.repeats}
        output.json(dict(more or {}) | told)
    else:
        output.facts(facts)
        if reasons:
            output.records(REFUSED, reasons[:SHOWN_MAX], title=Words("被拒绝的提交:", "Refused:"))
    if published.total and not wait:
        output.note(
            Words(
                "裁决之后才算入账:--wait 秒数 等裁决;hengwen refusals 列出被拒的。",
                "It counts once it is decided: --wait SECONDS waits for that; `hengwen refusals`"
                " lists what was refused.",
            )
        )
    if waiting > 0 and wait:
        output.note(
            Words(
                "还有提交没有裁决。裁决程序在运行吗? hengwen admit",
                "Some have no verdict yet. Is admission running? `hengwen admit`",
            )
        )
        raise typer.Exit(EXIT_CHECK_FAILED)
    if found.refused:
        raise typer.Exit(EXIT_CHECK_FAILED)


@dataclass(slots=True)
class _Tally:
    """Verdicts as they come: counted, and kept only where something is said about each."""

    listing: bool = False
    """Whether repeats are listed, for programs."""
    count: int = 0
    repeated: int = 0
    """Accepted before."""
    refused: list[FoundVerdict] = field(default_factory=list)
    repeats: list[dict[str, Any]] = field(default_factory=list)
    """What had its verdict already, and which."""

    def add(self, verdict: FoundVerdict) -> None:
        self.count += 1
        self.repeated += verdict.repeated and not verdict.refused
        if verdict.refused:
            self.refused.append(verdict)
        if verdict.repeated and self.listing:
            self.repeats.append(
                {
                    "submission": verdict.submission,
                    "position": verdict.position,
                    "original_position": verdict.original_position,
                    "accepted": not verdict.refused,
                    "codes": [reason.code for reason in getattr(verdict.event, "reasons", ())],
                }
            )


def _verdicts(output: Output, log: Log, published: Published, before: int, wait: float) -> _Tally:
    from time import monotonic  # noqa: PLC0415  # the edge asks the clock

    found = _Tally(listing=output.as_json)
    with output.progress(Words("等裁决", "waiting"), len(published.awaited)) as advance:
        for verdict in wait_for_verdicts(
            log, published.awaited, after=before, timeout_s=wait, clock_s=monotonic
        ):
            found.add(verdict)
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
