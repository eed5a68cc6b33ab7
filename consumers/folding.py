"""Bringing a local state up to the end of the log: by folding events, never by deciding."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final, NamedTuple

import structlog

from admission.attempt import lookups
from admission.fold import apply
from admission.state import State
from consumers.state_store import StateStore, StateUnreadable
from domain.units import Position
from eventlog.contract import Log, LogDamaged, StoredRecord
from schemas.codec import decode

FOLD_MAX: Final = 5_000
"""Events folded between two writes of the state."""
ANSWER_S: Final = 10.0
"""Longest wait for events that are known to be there."""

logger = structlog.get_logger()


class Folded(NamedTuple):
    """A state at the end of the log, and the offset of the submission it ends with, if known."""

    state: State
    offset: int | None


def fold_log(log: Log, store: StateStore) -> Folded:
    """
    The state of all events in the log, kept in *store*.

    A store of another log, one that is ahead of this one, and one that a program with other rows
    left, is made anew.

    Raises:
        LogDamaged: events that should be there do not come.
    """
    store.drop_staged()
    store.take()
    if not store.of_this_program():
        # Not before it is taken: whoever wrote it may have run until now.
        store.clear()
    try:
        return _folded(log, store)
    except (StateUnreadable, ValueError) as error:
        # A cache: what is damaged in it is made anew, once.
        logger.warning("state.damaged", error=type(error).__name__)
        store.clear()
        return _folded(log, store)


def _folded(log: Log, store: StateStore) -> Folded:
    state = State(store.load)
    last = _last_folded(log, state)
    if state.ledger.position and last is None:
        logger.warning("state.rebuilt", position=state.ledger.position)
        store.clear()
        state = State(store.load)
    offset = last.submission_offset if last else None
    end = log.last_position()
    while state.ledger.position < end:
        after = state.ledger.position
        records = log.read_events(after=after, limit=FOLD_MAX, timeout_s=ANSWER_S)
        if not records:
            raise LogDamaged(f"no event behind position {after} of {end}")
        _fold(state, records)
        store.save(state.take_rows())
        offset = records[-1].submission_offset
    return Folded(state, offset)


def _last_folded(log: Log, state: State) -> StoredRecord | None:
    """The event the state ends with, if the log holds exactly that at its position."""
    ledger = state.ledger
    if ledger.position == 0 or log.last_position() < ledger.position:
        return None
    found = log.read_events(after=ledger.position - 1, limit=1, timeout_s=ANSWER_S)
    if not found or sha256(found[0].value).hexdigest() != ledger.last:
        return None
    return found[0]


def _fold(state: State, records: Sequence[StoredRecord]) -> None:
    events = [decode(record.value) for record in records]
    state.prefetch(key for event in events for key in lookups(event))
    for record, event in zip(records, events, strict=True):
        apply(state, Position(record.position), event, record.value)
