"""
Following the log while another admission is the one writer, so that taking over takes no time.

What is committed is folded into this machine's own state and index, as opening would do it, and
the log is compared with its checkpoints; nothing is written to the log. Opening the log is still
the only recovery path: it finds little left to fold, that is all.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Final, Self

import structlog
from eventsourcing.persistence import ApplicationRecorder

from admission.state import State
from consumers.folding import Following, forget, take
from consumers.state_lock import StateLock
from consumers.state_store import StateStore, StateUnreadable
from eventlog.contract import Fenced, Log, LogUnavailable

BEGIN_S: Final = 3.0
"""Whoever starts alone has the lease by then, and should not wait for a reader to be opened."""
FOLLOW_S: Final = 1.0
"""After so long the lease is looked at again."""
ANSWER_S: Final = 1.0
"""Longest wait for events that are known to be there."""
REST_S: Final = 10.0
"""Pause after the log could not be reached, or after another process took the state."""
CHECKED_EVERY: Final = 10_000
"""Whenever so many events were followed, the log is compared with its newest checkpoint."""

logger = structlog.get_logger()


class Standby:
    """
    Keeps a local state and index at the end of the log.

    A process that shares them with the admission that decides has nothing to do: they are kept.
    """

    def __init__(
        self,
        log: Log,
        store: StateStore,
        lock: StateLock,
        check: Callable[[State], object],
        *,
        begin_s: float = BEGIN_S,
    ) -> None:
        """*check* refuses a state, or a log, that would not be opened; follow after *begin_s*."""
        self._log = log
        self._store = store
        self._lock = lock
        self._check = check
        self._open = ExitStack()
        self._index: ApplicationRecorder | None = None
        self._following: Following | None = None
        self._checked: int | None = None
        self._damage: Exception | None = None
        self._rests_until = time.monotonic() + begin_s

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def follow(self) -> None:
        """
        Fold what was committed since the last call, for about a second at most.

        Raises:
            LogDamaged: the log is not what was signed, or not what was read before.
        """
        if time.monotonic() < self._rests_until or not self._lock.take():
            return
        try:
            self._follow()
        except Fenced:
            # Whoever took the state is deciding, or is about to, and takes the lock as well.
            self._pause("state taken")
        except LogUnavailable as error:
            self._pause(type(error).__name__)
        except (StateUnreadable, ValueError) as error:
            if self._damage is not None:
                raise
            self._damage, self._following = error, None
        finally:
            self._lock.release()

    def _follow(self) -> None:
        if self._index is None:
            self._index = self._open.enter_context(self._log.follower())
        # Asking follows the events into the index.
        end = self._index.max_notification_id() or 0
        following = self._following = self._following or self._begun()
        deadline = time.monotonic() + FOLLOW_S
        while following.position < end:
            if not following.step(ANSWER_S) or time.monotonic() > deadline:
                return
        self._check_now_and_then(following)

    def _begun(self) -> Following:
        take(self._store)
        if self._damage is not None:
            forget(self._store, self._damage)
        return Following(self._log, self._store)

    def _check_now_and_then(self, following: Following) -> None:
        if self._checked is None or following.position >= self._checked + CHECKED_EVERY:
            self._check(following.state)
            self._checked = following.position
            logger.info("admission.following", position=following.position)

    def _pause(self, reason: str) -> None:
        logger.warning("admission.not_following", reason=reason)
        self._rests_until = time.monotonic() + REST_S
        self._close()

    def _close(self) -> None:
        self._following = self._index = None
        self._open.close()
