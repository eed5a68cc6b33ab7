"""
Numbered fen: the arithmetic of intervals ``{lot, at, fen}``.

Every fen of a lot has a number from 0. An allocation's lot is the concatenation of its draws, so a
stretch of it maps to exactly the same number of fen of the lots above.
"""

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence

from domain.parts import Interval
from domain.units import Fen, Position


def total(intervals: Iterable[Interval]) -> Fen:
    """How many fen the intervals hold."""
    return Fen(sum(i.fen for i in intervals))


def through(draws: Sequence[Interval], stretch: Interval) -> list[Interval]:
    """
    The fen of the lots above that *stretch* of a lot made of *draws* consists of.

    >>> through([Interval(1, 10, 5), Interval(2, 0, 5)], Interval(9, 3, 4))
    [Interval(lot=1, at=13, fen=2), Interval(lot=2, at=0, fen=2)]
    """
    out: list[Interval] = []
    start, end, seen = stretch.at, stretch.at + stretch.fen, 0
    for draw in draws:
        low, high = max(start, seen), min(end, seen + draw.fen)
        if low < high:
            out.append(Interval(draw.lot, draw.at + low - seen, Fen(high - low)))
        seen += draw.fen
        if seen >= end:
            break
    return out


def add(free: list[Interval], interval: Interval) -> None:
    """Put *interval* into the sorted, disjoint list *free*, joining it to its neighbours."""
    index = bisect_right(free, interval)
    if index < len(free):
        after = free[index]
        if after.lot == interval.lot and interval.at + interval.fen == after.at:
            interval = Interval(interval.lot, interval.at, Fen(interval.fen + after.fen))
            del free[index]
    if index > 0:
        before = free[index - 1]
        if before.lot == interval.lot and before.at + before.fen == interval.at:
            free[index - 1] = Interval(before.lot, before.at, Fen(before.fen + interval.fen))
            return
    insort(free, interval)


def remove(free: list[Interval], interval: Interval) -> None:
    """
    Take *interval* out of the sorted list *free*.

    Raises:
        ValueError: not all of its fen are free.
    """
    index = bisect_right(free, Interval(interval.lot, interval.at, Fen(1 << 62))) - 1
    if index < 0:
        raise ValueError("fen that are not free")
    whole = free[index]
    end, whole_end = interval.at + interval.fen, whole.at + whole.fen
    if whole.lot != interval.lot or not whole.at <= interval.at or end > whole_end:
        raise ValueError("fen that are not free")
    parts = []
    if whole.at < interval.at:
        parts.append(Interval(whole.lot, whole.at, Fen(interval.at - whole.at)))
    if end < whole_end:
        parts.append(Interval(whole.lot, end, Fen(whole_end - end)))
    free[index : index + 1] = parts


def last_of(free: Sequence[Interval], lot: Position, fen: Fen) -> list[Interval]:
    """The last *fen* free fen of *lot*, in ascending order; fewer if there are not so many."""
    out: list[Interval] = []
    left = fen
    low = bisect_right(free, Interval(lot, -1, Fen(0)))
    high = bisect_right(free, Interval(Position(lot + 1), -1, Fen(0)))
    for whole in reversed(free[low:high]):
        take = min(left, whole.fen)
        out.append(Interval(lot, whole.at + whole.fen - take, Fen(take)))
        left = Fen(left - take)
        if not left:
            break
    return out[::-1]
