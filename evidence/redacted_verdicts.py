"""
What still holds a verdict whose submission was left out: the proof that came with it.

The content is gone, so nothing is decided from it. But a proof signs its digest, so whoever made up a
verdict and calls its submission redacted lacks the signature of a key that might have sent it.
"""

from collections.abc import Mapping
from typing import Any, Final

from admission.attempt import PROOF_BYTES_MAX
from admission.decide import UNAUTHENTICATED, Admission
from admission.ids import id_key
from admission.proofs import submission_signed
from admission.rules.kinds import Kind, not_own_key
from domain.events import Event, LogOpened, SubmissionRefused, SubmissionRepeated
from domain.proofs import SubmissionProof
from domain.signing import NO_LEDGER
from domain.texts import CODE
from schemas.codec import Unreadable, decode

OF_PROOFS: Final = frozenset({
    "PROOF_MISSING", "PROOF_DOUBLED", "PROOF_MALFORMED", "KEY_UNKNOWN", "SIGNATURE_WRONG", "KEY_ENDED",
})  # fmt: skip
"""Reasons of a refusal that the proof alone shows to be true or not."""


class Unproven(Exception):
    """The proof does not bear the verdict; *args* says why, in the codes of refusals."""


def check_proof(
    admission: Admission, kinds: Mapping[str, Kind], event: Event, proofs: int, proof: bytes | None
) -> None:
    """
    Whether a key that might have sent the redacted submission signed its digest.

    *kinds* are those of the rules in force; *admission* stands just before the verdict.

    Raises:
        Unproven: none did, or it might not.
    """
    found = _signer(admission, event, proofs, proof)
    if event.stream == UNAUTHENTICATED:
        _refused(event, found if isinstance(found, str) else "")
        return
    if isinstance(found, str):
        raise Unproven(found)
    if isinstance(event, LogOpened):
        return
    if event.source != found.source:
        raise Unproven("SOURCE")
    organisation = event.organisation or ""
    if CODE.fullmatch(organisation) is None or (
        found.subtree and not admission.state.within(organisation, found.subtree)
    ):
        raise Unproven("ORGANISATION")
    if isinstance(event, SubmissionRepeated):
        _repeated(admission, event)
    elif not any(found.may(one.name) or _own(one, event, found.id) for one in _of(event, kinds)):
        raise Unproven("KIND")


def _signer(admission: Admission, event: Event, proofs: int, proof: bytes | None) -> Any:
    """The publisher whose key signed, active then; or a code of OF_PROOFS."""
    if proof is None or proofs == 0:
        return "PROOF_MISSING"
    if proofs > 1:
        return "PROOF_DOUBLED"
    try:
        read = decode(proof) if len(proof) <= PROOF_BYTES_MAX else None
    except Unreadable:
        read = None
    if not isinstance(read, SubmissionProof):
        return "PROOF_MALFORMED"
    publisher: Any = None
    if isinstance(event, LogOpened):
        ledger, key = (
            NO_LEDGER,
            {one.key: one.public_key for one in event.operator_keys}.get(read.key),
        )
    else:
        publisher = admission.state.publisher(read.key)
        ledger = bytes.fromhex(admission.state.ledger.ledger)
        key = bytes.fromhex(publisher.public_key) if publisher else None
    if key is None:
        return "KEY_UNKNOWN"
    if not submission_signed(
        admission.signatures, proof=read, public_key=key, ledger=ledger,
        digest=event.submission_digest,
    ):  # fmt: skip
        return "SIGNATURE_WRONG"
    return publisher if publisher is None or publisher.active else "KEY_ENDED"


def _refused(event: Event, found: str) -> None:
    """A refusal of somebody unknown names nobody, and says of the proof what is true."""
    if not isinstance(event, SubmissionRefused) or event.organisation or event.source:
        raise Unproven("UNAUTHENTICATED")
    for reason in event.reasons:
        told = {reason.code, *(figure.value for figure in reason.figures)} & OF_PROOFS
        if told and told != {found}:
            raise Unproven(found or "SIGNED")


def _repeated(admission: Admission, event: SubmissionRepeated) -> None:
    """The same value under the same id stands where the verdict says."""
    row = admission.state.get(id_key(event.organisation or "", event.submission_id or ""))
    if row is None or tuple(row) != (event.original_position, event.submission_digest.hex()):
        raise Unproven("ORIGINAL")


def _of(event: Event, kinds: Mapping[str, Kind]) -> list[Kind]:
    """The kinds of submission that can have become this event."""
    if isinstance(event, SubmissionRefused):
        asked = kinds.get(event.kind or "")
        return [asked] if asked else []
    return [kind for kind in kinds.values() if kind.event is type(event)]


def _own(kind: Kind, event: Event, key: str) -> bool:
    """Whether a key does to itself what every key may; a refusal does not say to which key."""
    if kind.own_key is not_own_key:
        return False
    named = {getattr(event, name, None) for name in ("key", "old_key")}
    return isinstance(event, SubmissionRefused) or key in named
