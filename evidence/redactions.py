"""
Submissions whose content is left out of copies: a publisher's mistake, plain identities most of all.

The operator records it first (SubmissionRedacted); every copy and every pack made afterwards holds
the digest of the content in its place. The verdict and the tree stay as they are.
"""

from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Final, NamedTuple

from domain.events import Event, SubmissionRedacted
from eventlog.contract import PROOF_HEADER, REDACTED_HEADER, OrderedSubmission
from eventlog.reading import EventsLog, batches
from schemas.codec import HEADER_BYTES, Unreadable, decode
from schemas.files import MARKER, fingerprint

HEADER: Final = MARKER + fingerprint(SubmissionRedacted.TOPIC)
"""How a SubmissionRedacted begins."""


class Redaction(NamedTuple):
    """A record that the content of one submission is left out."""

    position: int
    """Of the record."""
    original: int
    """Of the submission."""
    digest: bytes


def redaction(position: int, value: bytes) -> Redaction | None:
    """The redaction that an event is the record of; nearly always none."""
    if value[:HEADER_BYTES] != HEADER:
        return None
    try:
        event = decode(value)
    except Unreadable:
        return None
    return Redaction(position, event.original_position, event.original_digest)


def redactions_in(
    log: EventsLog, until: int, progress: Callable[[int], None] = lambda _: None
) -> dict[int, Redaction]:
    """The redactions recorded in the events up to *until*, by the position of the submission."""
    found: dict[int, Redaction] = {}
    for records in batches(log, after=0, until=until):
        for record in records:
            one = redaction(record.position, record.value)
            if one is not None:
                found[one.original] = one
        progress(len(records))
    return found


def redacted(submission: OrderedSubmission) -> OrderedSubmission:
    """The submission with its digest in place of its content; key and other headers go, too."""
    if submission.value is None:
        return submission
    kept = [header for header in submission.headers if header[0] == PROOF_HEADER]
    digest = sha256(submission.value).digest()
    headers = (*kept, (REDACTED_HEADER, digest))
    return submission._replace(key=None, value=None, headers=headers)


def left_out(submission: OrderedSubmission, stored: bytes) -> bytes | None:
    """
    The digest of a content that this copy of a log was made without; None if it has it.

    Anybody may append an empty record with such a header, so the verdict *stored* must name it.
    """
    if submission.value is not None:
        return None
    digests = [value for name, value in submission.headers if name == REDACTED_HEADER]
    return digests[0] if digests and digest_in(stored) == digests[0] else None


def digest_in(stored: bytes) -> bytes | None:
    """The digest of the submission that a verdict is on; None if it is no verdict."""
    try:
        event = decode(stored)
    except Unreadable:
        return None
    return event.submission_digest if isinstance(event, Event) else None


def without(
    submissions: Iterable[OrderedSubmission], marked: frozenset[int]
) -> list[OrderedSubmission]:
    """The submissions, those at the *marked* positions redacted."""
    return [redacted(one) if one.ordinal in marked else one for one in submissions]
