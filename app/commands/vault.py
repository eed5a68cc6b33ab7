"""``hengwen vault``: make, look at, back up, restore and recover the only record of names."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from app.output import Column, JsonOption, Kind, Output
from app.problems import EXIT_CHECK_FAILED, Problem, Words
from app.settings import Settings
from eventlog.contract import Log
from vault.backup import Backup
from vault.recovery import Status

VAULT = Column("vault", Words("保管库", "vault"))
LEDGER = Column("ledger", Words("总账编号", "ledger"))
SUITE = Column("suite", Words("密码套件", "suite"))
PUBLIC_KEY = Column("public_key", Words("公钥", "public key"))
SEQUENCE = Column("sequence", Words("密封批次序号", "sealing calls up to"), Kind.COUNT)
IN_LOG = Column("later_in_log", Words("总账所见更高序号", "later one seen in the log"), Kind.COUNT)
BEHIND = Column("behind", Words("落后于总账", "behind the log"))
PERSONS = Column("persons", Words("人员", "persons"), Kind.COUNT)
ERASED = Column("erased", Words("已删除身份", "erased"), Kind.COUNT)
TOKENS = Column("tokens", Words("卡、电话、户代号", "card, phone, household tokens"), Kind.COUNT)
READINGS = Column("readings", Words("查看身份次数", "readings of names"), Kind.COUNT)
CREATED_AT = Column("created_at", Words("建立时间", "created at"), Kind.INSTANT)
LAST_CALL_AT = Column("last_call_at", Words("最近密封时间", "last sealing at"), Kind.INSTANT)
DURABLE = Column("durable", Words("提交即落盘", "commits forced to disk"))
PERSON = Column("person", Words("人员代码", "person"))
LOST = Column("lost", Words("丢失密钥的人员", "persons whose keys are lost"))
FILE = Column("file", Words("文件", "file"))
TAKEN_AT = Column("taken_at", Words("备份时间", "taken at"), Kind.INSTANT)
OLD_KEY = Column("old_key_id", Words("旧主密钥标识", "old master key's id"))
NEW_KEY = Column("new_key_id", Words("新主密钥标识", "new master key's id"))
REWRAPPED = Column(
    "rewrapped", Words("重新包裹的人员密钥", "persons' keys wrapped anew"), Kind.COUNT
)
ALREADY = Column("already", Words("先前已完成", "was done before"))
DIGEST = Column("sha256", Words("摘要", "SHA-256"))

BackupFile = Annotated[Path, typer.Argument(help="备份文件 | backup file")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        help="身份保管库:姓名的唯一记录 | The vault: the only record of names",
        no_args_is_help=True,
    )
    group.command(
        help="为已开立的总账建立保管库 | Make the vault of an open log",
        epilog="示例: hengwen vault init | Example: hengwen vault init",
    )(init)
    group.command(
        help="保管库现状 | The vault in figures",
        epilog="示例: hengwen vault status --json | Example: hengwen vault status --json",
    )(status)
    group.command(
        help="从旧备份恢复后:列出丢失密钥的人员 | After an old backup: whose keys are lost",
        epilog="示例: hengwen vault recover --accept | Example: hengwen vault recover --accept",
    )(recover)
    group.command(
        "rotate-master-key",
        help="更换主密钥:重新包裹全部密钥,总账不动;中断后再运行即完成"
        " | Change the master key: wrap all keys anew, the log stays; run again if interrupted",
        epilog="示例: HENGWEN_VAULT_MASTER_KEY_NEW_FILE=new.key hengwen vault rotate-master-key"
        " | Example: HENGWEN_VAULT_MASTER_KEY_NEW_FILE=new.key hengwen vault rotate-master-key",
    )(rotate_master_key)
    group.command(
        help="备份到一个文件 | Back up to one file",
        epilog="示例: hengwen vault backup 保管库.backup | Example: hengwen vault backup vault.backup",
    )(backup)
    group.command(
        help="恢复到空的数据库 | Restore into an empty database",
        epilog="示例: hengwen vault restore 保管库.backup | Example: hengwen vault restore vault.backup",
    )(restore)
    app.add_typer(group, name="vault")


def init(context: typer.Context, *, json: JsonOption = False) -> None:
    """Make the vault of the log's ledger, and print what an operator registers."""
    from app.vaults import create_vault, ledger_of, suite_of  # noqa: PLC0415  # slow to import

    output = Output.of(context, as_json=json)
    with closing(_log(context.obj)) as log:
        ledger, suite = ledger_of(context.obj, log), suite_of(log)
    with create_vault(context.obj, ledger=ledger, suite=suite) as vault:
        output.facts(
            {
                VAULT: vault.vault,
                LEDGER: ledger.hex(),
                SUITE: suite,
                PUBLIC_KEY: vault.public_key.hex(),
            },
            title=Words("保管库已建立", "The vault is made"),
        )
    output.note(
        Words(
            "下一步:由运营方发布 RegisterVault(上面的编号与公钥)。主密钥须与备份分开保存。",
            "Next: an operator publishes RegisterVault with this id and public key."
            " Keep the master key apart from the backups.",
        )
    )


