"""
Export of an evidence pack: the exact bytes of a log up to a signed checkpoint, and what explains them.

An export is whole or fails: it is written beside its place, and renamed when all of it is there and
its tree has the root that the checkpoint signed.
"""

import shutil
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

from domain.events import SchemaRegistered
from eventlog.contract import PROOF_HEADER, LogDamaged, OrderedSubmission, StoredRecord
from eventlog.reading import SubmissionsLog, batches, events, submission_batches
from evidence.checkpoints import Checkpoint, claim_in
from evidence.folder import signed_checkpoint
from evidence.keys import KeyHistory
from evidence.pack_balances import PackBalances
from evidence.pack_books import USUAL, Books
from evidence.pack_checkpoints import published
from evidence.pack_draft import UNFINISHED, finish, is_draft
from evidence.pack_layout import (
    BOOKS,
    CHECKPOINT,
    CHECKPOINTS,
    EVENTS,
    KEYS,
    SUBMISSIONS,
    Manifest,
    Scope,
)
from evidence.pack_readme import readme
from evidence.pack_scope import NoSuchOrganisation, Subtree, is_registry
from evidence.pack_writing import Containers, Registry, kept_event, listed, write_schemas
from evidence.reading import LogReader
from evidence.redactions import Redaction, left_out, redacted, redaction
from evidence.tiles import TileFolder, tile_files
from evidence.tree import Tree
from schemas import containers
from schemas.codec import decode
from schemas.containers import Kept

PART: Final = ".part"


class PackReader(LogReader, SubmissionsLog, Protocol):
    """What an export needs of a log; see eventlog.contract.Log."""

    name: str


class NoCheckpoint(Exception):
    """Nobody has signed a checkpoint of this log, or none that reaches the wanted position."""


class Wanted(NamedTuple):
    """What is to be exported; None: everything."""

    organisation: str | None = None
    first: int | None = None
    last: int | None = None
    formats: frozenset[str] = USUAL
    """Forms of the books."""


def export(  # noqa: PLR0913  a log, what is known of it, what is wanted, and where
    log: PackReader,
    notes: Sequence[str],
    target: Path,
    wanted: Wanted,
    *,
    exported_at: int,
    progress: Callable[[int], None] = lambda _: None,
) -> Manifest:
    """
    Write the pack *target*, up to the newest signed checkpoint among the log's and *notes*.

    *progress* is told of the events that are read: the log once, then those under the checkpoint.

    Raises:
        FileExistsError: there is such a folder already.
        NoCheckpoint: nothing is signed, or not so far.
        NoSuchOrganisation: the part of an organisation is wanted that was never registered.
        LogDamaged: the log is not what was signed.
        LogUnavailable: the log does not answer.
    """
    part = target.with_name(target.name + PART)
    if target.exists() or (part.exists() and not is_draft(part)):
        raise FileExistsError(target if target.exists() else part)
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    (part / UNFINISHED).touch()
    try:
        manifest = _Export(log, notes, part, wanted, progress).run(exported_at)
        finish(part, target, manifest)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return manifest


