"""
Signed notes (C2SP ``signed-note``) with Ed25519.

A note is a text, a blank line, and signature lines. A key is known by its name and its id, see
key_texts.py.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from domain.signing import key_id as log_key_id
from evidence import canonical_base64
from evidence.key_texts import (
    ID_BYTES,
    BadKey,
    id_of,
    is_clean,
    is_name,
    key_text,
    read_key,
    read_secret,
    secret_text,
)

ED25519: Final = b"\x01"
KEY_BYTES: Final = 32
NOTE_BYTES_MAX: Final = 1_000_000
SIGNATURES_MAX: Final = 100
SIGNATURE_LINE: Final = "\u2014 "
"""Em dash and space, before name and signature."""


class BadNote(Exception):
    """The note cannot be read, or is not signed as it must be; *code* says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


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
    """
    A public key under a name, and the sizes of the trees it may sign.

    A key that comes without sizes is trusted as it is given: for every tree.
    """

    def __init__(
        self, name: str, public_key: bytes, *, first: int = 0, ended: int | None = None
    ) -> None:
        if not is_name(name) or len(public_key) != KEY_BYTES:
            raise BadKey
        self.name = name
        self.public_key = public_key
        self.key = id_of(name, ED25519, public_key)
        self.log_key = log_key_id(public_key)
        """Id under which the log itself names the key."""
        self.first = first
        """Size from which on it counts."""
        self.ended = ended
        """Size from which on it counts no more; None if it still counts."""

    @classmethod
    def from_text(cls, text: str) -> "Verifier":
        """
        The key in a text ``name+id+base64``.

        Raises:
            BadKey: it is not one, or of another algorithm.
        """
        read = read_key(text, ED25519, KEY_BYTES)
        found = cls(read.name, read.raw)
        if found.key != read.key:
            raise BadKey
        return found

    def text(self) -> str:
        """The key as text, to be given to auditors."""
        return key_text(self.name, self.key, ED25519, self.public_key)

    def between(self, first: int, ended: int | None) -> "Verifier":
        """The same key for trees from size *first* on, up to before *ended*."""
        return Verifier(self.name, self.public_key, first=first, ended=ended)

    def named(self, name: str) -> "Verifier":
        """The same key, for the same trees, under another name."""
        return Verifier(name, self.public_key, first=self.first, ended=self.ended)

    def counts_at(self, size: int) -> bool:
        """Whether it may sign the tree of that size."""
        return self.first <= size and (self.ended is None or size < self.ended)

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
        read = read_secret(text, ED25519, KEY_BYTES)
        found = cls(read.name, Ed25519PrivateKey.from_private_bytes(read.raw))
        if found.verifier.key != read.key:
            raise BadKey
        return found

    def text(self) -> str:
        """The key as text: a secret."""
        known = self.verifier
        seed = self._private_key.private_bytes_raw()
        return secret_text(known.name, known.key, ED25519, seed)

    def line(self, text: str) -> str:
        """The signature line of this key under a note's text."""
        signed = self.verifier.key + self._private_key.sign(text.encode())
        return f"{SIGNATURE_LINE}{self.verifier.name} {canonical_base64.encode(signed)}\n"


def sign(text: str, signers: Sequence[LineSigner]) -> str:
    """
    The note with this text, signed by all.

    Raises:
        ValueError: the text cannot be one of a note, or nobody signs.
    """
    if not signers or not text.endswith("\n") or not is_clean(text):
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
    if not blank or not is_clean(note) or not lines.endswith("\n"):
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
    signed: set[tuple[str, bytes]] = set()
    for signature in found.signatures:
        key = keys.get((signature.name, signature.key))
        if key is None:
            continue
        if not key.verifies(found.text, signature.signature):
            raise BadNote("SIGNATURE_FALSE")
        signed.add((key.name, key.public_key))
    if not signed:
        raise BadNote("SIGNATURE_MISSING")
    # A key may have come several times, for trees of several sizes.
    return found.text, [key for key in known if (key.name, key.public_key) in signed]


def refuse_ended(signers: Sequence[Verifier], size: int) -> None:
    """
    Refuse what was signed only by keys that may not sign a tree of that size.

    Raises:
        BadNote: KEY_NOT_IN_FORCE.
    """
    if not any(signer.counts_at(size) for signer in signers):
        raise BadNote("KEY_NOT_IN_FORCE")


def _signature(line: str) -> Signature:
    name, _, encoded = line.removeprefix(SIGNATURE_LINE).partition(" ")
    try:
        signed = canonical_base64.decode(encoded)
    except ValueError:
        signed = b""
    if not line.startswith(SIGNATURE_LINE) or not is_name(name) or len(signed) <= ID_BYTES:
        raise BadNote("NOTE_MALFORMED")
    return Signature(name, signed[:ID_BYTES], signed[ID_BYTES:])
