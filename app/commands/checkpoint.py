"""``hengwen checkpoint``: sign the log as it is; and the keys that do."""

import signal
import threading
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer

from app.key_files import free_path, written_or_told
from app.output import Column, JsonOption, Kind, Output
from app.problems import Problem, Words
from app.settings import Settings
from eventlog.contract import Log

ORIGIN = Column("origin", Words("来源", "origin"))
POSITION = Column("position", Words("已签至", "signed up to"), Kind.COUNT)
ROOT = Column("root", Words("树根", "root"))
FOLDER = Column("folder", Words("文件夹", "folder"))
FILE = Column("file", Words("文件", "file"))
KEY = Column("key", Words("密钥编号", "key id"))
PUBLIC_KEY = Column("public_key", Words("公钥", "public key"))
VKEY = Column("vkey", Words("公钥文本", "public key as text"))
FIRST = Column("first_size", Words("自此大小起有效", "from size"), Kind.COUNT)
ENDED = Column("ended_at_size", Words("至此大小止", "until size"), Kind.COUNT)
SUBMISSION = Column("submission_id", Words("提交编号", "submission"))

ASK_AGAIN_S = 60.0
"""Witnesses that were away are asked again so often, also while nothing is new."""


KeyFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--key",
        help="校验点私钥文件,可多次;默认 keys/checkpoint*.pem"
        " | private key file, repeatable; keys/checkpoint*.pem by default",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    checkpoints = typer.Typer(
        help="为总账签发校验点,持续运行 | Sign checkpoints of the log, until stopped",
        epilog="示例: hengwen checkpoint --once | Example: hengwen checkpoint --once",
        invoke_without_command=True,
    )
    checkpoints.callback()(checkpoint)
    keys = typer.Typer(help="校验点密钥 | Keys of checkpoints", no_args_is_help=True)
    keys.command(
        "new",
        help="生成校验点密钥文件 | Make a key file for checkpoints",
        epilog="示例: hengwen checkpoint key new | Example: hengwen checkpoint key new",
    )(new)
    keys.command(
        "show",
        help="总账所列的校验点公钥,交给审计人员 | Public keys as the log names them, for auditors",
        epilog="示例: hengwen checkpoint key show | Example: hengwen checkpoint key show",
    )(show)
    keys.command(
        "rotate",
        help="提交更换校验点密钥(运营方) | Submit that a new key replaces the old one (operator)",
        epilog="示例: hengwen checkpoint key rotate 新.pem"
        " | Example: hengwen checkpoint key rotate new.pem",
    )(rotate)
    checkpoints.add_typer(keys, name="key")
    app.add_typer(checkpoints, name="checkpoint")


def checkpoint(
    context: typer.Context,
    *,
    once: Annotated[
        bool,
        typer.Option("--once", help="签到现在的末尾就结束 | stop at the end of the log as it is"),
    ] = False,
    every: Annotated[
        float, typer.Option(help="两次签发至少相隔秒数 | seconds between checkpoints", min=0)
    ] = 2.0,
    balances_every: Annotated[
        float,
        typer.Option(help="两次签发余额至少相隔秒数 | seconds between signed balances", min=0),
    ] = 86_400.0,
    key: KeyFiles = None,
    json: JsonOption = False,
) -> None:
    """Append what is new to the tree, sign it, publish it; sign the balances now and then."""
    if context.invoked_subcommand:
        return
    from app.checkpointing import balance_signer, open_checkpointer  # noqa: PLC0415  # slow to import
    from app.wiring import open_log  # noqa: PLC0415  # as above
    from consumers.checkpoint_loop import Periodic, run  # noqa: PLC0415  # as above

    settings: Settings = context.obj
    output = Output.of(context, as_json=json)
    with (
        closing(open_log(settings)) as log,
        open_checkpointer(settings, log, output, key or ()) as opened,
    ):
        balances = balance_signer(settings, log, key or ())
        if not once:
            ended = threading.Event()
            signal.signal(signal.SIGTERM, lambda *_: ended.set())
            also = (
                Periodic(balances.sign, balances_every),
                Periodic(lambda _: opened.ask_again(), ASK_AGAIN_S),
            )
            run(opened, ended.wait, every, *also)
            return
        opened.open()
        words = Words("签发", "signing")
        with output.progress(words, log.last_position() - opened.size) as advance:
            opened.catch_up(advance)
        with output.progress(Words("余额", "balances"), opened.size) as advance:
            balances.sign(advance)
    _show_newest(settings, output)


