"""``hengwen init`` and ``hengwen admit``: open a ledger, and decide what was submitted."""

import secrets
from collections import Counter
from contextlib import ExitStack, closing
from pathlib import Path
from threading import Timer
from typing import Annotated, Any

import typer

from app.output import Column, JsonOption, Kind, Output
from app.problems import Problem, Words
from app.settings import Settings
from eventlog.contract import Log

WAIT_TOLD_S = 3.0
LEDGER = Column("ledger", Words("总账编号", "ledger id"))
POSITION = Column("position", Words("已裁决至", "decided up to"), Kind.COUNT)
ACCEPTED = Column("accepted", Words("本次入账", "accepted now"), Kind.COUNT)
REPEATED = Column("repeated", Words("本次重复", "repeated now"), Kind.COUNT)
REFUSED = Column("refused", Words("本次拒绝", "refused now"), Kind.COUNT)
SUITE = Column("suite", Words("密码套件", "suite"))
OPERATOR = Column("operator_key", Words("运营方密钥", "operator key"))
CHECKPOINT_KEY = Column("checkpoint_key", Words("校验点密钥", "checkpoint key"))
CHECKPOINT_KEY_FILE = "checkpoint.pem"
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
    from app.admitting import admission_loop, until_stopped  # noqa: PLC0415  # slow to import
    from app.wiring import open_log  # noqa: PLC0415  # as above

    output = Output.of(context, as_json=json)
    with closing(open_log(context.obj)) as log:
        if once:
            output.facts(decide_all(context.obj, log, output))
            return
        with admission_loop(context.obj, log, until_stopped()) as loop:
            loop.run(lambda _: None)


def decide_all(settings: Settings, log: Log, output: Output) -> list[tuple[Column, Any]]:
    """Decide everything that is submitted by now; figures of what was done."""
    from app.admitting import admission_loop  # noqa: PLC0415  # slow to import
    from consumers.admission import Progress  # noqa: PLC0415  # as above

    until = log.last_ordinal()
    totals = Counter[str]()
    start = log.last_position()
    words = Words("裁决", "deciding")
    with (
        admission_loop(settings, log) as loop,
        output.progress(words, max(0, until - start)) as advance,
    ):

        def progressed(progress: Progress) -> None:
            done = progress._asdict()
            del done["position"]
            totals.update(done)
            advance(sum(done.values()))

        waits = Timer(WAIT_TOLD_S, _tell_waiting, (loop, output))
        waits.daemon = True
        waits.start()
        try:
            loop.run(progressed, until=until)
        finally:
            waits.cancel()
        position = loop.position
    counted = (ACCEPTED, REPEATED, REFUSED)
    return [(POSITION, position), *((column, totals[column.name]) for column in counted)]


def _tell_waiting(loop: Any, output: Output) -> None:
    """Say why nothing happens."""
    if loop.waiting:
        output.note(
            Words(
                "另一个裁决程序正在运行,等待它结束;它会裁决这些提交,可按 Ctrl-C。",
                "Another admission is running, waiting for it to end; it decides these too (Ctrl-C).",
            )
        )


