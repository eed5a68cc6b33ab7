"""
The draft of a pack, and how it becomes the pack: whole, on the disk, or not at all.

At every moment the draft has the mark or is a pack, so that an export that was killed, at whatever
moment, is no obstacle to the next.
"""

import os
from pathlib import Path
from typing import Final

from evidence.pack_layout import MANIFEST, Manifest, NotAPack
from evidence.tiles import sync_folder

UNFINISHED: Final = ".unfinished"
"""Marks a folder as an export that did not end, so that the next one may replace it."""


def finish(part: Path, target: Path, manifest: Manifest) -> None:
    """Write the manifest, and give the pack its name once all of it is on the disk."""
    (part / MANIFEST).write_bytes(manifest.to_json())
    _sync(part)
    (part / UNFINISHED).unlink()
    sync_folder(part)
    part.rename(target)
    sync_folder(target.parent)


def is_draft(part: Path) -> bool:
    """Whether a folder is the draft of an export that was killed."""
    if (part / UNFINISHED).exists():
        return True
    try:
        Manifest.of(part)
    except NotAPack:
        return False
    return True


def _sync(folder: Path) -> None:
    """Every file and folder of a pack is on the disk when this returns."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        else:
            sync_folder(path)
    sync_folder(folder)
