"""
Persons: what one person has received, by year, tier and campaign, under random ids.

A plain row each: there are as many as people who were helped.
"""

from dataclasses import dataclass, field
from typing import Final

from domain.units import Day, Fen, Position

UNKEPT: Final = Day(0)
READING_MAX: Final = 500
"""Most identities in one reading."""


@dataclass(slots=True)
class Person:
    """
    A person of the vault. Ids that were linked have one root, and totals follow the root.

    *totals* maps ``<tier>/<year>`` to fen, *campaigns* maps ``<tier>/<campaign>`` to the positions
    of the payments that stand in it. *size* counts the ids that were joined here. *kept_until* is
    the first day on which no record keeps the name, *kept_by* the event that says so. *home* is the lowest organisation above all that
    paid them under attestation; None if nobody has, then they belong to the whole.
    """

    id: str
    root: str | None = None
    totals: dict[str, int] = field(default_factory=dict)
    campaigns: dict[str, list[int]] = field(default_factory=dict)
    erased: bool = False
    size: int = 1
    kept_until: Day = UNKEPT
    home: str | None = None
    kept_by: int = 0

    def row(self) -> list[object]:
        """The person as JSON values."""
        return [
            self.id, self.root, self.totals, self.campaigns, self.erased, self.size,
            self.kept_until, self.home, self.kept_by,
        ]  # fmt: skip

    def keep(self, until: Day, position: int) -> None:
        """The event at *position* names them and must be kept *until* a day."""
        if self.kept_until < until:
            self.kept_until, self.kept_by = until, position

    def received_fen(self, tier: str, year: int) -> Fen:
        """What they have received of a tier in a calendar year."""
        return Fen(self.totals.get(f"{tier}/{year}", 0))

    def holder(self, tier: str, campaign: str) -> Position | None:
        """The first payment that stands in this campaign, None if there is none."""
        standing = self.campaigns.get(f"{tier}/{campaign}")
        return Position(standing[0]) if standing else None

    def receive(self, *, tier: str, year: int, campaign: str, fen: Fen, position: Position) -> None:
        """Count a payment; negative to take back the one at *position*."""
        key = f"{tier}/{year}"
        self.totals[key] = self.totals.get(key, 0) + fen
        slot = f"{tier}/{campaign}"
        standing = self.campaigns.setdefault(slot, [])
        if fen > 0:
            standing.append(position)
        elif position in standing:
            standing.remove(position)
        if not standing:
            del self.campaigns[slot]

    def join(self, other: "Person") -> "Person":
        """
        *other* is the same person: all of both is kept under one of them, which is returned.

        The one that more ids were joined to stays the root, so that no chain gets long.
        """
        root, joined = (self, other) if self.size >= other.size else (other, self)
        for key, fen in joined.totals.items():
            root.totals[key] = root.totals.get(key, 0) + fen
        for slot, positions in joined.campaigns.items():
            root.campaigns[slot] = sorted([*root.campaigns.get(slot, []), *positions])
        root.erased = root.erased or joined.erased
        root.keep(joined.kept_until, joined.kept_by)
        root.size += joined.size
        joined.root = root.id
        joined.totals, joined.campaigns = {}, {}
        return root
