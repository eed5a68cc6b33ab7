"""
Free fen by what binds them, so that a use finds what it may draw without asking lot by lot.

An account can hold thousands of lots, most of them bound alike. A *bond* says whether a lot's
arrival was confirmed, and which restrictions bind it.
"""

from collections.abc import Callable, Iterable, Iterator
from heapq import merge
from typing import NamedTuple

from domain.intervals import add, remove
from domain.parts import Interval
from domain.restriction import Restriction
from domain.units import Position


class Bond(NamedTuple):
    """What binds the fen of a lot."""

    confirmed: bool
    restrictions: tuple[Restriction, ...] = ()


BondOf = Callable[[Position], Bond]
Admits = Callable[[Bond], bool]


class Group:
    """The free intervals of all lots with one bond, sorted, and their total."""

    __slots__ = ("bond", "fen", "free")

    def __init__(self, bond: Bond) -> None:
        self.bond = bond
        self.free: list[Interval] = []
        self.fen = 0


class FreeFen:
    """The free intervals of one account, in groups. Lots that arrive are put into theirs when asked."""

    def __init__(self, free: Iterable[Interval]) -> None:
        self._groups: dict[Bond, Group] = {}
        self._of: dict[Position, Group] = {}
        self._new: list[Interval] = list(free)

    def arrive(self, interval: Interval) -> None:
        """Fen became free."""
        self._new.append(interval)

    def leave(self, interval: Interval) -> None:
        """
        Free fen left.

        Raises:
            KeyError, ValueError: they were not asked about before.
        """
        group = self._of[interval.lot]
        remove(group.free, interval)
        group.fen -= interval.fen

    def unbind(self, lot: Position) -> None:
        """The bond of *lot* changed: its fen are put into their group anew."""
        group = self._of.pop(lot, None)
        if group is not None:
            moved = [i for i in group.free if i.lot == lot]
            group.free = [i for i in group.free if i.lot != lot]
            group.fen -= sum(i.fen for i in moved)
            self._new += moved

    def admitted(self, bond_of: BondOf, admits: Admits) -> Iterator[Interval]:
        """The intervals that may be drawn, in the order of lots."""
        chosen = [g.free for g in self._filed(bond_of) if g.fen and admits(g.bond)]
        return iter(chosen[0]) if len(chosen) == 1 else merge(*chosen)

    def first_lots(self, bond_of: BondOf) -> list[tuple[Position, Bond]]:
        """For each bond the first lot that has free fen, in the order of lots."""
        return sorted(
            ((g.free[0].lot, g.bond) for g in self._filed(bond_of) if g.fen),
            key=lambda first: first[0],
        )

    def _filed(self, bond_of: BondOf) -> Iterable[Group]:
        for interval in self._new:
            group = self._of.get(interval.lot)
            if group is None:
                bond = bond_of(interval.lot)
                group = self._groups.get(bond)
                if group is None:
                    group = self._groups[bond] = Group(bond)
                self._of[interval.lot] = group
            add(group.free, interval)
            group.fen += interval.fen
        self._new.clear()
        return self._groups.values()
