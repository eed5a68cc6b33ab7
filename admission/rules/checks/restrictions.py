"""Checks of restrictions: that what money is bound to exists, and can still be met."""

from collections.abc import Collection, Iterator
from typing import Any, Final

from admission.case import Case
from domain.codes import CATEGORIES, CATEGORIES_2020, DIVISIONS, OCCASIONS, TIERS
from domain.policy import Policy, PolicyBook
from domain.refusals import Refusal
from domain.restriction import Restriction

NAMED_MAX: Final = 10
"""Most codes of one list that a refusal names."""


def restriction_known(case: Case) -> Iterator[Refusal]:
    """
    A restriction names divisions of any time, and categories, tiers and occasions that are known.

    Divisions are those of the table in the log: before it is loaded, none is known. Categories and
    occasions are the programme's, and those of a policy of the speaker, of the child that receives
    or of a union above, of whatever period: a new one is first adopted there.
    """
    carried = Restriction.of(case.submission)
    divisions: Collection[str] = case.state.get(f"codes/{DIVISIONS}") or ()
    yield from _unknown("REGION", carried.regions, divisions)
    ruled = _policies(case)
    categories = {*CATEGORIES, *CATEGORIES_2020, *(c for p in ruled for c in p.categories)}
    yield from _unknown("CATEGORY", carried.categories, categories)
    yield from _unknown("TIER", carried.tiers, TIERS)
    occasions = {*OCCASIONS, *(o.code for p in ruled for o in p.occasions)}
    yield from _unknown("OCCASION", carried.occasions, occasions)


def _unknown(part: str, listed: Collection[str], known: Collection[str]) -> Iterator[Refusal]:
    strange = [code for code in listed if code not in known]
    if strange:
        yield Refusal("BAD_RESTRICTION", part=part, unknown=",".join(strange[:NAMED_MAX]))


def _policies(case: Case) -> list[Policy]:
    """All policies, of whatever period, of the speaker or its child and of the unions above."""
    submission: Any = case.submission
    lowest = getattr(submission, "child", submission.organisation)
    books: list[PolicyBook | None] = [
        case.state.get(f"policy/{code}") for code, _ in case.state.ancestors(lowest)
    ]
    return [policy for book in books if book for policy in book.policies]


def restriction_lasts(case: Case) -> Iterator[Refusal]:
    """A restriction's period is not empty, and does not end before the business day."""
    start, end = case.submission.usable_from, case.submission.usable_to
    if end is None:
        return
    if start is not None and end < start:
        yield Refusal("RESTRICTION_EMPTY", usable_from=start, usable_to=end)
    if end < case.submission.occurred_on:
        yield Refusal("RESTRICTION_OVER", usable_to=end, occurred_on=case.submission.occurred_on)
