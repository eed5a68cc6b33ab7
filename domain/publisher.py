"""Publishers and operators: keys, and what each may say for whom."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from domain.entity import Creation, Entity
from domain.units import Micros

OPERATOR_ONLY: Final = frozenset({
    "AdoptRules", "RegisterSchema", "RegisterVault", "RevokeVault", "LoadCodes",
    "RotateOperatorKey", "RotateCheckpointKey", "RedactSubmission",
})  # fmt: skip
"""Kinds that operators alone may submit."""
OPERATOR_KINDS: Final = OPERATOR_ONLY | frozenset({
    "RegisterPublisher", "RotatePublisherKey", "RevokePublisher",
    "RegisterOrganisation", "MoveOrganisation", "CloseOrganisation",
})  # fmt: skip
"""All kinds an operator may submit: never one that moves money."""
OPERATOR_SOURCE: Final = "operator"


class Publisher(Entity):
    """A key bound to a source system, a subtree of organisations and kinds of submission."""

    TOPIC: ClassVar[str] = "hengwen.Publisher"
    FIELDS: ClassVar[tuple[str, ...]] = ("public_key", "source", "subtree", "kinds", "active")
    public_key: str
    source: str
    subtree: str
    kinds: list[str]
    active: bool

    class Event(Entity.Event):
        """A change of a publisher's key."""

    @dataclass(frozen=True)
    class Created(Event, Creation):
        """The key was registered; public_key in hexadecimal."""

        TOPIC: ClassVar[str] = "hengwen.Publisher.Created"
        public_key: str
        source: str
        subtree: str
        kinds: list[str]

    @dataclass(frozen=True)
    class Ended(Event):
        """The key was revoked or replaced."""

        TOPIC: ClassVar[str] = "hengwen.Publisher.Ended"

        def apply(self, aggregate: Any) -> None:
            """End it."""
            aggregate.active = False

    def __init__(self, public_key: str, source: str, subtree: str, kinds: list[str]) -> None:
        self.public_key = public_key
        self.source = source
        self.subtree = subtree
        self.kinds = kinds
        self.active = True

    def may(self, kind: str) -> bool:
        """Whether the key may submit a kind; what operators may is no part of their key's row."""
        return kind in self.kinds or (self.source == OPERATOR_SOURCE and kind in OPERATOR_KINDS)

    def end(self, at: Micros) -> None:
        """Record that everything ordered later is refused."""
        self.change(self.Ended, at)
