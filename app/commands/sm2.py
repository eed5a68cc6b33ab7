"""``hengwen sm2``: keys that sign checkpoints by SM2 as well."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from app.key_files import free_path, written_or_told
from app.output import Column, JsonOption, Output
from app.problems import Words

FILE = Column("file", Words("文件", "file"))
VKEY = Column("vkey", Words("公钥文本", "public key as text"))
NAMES = ("checkpoint-sm2.key", *(f"checkpoint-sm2-{n}.key" for n in range(2, 1_000)))


def register(app: typer.Typer) -> None:
    """Add the commands."""
    keys = typer.Typer(
        help="国密 SM2 校验点密钥:校验点在 Ed25519 之外另加一行签名"
        " | SM2 keys of checkpoints: one more signature beside Ed25519's",
        no_args_is_help=True,
    )
    keys.command(
        help="生成 SM2 密钥文件;此后 hengwen checkpoint 一并签名"
        " | Make an SM2 key file; `hengwen checkpoint` signs with it from then on",
        epilog="示例: hengwen sm2 new | Example: hengwen sm2 new",
    )(new)
    keys.command(
        help="本机 SM2 密钥的公钥,交给审计人员 | Public keys of this machine's SM2 keys, for auditors",
        epilog="示例: hengwen sm2 show | Example: hengwen sm2 show",
    )(show)
    app.add_typer(keys, name="sm2")


def new(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(help="写到这里;默认 keys/ 下 | where to write it; in keys/ by default"),
    ] = None,
    *,
    json: JsonOption = False,
) -> None:
    """Make a key for the checkpoints of the configured log; an existing file is never overwritten."""
    from app.opened import opened_log  # noqa: PLC0415  # slow to import
    from app.wiring import open_log  # noqa: PLC0415  # as above
    from evidence.sm2 import Sm2Signer  # noqa: PLC0415  # as above
    from publishers.keys import write_key  # noqa: PLC0415  # as above

    with closing(open_log(context.obj)) as log:
        signer = Sm2Signer.generate(opened_log(log).origin)
    folder = context.obj.home / "keys"
    path = file or free_path(folder, NAMES)
    with written_or_told():
        write_key(path, f"{signer.text()}\n".encode())
    Output.of(context, as_json=json).facts([(FILE, str(path)), (VKEY, signer.verifier.text())])


def show(context: typer.Context, *, json: JsonOption = False) -> None:
    """List the public keys of the SM2 key files that sign here."""
    from app.sm2_keys import sm2_signers  # noqa: PLC0415  # slow to import

    Output.of(context, as_json=json).records(
        [VKEY], [[signer.verifier.text()] for signer in sm2_signers(context.obj)]
    )
