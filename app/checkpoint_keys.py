"""Private checkpoint keys of this machine, and public ones as a user gives them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from app.problems import Problem, Words
from app.settings import Settings
from evidence.key_texts import BadKey
from evidence.keys import KeyHistory
from evidence.notes import NoteSigner, Verifier
from evidence.sm2 import is_sm2

PATTERN: Final = "checkpoint*.pem"
"""Key files that are used if none is named: after a rotation there are several."""


def private_keys(settings: Settings, named: Sequence[Path]) -> list[Ed25519PrivateKey]:
    """
    The keys in the files that were named, else in all checkpoint*.pem of the folder keys.

    A ledger may name the operator's key as checkpoint key, so that is among them then.

    Raises:
        Problem: a file is no Ed25519 key.
    """
    folder = settings.home / "keys"
    operator = settings.operator_key_file or folder / "operator.pem"
    files = list(named) or [*sorted(folder.glob(PATTERN)), operator]
    return [_key_in(path) for path in files if named or path.exists()]


def signers(keys: Sequence[Ed25519PrivateKey]) -> Callable[[Sequence[Verifier]], list[NoteSigner]]:
    """Which of the keys that the log names can sign here."""

    def at_hand(named: Sequence[Verifier]) -> list[NoteSigner]:
        known = {key.public_key().public_bytes_raw(): key for key in keys}
        return [
            NoteSigner(one.name, known[one.public_key]) for one in named if one.public_key in known
        ]

    return at_hand


def public_keys(texts: Sequence[str]) -> list[Verifier]:
    """
    Public keys: each as text (name+id+key), or a file with such lines or with keys.json.

    Those of keys.json count for the trees that it names; the others are trusted for every tree.

    SM2 keys are left out: app.sm2_keys reads them.

    Raises:
        Problem: one of them is neither.
    """
    return [key for text in texts for key in _public_keys(text)]


def _public_keys(text: str) -> list[Verifier]:
    if is_sm2(text):
        return []
    try:
        return [Verifier.from_text(text)]
    except BadKey:
        pass
    try:
        content = Path(text).read_text(encoding="utf-8")
        if content.lstrip().startswith("["):
            return KeyHistory.from_json(content.encode()).keys
        lines = [line for line in content.splitlines() if line.strip() and not is_sm2(line)]
        return [Verifier.from_text(line) for line in lines]
    except (OSError, ValueError, KeyError, TypeError, RecursionError, BadKey):
        raise Problem(
            Words("这不是校验点公钥。", "This is no public key of checkpoints."),
            where=text,
            how=Words(
                "写成 名称+编号+密钥,或给出 keys.json;hengwen checkpoint key show 可查。",
                "Write name+id+key, or name keys.json; `hengwen checkpoint key show` prints it.",
            ),
        ) from None


def _key_in(path: Path) -> Ed25519PrivateKey:
    content = path.read_bytes()
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError):
        key = None  # the error may quote the file, and a key must never reach a message
    if not isinstance(key, Ed25519PrivateKey):
        raise Problem(
            Words("这个文件不是 Ed25519 私钥。", "The file holds no Ed25519 key."),
            where=str(path),
            how=Words(
                "用 hengwen checkpoint key new 生成。",
                "Make one with `hengwen checkpoint key new`.",
            ),
        ) from None
    return key
