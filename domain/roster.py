"""Rosters: real-name lists of payments of one account, submitted, then approved or rejected."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from domain.entity import Creation, Entity
from domain.refusals import Refusal
from domain.units import Fen, Micros, Position

SUBMITTED, APPROVED, REJECTED = "SUBMITTED", "APPROVED", "REJECTED"
ROWS_MAX: Final = 10_000
"""Most rows of a roster: rejecting one releases all its payments in one verdict."""
HANDLERS_MAX: Final = 50
"""Most people who add payments to one roster: its row names them all."""


class Roster(Entity):
    """A roster: what was declared, and what has been accepted so far."""

    TOPIC: ClassVar[str] = "hengwen.Roster"
    FIELDS: ClassVar[tuple[str, ...]] = (
        "position", "fund", "campaign", "declared_count", "declared_fen", "submitter", "reviewer",
        "unit_certificate", "count", "fen", "last_row", "state", "handlers",
    )  # fmt: skip
    position: Position
    fund: str
    campaign: str
    declared_count: int
    declared_fen: Fen
    submitter: str | None
    reviewer: str | None
    unit_certificate: bool
    count: int
    fen: Fen
    last_row: int
    state: str
    handlers: list[str]
    """Who added payments to it, also those that left it again."""

    class Event(Entity.Event):
        """A change of a roster."""

    @dataclass(frozen=True)
    class Created(Event, Creation):
        """It was submitted."""

        TOPIC: ClassVar[str] = "hengwen.Roster.Created"
        position: Position
        fund: str
        campaign: str
        declared_count: int
        declared_fen: Fen
        submitter: str | None
        reviewer: str | None
        unit_certificate: bool

    @dataclass(frozen=True)
    class Counted(Event):
        """One of its payments was accepted, or left it again."""

        TOPIC: ClassVar[str] = "hengwen.Roster.Counted"
        row: int
        count: int
        fen: Fen
        handler: str | None

        def apply(self, aggregate: Any) -> None:
            """Add it up."""
            aggregate.count += self.count
            aggregate.fen += self.fen
            aggregate.last_row = max(aggregate.last_row, self.row)
            if self.handler is not None and self.handler not in aggregate.handlers:
                aggregate.handlers.append(self.handler)

    @dataclass(frozen=True)
    class Decided(Event):
        """It was approved or rejected."""

        TOPIC: ClassVar[str] = "hengwen.Roster.Decided"
        state: str

        def apply(self, aggregate: Any) -> None:
            """Change the state."""
            aggregate.state = self.state

    def __init__(  # noqa: PLR0913  the fields of a roster
        self,
        position: Position,
        fund: str,
        campaign: str,
        declared_count: int,
        declared_fen: Fen,
        submitter: str | None,
        reviewer: str | None,
        unit_certificate: bool,
    ) -> None:
        self.position = position
        self.fund = fund
        self.campaign = campaign
        self.declared_count = declared_count
        self.declared_fen = declared_fen
        self.submitter = submitter
        self.reviewer = reviewer
        self.unit_certificate = unit_certificate
        self.count = 0
        self.fen = Fen(0)
        self.last_row = 0
        self.state = SUBMITTED
        self.handlers = []

    def refuse_payment(
        self, *, fund: str, campaign: str, fen: Fen, handler: str | None
    ) -> list[Refusal]:
        """Why a payment of *fen* cannot join it."""
        out = []
        if self.state != SUBMITTED:
            out.append(Refusal("ROSTER_STATE", state=self.state))
        if self.fund != fund:
            out.append(Refusal("ROSTER_DIFFERS", field="fund"))
        if self.campaign != campaign:
            out.append(Refusal("ROSTER_DIFFERS", field="campaign"))
        if len(self.handlers) >= HANDLERS_MAX and handler not in self.handlers:
            out.append(Refusal("ROSTER_HANDLERS", limit=HANDLERS_MAX))
        if self.count + 1 > self.declared_count or self.fen + fen > self.declared_fen:
            out.append(
                Refusal(
                    "ROSTER_TOTALS_EXCEEDED",
                    declared_count=self.declared_count,
                    declared_fen=self.declared_fen,
                    count=self.count + 1,
                    amount_fen=self.fen + fen,
                )  # fmt: skip
            )
        return out

    def refuse_decision(self) -> list[Refusal]:
        """Why it can be neither approved nor rejected."""
        return [] if self.state == SUBMITTED else [Refusal("ROSTER_STATE", state=self.state)]

    def refuse_totals(self, *, count: int, fen: Fen) -> list[Refusal]:
        """Why the figures an approver states are not those of the accepted payments."""
        if (count, fen) == (self.count, self.fen):
            return []
        return [
            Refusal(
                "TOTALS_DIFFER",
                stated_count=count,
                stated_fen=fen,
                count=self.count,
                amount_fen=self.fen,
            )  # fmt: skip
        ]

    def add(self, *, row: int, fen: Fen, handler: str | None, at: Micros) -> None:
        """Record an accepted payment."""
        self.change(self.Counted, at, row=row, count=1, fen=fen, handler=handler)

    def drop(self, *, fen: Fen, at: Micros) -> None:
        """Record that a payment left it before a decision: it was reversed."""
        self.change(self.Counted, at, row=0, count=-1, fen=Fen(-fen), handler=None)

    def decide(self, state: str, at: Micros) -> None:
        """Record approval or rejection."""
        self.change(self.Decided, at, state=state)
