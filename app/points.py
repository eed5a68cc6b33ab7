"""
Points of the ledger's history, as a user writes them.

``live``, the name of a replay, a position (``120``) or a time (``2019-02-05T18:00``) say what was
*known*: a beginning of the log. A date (``2019-02-05``) says what is known now about everything up
to that business day. ``DATE@POINT`` is both: about that day, as known at the point.
"""

import re
from typing import Final, NamedTuple

from app.problems import Problem, Words
from app.reading import moment
from domain.units import Day, Position
from eventlog.contract import Log

LIVE: Final = "live"
DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
ABOUT: Final = "@"


class Point(NamedTuple):
    """What is known, and about which business days; one of *position* and *name* is given."""

    text: str
    position: Position | None = None
    """The last event known."""
    name: str | None = None
    """``live``, or a replay."""
    as_of: Day | None = None
    """The last business day that counts."""
    provisional: bool = False
    """Whether a later verdict could still belong to it."""


def point(text: str, log: Log) -> Point:
    """
    The point that a user wrote.

    Raises:
        Problem: it is none, or lies behind the end of the log.
    """
    about, separator, known = text.partition(ABOUT)
    if not separator and DATE.fullmatch(text):
        about, known = text, LIVE
    elif not separator:
        about, known = "", text
    as_of = moment(about, "").as_of
    if known.isdecimal() or "T" in known:
        position, provisional = known_until(known, log)
        return Point(text, position=position, as_of=as_of, provisional=provisional)
    return Point(text, name=known, as_of=as_of)


def known_until(text: str, log: Log) -> tuple[Position, bool]:
    """
    A position, or the last one recorded by a time; and whether more may still belong to it.

    Raises:
        Problem: it is neither, or lies behind the end of the log.
    """
    from consumers.timetravel import position_at  # noqa: PLC0415  # slow to import

    last = log.last_position()
    if text.isdecimal():
        if int(text) > last:
            raise Problem(
                Words("总账还没有这么长。", "The log does not reach so far."),
                where=text,
                how=Words(f"现在到第 {last} 号。", f"It ends at position {last} now."),
            )
        return Position(int(text)), False
    instant = None if DATE.fullmatch(text) else moment("", text).recorded_as_of
    if instant is None:
        raise Problem(
            Words("这里要序号或时间。", "A position or a time is needed here."),
            where=text,
            how=Words(
                "写 120 或 2019-02-05T18:00(北京时间);只写日期时意义不明。",
                "Write 120, or 2019-02-05T18:00 (UTC+8); a date alone does not say which hour.",
            ),
        )
    position = position_at(log, instant)
    return position, position == last
