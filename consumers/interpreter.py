"""The Python interpreter while the loop of admission decides."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from evidence.verify_memory import uncollected

SWITCH_S: Final = 0.000_5
"""Threads change places this often: at Python's 5 ms the commit would wait for deciding to end."""


@contextmanager
def tuned() -> Iterator[None]:
    """Have threads change places often, and what is in memory left alone; as it was, afterwards."""
    switching_s = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_S)
    try:
        with uncollected():
            yield
    finally:
        sys.setswitchinterval(switching_s)
