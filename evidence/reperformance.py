"""
Re-performance: every decision made again from the submissions, compared byte for byte.

Admission is a pure function of the submissions so far, each stretch under the rules then in force,
so whoever has the submissions and their proofs needs no key, no secret and no clock to decide them
again. The time of each is taken from its stored verdict, and may never fall. Rows that grow with
the log are kept in a temporary file; docs/performance.md has the memory at two sizes.
"""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from types import ModuleType
from typing import Any, Final, NamedTuple

from admission.attempt import Submitted
from admission.decide import UNAUTHENTICATED, Admission
from admission.fold import apply
from admission.rules import VERSIONS
from admission.state import Load, State
from admission.versions import RulesMissing
from domain.events import Event, SubmissionRefused, SubmissionRepeated
from domain.units import Micros, Position
from evidence.redacted_verdicts import Unproven, check_proof
from schemas.codec import HEADER_BYTES, Unreadable, decode
from schemas.varint import Canonical, read_varint

SHOWN_MAX: Final = 200
"""Letters shown of a field that differs."""
DIGEST_BYTES: Final = 32
Save = Callable[[Mapping[str, bytes]], None]


class Step(NamedTuple):
    """One submission as ordered, and the verdict that was stored on it."""

    position: int
    value: bytes | None
    proof: bytes | None
    proofs: int
    appended_at: int
    """When the log took it, as far as is known: what the time in the verdict must agree with."""
    stored: bytes
    redacted: bytes | None = None
    """SHA-256 of the value, if that was left out on purpose: its verdict is taken as it is."""


class FieldDifference(NamedTuple):
    """A field that the stored verdict has otherwise than the decision made again."""

    name: str
    stored: str
    decided: str


class Difference(NamedTuple):
    """
    The first verdict that is not the lawful consequence of its submission.

    *code* is VERDICT_DIFFERS (see the fields), VERDICT_UNREADABLE, TIME_FALLS, TIME_DIFFERS,
    SUBMISSION_DIFFERS (a redacted one has another digest, another proof, or content after all),
    NOT_PROVEN (the proof of a redacted one does not bear its verdict), NOT_REDACTABLE (it was
    accepted) or RULES_MISSING.
    """

    position: int
    code: str
    fields: tuple[FieldDifference, ...] = ()


class Reperformance:
    """
    Decides submissions again, batch by batch, until a verdict differs.

    *load* and *save* keep the rows of the state; *versions* are the rules by their number.
    """

    def __init__(
        self, load: Load, save: Save, versions: Mapping[int, ModuleType] = VERSIONS
    ) -> None:
        self._save = save
        self._versions = versions
        self._admission = Admission(State(load), versions)
        self.redacted: list[int] = []
        """Positions whose submissions were left out on purpose."""

    @property
    def position(self) -> int:
        """The last position that was decided again and agrees."""
        return self._admission.state.ledger.position

    def run(self, steps: Sequence[Step]) -> Difference | None:
        """Decide the next submissions; the first difference, None if all verdicts agree."""
        try:
            times = [recorded_at(step.stored) for step in steps]
        except Unreadable:
            return self._unreadable(steps)
        attempts = self._admission.read(
            Submitted(step.value, step.proof, step.proofs, Micros(at))
            for step, at in zip(steps, times, strict=True)
        )
        decide = self._admission.decide
        last: int = self._admission.state.ledger.recorded_at
        for step, at, attempt in zip(steps, times, attempts, strict=True):
            if at != max(last, step.appended_at):
                return Difference(
                    step.position,
                    "TIME_FALLS" if at < last else "TIME_DIFFERS",
                    (FieldDifference("recorded_at", str(at), str(max(last, step.appended_at))),),
                )
            last = at
            if step.redacted is not None:
                found = self._redacted(step)
                if found is not None:
                    return found
                continue
            try:
                value = decide(attempt).value
            except RulesMissing as missing:
                known = " ".join(map(str, self._versions))
                rules = FieldDifference("rules", str(missing.version), known)
                return Difference(step.position, "RULES_MISSING", (rules,))
            if value != step.stored:
                return difference(step.position, step.stored, value)
        self._save(self._admission.state.take_rows())
        return None

    def _redacted(self, step: Step) -> Difference | None:
        """Take the stored verdict on a submission that is not there, if its proof bears it."""
        try:
            event = decode(step.stored)
        except Unreadable:
            event = None
        if not isinstance(event, Event):
            return Difference(step.position, "VERDICT_UNREADABLE")
        found = self._borne(step, event)
        if found is not None:
            return found
        if not isinstance(event, SubmissionRefused | SubmissionRepeated):
            return Difference(step.position, "NOT_REDACTABLE")
        try:
            apply(self._admission.state, Position(step.position), event, step.stored)
        except Exception as error:  # noqa: BLE001  a forged event can break the fold anywhere
            return _differs(step, "VERDICT_DIFFERS", "verdict", type(error).__name__)
        self.redacted.append(step.position)
        return None

    def _borne(self, step: Step, event: Event) -> Difference | None:
        """Whether digest, rules in force and proof are those of the verdict."""
        wrong = tuple(redacted_differences(step, event))
        if wrong:
            return Difference(step.position, "SUBMISSION_DIFFERS", wrong)
        rules = self._admission.state.ledger.rules or getattr(event, "first_rules", 0)
        if rules and rules not in self._versions:
            known = " ".join(map(str, self._versions))
            return _differs(step, "RULES_MISSING", "rules", str(rules), known)
        if event.rules != rules:
            return _differs(step, "VERDICT_DIFFERS", "rules", str(event.rules), str(rules))
        kinds = self._versions[rules].KINDS if rules else {}
        try:
            check_proof(self._admission, kinds, event, step.proofs, step.proof)
        except Unproven as unproven:
            return _differs(step, "NOT_PROVEN", "proof", str(unproven))
        return None

    def _unreadable(self, steps: Sequence[Step]) -> Difference | None:
        """Decide what stands before the verdict that cannot be read, and report that one."""
        for index, step in enumerate(steps):
            try:
                recorded_at(step.stored)
            except Unreadable:
                return self.run(steps[:index]) or Difference(step.position, "VERDICT_UNREADABLE")
        raise AssertionError("one of them cannot be read")


