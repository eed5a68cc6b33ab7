"""
The bytes against the tree, the tree against what was signed. Nothing is decoded here.

With tiles whose root was signed, the first event that differs is known exactly. Without them it is
known between which two checkpoints the history was changed.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from eventlog.contract import LogDamaged, LogUnavailable
from evidence.checkpoints import Checkpoint, claimed_checkpoint, opened_checkpoint
from evidence.keys import KeyHistory
from evidence.notes import BadNote, Verifier
from evidence.tiles import TileMissing, TileReader
from evidence.tree import HASH_BYTES, TILE_WIDTH, Tree, leaf_hashes
from evidence.verify_checks import (
    CHECKPOINTS,
    FILES,
    KNOWN,
    POSITIONS,
    SIGNATURE,
    TILES,
    TREE,
    Check,
    failed,
    not_checked,
    passed,
)
from evidence.verify_source import Source, Values
from schemas.codec import Unreadable
from schemas.containers import ContainerDamaged

UNREADABLE: Final = (ContainerDamaged, OSError, LogDamaged, LogUnavailable)
"""Errors at which the records of a source end."""


class Trust(NamedTuple):
    """What an auditor brings along."""

    keys: tuple[str, ...] = ()
    """Public checkpoint keys as text; without any, those that the log itself names."""
    known: tuple[str, ...] = ()
    """Checkpoints received earlier: the history up to them may not have changed."""


class _Read(NamedTuple):
    """What reading all events once has shown."""

    positions: Check
    differs: int | None
    """First position whose bytes are not those of the tile."""
    roots: dict[int, bytes]
    """Root of the tree at each size that was asked for, from the events themselves."""
    keys: KeyHistory


def check_bytes(source: Source, trust: Trust, progress: Callable[[int], None]) -> list[Check]:
    """All checks of bytes, positions, tree and checkpoints."""
    spoiled = source.spoiled()
    files = passed(FILES) if spoiled is None else failed(FILES, "FILE_DIFFERS", file=spoiled)
    notes = list(dict.fromkeys(source.notes()))
    marks = sorted({c.size for note in (*notes, *trust.known) if (c := _claim(note)) is not None})
    tiles = source.tiles()
    read = _read(source, [*marks, source.extent.last], tiles, progress)
    signed = _signed(notes, read.keys, trust)
    newest = max(signed, key=lambda one: one.size, default=None)
    found = [read.positions, _signature(notes, newest, read.keys, trust)]
    if source.extent.size is not None:
        found.append(files)
    if newest is None:
        return [*found, not_checked(TREE, "NO_CHECKPOINT"), *_known(trust, None, {}, read.keys)]
    tile_roots = _tile_roots(tiles, newest.size, marks)
    good_tiles = tile_roots.get(newest.size) == newest.root
    roots = tile_roots if good_tiles else read.roots
    if tiles is not None and source.extent.size is not None:
        found.append(passed(TILES) if good_tiles else failed(TILES, "TILES_DIFFER"))
    found.append(_tree(source, read, newest, good_tiles=good_tiles, signed=signed))
    found.append(_checkpoints(signed, len(notes), source.extent.last, newest, roots))
    # What was signed may be a new history: the known checkpoint speaks of the old one.
    return [*found, *_known(trust, newest, roots, read.keys)]


def _read(
    source: Source, marks: Sequence[int], tiles: TileReader | None, progress: Callable[[int], None]
) -> _Read:
    """Read every event once: positions, leaf hashes, keys, roots at some sizes."""
    keys, roots, tree = KeyHistory(), {}, Tree()
    wanted = iter(sorted({mark for mark in marks if mark > 0}))
    mark = next(wanted, None)
    gap: Check | None = None
    differs: int | None = None
    last, count = 0, 0
    leaves = _Leaves(tiles)
    try:
        for batch in source.events():
            for position, value in batch:
                if gap is None and not _follows(source, last, position):
                    gap = failed(POSITIONS, "NOT_DENSE", last + 1, found=position)
                last = position
                _learn(keys, position, value)
            hashes = leaf_hashes([value for _, value in batch])
            if differs is None:
                differs = leaves.first_difference(batch, hashes)
            while mark is not None and mark <= tree.size + len(hashes) // HASH_BYTES:
                cut = (mark - tree.size) * HASH_BYTES
                tree.append_hashes(hashes[:cut])
                hashes = hashes[cut:]
                roots[mark] = tree.root()
                mark = next(wanted, None)
            tree.append_hashes(hashes)
            count += len(batch)
            progress(len(batch))
    except UNREADABLE as error:
        gap = gap or failed(POSITIONS, "UNREADABLE", last + 1, error=type(error).__name__)
    if gap is None and source.extent.begins and last != source.extent.last:
        gap = failed(POSITIONS, "ENDS_EARLY", last + 1, expected=source.extent.last)
    return _Read(gap or passed(POSITIONS, events=count, last=last), differs, roots, keys)


def _follows(source: Source, last: int, position: int) -> bool:
    if source.extent.begins:
        return position == last + 1
    return last < position <= source.extent.last


def _learn(keys: KeyHistory, position: int, value: bytes) -> None:
    try:
        keys.learn(position, value)
    except Unreadable:
        pass  # a damaged event names no key


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
    roots: dict[int, bytes] = {}
    tree = Tree()
    wanted = sorted({*(mark for mark in marks if 0 < mark < size), size})
    try:
        for first in range(0, size if tiles is not None else 0, TILE_WIDTH):
            assert tiles is not None  # else the range is empty
            hashes = tiles.hashes(0, first // TILE_WIDTH, min(TILE_WIDTH, size - first))
            while wanted and wanted[0] <= first + len(hashes) // HASH_BYTES:
                cut = (wanted[0] - tree.size) * HASH_BYTES
                tree.append_hashes(hashes[:cut])
                hashes = hashes[cut:]
                roots[wanted.pop(0)] = tree.root()
            tree.append_hashes(hashes)
            first += TILE_WIDTH
    except TileMissing:
        return {}
    return roots


# -- what was signed -------------------------------------------------------------------------------


def _claim(note: str) -> Checkpoint | None:
    try:
        return claimed_checkpoint(note)
    except BadNote:
        return None


def _given(trust: Trust) -> list[Verifier]:
    return [Verifier.from_text(text) for text in trust.keys]


def _signed(notes: Sequence[str], keys: KeyHistory, trust: Trust) -> list[Checkpoint]:
    """The checkpoints that a key signed which may: the auditor's if given, else the log's."""
    found: list[Checkpoint] = []
    for note in notes:
        claim = _claim(note)
        if claim is None:
            continue
        try:
            found.append(opened_checkpoint(note, _given(trust) or keys.at(claim.size)))
        except BadNote:
            continue
    return found


def _signature(
    notes: Sequence[str], newest: Checkpoint | None, keys: KeyHistory, trust: Trust
) -> Check:
    """Whether the newest checkpoint is signed; whose key it was."""
    if not notes:
        return not_checked(SIGNATURE, "NO_CHECKPOINT")
    claims = [(claim, note) for note in notes if (claim := _claim(note)) is not None]
    if newest is None:
        return failed(SIGNATURE, "NOT_SIGNED", size=max((c.size for c, _ in claims), default=0))
    note = next(note for claim, note in claims if claim == newest)
    try:
        known = _given(trust) or keys.at(newest.size)
        opened_checkpoint(note, known)
    except BadNote as bad:
        return failed(SIGNATURE, bad.code, size=newest.size)
    return passed(
        SIGNATURE, size=newest.size, root=newest.root.hex(),
        key=" ".join(key.text() for key in known), given=bool(trust.keys),
    )  # fmt: skip


def _tree(
    source: Source, read: _Read, newest: Checkpoint, *, good_tiles: bool,
    signed: Sequence[Checkpoint],
) -> Check:  # fmt: skip
    """Whether the events are those whose root was signed; from which position on they are not."""
    unsigned = max(0, source.extent.last - newest.size)
    if source.extent.complete and read.roots.get(newest.size) == newest.root:
        return passed(TREE, size=newest.size, unsigned=unsigned)
    if good_tiles and read.differs is None and read.positions.status == "OK":
        return passed(TREE, size=newest.size, unsigned=unsigned)
    if good_tiles and read.differs is not None:
        return failed(TREE, "BYTES_DIFFER", read.differs, size=newest.size)
    if good_tiles:
        return failed(TREE, "EVENTS_MISSING", read.positions.position, size=newest.size)
    agreeing = [s.size for s in signed if read.roots.get(s.size) == s.root]
    first = max(agreeing, default=0) + 1
    differing = [s.size for s in signed if s.size >= first]
    return failed(
        TREE, "ROOT_DIFFERS", first, size=newest.size, until=min(differing, default=newest.size)
    )


def _checkpoints(
    signed: Sequence[Checkpoint],
    notes: int,
    last: int,
    newest: Checkpoint,
    roots: dict[int, bytes],
) -> Check:
    """Whether every signed checkpoint is of one history."""
    agreeing = 0
    for one in sorted(signed, key=lambda one: one.size):
        if one.origin != newest.origin:
            return failed(CHECKPOINTS, "OTHER_ORIGIN", origin=one.origin)
        root = newest.root if one.size == newest.size else roots.get(one.size)
        if root is None:
            return failed(CHECKPOINTS, "SHORTER", last + 1, size=one.size)
        if root != one.root:
            return failed(CHECKPOINTS, "OTHER_HISTORY", agreeing + 1, size=one.size)
        agreeing = one.size
    return passed(CHECKPOINTS, signed=len(signed), ignored=notes - len(signed))


def _known(
    trust: Trust, newest: Checkpoint | None, roots: dict[int, bytes], keys: KeyHistory
) -> Iterator[Check]:
    """Whether the history up to the checkpoints that the auditor holds is still the same."""
    agreeing = 0
    claims = [claimed_checkpoint(note) for note in trust.known]
    for held in sorted(claims, key=lambda one: one.size):
        origin = newest.origin if newest else keys.origin
        if held.origin != origin:
            yield failed(KNOWN, "OTHER_ORIGIN", origin=held.origin)
            return
        if newest is None or held.size > newest.size:
            size = newest.size if newest else 0
            yield failed(KNOWN, "SHORTER", size + 1, size=held.size)
            return
        root = newest.root if held.size == newest.size else roots.get(held.size)
        if root != held.root:
            yield failed(KNOWN, "OTHER_HISTORY", agreeing + 1, size=held.size)
            return
        agreeing = held.size
    if claims:
        yield passed(KNOWN, size=agreeing)
