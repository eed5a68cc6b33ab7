"""Admission as wired: the loop on the configured log, with its state in a file of this machine."""

import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer
from typing import Any, Final

from admission.decide import CompiledFailed
from admission.versions import RulesMissing
from app.opened import other_ledger
from app.output import Column, Kind, Output
from app.problems import Problem, Words
from app.settings import Settings
from app.wiring import check_log, now
from app.witnessing import witnesses
from consumers.admission import AdmissionLoop, OtherLedger, Progress, StoppedWaiting
from consumers.state_store import StateStore
from eventlog.contract import Log
from evidence.folder import EvidenceFolder
from evidence.guard import refuse_damaged

WAIT_TOLD_S: Final = 3.0
POSITION = Column("position", Words("已裁决至", "decided up to"), Kind.COUNT)
ACCEPTED = Column("accepted", Words("本次入账", "accepted now"), Kind.COUNT)
REPEATED = Column("repeated", Words("本次重复", "repeated now"), Kind.COUNT)
REFUSED = Column("refused", Words("本次拒绝", "refused now"), Kind.COUNT)


@contextmanager
def admission_loop(
    settings: Settings, log: Log, wait: Callable[[float], bool] | None = None
) -> Iterator[AdmissionLoop]:
    """
    The loop, not started; *wait* says whether to stop, by default never.

    Raises:
        Problem: the settings pin another ledger, or the program is too old for the log.
    """
    check_log(settings)
    folder = EvidenceFolder(settings.home / "evidence" / settings.log_name)
    asked = witnesses(settings)
    store = StateStore(settings.home / "state" / f"{settings.log_name}.{settings.log}.sqlite")
    loop = AdmissionLoop(
        log,
        store,
        clock_us=now,
        wait=wait or _sleep,
        pinned=settings.ledger,
        guard=lambda state: refuse_damaged(
            log, folder, state.get("checkpoint-keys") or [], asked.refuse_other
        ),
    )
    if isinstance(wait, Stopping):
        wait.stops_at_once = lambda: loop.waiting
    try:
        yield loop
    except StoppedWaiting:
        pass
    except OtherLedger as error:
        raise other_ledger(str(error)) from error
    except RulesMissing as error:
        raise rules_missing(error) from error
    except CompiledFailed as error:
        raise Problem(
            Words("编译的内核判定时出错。", "The compiled core failed at a submission."),
            where=str(error),
            how=Words(
                "去掉 PYTHONPATH 中的编译副本, 由源代码判定; 并请报告此事。",
                "Take the compiled copy off PYTHONPATH, so that the sources decide; and report it.",
            ),
        ) from error
    finally:
        store.close()


def rules_missing(lacking: RulesMissing) -> Problem:
    """What a user is told when this program lacks a version of the rules."""
    version, position = lacking.version, lacking.position
    what = (
        Words(
            f"第 {position} 号提交要启用第 {version} 版规则,本程序没有。",
            f"Submission {position} adopts version {version} of the rules; this program lacks it.",
        )
        if lacking.adopting
        else Words(
            f"总账采用第 {version} 版规则,本程序没有。",
            f"Version {version} of the rules is in force; this program lacks it.",
        )
    )
    return Problem(
        what,
        how=Words(
            f"安装含第 {version} 版规则的程序再运行:从第 {position} 号提交继续,此前未裁决,未写入。",
            f"Install a program that has version {version} and start it: it goes on with submission"
            f" {position}, on which nothing was decided or written.",
        ),
    )


def decide_all(settings: Settings, log: Log, output: Output) -> list[tuple[Column, Any]]:
    """Decide everything that is submitted by now; figures of what was done."""
    until = log.last_ordinal()
    totals = Counter[str]()
    start = log.last_position()
    words = Words("裁决", "deciding")
    with (
        admission_loop(settings, log) as loop,
        output.progress(words, max(0, until - start)) as advance,
    ):

        def progressed(progress: Progress) -> None:
            done = progress._asdict()
            del done["position"]
            totals.update(done)
            advance(sum(done.values()))

        with telling_of_waiting(loop, output):
            loop.run(progressed, until=until)
        position = loop.position
    counted = (ACCEPTED, REPEATED, REFUSED)
    return [(POSITION, position), *((column, totals[column.name]) for column in counted)]


@contextmanager
def telling_of_waiting(loop: AdmissionLoop, output: Output) -> Iterator[None]:
    """Say so, after a while, if another admission is the one writer."""
    waits = Timer(WAIT_TOLD_S, _tell_waiting, (loop, output))
    waits.daemon = True
    waits.start()
    try:
        yield
    finally:
        waits.cancel()


def _tell_waiting(loop: Any, output: Output) -> None:
    """Say why nothing happens."""
    if loop.waiting:
        output.note(
            Words(
                "另一个裁决程序正在运行,等待它结束;它会裁决这些提交,可按 Ctrl-C。",
                "Another admission is running, waiting for it to end; it decides these too (Ctrl-C).",
            )
        )


def _sleep(seconds: float) -> bool:
    if seconds:
        threading.Event().wait(seconds)
    return False


class Stopping:
    """A wait that ends at SIGTERM: the batch in hand is finished first, mere waiting ends at once."""

    def __init__(self) -> None:
        self._ended = threading.Event()
        self.stops_at_once: Callable[[], bool] = lambda: False

    def __call__(self, seconds: float) -> bool:
        """Wait so long; whether to stop."""
        return self._ended.wait(seconds)

    def stop(self, *_: object) -> None:
        """The handler of SIGTERM."""
        self._ended.set()
        if self.stops_at_once():
            raise StoppedWaiting


def until_stopped() -> Stopping:
    """A wait that ends at SIGTERM."""
    stopping = Stopping()
    signal.signal(signal.SIGTERM, stopping.stop)
    return stopping
