"""``hengwen export-evidence`` and ``hengwen verify``: carry the proof away, and check it anywhere."""

from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer

from app.exporting import explained, parquet_if_wanted
from app.output import Column, JsonOption, Kind, Output
from app.problems import EXIT_CHECK_FAILED, Problem, Words
from app.settings import Settings
from app.witness_options import QuorumOption, WitnessOption, demanded

FOLDER = Column("folder", Words("证据包", "evidence pack"))
ORIGIN = Column("origin", Words("来源", "origin"))
FIRST = Column("first", Words("自序号", "from position"), Kind.COUNT)
LAST = Column("last", Words("至序号", "up to position"), Kind.COUNT)
EVENTS = Column("events", Words("事件", "events"), Kind.COUNT)
COMPLETE = Column("complete", Words("完整", "complete"))
ROOT = Column("root", Words("树根", "root"))
MANIFEST = Column("manifest_sha256", Words("清单 SHA-256", "SHA-256 of the manifest"))
MARK = Column("mark", Words("", ""))
CHECK = Column("check", Words("核验项", "check"))
NATURE = Column("nature", Words("性质", "nature"))
RESULT = Column("result", Words("结果", "result"))
FIELD = Column("field", Words("字段", "field"))
STORED = Column("stored", Words("所存", "as stored"))
MODEL = Column("model", Words("读模型", "read model"))
POSITION = Column("position", Words("序号", "position"), Kind.COUNT)
STATE = Column("sha256", Words("状态 SHA-256", "SHA-256 of its state"))
DECIDED = Column("decided", Words("应为", "as it must be"))


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(
        "export-evidence",
        help="导出证据包,供离线审计 | Export an evidence pack for auditors",
        epilog="示例: hengwen export-evidence --to 证据包"
        " | Example: hengwen export-evidence --to pack",
    )(export_evidence)
    app.command(
        help="离线核验证据包或总账 | Verify an evidence pack or a log; needs no database, no keys",
        epilog="示例: hengwen verify 证据包 --checkpoint-key 公钥文本"
        " | Example: hengwen verify https://audit.example/pack --checkpoint-key VKEY",
    )(verify)


