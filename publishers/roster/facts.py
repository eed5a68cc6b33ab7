"""What a template is filled in with: an organisation, its funds and its policy, from the log."""

from collections.abc import Iterator
from typing import NamedTuple

from domain.events import (
    AllocationIssued,
    FundOpened,
    GrantReceived,
    OrganisationMoved,
    OrganisationRegistered,
    PolicyAdopted,
)
from domain.units import Day
from eventlog.contract import Log
from eventlog.reading import events
from schemas.codec import decode

WANTED = frozenset(
    cls.TOPIC
    for cls in (
        OrganisationRegistered, OrganisationMoved, PolicyAdopted, FundOpened, GrantReceived,
        AllocationIssued,
    )
)  # fmt: skip


class OrganisationFacts(NamedTuple):
    """An organisation as a template needs it."""

    name: str
    division: str | None
    funds: tuple[str, ...]
    """Funds it was ever given; all funds if it was given none yet."""
    policies: tuple[PolicyAdopted, ...]
    """Its own and those of the unions above, nearest first, in the order they were adopted."""

    def policy_on(self, day: Day) -> PolicyAdopted | None:
        """The policy in force on *day*: its own, else that of the nearest union above."""
        return next((p for p in self.policies if _in_force(p, day)), None)


def organisation_facts(log: Log, organisation: str) -> OrganisationFacts | None:
    """Read the log once; None if it knows no such organisation."""
    named: OrganisationRegistered | None = None
    parents: dict[str, str | None] = {}
    policies: list[PolicyAdopted] = []
    opened: dict[str, None] = {}
    held: dict[str, None] = {}
    for event in _events(log):
        if isinstance(event, OrganisationRegistered | OrganisationMoved):
            parents[event.code] = event.parent
            if isinstance(event, OrganisationRegistered) and event.code == organisation:
                named = event
        elif isinstance(event, PolicyAdopted):
            policies.append(event)
        elif isinstance(event, FundOpened):
            opened[event.fund] = None
        elif isinstance(event, AllocationIssued | GrantReceived) and _given(event, organisation):
            held[event.fund] = None
    if named is None:
        return None
    above = list(_upwards(organisation, parents))
    near = sorted((p for p in policies if p.union in above), key=lambda p: above.index(p.union))
    return OrganisationFacts(named.name, named.division, tuple(held or opened), tuple(near))


def _upwards(organisation: str, parents: dict[str, str | None]) -> Iterator[str]:
    """An organisation and all above it, nearest first."""
    code: str | None = organisation
    while code is not None:
        yield code
        code = parents.get(code)


def _in_force(policy: PolicyAdopted, day: Day) -> bool:
    return policy.valid_from <= day and (policy.valid_to is None or day <= policy.valid_to)


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
