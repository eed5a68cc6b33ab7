"""
The loop of admission: read submissions in order, decide, write the verdicts, keep the state.

Opening is the only recovery path: become the one writer, fold the events behind the local state,
go on with the submission after the last verdict. One transaction a batch, written while the next
one is decided; the state is written after it. Nothing in a verdict depends on where a batch begins or ends.
"""

import gc
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Final, NamedTuple

import structlog
from eventsourcing.persistence import StoredEvent

from admission.attempt import Submitted
from admission.decide import Admission, Verdict
from admission.state import State
from consumers.folding import fold_log
from consumers.interpreter import tuned
from consumers.standby import Standby
from consumers.state_lock import StateLock
from consumers.state_store import StateStore
from domain.events import SubmissionRefused, SubmissionRepeated
from domain.units import Position
from eventlog.contract import (
    Abortable,
    EventsWriter,
    Fenced,
    Lease,
    Log,
    LogDamaged,
    OrderedSubmission,
)

BATCH_MAX: Final = 1_000
"""Submissions in one transaction: 250 would cost 23 µs a payment in commits, see docs."""
POLL_S: Final = 0.2
"""Longest wait for submissions before the lease and the stop signal are looked at."""
ABORTED_S: Final = 0.5
"""Pause before a batch that could not be written is decided again."""
AHEAD_MAX_US: Final = 60_000_000
"""A submission whose append time is further ahead of our clock waits, with an alarm."""

BATCHES_UNCOLLECTED: Final = 20
"""A batch makes and drops some hundred thousand objects, hardly any of them in cycles."""

logger = structlog.get_logger()


Guard = Callable[[State], object]
"""Raises LogDamaged if the log is shorter than, or other than, its newest checkpoint."""


def no_guard(_: State) -> None:
    """For logs of which nothing was ever signed."""


class OtherLedger(Exception):
    """The log holds another ledger than the settings name."""


class StoppedWaiting(BaseException):
    """Told to stop while another admission was the one writer."""


class Progress(NamedTuple):
    """What one batch did."""

    position: int
    accepted: int
    refused: int
    repeated: int


