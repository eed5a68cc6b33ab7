"""
Fold: event → state. One current code, whose meaning for old events never changes.

Folding never refuses. It is the same code after a live decision, on start-up, and for an auditor.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Any, Final

from admission.fold_money import MONEY
from admission.ids import id_key
from admission.state import Head, Ledger, State
from domain import events as e
from domain.organisation import Organisation
from domain.person import Person
from domain.policy import Policy, PolicyBook
from domain.publisher import OPERATOR_KINDS, OPERATOR_SOURCE, Publisher
from domain.units import Position

Fold = Callable[[State, Position, Any], None]

NOT_INDEXED: Final = frozenset({"LogOpened"})


def _operator(state: State, key: str, public_key: bytes, at: Any) -> None:
    operator = Publisher.begin(
        key, at, public_key=public_key.hex(), source=OPERATOR_SOURCE, subtree="",
        kinds=sorted(OPERATOR_KINDS),
    )  # fmt: skip
    state.put(f"publisher/{key}", operator)


def log_opened(state: State, _: Position, event: e.LogOpened) -> None:
    """Fold LogOpened: the ledger id, the rules, the keys."""
    state.ledger = state.ledger._replace(
        ledger=event.submission_digest.hex(), rules=event.first_rules
    )
    for key, public_key in event.operator_keys:
        _operator(state, key, public_key, event.recorded_at)
    state.put("checkpoint-keys", [[k, p.hex()] for k, p in event.checkpoint_keys])


def rules_adopted(state: State, _: Position, event: e.RulesAdopted) -> None:
    """Fold RulesAdopted: in force from the next submission on."""
    state.ledger = state.ledger._replace(rules=event.adopted)


def schema_registered(state: State, _: Position, event: e.SchemaRegistered) -> None:
    """Fold SchemaRegistered."""
    state.put(f"schema/{event.fingerprint.hex()}", [event.schema, event.text_digest.hex()])
    state.put(f"schema-name/{event.schema}", event.fingerprint.hex())


def operator_key_rotated(state: State, _: Position, event: e.OperatorKeyRotated) -> None:
    """Fold OperatorKeyRotated."""
    _end_key(state, event.old_key, event.recorded_at)
    _operator(state, event.new_key, event.public_key, event.recorded_at)


def checkpoint_key_rotated(state: State, _: Position, event: e.CheckpointKeyRotated) -> None:
    """Fold CheckpointKeyRotated."""
    keys = [k for k in state.get("checkpoint-keys") if k[0] != event.old_key]
    state.put("checkpoint-keys", [*keys, [event.new_key, event.public_key.hex()]])


def _end_key(state: State, key: str, at: Any) -> Publisher:
    publisher: Publisher = state.get(f"publisher/{key}")
    publisher.end(at)
    state.touch(f"publisher/{key}")
    return publisher


def publisher_registered(state: State, _: Position, event: e.PublisherRegistered) -> None:
    """Fold PublisherRegistered."""
    publisher = Publisher.begin(
        event.key, event.recorded_at, public_key=event.public_key.hex(),
        source=event.publisher_source, subtree=event.subtree, kinds=list(event.kinds),
    )  # fmt: skip
    state.put(f"publisher/{event.key}", publisher)


def publisher_key_rotated(state: State, _: Position, event: e.PublisherKeyRotated) -> None:
    """Fold PublisherKeyRotated: source, subtree and kinds stay."""
    old = _end_key(state, event.old_key, event.recorded_at)
    publisher = Publisher.begin(
        event.new_key, event.recorded_at, public_key=event.public_key.hex(),
        source=old.source, subtree=old.subtree, kinds=old.kinds,
    )  # fmt: skip
    state.put(f"publisher/{event.new_key}", publisher)


def publisher_revoked(state: State, _: Position, event: e.PublisherRevoked) -> None:
    """Fold PublisherRevoked."""
    _end_key(state, event.key, event.recorded_at)


def vault_registered(state: State, _: Position, event: e.VaultRegistered) -> None:
    """Fold VaultRegistered."""
    state.put(f"vault/{event.vault}", [event.public_key.hex(), True])
    state.put("active-vault", event.vault)


def vault_revoked(state: State, _: Position, event: e.VaultRevoked) -> None:
    """Fold VaultRevoked."""
    public_key, _active = state.get(f"vault/{event.vault}")
    state.put(f"vault/{event.vault}", [public_key, False])
    if state.get("active-vault") == event.vault:
        state.put("active-vault", None)


def codes_loaded(state: State, _: Position, event: e.CodesLoaded) -> None:
    """Fold CodesLoaded: chunks are kept until the last one puts the whole table in force."""
    pending_key = f"codes-pending/{event.table}"
    rows = [] if event.chunk == 1 else state.get(pending_key)[2]
    rows = rows + [list(entry) for entry in event.entries]
    if event.chunk < event.chunks:
        state.put(pending_key, [event.edition, event.chunk, rows, event.table_digest.hex()])
        return
    table: dict[str, list[list[int | None]]] = {}
    for code, _name, valid_from, valid_to in rows:
        table.setdefault(code, []).append([valid_from, valid_to])
    state.put(f"codes/{event.table}", table)
    state.put(f"codes-edition/{event.table}", event.edition)
    state.put(pending_key, None)


def organisation_registered(state: State, _: Position, event: e.OrganisationRegistered) -> None:
    """Fold OrganisationRegistered."""
    organisation = Organisation.begin(
        event.code, event.recorded_at,
        parent=event.parent, level=event.level, division=event.division,
    )  # fmt: skip
    state.put(f"organisation/{event.code}", organisation)
    if event.parent is None:
        state.put("root", event.code)


def _organisation(state: State, code: str) -> Organisation:
    state.touch(f"organisation/{code}")
    found: Organisation = state.get(f"organisation/{code}")
    return found


def organisation_moved(state: State, _: Position, event: e.OrganisationMoved) -> None:
    """Fold OrganisationMoved."""
    _organisation(state, event.code).move(event.parent, event.recorded_at)


def organisation_closed(state: State, _: Position, event: e.OrganisationClosed) -> None:
    """Fold OrganisationClosed."""
    _organisation(state, event.code).close(event.recorded_at)


def year_closed(state: State, _: Position, event: e.YearClosed) -> None:
    """Fold YearClosed."""
    _organisation(state, event.subtree).close_year(event.year, event.recorded_at)


def policy_adopted(state: State, _: Position, event: e.PolicyAdopted) -> None:
    """Fold PolicyAdopted."""
    policy = Policy(
        event.policy, event.valid_from, event.valid_to, event.scheme, list(event.categories),
        list(event.caps), list(event.occasions_ruled), event.roster_approval,
        event.confirm_arrival, event.visitors_min, event.publicity_days,
    )  # fmt: skip
    key = f"policy/{event.union}"
    book: PolicyBook | None = state.get(key)
    if book is None:
        state.put(key, PolicyBook.begin(event.union, event.recorded_at, policy=policy))
    else:
        book.adopt(policy, event.recorded_at)
        state.touch(key)


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


def person_erased(state: State, _: Position, event: e.PersonErased) -> None:
    """Fold PersonErased."""
    _person(state, event.person).erased = True


def persons_linked(state: State, _: Position, event: e.PersonsLinked) -> None:
    """Fold PersonsLinked: the second person's totals move to the first."""
    first, second = _person(state, event.person), _person(state, event.other)
    if first is not second:
        first.join(second)