def status(context: typer.Context, *, json: JsonOption = False) -> None:
    """Show the vault in figures and whether it is behind the log; exit code 1 if it is."""
    from app.vaults import asked_of_log  # noqa: PLC0415  # slow to import
    from app.wiring import open_vault_database  # noqa: PLC0415  # as above
    from vault import recovery  # noqa: PLC0415  # as above

    output = Output.of(context, as_json=json)
    with open_vault_database(context.obj) as dsn, closing(_log(context.obj)) as log:
        in_log = asked_of_log(log, recovery.header_of(dsn)).sequence
        found = recovery.status(dsn)
    behind = found.sequence < in_log
    output.facts(_figures(found, in_log, behind=behind))
    if behind:
        raise typer.Exit(EXIT_CHECK_FAILED)


def _figures(found: Status, in_log: int, *, behind: bool) -> list[tuple[Column, object]]:
    return [
        (VAULT, found.vault),
        (LEDGER, found.ledger.hex()),
        (SUITE, found.suite),
        (PUBLIC_KEY, found.public_key.hex()),
        (SEQUENCE, found.sequence),
        (IN_LOG, in_log if behind else None),
        (BEHIND, behind),
        (PERSONS, found.persons),
        (ERASED, found.erased),
        (TOKENS, found.tokens),
        (READINGS, found.readings),
        (CREATED_AT, found.created_at),
        (LAST_CALL_AT, found.last_call_at),
        (DURABLE, found.durable),
    ]


def recover(
    context: typer.Context,
    *,
    accept: Annotated[
        bool,
        typer.Option(
            "--accept",
            help="承认丢失,保管库从总账所见序号继续 | accept the loss and go on behind the log",
        ),
    ] = False,
    json: JsonOption = False,
) -> None:
    """List the persons whose keys an old backup has lost; exit code 1 if any, until accepted."""
    from app.master_keys import fitting_master_key  # noqa: PLC0415  # as above
    from app.vaults import asked_of_log, ledger_of  # noqa: PLC0415  # slow to import
    from app.wiring import open_vault_database  # noqa: PLC0415  # as above
    from publishers.attested import persons_in_log  # noqa: PLC0415  # as above
    from vault import recovery  # noqa: PLC0415  # as above

    output = Output.of(context, as_json=json)
    with open_vault_database(context.obj) as dsn, closing(_log(context.obj)) as log:
        ledger = ledger_of(context.obj, log)
        header = recovery.header_of(dsn)
        in_log = asked_of_log(log, header).sequence
        lost = recovery.lost_persons(dsn, persons_in_log(log))
        sequence = header.sequence
        if accept:
            sequence = recovery.go_on_from(
                dsn,
                fitting_master_key(context.obj, dsn),
                ledger=ledger,
                highest_in_log=in_log,
            )
    later = in_log if sequence < in_log else None
    if json:
        output.json({"sequence": sequence, "later_in_log": later, "lost": lost})
    else:
        output.facts({SEQUENCE: sequence, IN_LOG: later, LOST: f"{len(lost):,}"})
        output.records([PERSON], [[person] for person in lost])
    if (lost or later) and not accept:
        raise typer.Exit(EXIT_CHECK_FAILED)


