"""
The store of read models: one PostgreSQL schema each, and how far each has come.

The rows of a batch and the position they bring a model to are committed together, so that every
event counts exactly once whatever is killed when, and whoever else projects at the same time.
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

import psycopg
from psycopg.sql import SQL, Identifier, Literal

from domain.units import Micros, Position
from projections.batch import Batch
from projections.model import ReadModel
from projections.target import Connection, Target

Slot = str
"""``live``: what readers see; ``building``: built beside it; ``replay/NAME``: the past, by NAME."""
LIVE: Final = "live"
REPLAY: Final = "replay/"
DatabaseLost = (psycopg.OperationalError, psycopg.InterfaceError)
"""The database went away; what was not committed is not there."""
Unstorable = psycopg.DataError
"""A value that PostgreSQL cannot hold."""
API: Final = (Path(__file__).parent / "api.sql").read_bytes()
"""SQL of the views that readers use."""
STRUCTURE_LOCK: Final = 7_390_201_411
"""Advisory lock of whoever changes tables; any number, as long as nobody else uses it."""


class OtherVersion(Exception):
    """Read models were written by another version of the code; they must be rebuilt first."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(", ".join(names))
        self.names = tuple(names)


class OtherLedger(Exception):
    """The read models were made from another log than this one."""


class Mark(NamedTuple):
    """How far a read model has come."""

    name: str
    version: int
    position: Position
    digest: bytes | None
    recorded_at: Micros | None


@dataclass(frozen=True)
class Ending:
    """The last event of a batch, as stored."""

    digest: bytes
    recorded_at: Micros


def connect(dsn: str) -> Connection:
    """Open the database of read models; a statement outside a transaction is its own."""
    return psycopg.connect(dsn, autocommit=True)


def schema_of(name: str, slot: Slot) -> str:
    """The PostgreSQL schema of a read model."""
    if slot.startswith(REPLAY):
        return f"{slot.removeprefix(REPLAY)}_{name}"
    return f"model_{name}" if slot == LIVE else f"model_{name}_building"


def prepare(connection: Connection, models: Sequence[ReadModel]) -> None:
    """
    Create whatever is missing; what exists stays as it is.

    Raises:
        OtherVersion: a model was written by another version of the code.
    """
    with connection.transaction():
        prepare_schemas(connection)
        known = marks(connection, "live")
        stale = [m.name for m in models if m.name in known and known[m.name].version != m.version]
        if stale:
            raise OtherVersion(stale)
        missing = [m for m in models if m.name not in known]
        for model in missing:
            create(connection, model, "live")
            build_indexes(connection, model, "live")
        if missing or not views_current(connection):
            create_views(connection)


def prepare_schemas(connection: Connection) -> None:
    """Create what is there before any model is."""
    with connection.transaction():
        lock_structure(connection)
        connection.execute((Path(__file__).parent / "store.sql").read_bytes())


def marks_if_any(connection: Connection) -> dict[str, Mark]:
    """How far each live read model has come; nothing in a database that holds none."""
    row = connection.execute("SELECT to_regclass('hengwen.read_models') IS NOT NULL").fetchone()
    return marks(connection, "live") if row is not None and row[0] else {}


def is_prepared(connection: Connection, models: Sequence[ReadModel]) -> bool:
    """Whether every model is there in the version of this code."""
    known = marks_if_any(connection)
    return all(m.name in known and known[m.name].version == m.version for m in models)


