"""What a version of the rules says about one kind of submission."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from functools import cache
from operator import attrgetter
from typing import Any

from admission.case import Case
from domain.events import Event
from domain.refusals import Refusal
from domain.units import Position
from schemas.files import RECORDS

Check = Callable[[Case], Iterable[Refusal]]
"""
A function over a case: the refusals it finds, none if all is well.

It changes nothing, but that the last check of a kind that moves fen also chooses ``case.draws``, for
the builder. No check reads them: the order of checks is that of the reasons in a refusal, nothing
more (tested).
"""


def never_taken(_: Case) -> Position | None:
    """For kinds without a business id of their own."""
    return None


def no_receiver(_: Case) -> str | None:
    """For events that put no fen on another account."""
    return None


def not_own_key(_: Case) -> bool:
    """For kinds that a key may submit only if it was given that kind."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """
    One kind: its checks in order, and how the event is built.

    *gate* comes first, and nothing else is asked of what it refuses. *stream* and *receiving* name the event's stream and the account that receives. *extra* gives the
    fields of the event that the submission does not have. *taken* is the position at which the
    business id was used before. *own_key* tells whether a key may do this to itself.
    """

    name: str
    event: type[Event]
    gate: Check
    checks: tuple[Check, ...]
    stream: Callable[[Case], str]
    extra: Callable[[Case], dict[str, Any]] = lambda _: {}
    receiving: Callable[[Case], str | None] = no_receiver
    taken: Callable[[Case], Position | None] = never_taken
    own_key: Callable[[Case], bool] = not_own_key
    uses_policy: bool = False

    def build(self, case: Case, common: dict[str, Any]) -> Event:
        """The event: common fields, the submission's own, and what deciding added."""
        names, values = shared(self.event.TOPIC, case.submission.TOPIC)
        common.update(zip(names, values(case.submission), strict=True))
        common.update(self.extra(case))  # noqa: S610  no Django here
        return self.event(**common)


@cache
def shared(event: str, submission: str) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    """The fields that an event takes over from its submission, and how to get their values."""
    common = {f.name for f in fields(Event)}
    asked = {f.name for f in fields(RECORDS[submission])}
    names = tuple(f.name for f in fields(RECORDS[event]) if f.name in asked - common)
    if len(names) == 1:
        return names, lambda record: (getattr(record, names[0]),)
    return names, attrgetter(*names)
