"""Funds: money with one owner, one restriction and perhaps a ceiling on what is granted into it."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from domain.entity import Creation, Entity
from domain.refusals import Refusal
from domain.restriction import Restriction
from domain.units import Fen, Micros

LIFETIME_MAX_FEN: Final = 10**14
"""A trillion yuan through one fund, in all its years."""


class Fund(Entity):
    """A fund; granted_fen is what came in less what was withdrawn."""

    TOPIC: ClassVar[str] = "hengwen.Fund"
    FIELDS: ClassVar[tuple[str, ...]] = (
        "owner", "source", "ceiling_fen", "restriction", "granted_fen", "lifetime_fen",
    )  # fmt: skip
    owner: str
    source: str
    ceiling_fen: Fen | None
    restriction: Restriction
    granted_fen: Fen
    lifetime_fen: Fen
    """All that ever came in: bounded, so that no sum anywhere can leave 64 bits."""

    class Event(Entity.Event):
        """A change of a fund."""

    @dataclass(frozen=True)
    class Created(Event, Creation):
        """The fund was opened."""

        TOPIC: ClassVar[str] = "hengwen.Fund.Created"
        owner: str
        source: str
        ceiling_fen: Fen | None
        restriction: Restriction

    @dataclass(frozen=True)
    class Granted(Event):
        """Fen came in, or went out again if negative."""

        TOPIC: ClassVar[str] = "hengwen.Fund.Granted"
        fen: Fen

        def apply(self, aggregate: Any) -> None:
            """Add them up."""
            aggregate.granted_fen += self.fen
            aggregate.lifetime_fen += max(self.fen, 0)

    def __init__(
        self, owner: str, source: str, ceiling_fen: Fen | None, restriction: Restriction
    ) -> None:
        self.owner = owner
        self.source = source
        self.ceiling_fen = ceiling_fen
        self.restriction = restriction
        self.granted_fen = Fen(0)
        self.lifetime_fen = Fen(0)

    def loaded(self) -> None:
        """Rows hold the restriction as a list."""
        self.restriction = Restriction.from_row(self.restriction)

    def over_ceiling(self, fen: Fen) -> Refusal | None:
        """Refuse a grant that would lift the fund above its ceiling."""
        if self.lifetime_fen + fen > LIFETIME_MAX_FEN:
            return Refusal(
                "OVER_CEILING",
                ceiling_fen=LIFETIME_MAX_FEN, granted_fen=self.lifetime_fen, asked_fen=fen,
            )  # fmt: skip
        if self.ceiling_fen is None or self.granted_fen + fen <= self.ceiling_fen:
            return None
        return Refusal(
            "OVER_CEILING",
            ceiling_fen=self.ceiling_fen, granted_fen=self.granted_fen, asked_fen=fen,
        )  # fmt: skip

    def grant(self, fen: Fen, at: Micros) -> None:
        """Record a grant."""
        self.change(self.Granted, at, fen=fen)

    def withdraw(self, fen: Fen, at: Micros) -> None:
        """Record a withdrawal."""
        self.change(self.Granted, at, fen=Fen(-fen))
