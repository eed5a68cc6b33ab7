"""Merkle trees: the roots that RFC 6962 knows, and paths judged by foreign vectors."""

import base64
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from proof_vectors import cases

from domain.merkle import inclusion_path, leaf_hash, levels, node_hash, root_from_path, root_hash

LEAVES = [bytes.fromhex(leaf) for leaf in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""Roots of the first 0 to 8 LEAVES, as the reference implementations of RFC 6962 have them."""


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_of_the_standard(size: int) -> None:
    """The eight leaves that all implementations are tested with."""
    assert root_hash([leaf_hash(data) for data in LEAVES[:size]]).hex() == ROOTS[size]


def recursive_root(hashes: list[bytes]) -> bytes:
    """The root by the words of RFC 6962 §2.1."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << ((len(hashes) - 1).bit_length() - 1)
    return node_hash(recursive_root(hashes[:split]), recursive_root(hashes[split:]))


@given(st.integers(1, 130), st.data())
def test_every_leaf_proves_itself_and_nothing_else(size: int, data: st.DataObject) -> None:
    """The right path gives the root; any other index, order or length gives another or none."""
    hashes = [sha256(b"%d" % n).digest() for n in range(size)]
    rows = levels(hashes)
    root = recursive_root(hashes)
    assert rows[-1] == [root]
    index = data.draw(st.integers(0, size - 1))
    path = inclusion_path(rows, index)
    assert root_from_path(leaf=hashes[index], index=index, size=size, path=path) == root
    for wrong in (data.draw(st.integers(-2, size + 2)), index ^ 1):
        if wrong != index:
            found = root_from_path(leaf=hashes[index], index=wrong, size=size, path=path)
            assert found != root
    for other in (path[:-1], [*path, root], path[::-1]):
        if other != path:
            found = root_from_path(leaf=hashes[index], index=index, size=size, path=other)
            assert found != root


@pytest.mark.slow
def test_foreign_vectors_are_judged_alike() -> None:
    """98 inclusion proofs, right and wrong ones, made for other implementations."""
    found = cases("inclusion")
    assert len(found) == 98
    for case in found:
        root, leaf, *path = (
            base64.b64decode(h or "")
            for h in (case["root"], case["leafHash"], *(case["proof"] or []))
        )
        shown = root_from_path(leaf=leaf, index=case["leafIdx"], size=case["treeSize"], path=path)
        # Leaves here are always made by leaf_hash(), so an empty one never comes this far.
        assert (shown == root and leaf != b"") != case["wantErr"], case["case"]