def export_evidence(
    context: typer.Context,
    *,
    to: Annotated[Path, typer.Option(help="写到这个新文件夹 | a new folder", show_default=False)],
    organisation: Annotated[
        str, typer.Option(help="只要这个机构及下级 | this organisation and all below it only")
    ] = "",
    first: Annotated[
        int | None, typer.Option("--from", help="从这个序号起 | from this position", min=1)
    ] = None,
    until: Annotated[
        int | None, typer.Option(help="到这个序号止 | up to this position", min=1)
    ] = None,
    form: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            help="账册格式 csv xlsx xml parquet,默认前三种;csv 总有"
            " | forms of the books: csv xlsx xml parquet; the first three by default",
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Write everything up to the newest checkpoint; whole, or not at all."""
    from app.commands.checkpoint import evidence_folder  # noqa: PLC0415  # slow to import
    from app.reading import choice  # noqa: PLC0415  # as above
    from app.wiring import now, open_log  # noqa: PLC0415  # as above
    from evidence.pack import Wanted, export  # noqa: PLC0415  # as above
    from evidence.pack_books import FORMATS, USUAL  # noqa: PLC0415  # as above
    from evidence.pack_layout import MANIFEST as NAME  # noqa: PLC0415  # as above
    from evidence.pack_layout import file_sha256  # noqa: PLC0415  # as above

    output = Output.of(context, as_json=json)
    settings: Settings = context.obj
    note = evidence_folder(settings).note()
    forms = frozenset(choice(one, map(str.upper, FORMATS)) or "" for one in form or USUAL)
    parquet_if_wanted(forms)
    wanted = Wanted(organisation or None, first, until, frozenset(map(str.lower, forms)))
    words = Words("导出", "exporting")
    with (
        closing(open_log(settings)) as log,
        output.progress(words, 2 * log.last_position()) as advance,  # learned, then carried
        explained(to),
    ):
        made = export(log, [note] if note else [], to, wanted, exported_at=now(), progress=advance)
    output.facts(
        [
            (FOLDER, str(to)), (ORIGIN, made.origin), (FIRST, made.scope.first),
            (LAST, made.scope.last), (EVENTS, made.counts["events"]), (COMPLETE, made.complete),
            (ROOT, made.root), (MANIFEST, file_sha256(to / NAME)),
        ]
    )  # fmt: skip
    if made.log_length > made.size:
        more = made.log_length - made.size
        output.note(
            Words(
                f"末尾 {more} 条尚未签发校验点,不在包内;先运行 hengwen checkpoint --once。",
                f"The last {more} are under no checkpoint and not in the pack;"
                " run `hengwen checkpoint --once` first.",
            )
        )


def verify(
    context: typer.Context,
    place: Annotated[
        str,
        typer.Argument(
            help="证据包或公布的文件夹、其网址;或 kafka、embedded:文件、- (设置中的总账)"
            " | a pack or published folder, or its address; kafka, embedded:PATH, - for the log"
            " of the settings",
            show_default=False,
        ),
    ],
    *,
    checkpoint_key: Annotated[
        list[str] | None,
        typer.Option(
            help="校验点公钥文本或 keys.json,也可加 SM2 公钥 | public checkpoint key, or keys.json; SM2 keys, too"
        ),
    ] = None,
    known_checkpoint: Annotated[
        list[Path] | None,
        typer.Option(help="您早先取得的校验点文件 | a checkpoint that you received earlier"),
    ] = None,
    witness: WitnessOption = None,
    quorum: QuorumOption = 0,
    database: Annotated[
        bool, typer.Option("--database", help="并核对读模型 | the read models, too")
    ] = False,
    quick: Annotated[
        bool,
        typer.Option(
            "--quick",
            help="不重新裁决,不重做账册 | neither decide everything again nor make the books anew",
        ),
    ] = False,
    cores: Annotated[
        int | None, typer.Option(help="用几个核 | cores to use", min=1, show_default=False)
    ] = None,
    json: JsonOption = False,
) -> None:
    """Check history without trusting whoever keeps it; exit code 1 if anything does not hold."""
    from app.checkpoint_keys import public_keys  # noqa: PLC0415  # slow to import
    from app.sm2_keys import sm2_public_keys  # noqa: PLC0415  # as above
    from app.verify_places import opened  # noqa: PLC0415  # as above
    from evidence.verify import readings  # noqa: PLC0415  # as above
    from evidence.verify import verify as check_all  # noqa: PLC0415  # as above
    from evidence.verify_checks import Report  # noqa: PLC0415  # as above
    from evidence.verify_signed import Trust  # noqa: PLC0415  # as above

    output = Output.of(context, as_json=json)
    witnesses, least = demanded(witness, quorum)
    trust = Trust(
        tuple(public_keys(checkpoint_key or [])),
        tuple(_note(path) for path in known_checkpoint or []),
        tuple(key.text() for key in sm2_public_keys(checkpoint_key or [])),
        tuple(key.text() for key in witnesses),
        least,
    )
    with opened(place, context.obj, output) as source:
        if not source.extent.last:
            raise Problem(
                Words(
                    "那里没有总账,没有核验任何东西。", "There is no ledger: nothing was verified."
                ),
                where=place,
                how=Words("检查位置与日志设置。", "Check the place and the log's settings."),
            )
        total = source.extent.last * len(readings(source, trust, decisions=not quick))
        with output.progress(Words("核验", "verifying"), total) as advance:
            report = check_all(source, trust, decisions=not quick, cores=cores, progress=advance)
        if database:
            from app.verify_database import check_database  # noqa: PLC0415  # slow to import

            report = Report.of([*report.checks, check_database(context.obj, source)])
    _show(output, report, source.extent)
    if report.failed:
        raise typer.Exit(EXIT_CHECK_FAILED)


def _note(path: Path) -> str:
    """A checkpoint file that the auditor holds."""
    from evidence.checkpoints import claimed_checkpoint  # noqa: PLC0415  # slow to import
    from evidence.notes import BadNote  # noqa: PLC0415  # as above

    note = path.read_bytes().decode("utf-8", "replace")
    try:
        claimed_checkpoint(note)
    except BadNote as bad:
        raise Problem(
            Words("这不是校验点。", "This is no checkpoint."),
            where=f"{path} ({bad.code})",
            how=Words("给出校验点原文件。", "Name the file of a checkpoint as it was received."),
        ) from None
    return note


def _show(output: Output, report: Any, extent: Any) -> None:
    from app.verify_extent import verified  # noqa: PLC0415  # as above
    from app.verify_names import MARKS, NAMES, NATURES  # noqa: PLC0415  # slow to import
    from app.verify_texts import result  # noqa: PLC0415  # as above
    from evidence.verify_checks import states_in  # noqa: PLC0415  # as above

    if output.as_json:
        output.json(_plain(report, extent))
        return
    output.say(verified(report, extent))
    rows = [
        (
            MARKS[check.status],
            output.words(NATURES[check.name]),
            output.words(NAMES[check.name]),
            output.words(result(check)),
        )
        for check in report.checks
    ]
    output.records([MARK, NATURE, CHECK, RESULT], rows)
    states = [one for check in report.checks for one in states_in(check)]
    if states:
        output.records([MODEL, POSITION, STATE], states)
    first = report.first
    if first is not None:
        output.line()
        name, why = NAMES[first.name], result(first)
        output.say(
            Words(f"✘ 不成立。{name.zh}:{why.zh}。", f"✘ It does not hold. {name.en}: {why.en}.")
        )
        if first.fields:
            output.records([FIELD, STORED, DECIDED], first.fields)
    elif report.partial or not extent.complete:
        output.say(
            Words(
                "✔ 所核各项成立;这是部分核验,见上面的 – 项。",
                "✔ What was checked holds; this verification is partial, see the lines with –.",
            )
        )
    else:
        output.say(Words("✔ 全部成立。", "✔ All of it holds."))


def _plain(report: Any, extent: Any) -> dict[str, Any]:
    """The report for programs."""
    from app.verify_extent import events_held, log_size  # noqa: PLC0415  # slow to import

    first = report.first
    return {
        "ok": not report.failed,
        "partial": report.partial or not extent.complete,
        "first": extent.first,
        "last": extent.last,
        "size": log_size(report, extent),
        "events": events_held(report, extent),
        "organisation": extent.organisation,
        "first_difference": None if first is None else _check(first),
        "checks": [_check(check) for check in report.checks],
    }


def _check(check: Any) -> dict[str, Any]:
    found: dict[str, Any] = check._asdict()
    return found | {
        "figures": dict(check.figures), "fields": [one._asdict() for one in check.fields],
    }  # fmt: skip
