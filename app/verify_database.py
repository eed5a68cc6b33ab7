"""Read models against a fresh projection of the same events, in a scratch database beside them."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from itertools import islice, zip_longest
from typing import Final

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from app.problems import Problem, Words
from app.settings import Settings
from app.wiring import open_database
from consumers.projector import Projector
from domain.units import Micros
from eventlog.contract import LogDamaged, StoredRecord
from evidence.reperformance import FieldDifference
from evidence.verify_checks import AT, READ_MODELS, Check, failed, passed
from evidence.verify_source import Source
from projections import store
from projections.dump import digest, dump
from projections.model import ReadModel
from projections.models import MODELS
from projections.target import Connection

SHOWN_MAX: Final = 160
"""Letters shown of a row that differs."""


def check_database(settings: Settings, source: Source) -> Check:
    """
    Project the events anew, up to where each read model is, and compare canonical dumps.

    Raises:
        Problem: no scratch database can be made on that server.
    """
    with open_database(settings) as dsn, store.connect(dsn) as live:
        if not store.is_prepared(live, MODELS):
            return failed(READ_MODELS, "NOT_THERE")
        with _scratch(dsn) as scratch, store.connect(scratch) as fresh, store.snapshot(live):
            store.prepare(fresh, MODELS)
            return _compared(live, fresh, source)


def _compared(live: Connection, fresh: Connection, source: Source) -> Check:
    marks = store.marks(live, "live")
    positions = sorted({marks[model.name].position for model in MODELS})
    if positions[-1] > source.extent.last:
        return failed(READ_MODELS, "AHEAD", source.extent.last + 1, (), reached=positions[-1])
    states: dict[str, str] = {}
    reader = _Prefix(source)
    projector = Projector(reader, fresh, MODELS)
    for position in positions:
        reader.end = position
        projector.catch_up()
        for model in MODELS:
            mark = marks[model.name]
            if mark.position != position:
                continue
            if position and mark.digest != reader.digest:
                return failed(READ_MODELS, "OTHER_LEDGER", position, model=model.name)
            state = digest(fresh, model)
            if digest(live, model) != state:
                return failed(
                    READ_MODELS, "ROWS_DIFFER", None, _rows(live, fresh, model), model=model.name
                )
            states[f"{model.name}{AT}{position}"] = state.sha256
    return passed(READ_MODELS, models=len(MODELS), position=positions[-1], **states)


def _rows(live: Connection, fresh: Connection, model: ReadModel) -> tuple[FieldDifference, ...]:
    """The first row that differs, as it is and as it should be."""
    table = ""
    for kept, made in zip_longest(dump(live, model), dump(fresh, model), fillvalue=b""):
        if kept.startswith(b"-- ") and kept == made:
            table = kept[3:].decode().strip()
        if kept != made:
            texts = [line.decode("utf-8", "replace").strip()[:SHOWN_MAX] for line in (kept, made)]
            return (FieldDifference(f"{model.name}.{table}", *texts),)
    return ()


class _Prefix:
    """The events of a source up to *end*, read once from the first on, as a projector reads a log."""

    def __init__(self, source: Source) -> None:
        self._events = (one for batch in source.events() for one in batch)
        self.end = 0
        self.digest = b""
        """SHA-256 of the last event read."""

    def read_events(self, *, after: int, limit: int, timeout_s: float) -> list[StoredRecord]:
        """Return the next events; *after* is always the last one read."""
        del timeout_s
        found = list(islice(self._events, min(limit, self.end - after)))
        if not found and after < self.end:
            raise LogDamaged(f"the events end at {after}, before {self.end}")
        if found:
            self.digest = sha256(found[-1][1]).digest()
        return [StoredRecord(n, n, "", 0, "", value, Micros(0)) for n, value in found]

    def last_position(self) -> int:
        """Where to stop."""
        return self.end


@contextmanager
def _scratch(dsn: str) -> Iterator[str]:
    """DSN of an empty database on the same server, dropped afterwards."""
    name = f"hengwen_verify_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(dsn, autocommit=True) as connection:
        try:
            connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        except psycopg.errors.InsufficientPrivilege:
            raise Problem(
                Words("不能建临时数据库。", "A scratch database cannot be made."),
                where="CREATE DATABASE",
                how=Words(
                    "给该角色 CREATEDB 权限,或不带 --database。",
                    "Grant the role CREATEDB, or leave out --database.",
                ),
            ) from None
        try:
            yield make_conninfo(dsn, dbname=name)
        finally:
            statement = SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name))
            connection.execute(statement)
