"""Canonical dumps of read models, to compare two databases byte for byte."""

from collections.abc import Iterator
from hashlib import sha256
from typing import NamedTuple

from psycopg.sql import SQL, Identifier

from projections import store
from projections.model import ReadModel
from projections.swap import tables
from projections.target import Connection


class Digest(NamedTuple):
    """A read model in one line: equal if and only if every row of it is."""

    name: str
    version: int
    position: int
    rows: int
    sha256: str


def dump(
    connection: Connection, model: ReadModel, slot: store.Slot = store.LIVE
) -> Iterator[bytes]:
    """
    The rows of a model as text, each table headed by its name, in an order that says nothing.

    Every row counts, whatever order it was written in and whatever batch brought it.
    """
    schema = store.schema_of(model.name, slot)
    for table in tables(connection, model, slot):
        yield f"-- {table}\n".encode()
        statement = SQL(
            'COPY (SELECT t.* FROM {} t ORDER BY t::text COLLATE "C") TO STDOUT'
        ).format(Identifier(schema, table))
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for line in copy:
                yield bytes(line)


def digest(connection: Connection, model: ReadModel, slot: store.Slot = store.LIVE) -> Digest:
    """The digest of a model's canonical dump."""
    mark = store.marks(connection, slot)[model.name]
    hashed = sha256()
    rows = 0
    for line in dump(connection, model, slot):
        hashed.update(line)
        rows += not line.startswith(b"-- ")
    return Digest(model.name, mark.version, mark.position, rows, hashed.hexdigest())