def nothing(_state: State, _position: Position, _event: Any) -> None:
    """Fold a verdict that changes no facts."""


FOLDS: Final[dict[type[e.Event], Fold]] = {
    e.LogOpened: log_opened,
    e.RulesAdopted: rules_adopted,
    e.SchemaRegistered: schema_registered,
    e.OperatorKeyRotated: operator_key_rotated,
    e.CheckpointKeyRotated: checkpoint_key_rotated,
    e.PublisherRegistered: publisher_registered,
    e.PublisherKeyRotated: publisher_key_rotated,
    e.PublisherRevoked: publisher_revoked,
    e.VaultRegistered: vault_registered,
    e.VaultRevoked: vault_revoked,
    e.CodesLoaded: codes_loaded,
    e.OrganisationRegistered: organisation_registered,
    e.OrganisationMoved: organisation_moved,
    e.OrganisationClosed: organisation_closed,
    e.YearClosed: year_closed,
    e.PolicyAdopted: policy_adopted,
    e.VisitMade: visit_made,
    e.StatementRecorded: statement_recorded,
    e.IdentitiesRead: identities_read,
    e.PersonErased: person_erased,
    e.PersonsLinked: persons_linked,
    e.SubmissionRefused: nothing,
    e.SubmissionRepeated: nothing,
    **MONEY,
}
"""What each kind of event does to the state; tested to hold every kind."""


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
