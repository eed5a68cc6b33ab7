"""Roots of the tree at some sizes, from events or from tiles; and the leaves that the tiles have."""

from collections.abc import Iterable

from evidence.tiles import TileMissing, TileReader
from evidence.tree import HASH_BYTES, TILE_WIDTH, Tree
from evidence.verify_source import Values


class Roots:
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


def tile_roots(tiles: TileReader | None, size: int, marks: Iterable[int]) -> dict[int, bytes]:
    """Roots at some sizes up to *size*, from the leaf hashes in the tiles; none if one is missing."""
    roots = Roots([*(mark for mark in marks if mark < size), size])
    try:
        for first in range(0, size if tiles is not None else 0, TILE_WIDTH):
            assert tiles is not None  # else the range is empty
            roots.take(_leaves(tiles, first // TILE_WIDTH, size))
    except TileMissing:
        return {}
    return roots.found


def _leaves(tiles: TileReader, number: int, size: int) -> bytes:
    """The leaf hashes that a tree of *size* has in a tile: never those of a wider file beside it."""
    return tiles.hashes(0, number, min(TILE_WIDTH, size - number * TILE_WIDTH))


class Leaves:
    """The leaf hashes of a tree of *size*, from the very tiles that tile_roots() takes its root from."""

    def __init__(self, tiles: TileReader, size: int) -> None:
        self._tiles = tiles
        self._size = size
        self._number = -1
        self._hashes = b""

    def first_difference(self, batch: Values, hashes: bytes) -> int | None:
        """The first position within the tree whose leaf hash the tiles have otherwise, or not at all."""
        for n, (position, _) in enumerate(batch):
            leaf = hashes[n * HASH_BYTES : (n + 1) * HASH_BYTES]
            if 1 <= position <= self._size and leaf != self._leaf(position - 1):
                return position
        return None

    def _leaf(self, index: int) -> bytes:
        number, at = divmod(index, TILE_WIDTH)
        if number != self._number:
            self._number, self._hashes = number, b""
            try:
                self._hashes = _leaves(self._tiles, number, self._size)
            except TileMissing:
                return b""
        return self._hashes[at * HASH_BYTES : (at + 1) * HASH_BYTES]
