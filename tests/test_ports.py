"""A port that is kept: its own server gets it, again and again, and nobody else."""

import socket
from contextlib import closing

import pytest

from app.ports import HOST, Port


def listening(number: int) -> socket.socket:
    """A server at a port, as Kafka and uvicorn begin one."""
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((HOST, number))
    server.listen()
    return server


def test_its_server_listens_there_before_and_after_it_was_killed() -> None:
    """And between the two nobody answers."""
    kept = Port()
    for _ in range(2):
        with (
            closing(listening(kept.number)),
            closing(socket.create_connection((HOST, kept.number))),
        ):
            pass
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((HOST, kept.number))


def test_nobody_else_is_given_it() -> None:
    """Neither by asking for it in the ordinary way nor, by the same rule, by chance."""
    kept = Port()
    with closing(socket.socket()) as other, pytest.raises(OSError, match="in use"):
        other.bind((HOST, kept.number))
    number = kept.number
    del kept
    with closing(socket.socket()) as other:
        other.bind((HOST, number))


def test_a_port_where_somebody_listens_is_theirs() -> None:
    """A broker that runs already is not disturbed by one that is described at its port."""
    with closing(listening(0)) as theirs:
        number = theirs.getsockname()[1]
        assert str(Port(number)) == f"{HOST}:{number}"
        socket.create_connection((HOST, number)).close()
