"""Versions of the rules that were tampered with, and states that were rebuilt, for tests."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from types import ModuleType
from typing import Any

from programme import Programme

from admission.attempt import lookups
from admission.case import Case
from admission.decide import Admission
from admission.fold import apply
from admission.rules import v1
from admission.state import State
from domain.refusals import Refusal
from domain.units import Position
from schemas import codec


def version(name: str, **kinds: dict[str, Any]) -> ModuleType:
    """
    Version 1 with other fields for some kinds: ``version("odd", CloseYear={"checks": ()})``.

    A version that is called ``v1`` passes for it; any other has a lock of its own.
    """
    module = ModuleType(name)
    changed = {kind: replace(v1.KINDS[kind], **fields) for kind, fields in kinds.items()}
    vars(module)["KINDS"] = v1.KINDS | changed
    vars(module)["LOCK"] = v1.LOCK if name == "v1" else sha256(name.encode()).digest()
    return module


def raising(error: BaseException) -> Callable[[Case], Iterator[Refusal]]:
    """A check that fails with *error*."""

    def check(_: Case) -> Iterator[Refusal]:
        yield from ()
        raise error

    return check


def under(programme: Programme, **versions: ModuleType) -> Programme:
    """The programme decided by other versions of the rules: ``under(p, v1=…, v2=…)``."""
    numbered = {int(name[1:]): module for name, module in versions.items()}
    programme.admission = Admission(programme.admission.state, numbered)
    return programme


def refolded(values: Sequence[bytes], *, saved_every: int = 0) -> dict[str, bytes]:
    """All rows of the state that folding these events gives, written back every so often."""
    rows: dict[str, bytes] = {}
    state = _state(rows)
    for position, value in enumerate(values, start=1):
        apply(state, Position(position), codec.decode(value), value)
        if saved_every and position % saved_every == 0:
            rows.update(state.take_rows())
            state = _state(rows)
    rows.update(state.take_rows())
    return rows


def _state(rows: dict[str, bytes]) -> State:
    return State(lambda keys: {k: rows[k] for k in keys if k in rows})


def prefetched(state: State, values: Iterable[bytes]) -> None:
    """Read what a batch of events needs, as on opening."""
    state.prefetch(key for value in values for key in lookups(codec.decode(value)))


def dumped(rows: dict[str, bytes]) -> str:
    """Rows as state_dump() shows them; a row that says nothing is as good as none."""
    return json.dumps({k: v.decode() for k, v in rows.items()}, sort_keys=True)
