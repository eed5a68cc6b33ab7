"""
Golden bytes that Python and Java must agree on: examples/java/src/test/resources/vectors.json.

    python tests/java_vectors.py > examples/java/src/test/resources/vectors.json

writes them anew, which is only right when the form of submissions was changed on purpose.
"""

import json
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.merkle import inclusion_path, leaf_hash, levels, root_hash
from domain.signing import submission_leaf, submission_message
from publishers.lines import Line, read_line
from publishers.signing import Signer
from schemas import codec, files

SEED = sha256(b"java vectors").digest()
LEDGER = sha256(b"a ledger").digest()
FINGERPRINTS = (
    "MakePayment",
    "SubmitRoster",
    "SubmissionProof",
    "PaymentMade",
    "SubmissionRefused",
)
TREE_SIZES = (1, 2, 3, 5, 6, 7, 8, 11)
ID = "00000000-0000-4000-8000-{:012d}".format
COMMON: dict[str, Any] = {"organisation": "632221", "occurred_on": "2019-01-20"}
LINES: tuple[dict[str, Any], ...] = (
    {
        "type": "MakePayment", "submission_id": ID(1), **COMMON, "actor": "p-staffqqqqqqqqqqqqqqqqqqq",
        "payment": ID(2), "fund": "OWN-2019", "person": "p-recipientqqqqqqqqqqqqqqq", "phone": "t-phoneqqqqqqqqqqqqqqqqqqq",
        "scheme": "ACFTU-2019-7", "category": "C4_HARSH_FRONTLINE", "tier": "T2",
        "occasion": "SPRING_FESTIVAL", "campaign": "2019-SPRING_FESTIVAL", "form": "GOODS",
        "amount_fen": 100_000, "goods": "RICE", "goods_quantity": 2, "evidence": "样例证明1号",
        "signed": True, "sealed": b"sealed by the vault".hex(),
        "attestations": [
            {
                "field": "recipient", "vault": ID(9), "sequence": 300, "checks": 7,
                "signature": bytes(range(64)).hex(), "size": 2, "index": 1, "path": ["ab" * 32],
            }
        ],
    },
    {
        "type": "SubmitRoster", "submission_id": ID(3), **COMMON, "roster": ID(4),
        "fund": "OWN-2019", "campaign": "2019-SPRING_FESTIVAL", "occasion": "SPRING_FESTIVAL",
        "declared_count": 1, "declared_fen": 100_000, "payments_root": "cd" * 32,
        "left_out": [{"row": 3, "code": "DUPLICATE_ROW"}, {"row": 70, "code": "CANCELLED"}],
    },
    {
        "type": "RecordVisit", "submission_id": ID(5), **COMMON, "occurred_on": "1969-12-31",
        "visit": ID(6), "occasion": "SPRING_FESTIVAL", "visitors": ["p-oneqqqqqqqqqqqqqqqqqqqqq", "p-twoqqqqqqqqqqqqqqqqqqqqq"],
        "work_region": "632221",
    },
)  # fmt: skip
"""A payment with an attestation, a roster with nested records, a visit before day 0."""


def vectors() -> dict[str, Any]:
    """All golden bytes, as hexadecimal."""
    signer = Signer(Ed25519PrivateKey.from_private_bytes(SEED))
    lines = [read_line(n, json.dumps(line).encode()) for n, line in enumerate(LINES, start=1)]
    values = [_value(line) for line in lines]
    leaves = [submission_leaf(ledger=LEDGER, digest=sha256(value).digest()) for value in values]
    attested = [line.attestations for line in lines]
    proofs = signer.proofs(values, ledger=LEDGER, attestations=attested)
    root = root_hash(leaves)
    return {
        "seed": SEED.hex(),
        "public_key": signer.public_key.hex(),
        "key": signer.key,
        "ledger": LEDGER.hex(),
        "fingerprints": {n: files.fingerprint(f"hengwen.{n}").hex() for n in FINGERPRINTS},
        "trees": [_tree(size) for size in TREE_SIZES],
        "batch": [
            {"line": line, "value": value.hex(), "leaf": leaf.hex(), "proof": proof.hex()}
            for line, value, leaf, proof in zip(LINES, values, leaves, proofs, strict=True)
        ],
        "root": root.hex(),
        "message": submission_message(ledger=LEDGER, size=len(values), root=root).hex(),
        "signature": codec.decode(proofs[0]).signature.hex(),
    }


def _value(line: Line) -> bytes:
    return codec.encode(line.kind(**line.values))


def _tree(size: int) -> dict[str, Any]:
    rows = levels([leaf_hash(bytes([number])) for number in range(size)])
    paths = [[step.hex() for step in inclusion_path(rows, index)] for index in range(size)]
    return {"root": rows[-1][0].hex(), "paths": paths}


if __name__ == "__main__":
    print(json.dumps(vectors(), ensure_ascii=False, indent=1))  # noqa: T201
