"""A batch: consecutive events with their positions, also sorted by kind."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, TypeVar, cast

from domain.events import Event
from domain.units import Position

E = TypeVar("E", bound=Event)
Placed = tuple[Position, E]
"""An event and its position."""


class Batch:
    """Consecutive events of one log, at least one."""

    def __init__(self, events: Sequence[Placed[Event]]) -> None:
        self.events = events
        self.first = events[0][0]
        self.last = events[-1][0]
        self._by_kind: dict[type[Event], list[Placed[Any]]] = defaultdict(list)
        for placed in events:
            self._by_kind[type(placed[1])].append(placed)

    def of(self, kind: type[E]) -> Sequence[Placed[E]]:
        """The events of one kind, in order."""
        return cast("Sequence[Placed[E]]", self._by_kind.get(kind, ()))

    def after(self, position: Position) -> "Batch | None":
        """What lies behind *position*; None if nothing does."""
        if position < self.first:
            return self
        if position >= self.last:
            return None
        return Batch(self.events[position - self.first + 1 :])
