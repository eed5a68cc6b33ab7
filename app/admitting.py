"""Admission as wired: the loop on the configured log, with its state in a file of this machine."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.settings import Settings
from app.wiring import check_log, now
from consumers.admission import AdmissionLoop
from consumers.state_store import StateStore
from eventlog.contract import Log


@contextmanager
def admission_loop(
    settings: Settings, log: Log, wait: Callable[[float], bool] | None = None
) -> Iterator[AdmissionLoop]:
    """The loop, not started; *wait* says whether to stop, by default never."""
    check_log(settings)
    store = StateStore(settings.home / "state" / f"{settings.log_name}.{settings.log}.sqlite")
    try:
        yield AdmissionLoop(log, store, clock_us=now, wait=wait or _sleep, pinned=settings.ledger)
    finally:
        store.close()


def _sleep(seconds: float) -> bool:
    if seconds:
        threading.Event().wait(seconds)
    return False


def until_stopped() -> Callable[[float], bool]:
    """A wait that ends at SIGTERM: the batch in hand is finished first."""
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    return ended.wait
