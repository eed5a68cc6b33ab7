"""
Signatures: who submitted, and what a vault attested, checked with public keys from the log.

What was verified once is remembered: whether a signature verifies is a pure function of key, message
and signature, so remembering changes no verdict.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from domain.merkle import node_hash
from domain.parts import Attestation
from domain.proofs import SubmissionProof
from domain.signing import (
    BATCH_MAX,
    attest_leaf,
    attest_message,
    in_bounds,
    submission_leaf,
    submission_message,
)

REMEMBERED_MAX: Final = 50_000
"""Nodes remembered; a batch of 512 submissions has about a thousand."""


class Signed(NamedTuple):
    """What a root was signed as: a batch of submissions, or a vault's sealing call."""

    ledger: bytes
    size: int
    sequence: int | None = None
    """Number of the sealing call; None for a batch of submissions."""

    def message(self, root: bytes) -> bytes:
        """The bytes under the signature."""
        if self.sequence is None:
            return submission_message(ledger=self.ledger, size=self.size, root=root)
        return attest_message(ledger=self.ledger, sequence=self.sequence, size=self.size, root=root)


class Signatures:
    """
    Verifies leaves of signed trees, and remembers what was verified.

    A node is remembered with its place, **the rest of its path**, the tree's size, the key and the
    signature: without the rest of the path a garbage path would pass once a sibling had come
    first, and verdicts would depend on who came before.
    """

    def __init__(self) -> None:
        self._known: set[tuple[object, ...]] = set()

    def verify(  # noqa: PLR0913  a leaf, its place, its proof, its signature
        self,
        *,
        leaf: bytes,
        index: int,
        size: int,
        path: Sequence[bytes],
        public_key: bytes,
        signature: bytes,
        signed: Signed,
    ) -> bool:
        """
        Whether *public_key* signed *signed* of a tree of *size* that holds *leaf*.

        The walk is that of RFC 9162 §2.1.3.2.
        """
        if not 0 <= index < size:
            return False
        context = (public_key, signature, signed)
        rest, node, last, result = tuple(path), index, size - 1, leaf
        walked: list[tuple[object, ...]] = []
        for step in path:
            place = (result, node, last, rest, context)
            if place in self._known:
                self._known.update(walked)
                return True
            walked.append(place)
            if last == 0:
                return False
            rest = rest[1:]
            if node & 1 or node == last:
                result = node_hash(step, result)
                while not node & 1 and node:
                    node >>= 1
                    last >>= 1
            else:
                result = node_hash(result, step)
            node >>= 1
            last >>= 1
        if last:
            return False
        return self._root(result, context, walked)

    def _root(
        self,
        root: bytes,
        context: tuple[bytes, bytes, Signed],
        walked: list[tuple[object, ...]],
    ) -> bool:
        """Whether the root was signed; then the nodes walked are remembered."""
        public_key, signature, signed = context
        place = (root, 0, 0, (), context)
        if place not in self._known and not _verified(public_key, signature, signed.message(root)):
            return False
        if len(self._known) >= REMEMBERED_MAX:
            self._known.clear()
        self._known.update(walked)
        self._known.add(place)
        return True


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
    digest: bytes,
) -> bool:
    """Whether the submission with *digest* is in the batch that *proof* says was signed by the key."""
    if not 1 <= proof.size <= BATCH_MAX:
        return False
    return signatures.verify(
        leaf=submission_leaf(ledger=ledger, digest=digest),
        index=proof.index, size=proof.size, path=proof.path,
        public_key=public_key, signature=proof.signature,
        signed=Signed(ledger, proof.size),
    )  # fmt: skip


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
    if not in_bounds(attestation):
        return False
    leaf = attest_leaf(
        ledger=ledger, organisation=organisation, business_id=business_id,
        field=attestation.field, person=person, sealed=sealed,
        checks=attestation.checks,
    )  # fmt: skip
    return signatures.verify(
        leaf=leaf, index=attestation.index, size=attestation.size, path=attestation.path,
        public_key=public_key, signature=attestation.signature,
        signed=Signed(ledger, attestation.size, attestation.sequence),
    )  # fmt: skip
