"""
Fold: event → state. One current code, whose meaning for old events never changes.

Folding never refuses. It is the same code after a live decision, on start-up, and for an auditor.
"""

from collections.abc import Callable
from dataclasses import fields
from hashlib import sha256
from typing import Any, Final

from admission.fold_money import MONEY
from admission.fold_registry import REGISTRY
from admission.ids import id_key
from admission.state import Head, Ledger, State
from domain import events as e
from domain.person import Person
from domain.retention import keeping, kept_until
from domain.units import Position

Fold = Callable[[State, Position, Any], None]


def visit_made(state: State, position: Position, event: e.VisitMade) -> None:
    """Fold VisitMade."""
    state.put(f"visit/{event.organisation}/{event.visit}", position)


def statement_recorded(state: State, position: Position, event: e.StatementRecorded) -> None:
    """Fold StatementRecorded."""
    state.put(f"statement/{event.organisation}/{event.statement}", position)


def identities_read(state: State, position: Position, event: e.IdentitiesRead) -> None:
    """Fold IdentitiesRead."""
    state.put(f"reading/{event.organisation}/{event.reading}", position)


def _person(state: State, person: str) -> Person:
    found = state.person(person)
    if found is None:
        found = Person(person)
        state.put(f"person/{person}", found)
    state.touch(f"person/{found.id}")
    return found


def _keep(state: State, position: Position, event: e.Event) -> None:
    """Whoever is named in a record keeps the name as long as the record must be kept."""
    kind = type(event)
    names, lists = KEEPING[kind]
    persons = [person for name in names if (person := getattr(event, name)) is not None]
    for name in lists:
        persons += getattr(event, name)
    if not persons:
        return
    until = kept_until(kind.__name__, event.recorded_at)
    for person in persons:
        found = state.person(person)
        if found is None or found.kept_until < until:
            _person(state, person).keep(until, position)


def person_erased(state: State, _: Position, event: e.PersonErased) -> None:
    """Fold PersonErased."""
    _person(state, event.person).erased = True


def persons_linked(state: State, _: Position, event: e.PersonsLinked) -> None:
    """Fold PersonsLinked: the second person's totals move to the first."""
    first, second = _person(state, event.person), _person(state, event.other)
    if first is not second:
        home = state.lowest_above(first.home, second.home)
        first.join(second).home = home


def submission_refused(state: State, position: Position, event: e.SubmissionRefused) -> None:
    """Fold SubmissionRefused: its content is nowhere else, so it may be redacted."""
    state.put(f"refused/{position}", event.submission_digest.hex())


def submission_repeated(state: State, position: Position, event: e.SubmissionRepeated) -> None:
    """Fold SubmissionRepeated: what was refused before is so again."""
    if state.get(f"refused/{event.original_position}") is not None:
        state.put(f"refused/{position}", event.submission_digest.hex())


FOLDS: Final[dict[type[e.Event], Fold]] = {
    e.VisitMade: visit_made,
    e.StatementRecorded: statement_recorded,
    e.IdentitiesRead: identities_read,
    e.PersonErased: person_erased,
    e.PersonsLinked: persons_linked,
    e.SubmissionRefused: submission_refused,
    e.SubmissionRepeated: submission_repeated,
    **REGISTRY,
    **MONEY,
}
"""What each kind of event does to the state; tested to hold every kind."""


KEEPING: Final = {
    kind: keeping(kind.__name__, frozenset(f.name for f in fields(kind))) for kind in FOLDS
}
"""The fields of each kind of event that keep whom they name."""


def apply(state: State, position: Position, event: e.Event, value: bytes) -> None:
    """
    Fold the event at *position*, whose stored bytes are *value*, into the state.

    Raises:
        ValueError: it is not the next event of this log, or not the next of its stream.
    """
    ledger = state.ledger
    if position != ledger.position + 1 or event.recorded_at < ledger.recorded_at:
        raise ValueError("not the next event")
    digest = sha256(value).hexdigest()
    _advance_heads(state, event, digest)
    FOLDS[type(event)](state, position, event)
    _keep(state, position, event)
    if event.organisation is not None and event.submission_id is not None:
        _index(state, position, event)
    state.ledger = Ledger(
        position, event.recorded_at, digest, state.ledger.ledger, state.ledger.rules
    )


def _advance_heads(state: State, event: e.Event, digest: str) -> None:
    key = f"head/{event.stream}"
    head = state.head(event.stream)
    if event.version != head.version + 1:
        raise ValueError("not the next event of its stream")
    state.put(key, Head(event.version, digest, head.in_version, head.in_last))
    if isinstance(event, e.Incoming):
        receiving = state.head(event.in_stream)
        state.put(
            f"head/{event.in_stream}",
            receiving._replace(in_version=event.in_version, in_last=digest),
        )


def _index(state: State, position: Position, event: e.Event) -> None:
    if isinstance(event, e.SubmissionRepeated):
        return
    assert event.organisation is not None  # the caller looked
    assert event.submission_id is not None
    key = id_key(event.organisation, event.submission_id)
    if state.get(key) is None:
        state.put(key, [position, event.submission_digest.hex()])