class _Export:
    """One export under way."""

    def __init__(
        self,
        log: PackReader,
        notes: Sequence[str],
        folder: Path,
        wanted: Wanted,
        progress: Callable[[int], None],
    ) -> None:
        self._log = log
        self._folder = folder
        self._wanted = wanted
        self._progress = progress
        self._keys = KeyHistory()
        self._tree = Tree()
        self._tiles = TileFolder(folder)
        self._published = published(log)
        self._notes = list(dict.fromkeys([*(n for n, _ in self._published), *notes]))
        self._length = log.last_position()
        self._reach = max((c.size for n in self._notes if (c := claim_in(n))), default=0)
        """Size of the largest tree that any note claims to have signed."""
        self._size = 0
        self._subtree = Subtree(wanted.organisation) if wanted.organisation is not None else None
        self._ledger = ""
        self._schemas: dict[bytes, str] = {}
        self._redactions: dict[int, Redaction] = {}
        self._left_out: list[int] = []

    def run(self, exported_at: int) -> Manifest:
        """Write everything but the manifest."""
        self._learn()
        note, signed = self._newest()
        self._size = signed.size
        scope = self._scope()
        self._check_redactions()
        if scope.organisation is not None and self._size < self._reach:
            # Somebody's note claims more than was signed: the part is of what was.
            self._subtree = self._read_subtree(scope.organisation)
        if self._subtree is not None and not self._subtree.registered:
            raise NoSuchOrganisation(scope.organisation)
        with ExitStack() as open_files:
            books = Books(self._folder / BOOKS, exported_at, self._wanted.formats, self._owns)
            open_files.callback(books.close)
            registry = Registry(self._folder)
            open_files.callback(registry.close)
            balances = PackBalances(self._notes, self._keys, self._subtree, scope)
            counts = self._carry(scope, books, registry, balances)
            totals = books.finish()
        if self._tree.root() != signed.root:
            raise LogDamaged(f"the first {signed.size} events are not what the checkpoint signed")
        self._tiles.write(tile_files(self._tree.edge()))
        balances.write(self._folder)
        counts["checkpoints"] = self._write_notes(note)
        write_schemas(self._folder, self._schemas)
        manifest = Manifest(
            log=self._log.name, origin=signed.origin, ledger=self._ledger, scope=scope,
            size=signed.size, root=signed.root.hex(), log_length=self._length,
            exported_at=exported_at, counts=counts, totals=totals,
            redacted=self._left_out, files={},
        )  # fmt: skip
        (self._folder / "README.md").write_text(readme(manifest), encoding="utf-8")
        files = listed(self._folder)
        files.pop(UNFINISHED, None)
        return manifest._replace(files=files)

    def _learn(self) -> None:
        """Read the log once for all that must be known before anything is carried."""
        for records in batches(self._log, after=0, until=self._length):
            for record in records:
                self._keys.learn(record.position, record.value)
                if (found := redaction(record.position, record.value)) is not None:
                    self._redactions[found.original] = found
                if self._subtree is not None and record.position <= self._reach:
                    self._subtree.learn(record.value)
            self._progress(len(records))

    def _newest(self) -> tuple[str, Checkpoint]:
        """The checkpoint the pack ends with, signed by a key that the log names."""
        found = [
            (note, signed)
            for note in self._notes
            if (signed := signed_checkpoint(note, self._keys)) is not None
        ]
        if not found:
            raise NoCheckpoint
        note, signed = max(found, key=lambda one: one[1].size)
        if signed.size > self._length:
            raise LogDamaged(f"the log ends at {self._length}, a checkpoint at {signed.size}")
        return note, signed

    def _scope(self) -> Scope:
        first, last = self._wanted.first or 1, self._wanted.last or self._size
        if not 1 <= first <= last <= self._size:
            raise NoCheckpoint(f"{first}-{last} / {self._size}")
        return Scope(self._wanted.organisation, first, last)

    def _check_redactions(self) -> None:
        """What is left out must be recorded in the pack, or a verifier finds it missing."""
        recorded = [one.position for one in self._redactions.values()]
        unsigned = min((position for position in recorded if position > self._size), default=0)
        if unsigned:
            raise NoCheckpoint(f"{unsigned} / {self._size}")

    def _read_subtree(self, root: str) -> Subtree:
        found = Subtree(root)
        for record in events(self._log, after=0, until=self._size):
            found.learn(record.value)
        return found

    def _carry(
        self, scope: Scope, books: Books, registry: Registry, balances: PackBalances
    ) -> dict[str, int]:
        """Events and submissions into their files, every event into the tree."""
        verdicts = Containers(self._folder, EVENTS)
        submissions = Containers(self._folder, SUBMISSIONS)
        for records in batches(self._log, after=0, until=self._size):
            self._tiles.write(tile_files(self._tree.append([r.value for r in records])))
            kept: list[Kept] = []
            for record in records:
                event = decode(record.value)
                balances.take(record.value)
                if record.position == 1:
                    self._ledger = event.submission_digest.hex()
                if not self._belongs(record.position, event, scope):
                    if record.position < scope.first and self._touches(event):
                        books.open_with(event)
                    continue
                if isinstance(event, SchemaRegistered):
                    self._schemas[event.fingerprint] = event.text
                books.take(record.position, event)
                registry.take(record.position, event)
                kept.append(kept_event(record))
            verdicts.take(kept)
            submissions.take(self._submissions(records, {one.position for one in kept}))
            self._progress(len(records))
        return {EVENTS: verdicts.finish(), SUBMISSIONS: submissions.finish()}

    def _belongs(self, position: int, event: Any, scope: Scope) -> bool:
        """Whether an event is in the pack; the registry always is."""
        if is_registry(event.stream) and position <= scope.last:
            return True
        return scope.first <= position <= scope.last and self._touches(event)

    def _touches(self, event: Any) -> bool:
        return self._subtree is None or self._subtree.holds(event)

    def _owns(self, organisation: str) -> bool:
        """Whether the balances of an organisation are in the books."""
        return self._subtree is None or organisation in self._subtree.codes

    def _submissions(self, records: Sequence[StoredRecord], wanted: set[int]) -> list[Kept]:
        """The submissions of a batch of events."""
        if not wanted:
            return []
        first, last = records[0].position, records[-1].position
        found = chain.from_iterable(submission_batches(self._log, after=first - 1, until=last))
        return [
            self._submission(one, record.value)
            for one, record in zip(found, records, strict=True)
            if one.ordinal in wanted
        ]

    def _submission(self, one: OrderedSubmission, verdict: bytes) -> Kept:
        """A submission as the pack holds it; *verdict* is the event it became."""
        if one.ordinal in self._redactions:
            one = redacted(one)
        digest = left_out(one, verdict)
        # A verdict depends on nothing else of the record: keys and other headers are anybody's word.
        headers = tuple(header for header in one.headers if header[0] == PROOF_HEADER)
        if digest is None:
            return Kept(one.ordinal, None, one.value, headers, one.appended_at)
        self._left_out.append(one.ordinal)
        return Kept(one.ordinal, None, None, headers, one.appended_at, digest)

    def _write_notes(self, newest: str) -> int:
        """The checkpoints as published, the newest alone, the keys."""
        kept = [record for _, record in self._published]
        rest = [note for note in self._notes if note not in {note for note, _ in self._published}]
        last = max((record.position for record in kept), default=0)
        kept += [Kept(last + n, None, note.encode(), (), 0) for n, note in enumerate(rest, 1)]
        containers.write(self._folder / CHECKPOINTS, kept)
        (self._folder / CHECKPOINT).write_bytes(newest.encode())
        (self._folder / KEYS).write_bytes(self._keys.before(self._size).to_json())
        return len(kept)
