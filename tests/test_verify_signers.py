"""In a part of a log, too, each verdict must bear the signature of a key that might have sent it."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from packs import EXPORTED_AT, verified, written
from packs_forged import altered, values_of
from programme import COUNTY, TOWN, Programme
from whole_programme import under_one_key

from domain.events import PaymentMade
from domain.proofs import SubmissionProof
from evidence.pack import Wanted, export
from evidence.verify_checks import FAILED, OK, SIGNERS, Check
from schemas.codec import decode, encode


@pytest.fixture(scope="module")
def made() -> Programme:
    """Everything happens once, up to the change of the checkpoint key."""
    return under_one_key()


def _checked(path: Path, made: Programme, change: Callable[[Any], bytes | None] | None) -> Check:
    """
    The check of a county's part, or of a stretch.

    The operator has put a payment of the town into the log, its proof changed, and signed it all.
    """
    submitted, values = list(made.submitted), values_of(made)
    at = max(
        n for n, verdict in enumerate(made.verdicts)
        if isinstance(verdict.event, PaymentMade) and verdict.event.organisation == TOWN
    )  # fmt: skip
    if change is not None:
        proof = change(decode(submitted[at].proof or b""))
        submitted[at] = submitted[at]._replace(proof=proof, proofs=int(proof is not None))
        digest = None if proof is None else sha256(proof).digest()
        values[at] = altered(values[at], proof_digest=digest)
    path.mkdir()
    with closing(written(path, made.name, submitted, values)) as log:
        export(log, [], path / "part", Wanted(organisation=COUNTY), exported_at=EXPORTED_AT)
        export(log, [], path / "rest", Wanted(first=at - 5), exported_at=EXPORTED_AT)
    found = [
        check
        for pack in (path / "part", path / "rest")
        for check in verified(pack).checks
        if check.name == SIGNERS
    ]
    assert [(c.status, c.code) for c in found[:1]] == [(c.status, c.code) for c in found[1:]]
    return found[0]


def test_every_submission_of_a_part_was_sent_by_somebody_who_might(
    made: Programme, tmp_path: Path
) -> None:
    """Refusals and repeats among them; also of a part that begins in the middle."""
    assert _checked(tmp_path / "log", made, None).status == OK


def _other_key(proof: SubmissionProof) -> bytes:
    return encode(replace(proof, key="0" * 32))


def _other_signature(proof: SubmissionProof) -> bytes:
    return encode(replace(proof, signature=bytes(64)))


def _no_proof(_: SubmissionProof) -> None:
    return None


def _rubbish(_: SubmissionProof) -> bytes:
    return b"rubbish"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_other_key, "KEY_UNKNOWN"),
        (_other_signature, "SIGNATURE_WRONG"),
        (_no_proof, "PROOF_MISSING"),
        (_rubbish, "PROOF_MALFORMED"),
    ],
    ids=["KEY_UNKNOWN", "SIGNATURE_WRONG", "PROOF_MISSING", "PROOF_MALFORMED"],
)
def test_a_payment_that_nobody_sent_is_found(
    change: Callable[[Any], bytes | None], why: str, made: Programme, tmp_path: Path
) -> None:
    """An operator who makes one up lacks the publisher's signature."""
    found = _checked(tmp_path / "log", made, change)
    assert (found.status, found.code) == (FAILED, "NOT_SENT")
    assert dict(found.figures) == {"why": why}


def test_a_key_that_might_not_is_found(made: Programme, tmp_path: Path) -> None:
    """The signature is true, but of a key that was not given this kind."""
    other = next(
        decode(submitted.proof or b"")
        for submitted, verdict in zip(made.submitted, made.verdicts, strict=True)
        if type(verdict.event).__name__ == "IdentitiesRead"
    )
    found = _checked(tmp_path / "log", made, lambda _: encode(other))
    assert (found.status, found.code) == (FAILED, "NOT_SENT")
