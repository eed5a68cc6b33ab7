"""
A trial run: what the rules would say of submissions now. The same code as admission, never written.

It keeps a state of its own beside the log, so that a county's machine can ask without being the
admission.
"""

from collections.abc import Callable, Sequence

from admission.decide import Admission, Submitted
from admission.state import State
from consumers.folding import fold_log
from consumers.state_store import StateStore
from domain.events import SubmissionRefused, SubmissionRepeated
from domain.parts import Figure, Reason
from domain.units import Micros
from eventlog.contract import Log

REPEATED = "SUBMISSION_REPEATED"
"""Code of a submission that has its verdict already: it would be answered with the first."""
Signed = Callable[[Sequence[object]], list[tuple[bytes, bytes]]]
"""Submissions (with attestations) → value and proof of each, signed as they would be published."""


class TrialRun:
    """Decides submissions on the state of the log as it is now, and forgets what it decided."""

    def __init__(
        self, log: Log, store: StateStore, *, signed: Signed, now: Callable[[], Micros]
    ) -> None:
        self._log = log
        self._store = store
        self._signed = signed
        self._now = now

    def __call__(self, submissions: Sequence[object]) -> list[list[Reason]]:
        """Why each submission would be refused, in order; nothing if it would be recorded."""
        fold_log(self._log, self._store)
        admission = Admission(State(self._store.load))
        at = self._now()
        attempts = admission.read(
            Submitted(value, proof, 1, at) for value, proof in self._signed(submissions)
        )
        return [_reasons(admission.decide(attempt).event) for attempt in attempts]


def _reasons(event: object) -> list[Reason]:
    if isinstance(event, SubmissionRefused):
        return list(event.reasons)
    if isinstance(event, SubmissionRepeated):
        return [Reason(REPEATED, [Figure("original_position", str(event.original_position))])]
    return []
