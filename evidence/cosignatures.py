"""
Cosignatures of witnesses (C2SP ``tlog-cosignature``, version 1 with Ed25519).

A witness states that, as of a time, a checkpoint is the largest consistent tree of the log it has
seen. The statement is one more signature line under the checkpoint: eight bytes of POSIX seconds,
then the signature over ``cosignature/v1``, the time, and the checkpoint's text. Its key id differs
from that of a log's key, so neither signature stands in for the other.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from evidence import canonical_base64
from evidence.key_texts import BadKey, id_of, is_name, key_text, read_key, read_secret, secret_text
from evidence.notes import KEY_BYTES, SIGNATURE_LINE, BadNote, parse

ALGORITHM: Final = b"\x04"
"""Ed25519 cosignatures, version 1."""
SIGNATURE_BYTES: Final = 64
TIME_MAX: Final = 2**63 - 1
_TIME: Final = struct.Struct(">Q")


class WitnessKey:
    """The public key of a witness."""

    def __init__(self, name: str, public_key: bytes) -> None:
        if not is_name(name) or len(public_key) != KEY_BYTES:
            raise BadKey
        self.name = name
        self.public_key = public_key
        self.key = id_of(name, ALGORITHM, public_key)

    @classmethod
    def from_text(cls, text: str) -> "WitnessKey":
        """
        The key in a text ``name+id+base64(04 ‖ key)``.

        Raises:
            BadKey: it is not one, or of another algorithm.
        """
        read = read_key(text, ALGORITHM, KEY_BYTES)
        found = cls(read.name, read.raw)
        if found.key != read.key:
            raise BadKey
        return found

    def text(self) -> str:
        """The key as text, to be given to auditors."""
        return key_text(self.name, self.key, ALGORITHM, self.public_key)

    def signed_at(self, text: str, signature: bytes) -> int | None:
        """When (POSIX seconds) this witness signed a checkpoint's text; None if it did not."""
        if len(signature) != _TIME.size + SIGNATURE_BYTES:
            return None
        (at_s,) = _TIME.unpack_from(signature)
        try:
            key = Ed25519PublicKey.from_public_bytes(self.public_key)
            key.verify(signature[_TIME.size :], _message(text, at_s))
        except (InvalidSignature, ValueError):
            return None
        return int(at_s) if at_s <= TIME_MAX else None


class Cosigner:
    """The private key of a witness."""

    def __init__(self, name: str, private_key: Ed25519PrivateKey) -> None:
        self._private_key = private_key
        self.witness = WitnessKey(name, private_key.public_key().public_bytes_raw())

    @classmethod
    def from_text(cls, text: str) -> "Cosigner":
        """
        The key in a text ``PRIVATE+KEY+name+id+base64(04 ‖ seed)``.

        Raises:
            BadKey: it is not one.
        """
        read = read_secret(text, ALGORITHM, KEY_BYTES)
        found = cls(read.name, Ed25519PrivateKey.from_private_bytes(read.raw))
        if found.witness.key != read.key:
            raise BadKey
        return found

    def text(self) -> str:
        """The key as text: a secret."""
        known = self.witness
        seed = self._private_key.private_bytes_raw()
        return secret_text(known.name, known.key, ALGORITHM, seed)

    def line(self, text: str, at_s: int) -> str:
        """The signature line under a checkpoint's text; *at_s* is now, in POSIX seconds."""
        signed = _TIME.pack(at_s) + self._private_key.sign(_message(text, at_s))
        encoded = canonical_base64.encode(self.witness.key + signed)
        return f"{SIGNATURE_LINE}{self.witness.name} {encoded}\n"


def cosigned(note: str, known: Iterable[WitnessKey]) -> dict[WitnessKey, int]:
    """
    Which of the witnesses signed a checkpoint, and when (POSIX seconds).

    A false line under a known key counts for nothing, like one under an unknown key: whoever adds
    lines to a checkpoint can take none away.
    """
    try:
        text, signatures = parse(note)
    except BadNote:
        return {}
    keys = {(key.name, key.key): key for key in known}
    found: dict[WitnessKey, int] = {}
    for signature in signatures:
        key = keys.get((signature.name, signature.key))
        at_s = None if key is None else key.signed_at(text, signature.signature)
        if key is not None and at_s is not None:
            found[key] = max(at_s, found.get(key, 0))
    return found


def with_cosignatures(note: str, answers: Mapping[WitnessKey, str]) -> str:
    """The checkpoint with those lines of the witnesses' answers that are their own and true."""
    text = parse(note).text
    for witness, answer in answers.items():
        for line in answer.splitlines(keepends=True):
            if line.endswith("\n") and witness in cosigned(f"{text}\n{line}", [witness]):
                note += line
                break
    return note


def quorum_at(notes: Iterable[str], known: Sequence[WitnessKey], quorum: int) -> int | None:
    """
    Since when (POSIX seconds) at least *quorum* witnesses have signed one checkpoint; None: never.

    *notes* are all of the same checkpoint, published with more or fewer lines. A key counts once,
    under however many names.
    """
    times: dict[bytes, int] = {}
    for note in notes:
        for witness, at_s in cosigned(note, known).items():
            times[witness.public_key] = min(at_s, times.get(witness.public_key, at_s))
    return sorted(times.values())[quorum - 1] if len(times) >= quorum else None


def _message(text: str, at_s: int) -> bytes:
    return f"cosignature/v1\ntime {at_s}\n{text}".encode()
