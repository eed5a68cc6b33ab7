"""Building read models beside the live ones, and swapping them in at one stroke."""

from collections.abc import Sequence
from typing import Final

from psycopg.errors import LockNotAvailable
from psycopg.sql import SQL, Identifier

from projections import store
from projections.model import ReadModel
from projections.target import Connection

REBUILD_LOCK: Final = 7_390_201_412
"""Advisory lock of the one rebuild that may run; any number, as long as nobody else uses it."""


class RebuildRunning(Exception):
    """Another process is rebuilding already."""


def begin(connection: Connection, models: Sequence[ReadModel]) -> None:
    """
    Have empty tables for *models* beside the live ones, or those of an interrupted rebuild.

    Raises:
        RebuildRunning: see there. The lock is held until end(), or until the session ends.
    """
    try:
        with connection.transaction():
            # the session of a process that was just killed may hold it a moment longer
            connection.execute("SET LOCAL lock_timeout = '3s'")
            connection.execute("SELECT pg_advisory_lock(%s)", (REBUILD_LOCK,))
    except LockNotAvailable as error:
        raise RebuildRunning from error
    store.prepare_schemas(connection)
    begun = store.marks(connection, "building")
    with connection.transaction():
        store.lock_structure(connection)
        for model in models:
            mark = begun.get(model.name)
            if mark is None or mark.version != model.version:
                store.create(connection, model, "building")


def end(connection: Connection) -> None:
    """Let others rebuild."""
    connection.execute("SELECT pg_advisory_unlock(%s)", (REBUILD_LOCK,))


def finish(connection: Connection, models: Sequence[ReadModel]) -> bool:
    """
    Swap *models* in, in one transaction: readers see the old version, then the new one.

    Returns False, and does nothing, if the live models are ahead of those built: catch up first.
    """
    names = [model.name for model in models]
    with connection.transaction():
        store.lock_structure(connection)
        live = store.locked_positions(connection, names, "live")
        built = store.locked_positions(connection, names, "building")
        if any(live.get(name, 0) > built[name] for name in names):
            return False
        for model in models:
            old = Identifier(store.schema_of(model.name, "live"))
            new = Identifier(store.schema_of(model.name, "building"))
            connection.execute(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(old))
            connection.execute(SQL("ALTER SCHEMA {} RENAME TO {}").format(new, old))
        connection.execute(
            "DELETE FROM hengwen.read_models WHERE slot = 'live' AND name = ANY(%s)", (names,)
        )
        connection.execute(
            "UPDATE hengwen.read_models SET slot = 'live'"
            " WHERE slot = 'building' AND name = ANY(%s)",
            (names,),
        )
        store.create_views(connection)
    return True


def index(connection: Connection, model: ReadModel) -> None:
    """Build the indexes of a model that was filled without them, and count its rows."""
    with connection.transaction():
        connection.execute("SET LOCAL maintenance_work_mem = '128MB'")  # sort in memory
        store.build_indexes(connection, model, "building")
    for table in tables(connection, model, "building"):
        schema = store.schema_of(model.name, "building")
        connection.execute(SQL("ANALYZE {}").format(Identifier(schema, table)))


def indexed(connection: Connection, model: ReadModel) -> bool:
    """Whether an interrupted rebuild had built the indexes already."""
    row = connection.execute(
        "SELECT count(*) FROM pg_indexes WHERE schemaname = %s AND indexname NOT LIKE %s",
        (store.schema_of(model.name, "building"), r"%\_pkey"),
    ).fetchone()
    return row is not None and row[0] > 0


def tables(connection: Connection, model: ReadModel, slot: store.Slot) -> list[str]:
    """Names of the tables of a model."""
    rows = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY tablename",
        (store.schema_of(model.name, slot),),
    )
    return [row[0] for row in rows]
