"""Civil dates: days and years in UTC+8, a fixed offset, from instants in UTC."""

from datetime import date
from typing import Final

from domain.units import Day, Micros

MICROS_PER_DAY: Final = 86_400_000_000
OFFSET: Final = 8 * 3_600_000_000
"""UTC+8 in microseconds: China has one civil time and no summer time in our period."""
EPOCH: Final = date(1970, 1, 1).toordinal()


def civil_day(instant: Micros) -> Day:
    """
    The civil day of an instant.

    >>> civil_day(Micros(16 * 3_600_000_000))
    1
    """
    return Day((instant + OFFSET) // MICROS_PER_DAY)


def year_of(day: Day) -> int:
    """
    The civil year of a day.

    >>> year_of(Day(17_897))
    2019
    """
    return date.fromordinal(day + EPOCH).year


def month_of(day: Day) -> int:
    """
    The civil month of a day, 1 to 12.

    >>> month_of(Day(17_897))
    1
    """
    return date.fromordinal(day + EPOCH).month


def iso(day: Day) -> str:
    """
    The day as ISO 8601.

    >>> iso(Day(17_897))
    '2019-01-01'
    """
    return date.fromordinal(day + EPOCH).isoformat()


def day_of(value: date) -> Day:
    """The number of a date."""
    return Day(value.toordinal() - EPOCH)
