"""The loop of the checkpointer: follows the log, and signs it now and then."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final, NamedTuple

import structlog

from consumers.checkpointer import Checkpointer

POLL_S: Final = 0.5
REPORT_S: Final = 10.0

logger = structlog.get_logger()


class Periodic(NamedTuple):
    """
    Something that is to be done every so many seconds.

    What takes long calls what it is given, again and again: meanwhile the log is signed.
    """

    work: Callable[[Callable[[int], None]], object]
    every_s: float


class Stopped(Exception):
    """The loop is to end in the middle of other work."""


def run(
    checkpointer: Checkpointer,
    stopped: Callable[[float], bool],
    every_s: float,
    *also: Periodic,
) -> None:
    """
    Follow the log until *stopped*, which waits at most that many seconds and says whether to stop.

    A checkpoint is signed at most every *every_s* seconds, and only if there is something new;
    what else is to be done from time to time is done first when all is signed, and holds up no
    checkpoint.
    """
    checkpointer.open()
    checkpointer.catch_up()
    due = reported = time.monotonic()
    others = dict.fromkeys(also, due)

    def meanwhile(_: int) -> None:
        nonlocal due
        if stopped(0):
            raise Stopped
        if time.monotonic() >= due:
            checkpointer.keep_up()
            due = time.monotonic() + every_s

    with suppress(Stopped):
        while not stopped(0):
            checkpointer.step(POLL_S)
            now = time.monotonic()
            if now >= due and checkpointer.size > checkpointer.signed:
                checkpointer.checkpoint()
                due = now + every_s
            for other in [one for one, at in others.items() if now >= at]:
                other.work(meanwhile)
                others[other] = now + other.every_s
            if now >= reported + REPORT_S:
                logger.info("checkpointer.progress", position=checkpointer.signed)
                reported = now
    checkpointer.checkpoint()
