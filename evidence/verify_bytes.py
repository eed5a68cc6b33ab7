"""
The bytes against the tree, the tree against what was signed. Nothing is decoded here.

With tiles whose root was signed, the first event that differs is known exactly. Without them it is
known between which two checkpoints the history was changed.
"""

import contextlib
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from eventlog.contract import LogDamaged
from evidence import verify_balances
from evidence.balance_notes import is_balances
from evidence.checkpoints import claim_in
from evidence.key_texts import BadKey
from evidence.keys import TELLING, KeyHistory
from evidence.tiles import TileMissing, TileReader
from evidence.tree import HASH_BYTES, TILE_WIDTH, Tree, leaf_hashes
from evidence.verify_checks import (
    FILES,
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
from evidence.verify_signed import (
    Read,
    Trust,
    checkpoints_check,
    known_checks,
    signature,
    signed_by,
    tree_check,
)
from evidence.verify_sm2 import sm2_checks
from evidence.verify_source import Source, Values
from evidence.verify_witnesses import witnesses_check
from schemas.codec import HEADER_BYTES, Unreadable
from schemas.containers import ContainerDamaged
from schemas.files import MARKER, fingerprint

TELLING_HEADERS: Final = frozenset({MARKER + fingerprint(topic) for topic in TELLING})
"""How the events that name keys begin."""
UNREADABLE: Final = (ContainerDamaged, OSError, LogDamaged)
"""Errors at which the records of a source end."""


def check_bytes(source: Source, trust: Trust, progress: Callable[[int], None]) -> list[Check]:
    """All checks of bytes, positions, tree and checkpoints."""
    spoiled = source.spoiled()
    files = passed(FILES) if spoiled is None else failed(FILES, "FILE_DIFFERS", file=spoiled)
    published = list(dict.fromkeys(source.notes()))
    notes = [note for note in published if not is_balances(note)]
    claims = (
        *map(claim_in, (*notes, *trust.known)),
        *map(verify_balances.checkpoint_in, published),
    )
    marks = sorted({claim.size for claim in claims if claim is not None})
    tiles = source.tiles()
    read = _read(source, [*marks, source.extent.last], tiles, progress)
    signed = signed_by(notes, read.keys, trust)
    newest = max(signed, key=lambda one: one.size, default=None)
    found = [
        read.positions,
        signature(notes, newest, read.keys, trust, due=source.extent.size is not None),
    ]
    found += sm2_checks(notes, newest, trust)
    if source.extent.held is not None:
        found.append(files)
    if newest is None:
        return [
            *found,
            not_checked(TREE, "NO_CHECKPOINT"),
            *witnesses_check(notes, [], None, trust),
            *known_checks(trust, None, {}, read.keys),
        ]
    tile_roots = _tile_roots(tiles, newest.size, marks)
    good_tiles = tile_roots.get(newest.size) == newest.root
    roots = tile_roots if good_tiles else read.roots
    if tiles is not None and source.extent.size is not None:
        found.append(passed(TILES) if good_tiles else failed(TILES, "TILES_DIFFER"))
    found.append(tree_check(source, read, newest, good_tiles=good_tiles, signed=signed))
    found += witnesses_check(notes, signed, newest, trust)
    ignored = len(notes) - len(signed)
    signed += verify_balances.named_by(published, read.keys, trust)
    found.append(checkpoints_check(signed, ignored, source.extent.last, newest, roots))
    # What was signed may be a new history: the known checkpoint speaks of the old one.
    return [*found, *known_checks(trust, newest, roots, read.keys)]


def check_public(source: PublishedSource, trust: Trust) -> list[Check]:
    """What hashes alone can show: a signed tree that is there as a whole, and grew from those before."""
    keys, notes = source.keys(), source.notes()
    signed = signed_by(notes, keys, trust)
    newest = max(signed, key=lambda one: one.size, default=None)
    missing = [not_checked(name, "NO_EVENTS") for name in OF_EVENTS]
    found = [
        signature(notes, newest, keys, trust, due=True),
        *sm2_checks(notes, newest, trust),
        *missing,
    ]
    found += witnesses_check(notes, signed, newest, trust)
    if newest is None:
        return [*found, not_checked(TILES, "NO_CHECKPOINT"), *known_checks(trust, None, {}, keys)]
    marks = [c.size for note in trust.known if (c := claim_in(note)) is not None]
    roots = _tile_roots(source.tiles(), newest.size, marks)
    whole = roots.get(newest.size) == newest.root
    found.append(passed(TILES) if whole else failed(TILES, "TILES_DIFFER"))
    found.append(checkpoints_check(signed, len(notes) - len(signed), newest.size, newest, roots))
    return [*found, *known_checks(trust, newest, roots, keys)]


def _read(
    source: Source, marks: Sequence[int], tiles: TileReader | None, progress: Callable[[int], None]
) -> Read:
    """Read every event once: positions, leaf hashes, keys, roots at some sizes."""
    keys, roots, leaves = KeyHistory(), _Roots(marks), _Leaves(tiles)
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
            if differs is None:
                differs = leaves.first_difference(batch, hashes)
            roots.take(hashes)
            count += len(batch)
            progress(len(batch))
    except UNREADABLE as error:
        gap = gap or failed(POSITIONS, "UNREADABLE", last + 1, error=type(error).__name__)
    gap = gap or _ending(source, last, count)
    return Read(gap or passed(POSITIONS, events=count, last=last), differs, roots.found, keys)


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
    with contextlib.suppress(Unreadable, BadKey):  # a damaged event names no key
        keys.learn(position, value)


class _Roots:
    """Roots of a growing tree at some sizes."""

    def __init__(self, marks: Iterable[int]) -> None:
        self._tree = Tree()
        self._marks = sorted({mark for mark in marks if mark > 0}, reverse=True)
        self.found: dict[int, bytes] = {}

    def take(self, hashes: bytes) -> None:
        """Append leaf hashes."""
        while self._marks and self._marks[-1] <= self._tree.size + len(hashes) // HASH_BYTES:
            cut = (self._marks[-1] - self._tree.size) * HASH_BYTES
            self._tree.append_hashes(hashes[:cut])
            hashes = hashes[cut:]
            self.found[self._marks.pop()] = self._tree.root()
        self._tree.append_hashes(hashes)


class _Leaves:
    """Leaf hashes as the tiles have them."""

    def __init__(self, tiles: TileReader | None) -> None:
        self._tiles = tiles
        self._index = -1
        self._hashes = b""

    def first_difference(self, batch: Values, hashes: bytes) -> int | None:
        """The first position of a batch whose leaf hash the tiles have otherwise, or not at all."""
        if self._tiles is None:
            return None
        for n, (position, _) in enumerate(batch):
            leaf = hashes[n * HASH_BYTES : (n + 1) * HASH_BYTES]
            if leaf != self._leaf(position - 1):
                return position
        return None

    def _leaf(self, index: int) -> bytes:
        number, at = divmod(index, TILE_WIDTH)
        if number != self._index or (at + 1) * HASH_BYTES > len(self._hashes):
            assert self._tiles is not None  # the caller looked
            self._index, self._hashes = number, _widest(self._tiles, number, at + 1)
        return self._hashes[at * HASH_BYTES : (at + 1) * HASH_BYTES]


def _widest(tiles: TileReader, number: int, least: int) -> bytes:
    """A tile of leaf hashes, as many as there are; nothing if there are fewer than *least*."""
    for width in (TILE_WIDTH, *range(TILE_WIDTH - 1, least - 1, -1)):
        try:
            return tiles.hashes(0, number, width)
        except TileMissing:
            continue
    return b""


def _tile_roots(tiles: TileReader | None, size: int, marks: Iterable[int]) -> dict[int, bytes]:
    """Roots at some sizes up to *size*, from the leaf hashes in the tiles; none if one is missing."""
    roots = _Roots([*(mark for mark in marks if mark < size), size])
    try:
        for first in range(0, size if tiles is not None else 0, TILE_WIDTH):
            assert tiles is not None  # else the range is empty
            roots.take(tiles.hashes(0, first // TILE_WIDTH, min(TILE_WIDTH, size - first)))
    except TileMissing:
        return {}
    return roots.found
