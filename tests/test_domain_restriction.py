"""Restrictions: what a region covers, and what could ever be met below."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.restriction import Restriction, Use, can_be_met, common_regions, covers
from domain.units import Day

PAIR = st.sampled_from(["00", "01", "21", "22", "63", "66"])
CODES = st.builds("".join, st.tuples(st.sampled_from(["11", "63", "65"]), PAIR, PAIR))


def meant(code: str) -> str:
    """The part of a division code that names something: ``63`` of ``630000``."""
    trimmed = code
    while trimmed.endswith("00"):
        trimmed = trimmed[:-2]
    return trimmed


@given(CODES, CODES)
def test_a_division_covers_what_begins_with_its_meaning(wider: str, code: str) -> None:
    """Two digits a level, as GB/T 2260 numbers them."""
    if not wider[2:4] == "00" != wider[4:]:  # a district of no prefecture is not in the standard
        assert covers(wider, code) == code.startswith(meant(wider))


@given(st.lists(CODES, max_size=4), st.lists(CODES, max_size=4))
def test_what_two_lists_have_in_common_lies_in_both(one: list[str], other: list[str]) -> None:
    """The narrower of each pair that overlaps, and nothing else."""
    pairs = [(a, b) for a in one for b in other]
    expected = {b for a, b in pairs if covers(a, b)} | {a for a, b in pairs if covers(b, a)}
    assert common_regions(one, other) == sorted(expected)


CATEGORIES, TIERS, OCCASIONS, DAYS = ["C1", "C4"], ["T1", "T2"], ["DAILY", "MAY_DAY"], range(4)
PLACES = ["630000", "632200", "632221", "632222", "110000", "110101"]
RESTRICTIONS = st.builds(
    Restriction,
    st.lists(st.sampled_from(PLACES), max_size=2), st.lists(st.sampled_from(CATEGORIES), max_size=1),
    st.lists(st.sampled_from(TIERS), max_size=1), st.lists(st.sampled_from(OCCASIONS), max_size=1),
    st.none() | st.sampled_from(DAYS).map(Day), st.none() | st.sampled_from(DAYS).map(Day),
)  # fmt: skip
USES = [
    Use(region, category, tier, occasion, Day(on))
    for region in PLACES
    for category in CATEGORIES
    for tier in TIERS
    for occasion in OCCASIONS
    for on in DAYS
]


@given(st.lists(RESTRICTIONS, max_size=3), st.none() | st.sampled_from(PLACES))
def test_restrictions_can_be_met_if_there_is_a_use_that_meets_them(
    restrictions: list[Restriction], division: str | None
) -> None:
    """Tried out with every use there is, at every place within the division."""
    there = any(
        (division is None or covers(division, str(use.region)))
        and not any(r.broken_by(use) for r in restrictions)
        for use in USES
    )
    assert can_be_met(restrictions, division) == there


@pytest.mark.parametrize(
    ("restriction", "part"),
    [
        (Restriction(), None),
        (Restriction(regions=["632222"]), "REGION"),
        (Restriction(categories=["C1"]), "CATEGORY"),
        (Restriction(tiers=["T1"]), "TIER"),
        (Restriction(occasions=["NEW_YEAR"]), "OCCASION"),
        (Restriction(usable_from=Day(11)), "DAY"),
        (Restriction(usable_to=Day(9)), "DAY"),
        (Restriction(["632221"], ["C4"], ["T2"], ["DAILY"], Day(10), Day(10)), None),
    ],
)
def test_the_part_that_is_broken_is_named(restriction: Restriction, part: str | None) -> None:
    """Region, category, tier, occasion or day; nothing restricts if nothing is said."""
    assert restriction.broken_by(Use("632221", "C4", "T2", "DAILY", Day(10))) == part
    assert restriction.empty == (restriction == Restriction())
