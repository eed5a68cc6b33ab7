"""
Replays: the read models of a past position, in PostgreSQL schemas of their own beside the live ones.

A replay NAME has the views of schema ``api`` in schema NAME, and its tables in NAME_balances,
NAME_payments … It is never continued by the projector.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from psycopg.sql import SQL, Identifier

from domain.units import Position
from projections import store
from projections.model import ReadModel
from projections.target import Connection

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
"""Names of replays; with a model's name behind them they still fit PostgreSQL's 63 bytes."""
RESERVED: Final = re.compile(r"live|api|hengwen|public|vault|information_schema|(model|pg)(_.*)?")
"""Names that mean something else."""
REPLAY_LOCK: Final = 7_390_201
"""First half of the advisory lock of whoever builds a replay; the second is made of its name."""


class NotAName(Exception):
    """The text cannot be the name of a replay."""


class SchemaTaken(Exception):
    """A schema that the replay would need is there and is somebody else's."""


class ReplayComplete(Exception):
    """The replay was built already, perhaps up to another position."""


class ReplayBusy(Exception):
    """Another process is building or dropping it."""


class Replay(NamedTuple):
    """A past state: all events up to *position*."""

    name: str
    position: Position
    temporary: bool
    complete: bool

    @property
    def slot(self) -> store.Slot:
        """Where its read models are."""
        return store.REPLAY + self.name


def check_name(name: str) -> str:
    """
    The name, if it can be one.

    Raises:
        NotAName: letters a–z, digits and _ only, at most 40, and none that means something else.
    """
    if not NAME.fullmatch(name) or RESERVED.fullmatch(name):
        raise NotAName(name)
    return name


def replays(connection: Connection) -> dict[str, Replay]:
    """All replays by name; nothing in a database that never had one."""
    row = connection.execute("SELECT to_regclass('hengwen.replays') IS NOT NULL").fetchone()
    if row is None or not row[0]:
        return {}
    rows = connection.execute(
        "SELECT name, position, temporary, complete FROM hengwen.replays ORDER BY name"
    )
    return {row[0]: Replay(*row) for row in rows}


def begin(connection: Connection, wanted: Replay, models: Sequence[ReadModel]) -> Replay:
    """
    Have empty tables for a replay, or those of an interrupted one with the same name and position.

    The name is locked until release(), or until the session ends.

    Raises:
        NotAName, SchemaTaken, ReplayComplete, ReplayBusy: see there; nothing was changed.
    """
    check_name(wanted.name)
    store.prepare_schemas(connection)
    _lock(connection, wanted.name)
    try:
        with connection.transaction():
            store.lock_structure(connection)
            return _begun(connection, wanted, models)
    except BaseException:
        if not connection.closed:
            release(connection, wanted.name)
        raise


def finish(connection: Connection, replay: Replay, models: Sequence[ReadModel]) -> None:
    """Give a replay that holds all its events its indexes and its views."""
    with connection.transaction():
        store.lock_structure(connection)
        for model in models:
            store.build_indexes(connection, model, replay.slot)
        connection.execute("SELECT set_config('search_path', '', true)")
        connection.execute(views_of(replay.name))
        connection.execute(
            "UPDATE hengwen.replays SET complete = true WHERE name = %s", (replay.name,)
        )


def is_current(connection: Connection, replay: Replay, models: Sequence[ReadModel]) -> bool:
    """Whether a replay is whole and was built by this version of every model."""
    return replay.complete and _versions(connection, replay) == {m.name: m.version for m in models}


def drop(connection: Connection, name: str) -> bool:
    """
    Drop a replay; whether there was one.

    Raises:
        ReplayBusy: it is being built.
    """
    found = replays(connection).get(name)
    if found is None:
        return False
    _lock(connection, name)
    with connection.transaction():
        store.lock_structure(connection)
        _drop(connection, found)
    release(connection, name)
    return True


def drop_abandoned(connection: Connection) -> None:
    """Drop temporary replays whose process has ended without doing so."""
    for replay in replays(connection).values():
        if replay.temporary:
            try:
                drop(connection, replay.name)
            except ReplayBusy:
                continue


def release(connection: Connection, name: str) -> None:
    """Let others have the name."""
    connection.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", (REPLAY_LOCK, name))


def views_of(name: str) -> bytes:
    """
    The SQL of the views of a replay: that of schema ``api``, with its own schemas.

    Every name in it is qualified, so the names of schemas are all that differs.
    """
    check_name(name)
    text = store.API.decode()
    text = re.sub(r"\bmodel_(\w+)\.", rf'"{name}_\1".', text)
    text = re.sub(r"\bapi\.", f'"{name}".', text).replace("'api'", f"'{name}'")
    return text.replace(f"slot = '{store.LIVE}'", f"slot = '{store.REPLAY}{name}'").encode()


def _lock(connection: Connection, name: str) -> None:
    row = connection.execute(
        "SELECT pg_try_advisory_lock(%s, hashtext(%s))", (REPLAY_LOCK, name)
    ).fetchone()
    if row is None or not row[0]:
        raise ReplayBusy(name)


def _schemas(connection: Connection, replay: Replay, models: Sequence[ReadModel]) -> list[str]:
    """Those of the schemas it would need that are there."""
    wanted = [replay.name, *(store.schema_of(model.name, replay.slot) for model in models)]
    rows = connection.execute(
        "SELECT nspname FROM pg_namespace WHERE nspname = ANY(%s) ORDER BY nspname", (wanted,)
    )
    return [row[0] for row in rows]


def _begun(connection: Connection, wanted: Replay, models: Sequence[ReadModel]) -> Replay:
    found = replays(connection).get(wanted.name)
    if found is not None:
        if found.complete or found.position != wanted.position:
            raise ReplayComplete(wanted.name)
        if _versions(connection, found) == {m.name: m.version for m in models}:
            return found
        _drop(connection, found)
    _create(connection, wanted, models)
    return wanted


def _versions(connection: Connection, replay: Replay) -> dict[str, int]:
    return {name: mark.version for name, mark in store.marks(connection, replay.slot).items()}


def _create(connection: Connection, replay: Replay, models: Sequence[ReadModel]) -> None:
    taken = _schemas(connection, replay, models)
    if taken:
        raise SchemaTaken(", ".join(taken))
    connection.execute(SQL("CREATE SCHEMA {}").format(Identifier(replay.name)))
    for model in models:
        store.create(connection, model, replay.slot)
    connection.execute(
        "INSERT INTO hengwen.replays (name, position, temporary) VALUES (%s, %s, %s)",
        (replay.name, replay.position, replay.temporary),
    )


def _drop(connection: Connection, replay: Replay) -> None:
    """Drop its schemas, which its own marks name: nobody else's can be among them."""
    names = [replay.name]
    names += [store.schema_of(name, replay.slot) for name in store.marks(connection, replay.slot)]
    for name in names:
        connection.execute(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(Identifier(name)))
    connection.execute("DELETE FROM hengwen.read_models WHERE slot = %s", (replay.slot,))
    connection.execute("DELETE FROM hengwen.replays WHERE name = %s", (replay.name,))
