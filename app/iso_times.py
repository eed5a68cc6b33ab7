"""
Days and times in JSON: ISO 8601, dates as ``2019-02-05``, times in UTC as ``2019-02-04T16:00:00.123Z``.

Inside, a day is a number of days and a time one of microseconds since 1970-01-01. Which is which
says the name of the field; a test holds these names against every record and every result.
"""

import datetime as dt
from typing import Any, Final

DAYS: Final = frozenset(
    {"as_of", "free_on", "occurred_on", "possible_from"}
    | {f"{word}_{end}" for word in ("usable", "valid") for end in ("from", "to")}
)
"""Fields that hold days since 1970-01-01."""
TIMES: Final = frozenset(
    {"appended_at", "created_at", "last_call_at", "recorded_as_of", "recorded_at", "taken_at"}
)
"""Fields that hold microseconds since 1970-01-01 UTC."""
EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def with_iso_times(value: Any) -> Any:  # whatever JSON can hold
    """
    The value with days and times written out, at any depth.

    >>> with_iso_times([{"occurred_on": 17932, "recorded_at": 1549296000123000, "amount_fen": 5}])
    [{'occurred_on': '2019-02-05', 'recorded_at': '2019-02-04T16:00:00.123Z', 'amount_fen': 5}]
    """
    if isinstance(value, dict):
        return {name: _written(name, part) for name, part in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return with_iso_times(value._asdict())
    if isinstance(value, list | tuple):
        return [with_iso_times(part) for part in value]
    return value


def _written(name: Any, value: Any) -> Any:
    """One field: a day or a time if its name says so."""
    if isinstance(value, int) and not isinstance(value, bool):
        if name in DAYS:
            return (EPOCH + dt.timedelta(days=value)).date().isoformat()
        if name in TIMES:
            at = EPOCH + dt.timedelta(microseconds=value)
            return f"{at:%Y-%m-%dT%H:%M:%S}.{value // 1000 % 1000:03d}Z"
        return value
    return with_iso_times(value)
