"""Units: plain integers with a name, so that a fen is never taken for a day."""

from typing import NewType

Fen = NewType("Fen", int)
"""Money: hundredths of a yuan."""
Day = NewType("Day", int)
"""A civil day, UTC+8: days since 1970-01-01."""
Micros = NewType("Micros", int)
"""An instant: microseconds since 1970-01-01T00:00Z, whole milliseconds."""
Position = NewType("Position", int)
"""A place in the events log: 1, 2, 3 …"""
