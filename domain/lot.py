"""Lots: fen that came into an account together, by a grant or an allocation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from domain.entity import Creation, Entity
from domain.parts import Interval
from domain.restriction import Restriction
from domain.units import Fen, Micros, Position


class Lot(Entity):
    """
    A lot, named by the position of the event that made it.

    *draws* are the fen of the lots above, in order; empty for a grant. *confirmed* is false for an
    allocation whose arrival must be confirmed first. *inherited* are the lots above whose
    restrictions bind this one too.
    """

    TOPIC: ClassVar[str] = "hengwen.Lot"
    FIELDS: ClassVar[tuple[str, ...]] = (
        "account", "giver", "fen", "draws", "restriction", "inherited", "confirmed",
    )  # fmt: skip
    account: str
    giver: str | None
    fen: Fen
    draws: list[Interval]
    restriction: Restriction
    inherited: list[Position]
    confirmed: bool

    class Event(Entity.Event):
        """A change of a lot."""

    @dataclass(frozen=True)
    class Created(Event, Creation):
        """The fen came in; *giver* is the stream of the account that gave them."""

        TOPIC: ClassVar[str] = "hengwen.Lot.Created"
        account: str
        giver: str | None
        fen: Fen
        draws: Sequence[Interval]
        restriction: Restriction
        inherited: Sequence[Position]
        confirmed: bool

    @dataclass(frozen=True)
    class Confirmed(Event):
        """Arrival was confirmed."""

        TOPIC: ClassVar[str] = "hengwen.Lot.Confirmed"

        def apply(self, aggregate: Any) -> None:
            """The fen may be spent."""
            aggregate.confirmed = True

    def __init__(  # noqa: PLR0913  the fields of a lot
        self,
        account: str,
        giver: str | None,
        fen: Fen,
        draws: Sequence[Interval],
        restriction: Restriction,
        inherited: Sequence[Position],
        confirmed: bool,
    ) -> None:
        self.account = account
        self.giver = giver
        self.fen = fen
        self.draws = list(draws)
        self.restriction = restriction
        self.inherited = list(inherited)
        self.confirmed = confirmed

    def loaded(self) -> None:
        """Rows hold lists."""
        self.draws = [Interval(*d) for d in self.draws]
        self.restriction = Restriction.from_row(self.restriction)

    def confirm(self, at: Micros) -> None:
        """Record arrival."""
        self.change(self.Confirmed, at)
