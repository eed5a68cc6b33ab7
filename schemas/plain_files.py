"""Files that a stranger may have made: read only if they are plain files, so that nothing waits."""

import os
import stat
from pathlib import Path
from typing import BinaryIO


class NotAFile(OSError):
    """A folder, a pipe, a device … stands where a file should."""


def open_plain(path: Path) -> BinaryIO:
    """
    A file for reading.

    Raises:
        NotAFile: it is no plain file.
        OSError: it is not there, or its name cannot be one.
    """
    try:
        # A pipe that nobody writes to would otherwise keep us waiting.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except ValueError as error:  # a NUL in the name
        raise NotAFile(path.name) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotAFile(path.name)
    return os.fdopen(descriptor, "rb")


def read_plain(path: Path, bytes_max: int = -1) -> bytes:
    """
    The content of a file, of at most *bytes_max* bytes.

    Raises:
        NotAFile: it is no plain file, or longer.
        OSError: it is not there.
    """
    with open_plain(path) as file:
        content = file.read(bytes_max + 1 if bytes_max >= 0 else -1)
    if 0 <= bytes_max < len(content):
        raise NotAFile(path.name)
    return content
