"""``hengwen erase``: destroy what makes a person's name readable, once no retention period runs."""

from contextlib import ExitStack, closing
from typing import Annotated, Any, Final

import typer

from app.output import Column, JsonOption, Kind, Output
from app.problems import EXIT_CHECK_FAILED, Problem, Words
from app.publishing_options import OperatorOption
from app.settings import Settings
from domain.texts import CODE, TOKEN

WAIT_S: Final = 60.0

WaitOption = Annotated[
    float, typer.Option(min=0, help="等裁决多少秒 | seconds to wait for the verdict")
]
SpeakingOption = Annotated[
    str,
    typer.Option(
        "--organisation",
        help="以哪个机构的名义,默认根机构 | organisation that speaks; the root if not given",
    ),
]
KEPT = [
    Column("record_class", Words("档案类别", "class of records")),
    Column("records", Words("条数", "records"), Kind.COUNT),
    Column("last", Words("最晚到期的事件", "event that ends last"), Kind.COUNT),
    Column("free_on", Words("可删除之日", "free on"), Kind.DAY),
    Column("source", Words("依据", "source")),
]
PERSON = Column("person", Words("人员代码", "person"))
POSITION = Column("position", Words("删除事件序号", "position of the erasure"), Kind.COUNT)
DESTROYED = Column("destroyed", Words("本次销毁密钥的人员", "ids whose keys were destroyed now"))


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        help="删除一个人的身份:先查保管期限,再入账,最后销毁密钥;总账、证明与余额不变,姓名不可恢复。"
        "期限未到则拒绝并给出日期(退出码 1);中断后再运行即完成。旧备份的处理见 docs/erasure.md"
        " | Erase a person's identity: retention is checked, the erasure recorded, then the key"
        " destroyed. Log, proofs and balances stay; the name is gone for good. Refused with the date"
        " while a retention period runs (exit code 1); run again if interrupted. Old backups: see"
        " docs/erasure.md",
        epilog="示例: hengwen erase p-5qy4wipdlkjqyjgr35dikujk --reason RETENTION_OVER"
        " | Example: hengwen erase p-5qy4wipdlkjqyjgr35dikujk --reason RETENTION_OVER",
    )(erase)


def erase(  # the parts of an erasure
    context: typer.Context,
    person: Annotated[str, typer.Argument(help="人员代码 | person id")],
    *,
    reason: Annotated[
        str, typer.Option(help="原因代码,如 RETENTION_OVER | code of the reason, as RETENTION_OVER")
    ],
    actor: Annotated[str, typer.Option(help="经办人代码 | person id of whoever handles it")] = "",
    organisation: SpeakingOption = "",
    operator: OperatorOption = False,
    wait: WaitOption = WAIT_S,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问 | do not ask again")] = False,
    json: JsonOption = False,
) -> None:
    """Check, ask, record, destroy."""
    from app import erasing  # noqa: PLC0415  # slow to import
    from app.publishing import signing_key  # noqa: PLC0415  # slow to import
    from app.vaults import vault_of  # noqa: PLC0415  # as above
    from app.wiring import now, open_log  # noqa: PLC0415  # as above
    from domain.calendar import civil_day  # noqa: PLC0415  # as above

    output = Output.of(context, as_json=json)
    settings: Settings = context.obj
    _check(person, reason, actor)
    signer = signing_key(settings, operator=operator)
    today = civil_day(now())
    with ExitStack() as opened:
        log = opened.enter_context(closing(open_log(settings)))
        vault = opened.enter_context(vault_of(settings, log))
        records = _records(log, person, output)
        if not records.mentioned and vault.has_key(person) is None:
            raise Problem(
                Words("总账与保管库中都没有此人。", "Neither log nor vault knows this person."),
                where=person,
                how=Words("核对人员代码(p-…)。", "Check the person id (p-…)."),
            )
        _refuse_while_kept(output, records, person, today)
        if not (yes or json):
            _ask(output)
        wish = erasing.Wish(
            person, reason, organisation or speaking_root(log), actor or None, today
        )
        machine = erasing.Machine(settings, log, vault, signer)
        done = erasing.erase(machine, wish, records, output, today=today, wait_s=wait)
    output.facts([(PERSON, person), (POSITION, done.position), (DESTROYED, done.destroyed)])


def _check(person: str, reason: str, actor: str) -> None:
    """
    Refuse what must not be published, not even to be refused there: a name, a number, free text.

    Raises:
        Problem: says which option, and never repeats the text.
    """
    shapes = [("PERSON", person, TOKEN), ("--reason", reason, CODE)]
    if actor:
        shapes.append(("--actor", actor, TOKEN))
    for option, text, shape in shapes:
        if not shape.fullmatch(text):
            raise Problem(
                Words("这里要代码,不能写文字。", "An id or a code is needed, no free text."),
                where=option,
                how=Words("人员用代码(p-…),原因用代码,如 RETENTION_OVER。",
                          "A person by id (p-…), a reason as a code such as RETENTION_OVER."),
            )  # fmt: skip


def speaking_root(log: Any) -> str:
    """The root organisation of the ledger."""
    from app.opened import opened_log  # noqa: PLC0415  # slow to import

    return str(opened_log(log).organisation)


def _records(log: Any, person: str, output: Output) -> Any:  # PersonRecords
    from consumers.person_records import records_of  # noqa: PLC0415  # slow to import

    words = Words("查保管期限", "retention")
    with output.progress(words, 2 * log.last_position()) as advance:
        return records_of(log, [person], advance)[person]


def _refuse_while_kept(output: Output, records: Any, person: str, today: Any) -> None:
    """Show what keeps the name and until when; exit code 1 if anything does."""
    if not records.kept_on(today):
        return
    if output.as_json:
        output.json(
            {
                "person": person,
                "erased": False,
                "possible_from": records.free_on,
                "kept": [
                    kept._asdict() | {"record_class": kept.record_class.code}
                    for kept in records.kept.values()
                ],
            }
        )
        raise typer.Exit(EXIT_CHECK_FAILED)
    rows = [
        (
            output.words(Words(kept.record_class.zh, kept.record_class.en)),
            kept.records,
            kept.last,
            kept.free_on,
            kept.record_class.source,
        )
        for kept in records.kept.values()
    ]
    output.records(KEPT, rows, title=Words("下列档案仍在保管期内", "These must still be kept"))
    day = KEPT[3]
    output.facts([(Column("possible_from", Words("最早可删除", "possible from"), day.kind),
                   records.free_on)])  # fmt: skip
    raise typer.Exit(EXIT_CHECK_FAILED)


def _ask(output: Output) -> None:
    """Go on only if whoever types says so; a script says --yes."""
    question = Words("姓名将不可恢复,确定删除", "The name cannot be brought back. Erase")
    typer.confirm(output.words(question), abort=True, err=True)
