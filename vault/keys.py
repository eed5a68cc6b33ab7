"""
Keys of a vault: the master key that wraps, and what is derived with the keys it wraps.

The master key lives in the settings, never in the database. It wraps one random key per person and
the vault's own three keys: signing (Ed25519), index (tags of documents, cards, phones), and ids.
"""

import secrets
import struct
from base64 import b32encode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vault.errors import WrongVault
from vault.suites import INTL, KEY_BYTES, NONCE_BYTES, Suite

RANDOM_BYTES: Final = 15
"""Randomness of a person id or a token: 120 bits, 24 characters."""


class MasterKey:
    """Wraps and unwraps keys with the suite's cipher; each is bound to its owner's name."""

    def __init__(self, key: bytes, suite: Suite = INTL) -> None:
        if len(key) != KEY_BYTES:
            raise WrongVault("the master key must have 32 bytes")
        self.suite = suite
        self._cipher = suite.derived_cipher(key, b"hengwen/vault/1/wrap")

    def __repr__(self) -> str:
        """Nothing about the key."""
        return "MasterKey(…)"

    def wrap(self, key: bytes, owner: str) -> bytes:
        """A key as stored: random nonce ‖ ciphertext."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, key, owner.encode())

    def unwrap(self, wrapped: bytes, owner: str) -> bytes:
        """
        The key that was wrapped for *owner*.

        Raises:
            WrongVault: another master key, or a key moved from another owner.
        """
        nonce, body = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, body, owner.encode())
        except (InvalidTag, ValueError):
            raise WrongVault("the master key does not fit this vault") from None


@dataclass(frozen=True, slots=True, repr=False)
class VaultKeys:
    """The vault's own keys, unwrapped, 32 bytes each."""

    signing: bytes
    index: bytes
    ids: bytes
    suite: Suite = INTL

    def __repr__(self) -> str:
        """Nothing about the keys."""
        return "VaultKeys(…)"

    @property
    def signer(self) -> Ed25519PrivateKey:
        """The key that signs attestations."""
        return Ed25519PrivateKey.from_private_bytes(self.signing)

    def tag(self, kind: str, *parts: str) -> bytes:
        """The blind index entry of a document, card, phone or household."""
        texts = (b"hengwen/index/1", kind.encode(), *(part.encode() for part in parts))
        return self.suite.mac(self.index, joined(texts))

    def keyed_id(self, parts: Iterable[bytes]) -> str:
        """A UUIDv8 (RFC 9562) of HMAC(id key, parts): equal parts, equal ids; else unguessable."""
        digest = self.suite.mac(self.ids, joined((b"hengwen/id/1", *parts)))
        number = int.from_bytes(digest[:16]) & ~(0xF << 76) & ~(0x3 << 62)
        return str(UUID(int=number | 0x8 << 76 | 0x2 << 62))


def master_key_id(key: bytes, suite: Suite = INTL) -> str:
    """Sixteen hex digits that tell master keys apart and say nothing about them."""
    return suite.derive(key, b"hengwen/vault/1/master-id")[:8].hex()


def joined(parts: Iterable[bytes]) -> bytes:
    """Parts with u32 big-endian lengths before them, so that no two lists give the same bytes."""
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)


def random_key() -> bytes:
    """A fresh 32-byte key."""
    return secrets.token_bytes(KEY_BYTES)


def random_id(prefix: str) -> str:
    """A random id like ``p-`` and 24 characters of a–z and 2–7."""
    return f"{prefix}-{b32encode(secrets.token_bytes(RANDOM_BYTES)).decode().lower()}"
