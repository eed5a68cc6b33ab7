"""``hengwen read`` and ``hengwen readings``: plain identities, shown on record; and that record."""

import re
import sys
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, fields
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from app.commands.erase import WAIT_S, SpeakingOption, WaitOption, speaking_root
from app.output import Column, JsonOption, Kind, Output
from app.private_file import PrivateFile
from app.problems import EXIT_CHECK_FAILED, Problem, Words
from app.publishing_options import OperatorOption
from app.reading import (
    LIMIT,
    AfterOption,
    LimitOption,
    PersonOption,
    filled,
    note_more,
    read_models,
)
from app.settings import Settings
from app.subjects import known_person
from domain.person import READING_MAX
from domain.texts import CODE, DOCUMENT, TOKEN
from vault.identities import Identity

HEADINGS: Final = {
    "name": Words("姓名", "name"),
    "document_type": Words("证件类型", "document type"),
    "document_number": Words("证件号", "document number"),
    "employer": Words("单位", "employer"),
    "phone": Words("电话", "phone"),
    "card": Words("卡号", "card"),
    "bank": Words("开户行", "bank"),
    "account_holder": Words("户名", "account holder"),
    "household": Words("户", "household"),
    "address": Words("地址", "address"),
}
PLACE = [
    Column("person", Words("人员代码", "person")),
    Column("position", Words("发放序号", "payment at")),
    Column("field", Words("身份", "as")),
]
NO_KEY = Words("(保管库无此密钥)", "(the vault has no key)")
NO_READINGS = Words("(没有这样的查看记录)", "(no such readings)")
READINGS = [
    Column("position", Words("序号", "position")),
    Column("recorded_at", Words("时间", "when"), Kind.INSTANT),
    Column("organisation", Words("机构", "organisation")),
    Column("actor", Words("查看人", "who")),
    Column("purpose", Words("用途", "why")),
    Column("case", Words("案号", "case")),
    Column("persons", Words("人数", "persons"), Kind.COUNT),
    Column("reading", Words("查看编号", "reading")),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(
        help="查看身份明文:先入账(谁、何时、为何、案号)再显示;被拒绝则什么都不显示。"
        "只显示在终端,或写入 --out 的文件(仅本人可读)"
        " | Show plain identities: recorded first (who, when, why, which case), refused means nothing"
        " is shown. On a terminal only, or in the file of --out, readable by its owner alone",
        epilog="示例: hengwen read p-5qy4wipdlkjqyjgr35dikujk --purpose AUDIT --case 审〔2026〕3号"
        " --actor p-2vdtm4epcbcnwsjuiq3hhdsn"
        " | Example: hengwen read p-5qy4wipdlkjqyjgr35dikujk --purpose AUDIT --case 2026-3"
        " --actor p-2vdtm4epcbcnwsjuiq3hhdsn",
    )(read)
    app.command(
        help="身份明文的查看记录:谁、何时、为何、案号、多少人"
        " | Who read plain identities, when, why, for which case, how many",
        epilog="示例: hengwen readings --person p-5qy4wipdlkjqyjgr35dikujk"
        " | Example: hengwen readings --person p-5qy4wipdlkjqyjgr35dikujk",
    )(readings)


def read(  # the parts of a reading
    context: typer.Context,
    persons: Annotated[
        list[str],
        typer.Argument(help=f"人员代码,至多 {READING_MAX} | person ids, at most {READING_MAX}"),
    ],
    *,
    purpose: Annotated[str, typer.Option(help="用途代码,如 AUDIT | code of the purpose, as AUDIT")],
    case: Annotated[str, typer.Option(help="案号(须含数字) | number of the case, with a digit")],
    actor: Annotated[str, typer.Option(help="查看人代码 | person id of whoever reads")],
    organisation: SpeakingOption = "",
    every: Annotated[
        bool, typer.Option("--all", help="每笔发放各显示一次 | as of every payment, not the last")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="写入此文件(JSON) | write to this file (JSON)")
    ] = None,
    operator: OperatorOption = False,
    wait: WaitOption = WAIT_S,
    json: JsonOption = False,
) -> None:
    """Record, wait for the verdict, then show; exit code 1 if there is nothing to show."""
    from app.identities import Question, read_identities  # noqa: PLC0415  # slow to import
    from app.publishing import signing_key  # noqa: PLC0415  # slow to import
    from app.vaults import vault_of  # noqa: PLC0415  # as above
    from app.wiring import now, open_log, open_vault_database  # noqa: PLC0415  # as above
    from domain.calendar import civil_day  # noqa: PLC0415  # as above

    output = Output.of(context, as_json=json)
    settings: Settings = context.obj
    wanted = list(dict.fromkeys(persons))
    _check(wanted, purpose, case, actor)
    if out is None and not at_terminal():
        raise _not_a_terminal()
    signer = signing_key(settings, operator=operator)
    with ExitStack() as opened:
        opened.enter_context(open_vault_database(settings))  # an embedded one is started once
        sealed, erased = _where(settings, wanted, every=every)
        shown = {one.person for one in sealed}
        if not shown:
            _note_missing(output, wanted, shown, erased)
            raise typer.Exit(EXIT_CHECK_FAILED)
        file = opened.enter_context(PrivateFile(out))
        log = opened.enter_context(closing(open_log(settings)))
        vault = opened.enter_context(vault_of(settings, log))
        asked = Question(
            sorted(shown),
            purpose,
            case,
            actor,
            organisation or speaking_root(log),
            civil_day(now()),
        )
        machine = (settings, log, vault, signer)
        answer = read_identities(machine, asked, sealed, output, wait_s=wait)
        file.write(_as_json(answer, erased))
    _print(output, answer, erased, out)
    _note_missing(output, wanted, shown, erased)


