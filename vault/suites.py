"""
Suites: which algorithms seal, derive keys and make the blind index of one vault.

A ledger names its suite when it is opened, and its vault keeps to that one. What is defined by the
log itself is the same in all of them: SHA-256 of submissions and trees, Ed25519 of attestations.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SHA256, SM3, HashAlgorithm
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.suites import GM_1, INTL_1, SUITE_BYTES
from vault.errors import OtherSuite

KEY_BYTES: Final = 32
"""Bytes of a person key, a master key, and of a key derived for a MAC."""
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16


class SM4GCM:
    """SM4-GCM (GB/T 32907, RFC 8998) in the form of AESGCM, which has none for SM4."""

    def __init__(self, key: bytes) -> None:
        """*key* has 16 bytes."""
        self._algorithm = SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes:
        """Ciphertext and tag."""
        encryptor = Cipher(self._algorithm, GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated_data or b"")
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes:
        """
        The plaintext.

        Raises:
            InvalidTag: another key, nonce or place, or changed bytes.
            ValueError: nonce or tag are too short.
        """
        body, tag = data[:-TAG_BYTES], data[-TAG_BYTES:]
        decryptor = Cipher(self._algorithm, GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(associated_data or b"")
        return decryptor.update(body) + decryptor.finalize()


Aead = AESGCM | SM4GCM
"""Authenticated encryption under one key; the tag follows the ciphertext."""


@dataclass(frozen=True, slots=True)
class Suite:
    """The algorithms of one vault."""

    name: str
    """As LogOpened names it."""
    byte: int
    """First byte of what is sealed under it."""
    cipher: Callable[[bytes], Aead]
    """Authenticated encryption under a key of *cipher_key_bytes*."""
    cipher_key_bytes: int
    mac: Callable[[bytes, bytes], bytes]
    """32 bytes of HMAC(key, data)."""
    kdf_hash: HashAlgorithm

    def derive(self, key: bytes, info: bytes, length: int = KEY_BYTES) -> bytes:
        """A key for one use, by HKDF without salt."""
        return HKDF(algorithm=self.kdf_hash, length=length, salt=None, info=info).derive(key)

    def derived_cipher(self, key: bytes, info: bytes) -> Aead:
        """The cipher under a key for one use."""
        return self.cipher(self.derive(key, info, self.cipher_key_bytes))


def hmac_sha256(key: bytes, data: bytes) -> bytes:
    """HMAC-SHA-256."""
    return hmac.digest(key, data, sha256)


def hmac_sm3(key: bytes, data: bytes) -> bytes:
    """HMAC-SM3; not by hashlib, which has SM3 only where its OpenSSL does."""
    made = HMAC(key, SM3())
    made.update(data)
    return made.finalize()


INTL: Final = Suite(INTL_1, SUITE_BYTES[INTL_1], AESGCM, 32, hmac_sha256, SHA256())
GM: Final = Suite(GM_1, SUITE_BYTES[GM_1], SM4GCM, 16, hmac_sm3, SM3())
_BY_NAME: Final = {suite.name: suite for suite in (INTL, GM)}


def suite_called(name: str) -> Suite:
    """
    The suite of that name.

    Raises:
        OtherSuite: this program has none.
    """
    if name not in _BY_NAME:
        raise OtherSuite(vault=None, ledger=name)
    return _BY_NAME[name]