def init(
    context: typer.Context,
    *,
    root: Annotated[str, typer.Option(help="根机构编码 | code of the root organisation")] = "ACFTU",
    name: Annotated[str, typer.Option(help="根机构名称 | its name")] = "样例总工会",
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
    from app.opening import begin  # noqa: PLC0415  # as above
    from app.reading import choice  # noqa: PLC0415  # as above
    from app.wiring import check_log, create_vault, open_log, prepare_log  # noqa: PLC0415
    from domain.suites import SUITES  # noqa: PLC0415  # as above
    from publishers.opening import Opening  # noqa: PLC0415  # as above

    settings: Settings = context.obj
    output = Output.of(context, as_json=json)
    chosen = choice(suite, SUITES)
    prepare_log(settings)
    check_log(settings)
    operator = signing_key(settings.operator_key_file or settings.home / "keys" / "operator.pem")
    publisher = signing_key(settings.key_file or settings.home / "keys" / "publisher.pem")
    with ExitStack() as opened:
        log = opened.enter_context(closing(open_log(settings)))
        event = _opened(settings, log, output, operator, (root, domain, chosen))
        ledger = event.submission_digest
        vault = opened.enter_context(_vault(settings, log, event, create_vault))
        # The day of opening, so that running this again submits the same again.
        opening = Opening(ledger=ledger, root=event.organisation, occurred_on=event.occurred_on)
        begin(log, operator, ledger, opening, (vault, publisher, name))
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


def today() -> Any:
    """The civil day now, UTC+8."""
    from app.wiring import now  # noqa: PLC0415  # slow to import
    from domain.calendar import civil_day  # noqa: PLC0415  # as above

    return civil_day(now())


def signing_key(path: Path) -> Any:
    """The key in a file, made if there is none."""
    from publishers.keys import generate_key, load_key  # noqa: PLC0415  # slow to import

    return load_key(path) if path.exists() else generate_key(path)


def log_opened(log: Log) -> Any:
    """The event LogOpened of the log; None if it is not open."""
    from domain.events import LogOpened  # noqa: PLC0415  # slow to import
    from schemas.codec import decode  # noqa: PLC0415  # as above

    after = 0
    while after < log.last_position():
        records = log.read_events(after=after, limit=1_000, timeout_s=10)
        for record in records:
            if record.topic == LogOpened.TOPIC:
                return decode(record.value)
        after = records[-1].position
    return None


def opened_log(log: Log) -> Any:
    """
    The event LogOpened: its submission's digest is the ledger id.

    Raises:
        Problem: the log is not open.
    """
    found = log_opened(log)
    if found is None:
        raise Problem(
            Words("总账尚未开账。", "The ledger is not open."),
            how=Words("运行 hengwen init。", "Run `hengwen init`."),
        )
    return found


def _opened(
    settings: Settings, log: Log, output: Output, operator: Any, names: tuple[str, str, str | None]
) -> Any:
    """Open the log if nothing opened it yet; the event LogOpened."""
    from admission.rules import locks  # noqa: PLC0415  # slow to import
    from domain.signing import NO_LEDGER  # noqa: PLC0415  # as above
    from domain.suites import INTL_1  # noqa: PLC0415  # as above
    from publishers.client import Publisher  # noqa: PLC0415  # as above
    from publishers.opening import open_log as opening_of  # noqa: PLC0415  # as above

    if log.last_ordinal() > log.last_position():
        decide_all(settings, log, output)  # an earlier init may have been killed
    found = log_opened(log)
    root, domain, suite = names
    if found is not None:
        _check_suite(found, suite)
        return found
    # A key of its own: the machine that signs checkpoints need not hold the operator's.
    checkpoints = signing_key(settings.home / "keys" / CHECKPOINT_KEY_FILE)
    opening = opening_of(
        log=settings.log_name, domain=_domain(domain), root=root, nonce=secrets.token_bytes(16),
        occurred_on=today(), operator=operator, lock_digest=locks.digest(1),
        suite=suite or INTL_1, checkpoint_key=checkpoints.public_key,
    )  # fmt: skip
    Publisher(log, operator, NO_LEDGER).publish([opening])
    decide_all(settings, log, output)
    return opened_log(log)


def _check_suite(event: Any, suite: str | None) -> None:
    """Refuse to go on with a ledger that was opened under another suite than is asked for."""
    if suite not in {None, event.suite}:
        raise Problem(
            Words("总账已用另一密码套件开立。", "The ledger was opened under another suite."),
            where=f"{event.suite}, --suite {suite}",
            how=Words(
                "套件不能更改;要用另一套件,另开一本总账。",
                "A suite cannot be changed; open another ledger for another suite.",
            ),
        )


def _domain(domain: str) -> str:
    """The domain, if it can be part of the name of a key."""
    from evidence.notes import is_name  # noqa: PLC0415  # slow to import

    if not is_name(domain):
        raise Problem(
            Words("域名不能有空格或加号。", "A domain has no spaces and no plus."),
            where=domain,
            how=Words("例如 hengwen.example。", "For example hengwen.example."),
        )
    return domain


def _vault(settings: Settings, log: Log, event: Any, create: Any) -> Any:
    """The ledger's vault, made if there is none; refused if the log has seen more than it."""
    from app.vaults import vault_of  # noqa: PLC0415  # slow to import
    from app.wiring import open_vault  # noqa: PLC0415  # as above
    from vault.errors import VaultMissing  # noqa: PLC0415  # as above

    ledger = event.submission_digest
    try:
        with open_vault(settings, ledger=ledger, suite=event.suite, highest_in_log=0):
            pass
    except VaultMissing:
        return create(settings, ledger=ledger, suite=event.suite)
    return vault_of(settings, log)