def readings(
    context: typer.Context,
    *,
    by: Annotated[str, typer.Option(help="只看此人的查看 | only readings by this person id")] = "",
    person: PersonOption = "",
    after: AfterOption = 0,
    limit: LimitOption = LIMIT,
    json: JsonOption = False,
) -> None:
    """List what was recorded; it shows no identity itself."""
    from projections.readings import readings as made  # noqa: PLC0415  # slow to import

    output = Output.of(context, as_json=json)
    with read_models(context.obj) as connection:
        found = made(
            connection,
            actor=known_person(connection, by),
            person=known_person(connection, person),
            after=after,
            limit=limit + 1,
        )
    if json:
        output.json([row._asdict() for row in found[:limit]])
    else:
        rows = [[getattr(row, column.name) for column in READINGS] for row in found[:limit]]
        output.records(READINGS, rows, empty=NO_READINGS)
    note_more(output, [row.position for row in found], limit)


def _check(persons: Sequence[str], purpose: str, case: str, actor: str) -> None:
    """
    Refuse what must not be published, not even to be refused there: a name, a number, free text.

    Raises:
        Problem: says which option, and never repeats the text.
    """
    if len(persons) > READING_MAX:
        raise Problem(
            Words(
                f"一次至多查看 {READING_MAX} 人。",
                f"A reading takes at most {READING_MAX} persons.",
            ),
            how=Words("分几次查看。", "Read in several parts."),
        )
    shapes: list[tuple[str, str, re.Pattern[str]]] = [
        *(("PERSON", person, TOKEN) for person in persons),
        ("--actor", actor, TOKEN), ("--purpose", purpose, CODE), ("--case", case, DOCUMENT),
    ]  # fmt: skip
    for option, text, shape in shapes:
        if not shape.fullmatch(text):
            raise Problem(
                Words("这里写的不是代码或案号。", "Not an id, a code or the number of a case."),
                where=option,
                how=Words(
                    "人员用代码(p-…),用途用代码,案号须含数字而不含空格;姓名与证件号不可写在命令里。",
                    "Persons by id (p-…), the purpose as a code, a case with a digit and no space;"
                    " never write a name or a document number into a command.",
                ),
            )


def _where(settings: Settings, persons: list[str], *, every: bool) -> tuple[list[Any], set[str]]:
    """
    Where the identities are sealed, those of erased persons left out; and who is erased.

    Raises:
        Problem: a person is not in the log, or there is more than one reading takes.
    """
    from projections import readings as stored  # noqa: PLC0415  # slow to import

    with read_models(settings) as connection:
        strangers = set(persons) - stored.known(connection, persons)
        erased = stored.erased(connection, persons)
        found = stored.sealed_at(connection, [p for p in persons if p not in erased])
    if strangers:
        raise Problem(
            Words("总账中没有这些人员代码。", "The log does not know these person ids."),
            where=" ".join(sorted(strangers)),
            how=Words("核对代码;刚入账的先运行 hengwen project --once。",
                      "Check them; run `hengwen project --once` for what was just recorded."),
        )  # fmt: skip
    chosen = found if every else list({one.person: one for one in found}.values())
    if len(chosen) > READING_MAX:
        raise Problem(
            Words(
                f"一次至多显示 {READING_MAX} 条身份。",
                f"A reading shows at most {READING_MAX} identities.",
            ),
            how=Words("减少人数,或不用 --all。", "Name fewer persons, or leave out --all."),
        )
    return chosen, erased


def at_terminal() -> bool:
    """Whether a person looks at what is printed."""
    return sys.stdout.isatty()


def _not_a_terminal() -> Problem:
    return Problem(
        Words("身份明文只显示在终端。", "Plain identities are shown on a terminal only."),
        how=Words("要存入文件,用 --out。", "Use --out to keep them in a file."),
    )


def _as_json(answer: Any, erased: set[str]) -> dict[str, Any]:
    return {
        "reading": answer.reading,
        "recorded_at_position": answer.position,
        "identities": [
            one._asdict() | {"identity": asdict(one.identity) if one.identity else None}
            for one in answer.shown
        ],
        "erased": sorted(erased),
    }


def _print(output: Output, answer: Any, erased: set[str], out: Path | None) -> None:
    if out is not None:
        output.facts(
            [
                (Column("reading", Words("查看编号", "reading")), answer.reading),
                (Column("position", Words("入账序号", "recorded at"), Kind.COUNT), answer.position),
                (Column("identities", Words("身份", "identities"), Kind.COUNT), len(answer.shown)),
                (Column("file", Words("文件", "file")), str(out)),
            ]
        )
        return
    if output.as_json:
        output.json(_as_json(answer, erased))
        return
    columns = [*PLACE, *(Column(f.name, HEADINGS[f.name]) for f in fields(Identity))]
    rows = [[*one[:3], *_plain(one.identity, output)] for one in answer.shown]
    output.records(*filled(columns, rows))


def _plain(identity: Identity | None, output: Output) -> list[Any]:
    if identity is None:
        return [output.words(NO_KEY), *([None] * (len(HEADINGS) - 1))]
    return [getattr(identity, field.name) for field in fields(Identity)]


def _note_missing(output: Output, wanted: list[str], shown: set[str], erased: set[str]) -> None:
    """Say of whom nothing can be shown, and why."""
    if erased:
        which = " ".join(sorted(erased))
        output.note(Words(f"身份已删除: {which}", f"Erased: {which}"))
    none = sorted(set(wanted) - erased - shown)
    if none:
        which = " ".join(none)
        output.note(
            Words(f"没有密封的身份(未受助): {which}",
                  f"No identity is sealed (never a recipient): {which}")
        )  # fmt: skip
