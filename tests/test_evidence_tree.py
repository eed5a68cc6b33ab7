"""The growing Merkle tree: the same tiles and roots however the events came."""

from hashlib import sha256
from itertools import pairwise

import pytest
from evidence_logs import values
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.merkle import leaf_hash, root_hash
from evidence.tree import EMPTY_ROOT, TILE_WIDTH, Tile, Tree, leaf_hashes, widths

KNOWN_LEAVES = [
    b"", b"\x00", b"\x10", b"\x20\x21", b"\x30\x31", b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57", b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
]  # fmt: skip
KNOWN_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""Roots over the first 0, 1, 2 … leaves, as Certificate Transparency's tests have them."""
HASHES = [sha256(b"%d" % n).digest() for n in range(3 * TILE_WIDTH * TILE_WIDTH // 100)]


def grown(hashes: list[bytes], cuts: list[int]) -> tuple[Tree, list[Tile]]:
    """A tree that took the hashes in pieces, and the tiles it gave."""
    tree = Tree()
    full: list[Tile] = []
    for start, end in pairwise([0, *sorted(cuts), len(hashes)]):
        full += tree.append_hashes(b"".join(hashes[start:end]))
    return tree, full


def test_the_known_roots_of_rfc_6962_come_out() -> None:
    """Leaf by leaf, as every other implementation has them."""
    tree = Tree()
    roots = [tree.root()]
    for leaf in KNOWN_LEAVES:
        tree.append([leaf])
        roots.append(tree.root())
    assert [root.hex() for root in roots] == KNOWN_ROOTS


@settings(max_examples=60)
@given(data=st.data(), size=st.integers(0, len(HASHES)))
def test_batches_leave_no_trace(data: st.DataObject, size: int) -> None:
    """Wherever the batches were cut, tiles and root are the same."""
    cuts = data.draw(st.lists(st.integers(0, size), max_size=6))
    tree, full = grown(HASHES[:size], cuts)
    whole, at_once = grown(HASHES[:size], [])
    assert sorted(full) == sorted(at_once)
    assert tree.edge() == whole.edge()
    assert tree.root() == whole.root() == root_hash(HASHES[:size])


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 65_535, 65_536, 65_537, 70_000])
def test_the_tree_over_the_edges_of_tiles(size: int) -> None:
    """Around full tiles of the first and the second level."""
    hashes = [sha256(b"%d" % n).digest() for n in range(size)]
    tree, full = grown(hashes, [size // 2])
    assert tree.root() == root_hash(hashes)
    assert [len(e.hashes) // 32 for e in tree.edge()] == [w for w in widths(size) if w]
    assert len([t for t in full if t.level == 0]) == size // TILE_WIDTH


def test_leaves_are_the_stored_bytes_behind_a_zero() -> None:
    """As RFC 6962 hashes a leaf; nothing is encoded again."""
    some = values(3)
    assert leaf_hashes(some) == b"".join(map(leaf_hash, some))


def test_a_tree_goes_on_from_its_edges() -> None:
    """Nothing but the rightmost tiles is needed."""
    tree, _ = grown(HASHES[:700], [])
    edges = {tile.level: tile.hashes for tile in tree.edge()}
    again = Tree(700, [edges.get(level, b"") for level in range(2)])
    again.append_hashes(b"".join(HASHES[700:1_000]))
    assert again.root() == root_hash(HASHES[:1_000])


def test_other_edges_are_refused() -> None:
    """A tile of another width cannot be the edge of this tree."""
    with pytest.raises(ValueError, match="edges"):
        Tree(3, [bytes(64)])
    assert Tree().root() == EMPTY_ROOT
