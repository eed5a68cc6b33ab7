"""SM2 keys of checkpoints: private ones of this machine, and public ones as a user gives them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from app.problems import Problem, Words
from app.settings import Settings
from evidence.key_texts import BadKey
from evidence.notes import LineSigner, NoteSigner, Verifier
from evidence.sm2 import Sm2Signer, Sm2Verifier, is_sm2

PATTERN: Final = "checkpoint-sm2*.key"
"""Key files in the folder keys that sign checkpoints as well; after a change there are several."""


def sm2_signers(settings: Settings) -> list[Sm2Signer]:
    """
    The SM2 keys of this machine.

    Raises:
        Problem: a file is no such key.
        ModuleNotFoundError: the extra sm is not installed.
    """
    return [_key_in(path) for path in sorted((settings.home / "keys").glob(PATTERN))]


def with_sm2(
    at_hand: Callable[[Sequence[Verifier]], Sequence[NoteSigner]], more: Sequence[Sm2Signer]
) -> Callable[[Sequence[Verifier]], Sequence[LineSigner]]:
    """Who signs here: the keys that the log names, and beside them SM2 keys of the same origin."""

    def both(named: Sequence[Verifier]) -> Sequence[LineSigner]:
        first = at_hand(named)
        origins = {signer.verifier.name for signer in first}
        return [*first, *(one for one in more if one.verifier.name in origins)]

    return both


def sm2_public_keys(texts: Sequence[str]) -> list[Sm2Verifier]:
    """
    The SM2 keys among public keys, each as text or in a file with such lines; others are left out.

    Raises:
        Problem: one has the form of an SM2 key and is none.
        ModuleNotFoundError: there is one, and the extra sm is not installed.
    """
    lines = [line for text in texts for line in ([text] if is_sm2(text) else _lines(Path(text)))]
    try:
        return [Sm2Verifier.from_text(line) for line in lines if is_sm2(line)]
    except BadKey:
        raise Problem(
            Words("SM2 公钥已损坏。", "A public SM2 key is damaged."),
            how=Words(
                "向运营方重新索取;hengwen sm2 show 可查。",
                "Ask the operator for it again; `hengwen sm2 show` prints it.",
            ),
        ) from None


def _lines(path: Path) -> list[str]:
    """Lines of a file; none if it cannot be read, as a text that is no file."""
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return []


def _key_in(path: Path) -> Sm2Signer:
    try:
        return Sm2Signer.from_text(path.read_text(encoding="ascii"))
    except (BadKey, UnicodeDecodeError):
        raise Problem(
            Words("这个文件不是 SM2 私钥。", "The file holds no SM2 key."),
            where=str(path),
            how=Words("用 hengwen sm2 new 生成。", "Make one with `hengwen sm2 new`."),
        ) from None
