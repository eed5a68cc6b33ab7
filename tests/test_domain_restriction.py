"""Restrictions: what a region covers, and what could ever be met below."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.restriction import Restriction, Use, covers
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


@given(CODES, CODES)
def test_a_region_is_reachable_where_it_overlaps(division: str, region: str) -> None:
    """A union of a division can use money for a wider or a narrower region, no other."""
    reachable = Restriction(regions=[region]).reachable_in(division)
    assert reachable == (covers(division, region) or covers(region, division))


@given(CODES, st.lists(CODES, min_size=1, max_size=3))
def test_a_use_that_a_restriction_admits_lies_where_it_is_reachable(
    code: str, regions: list[str]
) -> None:
    """Nothing is admitted that an allocation would have held back."""
    use = Use(code, "C4", "T2", "DAILY", Day(0))
    restriction = Restriction(regions=regions)
    if restriction.broken_by(use) is None:
        assert restriction.reachable_in(code)


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
