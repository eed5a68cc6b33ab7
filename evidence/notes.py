"""
Signed notes (C2SP ``signed-note``) with Ed25519, and the text forms of their keys.

A note is a text, a blank line, and signature lines. A key is known by its name and the first four
bytes of SHA-256(name ‖ LF ‖ 01 ‖ public key); in text it is ``name+id+base64(01 ‖ public key)``.
"""

import base64
import binascii
from collections.abc import Sequence
from hashlib import sha256
from typing import Final, NamedTuple, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from domain.signing import key_id as log_key_id

ED25519: Final = b"\x01"
KEY_BYTES: Final = 32
ID_BYTES: Final = 4
NOTE_BYTES_MAX: Final = 1_000_000
SIGNATURES_MAX: Final = 100
SECRET_PREFIX: Final = "PRIVATE+KEY+"  # noqa: S105  # what secrets begin with
SIGNATURE_LINE: Final = "\u2014 "
"""Em dash and space, before name and signature."""


class BadNote(Exception):
    """The note cannot be read, or is not signed as it must be; *code* says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class BadKey(Exception):
    """The text is no key of a note. It is never repeated here: it may be a secret."""


class Signature(NamedTuple):
    """One signature line, not checked."""

    name: str
    key: bytes
    """Key id, four bytes."""
    signature: bytes


class Note(NamedTuple):
    """A note as read; its text counts only if a known key signed it."""

    text: str
    signatures: tuple[Signature, ...]


class Verifier:
    """A public key under a name."""

    def __init__(self, name: str, public_key: bytes) -> None:
        if not is_name(name) or len(public_key) != KEY_BYTES:
            raise BadKey
        self.name = name
        self.public_key = public_key
        self.key = sha256(name.encode() + b"\n" + ED25519 + public_key).digest()[:ID_BYTES]
        self.log_key = log_key_id(public_key)
        """Id under which the log itself names the key."""

    @classmethod
    def from_text(cls, text: str) -> "Verifier":
        """
        The key in a text ``name+id+base64``.

        Raises:
            BadKey: it is not one, or of another algorithm.
        """
        name, key, public_key = _parts(text.strip())
        found = cls(name, public_key)
        if found.key != key:
            raise BadKey
        return found

    def text(self) -> str:
        """The key as text, to be given to auditors."""
        encoded = base64.b64encode(ED25519 + self.public_key).decode()
        return f"{self.name}+{self.key.hex()}+{encoded}"

    def verifies(self, text: str, signature: bytes) -> bool:
        """Whether the signature is this key's over the text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


class LineSigner(Protocol):
    """A private key of any algorithm that signs notes."""

    def line(self, text: str) -> str:
        """The signature line of this key under a note's text."""


class NoteSigner:
    """A private key under a name."""

    def __init__(self, name: str, private_key: Ed25519PrivateKey) -> None:
        self._private_key = private_key
        self.verifier = Verifier(name, private_key.public_key().public_bytes_raw())

    @classmethod
    def from_text(cls, text: str) -> "NoteSigner":
        """
        The key in a text ``PRIVATE+KEY+name+id+base64``.

        Raises:
            BadKey: it is not one.
        """
        secret = text.strip()
        if not secret.startswith(SECRET_PREFIX):
            raise BadKey
        name, key, seed = _parts(secret.removeprefix(SECRET_PREFIX))
        found = cls(name, Ed25519PrivateKey.from_private_bytes(seed))
        if found.verifier.key != key:
            raise BadKey
        return found

    def text(self) -> str:
        """The key as text: a secret."""
        known = self.verifier
        encoded = base64.b64encode(ED25519 + self._private_key.private_bytes_raw()).decode()
        return f"{SECRET_PREFIX}{known.name}+{known.key.hex()}+{encoded}"

    def line(self, text: str) -> str:
        """The signature line of this key under a note's text."""
        signed = self.verifier.key + self._private_key.sign(text.encode())
        return f"{SIGNATURE_LINE}{self.verifier.name} {base64.b64encode(signed).decode()}\n"


def sign(text: str, signers: Sequence[LineSigner]) -> str:
    """
    The note with this text, signed by all.

    Raises:
        ValueError: the text cannot be one of a note, or nobody signs.
    """
    if not signers or not text.endswith("\n") or not _is_clean(text):
        raise ValueError("a note is a text that ends with its line, and signed")
    return f"{text}\n{''.join(signer.line(text) for signer in signers)}"


def parse(note: str) -> Note:
    """
    A note, its signatures not checked.

    Raises:
        BadNote: NOTE_TOO_LONG, NOTE_MALFORMED.
    """
    if len(note) > NOTE_BYTES_MAX:
        raise BadNote("NOTE_TOO_LONG")
    text, blank, lines = note.rpartition("\n\n")
    if not blank or not _is_clean(note) or not lines.endswith("\n"):
        raise BadNote("NOTE_MALFORMED")
    signatures = tuple(_signature(line) for line in lines[:-1].split("\n"))
    if len(signatures) > SIGNATURES_MAX:
        raise BadNote("NOTE_TOO_LONG")
    return Note(f"{text}\n", signatures)


def opened(note: str, known: Sequence[Verifier]) -> tuple[str, list[Verifier]]:
    """
    The text of a note that at least one known key signed, and which of them did.

    Signatures of unknown keys are ignored; a false one under a known key spoils the note.

    Raises:
        BadNote: NOTE_TOO_LONG, NOTE_MALFORMED, SIGNATURE_FALSE, SIGNATURE_MISSING.
    """
    found = parse(note)
    keys = {(key.name, key.key): key for key in known}
    signed: dict[bytes, Verifier] = {}
    for signature in found.signatures:
        key = keys.get((signature.name, signature.key))
        if key is None:
            continue
        if not key.verifies(found.text, signature.signature):
            raise BadNote("SIGNATURE_FALSE")
        signed[key.key] = key
    if not signed:
        raise BadNote("SIGNATURE_MISSING")
    return found.text, list(signed.values())


def is_name(name: str) -> bool:
    """Whether a key may have this name: no spaces, no plus, no control characters."""
    return bool(name) and "+" not in name and _is_clean(name) and not any(map(str.isspace, name))


def _is_clean(text: str) -> bool:
    return all(letter >= " " or letter == "\n" for letter in text)


def _signature(line: str) -> Signature:
    name, _, encoded = line.removeprefix(SIGNATURE_LINE).partition(" ")
    try:
        signed = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        signed = b""
    if not line.startswith(SIGNATURE_LINE) or not is_name(name) or len(signed) <= ID_BYTES:
        raise BadNote("NOTE_MALFORMED")
    return Signature(name, signed[:ID_BYTES], signed[ID_BYTES:])


def _parts(text: str) -> tuple[str, bytes, bytes]:
    """Name, key id and key of a key's text."""
    # The base64 part may hold a plus itself.
    name, _, rest = text.partition("+")
    key_text, _, encoded = rest.partition("+")
    try:
        key = bytes.fromhex(key_text)
        encoded_key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise BadKey from None
    right_length = len(encoded_key) == KEY_BYTES + len(ED25519) and len(key) == ID_BYTES
    if not is_name(name) or not right_length or encoded_key[:1] != ED25519:
        raise BadKey
    return name, key, encoded_key[1:]
