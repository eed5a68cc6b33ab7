"""
Campaigns: the year and the occasion under which a person receives once.

New Year and Spring Festival are visited from December on, under the year that comes: the notice of
2019-12-16 began the campaign of 2020, county lists of mid-December 2017 were of 2018.
"""

from typing import Final

from domain.calendar import month_of, year_of
from domain.units import Day

WINTER_OCCASIONS: Final = frozenset({"NEW_YEAR", "SPRING_FESTIVAL"})
WINTER_MONTH: Final = 12
"""The month of a year in which visits for the winter occasions of the next one begin."""


def campaign_year(occasion: str, day: Day) -> int:
    """
    The year of the campaign that an occasion on *day* is of, as a rule.

    >>> campaign_year("SPRING_FESTIVAL", Day(17_866)), campaign_year("SPRING_FESTIVAL", Day(17_865))
    (2019, 2018)
    >>> campaign_year("DAILY", Day(17_866))
    2018
    """
    winter = occasion in WINTER_OCCASIONS and month_of(day) >= WINTER_MONTH
    return year_of(day) + 1 if winter else year_of(day)
