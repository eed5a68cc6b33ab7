"""Which events belong to a part of a log: an organisation with all below it, and the registry."""

from typing import Any, Final

from domain.events import (
    AllocationIssued,
    AllocationReturned,
    OrganisationMoved,
    OrganisationRegistered,
)
from domain.streams import owner_of
from schemas.codec import Unreadable, decode, topic_of

REGISTRY: Final = frozenset(
    {"ledger", "publisher", "vault", "codes", "organisation", "fund", "policy", "years"}
)
"""First words of streams that every pack holds whole: without them nothing can be understood."""
OWNED: Final = frozenset({"account", "roster", "visits", "statements", "readings", "refusals"})
"""First words of streams whose second word is the organisation they belong to."""
_TREE: Final = frozenset(
    {
        OrganisationRegistered.TOPIC, OrganisationMoved.TOPIC,
        AllocationIssued.TOPIC, AllocationReturned.TOPIC,
    }
)  # fmt: skip
"""Money goes one step down and comes back one step up, so it tells who is below whom, too."""


class NoSuchOrganisation(Exception):
    """The organisation whose part is wanted was never registered."""


class Subtree:
    """The organisations that ever were *root* or below it, as far as events told."""

    def __init__(self, root: str) -> None:
        self._root = root
        self.codes = {root}
        self.registered = False
        """Whether the root was ever registered, as far as events told."""
        self._children: dict[str, set[str]] = {}

    def learn(self, value: bytes) -> None:
        """Take in an event; most say nothing about the tree of organisations."""
        try:
            if topic_of(value) not in _TREE:
                return
            event = decode(value)
        except Unreadable:
            return
        parent, code = _kinship(event)
        self.registered = self.registered or code == self._root
        if parent is not None:
            self._children.setdefault(parent, set()).add(code)
        if parent in self.codes:
            self._add(code)

    def _add(self, code: str) -> None:
        if code not in self.codes:
            self.codes.add(code)
            for child in self._children.get(code, ()):
                self._add(child)

    def owns(self, stream: str) -> bool:
        """Whether a stream belongs to one of the organisations."""
        kind, _, rest = stream.partition("/")
        return kind in OWNED and rest.partition("/")[0] in self.codes

    def holds(self, event: Any) -> bool:
        """Whether an event belongs into the pack of this subtree."""
        return is_registry(event.stream) or not self.codes.isdisjoint(owners_of(event))


def _kinship(event: Any) -> tuple[str | None, str]:
    """The organisation above and the one below that an event tells of."""
    if isinstance(event, AllocationIssued):
        return owner_of(event.stream), owner_of(event.in_stream)
    if isinstance(event, AllocationReturned):
        return owner_of(event.in_stream), owner_of(event.stream)
    return event.parent, event.code


def owners_of(event: Any) -> set[str]:
    """
    The organisations in whose packs an event is: who spoke, and whose streams it is on.

    One that is registered has its registration, so that every organisation has an event.
    """
    found = {owner_of(s) for s in (event.stream, getattr(event, "in_stream", "")) if _is_owned(s)}
    if event.organisation is not None:
        found.add(event.organisation)
    if isinstance(event, OrganisationRegistered):
        found.add(event.code)
    return found


def _is_owned(stream: str) -> bool:
    return stream.partition("/")[0] in OWNED


def is_registry(stream: str) -> bool:
    """Whether a stream is one of those that every pack holds."""
    return stream.partition("/")[0] in REGISTRY
