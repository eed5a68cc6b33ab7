"""
Offline verification of a pack or a log: needs a reader, and nothing of the operator.

Readings that check different things run side by side on several cores when it is worth it.
"""

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from typing import Any, Final

from evidence.verify_bytes import check_bytes, check_public
from evidence.verify_checks import DECISIONS, DERIVED, Check, Report, not_checked
from evidence.verify_decisions import check_decisions
from evidence.verify_derived import check_derived
from evidence.verify_events import check_events
from evidence.verify_memory import uncollected
from evidence.verify_published import PublishedSource
from evidence.verify_signed import Trust
from evidence.verify_source import PackSource, Source

ALONE_MAX: Final = 20_000
"""Up to so many events one process is done before others have started."""
TICK_S: Final = 0.2

Progress = Callable[[int], None]
Reading = tuple[Callable[..., list[Check]], tuple[Any, ...]]


def readings(source: Source, trust: Trust, *, decisions: bool = True) -> list[Reading]:
    """What reads every event of a source, each once; progress counts all of them."""
    found: list[Reading] = [(check_bytes, (source, trust)), (check_events, (source, trust))]
    if decisions and isinstance(source, PackSource):
        found.append((check_derived, (source, trust)))
    if decisions and source.extent.submissions:
        found.append((check_decisions, (source,)))
    return found


def verify(
    source: Source,
    trust: Trust,
    *,
    decisions: bool = True,
    cores: int | None = None,
    progress: Progress = lambda _: None,
) -> Report:
    """
    Check everything that the source allows.

    *decisions* False leaves out deciding again, and making again what is made from the events.
    *cores* 1 keeps it in this process; None takes what the machine has.
    """
    if isinstance(source, PublishedSource) and not source.extent.events:
        return Report.of(check_public(source, trust))
    found = readings(source, trust, decisions=decisions)
    cores = cores or os.cpu_count() or 1
    if cores == 1 or source.extent.last <= ALONE_MAX:
        checks: list[Check] = []
        with uncollected():
            for check_all, given in found:
                checks += check_all(*given, progress)
    else:
        checks = _side_by_side(found, min(cores, len(found)), progress)
    if not decisions and isinstance(source, PackSource):
        checks.append(not_checked(DERIVED, "LEFT_OUT"))
    if not decisions or not source.extent.submissions:
        reason = "NO_SUBMISSIONS" if decisions else "LEFT_OUT"
        checks.append(not_checked(DECISIONS, reason))
    return Report.of(checks)


def _side_by_side(
    found: Sequence[Reading],
    cores: int,
    progress: Progress,
) -> list[Check]:
    """The readings in processes of their own."""
    # Not forked: clients of a log have threads, which a fork would leave behind.
    context = multiprocessing.get_context("spawn")
    counter = context.Value("q", 0)
    done = 0
    with ProcessPoolExecutor(
        cores, mp_context=context, initializer=_count_in, initargs=(counter,)
    ) as pool:
        futures: list[Future[list[Check]]] = [
            pool.submit(_counted, check_all, given) for check_all, given in found
        ]
        left = set(futures)
        while left:
            _, left = wait(left, timeout=TICK_S)
            seen = counter.value
            progress(seen - done)
            done = seen
    return [check for future in futures for check in future.result()]


_counters: list[Any] = []
"""Of a process that works for another: where to count what is done."""


def _count_in(counter: Any) -> None:
    _counters.append(counter)


def _counted(check_all: Callable[..., list[Check]], given: tuple[Any, ...]) -> list[Check]:
    def progress(more: int) -> None:
        counter = _counters[0]
        with counter.get_lock():
            counter.value += more

    with uncollected():
        return check_all(*given, progress)