class AdmissionLoop:
    """Admission on one log, with its state in one file."""

    def __init__(  # noqa: PLR0913  what it is wired with
        self,
        log: Log,
        store: StateStore,
        *,
        clock_us: Callable[[], int],
        wait: Callable[[float], bool],
        pinned: str = "",
        guard: Guard = no_guard,
        batch_max: int = BATCH_MAX,
    ) -> None:
        """
        Put the loop together; nothing is read yet.

        *wait* waits that many seconds and says whether to stop; *pinned* is the ledger id that the
        settings name, in hexadecimal, empty if they name none; *guard* refuses a log that is not
        what was signed before.
        """
        self._log = log
        self._store = store
        self._clock_us = clock_us
        self._wait = wait
        self._pinned = pinned
        self._guard = guard
        self._batch_max = batch_max
        self._lock = StateLock(store.path)
        self._offset: int | None = None
        self.waiting = False
        """Whether another admission is the one writer, and this one only waits to be it."""
        self.admission = Admission(State(store.load))

    def run(self, on_progress: Callable[[Progress], None], *, until: int | None = None) -> None:
        """
        Decide until told to stop, or until the verdict on submission *until* is written.

        Raises:
            Fenced: another admission has taken over, or may do so: the lease was lost.
            LogDamaged: the log is not what it was.
            StoppedWaiting: told to stop before it was the one writer.
        """
        if self._wait(0):
            return
        with self._as_only_writer() as (lease, writer):
            while lease.held:
                try:
                    self.open()
                    with tuned():
                        done = self._decide_all(lease, writer, on_progress, until)
                    if done:
                        return
                except Abortable:
                    logger.warning("admission.aborted", position=self.position)
                    self._wait(ABORTED_S)
            # Whoever lost it must not go on, nor say that all is done.
            raise Fenced("the lease was lost")

    @contextmanager
    def _as_only_writer(self) -> Iterator[tuple[Lease, EventsWriter]]:
        """Wait to be the one writer, following the log meanwhile."""
        self.waiting = True
        with ExitStack() as held:
            with Standby(self._log, self._store, self._lock, self._check) as standby:

                def follow() -> None:
                    if self._wait(0):
                        raise StoppedWaiting
                    standby.follow()

                lease = held.enter_context(self._log.lease(follow))
            held.callback(self._lock.release)
            self._lock.take()
            writer = held.enter_context(self._log.writer())
            self.waiting = False
            yield lease, writer

    @property
    def position(self) -> Position:
        """Position of the last verdict known here."""
        return self.admission.state.ledger.position

    # -- opening -------------------------------------------------------------------------------

    def open(self) -> None:
        """Fold what the log holds behind the local state; make the state anew if it is foreign."""
        state, self._offset, folded = fold_log(self._log, self._store)
        self.admission = Admission(state)
        self._check(state)
        logger.info("admission.open", position=self.position, folded=folded)

    def _check(self, state: State) -> None:
        found = state.ledger.ledger
        if self._pinned and found and found != self._pinned:
            raise OtherLedger(found)
        self._guard(state)

    # -- deciding ------------------------------------------------------------------------------

    def _decide_all(
        self,
        lease: Lease,
        writer: EventsWriter,
        on_progress: Callable[[Progress], None],
        until: int | None,
    ) -> bool:
        """Batch after batch; True if done, False if the lease was lost."""
        with ThreadPoolExecutor(1, thread_name_prefix="commit") as commits:
            committing = Committing(self._store, writer, commits, on_progress)
            batches = 0
            while lease.held:
                # Where it was not to be had at opening, whoever had it is on the way out.
                self._lock.take()
                if self._wait(0) or (until is not None and self.position >= until):
                    committing.finish()
                    return True
                # With nothing to decide, what was decided should not wait for company.
                batch = self._ripe(self._next(0.0 if committing.busy else POLL_S, until))
                if batch:
                    committing.start(self.decide(batch), batch)
                    batches += 1
                    if batches % BATCHES_UNCOLLECTED == 0:
                        gc.collect()
                else:
                    committing.finish()
            committing.finish()
        return False

    def _next(self, timeout_s: float, until: int | None) -> list[OrderedSubmission]:
        limit = self._batch_max
        if until is not None:
            limit = min(limit, until - self.position)
        return self._log.read_submissions(
            after=self.position, limit=limit, timeout_s=timeout_s, hint=self._offset
        )

    def _ripe(self, batch: Sequence[OrderedSubmission]) -> list[OrderedSubmission]:
        """The submissions before the first that is far ahead of our clock. Waiting changes no byte."""
        limit = self._clock_us() + AHEAD_MAX_US
        for index, submission in enumerate(batch):
            if submission.appended_at > limit:
                if index == 0:
                    logger.error("admission.clock_behind", ordinal=submission.ordinal)
                    self._wait(1.0)
                return list(batch[:index])
        return list(batch)

    def decide(self, batch: Sequence[OrderedSubmission]) -> list[Verdict]:
        """Decide one batch; its rows are staged, to be written when the log has the verdicts."""
        if batch[0].ordinal != self.position + 1:
            raise LogDamaged(f"submission {self.position + 1} is missing")
        attempts = self.admission.read(
            Submitted(s.value, s.proof, s.proofs, s.appended_at) for s in batch
        )
        verdicts = [self.admission.decide(attempt) for attempt in attempts]
        self._store.stage(self.admission.state.take_rows())
        self._offset = batch[-1].offset
        return verdicts


class Committing:
    """
    Writes batches of verdicts, one transaction each, while the next batch is being decided.

    If a batch cannot be written, what was decided after it is dropped with it: deciding again from
    the log gives the same bytes.
    """

    def __init__(
        self,
        store: StateStore,
        writer: EventsWriter,
        commits: ThreadPoolExecutor,
        on_progress: Callable[[Progress], None],
    ) -> None:
        self._store = store
        self._writer = writer
        self._commits = commits
        self._on_progress = on_progress
        self._open: tuple[Future[Sequence[int] | None], list[Verdict]] | None = None

    @property
    def busy(self) -> bool:
        """Whether a transaction is under way."""
        return self._open is not None

    def start(self, verdicts: list[Verdict], batch: Sequence[OrderedSubmission]) -> None:
        """Begin to write a batch, once the one before it is safe."""
        self.finish()
        offsets = [s.offset for s in batch]
        events = [stored(v) for v in verdicts]
        future = self._commits.submit(
            self._writer.insert_events, events, submission_offsets=offsets
        )
        self._open = (future, verdicts)

    def finish(self) -> None:
        """Wait until the batch under way is safe in the log, then write its rows."""
        if self._open is None:
            return
        (future, verdicts), self._open = self._open, None
        positions = future.result()
        if positions is None or list(positions) != [v.position for v in verdicts]:
            raise LogDamaged("the log gave other positions than were decided")
        self._store.save_oldest()
        refused = sum(isinstance(v.event, SubmissionRefused) for v in verdicts)
        repeated = sum(isinstance(v.event, SubmissionRepeated) for v in verdicts)
        accepted = len(verdicts) - refused - repeated
        self._on_progress(Progress(verdicts[-1].position, accepted, refused, repeated))


def stored(verdict: Verdict) -> StoredEvent:
    """A verdict as the recorder of the ``eventsourcing`` library takes it."""
    event = verdict.event
    return StoredEvent(event.stream, event.version, event.TOPIC, verdict.value)
