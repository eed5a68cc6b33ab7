"""The trail: every event of the log, and the organisations, funds, persons, things it touched."""

from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Any, Final, NamedTuple

from domain.events import (
    EVENTS,
    Event,
    IdentitiesRead,
    PaymentMade,
    PersonsLinked,
    RosterSubmitted,
    VisitMade,
)
from domain.units import Position
from projections.batch import Batch
from projections.model import Appended, ReadModel, append
from projections.target import Row, Target

Field = Callable[[Any], Any]


class Touched(NamedTuple):
    """Where the columns of a trail row are found in the events of one kind; empty: nowhere."""

    counterparty: str = ""
    fund: str = ""
    person: str = ""
    payment_position: str = ""
    roster: str = ""
    id: str = ""
    about: str = ""
    amount_fen: str = ""
    units: str = ""
    code: str = ""
    document: str = ""


TOUCHED: Final[dict[str, Touched]] = {
    "LogOpened": Touched(id="log", code="suite"),
    "RulesAdopted": Touched(units="adopted"),
    "SchemaRegistered": Touched(id="schema"),
    "OperatorKeyRotated": Touched(id="new_key", about="old_key"),
    "CheckpointKeyRotated": Touched(id="new_key", about="old_key"),
    "SubmissionRedacted": Touched(payment_position="original_position", code="reason_code"),
    "PublisherRegistered": Touched(counterparty="subtree", id="key", code="publisher_source"),
    "PublisherKeyRotated": Touched(id="new_key", about="old_key"),
    "PublisherRevoked": Touched(id="key", code="reason_code"),
    "VaultRegistered": Touched(id="vault"),
    "VaultRevoked": Touched(id="vault", code="reason_code"),
    "CodesLoaded": Touched(id="table", about="edition", units="chunk"),
    "OrganisationRegistered": Touched(counterparty="parent", id="code", code="level"),
    "OrganisationMoved": Touched(counterparty="parent", id="code"),
    "OrganisationClosed": Touched(id="code"),
    "FundOpened": Touched(
        counterparty="owner", fund="fund", id="fund", amount_fen="ceiling_fen", code="fund_source"
    ),
    "GrantReceived": Touched(
        fund="fund", id="grant", amount_fen="amount_fen", code="programme", document="document"
    ),
    "GrantWithdrawn": Touched(
        fund="fund", id="withdrawal", about="grant", amount_fen="amount_fen", document="document"
    ),
    "PolicyAdopted": Touched(counterparty="union", id="policy", code="scheme"),
    "YearClosed": Touched(counterparty="subtree", units="year"),
    "AllocationIssued": Touched(
        counterparty="child", fund="fund", id="allocation", amount_fen="amount_fen",
        code="allocation_kind", document="approval_document",
    ),
    "AllocationConfirmed": Touched(counterparty="issuer", fund="fund", id="allocation"),
    "AllocationReturned": Touched(
        counterparty="issuer", fund="fund", id="returned", about="allocation",
        amount_fen="amount_fen", document="document",
    ),
    "RosterSubmitted": Touched(
        fund="fund", roster="roster", id="roster", amount_fen="declared_fen",
        units="declared_count", code="campaign", document="unit_certificate",
    ),
    "RosterApproved": Touched(
        fund="fund", roster="roster", id="roster", amount_fen="amount_fen", units="count",
        document="approval_document",
    ),
    "RosterRejected": Touched(
        fund="fund", roster="roster", id="roster", amount_fen="amount_fen", units="count",
        code="reason_code",
    ),
    "VisitMade": Touched(person="person", id="visit", code="occasion", document="document"),
    "PaymentMade": Touched(
        fund="fund", person="person", roster="roster", id="payment", about="visit",
        amount_fen="amount_fen", units="roster_row", code="category", document="evidence",
    ),
    "PaymentSettled": Touched(
        fund="fund", payment_position="payment_position", id="payment", amount_fen="amount_fen",
        code="means", document="document",
    ),
    "PaymentBounced": Touched(
        fund="fund", payment_position="payment_position", id="payment", amount_fen="amount_fen",
        code="reason_code", document="document",
    ),
    "PaymentReversed": Touched(
        fund="fund", payment_position="payment_position", id="payment", amount_fen="amount_fen",
        code="reason_code", document="document",
    ),
    "StatementRecorded": Touched(
        id="statement", amount_fen="stated_uses_fen", code="programme", document="document"
    ),
    "PersonErased": Touched(person="person", code="reason_code"),
    "PersonsLinked": Touched(person="person", about="other", document="document"),
    "IdentitiesRead": Touched(id="reading", code="purpose", document="case"),
    "SubmissionRefused": Touched(
        payment_position="original_position", roster="roster", id="business_id", about="kind",
        units="roster_row",
    ),
    "SubmissionRepeated": Touched(payment_position="original_position"),
}  # fmt: skip
"""By name of the kind; every kind of event is here."""

