"""Points in time, on both clocks: as of a business day, and as recorded by an instant."""

from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

from domain.calendar import EPOCH
from domain.units import Day, Micros

ZERO: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Moment(NamedTuple):
    """
    What was known: business days up to *as_of*, verdicts recorded up to *recorded_as_of*.

    None on a clock means: all there is.
    """

    as_of: Day | None = None
    recorded_as_of: Micros | None = None

    @property
    def now(self) -> bool:
        """Whether neither clock is bounded."""
        return self.as_of is None and self.recorded_as_of is None

    def values(self) -> tuple[date | None, datetime | None]:
        """As PostgreSQL takes them."""
        day = None if self.as_of is None else date.fromordinal(self.as_of + EPOCH)
        if self.recorded_as_of is None:
            return day, None
        return day, ZERO + timedelta(microseconds=self.recorded_as_of)


NOW: Final = Moment()
"""All there is."""
