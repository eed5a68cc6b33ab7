"""
The folder of evidence of one log: what the public may see, and what auditors get.

::

    public/checkpoint            the newest signed checkpoint
    public/checkpoints/<size>    every checkpoint, by the size of its tree
    public/tile/<level>/…        hash tiles
    public/keys.json             checkpoint keys as the log names them
    auditors/tile/entries/…      the events themselves
    seen.json                    edges of the tree as last checked by a reader without tiles

Nothing here is a source: all but the signatures can be made again from the log.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from evidence.checkpoints import Checkpoint, claimed_checkpoint, opened_checkpoint
from evidence.key_texts import BadKey
from evidence.keys import KeyHistory
from evidence.notes import BadNote
from evidence.tiles import (
    ENTRIES,
    File,
    TileFolder,
    bundle,
    numbered,
    tile_files,
    tile_path,
)
from evidence.tree import TILE_WIDTH, Tile, Tree

CHECKPOINT: Final = "checkpoint"
EVERY: Final = "checkpoints"
KEYS: Final = "keys.json"
SEEN: Final = "seen.json"


class EvidenceFolder:
    """The folder *path*; made when something is written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.public = TileFolder(path / "public")
        self.auditors = TileFolder(path / "auditors")

    def keys(self) -> KeyHistory:
        """The key history as written with the last checkpoint; empty if it cannot be read."""
        content = self.public.read(KEYS)
        try:
            return KeyHistory.from_json(content or b"[]")
        except (ValueError, KeyError, TypeError, RecursionError, BadKey):
            return KeyHistory()

    def note(self) -> str | None:
        """The newest checkpoint as written; None if there is none, or no text."""
        content = self.public.read(CHECKPOINT)
        try:
            return content.decode() if content else None
        except UnicodeDecodeError:
            return None

    def checkpoint(self, keys: KeyHistory) -> Checkpoint | None:
        """The newest checkpoint here if one of the keys signed it."""
        note = self.note()
        return None if note is None else signed_checkpoint(note, keys)

    def seen(self) -> Tree | None:
        """The tree as it was checked before; None if it is not known."""
        content = TileFolder(self.path).read(SEEN)
        try:
            found = json.loads(content or b"null")
            return found and Tree(found["size"], [bytes.fromhex(e) for e in found["edges"]])
        except (ValueError, KeyError, TypeError):
            return None

    def remember(self, tree: Tree) -> None:
        """Keep the tree that was checked."""
        found = {"size": tree.size, "edges": [edge.hex() for edge in tree.edges]}
        TileFolder(self.path).write([File(SEEN, json.dumps(found).encode())])

    def write_full(self, tiles: Sequence[Tile], bundles: Sequence[tuple[int, list[bytes]]]) -> None:
        """Write full tiles, and full bundles by their index; their partial files go."""
        self.auditors.write(
            File(tile_path(ENTRIES, index), bundle(values)) for index, values in bundles
        )
        self.public.write(tile_files(tiles))
        for tile in tiles:
            self.public.drop_partials(tile.level, tile.number)
        for index, _ in bundles:
            self.auditors.drop_partials(ENTRIES, index)

    def write_edge(self, size: int, edge: Sequence[Tile], values: Sequence[bytes]) -> None:
        """Write the partial tiles of a tree of *size* leaves, and its partial bundle."""
        if values:
            path = tile_path(ENTRIES, size // TILE_WIDTH, len(values))
            self.auditors.write([File(path, bundle(values))])
        self.public.write(tile_files(edge))

    def write_checkpoint(self, size: int, note: str, keys: KeyHistory) -> None:
        """Write a checkpoint, once the tiles of its tree are there."""
        self.public.write(
            [File(KEYS, keys.to_json()), File(f"{EVERY}/{numbered(size)}", note.encode())]
        )
        # Last, alone: from here on this is the tree to go on from.
        self.public.write([File(CHECKPOINT, note.encode())])


def signed_checkpoint(note: str, keys: KeyHistory) -> Checkpoint | None:
    """The checkpoint in a note if a key that may sign a tree of that size did; else None."""
    try:
        return opened_checkpoint(note, keys.at(claimed_checkpoint(note).size))
    except BadNote:
        return None
