"""Persons: what one person has received, by year, tier and campaign, under random ids."""

from dataclasses import dataclass
from typing import Any, ClassVar

from domain.entity import Creation, Entity
from domain.units import Fen, Micros, Position


class Person(Entity):
    """
    A person of the vault. Ids that were linked have one root, and totals follow the root.

    *totals* maps ``<tier>/<year>`` to fen, *campaigns* maps ``<tier>/<campaign>`` to the position
    of the payment that holds it.
    """

    TOPIC: ClassVar[str] = "hengwen.Person"
    FIELDS: ClassVar[tuple[str, ...]] = ("root", "totals", "campaigns", "erased")
    root: str | None
    totals: dict[str, int]
    campaigns: dict[str, int]
    erased: bool

    class Event(Entity.Event):
        """A change of a person."""

    @dataclass(frozen=True)
    class Created(Event, Creation):
        """First seen in the log."""

        TOPIC: ClassVar[str] = "hengwen.Person.Created"

    @dataclass(frozen=True)
    class Received(Event):
        """A payment was made to them, or taken back if negative."""

        TOPIC: ClassVar[str] = "hengwen.Person.Received"
        tier: str
        year: int
        campaign: str
        fen: Fen
        position: Position | None

        def apply(self, aggregate: Any) -> None:
            """Add it up; a campaign is free again if the payment that held it was undone."""
            key = f"{self.tier}/{self.year}"
            aggregate.totals[key] = aggregate.totals.get(key, 0) + self.fen
            slot = f"{self.tier}/{self.campaign}"
            if self.fen > 0:
                aggregate.campaigns.setdefault(slot, self.position)
            elif aggregate.campaigns.get(slot) == self.position:
                del aggregate.campaigns[slot]

    @dataclass(frozen=True)
    class Joined(Event):
        """Another id is the same person."""

        TOPIC: ClassVar[str] = "hengwen.Person.Joined"
        totals: dict[str, int]
        campaigns: dict[str, int]

        def apply(self, aggregate: Any) -> None:
            """Add up both."""
            for key, fen in self.totals.items():
                aggregate.totals[key] = aggregate.totals.get(key, 0) + fen
            for slot, position in self.campaigns.items():
                aggregate.campaigns.setdefault(slot, position)

    @dataclass(frozen=True)
    class JoinedTo(Event):
        """This id follows another."""

        TOPIC: ClassVar[str] = "hengwen.Person.JoinedTo"
        root: str

        def apply(self, aggregate: Any) -> None:
            """Follow it."""
            aggregate.root = self.root
            aggregate.totals = {}
            aggregate.campaigns = {}

    @dataclass(frozen=True)
    class Erased(Event):
        """The key that opens the name is gone."""

        TOPIC: ClassVar[str] = "hengwen.Person.Erased"

        def apply(self, aggregate: Any) -> None:
            """Remember it."""
            aggregate.erased = True

    def __init__(self) -> None:
        self.root = None
        self.totals = {}
        self.campaigns = {}
        self.erased = False

    def received_fen(self, tier: str, year: int) -> Fen:
        """What they have received of a tier in a calendar year."""
        return Fen(self.totals.get(f"{tier}/{year}", 0))

    def holder(self, tier: str, campaign: str) -> Position | None:
        """The payment that holds this campaign, None if they have had none."""
        position = self.campaigns.get(f"{tier}/{campaign}")
        return None if position is None else Position(position)

    def receive(  # noqa: PLR0913  what a payment is to a person
        self, *, tier: str, year: int, campaign: str, fen: Fen, position: Position, at: Micros
    ) -> None:
        """Record a payment, negative to take it back."""
        self.change(
            self.Received, at, tier=tier, year=year, campaign=campaign, fen=fen, position=position
        )

    def join(self, other: "Person", at: Micros) -> None:
        """Record that *other* is the same person; its totals move here."""
        totals, campaigns = dict(other.totals), dict(other.campaigns)
        other.change(other.JoinedTo, at, root=self.id)
        self.change(self.Joined, at, totals=totals, campaigns=campaigns)

    def erase(self, at: Micros) -> None:
        """Record the erasure."""
        self.change(self.Erased, at)
