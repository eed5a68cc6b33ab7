"""
The bytes against the tree, the tree against what was signed. Nothing is decoded here.

With tiles whose root was signed, the first event that differs is known exactly. Without them it is
known between which two checkpoints the history was changed.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from eventlog.contract import LogDamaged
from evidence import verify_balances
from evidence.balance_notes import is_balances
from evidence.checkpoints import Checkpoint, claim_in
from evidence.keys import TELLING, KeyHistory
from evidence.tiles import TileReader
from evidence.tree import leaf_hashes
from evidence.verify_checks import (
    CHECKPOINTS,
    FILES,
    KNOWN,
    OF_EVENTS,
    POSITIONS,
    TILES,
    TREE,
    Check,
    failed,
    not_checked,
    passed,
)
from evidence.verify_published import PublishedSource
from evidence.verify_roots import Leaves, Roots, tile_roots
from evidence.verify_signed import (
    Reach,
    Read,
    Trust,
    checkpoints_check,
    known_checks,
    signature,
    signed_by,
    tree_check,
)
from evidence.verify_sm2 import sm2_checks
from evidence.verify_source import Source
from evidence.verify_witnesses import witnesses_check
from schemas.codec import HEADER_BYTES, Unreadable
from schemas.containers import ContainerDamaged
from schemas.files import MARKER, fingerprint

TELLING_HEADERS: Final = frozenset({MARKER + fingerprint(topic) for topic in TELLING})
"""How the events that name keys begin."""
UNREADABLE: Final = (ContainerDamaged, OSError, LogDamaged)
"""Errors at which the records of a source end."""


class _Signed(NamedTuple):
    """What was published, and what of it counts."""

    published: list[str]
    notes: list[str]
    """The checkpoints among it, not checked."""
    signed: list[Checkpoint]
    newest: Checkpoint | None

    @classmethod
    def of(cls, published: list[str], keys: KeyHistory, trust: Trust) -> "_Signed":
        notes = [note for note in published if not is_balances(note)]
        signed = signed_by(notes, keys, trust)
        newest = max(signed, key=lambda one: one.size, default=None)
        return cls(published, notes, signed, newest)


def check_bytes(source: Source, trust: Trust, progress: Callable[[int], None]) -> list[Check]:
    """All checks of bytes, positions, tree and checkpoints."""
    spoiled = source.spoiled()
    files = passed(FILES) if spoiled is None else failed(FILES, "FILE_DIFFERS", file=spoiled)
    published = list(dict.fromkeys(source.notes()))
    claims = (
        *map(claim_in, (*published, *trust.known)),
        *map(verify_balances.checkpoint_in, published),
    )
    marks = sorted({claim.size for claim in claims if claim is not None})
    read = _read(source, [*marks, source.extent.last], progress)
    told = _Signed.of(published, read.keys, trust)
    found = [read.positions, signature(source, told.notes, told.newest, read.keys, trust)]
    found += sm2_checks(told.notes, told.newest, trust)
    found += witnesses_check(told.notes, told.signed, told.newest, trust)
    if source.extent.held is not None:
        found.append(files)
    if told.newest is None:
        none = not_checked(TREE, "NO_CHECKPOINT")
        return [*found, none, *known_checks(trust, None, Reach(0, {}), read.keys)]
    return [*found, *_history(source, trust, read, told, marks)]


def _history(
    source: Source, trust: Trust, read: Read, told: _Signed, marks: Sequence[int]
) -> Iterator[Check]:
    """The events and the tiles against what was signed."""
    newest, tiles, whole = told.newest, source.tiles(), source.extent.complete
    assert newest is not None  # the caller looked
    from_tiles = tile_roots(tiles, newest.size, marks)
    good_tiles = from_tiles.get(newest.size) == newest.root
    if tiles is not None and source.extent.size is not None:
        yield passed(TILES) if good_tiles else failed(TILES, "TILES_DIFFER")
    if not good_tiles and not whole:
        # Of a part the tree is known by its tiles alone: nothing is said of the history itself.
        yield from _unknown(TREE, CHECKPOINTS, *([KNOWN] if trust.known else []))
        return
    if tiles is not None and good_tiles and whole and read.roots.get(newest.size) != newest.root:
        read = read._replace(differs=_located(source, tiles, newest.size))
    yield tree_check(source, read, newest, good_tiles=good_tiles, signed=told.signed)
    last = read.last if whole else newest.size
    reach = Reach(last, from_tiles if good_tiles else read.roots)
    ignored = len(told.notes) - len(told.signed)
    signed = [*told.signed, *verify_balances.named_by(told.published, read.keys, trust)]
    yield checkpoints_check(signed, ignored, newest, reach)
    # What was signed may be a new history: the known checkpoint speaks of the old one.
    yield from known_checks(trust, newest, reach, read.keys)


def _unknown(*names: str) -> list[Check]:
    return [not_checked(name, "NO_TILES") for name in names]


def check_public(source: PublishedSource, trust: Trust) -> list[Check]:
    """What hashes alone can show: a signed tree that is there as a whole, and grew from those before."""
    keys = source.keys()
    told = _Signed.of(list(dict.fromkeys(source.notes())), keys, trust)
    notes, newest = told.notes, told.newest
    found = [
        signature(source, notes, newest, keys, trust),
        *sm2_checks(notes, newest, trust),
        *[not_checked(name, "NO_EVENTS") for name in OF_EVENTS],
        *witnesses_check(notes, told.signed, newest, trust),
    ]
    if newest is None:
        none = not_checked(TILES, "NO_CHECKPOINT")
        return [*found, none, *known_checks(trust, None, Reach(0, {}), keys)]
    marks = [c.size for note in (*notes, *trust.known) if (c := claim_in(note)) is not None]
    reach = Reach(newest.size, tile_roots(source.tiles(), newest.size, marks))
    if reach.roots.get(newest.size) != newest.root:
        unknown = _unknown(CHECKPOINTS, *([KNOWN] if trust.known else []))
        return [*found, failed(TILES, "TILES_DIFFER"), *unknown]
    checkpoints = checkpoints_check(told.signed, len(notes) - len(told.signed), newest, reach)
    return [*found, passed(TILES), checkpoints, *known_checks(trust, newest, reach, keys)]


def _read(source: Source, marks: Sequence[int], progress: Callable[[int], None]) -> Read:
    """Read every event once: positions, leaf hashes, keys, roots at some sizes."""
    extent, tiles, keys, roots = source.extent, source.tiles(), KeyHistory(), Roots(marks)
    # Of a part each event is compared with its leaf; of all events the root says the same.
    leaves = None if tiles is None or extent.complete else Leaves(tiles, extent.size or 0)
    gap: Check | None = None
    differs: int | None = None
    last, count = 0, 0
    try:
        for batch in source.events():
            for position, value in batch:
                if gap is None and not _follows(source, last, position):
                    gap = failed(POSITIONS, "NOT_DENSE", last + 1, found=position)
                last = position
                if value[:HEADER_BYTES] in TELLING_HEADERS:
                    _learn(keys, position, value)
            hashes = leaf_hashes([value for _, value in batch])
            if differs is None and leaves is not None:
                differs = leaves.first_difference(batch, hashes)
            if extent.begins:
                roots.take(hashes)
            count += len(batch)
            progress(len(batch))
    except UNREADABLE as error:
        gap = gap or failed(POSITIONS, "UNREADABLE", last + 1, error=type(error).__name__)
    gap = gap or _ending(source, last, count)
    positions = gap or passed(POSITIONS, events=count, last=last)
    return Read(positions, last, differs, roots.found, keys)


def _located(source: Source, tiles: TileReader, size: int) -> int | None:
    """The first event that is not the leaf in the tiles; read again, for nothing else knows it."""
    leaves = Leaves(tiles, size)
    try:
        for batch in source.events():
            hashes = leaf_hashes([value for _, value in batch])
            differs = leaves.first_difference(batch, hashes)
            if differs is not None:
                return differs
    except UNREADABLE:
        pass  # the check of positions says where they end
    return None


def _ending(source: Source, last: int, count: int) -> Check | None:
    """What is wrong with where the events end, or how many there were."""
    extent = source.extent
    if extent.organisation is None and last != extent.last:
        return failed(POSITIONS, "ENDS_EARLY", last + 1, expected=extent.last)
    if extent.held not in (None, count):
        return failed(POSITIONS, "COUNT_DIFFERS", found=count, expected=extent.held)
    return None


def _follows(source: Source, last: int, position: int) -> bool:
    extent = source.extent
    if extent.organisation is None and position >= extent.first:
        return position == max(last + 1, extent.first)
    return last < position <= extent.last


def _learn(keys: KeyHistory, position: int, value: bytes) -> None:
    with contextlib.suppress(Unreadable):  # a damaged event names no key
        keys.learn(position, value)