def _differs(step: Step, code: str, field: str, stored: str, decided: str = "") -> Difference:
    """A difference in one field."""
    return Difference(step.position, code, (FieldDifference(field, stored, decided),))


def redacted_differences(step: Step, event: Event) -> Iterator[FieldDifference]:
    """What is there of a redacted submission that is not what its verdict names."""
    if step.value is not None:
        yield FieldDifference("value", "", shown(step.value))
    if step.proofs > 1 and event.stream != UNAUTHENTICATED:
        yield FieldDifference("proofs", "1", str(step.proofs))
    told = {
        "submission_digest": step.redacted,
        "proof_digest": None if step.proof is None else sha256(step.proof).digest(),
    }
    for name, value in told.items():
        if getattr(event, name) != value:
            yield FieldDifference(name, shown(getattr(event, name)), shown(value))


def recorded_at(value: bytes) -> int:
    """
    The time in an event, microseconds UTC, without decoding the rest of it.

    Every event begins with the fields of domain.events.Event, in that order.

    Raises:
        Unreadable: the beginning is not that of an event.
    """
    try:
        at = HEADER_BYTES
        at = _after_text(value, at + 1) if value[at] else at + 1  # submission_id
        at += DIGEST_BYTES  # submission_digest
        at += 1 + (DIGEST_BYTES if value[at] else 0)  # proof_digest
        at = _after_text(value, at)  # stream
        while value[at] & 0x80:  # version
            at += 1
        at += 1
        at += 1 + (DIGEST_BYTES if value[at] else 0)  # previous
        at = _after_text(value, at + 1) if value[at] else at + 1  # organisation
        at = read_varint(value, at + 1)[1] if value[at] else at + 1  # occurred_on
        return read_varint(value, at)[0]
    except (IndexError, Canonical) as error:
        raise Unreadable from error


def _after_text(value: bytes, at: int) -> int:
    """Where the text that begins at *at* ends."""
    length = value[at]
    if length < 0x80:  # noqa: PLR2004  one byte of a varint: up to 63 letters
        return at + 1 + (length >> 1)
    length, at = read_varint(value, at)
    if length < 0:
        raise Canonical("length")
    return at + length


def difference(position: int, stored: bytes, decided: bytes) -> Difference:
    """What differs between a stored verdict and the decision made again, field by field."""
    try:
        found = decode(stored)
    except Unreadable:
        return Difference(position, "VERDICT_UNREADABLE")
    return Difference(position, "VERDICT_DIFFERS", tuple(_fields(found, decode(decided))))


def _fields(stored: Any, decided: Any) -> Iterable[FieldDifference]:
    if type(stored) is not type(decided):
        yield FieldDifference("type", stored.TOPIC, decided.TOPIC)
    old, new = _values(stored), _values(decided)
    for name in dict.fromkeys([*old, *new]):
        if old.get(name) != new.get(name):
            yield FieldDifference(name, shown(old.get(name)), shown(new.get(name)))


def _values(record: Any) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}


def shown(value: Any) -> str:
    """A field as a short text: bytes in hexadecimal, long ones by their digest."""
    if isinstance(value, bytes):
        text = value.hex()
        return text if len(value) <= DIGEST_BYTES else f"SHA-256 {sha256(value).hexdigest()}"
    text = str(value)
    return text if len(text) <= SHOWN_MAX else text[:SHOWN_MAX] + "…"
