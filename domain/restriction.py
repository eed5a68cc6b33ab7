"""Restrictions: what money may be used for, carried by funds, grants and allocations."""

from collections.abc import Iterable, Sequence
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


def wider(code: str) -> tuple[str, str, str]:
    """The division itself, its prefecture and its province: whatever could cover it."""
    return code, code[:4] + "00", code[:2] + "0000"


def common_regions(one: Sequence[str], other: Sequence[str]) -> list[str]:
    """
    The divisions that lie in both lists.

    >>> common_regions(["630000"], ["632221", "110101"]), common_regions(["632221"], ["632222"])
    (['632221'], [])
    """
    ones, others = frozenset(one), frozenset(other)
    return sorted({
        *(code for code in ones if not others.isdisjoint(wider(code))),
        *(code for code in others if not ones.isdisjoint(wider(code))),
    })  # fmt: skip


def can_be_met(restrictions: Iterable[Restriction], division: str | None) -> bool:
    """Whether some use within *division* (None: anywhere) could meet all the restrictions at once."""
    regions = None if division is None else [division]
    allowed: list[frozenset[str] | None] = [None, None, None]
    first: Day | None = None
    last: Day | None = None
    for restriction in restrictions:
        if restriction.regions:
            own = restriction.regions
            regions = list(own) if regions is None else common_regions(regions, own)
        for index, listed in enumerate(restriction[1:4]):
            if listed:
                known = allowed[index]
                allowed[index] = frozenset(listed) if known is None else known.intersection(listed)
        if restriction.usable_from is not None:
            first = max(
                restriction.usable_from, restriction.usable_from if first is None else first
            )
        if restriction.usable_to is not None:
            last = min(restriction.usable_to, restriction.usable_to if last is None else last)
    return (
        regions != []
        and frozenset() not in allowed
        and (first is None or last is None or first <= last)
    )
