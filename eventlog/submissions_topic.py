"""
The submissions topic: submission n is the n-th data record, whatever its offset.

It is read without regard to transactions, so that a publisher's open transaction blocks nobody;
an aborted record is a submission like any other.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from domain.units import Micros
from eventlog.contract import PROOF_HEADER, TRACE_HEADER, LogDamaged, OrderedSubmission, Outgoing
from eventlog.events_topic import MILLI, poll_to
from eventlog.headers import Headers
from eventlog.port import KafkaRecord, Reader

COUNT_LIMIT: Final = 1000
"""So many records are taken at a time when they are only counted."""


class Known(NamedTuple):
    """The offset of one ordinal; (0, -1) is before the first."""

    ordinal: int
    offset: int


BEFORE_FIRST: Final = Known(0, -1)
KnownAtOrBefore = Callable[[int], Known]
"""The best known place at or before an ordinal."""


def headers_of(out: Outgoing) -> Headers:
    """Headers a submission is appended with."""
    headers: list[tuple[str, bytes]] = []
    if out.proof is not None:
        headers.append((PROOF_HEADER, out.proof))
    if out.traceparent is not None:
        headers.append((TRACE_HEADER, out.traceparent.encode()))
    return tuple(headers)


class SubmissionsReader:
    """
    Reads submissions behind an ordinal; goes on where it was, else counts from a known place.

    Raises:
        LogDamaged: the beginning is gone, or there are fewer than were seen.
    """

    def __init__(self, reader: Reader, known: KnownAtOrBefore) -> None:
        self._reader = reader
        self._known = known
        self._at = BEFORE_FIRST
        reader.seek(0)

    def read(
        self, *, after: int, limit: int, timeout_s: float, hint: int | None
    ) -> list[OrderedSubmission]:
        """Submissions behind ordinal *after*, at least one unless the timeout passes."""
        if after != self._at.ordinal:
            self._go_behind(after, hint)
        records = self._reader.poll(limit=limit, timeout_s=timeout_s)
        if records and not self._at.ordinal and self._reader.bounds().begin:
            raise LogDamaged("the submissions topic has lost its beginning")
        first = self._at.ordinal + 1
        if records:
            self._at = Known(self._at.ordinal + len(records), records[-1].offset)
        return [ordered(ordinal, record) for ordinal, record in enumerate(records, start=first)]

    def _go_behind(self, ordinal: int, hint: int | None) -> None:
        if hint is not None:
            self._go(Known(ordinal, hint))
            return
        known = self._known(ordinal)
        if self._at.ordinal <= ordinal and self._at.ordinal > known.ordinal:
            known = self._at
        self._go(known)
        end = self._reader.bounds().end
        while self._at.ordinal < ordinal:
            limit = min(COUNT_LIMIT, ordinal - self._at.ordinal)
            if not self._count(end, limit):
                raise LogDamaged(f"there are {self._at.ordinal} submissions, not {ordinal}")

    def _go(self, known: Known) -> None:
        self._at = known
        self._reader.seek(known.offset + 1)

    def _count(self, end: int, limit: int) -> int:
        records = poll_to(self._reader, end, limit=limit)
        if records:
            self._at = Known(self._at.ordinal + len(records), records[-1].offset)
        return len(records)

    def last_ordinal(self) -> int:
        """Count the submissions there are at this moment, from the last known place on."""
        end = self._reader.bounds().end
        self._go(max(self._known(end), self._at))
        while self._count(end, COUNT_LIMIT):
            pass
        self._reader.rest()
        return self._at.ordinal

    def close(self) -> None:
        """Disconnect."""
        self._reader.close()


def ordered(ordinal: int, record: KafkaRecord) -> OrderedSubmission:
    """A record as a submission."""
    return submission(
        Known(ordinal, record.offset),
        record.key,
        record.value,
        record.headers,
        Micros(record.time_ms * MILLI),
    )


def submission(
    at: Known,
    key: bytes | None,
    value: bytes | None,
    headers: Headers,
    appended_at: Micros,
) -> OrderedSubmission:
    """A submission as read, with the proofs found among its headers."""
    proofs = [proof for name, proof in headers if name == PROOF_HEADER]
    first = proofs[0] if proofs else None
    return OrderedSubmission(
        at.ordinal, at.offset, key, value, first, len(proofs), appended_at, headers
    )
