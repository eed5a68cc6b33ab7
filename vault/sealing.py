"""
Sealing: deterministic authenticated encryption of one identity under one person's key.

    K_enc   = HKDF(person key, info "hengwen/seal/1/encrypt")
    K_nonce = HKDF(person key, info "hengwen/seal/1/nonce")
    aad     = ledger, organisation, business id, field, person; each with a u32 big-endian length
    nonce   = first 12 bytes of HMAC(K_nonce, aad ‖ plaintext)
    sealed  = suite byte ‖ nonce ‖ cipher(K_enc, nonce, plaintext, aad)

In INTL-1 the suite byte is 01, the hash SHA-256, the cipher AES-256-GCM; in GM-1 they are 02, SM3
and SM4-GCM.

The same identity at the same place gives the same bytes, so a repeated import repeats itself. Two
different plaintexts or places give different nonces, so the key never meets one nonce twice.
"""

import hmac
import struct
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag

from vault.errors import SealBroken
from vault.suites import INTL, NONCE_BYTES, TAG_BYTES, Suite

ENCRYPT: Final = b"hengwen/seal/1/encrypt"
NONCE: Final = b"hengwen/seal/1/nonce"


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


def seal(person_key: bytes, place: Place, plain: bytes, suite: Suite = INTL) -> bytes:
    """Encrypt *plain* for *place* under a 32-byte person key."""
    aad = place.aad
    nonce = suite.mac(suite.derive(person_key, NONCE), aad + plain)[:NONCE_BYTES]
    cipher = suite.derived_cipher(person_key, ENCRYPT)
    return bytes((suite.byte,)) + nonce + cipher.encrypt(nonce, plain, aad)


def unseal(person_key: bytes, place: Place, sealed: bytes, suite: Suite = INTL) -> bytes:
    """
    The plaintext of *sealed*.

    Raises:
        SealBroken: another key, another place, another suite, or changed bytes.
    """
    if len(sealed) < 1 + NONCE_BYTES + TAG_BYTES or sealed[0] != suite.byte:
        raise SealBroken("not a sealed field of the vault's suite")
    aad, cipher = place.aad, suite.derived_cipher(person_key, ENCRYPT)
    nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        plain = cipher.decrypt(nonce, body, aad)
    except InvalidTag:
        raise SealBroken("the sealed field does not open here") from None
    expected = suite.mac(suite.derive(person_key, NONCE), aad + plain)[:NONCE_BYTES]
    if not hmac.compare_digest(expected, nonce):
        raise SealBroken("the sealed field has a foreign nonce")
    return plain