COLUMNS: Final = (
    "position", "kind", *Touched._fields, "organisation", "actor", "source", "policy_version",
    "rules", "occurred_on", "recorded_at",
)  # fmt: skip
LAST: Final = len(Touched._fields)
COMMON: Final = attrgetter(*COLUMNS[LAST + 2 :])


def _nothing(_event: Event) -> None:
    return None


def row_maker(kind: type[Event]) -> Callable[[Position, Any], Row]:
    """The function that makes the trail row of events of one kind, as straight as it can be."""
    name = kind.__name__
    touched = TOUCHED[name]
    named = [field for field in touched if field]
    places = [i for i, field in enumerate(touched) if field]
    values = attrgetter(*named) if named else _nothing
    empty: list[Any] = [None] * LAST
    paying = COLUMNS.index("payment_position") - 2
    coded = COLUMNS.index("code") - 2

    def made(position: Position, event: Any) -> Row:  # an event of this kind
        found = values(event)
        row = empty.copy()
        if len(places) == 1:
            row[places[0]] = found
        else:
            for place, value in zip(places, found or (), strict=True):
                row[place] = value
        if name == "PaymentMade":
            row[paying] = position
        elif name == "SubmissionRefused" and event.reasons:
            row[coded] = event.reasons[0].code
        return (position, name, *row, *COMMON(event))

    return made


MAKERS: Final = {kind: row_maker(kind) for kind in EVENTS}


def event_rows(batch: Batch) -> Iterator[Row]:
    """A row for every event."""
    for position, event in batch.events:
        yield MAKERS[type(event)](position, event)


def payees(position: Position, event: PaymentMade) -> Sequence[Row]:
    """The worker a relative receives for, and who received for them."""
    if event.worker is None and event.proxy is None:
        return ()
    roles = ((event.worker, "WORKER"), (event.proxy, "PROXY"))
    return [(person, position, role) for person, role in roles if person is not None]


def visitors(position: Position, event: VisitMade) -> Sequence[Row]:
    """Who went."""
    return [(person, position, "VISITOR") for person in event.visitors]


def reviewers(position: Position, event: RosterSubmitted) -> Sequence[Row]:
    """Who reviewed."""
    return [] if event.reviewer is None else [(event.reviewer, position, "REVIEWER")]


def same(position: Position, event: PersonsLinked) -> Sequence[Row]:
    """The other id of the person."""
    return [(event.other, position, "LINKED")]


def read(position: Position, event: IdentitiesRead) -> Sequence[Row]:
    """Whose identity was shown."""
    return [(person, position, "READ") for person in event.persons]


PERSON_COLUMNS: Final = ("person", "position", "role")
APPENDED: Final = (
    Appended(PaymentMade, "persons", PERSON_COLUMNS, payees),
    Appended(VisitMade, "persons", PERSON_COLUMNS, visitors),
    Appended(RosterSubmitted, "persons", PERSON_COLUMNS, reviewers),
    Appended(PersonsLinked, "persons", PERSON_COLUMNS, same),
    Appended(IdentitiesRead, "persons", PERSON_COLUMNS, read),
)


def project(batch: Batch, target: Target) -> None:
    """A row for every event, and the persons it touched beside the first."""
    target.copy("events", COLUMNS, event_rows(batch))
    append(batch, target, APPENDED)


TRAIL: Final = ReadModel("trail", 1, project)
