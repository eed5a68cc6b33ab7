"""The vault's signature over one sealing call: a statement about each sealed field of it."""

from collections.abc import Sequence
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.merkle import inclusion_path, levels
from domain.parts import Attestation
from domain.signing import attest_leaf, attest_message


class Statement(NamedTuple):
    """What is attested: these sealed bytes are this person's, and these checks passed."""

    organisation: str
    business_id: str
    field: str
    person: str
    sealed: bytes
    checks: int


class Attested(NamedTuple):
    """A signed call: its root and signature, and the attestation of each statement in order."""

    root: bytes
    signature: bytes
    attestations: list[Attestation]


def attest(
    signer: Ed25519PrivateKey,
    statements: Sequence[Statement],
    *,
    ledger: bytes,
    vault: str,
    sequence: int,
) -> Attested:
    """Sign 1 to 512 statements as the call number *sequence* (domain.signing says which bytes)."""
    rows = levels([attest_leaf(ledger=ledger, **s._asdict()) for s in statements])
    size, root = len(statements), rows[-1][0]
    signature = signer.sign(attest_message(ledger=ledger, sequence=sequence, size=size, root=root))
    attestations = [
        Attestation(
            field=statement.field,
            vault=vault,
            sequence=sequence,
            checks=statement.checks,
            signature=signature,
            size=size,
            index=index,
            path=inclusion_path(rows, index),
        )
        for index, statement in enumerate(statements)
    ]
    return Attested(root, signature, attestations)
