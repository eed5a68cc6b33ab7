"""Checks of policies: whose they are, when they hold, and whether what they rule can be."""

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Final

from admission.case import Case
from admission.rules.checks.general import MONEY_MAX_FEN
from domain.codes import SCHEMES, TIERS
from domain.policy import PolicyBook
from domain.refusals import Refusal

CATEGORIES_OF: Final = "CATEGORIES:"
"""Before the code of a scheme: the table of its categories, for schemes that came later."""
FIGURES: Final = (("visitors_min", 100), ("publicity_days", 366))
"""Figures of a policy that begin at nought, and the most of each: more is a slip."""


def policy_of_speaker(case: Case) -> Iterator[Refusal]:
    """A union adopts policies for itself and those below it, in its own name."""
    policy = case.submission
    if policy.union != policy.organisation:
        yield Refusal("WRONG_OWNER", owner=policy.union)


def policy_days_free(case: Case) -> Iterator[Refusal]:
    """A policy has a new name and a period, whose days no other policy of the union covers."""
    policy = case.submission
    if policy.valid_to is not None and policy.valid_to < policy.valid_from:
        yield Refusal("PERIOD_EMPTY")
    book: PolicyBook | None = case.state.get(f"policy/{policy.union}")
    for other in book.policies if book else ():
        if other.policy == policy.policy:
            yield Refusal("POLICY_KNOWN", policy=other.policy)
            return
        if other.overlaps(policy.valid_from, policy.valid_to):
            yield Refusal("POLICY_OVERLAP", policy=other.policy)
            return


def policy_rules_once(case: Case) -> Iterator[Refusal]:
    """A policy has categories, caps and occasions, and rules each of them once."""
    policy = case.submission
    listed: tuple[tuple[str, Collection[str]], ...] = (
        ("categories", policy.categories), ("caps", [cap.tier for cap in policy.caps]),
        ("occasions_ruled", [occasion.code for occasion in policy.occasions_ruled]),
    )  # fmt: skip
    for field, values in listed:
        if not values:
            yield Refusal("FIELD_MALFORMED", field=field)
        for value, count in Counter(values).items():
            if count > 1:
                yield Refusal("RULED_TWICE", field=field, ruled=value)


def policy_codes_known(case: Case) -> Iterator[Refusal]:
    """A policy admits categories of one known scheme, in known tiers."""
    policy = case.submission
    known = _categories(case, policy.scheme)
    if not known:
        yield Refusal("SCHEME_UNKNOWN", scheme=policy.scheme)
    for category in policy.categories:
        if known and category not in known:
            yield Refusal("CATEGORY_UNKNOWN", category=category, scheme=policy.scheme)
    for cap in policy.caps:
        if cap.tier not in TIERS:
            yield Refusal("TIER_UNKNOWN", tier=cap.tier)


def _categories(case: Case, scheme: str) -> Collection[str]:
    """The categories of a scheme: of one this version knows, or of one whose table was loaded."""
    return SCHEMES.get(scheme) or case.state.get(f"codes/{CATEGORIES_OF}{scheme}") or ()


def policy_figures_sensible(case: Case) -> Iterator[Refusal]:
    """Caps lie above nothing and below all money; fewest visitors and days are no slips."""
    policy = case.submission
    for cap in policy.caps:
        if not (0 < cap.per_payment_fen <= MONEY_MAX_FEN and 0 < cap.per_year_fen <= MONEY_MAX_FEN):
            yield Refusal(
                "CAP_OUT_OF_RANGE", tier=cap.tier, per_payment_fen=cap.per_payment_fen,
                per_year_fen=cap.per_year_fen, limit_fen=MONEY_MAX_FEN,
            )  # fmt: skip
    for field, limit in FIGURES:
        given = getattr(policy, field)
        if not 0 <= given <= limit:
            yield Refusal("OUT_OF_RANGE", field=field, given=given, limit=limit)
