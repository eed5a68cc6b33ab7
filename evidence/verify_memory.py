"""Long readings without the collector: what they make is freed by counting references."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Leave the cyclic collector off while a reading runs; as it was, afterwards."""
    was = gc.isenabled()
    gc.freeze()  # so that what a reading collects now and then is its own; the rest can wait
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if was:
            gc.enable()