def evidence_folder(settings: Settings) -> Any:
    """The folder of evidence of the configured log."""
    from evidence.folder import EvidenceFolder  # noqa: PLC0415  # slow to import

    return EvidenceFolder(settings.home / "evidence" / settings.log_name)


def _show_newest(settings: Settings, output: Output) -> None:
    from evidence.checkpoints import claimed_checkpoint  # noqa: PLC0415  # slow to import

    folder = evidence_folder(settings)
    note = folder.note()
    if note is None:
        raise Problem(
            Words("总账尚未开账,没有可签的。", "The ledger is not open: nothing to sign."),
            how=Words("运行 hengwen init。", "Run `hengwen init`."),
        )
    signed = claimed_checkpoint(note)
    output.facts(
        [
            (ORIGIN, signed.origin),
            (POSITION, signed.size),
            (ROOT, signed.root.hex()),
            (FOLDER, str(folder.path)),
        ]
    )


def new(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(help="写到这里;默认 keys/ 下 | where to write it; in keys/ by default"),
    ] = None,
    *,
    json: JsonOption = False,
) -> None:
    """Make a key; an existing file is never overwritten."""
    from app.opening import CHECKPOINT_KEY_FILE  # noqa: PLC0415  # slow to import
    from publishers.keys import generate_key  # noqa: PLC0415  # as above

    folder = context.obj.home / "keys"
    names = [CHECKPOINT_KEY_FILE, *(f"checkpoint-{n}.pem" for n in range(2, 1_000))]
    path = file or free_path(folder, names)
    with written_or_told():
        signer = generate_key(path)
    Output.of(context, as_json=json).facts(
        [(FILE, str(path)), (KEY, signer.key), (PUBLIC_KEY, signer.public_key.hex())]
    )


def show(context: typer.Context, *, json: JsonOption = False) -> None:
    """List the checkpoint keys with the sizes of trees they may sign, read from the log."""
    from app.wiring import open_log  # noqa: PLC0415  # slow to import

    with closing(open_log(context.obj)) as log:
        keys = key_history(log).keys
    Output.of(context, as_json=json).records(
        [KEY, VKEY, FIRST, ENDED],
        [(k.log_key, k.text(), k.first, k.ended) for k in keys],
    )


def key_history(log: Log) -> Any:
    """All checkpoint keys that the log ever named."""
    from evidence.guard import named_keys  # noqa: PLC0415  # slow to import

    return named_keys(log)


def rotate(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="新密钥文件 | file of the new key")],
    *,
    old: Annotated[
        str, typer.Option(help="被更换密钥的编号,只有一把时可省 | id of the old key, if several")
    ] = "",
    json: JsonOption = False,
) -> None:
    """Submit RotateCheckpointKey, signed by the operator; it counts once it is decided."""
    import uuid  # noqa: PLC0415  # as below

    from app.opened import opened_log  # noqa: PLC0415  # slow to import
    from app.opening import today  # noqa: PLC0415  # as above
    from app.publishing import signing_key  # noqa: PLC0415  # as above
    from app.wiring import open_log  # noqa: PLC0415  # as above
    from domain.submissions import RotateCheckpointKey  # noqa: PLC0415  # as above
    from publishers.client import Publisher  # noqa: PLC0415  # as above
    from publishers.keys import load_key  # noqa: PLC0415  # as above

    settings: Settings = context.obj
    operator = signing_key(settings, operator=True)
    fresh = load_key(file)
    with closing(open_log(settings)) as log:
        opened = opened_log(log)
        submission = RotateCheckpointKey(
            submission_id=str(uuid.uuid4()), organisation=opened.organisation,
            occurred_on=today(), actor=None,
            old_key=_replaced(log, old), new_key=fresh.key, public_key=fresh.public_key,
        )  # fmt: skip
        Publisher(log, operator, opened.submission_digest).publish([submission])
    Output.of(context, as_json=json).facts(
        [(KEY, fresh.key), (SUBMISSION, submission.submission_id)]
    )


def _replaced(log: Log, old: str) -> str:
    """The key that ends: the one that was named, or the only one."""
    current = [k.log_key for k in key_history(log).keys if k.ended is None]
    if not old and len(current) == 1:
        return str(current[0])
    if old in current:
        return old
    raise Problem(
        Words("请指明更换哪一把密钥。", "Say which key is replaced."),
        where=" ".join(current),
        how=Words("用 --old 给出其编号。", "Give its id with --old."),
    )
