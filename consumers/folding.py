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
from eventlog.contract import Log, StoredRecord
from eventlog.reading import event_at, insist
from schemas.codec import decode

FOLD_MAX: Final = 5_000
"""Events folded between two writes of the state."""

logger = structlog.get_logger()


class Folded(NamedTuple):
    """A state at the end of the log, and the offset of the submission it ends with, if known."""

    state: State
    offset: int | None
    folded: int
    """Events that were folded for it now; all others the store had already."""


def fold_log(log: Log, store: StateStore) -> Folded:
    """
    The state of all events in the log, kept in *store*.

    A store of another log, one that is ahead of this one, and one that a program with other rows
    left, is made anew.

    Raises:
        LogDamaged, LogUnavailable: see eventlog.reading.insist().
    """
    take(store)
    try:
        return _folded(log, store)
    except (StateUnreadable, ValueError) as error:
        forget(store, error)
        return _folded(log, store)


def take(store: StateStore) -> None:
    """Become the one process that writes *store*; what another program left in it is forgotten."""
    store.drop_staged()
    store.take()
    if not store.of_this_program():
        # Not before it is taken: whoever wrote it may have run until now.
        store.clear()


def forget(store: StateStore, error: Exception) -> None:
    """Empty a store in which something is damaged: a cache is made anew."""
    logger.warning("state.damaged", error=type(error).__name__)
    store.clear()


class Following:
    """
    The state of the events up to some position, going on step by step.

    The store was taken before; what it holds of another log is forgotten.
    """

    def __init__(self, log: Log, store: StateStore) -> None:
        self._log = log
        self._store = store
        self.state = State(store.load)
        last = _last_folded(log, self.state)
        if self.state.ledger.position and last is None:
            logger.warning("state.rebuilt", position=self.state.ledger.position)
            store.clear()
            self.state = State(store.load)
        self.offset = last.submission_offset if last else None
        """Offset of the submission it ends with, if known."""

    @property
    def position(self) -> Position:
        """Position of the last event folded."""
        return self.state.ledger.position

    def step(self, timeout_s: float) -> int:
        """Fold and keep the next events, at most FOLD_MAX; how many, 0 after the timeout."""
        records = self._log.read_events(after=self.position, limit=FOLD_MAX, timeout_s=timeout_s)
        if records:
            _fold(self.state, records)
            self._store.save(self.state.take_rows())
            self.offset = records[-1].submission_offset
        return len(records)


def _folded(log: Log, store: StateStore) -> Folded:
    following = Following(log, store)
    folded, end = 0, log.last_position()
    while following.position < end:
        folded += insist(following.step, log.last_position, following.position)
    return Folded(following.state, following.offset, folded)


def _last_folded(log: Log, state: State) -> StoredRecord | None:
    """The event the state ends with, if the log holds exactly that at its position."""
    ledger = state.ledger
    if ledger.position == 0 or log.last_position() < ledger.position:
        return None
    found = event_at(log, ledger.position)
    return found if sha256(found.value).hexdigest() == ledger.last else None


def _fold(state: State, records: Sequence[StoredRecord]) -> None:
    events = [decode(record.value) for record in records]
    state.prefetch(key for event in events for key in lookups(event))
    for record, event in zip(records, events, strict=True):
        apply(state, Position(record.position), event, record.value)
