"""The witnesses that the settings name, and public keys of witnesses as a user gives them."""

from collections.abc import Sequence
from pathlib import Path

from app.problems import Problem, Words
from app.settings import Settings
from consumers.witnesses import WitnessAddress, Witnesses
from evidence.cosignatures import WitnessKey
from evidence.key_texts import BadKey


def witnesses(settings: Settings) -> Witnesses:
    """
    Whoever is asked to cosign checkpoints.

    Raises:
        Problem: a key is none.
    """
    pairs = [one.split() for one in settings.witnesses.split(",") if one.strip()]
    return Witnesses(
        [
            WitnessAddress(key, url.rstrip("/"))
            for text, url in pairs
            for key in witness_keys([text])
        ]
    )


def witness_keys(texts: Sequence[str]) -> list[WitnessKey]:
    """
    Public keys of witnesses: each as text (name+id+key), or a file with such lines.

    Raises:
        Problem: one of them is neither.
    """
    return [key for text in texts for key in _keys(text)]


def _keys(text: str) -> list[WitnessKey]:
    try:
        return [WitnessKey.from_text(text)]
    except BadKey:
        pass
    try:
        lines = Path(text).read_text(encoding="utf-8").splitlines()
        return [WitnessKey.from_text(line) for line in lines if line.strip()]
    except (OSError, ValueError, BadKey):
        raise Problem(
            Words("这不是见证方公钥。", "This is no public key of a witness."),
            where=text,
            how=Words(
                "写成 名称+编号+密钥;见证方用 hengwen witness key show 可查。",
                "Write name+id+key; the witness prints it with `hengwen witness key show`.",
            ),
        ) from None
