"""The vault on PostgreSQL, each call durable; and signatures, as admission checks them."""

import argparse
import json
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any, Final

from admission.proofs import Signatures, submission_signed
from benchmarks import payments
from domain.proofs import SubmissionProof
from domain.signing import BATCH_MAX
from domain.units import Micros
from schemas import codec
from vault.vault import SealRequest, Vault

LEDGER: Final = sha256(b"bench ledger").digest()
CALLS: Final = 12
CHECKS: Final = 3_000


def sealed(dsn: str) -> dict[str, Any]:
    """Seals a second in calls of 512: first of persons unknown to the vault, then of known ones."""
    with Vault.create(
        dsn, sha256(b"bench master key").digest(), ledger=LEDGER,
        clock=lambda: Micros(time.time_ns() // 1_000_000 * 1_000),
    ) as vault:  # fmt: skip
        rates = []
        for again in range(2):
            began = time.perf_counter()
            for call in range(CALLS):
                numbers = range(call * BATCH_MAX, (call + 1) * BATCH_MAX)
                vault.seal(
                    [
                        SealRequest(
                            "C0001", payments.uuid("payment", again, n), "recipient",
                            payments.worker(n),
                        )
                        for n in numbers
                    ]
                )  # fmt: skip
            rates.append(round(CALLS * BATCH_MAX / (time.perf_counter() - began)))
    return {"seals_new_per_s": rates[0], "seals_known_per_s": rates[1]}


def _checked(batch: int, count: int) -> float:
    """Submissions a second whose signature was checked, signed in batches of *batch*."""
    signer = payments.key("bench signatures")
    values = [b"a submission, %d" % n for n in range(count)]
    proofs: list[tuple[bytes, SubmissionProof]] = []
    for start in range(0, count, batch):
        some = values[start : start + batch]
        for value, blob in zip(some, signer.proofs(some, ledger=LEDGER), strict=True):
            proof = codec.decode(blob)
            assert isinstance(proof, SubmissionProof)
            proofs.append((sha256(value).digest(), proof))
    signatures = Signatures()
    began = time.perf_counter()
    good = sum(
        submission_signed(
            signatures, proof=proof, public_key=signer.public_key, ledger=LEDGER, digest=digest
        )
        for digest, proof in proofs
    )
    spent = time.perf_counter() - began
    if good != count:
        raise RuntimeError(f"{count - good} signatures were refused")
    return count / spent


def measure(dsn: str) -> dict[str, Any]:
    """All figures; *dsn* is an empty database."""
    return sealed(dsn) | {
        "checks_single_per_s": round(_checked(1, CHECKS)),
        "checks_batched_per_s": round(_checked(BATCH_MAX, 10 * BATCH_MAX)),
    }


def main(say: Callable[[str], object] = sys.stdout.write) -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--dsn", required=True)
    say(json.dumps(measure(parser.parse_args().dsn), indent=1) + "\n")


if __name__ == "__main__":
    main()
