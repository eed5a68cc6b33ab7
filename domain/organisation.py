"""Organisations: a tree of any depth, from the national federation to basic unions."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from domain.entity import Creation, Entity
from domain.units import Micros

DEPTH_MAX: Final = 32
"""Most levels between an organisation and the root."""


class Organisation(Entity):
    """A union organisation; its code is never used again."""

    TOPIC: ClassVar[str] = "hengwen.Organisation"
    FIELDS: ClassVar[tuple[str, ...]] = (
        "parent", "level", "division", "closed", "closed_through", "height",
    )  # fmt: skip
    parent: str | None
    level: str
    division: str | None
    closed: bool
    closed_through: int
    """The newest closed year: it and all before it are closed. 0 if none is."""
    height: int
    """Most levels that ever lay below it."""

    class Event(Entity.Event):
        """A change of an organisation."""

    @dataclass(frozen=True)
    class Created(Event, Creation):
        """It was registered."""

        TOPIC: ClassVar[str] = "hengwen.Organisation.Created"
        parent: str | None
        level: str
        division: str | None

    @dataclass(frozen=True)
    class Moved(Event):
        """It has another parent."""

        TOPIC: ClassVar[str] = "hengwen.Organisation.Moved"
        parent: str

        def apply(self, aggregate: Any) -> None:
            """Change the parent."""
            aggregate.parent = self.parent

    @dataclass(frozen=True)
    class Closed(Event):
        """It was closed."""

        TOPIC: ClassVar[str] = "hengwen.Organisation.Closed"

        def apply(self, aggregate: Any) -> None:
            """Close it."""
            aggregate.closed = True

    @dataclass(frozen=True)
    class YearClosed(Event):
        """A year was closed, with all before it, for it and all below it."""

        TOPIC: ClassVar[str] = "hengwen.Organisation.YearClosed"
        year: int

        def apply(self, aggregate: Any) -> None:
            """Remember the newest."""
            aggregate.closed_through = max(aggregate.closed_through, self.year)

    @dataclass(frozen=True)
    class Grew(Event):
        """More levels lie below it."""

        TOPIC: ClassVar[str] = "hengwen.Organisation.Grew"
        height: int

        def apply(self, aggregate: Any) -> None:
            """Remember how many."""
            aggregate.height = self.height

    def __init__(self, parent: str | None, level: str, division: str | None) -> None:
        self.parent = parent
        self.level = level
        self.division = division
        self.closed = False
        self.closed_through = 0
        self.height = 0

    def move(self, parent: str, at: Micros) -> None:
        """Record another parent."""
        self.change(self.Moved, at, parent=parent)

    def grow(self, height: int, at: Micros) -> None:
        """Record that more levels lie below it."""
        self.change(self.Grew, at, height=height)

    def close(self, at: Micros) -> None:
        """Record that it is closed."""
        self.change(self.Closed, at)

    def close_year(self, year: int, at: Micros) -> None:
        """Record that a year is closed."""
        self.change(self.YearClosed, at, year=year)
