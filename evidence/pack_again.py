"""What a pack holds beside its events and submissions, made again from them as the export made it."""

from pathlib import Path
from typing import Any, Final

from domain.events import Event, LogOpened, SchemaRegistered
from evidence.keys import KeyHistory
from evidence.pack_books import PARQUET, TABLES, Books
from evidence.pack_layout import BOOKS, EVENTS, SUBMISSIONS
from evidence.pack_parquet import available
from evidence.pack_scope import Subtree
from evidence.pack_writing import Registry
from evidence.verify_schemas import SchemaFiles
from evidence.verify_source import PackSource
from schemas.codec import Unreadable, decode

FORMS: Final = {"books.xlsx": "xlsx", "books.xml": "xml"} | {
    f"{table}.{PARQUET}": PARQUET for table in TABLES
}
"""Files of books that are made from the csv files, and their forms."""


class Again:
    """Takes the events of a pack in order; books and registry are written into *work*."""

    def __init__(self, source: PackSource, work: Path) -> None:
        manifest = source.manifest
        organisation = manifest.scope.organisation
        part = Subtree(organisation or "")
        for batch in source.events() if organisation else ():
            for _, value in batch:
                part.learn(value)
        names = {Path(name).name for name in manifest.named(BOOKS)}
        forms = {form for name, form in FORMS.items() if name in names}
        self._books = Books(
            work / BOOKS, manifest.exported_at,
            frozenset(forms if available() else forms - {PARQUET}),
            lambda code: organisation is None or code in part.codes,
        )  # fmt: skip
        self._registry = Registry(work)
        self.keys = KeyHistory()
        self.schemas = SchemaFiles()
        self.opened: LogOpened | None = None
        self.counts: dict[str, int] = {EVENTS: 0}
        self.redacted: list[int] = []
        self.totals: dict[str, Any] = {}

    @property
    def log(self) -> str:
        """The name of the log as it was opened."""
        return self.opened.log if self.opened else ""

    @property
    def ledger(self) -> str:
        """The ledger id, in hexadecimal."""
        return self.opened.submission_digest.hex() if self.opened else ""

    def take(self, position: int, value: bytes) -> None:
        """
        Take in the next event.

        Raises:
            Unreadable: it is none.
            LookupError, ValueError, OverflowError: it makes no entry.
        """
        event = decode(value)
        if not isinstance(event, Event):
            raise Unreadable
        if isinstance(event, LogOpened) and self.opened is None:
            self.opened = event
        if isinstance(event, SchemaRegistered):
            self.schemas.register(event)
        self.keys.learn(position, value)
        self._books.take(position, event)
        self._registry.take(position, event)
        self.counts[EVENTS] += 1

    def finish(self, source: PackSource) -> None:
        """Write what stands at the end of the books; count submissions and checkpoints."""
        self.totals = self._books.finish()
        count = 0
        for kept in source.submissions():
            count += 1
            if kept.redacted is not None:
                self.redacted.append(kept.position)
        self.counts |= {SUBMISSIONS: count, "checkpoints": len(source.notes())}

    def close(self) -> None:
        """Close the files."""
        self._books.close()
        self._registry.close()
