"""``hengwen log``: carry a log elsewhere, take its digest, look at one event, redact a submission."""

from contextlib import closing
from typing import Annotated, Any

import typer

from app.output import Column, JsonOption, Kind, Output
from app.problems import Problem, Words

SUBMISSIONS = Column("submissions", Words("提交", "submissions"), Kind.COUNT)
EVENTS = Column("events", Words("事件", "events"), Kind.COUNT)
COUNT = Column("count", Words("事件数", "events"), Kind.COUNT)
POSITION = Column("position", Words("序号", "position"), Kind.COUNT)
DIGEST = Column("digest", Words("提交摘要", "digest of the submission"))
SUBMISSION = Column("submission", Words("提交编号", "submission"))
REDACTED = Column("redacted", Words("隐去内容", "contents left out"), Kind.COUNT)
SHA256 = Column("sha256", Words("摘要 SHA-256", "SHA-256"))

Place = Annotated[
    str,
    typer.Argument(
        help="embedded:文件、kafka:主机:端口/总账名,- 为设置中的总账"
        " | embedded:PATH, kafka:HOST:PORT/NAME, - for the log of the settings",
        show_default=False,
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    log = typer.Typer(help="总账本身:复制、摘要、查看 | The log itself: copy, digest, show")
    log.command(
        help="把总账(或仅提交)搬到另一处,时间不变 | Carry a log, times and all, to another place",
        epilog="示例: hengwen log copy - kafka:127.0.0.1:9092/hengwen"
        " | Example: hengwen log copy - kafka:127.0.0.1:9092/hengwen",
    )(copy)
    log.command(
        help="全部事件的摘要:摘要相等,事件即相同 | Digest of all events: equal if they are",
        epilog="示例: hengwen log digest --json | Example: hengwen log digest --json",
    )(digest)
    log.command(
        help="查看某一序号的事件与裁决 | Show the event at a position, and the verdict",
        epilog="示例: hengwen log show 12 | Example: hengwen log show 12",
    )(show)
    log.command(
        help="隐去一份提交的内容:误含身份信息的,今后的副本与证据包不再带它"
        " | Record that copies and packs leave out the content of a submission",
        epilog="示例: hengwen log redact 12 --reason PLAIN_IDENTITY"
        " | Example: hengwen log redact 12 --reason PLAIN_IDENTITY",
    )(redact)
    app.add_typer(log, name="log")


def copy(
    context: typer.Context,
    source: Place,
    target: Place,
    *,
    submissions_only: Annotated[
        bool,
        typer.Option(
            "--submissions-only",
            help="只搬提交,到那边重新裁决 | the submissions only, to be decided again there",
        ),
    ] = False,
    json: JsonOption = False,
) -> None:
    """
    Copy key, value, headers and time of every record; the target must be empty.

    The content of submissions that the log records as redacted is left out.
    """
    from functools import partial  # noqa: PLC0415  # as below

    from app.log_places import open_place  # noqa: PLC0415  # slow to import
    from eventlog.copy import TargetNotEmpty  # noqa: PLC0415  # as above
    from eventlog.copy import copy as carry  # noqa: PLC0415  # as above
    from eventlog.copy_targets import open_target  # noqa: PLC0415  # as above
    from evidence.redactions import without  # noqa: PLC0415  # as above

    output = Output.of(context, as_json=json)
    settings = context.obj
    with (
        closing(open_place(source, settings, must_exist=True)) as from_log,
        closing(open_place(target, settings, must_exist=False)) as to_log,
    ):
        marked = _redacted(output, from_log, submissions_only=submissions_only)
        total = from_log.last_ordinal() + (0 if submissions_only else from_log.last_position())
        try:
            with (
                open_target(
                    to_log,
                    replication_factor=settings.kafka_replication,
                    min_insync_replicas=settings.kafka_replication // 2 + 1,
                ) as opened,
                output.progress(Words("复制", "copying"), total) as advance,
            ):
                copied = carry(
                    from_log, opened, submissions_only=submissions_only,
                    change=partial(without, marked=marked), progress=advance,
                )  # fmt: skip
        except TargetNotEmpty:
            raise Problem(
                Words("目标总账不是空的。", "The target log is not empty."),
                where=target,
                how=Words("换一个文件或总账名。", "Give another file or name."),
            ) from None
    facts = [(SUBMISSIONS, copied.submissions), (EVENTS, copied.events), (REDACTED, len(marked))]
    output.facts(facts)


def _redacted(output: Output, log: Any, *, submissions_only: bool) -> frozenset[int]:
    """Submissions whose content a copy must not have."""
    from evidence.redactions import redactions_in  # noqa: PLC0415  # slow to import

    with output.progress(Words("读取", "reading"), log.last_position()) as advance:
        found = redactions_in(log, log.last_position(), advance)
    if found and submissions_only:
        raise Problem(
            Words("这本总账有已隐去的提交。", "Contents of this log are redacted."),
            where=" ".join(map(str, sorted(found))),
            how=Words(
                "没有内容便不能重新裁决;不带 --submissions-only 复制。",
                "What is left out cannot be decided again; copy without --submissions-only.",
            ),
        )
    return frozenset(found)


def redact(
    context: typer.Context,
    position: Annotated[int, typer.Argument(help="序号 | position", min=1, show_default=False)],
    *,
    reason: Annotated[
        str, typer.Option(help="原因代码 | why, a code", show_default=False, metavar="CODE")
    ],
    json: JsonOption = False,
) -> None:
    """
    Submit RedactSubmission, signed by the operator; it counts once it is decided.

    Only what was refused is redacted: what was accepted stands in its event.
    Nothing here is changed: destroying this log, once copied, is the operator's own act.
    """
    import uuid  # noqa: PLC0415  # as below

    from app.opened import opened_log  # noqa: PLC0415  # slow to import
    from app.opening import today  # noqa: PLC0415  # as above
    from app.publishing import signing_key  # noqa: PLC0415  # as above
    from app.wiring import open_log  # noqa: PLC0415  # as above
    from domain.events import SubmissionRefused, SubmissionRepeated  # noqa: PLC0415  # as above
    from domain.submissions import RedactSubmission  # noqa: PLC0415  # as above
    from domain.units import Position  # noqa: PLC0415  # as above
    from eventlog.reading import event_at  # noqa: PLC0415  # as above
    from evidence.redactions import digest_in  # noqa: PLC0415  # as above
    from publishers.client import Publisher  # noqa: PLC0415  # as above
    from schemas.codec import decode  # noqa: PLC0415  # as above

    settings = context.obj
    operator = signing_key(settings, operator=True)
    with closing(open_log(settings)) as log:
        opened = opened_log(log)
        if position > log.last_position():
            raise not_there(position, log.last_position())
        event = event_at(log, position)
        if not isinstance(decode(event.value), SubmissionRefused | SubmissionRepeated):
            raise _accepted(position)
        submission = RedactSubmission(
            submission_id=str(uuid.uuid4()), organisation=opened.organisation,
            occurred_on=today(), actor=None, original_position=Position(position),
            original_digest=digest_in(event.value) or b"", reason_code=reason,
        )  # fmt: skip
        Publisher(log, operator, opened.submission_digest).publish([submission])
    Output.of(context, as_json=json).facts([
        (POSITION, position), (DIGEST, submission.original_digest.hex()),
        (SUBMISSION, submission.submission_id),
    ])  # fmt: skip


def digest(context: typer.Context, place: Place = "-", *, json: JsonOption = False) -> None:
    """Count the events and hash them all, in order."""
    from app.log_places import open_place  # noqa: PLC0415  # slow to import
    from eventlog.digest import digest as digest_of  # noqa: PLC0415  # as above

    output = Output.of(context, as_json=json)
    with closing(open_place(place, context.obj, must_exist=True)) as log:
        words = Words("读取", "reading")
        with output.progress(words, log.last_position()) as advance:
            found = digest_of(log, advance)
    output.facts([(COUNT, found.count), (SHA256, found.sha256.hex())])


def show(
    context: typer.Context,
    position: Annotated[int, typer.Argument(help="序号 | position", min=1, show_default=False)],
    place: Place = "-",
    *,
    json: JsonOption = False,
) -> None:
    """Show one event, every field with what it means, and the verdict it is."""
    from app.log_places import open_place  # noqa: PLC0415  # slow to import
    from app.shown_events import printed, shown  # noqa: PLC0415  # as above
    from eventlog.reading import event_at  # noqa: PLC0415  # as above

    output = Output.of(context, as_json=json)
    with closing(open_place(place, context.obj, must_exist=True)) as log:
        if position > log.last_position():
            raise not_there(position, log.last_position())
        event = event_at(log, position)
    found: dict[str, Any] = shown(event, lang=output.lang)
    if json:
        output.json(found)
        return
    printed(output, event, found)


def _accepted(position: int) -> Problem:
    """What stands there was accepted."""
    return Problem(
        Words("被接受的提交不能隐去。", "A submission that was accepted cannot be redacted."),
        where=str(position),
        how=Words("其内容在事件中。只有被拒绝的提交可以隐去。",
                  "Its content stands in its event. Only refused submissions are redacted."),
    )  # fmt: skip


def not_there(position: int, last: int) -> Problem:
    """There is no such position yet."""
    return Problem(
        Words("还没有这个序号。", "There is no such position yet."),
        where=f"{position} > {last}",
        how=Words(f"最后的序号是 {last}。", f"The last position is {last}."),
    )
