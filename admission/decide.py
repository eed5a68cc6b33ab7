"""
Admission: exactly one verdict per submission, in order, a pure function of the submissions so far.

A submission that cannot be read, is not signed or not authorised is refused under ``refusals/-``
and its ids are not remembered. Then its id is looked up, then its business id, then the checks of
the rules in force are asked. An error in a rule is a verdict too, so that no defect can stop the
ledger before its own repair.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from types import ModuleType
from typing import Any, Final, NamedTuple

from admission.attempt import Attempt, Refused, Submitted, business_id, lookups
from admission.case import Case
from admission.fold import apply
from admission.ids import id_key
from admission.proofs import Signatures, submission_signed
from admission.rules import VERSIONS
from admission.rules.kinds import Kind
from admission.state import State
from admission.versions import OPENING, RulesMissing, Versions, kind_name
from domain.events import Event, Incoming, SubmissionRefused, SubmissionRepeated
from domain.parts import Figure, Reason
from domain.proofs import SubmissionProof
from domain.publisher import Publisher
from domain.refusals import Refusal
from domain.signing import NO_LEDGER
from domain.texts import CODE
from domain.units import Micros, Position
from schemas import codec

EVENT_BYTES_MAX: Final = 65_535
REASONS_MAX: Final = 30
FIGURE_MAX: Final = 300
"""Bounds of a refusal, so that it always fits into an event."""
UNAUTHENTICATED: Final = "refusals/-"
STOPS: Final = (MemoryError, RecursionError, OSError)
"""Errors that are not of the rules: the process stops, the submission waits."""


COMPILED: Final = not __file__.endswith(".py")
"""Whether this is machine code made from the sources: tools/compile_core.py."""


class CompiledFailed(Exception):
    """
    A rule raised an error in the compiled core, at the position given.

    What an error is depends on who runs a rule, and the sources are the reference: they decide.
    """


class Verdict(NamedTuple):
    """The verdict on one submission, and the bytes that are stored."""

    position: Position
    event: Event
    value: bytes


class Admission:
    """Decides submissions in order and folds each verdict into its state."""

    def __init__(self, state: State, versions: Mapping[int, ModuleType] = VERSIONS) -> None:
        self.state = state
        self.signatures = Signatures()
        self._versions = Versions(versions)

    def read(self, batch: Iterable[Submitted]) -> list[Attempt]:
        """
        Read a batch, and in one go the rows that deciding it will ask for.

        How submissions are cut into batches changes the speed, never a verdict.
        """
        attempts = [Attempt(submitted) for submitted in batch]
        self.state.prefetch(key for a in attempts if a.submission for key in lookups(a.submission))
        return attempts

    def decide(self, attempt: Attempt | Submitted) -> Verdict:
        """
        The verdict on the next submission; its event is folded into the state.

        Raises:
            RulesMissing: this program is too old for the log.
            CompiledFailed: the sources must decide this one.
        """
        if isinstance(attempt, Submitted):
            attempt = Attempt(attempt)
        position = Position(self.state.ledger.position + 1)
        self._versions.stop_without(self.state.ledger.rules, position)
        at = Micros(max(self.state.ledger.recorded_at, attempt.submitted.appended_at))
        try:
            event, value = self._judge(attempt, position, at)
        except Refused as refused:
            event, value = self._refusal(attempt, at, refused.refusals)
        except STOPS:
            raise
        except RulesMissing:
            raise
        except Exception as error:  # a defect in a rule must not stop the ledger
            if COMPILED:
                raise CompiledFailed(position) from error
            failed = Refusal("RULE_FAILED", error=type(error).__name__)
            event, value = self._refusal(attempt, at, (failed,))
        apply(self.state, position, event, value)
        return Verdict(position, event, value)

    # -- judging -------------------------------------------------------------------------------

    def _judge(self, attempt: Attempt, position: Position, at: Micros) -> tuple[Event, bytes]:
        in_force = self.state.ledger.rules
        self._versions.refuse_foreign(attempt, in_force)
        submission, proof = attempt.submission, attempt.proof
        if submission is None:
            raise Refused(attempt.unreadable or Refusal("NOT_AVRO"))
        if proof is None:
            raise Refused(attempt.unreadable or Refusal("PROOF_MISSING"))
        publisher = attempt.publisher = self._authenticate(attempt, proof)
        rules = self._versions.of(submission, in_force, position)
        kind: Kind = rules.KINDS[kind_name(submission.TOPIC)]
        case = Case(
            submission=submission, state=self.state, position=position, at=at,
            publisher=publisher, attestations=tuple(proof.attestations), signatures=self.signatures,
            kinds=rules.KINDS, lock_of=partial(self._versions.lock, position=position),
        )  # fmt: skip
        self._authorise(kind, case)
        attempt.authenticated = True
        earlier = self.state.get(id_key(submission.organisation, submission.submission_id))
        if earlier is not None:
            original, digest = earlier
            if digest != attempt.digest.hex():
                raise Refused(Refusal("SUBMISSION_ID_REUSED", original_position=original))
            repeated = SubmissionRepeated(
                **self._common(attempt, at, _refusals(submission.organisation)),
                original_position=original,
            )
            return repeated, codec.encode(repeated)
        malformed = list(kind.gate(case))
        if malformed:
            # Nothing else is asked: figures of other refusals might repeat what must not be kept.
            raise Refused(*malformed)
        taken = kind.taken(case)
        if taken is not None:
            raise Refused(Refusal("ALREADY_RECORDED", original_position=taken))
        reasons = [r for check in kind.checks for r in check(case)]
        if reasons:
            raise Refused(*reasons)
        return self._event(kind, case, attempt)

    def _authenticate(self, attempt: Attempt, proof: SubmissionProof) -> Publisher:
        opening = attempt.submission.TOPIC == OPENING
        if opening:
            if self.state.ledger.rules:
                raise Refused(Refusal("LOG_ALREADY_OPEN"))
            publisher = _opener(attempt.submission, proof.key)
        else:
            publisher = self.state.publisher(proof.key)
        if publisher is None:
            raise Refused(Refusal("NOT_AUTHORISED", why="KEY_UNKNOWN"))
        ledger = NO_LEDGER if opening else bytes.fromhex(self.state.ledger.ledger)
        if not submission_signed(
            self.signatures, proof=proof, public_key=bytes.fromhex(publisher.public_key),
            ledger=ledger, digest=attempt.digest,
        ):  # fmt: skip
            raise Refused(Refusal("SIGNATURE_WRONG"))
        return publisher

    def _authorise(self, kind: Kind, case: Case) -> None:
        publisher, organisation = case.publisher, case.submission.organisation
        if not publisher.active:
            raise Refused(Refusal("NOT_AUTHORISED", why="KEY_ENDED"))
        if not publisher.may(kind.name) and not kind.own_key(case):
            raise Refused(Refusal("NOT_AUTHORISED", why="KIND"))
        if CODE.fullmatch(organisation) is None or (
            publisher.subtree and not self.state.within(organisation, publisher.subtree)
        ):
            raise Refused(Refusal("NOT_AUTHORISED", why="ORGANISATION"))

    def _event(self, kind: Kind, case: Case, attempt: Attempt) -> tuple[Event, bytes]:
        common = self._common(attempt, case.at, kind.stream(case))
        if kind.uses_policy and case.policy is not None:
            common["policy_version"] = case.policy.policy
        receiving = kind.receiving(case)
        if receiving is not None:
            head = self.state.head(receiving)
            common["in_stream"] = receiving
            common["in_version"] = head.in_version + 1
            common["in_previous"] = head.in_last and bytes.fromhex(head.in_last)
        event = kind.build(case, common)
        assert isinstance(event, Incoming) == (receiving is not None)
        value = codec.encode(event)
        if len(value) > EVENT_BYTES_MAX:
            raise Refused(Refusal("EVENT_TOO_LARGE", bytes=len(value)))
        return event, value

    # -- writing -------------------------------------------------------------------------------

    def _common(self, attempt: Attempt, at: Micros, stream: str) -> dict[str, Any]:
        """The fields that every event carries, for a submission that was authenticated."""
        head = self.state.head(stream)
        submission = attempt.submission
        assert attempt.publisher is not None  # authenticated
        return {
            "submission_id": submission.submission_id,
            "submission_digest": attempt.digest,
            "proof_digest": attempt.proof_digest,
            "stream": stream,
            "version": head.version + 1,
            "previous": head.last and bytes.fromhex(head.last),
            "organisation": submission.organisation,
            "occurred_on": submission.occurred_on,
            "recorded_at": at,
            "source": attempt.publisher.source,
            "actor": attempt.actor,
            "policy_version": None,
            "rules": self.state.ledger.rules or getattr(submission, "first_rules", 0),
        }

    def _refusal(
        self, attempt: Attempt, at: Micros, refusals: Sequence[Refusal]
    ) -> tuple[Event, bytes]:
        submission = attempt.submission
        kind = None if submission is None else kind_name(submission.TOPIC)
        original = next((r.original for r in refusals if r.original is not None), None)
        event = SubmissionRefused(
            **(
                self._common(attempt, at, _refusals(submission.organisation))
                if attempt.authenticated
                else self._anonymous(attempt, at)
            ),
            kind=kind,
            business_id=business_id(submission) if attempt.authenticated else None,
            value_size=len(attempt.submitted.value or b""),
            original_position=original,
            roster=getattr(submission, "roster", None) if attempt.authenticated else None,
            roster_row=getattr(submission, "roster_row", None) if attempt.authenticated else None,
            reasons=[_reason(r) for r in refusals[:REASONS_MAX]],
        )
        return event, codec.encode(event)

    def _anonymous(self, attempt: Attempt, at: Micros) -> dict[str, Any]:
        """The fields that every event carries, when it is not known who speaks."""
        head = self.state.head(UNAUTHENTICATED)
        return {
            "submission_id": None,
            "submission_digest": attempt.digest,
            "proof_digest": attempt.proof_digest,
            "stream": UNAUTHENTICATED,
            "version": head.version + 1,
            "previous": head.last and bytes.fromhex(head.last),
            "organisation": None,
            "occurred_on": None,
            "recorded_at": at,
            "source": None,
            "actor": None,
            "policy_version": None,
            "rules": self.state.ledger.rules,
        }


def _refusals(organisation: str) -> str:
    return f"refusals/{organisation}"


def _reason(refusal: Refusal) -> Reason:
    figures = [Figure(n, str(v)[:FIGURE_MAX]) for n, v in refusal.figures.items()]
    return Reason(refusal.code, figures)


def _opener(submission: Any, key: str) -> Publisher | None:
    """OpenLog is signed by an operator key that it names itself."""
    for name, public_key in submission.operator_keys:
        if name == key:
            return Publisher.begin(
                key, Micros(0), public_key=public_key.hex(), source="operator", subtree="",
                kinds=["OpenLog"],
            )  # fmt: skip
    return None
