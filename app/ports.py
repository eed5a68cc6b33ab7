"""Ports of this machine for servers that are still to come, and that may come again."""

import socket
import sys
import weakref

HOST = "127.0.0.1"


class Port:
    """
    A port of the loopback address that nobody is given by chance while this lives.

    On Linux its socket is bound and does not listen: a server that asks for this very port with
    SO_REUSEADDR, as Kafka and uvicorn do, gets it, before and after it was killed, and the system
    chooses it neither for other servers nor for clients. Elsewhere it is only a port that was free.
    """

    def __init__(self, number: int = 0) -> None:
        """Keep *number*, or by default a free one; one where somebody listens is theirs."""
        held = socket.socket()
        weakref.finalize(self, held.close)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            held.bind((HOST, number))
        except OSError:
            if not number:
                raise
        self.number = number or int(held.getsockname()[1])
        if sys.platform != "linux":
            held.close()

    def __str__(self) -> str:
        """Address of a server at this port."""
        return f"{HOST}:{self.number}"