@contextmanager
def snapshot(connection: Connection) -> Generator[None]:
    """Read everything at one position, whatever is projected meanwhile; write nothing."""
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def lock_structure(connection: Connection) -> None:
    """Be the only one to change tables until the transaction ends."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (STRUCTURE_LOCK,))


def create(connection: Connection, model: ReadModel, slot: Slot) -> None:
    """Create the empty tables of a model at position 0."""
    schema = schema_of(model.name, slot)
    connection.execute(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(Identifier(schema)))
    connection.execute(SQL("CREATE SCHEMA {}").format(Identifier(schema)))
    Target(connection, schema).enter()
    connection.execute(model.tables)
    connection.execute(
        "INSERT INTO hengwen.read_models (slot, name, version, position) VALUES (%s, %s, %s, 0)"
        " ON CONFLICT (slot, name) DO UPDATE"
        " SET version = excluded.version, position = 0, digest = NULL, recorded_at = NULL",
        (slot, model.name, model.version),
    )


def build_indexes(connection: Connection, model: ReadModel, slot: Slot) -> None:
    """Create what only readers of a model need."""
    Target(connection, schema_of(model.name, slot)).enter()
    connection.execute(model.indexes)


def create_views(connection: Connection) -> None:
    """Create the views and functions of schema *api*, which readers use, in place of old ones."""
    connection.execute("SELECT set_config('search_path', '', true)")
    connection.execute(API)
    digest = Literal(sha256(API).hexdigest())
    connection.execute(SQL("COMMENT ON SCHEMA api IS {}").format(digest))


def views_current(connection: Connection) -> bool:
    """Whether the views are those of this code."""
    row = connection.execute(
        "SELECT obj_description('api'::regnamespace, 'pg_namespace')"
    ).fetchone()
    return row is not None and row[0] == sha256(API).hexdigest()


def marks(connection: Connection, slot: Slot) -> dict[str, Mark]:
    """How far each read model has come, by name."""
    rows = connection.execute(
        "SELECT name, version, position, digest, recorded_at FROM hengwen.read_models"
        " WHERE slot = %s ORDER BY name",
        (slot,),
    )
    return {row[0]: Mark(*row) for row in rows}


def project(
    connection: Connection,
    models: Sequence[ReadModel],
    slot: Slot,
    batch: Batch,
    ending: Ending,
) -> bool:
    """
    Write the rows of *batch* for every model that has not had them, in one transaction.

    Returns False, and writes nothing, if a model is not where the batch begins: read again then.
    """
    names = [model.name for model in models]
    with connection.transaction():
        positions = locked_positions(connection, names, slot)
        swapped = len(positions) < len(names)  # a rebuild was swapped in while this one waited
        if swapped or min(positions.values()) < batch.first - 1:
            return False
        for model in models:
            fresh = batch.after(positions[model.name])
            if fresh is not None:
                target = Target(connection, schema_of(model.name, slot))
                target.enter()
                model.project(fresh, target)
        connection.execute(
            "UPDATE hengwen.read_models SET position = %s, digest = %s, recorded_at = %s"
            " WHERE slot = %s AND name = ANY(%s) AND position < %s",
            (batch.last, ending.digest, ending.recorded_at, slot, names, batch.last),
        )
    return True


def locked_positions(
    connection: Connection, names: Sequence[str], slot: Slot
) -> dict[str, Position]:
    """Positions of the models, their rows locked in one order so that others queue."""
    rows = connection.execute(
        "SELECT name, position FROM hengwen.read_models"
        " WHERE slot = %s AND name = ANY(%s) ORDER BY name FOR UPDATE",
        (slot, list(names)),
    )
    return {row[0]: row[1] for row in rows}


def ledger_of(connection: Connection) -> bytes | None:
    """The ledger that the read models are of; None while they hold no opened one."""
    row = connection.execute("SELECT ledger FROM hengwen.ledger").fetchone()
    return None if row is None else bytes(row[0])


def bind(connection: Connection, ledger: bytes) -> None:
    """
    Bind the store to the ledger it is filled from.

    Raises:
        OtherLedger: it was filled from another one.
    """
    connection.execute(
        "INSERT INTO hengwen.ledger (ledger) VALUES (%s) ON CONFLICT DO NOTHING", (ledger,)
    )
    if ledger_of(connection) != ledger:
        raise OtherLedger
