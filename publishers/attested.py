"""
What the log knows about a vault: its highest attested sequence, and the persons ever named.

A vault that was restored from an old backup must learn here that it is behind.
"""

from collections.abc import Iterator
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from domain.merkle import root_from_path
from domain.parts import Attestation
from domain.proofs import SubmissionProof
from domain.retention import LIST_FIELDS, PERSON_FIELDS
from domain.signing import attest_leaf, attest_message, in_bounds
from domain.submissions import MakePayment
from eventlog.contract import Log, OrderedSubmission
from eventlog.reading import events, submission_batches
from schemas.codec import Unreadable, decode


class Seen(NamedTuple):
    """How far the log was searched, and the highest sequence found; 0 if none."""

    ordinal: int
    sequence: int


class KnownVault(NamedTuple):
    """A vault as the log knows it."""

    vault: str
    public_key: bytes
    ledger: bytes


def highest_attested(log: Log, known: KnownVault, *, after: int) -> Seen:
    """
    The highest sequence in any genuine attestation of a vault behind submission *after*.

    Only signatures count, not verdicts: a refused payment was sealed as well. A forged sequence
    changes nothing.

    Raises:
        LogDamaged, LogUnavailable: the log could not be searched to its end.
    """
    last, sequence = log.last_ordinal(), 0
    for batch in submission_batches(log, after=after, until=last):
        for submission in batch:
            sequence = max(sequence, _highest_in(submission, known, sequence))
    return Seen(max(after, last), sequence)


def _highest_in(submission: OrderedSubmission, known: KnownVault, above: int) -> int:
    if submission.proof is None or submission.value is None:
        return 0
    try:
        proof = decode(submission.proof)
        later = [
            one
            for one in (proof.attestations if isinstance(proof, SubmissionProof) else ())
            if one.vault == known.vault and one.sequence > above
        ]
        payment = decode(submission.value) if later else None
    except Unreadable:
        return 0
    if not isinstance(payment, MakePayment):
        return 0
    genuine = [one.sequence for one in later if _is_genuine(one, payment, known)]
    return max(genuine, default=0)


def _is_genuine(attestation: Attestation, payment: MakePayment, known: KnownVault) -> bool:
    own = {
        "recipient": (payment.person, payment.sealed),
        "worker": (payment.worker, payment.sealed_worker),
    }
    person, sealed = own.get(attestation.field, (None, None))
    if person is None or sealed is None or not in_bounds(attestation):
        return False
    leaf = attest_leaf(
        ledger=known.ledger,
        organisation=payment.organisation,
        business_id=payment.payment,
        field=attestation.field,
        person=person,
        sealed=sealed,
        checks=attestation.checks,
    )
    size = attestation.size
    root = root_from_path(leaf=leaf, index=attestation.index, size=size, path=attestation.path)
    if root is None:
        return False
    message = attest_message(
        ledger=known.ledger, sequence=attestation.sequence, size=size, root=root
    )
    try:
        Ed25519PublicKey.from_public_bytes(known.public_key).verify(attestation.signature, message)
    except InvalidSignature:
        return False
    return True


def persons_in_log(log: Log) -> Iterator[str]:
    """
    Every person id in the events of a log, each once.

    Raises:
        LogDamaged, LogUnavailable: the log could not be read to its end.
    """
    found: set[str] = set()
    for stored in events(log, after=0, until=log.last_position()):
        record = decode(stored.value)
        named = [getattr(record, field, None) for field in PERSON_FIELDS]
        for field in LIST_FIELDS:
            named += getattr(record, field, ())
        new = {person for person in named if person} - found
        found |= new
        yield from sorted(new)
