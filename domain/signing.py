"""
What is signed: the exact bytes under a publisher's and a vault's signature.

Only bytes are built here; keys and signatures live at the edges and in ``admission``.
Every text is UTF-8, every number u64 big-endian, every part of a leaf length-prefixed with u32
big-endian, so that no two different statements give the same bytes.
"""

import struct
from hashlib import sha256
from typing import Final

from domain.merkle import leaf_hash
from domain.parts import Attestation

SUBMISSION_TAG: Final = b"hengwen/submission/1"
ATTEST_TAG: Final = b"hengwen/attest/1"
LENGTH_32: Final = (32).to_bytes(4)
LENGTH_4: Final = (4).to_bytes(4)
NO_LEDGER: Final = bytes(32)
"""The ledger id under which OpenLog itself is signed."""
BATCH_MAX: Final = 512
"""Most submissions under one signature."""

CHECK_NAME: Final = 1
CHECK_DOCUMENT: Final = 2
CHECK_EMPLOYER: Final = 4
CHECK_PHONE: Final = 8
CHECK_CARD: Final = 16
REAL_NAME_CHECKS: Final = CHECK_NAME | CHECK_DOCUMENT | CHECK_EMPLOYER
"""Checks that must have passed before a payment is ordered (domain rule: real-name minimum)."""


def key_id(public_key: bytes) -> str:
    """The id of a public key: the first 32 hexadecimal digits of its SHA-256."""
    return sha256(public_key).hexdigest()[:32]


def submission_leaf(*, ledger: bytes, digest: bytes) -> bytes:
    """Leaf hash of a submission whose value has the SHA-256 *digest*."""
    return leaf_hash(SUBMISSION_TAG + ledger + digest)


def submission_message(*, ledger: bytes, size: int, root: bytes) -> bytes:
    """What a publisher signs for a batch of *size* submissions."""
    return SUBMISSION_TAG + ledger + struct.pack(">Q", size) + root


def attest_leaf(  # noqa: PLR0913  a statement has this many parts
    *,
    ledger: bytes,
    organisation: str,
    business_id: str,
    field: str,
    person: str,
    sealed: bytes,
    checks: int,
) -> bytes:
    """Leaf hash of a vault's statement about one sealed field of one submission."""
    texts = (organisation.encode(), business_id.encode(), field.encode(), person.encode())
    said = [ATTEST_TAG, LENGTH_32, ledger]
    for text in texts:
        said += (len(text).to_bytes(4), text)
    said += (LENGTH_32, sha256(sealed).digest(), LENGTH_4, checks.to_bytes(4))
    return leaf_hash(b"".join(said))


def in_bounds(attestation: Attestation) -> bool:
    """Whether the numbers of an attestation are such as a vault signs; anyone may write others."""
    return (
        0 <= attestation.checks < 1 << 31
        and 0 <= attestation.sequence < 1 << 62
        and 1 <= attestation.size <= BATCH_MAX
    )


def attest_message(*, ledger: bytes, sequence: int, size: int, root: bytes) -> bytes:
    """What a vault signs for its sealing call number *sequence* over *size* fields."""
    return ATTEST_TAG + ledger + struct.pack(">QQ", sequence, size) + root
