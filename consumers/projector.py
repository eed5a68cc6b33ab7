"""
The projector: reads events in batches and keeps the read models up to date.

Each batch is one transaction of rows and positions, so killing it anywhere loses and repeats
nothing, and two projectors at once only wait for each other.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, is_dataclass
from hashlib import sha256
from typing import Any, Final, NamedTuple

import structlog

from domain.events import Event, LogOpened
from domain.units import Position
from eventlog.contract import LogDamaged
from eventlog.reading import EventsLog, check_dense, event_at, insist
from projections import store
from projections.batch import Batch
from projections.model import ReadModel
from projections.store import DatabaseLost, Ending, Slot, Unstorable
from projections.target import Connection
from schemas.codec import decode

BATCH_EVENTS_MAX: Final = 2_000
"""One transaction stays well under a second."""
POLL_S: Final = 0.2
"""Longest wait for new events before the stop signal is looked at."""
REPORT_S: Final = 10.0
"""Time between two log lines about progress."""
RECONNECT_S: Final = 1.0
"""Pause before PostgreSQL is tried again."""

logger = structlog.get_logger()


class Progress(NamedTuple):
    """Where the projector is."""

    position: Position
    last_position: Position
    projected: int

    @property
    def lag(self) -> int:
        """Events not yet projected."""
        return self.last_position - self.position


class Projector:
    """Brings read models of one slot from where they are to the end of the log."""

    def __init__(
        self,
        log: EventsLog,
        connection: Connection,
        models: Sequence[ReadModel],
        *,
        slot: Slot = "live",
        limit: int = BATCH_EVENTS_MAX,
    ) -> None:
        self.log = log
        self.connection = connection
        self.models = models
        self.slot: Slot = slot
        self.limit = limit
        self.position = self._open()

    def step(self, timeout_s: float) -> int:
        """Project the next batch; returns how many events it had, 0 if there were none in time."""
        records = self.log.read_events(after=self.position, limit=self.limit, timeout_s=timeout_s)
        if not records:
            return 0
        check_dense([record.position for record in records], self.position)
        events = [(Position(r.position), decode(r.value)) for r in records]
        ending = Ending(sha256(records[-1].value).digest(), events[-1][1].recorded_at)
        self._bind(event for _, event in events)
        try:
            written = self._write(Batch(events), ending)
        except Unstorable:
            # PostgreSQL has no text with a zero byte: show a replacement rather than stop for ever
            scrubbed = [(position, _scrubbed(event)) for position, event in events]
            written = self._write(Batch(scrubbed), ending)
        if written:
            self.position = Position(records[-1].position)
        else:
            self.position = self._least()
        return len(records)

    def catch_up(self, on_progress: Callable[[Progress], None] | None = None) -> int:
        """
        Project up to what is the end of the log now; returns how many events that were.

        Raises:
            LogDamaged, LogUnavailable: see eventlog.reading.insist().
        """
        end = Position(self.log.last_position())
        projected = 0
        while self.position < end:
            projected += insist(self.step, self.log.last_position, self.position)
            if on_progress is not None:
                on_progress(Progress(self.position, end, projected))
        return projected

    def _open(self) -> Position:
        """Check that the log is the one the rows came from, and find where to go on."""
        marks = store.marks(self.connection, self.slot)
        known = {(marks[m.name].position, marks[m.name].digest) for m in self.models}
        for position, digest in sorted(known):
            if position:
                self._check_mark(position, digest)
        return self._least()

    def _check_mark(self, position: Position, digest: bytes | None) -> None:
        if self.log.last_position() < position:
            raise LogDamaged(f"the log ends before position {position}")
        if sha256(event_at(self.log, position).value).digest() != digest:
            raise store.OtherLedger

    def _least(self) -> Position:
        marks = store.marks(self.connection, self.slot)
        return min(marks[model.name].position for model in self.models)

    def _bind(self, events: Iterable[Event]) -> None:
        """Say of which ledger the rows are; refusals may stand before its opening."""
        for event in events:
            if isinstance(event, LogOpened):
                store.bind(self.connection, event.submission_digest)

    def _write(self, batch: Batch, ending: Ending) -> bool:
        return store.project(self.connection, self.models, self.slot, batch, ending)


def run(
    open_projector: Callable[[], Projector],
    stopped: Callable[[float], bool],
) -> None:
    """
    Project until *stopped*, which waits at most that many seconds and says whether to stop.

    A lost PostgreSQL is opened again; what was not committed is read again.
    """
    projector: Projector | None = None
    report: Report | None = None
    try:
        while not stopped(0):
            try:
                if projector is None or report is None:
                    projector = open_projector()
                    report = Report(projector)
                report.add(projector.step(POLL_S))
            except DatabaseLost as error:
                logger.warning("projector.postgres_lost", error=type(error).__name__)
                if projector is not None:
                    projector.connection.close()
                projector = None
                if stopped(RECONNECT_S):
                    return
    finally:
        if projector is not None:
            projector.connection.close()


class Report:
    """Log lines about progress and lag, every few seconds while there is something to do."""

    def __init__(self, projector: Projector) -> None:
        self._projector = projector
        self._events = 0
        self._due = time.monotonic() + REPORT_S
        logger.info("projector.open", position=projector.position)

    def add(self, events: int) -> None:
        """Count a batch; say how far the projector is when it is time."""
        self._events += events
        if self._events and time.monotonic() >= self._due:
            position = self._projector.position
            lag = self._projector.log.last_position() - position
            logger.info("projector.progress", events=self._events, position=position, lag=lag)
            self._events = 0
            self._due = time.monotonic() + REPORT_S


def _scrubbed(value: Any) -> Any:  # any part of an event
    """The same event with every zero byte in a text replaced by U+FFFD."""
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd")
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(_scrubbed(part) for part in value))
    if isinstance(value, list | tuple):
        return [_scrubbed(part) for part in value]
    if is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in fields(value)]
        return type(value)(**{name: _scrubbed(getattr(value, name)) for name in names})
    return value
