"""Admission as wired: the loop on the configured log, with its state in a file of this machine."""

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from app.settings import Settings
from app.wiring import check_log, now
from consumers.admission import AdmissionLoop
from consumers.state_store import StateStore
from consumers.trial import TrialRun
from domain.signing import BATCH_MAX
from eventlog.contract import Log
from publishers.signing import Signer
from schemas.codec import encode


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


@contextmanager
def trial_run(settings: Settings, log: Log, signer: Signer, ledger: bytes) -> Iterator[TrialRun]:
    """What the rules would say of submissions signed by *signer* now; nothing is written."""

    def signed(submissions: Sequence[Any]) -> list[tuple[bytes, bytes]]:
        pairs: list[tuple[bytes, bytes]] = []
        for start in range(0, len(submissions), BATCH_MAX):
            some = submissions[start : start + BATCH_MAX]
            values = [encode(one.submission) for one in some]
            proofs = signer.proofs(
                values, ledger=ledger, attestations=[one.attestations for one in some]
            )
            pairs += zip(values, proofs, strict=True)
        return pairs

    store = StateStore(settings.home / "state" / f"{settings.log_name}.{settings.log}.trial.sqlite")
    try:
        yield TrialRun(log, store, signed=signed, now=now)
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
