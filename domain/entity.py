"""
Aggregates of the ``eventsourcing`` library with readable ids, kept as rows.

A change is decided in a public method or question, and applied by an event of the aggregate that
never refuses. The events here are small and live in memory only: what is written to the log is the
verdict record beside them, and folding that record triggers them again. So an aggregate's version
counts the records that touched it, and live deciding and replaying share one path.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Self, cast

from eventsourcing.domain import BaseAggregate, CanInitAggregate, CanMutateAggregate

from domain.units import Micros


@dataclass(frozen=True)
class Change(CanMutateAggregate[str]):
    """An event of an aggregate. Its time is that of the record, in microseconds, never the clock's."""

    originator_id: str
    originator_version: int
    timestamp: Any

    @staticmethod
    def create_timestamp() -> Any:
        """Refuse to ask a clock: every change is given the time of its record."""
        raise AssertionError("a change without a time")


@dataclass(frozen=True)
class Creation(CanInitAggregate[str], Change):
    """The first event of an aggregate."""

    originator_topic: str


class Entity(BaseAggregate[str]):
    """
    An aggregate that can be kept as one row: its version and the values of its FIELDS.

    Subclasses name their fields in FIELDS, in the order of the row; a row is JSON values only.
    """

    TOPIC: ClassVar[str] = "hengwen.Entity"
    FIELDS: ClassVar[tuple[str, ...]] = ()

    class Event(Change):
        """Base of the changes of this aggregate."""

    def change(self, event_class: type[Change], at: Micros, **values: Any) -> None:
        """Trigger *event_class* and forget the event: the log keeps the record beside it."""
        self.trigger_event(event_class, timestamp=at, **values)
        self.pending_events.clear()

    @classmethod
    def begin(cls, identity: str, at: Micros, **values: Any) -> Self:
        """Create the aggregate from its Created event, given its id and the time of its record."""
        created = cast("type[Creation]", cls.Created)  # type: ignore[attr-defined]
        entity = cls._create(created, id=identity, timestamp=at, **values)
        entity.pending_events.clear()
        return entity

    def row(self) -> list[Any]:
        """The aggregate as JSON values: version, then FIELDS in order."""
        state = self.__dict__
        return [self.version, *(state[name] for name in self.FIELDS)]

    @classmethod
    def from_row(cls, identity: str, row: list[Any]) -> Self:
        """The aggregate that row() gave; its times are not kept."""
        entity = cls.__new__(cls)
        entity.__base_init__(identity, row[0], cast("Any", None))
        entity.__dict__.update(zip(cls.FIELDS, row[1:], strict=True))
        entity.loaded()
        return entity

    def loaded(self) -> None:
        """Rebuild what is derived from the fields, and give JSON lists their types again."""
