"""Policies: category scheme, caps, occasions and approval rules, dated, of one issuing union."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from domain.entity import Creation, Entity
from domain.parts import Cap, Occasion
from domain.units import Day, Micros


class Policy(NamedTuple):
    """One adopted policy. Every threshold is data here, none is a constant in code."""

    policy: str
    valid_from: Day
    valid_to: Day | None
    scheme: str
    categories: Sequence[str]
    caps: Sequence[Cap]
    occasions: Sequence[Occasion]
    roster_approval: bool
    confirm_arrival: bool
    visitors_min: int
    publicity_days: int

    def valid_on(self, day: Day) -> bool:
        """True if it is in force on *day*."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def overlaps(self, valid_from: Day, valid_to: Day | None) -> bool:
        """True if some day lies in both periods."""
        return (valid_to is None or self.valid_from <= valid_to) and (
            self.valid_to is None or valid_from <= self.valid_to
        )

    def cap(self, tier: str) -> Cap | None:
        """The caps of a tier, None if the tier is not in force."""
        for cap in self.caps:
            if cap.tier == tier:
                return cap
        return None

    def occasion(self, code: str) -> Occasion | None:
        """The occasion, None if it is not in force."""
        for occasion in self.occasions:
            if occasion.code == code:
                return occasion
        return None


class PolicyBook(Entity):
    """All policies of one issuing union."""

    TOPIC: ClassVar[str] = "hengwen.PolicyBook"
    FIELDS: ClassVar[tuple[str, ...]] = ("policies",)
    policies: list[Policy]

    class Event(Entity.Event):
        """A change of the book."""

    @dataclass(frozen=True)
    class Created(Event, Creation):
        """The first policy of the union."""

        TOPIC: ClassVar[str] = "hengwen.PolicyBook.Created"
        policy: Policy

    @dataclass(frozen=True)
    class Adopted(Event):
        """Another policy."""

        TOPIC: ClassVar[str] = "hengwen.PolicyBook.Adopted"
        policy: Policy

        def apply(self, aggregate: Any) -> None:
            """Add it."""
            aggregate.policies.append(self.policy)

    def __init__(self, policy: Policy) -> None:
        self.policies = [policy]

    def loaded(self) -> None:
        """Rows hold lists."""
        self.policies = [
            Policy(*row)._replace(
                caps=[Cap(*c) for c in row[5]], occasions=[Occasion(*o) for o in row[6]]
            )
            for row in self.policies
        ]

    def on(self, day: Day) -> Policy | None:
        """The policy in force on *day*."""
        return next((p for p in self.policies if p.valid_on(day)), None)

    def adopt(self, policy: Policy, at: Micros) -> None:
        """Record another policy."""
        self.change(self.Adopted, at, policy=policy)
