"""
Persons: what one person has received, by year, tier and campaign, under random ids.

A plain row each: there are as many as people who were helped.
"""

from dataclasses import dataclass, field

from domain.units import Fen, Position


@dataclass(slots=True)
class Person:
    """
    A person of the vault. Ids that were linked have one root, and totals follow the root.

    *totals* maps ``<tier>/<year>`` to fen, *campaigns* maps ``<tier>/<campaign>`` to the position
    of the payment that holds it.
    """

    id: str
    root: str | None = None
    totals: dict[str, int] = field(default_factory=dict)
    campaigns: dict[str, int] = field(default_factory=dict)
    erased: bool = False

    def row(self) -> list[object]:
        """The person as JSON values."""
        return [self.id, self.root, self.totals, self.campaigns, self.erased]

    def received_fen(self, tier: str, year: int) -> Fen:
        """What they have received of a tier in a calendar year."""
        return Fen(self.totals.get(f"{tier}/{year}", 0))

    def holder(self, tier: str, campaign: str) -> Position | None:
        """The payment that holds this campaign, None if they have had none."""
        position = self.campaigns.get(f"{tier}/{campaign}")
        return None if position is None else Position(position)

    def receive(self, *, tier: str, year: int, campaign: str, fen: Fen, position: Position) -> None:
        """Count a payment; negative to take back the one at *position*, whose campaign is free."""
        key = f"{tier}/{year}"
        self.totals[key] = self.totals.get(key, 0) + fen
        slot = f"{tier}/{campaign}"
        if fen > 0:
            self.campaigns.setdefault(slot, position)
        elif self.campaigns.get(slot) == position:
            del self.campaigns[slot]

    def join(self, other: "Person") -> None:
        """*other* is the same person: its totals and campaigns move here."""
        for key, fen in other.totals.items():
            self.totals[key] = self.totals.get(key, 0) + fen
        for slot, position in other.campaigns.items():
            self.campaigns.setdefault(slot, position)
        other.root = self.id
        other.totals, other.campaigns = {}, {}
