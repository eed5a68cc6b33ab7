"""
Sealing: deterministic authenticated encryption of one identity under one person's key.

    K_enc   = HKDF-SHA-256(person key, info "hengwen/seal/1/encrypt")
    K_nonce = HKDF-SHA-256(person key, info "hengwen/seal/1/nonce")
    aad     = ledger, organisation, business id, field, person; each with a u32 big-endian length
    nonce   = first 12 bytes of HMAC-SHA-256(K_nonce, aad ‖ plaintext)
    sealed  = suite byte ‖ nonce ‖ AES-256-GCM(K_enc, nonce, plaintext, aad)

The same identity at the same place gives the same bytes, so a repeated import repeats itself. Two
different plaintexts or places give different nonces, so the key never meets one nonce twice.
"""

import hmac
import struct
from hashlib import sha256
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vault.errors import SealBroken

AES_256_GCM: Final = 1
"""Suite byte of AES-256-GCM with HKDF and HMAC over SHA-256."""
KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16


class Place(NamedTuple):
    """Where a sealed field belongs; sealed bytes open nowhere else."""

    ledger: bytes
    organisation: str
    business_id: str
    field: str
    person: str

    @property
    def aad(self) -> bytes:
        """The place as additional authenticated data: each part length-prefixed."""
        texts = (self.organisation, self.business_id, self.field, self.person)
        parts = (self.ledger, *(text.encode() for text in texts))
        return b"".join(struct.pack(">I", len(part)) + part for part in parts)


def derive(key: bytes, info: bytes) -> bytes:
    """A 32-byte key for one use, by HKDF-SHA-256 without salt."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(key)


def seal(person_key: bytes, place: Place, plain: bytes) -> bytes:
    """Encrypt *plain* for *place* under a 32-byte person key."""
    aad = place.aad
    nonce_key = derive(person_key, b"hengwen/seal/1/nonce")
    nonce = hmac.digest(nonce_key, aad + plain, sha256)[:NONCE_BYTES]
    cipher = AESGCM(derive(person_key, b"hengwen/seal/1/encrypt"))
    return bytes((AES_256_GCM,)) + nonce + cipher.encrypt(nonce, plain, aad)


def unseal(person_key: bytes, place: Place, sealed: bytes) -> bytes:
    """
    The plaintext of *sealed*.

    Raises:
        SealBroken: another key, another place, an unknown suite, or changed bytes.
    """
    if len(sealed) < 1 + NONCE_BYTES + TAG_BYTES or sealed[0] != AES_256_GCM:
        raise SealBroken("not a sealed field of a known suite")
    cipher = AESGCM(derive(person_key, b"hengwen/seal/1/encrypt"))
    nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        plain = cipher.decrypt(nonce, body, place.aad)
    except InvalidTag:
        raise SealBroken("the sealed field does not open here") from None
    expected = derive(person_key, b"hengwen/seal/1/nonce")
    if not hmac.compare_digest(
        hmac.digest(expected, place.aad + plain, sha256)[:NONCE_BYTES], nonce
    ):
        raise SealBroken("the sealed field has a foreign nonce")
    return plain
