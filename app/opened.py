"""Which ledger a log holds: its opening, and whether it is the one that the settings pin."""

from typing import Any

from app.problems import Problem, Words
from eventlog.contract import Log
from eventlog.reading import events


def log_opened(log: Log) -> Any:
    """The event LogOpened of the log; None if it is not open."""
    from domain.events import LogOpened  # noqa: PLC0415  # slow to import
    from schemas.codec import decode  # noqa: PLC0415  # as above

    for record in events(log, after=0, until=log.last_position()):
        if record.topic == LogOpened.TOPIC:
            return decode(record.value)
    return None


def opened_log(log: Log) -> Any:
    """
    The event LogOpened: its submission's digest is the ledger id.

    Raises:
        Problem: the log is not open.
    """
    found = log_opened(log)
    if found is None:
        raise not_open()
    return found


def not_open(where: str = "") -> Problem:
    """Nobody opened a ledger there."""
    return Problem(
        Words("总账尚未开账:这里没有总账。", "The ledger is not open: there is none here."),
        where=where,
        how=Words(
            "检查 HENGWEN_HOME、HENGWEN_LOG、HENGWEN_LOG_NAME;"
            "要开新账,运行 hengwen init --root 编码 --name 名称。",
            "Check HENGWEN_HOME, HENGWEN_LOG, HENGWEN_LOG_NAME; to open a new ledger, run"
            " `hengwen init --root CODE --name NAME`.",
        ),
    )


def refuse_unopened(log: Log, where: str) -> None:
    """
    Go on only where something was submitted: the first is the opening of a ledger.

    Raises:
        Problem: the log at *where* holds nothing.
    """
    if not log.last_position() and not log.last_ordinal():
        raise not_open(where)


def refuse_other_ledger(log: Log, pinned: str) -> None:
    """
    Go on only with the ledger that the settings pin; a log that nobody opened yet is none.

    Raises:
        Problem: it is another.
    """
    found = log_opened(log)
    if found is not None and found.submission_digest.hex() != pinned:
        raise other_ledger(found.submission_digest.hex())


def other_ledger(found: str) -> Problem:
    """The log holds another ledger than HENGWEN_LEDGER says."""
    return Problem(
        Words("这是另一本总账。", "The log holds another ledger."),
        where=found,
        how=Words(
            "检查 HENGWEN_LEDGER 与日志设置。", "Check HENGWEN_LEDGER and the log's settings."
        ),
    )