def rotate_master_key(context: typer.Context, *, json: JsonOption = False) -> None:
    """Wrap every key with the new master key, in one transaction; then the old one is worthless."""
    from app import master_keys  # noqa: PLC0415  # slow to import
    from app.wiring import open_vault_database  # noqa: PLC0415  # as above
    from vault import recovery, rotation  # noqa: PLC0415  # as above

    output = Output.of(context, as_json=json)
    settings: Settings = context.obj
    with open_vault_database(settings) as dsn:
        old, new = master_keys.master_key(settings), master_keys.new_master_key(settings)
        if old == new:
            raise Problem(
                Words("新主密钥就是现在这一把。", "The new master key is the one in force."),
                where="HENGWEN_VAULT_MASTER_KEY_NEW",
                how=Words("生成一把新的:openssl rand -hex 32。", "Make one: openssl rand -hex 32."),
            )
        words = Words("重新包裹", "wrapping")
        with output.progress(words, recovery.status(dsn).persons) as advance:
            done = rotation.rotate(dsn, old, new, advance)
        master_keys.end_change(settings)
    output.facts(
        {
            OLD_KEY: done.old_key_id,
            NEW_KEY: done.new_key_id,
            REWRAPPED: done.persons,
            ALREADY: done.already,
        }
    )
    if not master_keys.kept_in_file(settings):
        output.note(
            Words(
                "下一步:把 HENGWEN_VAULT_MASTER_KEY(_FILE) 改为新密钥,去掉 _NEW,重启密封服务,立即备份;"
                "旧密钥与旧备份一并销毁。",
                "Next: set HENGWEN_VAULT_MASTER_KEY(_FILE) to the new key, drop _NEW, restart the"
                " sealing services, back up at once; destroy the old key with the old backups.",
            )
        )


def backup(context: typer.Context, file: BackupFile, *, json: JsonOption = False) -> None:
    """Write a backup of one snapshot; an existing file is never overwritten."""
    from app.wiring import now, open_vault_database  # noqa: PLC0415  # slow to import
    from vault.backup import write_backup  # noqa: PLC0415  # as above

    with open_vault_database(context.obj) as dsn:
        try:
            written = write_backup(dsn, file, now())
        except FileExistsError:
            raise Problem(
                Words("文件已存在,备份从不覆盖。", "The file exists; it is never overwritten."),
                where=str(file),
                how=Words("换一个文件名。", "Choose another name."),
            ) from None
    _say(Output.of(context, as_json=json), file, written)


def restore(context: typer.Context, file: BackupFile, *, json: JsonOption = False) -> None:
    """Restore a backup, all or nothing; whether it is too old shows against the log."""
    from app.wiring import open_vault_database  # noqa: PLC0415  # slow to import
    from vault.backup import restore_backup  # noqa: PLC0415  # as above

    output = Output.of(context, as_json=json)
    with open_vault_database(context.obj) as dsn:
        restored = restore_backup(dsn, file)
    _say(output, file, restored)
    output.note(
        Words(
            "再运行 hengwen vault status,查看是否落后于总账。",
            "Now run `hengwen vault status`: it shows whether the vault is behind the log.",
        )
    )


def _say(output: Output, file: Path, found: Backup) -> None:
    output.facts(
        {
            FILE: str(file),
            VAULT: found.vault,
            LEDGER: found.ledger,
            SEQUENCE: found.sequence,
            TAKEN_AT: found.taken_at,
            DIGEST: found.digest,
        }
    )


def _log(settings: Settings) -> Log:
    from app.wiring import open_log  # noqa: PLC0415  # slow to import

    return open_log(settings, new=bool(settings.ledger))  # a vault may be made before its ledger
