"""The Python client: submissions are encoded, signed in batches, appended, and receipted."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import islice
from typing import NamedTuple, TypeAlias

from domain.parts import Attestation
from domain.signing import BATCH_MAX
from domain.submissions import SUBMISSION_BYTES_MAX, Submission
from eventlog.contract import Log, Outgoing, Receipt
from publishers.signing import Signer
from schemas.codec import encode


class Signable(NamedTuple):
    """A submission with what the vault attested about its sealed fields."""

    submission: Submission
    attestations: Sequence[Attestation] = ()


Publishable: TypeAlias = Submission | Signable | tuple[Submission, Sequence[Attestation]]


class TooLarge(ValueError):
    """A submission's value is larger than 32 KiB; nothing of its batch was sent."""

    def __init__(self, submission_id: str, size: int) -> None:
        super().__init__(
            f"submission {submission_id} takes {size} bytes, {SUBMISSION_BYTES_MAX} fit"
        )
        self.submission_id = submission_id
        self.size = size


def checked_value(submission: Submission) -> bytes:
    """
    The bytes of *submission*.

    Raises:
        TooLarge: more than 32 KiB.
        TypeError, ValueError, OverflowError: a field does not fit its schema.
    """
    value = encode(submission)
    if len(value) > SUBMISSION_BYTES_MAX:
        raise TooLarge(submission.submission_id, len(value))
    return value


class Sent(NamedTuple):
    """A submission that was published, as its verdict will name it."""

    submission: str
    digest: bytes
    """SHA-256 of its value: also the refusal of one that could not be authenticated has it."""

    @classmethod
    def of(cls, submission: Submission) -> "Sent":
        """How the verdict on *submission* will name it."""
        return cls(submission.submission_id, sha256(encode(submission)).digest())


class Appended(NamedTuple):
    """A batch that is safe in the log."""

    sent: list[Sent]
    receipts: list[Receipt]


class Publisher:
    """
    Publishes signed submissions to one log.

    Repeating a call that was interrupted is safe: the same submissions give the same values, and
    admission answers those already ordered with a reference to the first.
    """

    def __init__(self, log: Log, signer: Signer, ledger: bytes) -> None:
        self._log = log
        self._signer = signer
        self._ledger = ledger

    def publish(
        self,
        submissions: Iterable[Publishable],
        *,
        appended: Callable[[int], None] | None = None,
        traceparent: str | None = None,
    ) -> list[Receipt]:
        """
        Append all *submissions*, in order, in signed batches of at most 512; wait until safe.

        *appended* is called with the size of each batch once it is safe. An error leaves earlier
        batches published and sends nothing of its own batch.

        Raises:
            TooLarge: a value is larger than 32 KiB.
        """
        receipts: list[Receipt] = []
        for batch in self.publish_batches(submissions, traceparent=traceparent):
            receipts.extend(batch.receipts)
            if appended is not None:
                appended(len(batch.receipts))
        return receipts

    def publish_batches(
        self, submissions: Iterable[Publishable], *, traceparent: str | None = None
    ) -> Iterator[Appended]:
        """The same, each batch given out once it is safe and then forgotten, however many there are."""
        for batch in _batches(submissions):
            yield self._append(batch, traceparent)

    def _append(self, batch: Sequence[Signable], traceparent: str | None) -> Appended:
        values = [checked_value(signable.submission) for signable in batch]
        proofs = self._signer.proofs(
            values, ledger=self._ledger, attestations=[s.attestations for s in batch]
        )
        receipts = self._log.append(
            [
                Outgoing(signable.submission.organisation, value, proof, traceparent)
                for signable, value, proof in zip(batch, values, proofs, strict=True)
            ]
        )
        sent = [
            Sent(signable.submission.submission_id, sha256(value).digest())
            for signable, value in zip(batch, values, strict=True)
        ]
        return Appended(sent, receipts)


def _batches(submissions: Iterable[Publishable]) -> Iterator[list[Signable]]:
    """The submissions in lists of at most 512, as they come."""
    source = iter(submissions)
    while batch := list(islice(source, BATCH_MAX)):
        yield [Signable(*s) if isinstance(s, tuple) else Signable(s) for s in batch]
