"""What the log holds of persons: the ids that are one person, and what keeps their names."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from domain.calendar import civil_day
from domain.events import (
    Event,
    PaymentBounced,
    PaymentMade,
    PaymentReversed,
    PaymentSettled,
    PersonErased,
    PersonsLinked,
)
from domain.payment import receiving
from domain.retention import (
    LIST_FIELDS,
    PERSON_FIELDS,
    SUBJECTS,
    RecordClass,
    classes_of,
    counted_from,
)
from domain.units import Day, Position
from eventlog.contract import StoredRecord
from eventlog.reading import EventsLog, events
from schemas.codec import decode, topic_of

SEARCHED_MAX: Final = 16
"""So many ids are searched for in the bytes of a value; for more, every value is decoded."""


class Kept(NamedTuple):
    """Records of one class that hold a person, and when the last of them is free."""

    record_class: RecordClass
    records: int
    last: Position
    """The event whose period ends last."""
    free_on: Day


class Erased(NamedTuple):
    """An erasure in the log."""

    person: str
    position: Position
    day: Day
    """The civil day on which it was recorded."""


@dataclass
class PersonRecords:
    """What the log holds of one person."""

    ids: set[str]
    """The id asked for, and all that were linked to it."""
    erased: dict[str, Position] = field(default_factory=dict)
    kept: dict[str, Kept] = field(default_factory=dict)
    """By code of the class."""
    mentioned: set[str] = field(default_factory=set)
    """Those of the ids that are in the log."""
    until: int = 0
    """The position up to which the log was read."""

    @property
    def free_on(self) -> Day | None:
        """The first day on which nothing keeps the name; None if nothing ever did."""
        return max((kept.free_on for kept in self.kept.values()), default=None)

    def kept_on(self, day: Day) -> bool:
        """Whether anything keeps the name on that day."""
        return self.free_on is not None and day < self.free_on


def records_of(
    log: EventsLog,
    persons: Collection[str],
    seen: Callable[[int], None] = lambda _: None,
    *,
    after: int = 0,
) -> dict[str, PersonRecords]:
    """
    Read the whole log (or what is behind *after*), twice, for persons and all linked to them.

    Linked ids share one answer. What happens to a payment later counts for its persons, although
    those records do not name them. *seen* is told of every event read.
    """
    end = Position(log.last_position())
    groups = _groups(events(log, after=after, until=end), persons, seen)
    for records in groups.values():
        records.until = end
    owner = {one: records for records in groups.values() for one in records.ids}
    needles = [one.encode() for one in owner]
    payments: dict[Position, list[PersonRecords]] = {}
    for record in events(log, after=after, until=end):
        seen(1)
        if len(needles) > SEARCHED_MAX or any(needle in record.value for needle in needles):
            position, event = Position(record.position), decode(record.value)
            counted = _add(owner, position, event)
            if isinstance(event, PaymentMade) and counted:
                payments[position] = [owner[one] for _, one in receiving(event) if one in owner]
                needles.append(event.payment.encode())
            elif isinstance(event, PaymentSettled | PaymentBounced | PaymentReversed):
                for found in payments.get(event.payment_position, ()):
                    if not any(found is one for one in counted):
                        counted.append(found)
                        _keep(found, position, event)
    return groups


def erasures(log: EventsLog, after: int, end: Position) -> Iterator[Erased]:
    """Every erasure behind position *after*, up to *end*."""
    for record in events(log, after=after, until=end):
        if topic_of(record.value) == PersonErased.TOPIC:
            event = decode(record.value)
            yield Erased(event.person, Position(record.position), civil_day(event.recorded_at))


def roles_of(event: Event) -> dict[str, set[str]]:
    """Everybody an event names, each with the fields that do."""
    roles: dict[str, set[str]] = defaultdict(set)
    for name in PERSON_FIELDS:
        person = getattr(event, name, None)
        if person is not None:
            roles[person].add(name)
    for name in LIST_FIELDS:
        for person in getattr(event, name, ()):
            roles[person].add(name)
    return roles


def _add(
    owner: Mapping[str, PersonRecords], position: Position, event: Event
) -> list[PersonRecords]:
    """Count an event for the persons it names; twice for none. For whom it was counted."""
    counted: list[PersonRecords] = []
    for person, roles in roles_of(event).items():
        found = owner.get(person)
        if found is None:
            continue
        found.mentioned.add(person)
        if isinstance(event, PersonErased) and event.person == person:
            found.erased.setdefault(person, position)
        subject = roles <= SUBJECTS.get(type(event).__name__, set())
        if not subject and not any(found is one for one in counted):
            counted.append(found)
            _keep(found, position, event)
    return counted


def _keep(found: PersonRecords, position: Position, event: Event) -> None:
    day = counted_from(event.recorded_at)
    dossier = isinstance(event, PaymentMade) and event.dossier is not None
    for record_class in classes_of(type(event).__name__, dossier=dossier):
        free_on = record_class.free_on(day)
        known = found.kept.get(record_class.code)
        if known is None:
            found.kept[record_class.code] = Kept(record_class, 1, position, free_on)
        else:
            later = (position, free_on) if free_on >= known.free_on else known[2:]
            found.kept[record_class.code] = Kept(record_class, known.records + 1, *later)


def _groups(
    log: Iterator[StoredRecord], persons: Collection[str], seen: Callable[[int], None]
) -> dict[str, PersonRecords]:
    """For each person the ids that PersonsLinked joins, directly or over others; no records yet."""
    links: dict[str, set[str]] = defaultdict(set)
    for record in log:
        seen(1)
        if topic_of(record.value) == PersonsLinked.TOPIC:
            event = decode(record.value)
            links[event.person].add(event.other)
            links[event.other].add(event.person)
    groups: dict[str, PersonRecords] = {}
    for person in persons:
        if person not in groups:
            ids, waiting = {person}, [person]
            while waiting:
                new = links.get(waiting.pop(), set()) - ids
                ids |= new
                waiting += new
            records = PersonRecords(ids)
            groups |= dict.fromkeys(ids.intersection(persons), records)
    return groups
