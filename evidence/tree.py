"""
The Merkle tree of a log as it grows: RFC 6962 over the exact stored event values.

Leaf *i* is the event at position *i* + 1. The tree is kept as its rightmost tiles only (C2SP
``tlog-tiles``, 256 hashes wide), so appending a batch costs the batch, memory does not grow, and
a tree is restored from those few tiles, never from the whole log.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final, NamedTuple

from domain.merkle import LEAF, NODE, node_hash

TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 1 << TILE_HEIGHT
"""Hashes in a full tile."""
HASH_BYTES: Final = 32
TILE_BYTES: Final = TILE_WIDTH * HASH_BYTES
PAIR_BYTES: Final = 2 * HASH_BYTES
EMPTY_ROOT: Final = sha256(b"").digest()
"""Root of the tree without leaves."""


class Tile(NamedTuple):
    """Consecutive hashes of one tile level; hash *i* of level *l* covers 256**l leaves."""

    level: int
    number: int
    """Which tile of its level, from 0."""
    hashes: bytes
    """Hashes one behind the other, 32 bytes each."""

    @property
    def width(self) -> int:
        """How many hashes."""
        return len(self.hashes) // HASH_BYTES


def leaf_hashes(values: Iterable[bytes]) -> bytes:
    """Leaf hashes of stored values, one behind the other."""
    return b"".join([sha256(LEAF + value).digest() for value in values])


def row_above(row: bytes) -> bytes:
    """The hashes above a row of hashes, pair by pair; an odd last one has none yet."""
    pairs = len(row) // PAIR_BYTES * PAIR_BYTES
    return b"".join(
        [sha256(NODE + row[at : at + PAIR_BYTES]).digest() for at in range(0, pairs, PAIR_BYTES)]
    )


def perfect_root(row: bytes) -> bytes:
    """Root over a row of 1, 2, 4 … hashes."""
    while len(row) > HASH_BYTES:
        row = row_above(row)
    return row


def widths(size: int) -> list[int]:
    """
    Hashes in the rightmost partial tile of each level of a tree of *size* leaves.

    >>> widths(70_000), widths(256), widths(0)
    ([112, 17, 1], [0, 1], [])
    """
    found = []
    while size:
        found.append(size % TILE_WIDTH)
        size //= TILE_WIDTH
    return found


class Tree:
    """
    A growing tree; *edges* are the hashes of its rightmost partial tiles, level by level.

    Raises:
        ValueError: the edges are not those of a tree of *size* leaves.
    """

    def __init__(self, size: int = 0, edges: Sequence[bytes] = ()) -> None:
        if [len(edge) for edge in edges] != [w * HASH_BYTES for w in widths(size)]:
            raise ValueError(f"these are not the edges of a tree of {size} leaves")
        self.size = size
        self._edges = [bytearray(edge) for edge in edges]

    @property
    def edges(self) -> list[bytes]:
        """Hashes of the rightmost partial tiles, level by level: all that the tree is made from."""
        return [bytes(edge) for edge in self._edges]

    def append(self, values: Sequence[bytes]) -> list[Tile]:
        """Append stored values; the tiles that became full."""
        return self.append_hashes(leaf_hashes(values))

    def append_hashes(self, hashes: bytes) -> list[Tile]:
        """Append leaf hashes, one behind the other; the tiles that became full."""
        full: list[Tile] = []
        level, finished = 0, self.size // TILE_WIDTH
        self.size += len(hashes) // HASH_BYTES
        while hashes:
            if level == len(self._edges):
                self._edges.append(bytearray())
            edge = self._edges[level]
            edge += hashes
            end = len(edge) // TILE_BYTES * TILE_BYTES
            tiles = [bytes(edge[at : at + TILE_BYTES]) for at in range(0, end, TILE_BYTES)]
            del edge[:end]
            full += [Tile(level, finished + n, tile) for n, tile in enumerate(tiles)]
            hashes = b"".join([perfect_root(tile) for tile in tiles])
            level, finished = level + 1, finished // TILE_WIDTH
        return full

    def edge(self) -> list[Tile]:
        """The rightmost partial tiles, without empty ones."""
        return [
            Tile(level, self.size // TILE_WIDTH ** (level + 1), bytes(hashes))
            for level, hashes in enumerate(self._edges)
            if hashes
        ]

    def root(self) -> bytes:
        """The root over all leaves so far."""
        root: bytes | None = None
        for edge in self._edges:
            width = len(edge) // HASH_BYTES
            for bit in range(width.bit_length()):
                if width >> bit & 1:
                    # The subtree of this bit stands right of those of all higher bits.
                    start = (width >> bit + 1 << bit + 1) * HASH_BYTES
                    subtree = perfect_root(bytes(edge[start : start + (HASH_BYTES << bit)]))
                    root = subtree if root is None else node_hash(subtree, root)
        return EMPTY_ROOT if root is None else root
