"""
Keys of notes as text, alike for every algorithm: ``name+id+base64(type ‖ key)``.

The id is the first four bytes of SHA-256(name ‖ LF ‖ type ‖ public key), as in C2SP
``signed-note``; *type* is a byte, or a byte and a name. A secret has a prefix before it.
"""

from hashlib import sha256
from typing import Final, NamedTuple

from evidence import canonical_base64

ID_BYTES: Final = 4
SECRET_PREFIX: Final = "PRIVATE+KEY+"  # noqa: S105  # what secrets begin with


class BadKey(Exception):
    """The text is no key of a note. It is never repeated here: it may be a secret."""


class KeyText(NamedTuple):
    """A key as read; whether the id is that of the key is for whoever knows the algorithm."""

    name: str
    key: bytes
    """Key id, four bytes."""
    raw: bytes
    """The key itself, public or secret."""


def id_of(name: str, algorithm: bytes, public_key: bytes) -> bytes:
    """The id of a public key under a name."""
    return sha256(name.encode() + b"\n" + algorithm + public_key).digest()[:ID_BYTES]


def key_text(name: str, key: bytes, algorithm: bytes, raw: bytes) -> str:
    """The text of a public key."""
    return f"{name}+{key.hex()}+{canonical_base64.encode(algorithm + raw)}"


def secret_text(name: str, key: bytes, algorithm: bytes, raw: bytes) -> str:
    """The text of a private key: a secret."""
    return SECRET_PREFIX + key_text(name, key, algorithm, raw)


def read_key(text: str, algorithm: bytes, size: int) -> KeyText:
    """
    A public key of *size* bytes.

    Raises:
        BadKey: it is not one, or of another algorithm.
    """
    # The base64 part may hold a plus itself.
    name, _, rest = text.strip().partition("+")
    key_hex, _, encoded = rest.partition("+")
    try:
        key = bytes.fromhex(key_hex)
        found = canonical_base64.decode(encoded)
    except ValueError:
        raise BadKey from None
    right_length = len(found) == len(algorithm) + size and len(key) == ID_BYTES
    if not is_name(name) or not right_length or not found.startswith(algorithm):
        raise BadKey
    if key.hex() != key_hex:
        raise BadKey  # one key has one text
    return KeyText(name, key, found[len(algorithm) :])


def read_secret(text: str, algorithm: bytes, size: int) -> KeyText:
    """
    A private key of *size* bytes; the id is that of its public key.

    Raises:
        BadKey: it is not one, or of another algorithm.
    """
    secret = text.strip()
    if not secret.startswith(SECRET_PREFIX):
        raise BadKey
    return read_key(secret.removeprefix(SECRET_PREFIX), algorithm, size)


def is_name(name: str) -> bool:
    """Whether a key may have this name: no spaces, no plus, no control characters."""
    return bool(name) and "+" not in name and is_clean(name) and not any(map(str.isspace, name))


def is_clean(text: str) -> bool:
    """Whether a text has no control character but line feeds."""
    return all(letter >= " " or letter == "\n" for letter in text)
