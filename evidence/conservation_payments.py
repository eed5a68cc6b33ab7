"""Payments as conservation must remember them: by position, in a file, the latest in memory."""

import struct
from collections.abc import Sequence
from typing import Final, NamedTuple

from domain.parts import Interval
from domain.payment import BOUNCED, ORDERED, RESERVED, REVERSED, SETTLED
from domain.units import Fen, Position
from evidence.verify_rows import Rows

STATES: Final = (RESERVED, ORDERED, SETTLED, BOUNCED, REVERSED)
FRESH_MAX: Final = 5_000
"""Payments kept in memory before they are written to the file."""
_HEAD: Final = struct.Struct("<BH")
_DRAW: Final = struct.Struct("<qqq")
_NUMBERS: Final = {state: number for number, state in enumerate(STATES)}


class Paid(NamedTuple):
    """A payment: its state, the account it draws on, and its draws."""

    state: str
    account: str
    draws: Sequence[Interval]

    def became(self, state: str) -> "Paid":
        """The payment in another state."""
        return Paid(state, self.account, self.draws)

    def packed(self) -> bytes:
        """The payment as a row."""
        head = _HEAD.pack(_NUMBERS[self.state], len(self.draws))
        draws = b"".join([_DRAW.pack(*draw) for draw in self.draws])
        return head + draws + self.account.encode()

    @classmethod
    def unpacked(cls, row: bytes) -> "Paid":
        """The payment in a row."""
        state, count = _HEAD.unpack_from(row)
        start = _HEAD.size
        end = start + count * _DRAW.size
        draws = [
            Interval(Position(lot), at, Fen(fen))
            for lot, at, fen in _DRAW.iter_unpack(row[start:end])
        ]
        return cls(STATES[state], row[end:].decode(), draws)


class Payments:
    """Payments by the position of their PaymentMade; *rows* takes what memory should not hold."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._fresh: dict[int, Paid] = {}
        self._open: dict[str, list[int]] = {}
        """Rosters that are not decided: positions of their payments."""

    def put(self, position: int, paid: Paid, roster: str | None = None) -> None:
        """Remember a payment as it is now; *roster*, if it is reserved until that is decided."""
        self._fresh[position] = paid
        if roster is not None:
            self._open.setdefault(roster, []).append(position)
        if len(self._fresh) >= FRESH_MAX:
            self._rows.save({key: one.packed() for key, one in self._fresh.items()})
            self._fresh.clear()

    def get(self, position: int) -> Paid | None:
        """The payment made at a position; None if there is none."""
        found = self._fresh.get(position)
        if found is None:
            for row in self._rows.load([position]).values():
                found = Paid.unpacked(row)
        return found

    def reserved(self, roster: str) -> list[tuple[int, Paid]]:
        """The payments of a roster that still wait for its decision, which is now made."""
        positions = self._open.pop(roster, [])
        found = [(position, self.get(position)) for position in positions]
        return [(at, paid) for at, paid in found if paid is not None and paid.state == RESERVED]
