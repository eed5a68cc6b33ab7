"""Inclusion and consistency proofs: made from tiles, checked, and judged by foreign vectors."""

import base64
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proof_vectors import BESIDE, cases, from_lines, from_module, module_folder

from domain.merkle import inclusion_path, levels, root_hash
from evidence.proofs import Prover, is_consistent, is_included, restored
from evidence.tiles import TileFolder, TileMissing, tile_files
from evidence.tree import Tree

SIZE = 66_000
HASHES = [sha256(b"%d" % n).digest() for n in range(SIZE)]
ROWS = levels(HASHES)


@pytest.fixture(scope="module")
def tiles(tmp_path_factory: pytest.TempPathFactory) -> TileFolder:
    """The tiles of a tree with three levels."""
    folder = TileFolder(tmp_path_factory.mktemp("tiles"))
    tree = Tree()
    folder.write(tile_files(tree.append_hashes(b"".join(HASHES))))
    folder.write(tile_files(tree.edge()))
    return folder


def hashes(texts: list[str] | None) -> list[bytes]:
    """Hashes as the vectors write them."""
    return [base64.b64decode(text or "") for text in texts or []]


@pytest.mark.slow
def test_every_foreign_inclusion_case_is_judged_alike() -> None:
    """All 98, false ones too."""
    judged = []
    for case in cases("inclusion"):
        leaf, root = hashes([case["leafHash"], case["root"]])
        held = is_included(
            leaf=leaf, index=case["leafIdx"], size=case["treeSize"], root=root,
            path=hashes(case["proof"]),
        )  # fmt: skip
        judged.append(held != case["wantErr"])
    assert judged == [True] * 98


@pytest.mark.slow
def test_every_foreign_consistency_case_is_judged_alike() -> None:
    """All 98; a proof from an empty tree is no proof."""
    judged = []
    for case in cases("consistency"):
        old_root, root = hashes([case["root1"], case["root2"]])
        held = is_consistent(
            old_size=case["size1"], old_root=old_root, size=case["size2"], root=root,
            path=hashes(case["proof"]),
        )  # fmt: skip
        judged.append(held != case["wantErr"])
    assert judged == [True] * 98


@pytest.mark.slow
def test_the_vectors_of_the_module_are_those_beside_the_checkout() -> None:
    """And there are 98 of each kind, whether or not any lie beside it."""
    for kind in ("inclusion", "consistency"):
        found = from_module(module_folder(), kind)
        assert len(found) == 98
        if BESIDE.is_dir():
            beside = {case["case"]: case for case in from_lines(BESIDE, kind)}
            assert {case["case"]: case for case in found} == beside


@settings(max_examples=100)
@given(data=st.data(), size=st.integers(1, SIZE))
def test_a_proof_from_tiles_is_the_proof_of_the_whole_tree(
    tiles: TileFolder, data: st.DataObject, size: int
) -> None:
    """For any leaf of any size, also of a size that had no checkpoint."""
    index = data.draw(st.integers(0, size - 1))
    rows = ROWS if size == SIZE else levels(HASHES[:size])
    prover = Prover(tiles, size)
    path = prover.inclusion(index)
    assert path == inclusion_path(rows, index)
    assert prover.root() == rows[-1][0] == restored(tiles, size).root()
    proof: dict[str, Any] = {"size": size, "root": rows[-1][0], "path": path}
    assert is_included(leaf=HASHES[index], index=index, **proof)
    assert not is_included(leaf=HASHES[index - 1] if size > 1 else bytes(32), index=index, **proof)


@settings(max_examples=100)
@given(data=st.data(), size=st.integers(1, SIZE))
def test_an_older_tree_is_a_beginning_of_a_later_one(
    tiles: TileFolder, data: st.DataObject, size: int
) -> None:
    """Any two sizes; a changed root, a missing step or an added one spoils the proof."""
    old_size = data.draw(st.integers(1, size))
    old_root, root = root_hash(HASHES[:old_size]), root_hash(HASHES[:size])
    path = Prover(tiles, size).consistency(old_size)
    sizes: dict[str, Any] = {"old_size": old_size, "size": size}
    assert is_consistent(old_root=old_root, root=root, path=path, **sizes)
    assert not is_consistent(old_root=bytes(32), root=root, path=path, **sizes)
    assert not is_consistent(old_root=old_root, root=bytes(32), path=path, **sizes)
    assert not is_consistent(old_root=old_root, root=root, path=[*path, bytes(32)], **sizes)
    if path:
        assert not is_consistent(old_root=old_root, root=root, path=path[:-1], **sizes)


def test_nothing_is_proven_of_an_empty_tree(tiles: TileFolder) -> None:
    """Nor of a leaf that is not there."""
    with pytest.raises(ValueError, match="no proof"):
        Prover(tiles, 5).consistency(0)
    with pytest.raises(ValueError, match="no leaf"):
        Prover(tiles, 5).inclusion(5)
    assert Prover(tiles, 0).root() == root_hash([])


def test_a_tile_that_is_gone_is_named(tiles: TileFolder) -> None:
    """The proof fails; it is not made up."""
    with pytest.raises(TileMissing, match="tile/2"):
        Prover(tiles, 100 * SIZE).inclusion(99 * SIZE)
