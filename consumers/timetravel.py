"""
Time travel: the read models as they were at an earlier position, built from the log's beginning.

A replay folds the same events with the same functions as the live read models, only fewer of them;
so what it shows is what was known then, whatever was recorded since.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

from consumers.projector import Progress, Projector
from consumers.rebuild import REBUILD_EVENTS_MAX
from domain.units import Micros, Position
from eventlog.contract import StoredRecord
from eventlog.reading import EventsLog, event_at
from projections import replays
from projections.model import ReadModel
from projections.models import MODELS
from projections.replays import Replay
from projections.target import Connection
from schemas.codec import decode


class BeyondTheLog(Exception):
    """The position is behind the last event."""


class Prefix:
    """The first events of a log, as if nothing had been recorded since."""

    def __init__(self, log: EventsLog, until: Position) -> None:
        self._log = log
        self._until = until

    def read_events(self, *, after: int, limit: int, timeout_s: float) -> list[StoredRecord]:
        """Events behind *after*, none of them behind the end of the prefix."""
        wanted = min(limit, self._until - after)
        if wanted <= 0:
            return []
        return self._log.read_events(after=after, limit=wanted, timeout_s=timeout_s)

    def last_position(self) -> int:
        """The end of the prefix."""
        return self._until


def position_at(log: EventsLog, instant: Micros) -> Position:
    """The last position recorded by *instant*; 0 if nothing was. Recorded times never fall."""
    low, high = 0, log.last_position()
    while low < high:
        middle = (low + high + 1) // 2
        if decode(event_at(log, middle).value).recorded_at <= instant:
            low = middle
        else:
            high = middle - 1
    return Position(low)


def replay(
    log: EventsLog,
    connection: Connection,
    wanted: Replay,
    on_progress: Callable[[Progress], None] = lambda _: None,
    *,
    filled: Sequence[ReadModel] = MODELS,
) -> None:
    """
    Build the read models of the events up to a position, in schemas of their own.

    Interrupted, it goes on where it was when called again. Only models in *filled* get rows.

    Raises:
        BeyondTheLog: the log does not reach so far.
        NotAName, SchemaTaken, ReplayComplete, ReplayBusy: see projections.replays.
        OtherLedger: the read models here were made from another log.
    """
    if wanted.position > log.last_position():
        raise BeyondTheLog
    begun = replays.begin(connection, wanted, MODELS)
    try:
        prefix = Prefix(log, wanted.position)
        projector = Projector(prefix, connection, filled, slot=begun.slot, limit=REBUILD_EVENTS_MAX)
        projector.catch_up(on_progress)
        replays.finish(connection, begun, MODELS)
    finally:
        if not wanted.temporary:
            replays.release(connection, wanted.name)


@contextmanager
def temporary(
    log: EventsLog,
    connection: Connection,
    wanted: Replay,
    on_progress: Callable[[Progress], None],
    *,
    filled: Sequence[ReadModel],
) -> Generator[None]:
    """
    A replay for as long as the context; it stays locked, so that no other process drops it.

    One whose process was killed is left for ``replays.drop_abandoned``, which only another process
    can tell from those in use: call it before the first one is built.
    """
    try:
        replay(log, connection, wanted, on_progress, filled=filled)
        yield
    finally:
        if not connection.closed:
            replays.drop(connection, wanted.name)
            replays.release(connection, wanted.name)
