"""What a template is filled in with: name, division and funds of an organisation, from the log."""

from collections.abc import Iterator
from typing import NamedTuple

from domain.events import AllocationIssued, FundOpened, GrantReceived, OrganisationRegistered
from eventlog.contract import Log
from eventlog.reading import events
from schemas.codec import decode

WANTED = frozenset(
    cls.TOPIC for cls in (OrganisationRegistered, FundOpened, GrantReceived, AllocationIssued)
)


class OrganisationFacts(NamedTuple):
    """An organisation as a template needs it."""

    name: str
    division: str | None
    funds: tuple[str, ...]
    """Funds it was ever given; all funds if it was given none yet."""


def organisation_facts(log: Log, organisation: str) -> OrganisationFacts | None:
    """Read the log once; None if it knows no such organisation."""
    named: OrganisationRegistered | None = None
    opened: dict[str, None] = {}
    held: dict[str, None] = {}
    for event in _events(log):
        if isinstance(event, OrganisationRegistered) and event.code == organisation:
            named = event
        elif isinstance(event, FundOpened):
            opened[event.fund] = None
        elif isinstance(event, AllocationIssued | GrantReceived) and _given(event, organisation):
            held[event.fund] = None
    if named is None:
        return None
    return OrganisationFacts(named.name, named.division, tuple(held or opened))


def _events(log: Log) -> Iterator[object]:
    """The events of the wanted kinds, in order."""
    for record in events(log, after=0, until=log.last_position()):
        if record.topic in WANTED:
            yield decode(record.value)


def _given(event: AllocationIssued | GrantReceived, organisation: str) -> bool:
    """Whether an event gave money to the organisation."""
    if isinstance(event, AllocationIssued):
        return event.child == organisation
    return event.organisation == organisation
