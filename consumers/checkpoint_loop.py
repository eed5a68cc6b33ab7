"""The loop of the checkpointer: follows the log, and signs it now and then."""

import time
from collections.abc import Callable
from typing import Final, NamedTuple

import structlog

from consumers.checkpointer import Checkpointer

POLL_S: Final = 0.5
REPORT_S: Final = 10.0

logger = structlog.get_logger()


class Periodic(NamedTuple):
    """Something that is to be done every so many seconds."""

    work: Callable[[], object]
    every_s: float


def run(
    checkpointer: Checkpointer,
    stopped: Callable[[float], bool],
    every_s: float,
    *also: Periodic,
) -> None:
    """
    Follow the log until *stopped*, which waits at most that many seconds and says whether to stop.

    A checkpoint is signed at most every *every_s* seconds, and only if there is something new;
    what else is to be done from time to time is done first when all is signed.
    """
    checkpointer.open()
    checkpointer.catch_up()
    due = reported = time.monotonic()
    others = dict.fromkeys(also, due)
    while not stopped(0):
        checkpointer.step(POLL_S)
        now = time.monotonic()
        if now >= due and checkpointer.size > checkpointer.signed:
            checkpointer.checkpoint()
            due = now + every_s
        for other in [one for one, at in others.items() if now >= at]:
            other.work()
            others[other] = now + other.every_s
        if now >= reported + REPORT_S:
            logger.info("checkpointer.progress", position=checkpointer.signed)
            reported = now
    checkpointer.checkpoint()
