"""``hengwen witness``: cosign the checkpoints of a log that is another's, if they are consistent."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from app.output import Column, JsonOption, Output
from app.problems import Problem, Words

FILE = Column("file", Words("私钥文件", "private key file"))
NAME = Column("name", Words("名称", "name"))
VKEY = Column("vkey", Words("公钥文本", "public key as text"))
MICROS = 1_000_000
WAITING_S = 1.0
"""After so long a user is told what is waited for."""

KeyFile = Annotated[Path, typer.Argument(help="私钥文件 | private key file")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    witnesses = typer.Typer(
        help="见证他人的总账:只为前后一致的校验点副署 | Witness another's log", no_args_is_help=True
    )
    witnesses.command(
        "run",
        help="在 HTTP 上受理校验点,持续运行 | Answer requests to cosign, until stopped",
        epilog="示例: hengwen witness run --key w.key --log 公钥文本 --state w.json --new-state"
        " | Example: hengwen witness run --key w.key --log VKEY --state w.json --new-state",
    )(serve)
    keys = typer.Typer(help="见证方密钥 | Keys of witnesses", no_args_is_help=True)
    keys.command(
        "new",
        help="生成见证方密钥文件 | Make the key file of a witness",
        epilog="示例: hengwen witness key new w.key --name 见证.example/w1"
        " | Example: hengwen witness key new w.key --name witness.example/w1",
    )(new)
    keys.command(
        "show",
        help="公钥文本,交给审计人员和运营方 | Its public key, for auditors and the operator",
        epilog="示例: hengwen witness key show w.key | Example: hengwen witness key show w.key",
    )(show)
    witnesses.add_typer(keys, name="key")
    app.add_typer(witnesses, name="witness")


def new(
    context: typer.Context,
    file: KeyFile,
    *,
    name: Annotated[
        str,
        typer.Option(help="见证方名称,如无协议的网址 | its name, a URL without scheme, say"),
    ],
    json: JsonOption = False,
) -> None:
    """Make a key; an existing file is never overwritten."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415  # slow to import
        Ed25519PrivateKey,
    )

    from app.private_file import new_private_text  # noqa: PLC0415  # as above
    from evidence.cosignatures import Cosigner  # noqa: PLC0415  # as above
    from evidence.key_texts import BadKey  # noqa: PLC0415  # as above

    try:
        cosigner = Cosigner(name, Ed25519PrivateKey.generate())
    except BadKey:
        raise Problem(
            Words("名称不可用。", "The name cannot be used."),
            where=name,
            how=Words("不含空格和加号。", "Use no spaces and no plus sign."),
        ) from None
    new_private_text(file, cosigner.text() + "\n")
    _show(context, cosigner, file, json=json)


def show(context: typer.Context, file: KeyFile, *, json: JsonOption = False) -> None:
    """Print the public key of a key file."""
    _show(context, _cosigner(file), file, json=json)


def _show(context: typer.Context, cosigner: Any, file: Path, *, json: bool) -> None:
    known = cosigner.witness
    Output.of(context, as_json=json).facts(
        [(FILE, str(file)), (NAME, known.name), (VKEY, known.text())]
    )


def serve(
    context: typer.Context,
    *,
    key: Annotated[Path, typer.Option(help="私钥文件 | private key file")],
    log: Annotated[
        list[str],
        typer.Option(help="总账公钥文本或 keys.json,可多次 | public key or keys.json, repeatable"),
    ],
    state: Annotated[
        Path, typer.Option(help="已副署的最新校验点存于此 | keeps the newest cosigned checkpoints")
    ],
    new_state: Annotated[
        bool,
        typer.Option(
            "--new-state",
            help="首次启动:建立状态文件;丢失状态后不得使用,应换新密钥"
            " | first start: make the state; never after it was lost, make a new key instead",
        ),
    ] = False,
    listen: Annotated[str, typer.Option(help="监听地址 | address to listen at")] = "127.0.0.1:7472",
) -> None:
    """Cosign checkpoints that are consistent with the one before; state is safe before each answer."""
    from app.checkpoint_keys import public_keys  # noqa: PLC0415  # slow to import
    from app.wiring import now  # noqa: PLC0415  # as above
    from consumers.witness_service import serve as answer  # noqa: PLC0415  # as above
    from evidence.witness import Witness  # noqa: PLC0415  # as above

    output = Output.of(context)
    cosigner, known = _cosigner(key), public_keys(log)
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal():
        raise Problem(
            Words("监听地址不可用。", "The address cannot be used."),
            where=listen,
            how=Words("写成 主机:端口。", "Write HOST:PORT."),
        )
    with _only_one(state, output):
        witness = Witness(cosigner, known, _state(state, new=new_state), lambda: now() // MICROS)
        output.note(Words(f"见证服务在 http://{listen}", f"Witnessing at http://{listen}"))
        answer(witness, host=host.strip("[]"), port=int(port))


@contextmanager
def _only_one(state: Path, output: Output) -> Iterator[None]:
    """Wait until no other witness works with this state."""
    from eventlog.embedded import FileLease  # noqa: PLC0415  # slow to import

    # Beside the file itself: by whichever links two processes come to it, they meet here.
    file = Path(os.path.realpath(state))
    file.parent.mkdir(parents=True, exist_ok=True)
    lease = FileLease(file.with_name(f"{file.name}.lease"))
    words = Words(
        "另一个见证进程正在使用该状态,等待中。", "Waiting: another witness uses this state."
    )
    waiting = threading.Timer(WAITING_S, output.note, [words])
    waiting.start()
    try:
        lease.acquire()
        waiting.cancel()
        yield
    finally:
        waiting.cancel()
        lease.release()


def _state(path: Path, *, new: bool) -> Any:
    from evidence.witness import StateDamaged, WitnessState  # noqa: PLC0415  # slow to import

    try:
        return WitnessState.begin(path) if new else WitnessState(path)
    except FileExistsError:
        raise Problem(
            Words("状态文件已存在。", "There is a state already."),
            where=str(path),
            how=Words("去掉 --new-state。", "Leave out --new-state."),
        ) from None
    except StateDamaged:
        raise Problem(
            Words("见证状态不在或已损坏。", "The witness's state is not there, or damaged."),
            where=str(path),
            how=Words(
                "首次启动用 --new-state;状态丢失后换新密钥,旧密钥不得再用:它可能为两部历史副署。",
                "Use --new-state at the very first start. If the state was lost, make a new key and"
                " retire the old one: it could cosign two histories.",
            ),
        ) from None


def _cosigner(file: Path) -> Any:
    from evidence.cosignatures import Cosigner  # noqa: PLC0415  # slow to import
    from evidence.key_texts import BadKey  # noqa: PLC0415  # as above

    try:
        return Cosigner.from_text(file.read_text(encoding="utf-8"))
    except (BadKey, UnicodeDecodeError):
        raise Problem(
            Words("这不是见证方私钥文件。", "This is no private key of a witness."),
            where=str(file),
            how=Words(
                "用 hengwen witness key new 生成。", "Make one with `hengwen witness key new`."
            ),
        ) from None
