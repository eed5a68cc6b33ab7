"""The rehearsal as wired: admission's state as of now, in a file of its own on this machine."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from admission.state import State
from admission.versions import RulesMissing
from app.admitting import rules_missing
from app.rehearsal import Rehearsal
from app.settings import Settings
from app.wiring import now
from consumers.folding import fold_log
from consumers.state_store import StateStore
from eventlog.contract import Log
from publishers.signing import Signer


class Current(NamedTuple):
    """What is decided by now: the state, and a way to ask what would be decided next."""

    state: State
    rehearsal: Rehearsal


@contextmanager
def current_state(settings: Settings, log: Log, signer: Signer, ledger: bytes) -> Iterator[Current]:
    """
    Everything decided by now; one process at a time.

    The file is a cache like admission's own, which it never touches: that one may be in use.

    Raises:
        Problem: the program is too old for the log.
    """
    folder = settings.home / "state"
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{settings.log_name}.{settings.log}.rehearsal"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        store = StateStore(folder / f"{name}.sqlite")
        try:
            state = fold_log(log, store).state
            rehearsal = Rehearsal(store.load, signer, ledger=ledger, clock_us=now)
            yield Current(state, rehearsal)
        except RulesMissing as lacking:
            raise rules_missing(lacking) from lacking
        finally:
            store.close()
