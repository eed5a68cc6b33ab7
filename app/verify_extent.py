"""What of a log a verification was about, in one sentence: the first thing its reader must know."""

from app.problems import Words
from evidence.verify_checks import POSITIONS, TREE, Report
from evidence.verify_source import Extent


def log_size(report: Report, extent: Extent) -> int:
    """Events of the log, as far as anything here tells: what was signed may reach further."""
    signed = int(_figure(report, TREE, "size") or 0)
    return max(extent.size or 0, extent.last, signed)


def events_held(report: Report, extent: Extent) -> int | None:
    """Events that were read; None if they could not all be, or there are only their hashes."""
    read = _figure(report, POSITIONS, "events")
    return int(read) if read and extent.events else None


def verified(report: Report, extent: Extent) -> Words:
    """Which part of the log it was, from which position to which, and how many events."""
    reach = f"{extent.first:,}–{extent.last:,} / {log_size(report, extent):,}"
    held = events_held(report, extent)
    whose, kind = _kind(extent)
    if not extent.events:
        return Words(f"核验的是{whose},序号 {reach}。", f"Verified: {kind}, positions {reach}.")
    count = Words("未能读全事件", "not all events read")
    if held is not None:
        count = Words(f"事件 {held:,} 条", f"{held:,} events")
    return Words(
        f"核验的是{whose},序号 {reach},{count.zh}。",
        f"Verified: {kind}, positions {reach}, {count.en}.",
    )


def _kind(extent: Extent) -> Words:
    if not extent.events:
        return Words("总账的哈希,没有事件", "the log's hashes, no events")
    if extent.complete:
        return Words("整部总账", "the log")
    if extent.organisation is None:
        return Words("总账的一段", "a part of the log")
    return Words(
        f"总账中机构 {extent.organisation} 及其下级的部分",
        f"the part of the log of organisation {extent.organisation} and all below it",
    )


def _figure(report: Report, name: str, figure: str) -> str:
    """A figure of a check; empty if there is none."""
    return next((dict(c.figures).get(figure, "") for c in report.checks if c.name == name), "")
