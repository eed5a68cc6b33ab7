"""
Signatures: who submitted, and what a vault attested, checked with public keys from the log.

What was verified once is remembered: whether a signature verifies is a pure function of key, message
and signature, so remembering changes no verdict.
"""

from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from domain.merkle import root_from_path
from domain.parts import Attestation
from domain.proofs import SubmissionProof
from domain.signing import (
    BATCH_MAX,
    attest_leaf,
    attest_message,
    submission_leaf,
    submission_message,
)

REMEMBERED_MAX: Final = 10_000
"""Signatures remembered; a batch of 512 submissions needs one."""
NUMBER_MAX: Final = 1 << 62


class Signatures:
    """Verifies Ed25519 signatures and remembers those it has seen."""

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, bytes, bytes], bool] = {}

    def verify(self, public_key: bytes, signature: bytes, message: bytes) -> bool:
        """Whether *signature* of *message* is by *public_key*; False for a malformed key."""
        key = (public_key, signature, message)
        known = self._known.get(key)
        if known is None:
            known = _verified(public_key, signature, message)
            if len(self._known) >= REMEMBERED_MAX:
                self._known.clear()
            self._known[key] = known
        return known


def _verified(public_key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def submission_signed(
    signatures: Signatures,
    *,
    proof: SubmissionProof,
    public_key: bytes,
    ledger: bytes,
    value: bytes,
) -> bool:
    """Whether the submission *value* is in the batch that *proof* says was signed by the key."""
    if not 1 <= proof.size <= BATCH_MAX:
        return False
    root = root_from_path(
        leaf=submission_leaf(ledger=ledger, digest=sha256(value).digest()),
        index=proof.index, size=proof.size, path=proof.path,
    )  # fmt: skip
    if root is None:
        return False
    message = submission_message(ledger=ledger, size=proof.size, root=root)
    return signatures.verify(public_key, proof.signature, message)


def attested(  # noqa: PLR0913  a statement has this many parts
    signatures: Signatures,
    *,
    attestation: Attestation,
    public_key: bytes,
    ledger: bytes,
    organisation: str,
    business_id: str,
    person: str,
    sealed: bytes,
) -> bool:
    """Whether the vault said of exactly this sealed field that its checks passed."""
    if not (1 <= attestation.size <= BATCH_MAX and 0 <= attestation.sequence < NUMBER_MAX):
        return False
    leaf = attest_leaf(
        ledger=ledger, organisation=organisation, business_id=business_id,
        field=attestation.field, person=person, sealed=sealed,
        checks=attestation.checks & 0xFFFFFFFF,
    )  # fmt: skip
    root = root_from_path(
        leaf=leaf, index=attestation.index, size=attestation.size, path=attestation.path
    )
    if root is None or attestation.checks < 0:
        return False
    message = attest_message(
        ledger=ledger, sequence=attestation.sequence, size=attestation.size, root=root
    )
    return signatures.verify(public_key, attestation.signature, message)
