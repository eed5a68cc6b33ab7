"""
Who submitted what a part of a log holds: each verdict bears the signature of a key that might send it.

Nothing can be decided again from a part, for what other organisations did is not in it. But every
pack holds the whole registry up to its end, so at each event it is known which keys were in force, for
whom, and for which kinds.
"""

from collections.abc import Mapping, Sequence
from types import ModuleType

from admission.decide import Admission
from admission.fold_registry import REGISTRY
from admission.ids import id_key
from admission.rules import VERSIONS
from admission.state import State
from domain.events import Event, SubmissionRepeated
from domain.units import Position
from evidence.redacted_verdicts import Unproven, check_proof
from evidence.reperformance import Step
from evidence.verify_checks import SIGNERS, Check, failed, passed
from evidence.verify_rows import Rows
from schemas.codec import Unreadable, decode


class Signers:
    """Follows the registry, and asks of each verdict who can have submitted it."""

    def __init__(
        self, rows: Rows, first: int, versions: Mapping[int, ModuleType] = VERSIONS
    ) -> None:
        """*first* is the position from which on the part holds everything that it is a part of."""
        self._rows = rows
        self._first = first
        self._versions = versions
        self._admission = Admission(State(rows.load), versions)
        self._count = 0
        self._failed: Check | None = None

    def take(self, steps: Sequence[Step]) -> None:
        """Take in the next submissions with their verdicts."""
        if self._failed is not None:
            return
        events = [(step, event) for step in steps if (event := _event(step)) is not None]
        state = self._admission.state
        state.prefetch(
            id_key(event.organisation, event.submission_id)
            for _, event in events
            if event.organisation is not None and event.submission_id is not None
        )
        for step, event in events:
            self._failed = self._wrong(step, event)
            if self._failed is not None:
                return
            self._count += 1
        self._rows.save(state.take_rows())

    def _wrong(self, step: Step, event: Event) -> Check | None:
        """What is wrong with one verdict; None if nothing is, and then it is folded."""
        state = self._admission.state
        rules = state.ledger.rules or getattr(event, "first_rules", 0)
        if rules and rules not in self._versions:
            return failed(SIGNERS, "RULES_MISSING", step.position, rules=rules)
        kinds = self._versions[rules].KINDS if rules else {}
        try:
            if not self._of_earlier(event):
                check_proof(self._admission, kinds, event, step.proofs, step.proof)
            fold = REGISTRY.get(type(event))
            if fold is not None:
                fold(state, Position(step.position), event)
        except Unproven as unproven:
            return failed(SIGNERS, "NOT_SENT", step.position, why=str(unproven))
        except Exception as error:  # noqa: BLE001  a forged event can break the fold anywhere
            return failed(SIGNERS, "NOT_SENT", step.position, why=type(error).__name__)
        self._remember(step.position, event)
        return None

    def _of_earlier(self, event: Event) -> bool:
        """Whether it repeats what came before the part, and so is not here."""
        return isinstance(event, SubmissionRepeated) and event.original_position < self._first

    def _remember(self, position: int, event: Event) -> None:
        """The id of a submission and its digest, for whatever repeats it."""
        if event.organisation is None or event.submission_id is None:
            return
        key = id_key(event.organisation, event.submission_id)
        if not isinstance(event, SubmissionRepeated) and self._admission.state.get(key) is None:
            self._admission.state.put(key, [position, event.submission_digest.hex()])

    def check(self) -> Check:
        """What was found."""
        return self._failed or passed(SIGNERS, submissions=self._count)


def _event(step: Step) -> Event | None:
    """The verdict; None if it cannot be read, which is a failure of its own."""
    try:
        event = decode(step.stored)
    except Unreadable:
        return None
    return event if isinstance(event, Event) else None
