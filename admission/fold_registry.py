"""Fold of the registry: the log itself, keys, vaults, codes, organisations, years, policies."""

from collections.abc import Callable
from typing import Any, Final

from admission.state import State
from domain import events as e
from domain.organisation import Organisation
from domain.policy import Policy, PolicyBook
from domain.publisher import OPERATOR_SOURCE, Publisher
from domain.units import Position


def _operator(state: State, key: str, public_key: bytes, at: Any) -> None:
    operator = Publisher.begin(
        key, at, public_key=public_key.hex(), source=OPERATOR_SOURCE, subtree="",
        kinds=[],
    )  # fmt: skip
    state.put(f"publisher/{key}", operator)


def log_opened(state: State, _: Position, event: e.LogOpened) -> None:
    """Fold LogOpened: the ledger id, the rules, the keys."""
    state.ledger = state.ledger._replace(
        ledger=event.submission_digest.hex(), rules=event.first_rules
    )
    state.put("suite", event.suite)
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
    """Fold CheckpointKeyRotated: the old key is never named again."""
    keys = [k for k in state.get("checkpoint-keys") if k[0] != event.old_key]
    state.put("checkpoint-keys", [*keys, [event.new_key, event.public_key.hex()]])
    state.put(f"ended-checkpoint-key/{event.old_key}", event.recorded_at)


def _end_key(state: State, key: str, at: Any) -> Publisher:
    publisher: Publisher = state.get(f"publisher/{key}")
    publisher.end(at)
    state.touch(f"publisher/{key}")
    return publisher


def submission_redacted(state: State, position: Position, event: e.SubmissionRedacted) -> None:
    """Fold SubmissionRedacted: once for each submission."""
    state.put(f"redaction/{event.original_position}", position)


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
    _grow_above(state, event.code, event.recorded_at)


def _organisation(state: State, code: str) -> Organisation:
    state.touch(f"organisation/{code}")
    found: Organisation = state.get(f"organisation/{code}")
    return found


def _grow_above(state: State, code: str, at: Any) -> None:
    """Tell those above an organisation how many levels lie below them now."""
    height = 0
    for above, organisation in list(state.ancestors(code)):
        if above != code and organisation.height < height:
            _organisation(state, above).grow(height, at)
        height = max(height, organisation.height) + 1


def organisation_moved(state: State, _: Position, event: e.OrganisationMoved) -> None:
    """Fold OrganisationMoved: years that were closed for it stay closed wherever it goes."""
    closed = max(above.closed_through for _, above in state.ancestors(event.code))
    organisation = _organisation(state, event.code)
    if organisation.closed_through < closed:
        organisation.close_year(closed, event.recorded_at)
    organisation.move(event.parent, event.recorded_at)
    state.touch(f"organisation/{event.code}")
    _grow_above(state, event.code, event.recorded_at)


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


REGISTRY: Final[dict[type[e.Event], Callable[[State, Position, Any], None]]] = {
    e.LogOpened: log_opened,
    e.RulesAdopted: rules_adopted,
    e.SchemaRegistered: schema_registered,
    e.OperatorKeyRotated: operator_key_rotated,
    e.CheckpointKeyRotated: checkpoint_key_rotated,
    e.SubmissionRedacted: submission_redacted,
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
}
