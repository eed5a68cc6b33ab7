"""Tiles and bundles in a folder, as C2SP tlog-tiles lays them out."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.tiles import (
    DRAFT,
    ENTRIES,
    File,
    TileFolder,
    TileMissing,
    bundle,
    entries,
    tile_files,
    tile_path,
)
from evidence.tree import Tile

ROW = b"".join(bytes([n]) * 32 for n in range(256))


def test_paths_are_those_of_the_standard() -> None:
    """Three digits an element, partial tiles by width."""
    assert tile_path(0, 0) == "tile/0/000"
    assert tile_path(0, 1234067) == "tile/0/x001/x234/067"
    assert tile_path(2, 1000, 17) == "tile/2/x001/000.p/17"
    assert tile_path(ENTRIES, 5, 255) == "tile/entries/005.p/255"


@given(st.lists(st.binary(max_size=70), max_size=20))
def test_a_bundle_gives_back_its_entries(values: list[bytes]) -> None:
    """Empty entries too."""
    assert entries(bundle(values)) == values


def test_the_longest_event_fits_into_a_bundle() -> None:
    """65,535 bytes, no byte more; a bundle that is cut off is noticed."""
    longest = bytes(65_535)
    assert entries(bundle([longest])) == [longest]
    assert bundle([longest])[:2] == b"\xff\xff"
    with pytest.raises(ValueError, match="does not fit"):
        bundle([bytes(65_536)])
    for cut in (1, 2, 100):
        with pytest.raises(ValueError, match="middle"):
            entries(bundle([b"abc", longest])[:-cut])
    with pytest.raises(ValueError, match="middle"):
        entries(b"\x00")


def test_a_narrow_tile_is_read_from_a_wider_one(tmp_path: Path) -> None:
    """A full tile replaces its partial ones; sizes in between need no file of their own."""
    folder = TileFolder(tmp_path)
    folder.write(tile_files([Tile(0, 0, ROW[: 32 * 9])]))
    assert folder.hashes(0, 0, 4) == ROW[: 32 * 4]
    with pytest.raises(TileMissing):
        folder.hashes(0, 0, 10)
    folder.write(tile_files([Tile(0, 0, ROW)]))
    folder.drop_partials(0, 0)
    assert folder.hashes(0, 0, 10) == ROW[: 32 * 10]
    assert not (tmp_path / "tile/0/000.p").exists()
    folder.drop_partials(0, 0)


def test_a_truncated_tile_counts_for_nothing(tmp_path: Path) -> None:
    """What a crash left is not read as a shorter tile."""
    folder = TileFolder(tmp_path)
    folder.write([File("tile/0/000.p/9", ROW[: 32 * 9 - 1])])
    with pytest.raises(TileMissing):
        folder.hashes(0, 0, 9)
    with pytest.raises(TileMissing):
        folder.entries(0, 1)


def test_a_draft_is_never_left_by_a_write_that_went_well(tmp_path: Path) -> None:
    """And one that a crash left is overwritten."""
    folder = TileFolder(tmp_path)
    (tmp_path / f"checkpoint{DRAFT}").write_bytes(b"half")
    folder.write([File("checkpoint", b"whole")])
    assert folder.read("checkpoint") == b"whole"
    assert not list(tmp_path.rglob(f"*{DRAFT}"))
