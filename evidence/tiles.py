"""
Tiles in a folder, laid out as C2SP ``tlog-tiles``, so that any static server can publish them.

``tile/<level>/<index>`` is a full tile, ``tile/<level>/<index>.p/<width>`` a partial one,
``tile/entries/…`` holds the entries themselves, each behind its length (u16, big endian). Files
are written whole or not at all: to a draft, to the disk, then renamed.
"""

import os
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from evidence.tree import HASH_BYTES, TILE_BYTES, TILE_WIDTH, Tile
from schemas.plain_files import NotAFile, read_plain

ENTRY_BYTES_MAX: Final = 65_535
_LENGTH: Final = struct.Struct(">H")
BUNDLE_BYTES_MAX: Final = TILE_WIDTH * (_LENGTH.size + ENTRY_BYTES_MAX)
FILE_BYTES_MAX: Final = 64 << 20
"""Of another file that a stranger may have made: a checkpoint, keys."""
DRAFT: Final = ".draft"
"""Suffix of a file that is being written; after a crash it may be left over, and means nothing."""
FILE_MODE: Final = 0o644
ENTRIES: Final = "entries"
ABSENT: Final = (FileNotFoundError, NotADirectoryError, NotAFile)
"""Errors of a file that is not there, or is something else."""


class TileMissing(Exception):
    """A tile or bundle that the tree must have is not there, or has another length."""


class File(NamedTuple):
    """A file to be written: its path below the folder, and its bytes."""

    path: str
    content: bytes


class TileReader(Protocol):
    """Where tiles are read from: a folder, or whatever serves one."""

    def hashes(self, level: int, index: int, width: int) -> bytes:
        """
        The first *width* hashes of a tile.

        Raises:
            TileMissing: they are not there.
        """
        ...


def tile_path(level: int | str, index: int, width: int = TILE_WIDTH) -> str:
    """
    Path of a tile, or of a bundle if *level* is ``entries``.

    >>> tile_path(0, 1234067), tile_path(1, 5, 17)
    ('tile/0/x001/x234/067', 'tile/1/005.p/17')
    """
    suffix = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{level}/{numbered(index)}{suffix}"


def numbered(index: int) -> str:
    """
    A number as path elements of three digits, all but the last behind an x.

    Raises:
        ValueError: it is below zero.

    >>> numbered(67), numbered(1234067)
    ('067', 'x001/x234/067')
    """
    if index < 0:
        raise ValueError("no tile has a number below zero")
    parts = [f"{index % 1000:03d}"]
    while index := index // 1000:
        parts.insert(0, f"x{index % 1000:03d}")
    return "/".join(parts)


def bundle(values: Iterable[bytes]) -> bytes:
    """
    Entries as a bundle.

    Raises:
        ValueError: an entry is longer than 65,535 bytes.
    """
    parts: list[bytes] = []
    for value in values:
        if len(value) > ENTRY_BYTES_MAX:
            raise ValueError(f"an entry of {len(value)} bytes does not fit into a bundle")
        parts += (_LENGTH.pack(len(value)), value)
    return b"".join(parts)


def entries(content: bytes) -> list[bytes]:
    """
    The entries of a bundle.

    Raises:
        ValueError: it ends in the middle of an entry.

    >>> entries(bundle([b"a", b""]))
    [b'a', b'']
    """
    found: list[bytes] = []
    at = 0
    while at < len(content):
        if at + _LENGTH.size > len(content):
            raise ValueError("the bundle ends in the middle of an entry")
        (length,) = _LENGTH.unpack_from(content, at)
        at += _LENGTH.size + length
        if at > len(content):
            raise ValueError("the bundle ends in the middle of an entry")
        found.append(content[at - length : at])
    return found


class TileFolder:
    """A folder with ``tile/…`` and ``checkpoint`` below it; made when something is written."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def hashes(self, level: int, index: int, width: int) -> bytes:
        """The first *width* hashes of a tile, also from a wider file of it."""
        wanted = width * HASH_BYTES
        for path in self._candidates(level, index, width):
            try:
                found = read_plain(path, TILE_BYTES)
            except ABSENT:
                continue
            if len(found) >= wanted and len(found) % HASH_BYTES == 0:
                return found[:wanted]
        raise TileMissing(tile_path(level, index, width))

    def entries(self, index: int, width: int) -> list[bytes]:
        """
        The first *width* entries of a bundle, also from a wider file of it.

        Raises:
            TileMissing: they are not there.
        """
        for path in self._candidates(ENTRIES, index, width):
            try:
                found = entries(read_plain(path, BUNDLE_BYTES_MAX))
            except (*ABSENT, ValueError):
                continue
            if len(found) >= width:
                return found[:width]
        raise TileMissing(tile_path(ENTRIES, index, width))

    def _candidates(self, level: int | str, index: int, width: int) -> Iterator[Path]:
        """Files that may hold it: the exact one, the full one, wider partial ones."""
        yield self.path / tile_path(level, index, width)
        full = self.path / tile_path(level, index)
        if width < TILE_WIDTH:
            yield full
            partial = full.with_name(f"{full.name}.p")
            names = [p.name for p in partial.glob("*") if p.name.isdecimal()]
            yield from (partial / name for name in sorted(names, key=int) if int(name) > width)

    def read(self, path: str, bytes_max: int = FILE_BYTES_MAX) -> bytes | None:
        """A file below the folder; None if it is not there, or longer."""
        try:
            return read_plain(self.path / path, bytes_max)
        except ABSENT:
            return None

    def write(self, files: Iterable[File]) -> None:
        """Write files; all are on the disk when this returns, each whole or as it was before."""
        drafts = [self._draft(file) for file in files]
        for draft, target in drafts:
            draft.replace(target)
        for folder in {target.parent for _, target in drafts}:
            sync_folder(folder)

    def _draft(self, file: File) -> tuple[Path, Path]:
        target = self.path / file.path
        if not target.parent.is_dir():
            self._make_folder(target.parent)
        draft = target.with_name(target.name + DRAFT)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(file.content)
            opened.flush()
            os.fsync(opened.fileno())
        return draft, target

    def _make_folder(self, folder: Path) -> None:
        missing = []
        while not folder.is_dir():
            missing.append(folder)
            folder = folder.parent
        for made in reversed(missing):
            made.mkdir(exist_ok=True)
            sync_folder(made.parent)

    def drop_partials(self, level: int | str, index: int) -> None:
        """Delete the partial files of a tile that is full now."""
        full = self.path / tile_path(level, index)
        folder = full.with_name(f"{full.name}.p")
        if not folder.is_dir():
            return
        for path in folder.iterdir():
            path.unlink(missing_ok=True)
        folder.rmdir()


def tile_files(tiles: Iterable[Tile]) -> list[File]:
    """Tiles as files."""
    return [File(tile_path(t.level, t.number, t.width), t.hashes) for t in tiles]


def sync_folder(folder: Path) -> None:
    """What was made, renamed or deleted in a folder is on the disk when this returns."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
