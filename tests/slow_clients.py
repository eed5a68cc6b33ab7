"""Clients that begin requests and never end them, as whoever wants to keep others out would."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress


@contextmanager
def half_sent(port: int, path: str, count: int) -> Iterator[list[socket.socket]]:
    """So many who send nothing, half a head, or half a body, and stay."""
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\n"
    halves = ("", head[:-10], f"{head}content-length: 100\r\n\r\nold")
    with ExitStack() as opened:
        clients = []
        for number in range(count):
            client = socket.create_connection(("127.0.0.1", port), timeout=60)
            clients.append(opened.enter_context(client))
            with suppress(ConnectionError):  # put out before it could begin
                client.sendall(halves[number % len(halves)].encode())
        yield clients


def is_closed(client: socket.socket) -> bool:
    """Whether the other side has ended the connection, whatever it answered before."""
    client.settimeout(0)
    try:
        while client.recv(65_536):
            pass
    except BlockingIOError:
        return False
    except ConnectionError:
        return True
    return True
