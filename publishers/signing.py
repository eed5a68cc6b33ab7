"""
Proofs for batches of submissions: one Ed25519 signature over the Merkle root of up to 512 values.

A proof travels in the header ``hengwen-proof``; what is signed is said in ``domain.signing``.
"""

from collections.abc import Sequence
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.merkle import inclusion_path, levels
from domain.parts import Attestation
from domain.proofs import SubmissionProof
from domain.signing import BATCH_MAX, key_id, submission_leaf, submission_message
from schemas.codec import encode


class Signer:
    """A publisher's or an operator's signing key."""

    def __init__(self, private_key: Ed25519PrivateKey) -> None:
        self._private_key = private_key
        self.public_key = private_key.public_key().public_bytes_raw()
        self.key = key_id(self.public_key)

    def proofs(
        self,
        values: Sequence[bytes],
        *,
        ledger: bytes,
        attestations: Sequence[Sequence[Attestation]] | None = None,
    ) -> list[bytes]:
        """
        One proof for each of 1 to 512 submission values, under a single signature.

        *ledger* is the ledger id (32 bytes; zeros for OpenLog itself); *attestations* are the
        vault's statements about each value's sealed fields, in the order of *values*.

        Raises:
            ValueError: the batch is empty or larger than 512, or the lengths differ.
        """
        if not 1 <= len(values) <= BATCH_MAX:
            raise ValueError(f"a batch holds 1 to {BATCH_MAX} submissions, not {len(values)}")
        stated = attestations if attestations is not None else [()] * len(values)
        leaves = [submission_leaf(ledger=ledger, digest=sha256(v).digest()) for v in values]
        rows = levels(leaves)
        size = len(leaves)
        signature = self._private_key.sign(
            submission_message(ledger=ledger, size=size, root=rows[-1][0])
        )
        return [
            encode(
                SubmissionProof(
                    key=self.key,
                    signature=signature,
                    size=size,
                    index=index,
                    path=inclusion_path(rows, index),
                    attestations=list(statements),
                )
            )
            for index, (_, statements) in enumerate(zip(values, stated, strict=True))
        ]
