"""A log that stops answering: it says where it ends, and brings nothing of what it holds."""

from pathlib import Path

from eventlog.contract import OrderedSubmission, StoredRecord
from eventlog.embedded import EmbeddedLog


class SilentLog(EmbeddedLog):
    """The log in a file, as behind a broker that is up and hands nothing out."""

    events_told = 0
    """Events up to here are still handed out."""
    submissions_told = 0
    """Submissions, too."""

    def read_events(self, *, after: int, limit: int, timeout_s: float) -> list[StoredRecord]:
        """Nothing in time, behind what is still told; a test does not wait for it."""
        told = min(limit, self.events_told - after)
        if told <= 0:
            return []
        return super().read_events(after=after, limit=told, timeout_s=timeout_s)

    def read_submissions(
        self, *, after: int, limit: int, timeout_s: float, hint: int | None = None
    ) -> list[OrderedSubmission]:
        """As events."""
        told = min(limit, self.submissions_told - after)
        if told <= 0:
            return []
        return super().read_submissions(after=after, limit=told, timeout_s=timeout_s, hint=hint)


def silent(path: Path, name: str, *, events: int = 0, submissions: int = 0) -> SilentLog:
    """The log in the file *path*, silent behind so many."""
    log = SilentLog(path, name)
    log.events_told, log.submissions_told = events, submissions
    return log
