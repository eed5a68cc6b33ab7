"""What a verification reads from: the folder of an evidence pack, or a log. It never writes."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple, Protocol, TypeVar

from eventlog.contract import PROOF_HEADER, Log, OrderedSubmission
from eventlog.reading import batches, insist
from evidence.balance_files import NEWEST as BALANCES
from evidence.folder import CHECKPOINT
from evidence.pack_balances import organisation_proofs_in, proofs_in
from evidence.pack_layout import CHECKPOINTS, EVENTS, SUBMISSIONS, Manifest, file_sha256
from evidence.redactions import left_out
from evidence.reperformance import Step
from evidence.tiles import TileFolder, TileReader
from schemas import containers
from schemas.containers import Kept

BATCH: Final = 2_560
"""Events handed on at a time: ten tiles."""
STEPS: Final = 1_000
"""Submissions decided again at a time."""
NOTES: Final = 1_000

Values = list[tuple[int, bytes]]
"""Positions and stored events, in the order they are kept."""


class Unpaired(Exception):
    """An event without its submission, or the other way round: SUBMISSION_MISSING, EVENT_MISSING."""

    def __init__(self, position: int, code: str) -> None:
        super().__init__(f"{code} {position}")
        self.position = position
        self.code = code


class Extent(NamedTuple):
    """What of a log a source claims to hold."""

    last: int
    """Its last position."""
    size: int | None
    """Events under its newest checkpoint, if it says so."""
    complete: bool = True
    """Every event up to the checkpoint."""
    begins: bool = True
    """Every event from the first to the last: decisions can be made again."""
    first: int = 1
    organisation: str | None = None
    held: int | None = None
    """Events it says to hold, in a manifest."""
    events: bool = True
    """Whether it holds events at all, and not only their hashes."""
    submissions: bool = True
    """Whether it holds the submissions of its events."""


class Source(Protocol):
    """Where events, submissions and checkpoints come from. It can be sent to another process."""

    extent: Extent

    def events(self) -> Iterator[Values]:
        """
        The events, in batches.

        Raises:
            containers.ContainerDamaged, OSError, LogDamaged, LogUnavailable: they end there.
        """
        ...

    def steps(self) -> Iterator[list[Step]]:
        """The submissions with their verdicts; raises Unpaired, and what events() does."""
        ...

    def notes(self) -> list[str]:
        """The signed checkpoints as published, not checked."""
        ...

    def balance_proofs(self) -> list[str]:
        """Balance proofs of the accounts of a part, as text, not checked."""
        ...

    def organisation_proofs(self) -> str:
        """The chains of the organisations of a part, as text, not checked; empty if there is none."""
        ...

    def tiles(self) -> TileReader | None:
        """Hash tiles that help to find a difference; None if there are none."""
        ...

    def spoiled(self) -> str | None:
        """The first file that is not what the manifest says; None if all are."""
        ...


class PackSource:
    """
    The pack in a folder.

    Raises:
        NotAPack: it is none.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = found = Manifest.of(folder)
        self.extent = Extent(
            found.scope.last, found.size, found.complete, found.begins,
            found.scope.first, found.scope.organisation, found.counts[EVENTS],
        )  # fmt: skip

    def events(self) -> Iterator[Values]:
        """The events in the files that the manifest names."""
        for name in self.manifest.named(EVENTS):
            yield from _chunks(containers.read_values(self.folder / name), BATCH)

    def steps(self) -> Iterator[list[Step]]:
        """Submissions beside their verdicts, by position."""
        return _chunks(self._paired(), STEPS)

    def _paired(self) -> Iterator[Step]:
        events = (one for batch in self.events() for one in batch)
        for kept in self.submissions():
            position, stored = next(events, (None, b""))
            if position != kept.position:
                missing = position is not None and position < kept.position
                at = position if missing and position is not None else kept.position
                raise Unpaired(at, "SUBMISSION_MISSING" if missing else "EVENT_MISSING")
            proofs = [value for name, value in kept.headers if name == PROOF_HEADER]
            yield Step(
                kept.position, kept.value, proofs[0] if proofs else None, len(proofs),
                kept.appended_at, stored, kept.redacted,
            )  # fmt: skip
        for position, _ in events:
            raise Unpaired(position, "SUBMISSION_MISSING")

    def submissions(self) -> Iterator[Kept]:
        """The submissions in the files that the manifest names; raises what events() does."""
        for name in self.manifest.named(SUBMISSIONS):
            yield from containers.read(self.folder / name)

    def notes(self) -> list[str]:
        """The checkpoints in the pack."""
        try:
            kept = list(containers.read(self.folder / CHECKPOINTS))
        except (OSError, containers.ContainerDamaged):
            return []
        return [(one.value or b"").decode("utf-8", "replace") for one in kept]

    def balance_proofs(self) -> list[str]:
        """The balance proofs in the pack."""
        return proofs_in(self.folder)

    def organisation_proofs(self) -> str:
        """The chains in the pack."""
        return organisation_proofs_in(self.folder)

    def tiles(self) -> TileFolder:
        """The tiles in the pack."""
        return TileFolder(self.folder)

    def spoiled(self) -> str | None:
        """The first file whose length or SHA-256 is not that of the manifest."""
        for name, known in self.manifest.files.items():
            path = self.folder / name
            inside = path.resolve().is_relative_to(self.folder.resolve())
            try:
                # The length first: a file may be long beyond all measure.
                same = inside and path.stat().st_size == known["bytes"]
                if not same or file_sha256(path) != known["sha256"]:
                    return name
            except OSError:
                return name
        return None


