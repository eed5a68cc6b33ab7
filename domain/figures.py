"""
Figures of refusals and roster problems, as programs want them: whole numbers as numbers.

The log keeps every figure as text, so that a new rule needs no new schema.
"""

from collections.abc import Mapping
from typing import Final

from domain.calendar import iso
from domain.units import Day

DAYS: Final = frozenset({"occurred_on", "today", "free_on", "usable_from", "usable_to"})
"""Figures that are days since 1970-01-01."""
NUMBERS: Final = frozenset({
    "bytes", "chunk", "count", "current", "declared_count", "expected", "given", "limit",
    "limit_mb", "limit_s", "line", "minimum", "original_position", "position", "roster_row", "row",
    "stated_count", "version", "visitors", "year",
})  # fmt: skip
"""Figures that count, beside those in fen; a code of digits, as a division's, is none."""


def for_programs(figures: Mapping[str, str]) -> dict[str, int | str]:
    """
    Fen and counts as whole numbers, days in ISO 8601, everything else as it is.

    >>> for_programs({"cap_fen": "300000", "division": "632221", "free_on": "17932"})
    {'cap_fen': 300000, 'division': '632221', 'free_on': '2019-02-05'}
    """
    return {name: _typed(name, value) for name, value in figures.items()}


def _typed(name: str, value: str) -> int | str:
    if not (name.endswith("_fen") or name in NUMBERS | DAYS):
        return value
    try:
        number = int(value)
    except ValueError:
        return value  # several rows, or what an older program wrote
    return iso(Day(number)) if name in DAYS else number
