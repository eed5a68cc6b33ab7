"""
What is wrong with a roster: where, which code, and figures that are safe to show.

The values of identity columns are masked when a problem is made, so no report can leak them.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

MASK: Final = re.compile(r"^〔(\d+) 位〕$")
"""What masked() gives."""


class Level(StrEnum):
    """How much a problem matters."""

    ERROR = "error"
    """The row, or the file, cannot be recorded."""
    WARNING = "warning"
    """It can be recorded; somebody should look."""
    NOTICE = "notice"
    """What was done with it."""


LEVEL_NAMES: Final = {
    Level.ERROR: ("错误", "error"),
    Level.WARNING: ("警告", "warning"),
    Level.NOTICE: ("提示", "notice"),
}


@dataclass(frozen=True, slots=True)
class RosterProblem:
    """One line of the error report."""

    level: Level
    code: str
    row: int | None = None
    """Row in the file as the user sees it, from 1; None: the file or the batch."""
    column: str | None = None
    """Column letter."""
    header: str | None = None
    """Header of the column, or key of 批次信息."""
    shown: str = ""
    """The value, masked where it could identify somebody."""
    figures: Mapping[str, str] = field(default_factory=dict)
    sheet: str | None = None

    @property
    def cell(self) -> str | None:
        """The cell, like D7."""
        return f"{self.column}{self.row}" if self.column and self.row else None


class RosterUnreadable(Exception):
    """The file cannot be read as a roster at all: *problem* says why."""

    def __init__(self, code: str, **figures: object) -> None:
        super().__init__(code)
        self.problem = RosterProblem(
            Level.ERROR, code, figures={name: str(value) for name, value in figures.items()}
        )


def errors_of(problems: Iterable[RosterProblem]) -> list[RosterProblem]:
    """Those that forbid."""
    return [problem for problem in problems if problem.level is Level.ERROR]


def column_letter(index: int) -> str:
    """
    The letter of a column, from 0.

    >>> column_letter(0), column_letter(25), column_letter(26)
    ('A', 'Z', 'AA')
    """
    letters = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def masked(text: str) -> str:
    """
    A value of an identity column as a report shows it: its length and kind, never its parts.

    First-six and last-four masks leave a dozen birthdays to guess (GB 11643 has a check digit).

    >>> masked("11010519491231002X"), masked("")
    ('〔18 位〕', '')
    """
    return f"〔{len(text)} 位〕" if text else ""


def mask_in_english(shown: str) -> str:
    """
    A masked value for English readers; any other as it is.

    >>> mask_in_english("〔18 位〕"), mask_in_english("500.005")
    ('〔18 characters〕', '500.005')
    """
    return MASK.sub(r"〔\1 characters〕", shown)
