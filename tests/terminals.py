"""What a program prints to somebody who sits at a terminal."""

import contextlib
import fcntl
import os
import pty
import struct
import subprocess
import termios
from collections.abc import Sequence
from typing import Any, Literal

ENDED_S = 30


def seen_on_a_terminal(
    command: Sequence[str],
    stream: Literal["stdout", "stderr"],
    *,
    columns: int | None = None,
    **options: Any,
) -> bytes:
    """What a command writes to that stream, a terminal, as wide as is asked; it must end well."""
    ours, theirs = pty.openpty()
    if columns is not None:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    options[stream] = theirs
    with subprocess.Popen(command, **options) as process:
        os.close(theirs)
        seen = b""
        with contextlib.suppress(OSError):  # the terminal is closed when the program ends
            while part := os.read(ours, 4096):
                seen += part
        os.close(ours)
        assert process.wait(timeout=ENDED_S) == 0
    return seen
