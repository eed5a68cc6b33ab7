"""
Payments: reserved, ordered, settled; or bounced, reversed, released with their roster.

There are millions of them, and their events stand on their account's stream: so a payment is a
plain row with a state, not an aggregate of its own.
"""

from dataclasses import dataclass
from typing import Final, Protocol

from domain.parts import Interval
from domain.refusals import Refusal
from domain.roster import APPROVED, REJECTED, Roster
from domain.units import Fen, Position

RESERVED, ORDERED, SETTLED = "RESERVED", "ORDERED", "SETTLED"
BOUNCED, REVERSED, RELEASED = "BOUNCED", "REVERSED", "RELEASED"
HOLDING = frozenset({RESERVED, ORDERED, SETTLED})
"""States in which a payment holds its fen."""
DRAWS: Final = 7
"""Place of the draws in a row."""


class Received(Protocol):
    """A record of a payment: submitted, made, or as kept in the state."""

    @property
    def person(self) -> str:
        """Who receives."""

    @property
    def proxy(self) -> str | None:
        """Who is authorised to collect for them."""

    @property
    def worker(self) -> str | None:
        """In whose name a relative receives."""


def receiving(payment: Received) -> list[tuple[str, str]]:
    """Everybody on the receiving side, each with the role: who receives, by whom, for whom."""
    found = [("RECEIVE", payment.person)]
    if payment.proxy is not None:
        found.append(("COLLECT", payment.proxy))
    if payment.worker is not None:
        found.append(("KIN", payment.worker))
    return found


@dataclass(slots=True)
class Payment:
    """A payment. A reserved one follows its roster: state() tells what it is by now."""

    position: Position
    """Position of PaymentMade."""
    fund: str
    person: str
    tier: str
    campaign: str
    year: int
    amount_fen: Fen
    draws: list[Interval]
    roster: str | None
    worker: str | None
    """The worker in whose name a relative receives."""
    proxy: str | None
    """Who is authorised to collect for the recipient."""
    stored: str

    def row(self) -> list[object]:
        """The payment as JSON values."""
        return [
            self.position, self.fund, self.person, self.tier, self.campaign, self.year,
            self.amount_fen, [tuple(d) for d in self.draws], self.roster, self.worker,
            self.proxy, self.stored,
        ]  # fmt: skip

    @classmethod
    def from_row(cls, row: list[object]) -> "Payment":
        """The payment that row() gave."""
        values = list(row)
        values[DRAWS] = [Interval(*d) for d in row[DRAWS]]  # type: ignore[attr-defined]
        return cls(*values)  # type: ignore[arg-type]

    def state(self, roster: Roster | None) -> str:
        """Its state now, given its roster: an approval or rejection changes all of them at once."""
        if self.stored == RESERVED and roster is not None:
            if roster.state == APPROVED:
                return ORDERED
            if roster.state == REJECTED:
                return RELEASED
        return self.stored

    def refuse(self, wanted: frozenset[str], roster: Roster | None) -> list[Refusal]:
        """Why it is in none of the *wanted* states."""
        state = self.state(roster)
        return [] if state in wanted else [Refusal("PAYMENT_STATE", state=state)]