class LogSource:
    """
    A log, read up to its end as it was at the beginning; *opener* opens it in any process.

    *published* is the public folder beside it: its tiles help, its newest notes bind the log, too.
    """

    def __init__(self, opener: Callable[[], Log], published: Path | None = None) -> None:
        self._opener = opener
        self._published = None if published is None else TileFolder(published)
        # Before the end is read: what is signed meanwhile may be of events behind it.
        self._beside = newest_notes(self._published) if self._published else []
        with closing(opener()) as log:
            self._last_note = log.last_checkpoint()
            self.extent = Extent(log.last_position(), None)

    def events(self) -> Iterator[Values]:
        """The committed events."""
        with closing(self._opener()) as log:
            for records in batches(log, after=0, until=self.extent.last):
                yield [(record.position, record.value) for record in records]

    def steps(self) -> Iterator[list[Step]]:
        """Submissions beside their verdicts."""
        with closing(self._opener()) as log:
            events = (one for batch in self.events() for one in batch)
            after, hint = 0, None
            until = min(self.extent.last, log.last_ordinal())
            while after < until:
                wanted = min(STEPS, until - after)
                ask = partial(log.read_submissions, after=after, limit=wanted, hint=hint)
                found = insist(ask, log.last_ordinal, after)
                yield [_step(one, event) for one, event in zip(found, events, strict=False)]
                after, hint = found[-1].ordinal, found[-1].offset
            if until < self.extent.last:
                raise Unpaired(until + 1, "SUBMISSION_MISSING")

    def notes(self) -> list[str]:
        """The checkpoints of the log's topic, and the newest in the folder beside it."""
        found: list[str] = []
        with closing(self._opener()) as log:
            after, last = 0, self._last_note
            while after < last and (stored := log.read_checkpoints(after=after, limit=NOTES)):
                some = [one for one in stored if one.number <= last]
                found += [one.note.decode("utf-8", "replace") for one in some]
                after = stored[-1].number
        return [*found, *self._beside]

    def balance_proofs(self) -> list[str]:
        """A log is no part."""
        return []

    def organisation_proofs(self) -> str:
        """A log is no part."""
        return ""

    def tiles(self) -> TileReader | None:
        """Tiles that somebody has beside the log."""
        return self._published

    def spoiled(self) -> str | None:
        """A log has no manifest."""
        return None


def newest_notes(published: TileFolder) -> list[str]:
    """The newest checkpoint and the newest balances in a public folder, as far as they are there."""
    found = [published.read(name) for name in (CHECKPOINT, BALANCES)]
    return [note.decode("utf-8", "replace") for note in found if note]


def _step(one: OrderedSubmission, event: tuple[int, bytes]) -> Step:
    position, stored = event
    if position != one.ordinal:
        raise Unpaired(min(position, one.ordinal), "SUBMISSION_MISSING")
    return Step(
        position, one.value, one.proof, one.proofs, one.appended_at, stored, left_out(one, stored)
    )


Item = TypeVar("Item")


def _chunks(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
