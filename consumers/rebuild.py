"""Rebuilding read models from the log, beside the live ones, while those stay readable."""

from collections.abc import Callable, Sequence
from typing import Final

from consumers.projector import Progress, Projector
from eventlog.reading import EventsLog
from projections import store, swap
from projections.model import ReadModel
from projections.target import Connection

REBUILD_EVENTS_MAX: Final = 5_000
"""Larger batches than a live projector's: nobody waits for the first row."""


def rebuild(
    log: EventsLog,
    connection: Connection,
    models: Sequence[ReadModel],
    on_progress: Callable[[Progress], None],
) -> int:
    """
    Build *models* anew from the whole log, then swap them in; returns the position reached.

    Interrupted, it goes on where it was when called again. Models that other code left in another
    version must be among *models*: views join them all.

    Raises:
        RebuildRunning: another process is at it.
    """
    swap.begin(connection, models)
    projector = Projector(log, connection, models, slot="building", limit=REBUILD_EVENTS_MAX)
    projector.catch_up(on_progress)
    for model in models:
        if not swap.indexed(connection, model):
            swap.index(connection, model)
    while True:
        projector.catch_up(on_progress)
        if swap.finish(connection, models):
            swap.end(connection)
            return projector.position


def with_stale(
    connection: Connection, wanted: Sequence[ReadModel], every: Sequence[ReadModel]
) -> list[ReadModel]:
    """The models wanted, and those that are missing or of another version."""
    known = store.marks_if_any(connection)
    return [
        model
        for model in every
        if model in wanted or model.name not in known or known[model.name].version != model.version
    ]
