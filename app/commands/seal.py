"""``hengwen seal``: names out of a file of submissions, or the sealing service."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from app.output import Output
from app.problems import Problem, Words
from app.publishing import note_warnings
from app.settings import Settings
from publishers.client import Signable
from publishers.lines import BadLine, BadLines
from vault.vault import Vault


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        help="密封文件中的身份,或启动密封服务 | Seal the identities in a file, or serve callers",
        epilog="示例: hengwen seal plain.jsonl > sealed.jsonl;hengwen seal --serve"
        " | Examples: hengwen seal plain.jsonl > sealed.jsonl; hengwen seal --serve",
    )(seal)


def seal(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(help="JSON 行文件,每行一笔提交 | JSON lines, a submission each"),
    ] = None,
    *,
    serve: Annotated[
        bool,
        typer.Option(
            "--serve",
            help="在 HENGWEN_SEAL_ADDRESS 提供服务 | answer callers at HENGWEN_SEAL_ADDRESS",
        ),
    ] = False,
) -> None:
    """Print the file's submissions with names sealed and attested, or answer callers until told."""
    from app.vaults import vault_of  # noqa: PLC0415  # slow to import
    from app.wiring import open_log  # noqa: PLC0415  # as above

    if serve == (file is not None):
        raise Problem(
            Words("给出一个文件,或 --serve。", "Give a file, or --serve."),
            how=Words("hengwen seal --help", "hengwen seal --help"),
        )
    settings: Settings = context.obj
    token = _token(settings) if serve else ""
    if file is not None:
        _check(file)
    with (
        closing(open_log(settings, new=bool(settings.ledger))) as log,
        vault_of(settings, log) as vault,
    ):
        if file is None:
            _serve(Output.of(context), vault, settings.seal_address, token)
        else:
            _seal(file, vault, Output.of(context))


def _token(settings: Settings) -> str:
    from publishers.sealing_service import TOKEN_MIN  # noqa: PLC0415  # slow to import

    token = settings.seal_token.get_secret_value()
    if len(token) < TOKEN_MIN:
        raise Problem(
            Words("密封服务需要令牌。", "The sealing service needs a token."),
            where="HENGWEN_SEAL_TOKEN",
            how=Words(
                f"设置至少 {TOKEN_MIN} 个字符的 HENGWEN_SEAL_TOKEN(或 HENGWEN_SEAL_TOKEN_FILE)。",
                f"Set HENGWEN_SEAL_TOKEN (or _FILE) to at least {TOKEN_MIN} characters.",
            ),
        )
    return token


def _serve(output: Output, vault: Vault, address: str, token: str) -> None:
    from consumers.http_connections import answer  # noqa: PLC0415  # slow to import
    from publishers.sealing_service import sealing_app  # noqa: PLC0415  # as above

    host, _, port = address.rpartition(":")
    output.note(Words(f"密封服务在 http://{address}", f"Sealing at http://{address}"))
    answer(sealing_app(vault, token=token), host=host.strip("[]"), port=int(port))


def _check(file: Path) -> None:
    """Refuse a file with unreadable lines before anything is sealed."""
    from publishers.lines import check_lines  # noqa: PLC0415  # slow to import

    try:
        with file.open("rb") as lines:
            check_lines(lines, with_vault=True)
    except BadLines as bad:
        raise _unreadable(bad.problems) from None


def _seal(file: Path, vault: Vault, output: Output) -> None:
    from publishers.written import written  # noqa: PLC0415  # slow to import

    warned: Counter[str] = Counter()
    for signable in _sealed(file, vault, warned):
        sys.stdout.write(written(signable) + "\n")
    note_warnings(output, warned)


def _sealed(file: Path, vault: Vault, warned: Counter[str]) -> Iterator[Signable]:
    from publishers.identities import completed  # noqa: PLC0415  # slow to import
    from publishers.lines import read_lines  # noqa: PLC0415  # as above

    try:
        with file.open("rb") as lines:
            yield from completed(
                read_lines(lines), vault, warned=lambda code: warned.update([code])
            )
    except BadLine as bad:
        raise _unreadable([bad]) from None


def _unreadable(problems: Sequence[BadLine]) -> Problem:
    from app.vault_faults import bad_lines  # noqa: PLC0415  # slow to import

    what = Words("文件中有行不可用。", "Some lines of the file cannot be used.")
    return bad_lines(what, problems)
