"""
Accounts: the numbered fen that an organisation holds of one fund.

The aggregate holds free intervals and their total only. An account's head is two chains: records on
its own stream, and records elsewhere that put fen on it; its version counts both.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from domain.entity import Creation, Entity
from domain.free_fen import Admits, Bond, BondOf, FreeFen
from domain.intervals import add, last_of, remove, total
from domain.parts import Interval
from domain.refusals import Refusal
from domain.units import Fen, Micros, Position

INTERVALS_MAX: Final = 500
"""Most intervals in one event, so that an event stays under 65,535 bytes."""
SCANNED_MAX: Final = 16
"""So many free intervals are looked through one by one; more are grouped by what binds them."""


def account_stream(organisation: str, fund: str) -> str:
    """The stream of an organisation's account of a fund."""
    return f"account/{organisation}/{fund}"


class Account(Entity):
    """What an organisation holds of a fund."""

    TOPIC: ClassVar[str] = "hengwen.Account"
    FIELDS: ClassVar[tuple[str, ...]] = ("free",)
    free: list[Interval]
    free_fen: Fen
    grouped: FreeFen | None
    """The same fen by what binds them; made when there are many and somebody wants to draw."""

    class Event(Entity.Event):
        """A change of an account."""

    @dataclass(frozen=True)
    class Created(Event, Creation):
        """The first fen arrived."""

        TOPIC: ClassVar[str] = "hengwen.Account.Created"
        arrived: Sequence[Interval]

    @dataclass(frozen=True)
    class Arrived(Event):
        """Fen arrived: a new lot, or fen that came back."""

        TOPIC: ClassVar[str] = "hengwen.Account.Arrived"
        arrived: Sequence[Interval]

        def apply(self, aggregate: Any) -> None:
            """Put the fen among the free ones."""
            aggregate.arrive(self.arrived)

    @dataclass(frozen=True)
    class Left(Event):
        """Fen left: passed on, given back, reserved or paid."""

        TOPIC: ClassVar[str] = "hengwen.Account.Left"
        draws: Sequence[Interval]

        def apply(self, aggregate: Any) -> None:
            """Take the fen from the free ones."""
            aggregate.leave(self.draws)

    @dataclass(frozen=True)
    class Noted(Event):
        """Something happened on the account's stream that moves no free fen."""

        TOPIC: ClassVar[str] = "hengwen.Account.Noted"

    def __init__(self, arrived: Sequence[Interval]) -> None:
        self.free = []
        self.free_fen = Fen(0)
        self.grouped = None
        self.arrive(arrived)

    def loaded(self) -> None:
        """Rows hold intervals as lists, and no total."""
        self.free = [Interval(*i) for i in self.free]
        self.free_fen = total(self.free)
        self.grouped = None

    def arrive(self, arrived: Sequence[Interval]) -> None:
        """Apply Arrived."""
        for interval in arrived:
            add(self.free, interval)
            if self.grouped is not None:
                self.grouped.arrive(interval)
        self.free_fen = Fen(self.free_fen + total(arrived))

    def leave(self, draws: Sequence[Interval]) -> None:
        """Apply Left."""
        for interval in draws:
            remove(self.free, interval)
        if self.grouped is not None:
            self._leave_groups(draws)
        self.free_fen = Fen(self.free_fen - total(draws))

    def _leave_groups(self, draws: Sequence[Interval]) -> None:
        assert self.grouped is not None  # the caller looked
        try:
            for interval in draws:
                self.grouped.leave(interval)
        except (KeyError, ValueError):  # fen that came and went before anybody wanted to draw
            self.grouped = None

    def choose(self, fen: Fen, bond_of: BondOf, admits: Admits) -> list[Interval] | Refusal:
        """
        The draws that give *fen* from the front, skipping lots that do not admit the use.

        Returns a refusal INSUFFICIENT_BALANCE or TOO_FRAGMENTED with figures in fen.
        """
        draws: list[Interval] = []
        left, drawable = fen, 0
        for whole in self._admitted(bond_of, admits):
            if len(draws) == INTERVALS_MAX:
                return Refusal("TOO_FRAGMENTED", drawable_fen=drawable, asked_fen=fen)
            take = min(left, whole.fen)
            draws.append(Interval(whole.lot, whole.at, Fen(take)))
            drawable += take
            left = Fen(left - take)
            if not left:
                return draws
        return Refusal(
            "INSUFFICIENT_BALANCE", asked_fen=fen, drawable_fen=drawable, free_fen=self.free_fen
        )

    def _admitted(self, bond_of: BondOf, admits: Admits) -> Iterable[Interval]:
        if len(self.free) <= SCANNED_MAX:
            known: dict[Position, bool] = {}
            for lot in dict.fromkeys(i.lot for i in self.free):
                known[lot] = admits(bond_of(lot))
            return [i for i in self.free if known[i.lot]]
        if self.grouped is None:
            self.grouped = FreeFen(self.free)
        return self.grouped.admitted(bond_of, admits)

    def first_lots(self, bond_of: BondOf) -> list[tuple[Position, Bond]]:
        """For each bond of the free fen the first lot that has it, in the order of lots."""
        return (self.grouped or FreeFen(self.free)).first_lots(bond_of)

    def unbind(self, lot: Position) -> None:
        """What binds a lot has changed: its arrival was confirmed."""
        if self.grouped is not None:
            self.grouped.unbind(lot)

    def choose_last(self, fen: Fen, lot: Position) -> list[Interval] | Refusal:
        """The last *fen* free fen of *lot*, for a return or a withdrawal."""
        draws = last_of(self.free, lot, fen)
        held = total(draws)
        if held < fen:
            return Refusal("INSUFFICIENT_FREE_FEN", asked_fen=fen, free_fen=held)
        if len(draws) > INTERVALS_MAX:
            return Refusal(
                "TOO_FRAGMENTED", drawable_fen=total(draws[-INTERVALS_MAX:]), asked_fen=fen
            )
        return draws

    def receive(self, arrived: Sequence[Interval], at: Micros) -> None:
        """Record that fen arrived."""
        self.change(self.Arrived, at, arrived=arrived)

    def give(self, draws: Sequence[Interval], at: Micros) -> None:
        """Record that fen left."""
        self.change(self.Left, at, draws=draws)

    def note(self, at: Micros) -> None:
        """Record an event that moves no free fen."""
        self.change(self.Noted, at)
