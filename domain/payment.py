"""Payments: reserved, ordered, settled; or bounced, reversed, released with their roster."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from domain.entity import Creation, Entity
from domain.parts import Interval
from domain.refusals import Refusal
from domain.roster import APPROVED, REJECTED, Roster
from domain.units import Fen, Micros, Position

RESERVED, ORDERED, SETTLED = "RESERVED", "ORDERED", "SETTLED"
BOUNCED, REVERSED, RELEASED = "BOUNCED", "REVERSED", "RELEASED"
HOLDING = frozenset({RESERVED, ORDERED, SETTLED})
"""States in which a payment holds its fen."""


class Payment(Entity):
    """A payment. A reserved one follows its roster: state() tells what it is by now."""

    TOPIC: ClassVar[str] = "hengwen.Payment"
    FIELDS: ClassVar[tuple[str, ...]] = (
        "position", "fund", "person", "tier", "campaign", "year", "amount_fen", "draws", "roster",
        "signed", "proxy", "form", "stored",
    )  # fmt: skip
    position: Position
    fund: str
    person: str
    tier: str
    campaign: str
    year: int
    amount_fen: Fen
    draws: list[Interval]
    roster: str | None
    signed: bool
    proxy: bool
    form: str
    stored: str

    class Event(Entity.Event):
        """A change of a payment."""

    @dataclass(frozen=True)
    class Created(Event, Creation):
        """It was made: reserved, or ordered at once."""

        TOPIC: ClassVar[str] = "hengwen.Payment.Created"
        position: Position
        fund: str
        person: str
        tier: str
        campaign: str
        year: int
        amount_fen: Fen
        draws: Sequence[Interval]
        roster: str | None
        signed: bool
        proxy: bool
        form: str
        stored: str

    @dataclass(frozen=True)
    class Became(Event):
        """It changed its state."""

        TOPIC: ClassVar[str] = "hengwen.Payment.Became"
        state: str

        def apply(self, aggregate: Any) -> None:
            """Change the state."""
            aggregate.stored = self.state

    def __init__(  # noqa: PLR0913  the fields of a payment
        self,
        position: Position,
        fund: str,
        person: str,
        tier: str,
        campaign: str,
        year: int,
        amount_fen: Fen,
        draws: Sequence[Interval],
        roster: str | None,
        signed: bool,
        proxy: bool,
        form: str,
        stored: str,
    ) -> None:
        self.position = position
        self.fund = fund
        self.person = person
        self.tier = tier
        self.campaign = campaign
        self.year = year
        self.amount_fen = amount_fen
        self.draws = list(draws)
        self.roster = roster
        self.signed = signed
        self.proxy = proxy
        self.form = form
        self.stored = stored

    def loaded(self) -> None:
        """Rows hold lists."""
        self.draws = [Interval(*d) for d in self.draws]

    def state(self, roster: Roster | None) -> str:
        """Its state now, given its roster: an approval or rejection changes all of them at once."""
        if self.stored == RESERVED and roster is not None:
            if roster.state == APPROVED:
                return ORDERED
            if roster.state == REJECTED:
                return RELEASED
        return self.stored

    def refuse(self, wanted: frozenset[str], roster: Roster | None) -> list[Refusal]:
        """Why it is in none of the *wanted* states."""
        state = self.state(roster)
        return [] if state in wanted else [Refusal("PAYMENT_STATE", state=state)]

    def become(self, state: str, at: Micros) -> None:
        """Record another state."""
        self.change(self.Became, at, state=state)
