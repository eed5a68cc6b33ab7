"""
HTTP connections with limits, for a service that anyone may reach: who is slow or many delays nobody.

One request a connection, and the whole of it within a time; of too many connections the one goes
that has been sending longest. So a client that sends its request at once is answered, however many
others only begin to.
"""

import asyncio
from typing import Final

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

REQUEST_S: Final = 10.0
"""A request must be there so soon after its connection is; bytes in between do not count."""
ANSWER_S: Final = 30.0
"""After so long again the connection ends, be its answer read or not."""
OPEN_MAX: Final = 64
"""Connections at a time; with BACKLOG far below the files that a process may open anywhere."""
BACKLOG: Final = 32
"""Connections that wait to be accepted: so many are accepted at one stroke."""
STOP_S: Final = 5
"""Requests under way have so long to end when the service is told to stop."""


class BoundedConnection(H11Protocol):
    """A connection that ends by itself."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn
        """Begin; if there are too many, the oldest ends whose request is not there yet."""
        super().connection_made(transport)
        self.since = self.loop.time()
        self._timer = self.loop.call_later(REQUEST_S, self._expire)
        if len(self.connections) > OPEN_MAX:
            self._oldest_sending().end()

    def connection_lost(self, exc: Exception | None) -> None:
        """It ended, at whichever side."""
        self._timer.cancel()
        super().connection_lost(exc)

    def end(self) -> None:
        """End it now; it counts no more, though the loop has yet to close it."""
        self.connections.discard(self)
        self.transport.abort()

    @property
    def answering(self) -> bool:
        """Whether the whole request is there."""
        cycle: RequestResponseCycle | None = self.cycle  # none before the head is there
        return cycle is not None and not cycle.more_body

    def _oldest_sending(self) -> "BoundedConnection":
        others = (one for one in self.connections if isinstance(one, BoundedConnection))
        sending = (one for one in others if one is not self and not one.answering)
        return min(sending, key=lambda one: one.since, default=self)

    def _expire(self) -> None:
        if self.answering:
            self._timer = self.loop.call_later(ANSWER_S, self.end)
        else:
            self.end()


def answer(app: Starlette, *, host: str, port: int) -> None:
    """Answer requests until the process is told to stop; nobody's calls are listed."""
    uvicorn.run(
        app, host=host, port=port, http=BoundedConnection, loop="asyncio", ws="none",
        backlog=BACKLOG, headers=[("connection", "close")], timeout_graceful_shutdown=STOP_S,
        access_log=False, log_level="warning",
    )  # fmt: skip
