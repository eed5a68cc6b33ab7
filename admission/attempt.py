"""One submission as read: bytes to records, before anything is known of who speaks."""

from hashlib import sha256
from typing import Any, Final, NamedTuple

from admission.ids import id_key
from domain.business_ids import BUSINESS_IDS
from domain.proofs import SubmissionProof
from domain.publisher import Publisher
from domain.refusals import Refusal
from domain.submissions import SUBMISSION_BYTES_MAX
from domain.texts import TOKEN
from domain.units import Micros
from schemas import codec

PROOF_BYTES_MAX: Final = 16_384


class Submitted(NamedTuple):
    """What a verdict may depend on: the value, its proof header, its append time."""

    value: bytes | None
    proof: bytes | None
    proofs: int
    appended_at: Micros


class Refused(Exception):
    """Ends the judging of a submission with refusals."""

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__(", ".join(r.code for r in refusals))
        self.refusals = refusals


class Attempt:
    """One submission as read, and how far its judging has come: that decides its refusal's form."""

    __slots__ = (
        "authenticated", "digest", "proof", "proof_digest", "publisher", "submission",
        "submitted", "unreadable",
    )  # fmt: skip

    @property
    def topic(self) -> str | None:
        """The schema's name by the fingerprint, also of what cannot be read; None if unknown."""
        if self.submission is not None:
            topic: str = self.submission.TOPIC
            return topic
        try:
            return codec.topic_of(self.submitted.value or b"")
        except (codec.NotAvro, codec.UnknownSchema):
            return None

    @property
    def actor(self) -> str | None:
        """Who did it, if what is written there can be a token of the vault."""
        actor: str | None = self.submission.actor
        return actor if actor is not None and TOKEN.fullmatch(actor) else None

    def __init__(self, submitted: Submitted) -> None:
        self.submitted = submitted
        self.digest = sha256(submitted.value or b"").digest()
        self.proof_digest = None if submitted.proof is None else sha256(submitted.proof).digest()
        self.publisher: Publisher | None = None
        self.authenticated = False
        self.submission: Any = None
        self.proof: SubmissionProof | None = None
        self.unreadable: Refusal | None = None
        try:
            self.submission = _read(submitted)
            self.proof = _proof(submitted)
        except Refused as refused:
            self.unreadable = refused.refusals[0]


def _read(submitted: Submitted) -> Any:
    """The submission in a value; poison is refused."""
    value = submitted.value
    if value is None:
        raise Refused(Refusal("EMPTY_VALUE"))
    if len(value) > SUBMISSION_BYTES_MAX:
        raise Refused(Refusal("OVERSIZED", bytes=len(value), limit=SUBMISSION_BYTES_MAX))
    try:
        return codec.decode(value)
    except codec.NotAvro:
        raise Refused(Refusal("NOT_AVRO")) from None
    except codec.UnknownSchema:
        raise Refused(Refusal("UNKNOWN_SCHEMA")) from None
    except codec.NotCanonical:
        raise Refused(Refusal("NOT_CANONICAL")) from None


def _proof(submitted: Submitted) -> SubmissionProof:
    if submitted.proof is None or submitted.proofs == 0:
        raise Refused(Refusal("PROOF_MISSING"))
    if submitted.proofs > 1:
        raise Refused(Refusal("PROOF_DOUBLED"))
    if len(submitted.proof) > PROOF_BYTES_MAX:
        raise Refused(Refusal("PROOF_MALFORMED"))
    try:
        proof = codec.decode(submitted.proof)
    except codec.Unreadable:
        raise Refused(Refusal("PROOF_MALFORMED")) from None
    if not isinstance(proof, SubmissionProof):
        raise Refused(Refusal("PROOF_MALFORMED"))
    return proof


_NAMING: Final = tuple(BUSINESS_IDS.values())


def business_id(submission: Any) -> str | None:
    """The id of the thing itself, None for kinds without one."""
    return next((getattr(submission, n) for n in _NAMING if hasattr(submission, n)), None)


def lookups(submission: Any) -> list[str]:
    """The rows that judging a submission, or folding an event, will ask for: a matter of speed."""
    organisation = getattr(submission, "organisation", None)
    if organisation is None or submission.submission_id is None:
        return []
    keys = [id_key(organisation, submission.submission_id)]
    for name in ("payment", "roster", "visit"):
        identity = getattr(submission, name, None)
        if identity is not None:
            keys.append(f"{name}/{organisation}/{identity}")
    if getattr(submission, "roster_row", None) is not None:
        keys.append(f"row/{organisation}/{submission.roster}/{submission.roster_row}")
    person = getattr(submission, "person", None)
    if person is not None:
        keys.append(f"person/{person}")
    return keys
