"""
A dry run of the rules: submissions decided on current state, and nothing of it kept.

The same code decides as in admission, signatures and attestations included, so what passes here
can only be refused later if something else was ordered in between.
"""

from collections.abc import Callable, Sequence
from typing import Final, Self

from admission.attempt import Submitted
from admission.decide import Admission
from admission.state import Load, State
from domain.events import Event, SubmissionRefused, SubmissionRepeated
from domain.parts import Figure, Reason
from domain.signing import BATCH_MAX
from domain.units import Micros
from publishers.client import Signable, checked_value
from publishers.signing import Signer

REPEATED: Final = "SUBMISSION_REPEATED"
"""Code for a submission that has its verdict already."""


class Rehearsal:
    """Decides submissions as they would be decided now."""

    def __init__(
        self, load: Load, signer: Signer, *, ledger: bytes, clock_us: Callable[[], int]
    ) -> None:
        """*load* reads rows of admission's state; it is never written to."""
        self._load = load
        self._signer = signer
        self._ledger = ledger
        self._clock_us = clock_us
        self._tried: Callable[[int], None] = lambda _more: None

    def telling(self, tried: Callable[[int], None]) -> Self:
        """This rehearsal, which tells *tried* how many more submissions it has decided."""
        self._tried = tried
        return self

    def __call__(self, signables: Sequence[Signable]) -> list[list[Reason]]:
        """Why each submission would be refused, in order; nothing if it would be recorded."""
        admission = Admission(State(self._load))
        reasons: list[list[Reason]] = []
        for start in range(0, len(signables), BATCH_MAX):
            batch = signables[start : start + BATCH_MAX]
            attempts = admission.read(self._submitted(batch))
            reasons += [_reasons(admission.decide(attempt).event) for attempt in attempts]
            self._tried(len(batch))
        return reasons

    def _submitted(self, batch: Sequence[Signable]) -> list[Submitted]:
        values = [checked_value(signable.submission) for signable in batch]
        proofs = self._signer.proofs(
            values, ledger=self._ledger, attestations=[s.attestations for s in batch]
        )
        at = Micros(self._clock_us())
        return [Submitted(v, proof, 1, at) for v, proof in zip(values, proofs, strict=True)]


def _reasons(event: Event) -> list[Reason]:
    if isinstance(event, SubmissionRefused):
        return list(event.reasons)
    if isinstance(event, SubmissionRepeated):
        return [Reason(REPEATED, [Figure("original_position", str(event.original_position))])]
    return []
