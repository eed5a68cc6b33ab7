"""
Being the one active writer on Kafka: membership in a group that is used as a lease only.

Its offsets are never read. The lease gives liveness (a standby takes over within seconds);
fencing gives safety.
"""

import threading
from typing import Final

from eventlog.contract import LogUnavailable, Meanwhile
from eventlog.port import Membership

SESSION_S: Final = 6.0
"""A member that is silent for so long has lost the lease."""
POLL_S: Final = 0.2


class GroupLease:
    """
    Takes part in the group from a thread of its own, until released or lost.

    Once lost it is not taken again: whoever lost it has to begin anew.
    """

    def __init__(self, membership: Membership) -> None:
        self._membership = membership
        self._held = threading.Event()
        self._released = threading.Event()
        self._error: LogUnavailable | None = None
        self._thread = threading.Thread(target=self._take_part, name="lease", daemon=True)

    @property
    def held(self) -> bool:
        """Whether this process holds the lease now."""
        return self._held.is_set()

    def acquire(self, meanwhile: Meanwhile | None = None) -> None:
        """Wait for the lease, and do something meanwhile."""
        self._thread.start()
        while not self._held.wait(POLL_S):
            if not self._thread.is_alive():
                raise LogUnavailable("the lease cannot be had") from self._error
            if meanwhile is not None:
                meanwhile()

    def _take_part(self) -> None:
        try:
            while not self._released.is_set():
                if self._membership.poll(POLL_S):
                    self._held.set()
                elif self._held.is_set():
                    return
        except LogUnavailable as error:
            self._error = error
        finally:
            self._held.clear()
            self._membership.close()

    def release(self) -> None:
        """Give the lease back."""
        self._released.set()
        if self._thread.ident is None:
            self._membership.close()
        else:
            self._thread.join()
