"""``hengwen init`` and ``hengwen admit``: open a ledger, and decide what was submitted."""

from contextlib import ExitStack, closing
from typing import Annotated

import typer

from app.output import Column, JsonOption, Output
from app.problems import Words
from app.settings import Settings

LEDGER = Column("ledger", Words("总账编号", "ledger id"))
SUITE = Column("suite", Words("密码套件", "suite"))
OPERATOR = Column("operator_key", Words("运营方密钥", "operator key"))
CHECKPOINT_KEY = Column("checkpoint_key", Words("校验点密钥", "checkpoint key"))
PUBLISHER = Column("publisher_key", Words("发布方密钥", "publisher key"))
VAULT = Column("vault", Words("保管库", "vault"))


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(
        help="开账:建主题、密钥、保管库,登记模式与区划 | Open a ledger: topics, keys, vault, schemas",
        epilog="示例: hengwen init --root ACFTU --name 样例总工会 --suite GM-1"
        " | Example: hengwen init --root ACFTU --name 'Sample federation' --suite GM-1",
    )(init)
    app.command(
        help="裁决提交,持续运行 | Decide what is submitted, until stopped",
        epilog="示例: hengwen admit --once | Example: hengwen admit --once",
    )(admit)


def admit(
    context: typer.Context,
    *,
    once: Annotated[
        bool,
        typer.Option("--once", help="到现在的末尾就结束 | stop at the end of the log as it is"),
    ] = False,
    json: JsonOption = False,
) -> None:
    """Decide until stopped (SIGTERM, Ctrl-C), or up to the last submission as it is now."""
    from app.admitting import (  # noqa: PLC0415  # slow to import
        admission_loop,
        decide_all,
        telling_of_waiting,
        until_stopped,
    )
    from app.wiring import open_log  # noqa: PLC0415  # as above

    output = Output.of(context, as_json=json)
    with closing(open_log(context.obj)) as log:
        if once:
            output.facts(decide_all(context.obj, log, output))
            return
        with (
            admission_loop(context.obj, log, until_stopped()) as loop,
            telling_of_waiting(loop, output),
        ):
            loop.run(lambda _: None)


def init(
    context: typer.Context,
    *,
    root: Annotated[
        str, typer.Option(help="最上级工会的编码 | code of the topmost union", show_default=False)
    ] = "",
    name: Annotated[str, typer.Option(help="最上级工会的名称 | its name", show_default=False)] = "",
    domain: Annotated[
        str, typer.Option(help="校验点来源的域名 | domain of the checkpoints' origin")
    ] = "hengwen.example",
    suite: Annotated[
        str,
        typer.Option(
            help="密码套件 INTL-1 或 GM-1(国密),开账后不能更改;默认 INTL-1"
            " | suite INTL-1 or GM-1 (national algorithms), for good; INTL-1 by default",
        ),
    ] = "",
    json: JsonOption = False,
) -> None:
    """Open the ledger if it is not open, and submit what it begins with. Again does nothing new."""
    from app import opening as ours  # noqa: PLC0415  # slow to import
    from app.admitting import decide_all  # noqa: PLC0415  # as above
    from app.reading import choice  # noqa: PLC0415  # as above
    from app.vaults import create_vault  # noqa: PLC0415  # as above
    from app.wiring import check_log, open_log, prepare_log  # noqa: PLC0415  # as above
    from domain.suites import SUITES  # noqa: PLC0415  # as above
    from publishers.opening import Opening  # noqa: PLC0415  # as above

    settings: Settings = context.obj
    output = Output.of(context, as_json=json)
    names = ours.Names(root, name, domain, choice(suite, SUITES))
    prepare_log(settings)
    check_log(settings)
    home = settings.home / "keys"
    operator = ours.signing_key(settings.operator_key_file or home / "operator.pem")
    publisher = ours.signing_key(settings.key_file or home / "publisher.pem")
    with ExitStack() as opened:
        log = opened.enter_context(closing(open_log(settings, new=True)))
        event = ours.opening_of(settings, log, output, operator, names)
        ledger = event.submission_digest
        vault = opened.enter_context(ours.vault_of_ledger(settings, log, event, create_vault))
        # The day of opening, so that running this again submits the same again.
        opening = Opening(ledger=ledger, root=event.organisation, occurred_on=event.occurred_on)
        ours.begin(log, operator, ledger, opening, (vault, publisher, name))
        figures = decide_all(settings, log, output)
        output.facts(
            [
                (LEDGER, ledger.hex()),
                (SUITE, event.suite),
                (OPERATOR, operator.key),
                (CHECKPOINT_KEY, " ".join(key for key, _ in event.checkpoint_keys)),
                (PUBLISHER, publisher.key),
                (VAULT, vault.vault),
                *figures,
            ]
        )
