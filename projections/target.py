"""Where a read model writes: the tables of one PostgreSQL schema, in the transaction of a batch."""

from collections.abc import Iterable, Sequence
from typing import Any, LiteralString

import psycopg
from psycopg.sql import SQL, Identifier

Row = tuple[Any, ...]
Connection = psycopg.Connection[Row]
"""A connection in autocommit: transactions are always explicit."""


class Target:
    """The tables of one read model, named without their schema."""

    def __init__(self, connection: Connection, schema: str) -> None:
        self.connection = connection
        self.schema = schema

    def enter(self) -> None:
        """Let unqualified names mean this schema until the transaction ends."""
        # A commit that a crash loses is read again from the log: no need to wait for the disk.
        self.connection.execute(
            "SELECT set_config('search_path', %s, true),"
            " set_config('synchronous_commit', 'off', true)",
            (self.schema,),
        )

    def copy(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Append *rows* by COPY: no statement at all if there are none."""
        waiting = iter(rows)
        first = next(waiting, None)
        if first is None:
            return
        statement = SQL("COPY {} ({}) FROM STDIN").format(
            Identifier(self.schema, table), SQL(", ").join(map(Identifier, columns))
        )
        with self.connection.cursor() as cursor, cursor.copy(statement) as copy:
            write = copy.write_row
            write(first)
            for row in waiting:
                write(row)

    def execute(self, statement: LiteralString, values: Sequence[Any]) -> None:
        """Run one set-based statement."""
        self.connection.execute(statement, values)
