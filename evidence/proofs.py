"""
Inclusion and consistency proofs (RFC 6962 §2.1): made from tiles, and checked.

A proof for any leaf of any size needs a handful of tiles; the inner rows of the tiles last used
are kept, so that the next proof beside it costs less.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from domain.merkle import node_hash, root_from_path
from evidence.tiles import TileReader
from evidence.tree import EMPTY_ROOT, HASH_BYTES, TILE_HEIGHT, TILE_WIDTH, Tree, row_above, widths

TILES_KEPT: Final = 512
"""Tiles whose rows stay in memory: at most 8 MiB."""


def restored(tiles: TileReader, size: int) -> Tree:
    """
    The growing tree of *size* leaves, from its rightmost tiles.

    Raises:
        TileMissing: one of them is not there.
    """
    edges = [
        tiles.hashes(level, size // TILE_WIDTH ** (level + 1), width) if width else b""
        for level, width in enumerate(widths(size))
    ]
    return Tree(size, edges)


class Prover:
    """
    Makes proofs for a tree of *size* leaves whose tiles can be read.

    Any method may raise TileMissing.
    """

    def __init__(self, tiles: TileReader, size: int) -> None:
        self._tiles = tiles
        self.size = size
        self._rows: OrderedDict[tuple[int, int], list[bytes]] = OrderedDict()

    def root(self) -> bytes:
        """Root of the tree."""
        return self._hash_of(0, self.size) if self.size else EMPTY_ROOT

    def inclusion(self, index: int) -> list[bytes]:
        """
        The path of leaf *index*, leaf side first.

        Raises:
            ValueError: there is no such leaf.
        """
        if not 0 <= index < self.size:
            raise ValueError(f"there is no leaf {index} in a tree of {self.size}")
        start, end = 0, self.size
        path: list[bytes] = []
        while end - start > 1:
            middle = start + _split(end - start)
            if index < middle:
                path.append(self._hash_of(middle, end))
                end = middle
            else:
                path.append(self._hash_of(start, middle))
                start = middle
        return path[::-1]

    def consistency(self, old_size: int) -> list[bytes]:
        """
        The proof that the tree of *old_size* leaves is a beginning of this one.

        Raises:
            ValueError: the old tree is empty, or larger.
        """
        if not 0 < old_size <= self.size:
            raise ValueError(f"no proof from {old_size} to {self.size} leaves")
        if old_size == self.size:
            return []
        start, end = 0, self.size
        path: list[bytes] = []
        # Down to the largest subtree that ends where the old tree ended.
        while end > old_size:
            middle = start + _split(end - start)
            if old_size <= middle:
                path.append(self._hash_of(middle, end))
                end = middle
            else:
                path.append(self._hash_of(start, middle))
                start = middle
        if start:
            path.append(self._hash_of(start, end))
        return path[::-1]

    def _hash_of(self, start: int, end: int) -> bytes:
        """Root over the leaves from *start* to *end*; *start* is where such a subtree can begin."""
        count = end - start
        if count & (count - 1) == 0:
            height = count.bit_length() - 1
            return self._node(height, start >> height)
        middle = start + _split(count)
        return node_hash(self._hash_of(start, middle), self._hash_of(middle, end))

    def _node(self, height: int, index: int) -> bytes:
        """Root of a perfect subtree of 2**height leaves."""
        level, above = divmod(height, TILE_HEIGHT)
        tile, at = divmod(index << above, TILE_WIDTH)
        row = self._row(level, tile, above)
        start = (at >> above) * HASH_BYTES
        return row[start : start + HASH_BYTES]

    def _row(self, level: int, tile: int, above: int) -> bytes:
        rows = self._rows.get((level, tile))
        if rows is None:
            width = min(TILE_WIDTH, (self.size >> TILE_HEIGHT * level) - tile * TILE_WIDTH)
            rows = [self._tiles.hashes(level, tile, width)]
            self._rows[level, tile] = rows
            if len(self._rows) > TILES_KEPT:
                self._rows.popitem(last=False)
        else:
            self._rows.move_to_end((level, tile))
        while len(rows) <= above:
            rows.append(row_above(rows[-1]))
        return rows[above]


def is_included(*, leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether *path* shows that the leaf hash is at *index* of the tree with that size and root."""
    if not _are_hashes(leaf, root, *path):
        return False
    return root_from_path(leaf=leaf, index=index, size=size, path=path) == root


def is_consistent(
    *, old_size: int, old_root: bytes, size: int, root: bytes, path: Sequence[bytes]
) -> bool:
    """
    Whether *path* shows that the old tree is a beginning of the tree (RFC 9162 §2.1.4.2).

    An empty old tree proves nothing and is refused; whoever accepts it must say so elsewhere.
    """
    if not 0 < old_size <= size:
        return False
    if old_size == size:
        return not path and old_root == root
    if not _are_hashes(old_root, root, *path):
        return False
    steps = list(path)
    if old_size & (old_size - 1) == 0:
        steps.insert(0, old_root)
    return bool(steps) and _climbed(old_size - 1, size - 1, steps) == (old_root, root)


def _climbed(node: int, last: int, steps: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """The old root and the root that the steps of a consistency proof give; None if too many or few."""
    while node & 1:
        node, last = node >> 1, last >> 1
    old_root = root = steps[0]
    for step in steps[1:]:
        if last == 0:
            return None
        if node & 1 or node == last:
            old_root, root = node_hash(step, old_root), node_hash(step, root)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            root = node_hash(root, step)
        node, last = node >> 1, last >> 1
    return (old_root, root) if last == 0 else None


def _are_hashes(*hashes: bytes) -> bool:
    return all(len(one) == HASH_BYTES for one in hashes)


def _split(count: int) -> int:
    """The largest power of two below *count*: where RFC 6962 divides a tree."""
    return 1 << (count - 1).bit_length() - 1
