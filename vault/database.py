"""Connections to the vault's database, each with commits that are durable when they return."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

from psycopg import Connection, IsolationLevel, OperationalError, connect
from psycopg_pool import ConnectionPool, PoolTimeout

from vault.errors import VaultUnreachable

CONNECTIONS_MAX: Final = 4
WAIT_S: Final = 10.0
"""Longest wait for a connection."""


class Store:
    """A pool of connections to the vault's database, each with durable commits."""

    def __init__(self, dsn: str) -> None:
        # The pool would try for its whole timeout; a wrong address is told at once.
        try:
            connect(dsn, connect_timeout=int(WAIT_S)).close()
        except OperationalError:
            raise VaultUnreachable("the vault's database does not answer") from None
        self._pool = ConnectionPool(
            dsn,
            min_size=1,
            max_size=CONNECTIONS_MAX,
            configure=_make_durable,
            check=ConnectionPool.check_connection,
            timeout=WAIT_S,
            open=True,
            name="vault",
        )

    def close(self) -> None:
        """Give the connections back."""
        self._pool.close()

    @contextmanager
    def transaction(self, level: IsolationLevel | None = None) -> Generator[Connection[Any]]:
        """
        One transaction; durable when the block has ended.

        Raises:
            VaultUnreachable: no connection, or it broke.
        """
        try:
            with self._pool.connection() as connection:
                connection.isolation_level = level
                with connection.transaction():
                    yield connection
        except (OperationalError, PoolTimeout):
            raise VaultUnreachable("the vault's database does not answer") from None


def _make_durable(connection: Connection[Any]) -> None:
    connection.execute("SET synchronous_commit TO on")
    connection.commit()
