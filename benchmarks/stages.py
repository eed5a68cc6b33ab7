"""Microseconds by stage: functions are timed where they are called, their own time only."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Place = tuple[object, str, str]
"""Where a function is looked up, its name there, the stage it belongs to."""


class Stages:
    """Exclusive time of nested stages; each thread has its own nesting."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._here = threading.local()

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, its time counted under *stage* and taken off the stage around it."""

        def call(*args: Any, **kwargs: Any) -> Any:
            if not hasattr(self._here, "open"):
                self._here.open = []
            around, inner = self._here.open, [0.0]
            around.append(inner)
            began = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                spent = time.perf_counter() - began
                around.pop()
                self.seconds[stage] += spent - inner[0]
                if around:
                    around[-1][0] += spent

        return call

    @contextmanager
    def over(self, places: list[Place]) -> Iterator[None]:
        """Time the functions at *places* while the context lasts."""
        before = [(owner, name, getattr(owner, name)) for owner, name, _ in places]
        for owner, name, stage in places:
            setattr(owner, name, self.timed(stage, getattr(owner, name)))
        try:
            yield
        finally:
            for owner, name, function in before:
                setattr(owner, name, function)
