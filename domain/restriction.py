"""Restrictions: what money may be used for, carried by funds, grants and allocations."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from domain.units import Day


class Restricted(Protocol):
    """A record that carries the six fields of a restriction."""

    regions: Sequence[str]
    categories: Sequence[str]
    tiers: Sequence[str]
    occasions: Sequence[str]
    usable_from: Day | None
    usable_to: Day | None


class Use(NamedTuple):
    """What money is asked for."""

    region: str | None
    """Division code of the place of work, never of the identity document."""
    category: str
    tier: str
    occasion: str
    day: Day


def covers(wider: str, code: str) -> bool:
    """
    True if the division *code* lies in the division *wider* (GB/T 2260, two digits a level).

    >>> covers("632200", "632221"), covers("630000", "632221"), covers("632221", "632222")
    (True, True, False)
    """
    if wider.endswith("0000"):
        return code[:2] == wider[:2]
    if wider.endswith("00"):
        return code[:4] == wider[:4]
    return code == wider


class Restriction(NamedTuple):
    """Empty lists and null days do not restrict."""

    regions: Sequence[str] = ()
    categories: Sequence[str] = ()
    tiers: Sequence[str] = ()
    occasions: Sequence[str] = ()
    usable_from: Day | None = None
    usable_to: Day | None = None

    @classmethod
    def of(cls, record: Restricted) -> "Restriction":
        """The restriction that a record carries."""
        return cls(
            tuple(record.regions),
            tuple(record.categories),
            tuple(record.tiers),
            tuple(record.occasions),
            record.usable_from,
            record.usable_to,
        )

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> "Restriction":
        """The restriction whose JSON values are *row*: lists become tuples again."""
        regions, categories, tiers, occasions, usable_from, usable_to = row
        return cls(
            tuple(regions),
            tuple(categories),
            tuple(tiers),
            tuple(occasions),
            usable_from,
            usable_to,
        )

    @property
    def empty(self) -> bool:
        """True if it restricts nothing."""
        return not any(self[:4]) and self.usable_from is None and self.usable_to is None

    def broken_by(self, use: Use) -> str | None:  # noqa: PLR0911  one return a part
        """The first part of the restriction that *use* breaks, None if it is admitted."""
        if self.regions and not (use.region and any(covers(r, use.region) for r in self.regions)):
            return "REGION"
        if self.categories and use.category not in self.categories:
            return "CATEGORY"
        if self.tiers and use.tier not in self.tiers:
            return "TIER"
        if self.occasions and use.occasion not in self.occasions:
            return "OCCASION"
        if self.usable_from is not None and use.day < self.usable_from:
            return "DAY"
        if self.usable_to is not None and use.day > self.usable_to:
            return "DAY"
        return None

    def reachable_in(self, division: str | None) -> bool:
        """False if no place of work within *division* could ever meet the regions."""
        if not self.regions or division is None:
            return True
        return any(covers(division, r) or covers(r, division) for r in self.regions)
