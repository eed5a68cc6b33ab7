"""A file for what only its owner may read."""

import json
import os
from pathlib import Path
from typing import Final, Self

from app.problems import Problem, Words

OWNER_ONLY: Final = 0o600


def settle(folder: Path) -> None:
    """Have the names in a folder on the disk: a key that a power cut takes is lost for good."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class PrivateFile:
    """A new file that its owner alone can read, or none; gone again if nothing was written."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._handle = -1

    def __enter__(self) -> Self:
        """Make the file."""
        if self._path is not None:
            try:
                self._handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
            except FileExistsError:
                raise Problem(
                    Words("文件已存在,不会覆盖。", "The file exists; it is never overwritten."),
                    where=str(self._path),
                    how=Words("换一个文件名。", "Choose another name."),
                ) from None
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        """Close it; what did not succeed leaves no file."""
        if self._path is not None:
            os.close(self._handle)
            if kind is not None:
                self._path.unlink(missing_ok=True)

    def write(self, value: object) -> None:
        """The identities, if they go into a file."""
        self.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n")

    def write_text(self, text: str) -> None:
        """A text, if it goes into a file; it is on the disk when this returns."""
        if self._path is not None:
            with os.fdopen(os.dup(self._handle), "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            settle(self._path.parent)


def new_private_text(path: Path, text: str) -> None:
    """
    Write a text that only its owner may read; an existing file is never overwritten.

    Raises:
        Problem: there is such a file.
    """
    with PrivateFile(path) as file:
        file.write_text(text)
