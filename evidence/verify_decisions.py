"""Each record is the lawful consequence of its submission: decided again, or at least its digest."""

import gc
from collections.abc import Callable
from hashlib import sha256
from typing import Final

from domain.events import Event, SubmissionRefused, SubmissionRepeated
from evidence.reperformance import (
    FieldDifference,
    Reperformance,
    Step,
    redacted_differences,
    shown,
)
from evidence.verify_bytes import UNREADABLE
from evidence.verify_checks import DECISIONS, SUBMISSIONS, Check, failed, not_checked, passed
from evidence.verify_redactions import Redactions
from evidence.verify_rows import Rows
from evidence.verify_signers import Signers
from evidence.verify_source import Source, Unpaired
from schemas.codec import Unreadable, decode

COLLECTED_EVERY: Final = 100_000
"""Decisions between two collections: refusals are raised, and what is raised holds on to itself."""


def check_decisions(source: Source, progress: Callable[[int], None]) -> list[Check]:
    """Decide every submission again; of a part of a log only the digests can be compared."""
    if not source.extent.begins:
        return [*check_submissions(source, progress), not_checked(DECISIONS, "PART")]
    with Rows() as rows:
        again = Reperformance(rows.load, rows.save)
        redactions = Redactions()
        try:
            for steps in source.steps():
                if steps[0].position != again.position + 1:
                    return [failed(DECISIONS, "NOT_DENSE", again.position + 1)]
                found = again.run(steps)
                if found is not None:
                    return [failed(DECISIONS, found.code, found.position, found.fields)]
                redactions.take(steps)
                progress(len(steps))
                if again.position % COLLECTED_EVERY < len(steps):
                    gc.collect()
        except Unpaired as missing:
            return [failed(DECISIONS, missing.code, missing.position)]
        except UNREADABLE as error:
            name = type(error).__name__
            return [failed(DECISIONS, "UNREADABLE", again.position + 1, error=name)]
        done = passed(DECISIONS, verdicts=again.position, redacted=len(again.redacted))
        return [done, redactions.check(source)]


def check_submissions(source: Source, progress: Callable[[int], None]) -> list[Check]:
    """Compare the digests of submissions and proofs with those in their verdicts, and ask who sent them."""
    with Rows() as rows:
        count, redactions, signers = 0, Redactions(), Signers(rows, source.extent.first)
        try:
            for steps in source.steps():
                wrong = next(filter(None, map(_wrong, steps)), None)
                if wrong is not None:
                    return [wrong]
                redactions.take(steps)
                signers.take(steps)
                count += len(steps)
                progress(len(steps))
        except Unpaired as missing:
            return [failed(SUBMISSIONS, missing.code, missing.position)]
        except UNREADABLE as error:
            return [failed(SUBMISSIONS, "UNREADABLE", error=type(error).__name__)]
    return [passed(SUBMISSIONS, submissions=count), signers.check(), redactions.check(source)]


def _wrong(step: Step) -> Check | None:
    """What of a submission is not what its verdict names; None if all is."""
    if step.redacted is not None and not _redactable(step.stored):
        return failed(SUBMISSIONS, "NOT_REDACTABLE", step.position)
    found = _differences(step)
    return failed(SUBMISSIONS, "SUBMISSION_DIFFERS", step.position, found) if found else None


def _redactable(stored: bytes) -> bool:
    """Whether a verdict is one whose submission may be left out; of a repeat, it may be."""
    try:
        return isinstance(decode(stored), SubmissionRefused | SubmissionRepeated)
    except Unreadable:
        return True  # and is a failure of its own


def _differences(step: Step) -> tuple[FieldDifference, ...]:
    """The digests that are not those of the submission and its proof."""
    try:
        event = decode(step.stored)
    except Unreadable:
        return (FieldDifference("event", "✘", ""),)
    if not isinstance(event, Event):
        return (FieldDifference("event", event.TOPIC, ""),)
    if step.redacted is not None:
        return tuple(redacted_differences(step, event))
    digest = sha256(step.value or b"").digest()
    proof = None if step.proof is None else sha256(step.proof).digest()
    told = {"submission_digest": digest, "proof_digest": proof}
    return tuple(
        FieldDifference(name, shown(getattr(event, name)), shown(value))
        for name, value in told.items()
        if getattr(event, name) != value
    )
