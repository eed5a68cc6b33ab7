"""Filling read models in tests."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from histories import RecordedLog

from consumers.projector import Projector
from projections import dump, store
from projections.model import ReadModel
from projections.models import MODELS
from projections.target import Connection


@contextmanager
def opened(dsn: str, models: Sequence[ReadModel] = MODELS) -> Iterator[Connection]:
    """Empty read models, or those that are there."""
    with store.connect(dsn) as connection:
        store.prepare(connection, models)
        yield connection


@contextmanager
def projected(dsn: str, values: Sequence[bytes], limit: int = 500) -> Iterator[Connection]:
    """Read models of these events."""
    with opened(dsn) as connection:
        projector(connection, values, limit).catch_up()
        yield connection


def projector(
    connection: Connection,
    values: Sequence[bytes],
    limit: int = 500,
    models: Sequence[ReadModel] = MODELS,
) -> Projector:
    """A projector of these events."""
    return Projector(RecordedLog(values), connection, models, limit=limit)


def digests(connection: Connection) -> dict[str, dump.Digest]:
    """Digests of all read models, by name."""
    return {model.name: dump.digest(connection, model) for model in MODELS}
