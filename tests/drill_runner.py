"""
Commands of hengwen that die, or wait, at a wanted moment: for drills only.

    python drill_runner.py kill sent 3 admit
    python drill_runner.py hold sent 2 admit
    python drill_runner.py kill rows 2 project
    python drill_runner.py kill appended 2 publish FILE

Everything else is as the command does it. *kill* is SIGKILL of this process; *hold* makes the file
``held`` in HENGWEN_HOME and goes on when it is gone. Moments: *begun* (transaction open, nothing
sent), *sent* (all sent, not committed), *committed* (at the broker, not in the local index),
*saved* (in the index, the local state not written), *rows* (of a batch, not committed),
*appended* (half of a batch of submissions); and of what is followed or folded: *indexed* (in the
index), *folded* (not yet in the local state), *kept* (in the local state).
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import doctored

import app.cli
import app.wiring
import publishers.client
from admission.decide import Admission
from app.settings import Settings
from consumers.admission import AdmissionLoop
from consumers.state_store import StateStore
from eventlog.contract import Outgoing
from eventlog.kafka import KafkaLog
from eventlog.kafka_journal import KafkaJournal
from projections import models

BATCH = 40
"""Small batches, so that a short history has many of them."""
HELD = "held"
RULES = "HENGWEN_TEST_RULES"
"""Which rules the program has: *broken*, where closing a year fails, or *mended*, with version 2."""


class Moment:
    """The n-th time that something is reached."""

    def __init__(self, how: str, name: str, number: int) -> None:
        self._how = how
        self._name = name
        self._left = number

    def reach(self, name: str) -> None:
        """Be at a place called *name*."""
        if name != self._name:
            return
        self._left -= 1
        if self._left == 0:
            self._kill() if self._how == "kill" else self._hold()

    def _kill(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def _hold(self) -> None:
        held = Path(os.environ["HENGWEN_HOME"]) / HELD
        held.touch()
        while held.exists():
            time.sleep(0.02)


class Producer:
    """A client's producer that is at a moment before and after it commits."""

    def __init__(self, producer: Any, moment: Moment) -> None:
        self._producer = producer
        self._moment = moment

    def __getattr__(self, name: str) -> Any:
        """Everything else is the producer's."""
        return getattr(self._producer, name)

    def begin_transaction(self) -> None:
        """Begin."""
        self._producer.begin_transaction()
        self._moment.reach("begun")

    def commit_transaction(self, *arguments: Any) -> None:
        """Commit."""
        self._moment.reach("sent")
        self._producer.commit_transaction(*arguments)
        self._moment.reach("committed")


def disturb_admission(moment: Moment) -> None:
    """Put the moment into the writer and into the local state; batches are small."""
    opened: Callable[..., Any] = app.wiring.open_log

    def open_log(settings: Settings, *, new: bool = False) -> Any:
        log = opened(settings, new=new)
        transactions = log.client.transactions

        def disturbed(transactional_id: str) -> Any:
            found = transactions(transactional_id)
            found._producer = Producer(found._producer, moment)
            return found

        log.client.transactions = disturbed
        return log

    app.wiring.open_log = open_log
    store_type: Any = StateStore
    save_oldest = StateStore.save_oldest

    def saved(store: StateStore) -> None:
        moment.reach("saved")
        save_oldest(store)

    store_type.save_oldest = saved
    disturb_folding(moment)
    loop_type: Any = AdmissionLoop
    loop_type.__init__.__kwdefaults__["batch_max"] = BATCH


def disturb_folding(moment: Moment) -> None:
    """Be at the moments of a machine that folds what is in the log."""
    store_type: Any = StateStore
    journal_type: Any = KafkaJournal
    save, keep = StateStore.save, journal_type._keep

    def kept(store: StateStore, rows: Mapping[str, bytes]) -> None:
        moment.reach("folded")
        save(store, rows)
        moment.reach("kept")

    def indexed(journal: KafkaJournal, events: Sequence[Any]) -> None:
        keep(journal, events)
        moment.reach("indexed")

    store_type.save = kept
    journal_type._keep = indexed


def disturb_rules() -> None:
    """Give the program other rules than the released ones."""
    broken = doctored.version("v1", CloseYear={"checks": (doctored.raising(KeyError("year")),)})
    versions: Mapping[int, Any] = {1: broken}
    if os.environ[RULES] == "mended":
        versions = {1: broken, 2: doctored.version("v2")}
    loop_type: Any = AdmissionLoop
    open_loop = AdmissionLoop.open

    def opened(loop: AdmissionLoop) -> None:
        open_loop(loop)
        loop.admission = Admission(loop.admission.state, versions)

    loop_type.open = opened


def disturb_projector(moment: Moment) -> None:
    """Reach the moment when a batch's rows are written and not committed."""
    last = models.MODELS[-1]

    def project(batch: Any, target: Any) -> None:
        last.project(batch, target)
        moment.reach("rows")

    models.MODELS = (*models.MODELS[:-1], replace(last, project=project))  # type: ignore[misc]


def disturb_publisher(moment: Moment) -> None:
    """Send half of a batch, be at the moment, send the rest; batches are small."""
    log_type: Any = KafkaLog
    client: Any = publishers.client
    append = KafkaLog.append

    def halves(log: KafkaLog, batch: Sequence[Outgoing]) -> Any:
        half = len(batch) // 2
        first = append(log, batch[:half])
        moment.reach("appended")
        return first + append(log, batch[half:])

    log_type.append = halves
    client.BATCH_MAX = BATCH


def main() -> int:
    """Disturb the command, then run it."""
    how, name, number, *command = sys.argv[1:]
    moment = Moment(how, name, int(number))
    if RULES in os.environ:
        disturb_rules()
    if command[0] == "admit":
        disturb_admission(moment)
    elif command[0] == "project":
        disturb_projector(moment)
    else:
        disturb_publisher(moment)
    return app.cli.run(command)


if __name__ == "__main__":
    sys.exit(main())
